"""Runs rules over a graph. Each rule is alone: one that lacks data or raises never touches the others."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from ckaudit.engine.anonymise import CountedHook, without_people
from ckaudit.engine.assemble import assemble, judge, order
from ckaudit.engine.defaults import BadFindingError, complete
from ckaudit.engine.fingerprint import with_fingerprints
from ckaudit.engine.load import LoadedRule, line_in
from ckaudit.engine.needs import missing_needs
from ckaudit.engine.rule_run import RuleRun
from ckaudit.engine.run_on_observed import with_seen
from ckaudit.model.config import Suppression
from ckaudit.model.findings import Confidence, Finding, NotEvaluated, Severity
from ckaudit.model.result import Result
from ckaudit.model.rules import Need, NotEvaluatedError, ObservedUse, Options
from ckaudit.observed.links import with_evidence

if TYPE_CHECKING:
    from ckaudit.graph.graph import Graph

CrashHook: TypeAlias = Callable[[LoadedRule, Exception], None]


class Settings(msgspec.Struct, frozen=True):
    """How to audit. ``options`` maps a rule's code to its options; rules that are not in it take their defaults.

    ``severity`` maps a code to the severity all its findings get. With ``suppress`` False nothing is suppressed.
    """

    options: Mapping[str, Options] = {}
    severity: Mapping[str, Severity] = {}
    suppressions: tuple[Suppression, ...] = ()
    suppress: bool = True
    min_severity: Severity = Severity.INFO
    min_confidence: Confidence = Confidence.POSSIBLE


def audit(
    graph: Graph,
    rules: Sequence[LoadedRule],
    settings: Settings | None = None,
    on_crash: CrashHook | None = None,
    on_people: CountedHook | None = None,
) -> Result:
    """Run these rules and put the result together. ``on_crash`` is told of every rule that raised, ``on_people`` whom findings count."""
    chosen = settings or Settings()
    with _collector_paused():
        runs = {loaded.rule.code: _run(graph, loaded, chosen, on_crash) for loaded in rules if not _is_last(loaded)}
        accepted = judge(graph, tuple(runs.values()), chosen)
        ended = graph.with_suppressions(accepted.stale) if accepted.stale else graph
        last = {loaded.rule.code: _run(ended, loaded, chosen, on_crash) for loaded in rules if _is_last(loaded)}
        found = with_fingerprints(sorted((finding for run in last.values() for finding in run.findings), key=order))
        accepted = msgspec.structs.replace(accepted, kept=tuple(sorted((*accepted.kept, *found), key=order)))
        result = assemble(graph, [(runs | last)[loaded.rule.code] for loaded in rules], accepted, chosen)
        return with_evidence(without_people(result, on_people), graph)


def _is_last(loaded: LoadedRule) -> bool:
    """What is stale of the suppressions is known when the other rules are done."""
    return Need.SUPPRESSIONS in loaded.rule.needs


@contextlib.contextmanager
def _collector_paused() -> Iterator[None]:
    """An audit makes much and leaves nothing behind before its end: looking for garbage meanwhile costs a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _run(graph: Graph, loaded: LoadedRule, settings: Settings, on_crash: CrashHook | None) -> RuleRun:
    """Run one rule as the settings say; a severity of theirs counts even where the rule grades its findings."""
    options, severity = settings.options.get(loaded.rule.code), settings.severity.get(loaded.rule.code)
    if severity is None:
        return run_rule(graph, loaded, options, on_crash)
    changed = msgspec.structs.replace(loaded, rule=msgspec.structs.replace(loaded.rule, severity=severity))
    run = run_rule(graph, changed, options, on_crash)
    return msgspec.structs.replace(run, findings=tuple(msgspec.structs.replace(found, severity=severity) for found in run.findings))


def run_rule(graph: Graph, loaded: LoadedRule, options: Options | None = None, on_crash: CrashHook | None = None) -> RuleRun:
    """Run one rule; where it may, on automations that timestamps show as well."""
    run = _run_on(graph, loaded, options, on_crash)
    if graph.evidence is None or loaded.rule.observed is ObservedUse.IGNORED or run.crashed:
        return run
    return with_seen(graph, run, lambda seen: _run_on(seen, loaded, options, on_crash))


def _run_on(graph: Graph, loaded: LoadedRule, options: Options | None, on_crash: CrashHook | None) -> RuleRun:
    missing = missing_needs(graph, loaded.rule)
    if missing:
        return RuleRun(loaded, not_evaluated=_not_evaluated(loaded, tuple(missing), "; ".join(dict.fromkeys(missing.values()))))
    found: list[Finding] = []
    try:
        for finding in loaded.check(graph, options or loaded.rule.options()):
            found.append(complete(loaded, finding))
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
    """Names the rule and the place, never the words of an exception that is not ours: they may quote the account."""
    if isinstance(error, BadFindingError):
        return NotEvaluated(loaded.rule.code, loaded.rule.name, (), f"{error} ({loaded.file})")
    line = line_in(error, loaded.file)
    where = f"{loaded.file}:{line}" if line else str(loaded.file)
    return NotEvaluated(loaded.rule.code, loaded.rule.name, (), f"the rule raised {type(error).__name__} at {where}")
