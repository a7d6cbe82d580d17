"""Runs a rule on what is declared, then on automations that timestamps show: what these add to its findings, and what they take away."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set

import msgspec

from ckaudit.engine.fingerprint import object_key, object_keys
from ckaudit.engine.judged import with_outcome
from ckaudit.engine.load import LoadedRule
from ckaudit.engine.run import CrashHook, RuleRun, run_on
from ckaudit.engine.unresolved import that_holds, without_unresolved
from ckaudit.kit.screens import RULES, VISUAL_AUTOMATIONS
from ckaudit.model.findings import Confidence, NotEvaluated, ReportedFinding, Severity
from ckaudit.model.result import Link
from ckaudit.model.rules import Need, ObservedUse, Options, Theme
from ckaudit.observed.account import ObservedAccount

SURE = 0.9
"""Confidence of a link below which what rests on it is only possible."""
_FIRST = (
    "Kit shows its automations to no tool, so the name in this finding is ours. "
    f"Open {VISUAL_AUTOMATIONS} and {RULES}, and look for what leads from “{{source}}” to “{{target}}”."
)


def run_rule(account: ObservedAccount, loaded: LoadedRule, options: Options | None = None, on_crash: CrashHook | None = None) -> RuleRun:
    """Run one rule on what is declared and, where it may, on automations that timestamps show as well. What hangs on names that the
    account does not have is left out."""
    chosen, observed, use = options or loaded.rule.options(), bool(account.automations), loaded.rule.observed
    run = run_on(account.declared, loaded, chosen, on_crash, observed=observed)
    if observed and use is not ObservedUse.IGNORED and not run.crashed:
        run = _with_observed(account, run, lambda: run_on(account.observed, loaded, chosen, on_crash, observed=observed))
    graph = account.observed if observed and use is ObservedUse.JUDGED else account.declared
    run = with_outcome(graph, without_unresolved(graph, run), on_crash)
    for other in () if loaded.rule.theme is Theme.AUDIT or run.crashed else account.alternatives:
        again = with_outcome(other.graph, run_on(other.graph, loaded, chosen, on_crash, observed=observed), on_crash)
        run = that_holds(run, again, other.names, passes=other.doubts_passes)
    return run


def _with_observed(account: ObservedAccount, run: RuleRun, again: Callable[[], RuleRun]) -> RuleRun:
    """The run of a rule on what is declared, together with a second one on the graph that has the observed automations too.

    What is declared wins: an object that has a finding without them keeps it as it is.
    """
    silences = run.rule.rule.observed is ObservedUse.SILENCES
    if silences and not run.findings:
        return run
    more = again()
    if more.crashed:
        return msgspec.structs.replace(run, crashed=more.crashed)
    if silences:
        left = {_place(finding) for finding in more.findings}
        return msgspec.structs.replace(run, findings=tuple(finding for finding in run.findings if _place(finding) in left))
    told = {object_key(finding.object) for finding in run.findings}
    new = tuple(_marked(account, finding) for finding in more.findings if object_key(finding.object) not in told)
    return msgspec.structs.replace(run, findings=(*run.findings, *new), not_evaluated=_open(run, more))


def _place(finding: ReportedFinding) -> tuple[object, ...]:
    return finding.variant, object_key(finding.object), finding.location


def _open(run: RuleRun, more: RuleRun) -> NotEvaluated | None:
    """Without a manifest a rule that finds nothing has not passed: it saw only a part."""
    told = run.not_evaluated
    if told is None or more.not_evaluated or Need.AUTOMATIONS not in told.needs:
        return told
    return msgspec.structs.replace(told, reason=f"{told.reason}; only what left timestamps was looked at")


def _marked(account: ObservedAccount, finding: ReportedFinding) -> ReportedFinding:
    """The finding with a mark, at most likely, and a sentence about how many people showed it."""
    links = _resting_on(account, finding)
    sure = min((link.confidence or 0.0 for link in links), default=0.0)
    usual = Confidence.LIKELY if sure >= SURE else Confidence.POSSIBLE
    given = finding.confidence
    confidence = max(given, usual, key=lambda item: item.rank)
    people = min((link.support for link in links), default=0)
    harmless = confidence is Confidence.POSSIBLE and finding.severity is Severity.ERROR
    first = _FIRST.format(source=links[0].source.name, target=links[-1].target.name) if links else ""
    return msgspec.structs.replace(
        finding,
        message=f"{finding.message} {_sentence(links, sure)}",
        confidence=confidence,
        severity=Severity.WARNING if harmless else finding.severity,
        observed=True,
        people=finding.people or people or None,
        people_who=finding.people_who if finding.people else "took this way, as their timestamps show",
        fix=(first, *finding.fix) if first else finding.fix,
    )


def _resting_on(account: ObservedAccount, finding: ReportedFinding) -> list[Link]:
    """The links of the observed automations the finding names: of each the stretch from the first to the last thing it names."""
    passed = [step.automation for step in finding.path]
    named = {str(item.id) for item in (finding.object, *finding.related) if item.kind == "automation"}
    first = len(account.declared.flows)
    named |= {item.observed_id for number, item in enumerate(account.automations, first) if number in passed}
    objects = object_keys(finding)
    return [
        link
        for item in account.automations
        if item.observed_id in named
        for link in _stretch(account.chains[item.observed_id].links, objects)
    ]


def _stretch(links: Sequence[Link], objects: Set[str]) -> Sequence[Link]:
    begin = next((place for place, link in enumerate(links) if object_key(link.source) in objects), 0)
    ends = [place for place, link in enumerate(links) if object_key(link.target) in objects and place >= begin]
    return links[begin : ends[-1] + 1] if ends else links


def _sentence(links: list[Link], sure: float) -> str:
    doubt = "" if sure >= SURE or not links else f" It is about {sure:.0%} sure that one leads to the other."
    if len(links) == 1:
        return (
            f"This was seen in the timestamps of {links[0].support} people ({links[0].share:.0%} of those who could); no manifest says it."
            + doubt
        )
    if links:
        few = min(link.support for link in links)
        return f"Each step of this was seen in the timestamps of {few} people or more; no manifest says it.{doubt}"
    return "This rests on links seen in timestamps; no manifest says it."
