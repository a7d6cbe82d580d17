"""Runs a rule over a graph. Each rule is alone: one that lacks data or raises never touches the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from ckaudit.engine.defaults import BadFindingError, reported
from ckaudit.engine.load import LoadedRule, line_in
from ckaudit.engine.needs import missing_needs
from ckaudit.graph.graph import Graph
from ckaudit.model.findings import NotApplicable, NotEvaluated, ReportedFinding
from ckaudit.model.refs import Ref
from ckaudit.model.rules import Need, NotEvaluatedError, Options

CrashHook: TypeAlias = Callable[[LoadedRule, Exception], None]


class RuleRun(msgspec.Struct, frozen=True):
    """What came of one rule. A rule may have findings and still end as not evaluated or crashed: what it found before stays.

    A rule that ended without a finding has ``judged`` so many objects, or had none to judge (``not_applicable``), see ``judged.py``.
    ``unresolved`` are the names of the manifest that the account does not have and that kept it from judging what touches them.
    """

    rule: LoadedRule
    findings: tuple[ReportedFinding, ...] = ()
    not_evaluated: NotEvaluated | None = None
    not_applicable: NotApplicable | None = None
    judged: int = 0
    crashed: NotEvaluated | None = None
    unresolved: tuple[Ref, ...] = ()


def run_on(graph: Graph, loaded: LoadedRule, options: Options, on_crash: CrashHook | None, *, observed: bool = False) -> RuleRun:
    """Run one rule on one graph. ``observed``: timestamps show automations that no manifest lists."""
    missing = missing_needs(graph, loaded.rule, observed=observed)
    if missing:
        return RuleRun(loaded, not_evaluated=not_evaluated_because(loaded, tuple(missing), "; ".join(dict.fromkeys(missing.values()))))
    found: list[ReportedFinding] = []
    try:
        for finding in loaded.check(graph, options):
            found.append(reported(loaded, finding))
    except NotEvaluatedError as error:
        return RuleRun(loaded, tuple(found), not_evaluated=not_evaluated_because(loaded, error.needs, error.reason))
    except Exception as error:  # noqa: BLE001  the one place: a rule's bug must not end the audit
        if on_crash:
            on_crash(loaded, error)
        return RuleRun(loaded, tuple(found), crashed=crashed_at(loaded, error))
    return RuleRun(loaded, tuple(found))


def not_evaluated_because(loaded: LoadedRule, needs: tuple[Need, ...], reason: str) -> NotEvaluated:
    """The answer of a rule that cannot judge: what is missing, and why in a sentence."""
    return NotEvaluated(loaded.rule.code, loaded.rule.name, tuple(str(need) for need in needs), reason)


def crashed_at(loaded: LoadedRule, error: Exception) -> NotEvaluated:
    """Names the rule and the place, never the words of an exception that is not ours: they may quote the account."""
    if isinstance(error, BadFindingError):
        return NotEvaluated(loaded.rule.code, loaded.rule.name, (), f"{error} ({loaded.file})")
    line = line_in(error, loaded.file)
    where = f"{loaded.file}:{line}" if line else str(loaded.file)
    return NotEvaluated(loaded.rule.code, loaded.rule.name, (), f"the rule raised {type(error).__name__} at {where}")
