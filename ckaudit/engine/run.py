"""Runs rules over an account. Each rule is alone: one that lacks data or raises never touches the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from ckaudit.engine.defaults import BadFindingError, reported
from ckaudit.engine.load import LoadedRule, line_in
from ckaudit.engine.needs import missing_needs
from ckaudit.engine.rule_run import RuleRun
from ckaudit.engine.run_on_observed import with_observed
from ckaudit.engine.settings import Settings
from ckaudit.graph.graph import Graph
from ckaudit.model.findings import NotEvaluated, ReportedFinding
from ckaudit.model.rules import Need, NotEvaluatedError, ObservedUse, Options
from ckaudit.observed.account import ObservedAccount

CrashHook: TypeAlias = Callable[[LoadedRule, Exception], None]


def run_as_set(account: ObservedAccount, loaded: LoadedRule, settings: Settings, on_crash: CrashHook | None) -> RuleRun:
    """Run one rule as the settings say; a severity of theirs counts even where the rule grades its findings."""
    options, severity = settings.options.get(loaded.rule.code), settings.severity.get(loaded.rule.code)
    if severity is None:
        return run_rule(account, loaded, options, on_crash)
    changed = msgspec.structs.replace(loaded, rule=msgspec.structs.replace(loaded.rule, severity=severity))
    run = run_rule(account, changed, options, on_crash)
    return msgspec.structs.replace(run, findings=tuple(msgspec.structs.replace(found, severity=severity) for found in run.findings))


def run_rule(account: ObservedAccount, loaded: LoadedRule, options: Options | None = None, on_crash: CrashHook | None = None) -> RuleRun:
    """Run one rule; where it may, on automations that timestamps show as well."""
    run = _run_on(account.declared, account, loaded, options, on_crash)
    if not account.automations or loaded.rule.observed is ObservedUse.IGNORED or run.crashed:
        return run
    return with_observed(account, run, lambda: _run_on(account.observed, account, loaded, options, on_crash))


def _run_on(graph: Graph, account: ObservedAccount, loaded: LoadedRule, options: Options | None, on_crash: CrashHook | None) -> RuleRun:
    missing = missing_needs(graph, loaded.rule, automations_were_observed=bool(account.automations))
    if missing:
        return RuleRun(loaded, not_evaluated=_not_evaluated(loaded, tuple(missing), "; ".join(dict.fromkeys(missing.values()))))
    found: list[ReportedFinding] = []
    try:
        for finding in loaded.check(graph, options or loaded.rule.options()):
            found.append(reported(loaded, finding))
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
