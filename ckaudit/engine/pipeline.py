"""One audit: rules run over an account, and what they find goes from stage to stage until it is part of a result."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ckaudit.engine.anonymise import PeopleHook, without_people
from ckaudit.engine.assemble import assemble
from ckaudit.engine.configure import Settings
from ckaudit.engine.fingerprint import numbered
from ckaudit.engine.fold import fold_accepted
from ckaudit.engine.head_counts import with_people
from ckaudit.engine.load import LoadedRule
from ckaudit.engine.precedence import join_findings
from ckaudit.engine.run import CrashHook, RuleRun
from ckaudit.engine.run_on_observed import run_rule
from ckaudit.engine.sort_and_filter import order
from ckaudit.engine.suppress import Accepted, accept
from ckaudit.engine.unresolved import with_unjudged
from ckaudit.engine.unsure import with_doubts
from ckaudit.graph.graph import Graph
from ckaudit.model.result import Result
from ckaudit.model.rules import Need
from ckaudit.observed.account import ObservedAccount


def audit(
    account: ObservedAccount,
    rules: Sequence[LoadedRule],
    settings: Settings | None = None,
    on_crash: CrashHook | None = None,
    on_people: PeopleHook | None = None,
) -> Result:
    """Run these rules and put the result together. ``on_crash`` is told of every rule that raised, ``on_people`` whom findings count."""
    chosen = settings or Settings()
    runs = {loaded.rule.code: _run(account, loaded, chosen, on_crash) for loaded in rules if not _is_last(loaded)}
    runs = {run.rule.rule.code: run for run in with_unjudged(tuple(runs.values()), chosen.severity.keys())}
    runs = with_doubts(account.declared, runs)
    accepted = _judge(account.declared, tuple(runs.values()), chosen)
    ended = account.with_suppressions(accepted.stale) if accepted.stale else account
    last = {loaded.rule.code: _run(ended, loaded, chosen, on_crash) for loaded in rules if _is_last(loaded)}
    found = numbered(sorted((finding for run in last.values() for finding in run.findings), key=order))
    accepted = msgspec.structs.replace(accepted, kept=tuple(sorted((*accepted.kept, *found), key=order)))
    return without_people(assemble(account, [(runs | last)[loaded.rule.code] for loaded in rules], accepted, chosen), on_people)


def _is_last(loaded: LoadedRule) -> bool:
    """What is stale of the suppressions is known when the other rules are done."""
    return Need.SUPPRESSIONS in loaded.rule.needs


def _run(account: ObservedAccount, loaded: LoadedRule, settings: Settings, on_crash: CrashHook | None) -> RuleRun:
    """Run one rule as the settings say; a severity of theirs counts even where the rule grades its findings."""
    options, severity = settings.options.get(loaded.rule.code), settings.severity.get(loaded.rule.code)
    if severity is None:
        return run_rule(account, loaded, options, on_crash)
    changed = msgspec.structs.replace(loaded, rule=msgspec.structs.replace(loaded.rule, severity=severity))
    run = run_rule(account, changed, options, on_crash)
    return msgspec.structs.replace(run, findings=tuple(msgspec.structs.replace(found, severity=severity) for found in run.findings))


def _judge(graph: Graph, runs: Sequence[RuleRun], settings: Settings) -> Accepted:
    """What rules found, with its people, one finding for each cause, and what of it somebody accepted."""
    found = sorted((finding for run in runs for finding in run.findings), key=order)
    rules = {run.rule.rule.code: run.rule.rule for run in runs}
    counted = with_people(graph, found, rules)
    joined = numbered(sorted(join_findings(counted, rules, graph=graph, graded=set(settings.severity)), key=order))
    if not settings.suppress:
        return fold_accepted(Accepted(joined))
    ended = [run.rule for run in runs if not (run.not_evaluated or run.crashed)]
    return fold_accepted(accept(joined, graph.manifest.ignores, settings.suppressions, graph.now.date(), ended))
