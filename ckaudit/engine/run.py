"""Runs rules over a graph. Each rule is alone: one that lacks data or raises never touches the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from ckaudit.engine.links import with_evidence
from ckaudit.engine.loader import LoadedRule, docs_page, line_in
from ckaudit.engine.needs import missing_needs
from ckaudit.engine.report import assemble
from ckaudit.model.findings import Confidence, Finding, NotEvaluated, Severity
from ckaudit.model.result import Result
from ckaudit.model.rules import Need, NotEvaluatedError, Options

if TYPE_CHECKING:
    from ckaudit.graph.graph import Graph

CrashHook: TypeAlias = Callable[[LoadedRule, Exception], None]


class Settings(msgspec.Struct, frozen=True):
    """How to audit. ``options`` maps a rule's code to its options; rules that are not in it take their defaults."""

    options: Mapping[str, Options] = {}
    min_severity: Severity = Severity.INFO
    min_confidence: Confidence = Confidence.POSSIBLE


class RuleRun(msgspec.Struct, frozen=True):
    """What came of one rule. A rule may have findings and still end as not evaluated or crashed: what it found before stays."""

    rule: LoadedRule
    findings: tuple[Finding, ...] = ()
    not_evaluated: NotEvaluated | None = None
    crashed: NotEvaluated | None = None


def audit(graph: Graph, rules: Sequence[LoadedRule], settings: Settings | None = None, on_crash: CrashHook | None = None) -> Result:
    """Run these rules and put the result together. ``on_crash`` is told of every rule that raised."""
    chosen = settings or Settings()
    runs = [run_rule(graph, loaded, chosen.options.get(loaded.rule.code), on_crash) for loaded in rules]
    return with_evidence(assemble(graph, runs, chosen), graph)


def run_rule(graph: Graph, loaded: LoadedRule, options: Options | None = None, on_crash: CrashHook | None = None) -> RuleRun:
    """Run one rule."""
    missing = missing_needs(graph, loaded.rule)
    if missing:
        return RuleRun(loaded, not_evaluated=_not_evaluated(loaded, tuple(missing), "; ".join(dict.fromkeys(missing.values()))))
    found: list[Finding] = []
    try:
        for finding in loaded.check(graph, options or loaded.rule.options()):
            found.append(_complete(loaded, finding))
    except NotEvaluatedError as error:
        return RuleRun(loaded, tuple(found), not_evaluated=_not_evaluated(loaded, error.needs, error.reason))
    except Exception as error:  # noqa: BLE001  the one place: a rule's bug must not end the audit
        if on_crash:
            on_crash(loaded, error)
        return RuleRun(loaded, tuple(found), crashed=_crashed(loaded, error))
    return RuleRun(loaded, tuple(found))


def _not_evaluated(loaded: LoadedRule, needs: tuple[Need, ...], reason: str) -> NotEvaluated:
    return NotEvaluated(loaded.rule.code, loaded.rule.name, tuple(str(need) for need in needs), reason)


def _crashed(loaded: LoadedRule, error: Exception) -> NotEvaluated:
    """Names the rule and the place, never the exception's own words: they may quote the account."""
    line = line_in(error, loaded.file)
    where = f"{loaded.file}:{line}" if line else str(loaded.file)
    return NotEvaluated(loaded.rule.code, loaded.rule.name, (), f"the rule raised {type(error).__name__} at {where}")


def _complete(loaded: LoadedRule, finding: Finding) -> Finding:
    """Fill what the rule left open from its metadata."""
    if not isinstance(finding, Finding):
        raise TypeError(f"check yielded {type(finding).__name__}, not a Finding")
    rule = loaded.rule
    located = [step.location for step in finding.path if step.location]
    return msgspec.structs.replace(
        finding,
        rule=rule.code,
        name=rule.name,
        severity=finding.severity or rule.severity,
        confidence=finding.confidence or rule.confidence,
        title=finding.title or rule.title,
        location=finding.location or (located[-1] if located else None),
        fix=finding.fix or loaded.docs.fix,
        docs=docs_page(rule.code),
    )
