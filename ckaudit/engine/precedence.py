"""Who yields to whom: one cause, one finding.

Most rules keep out of each other's way by their own conditions. ``YIELDS`` holds what a rule cannot know by itself: it maps a rule
(``CK311``) or one of its variants (``CK203 switched-off``) to the rules that win over it. A finding is dropped when a winner has one about
the same thing and, where both show a path, a step in common. The finding that stays lists the dropped rule's code in ``also``.

"About the same thing": the same object; or the winner's object is related to the other finding or stands on its path; or the
other finding's object is related to the winner. What timestamps show (theme 8) has objects only: one in common is enough.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING

import msgspec

from ckaudit.engine.fingerprint import object_key, object_keys
from ckaudit.engine.head_counts import is_called, share_an_object
from ckaudit.model.findings import Finding, Severity

if TYPE_CHECKING:
    from ckaudit.graph.graph import Graph

_AT_ONCE = tuple(
    f"CK202 {way}"
    for way in ("no-delay", "delay-before-webhook", "delay-after-email", "one-branch", "too-short", "two-automations", "by-rule")
)
_CLOSED = ("CK301 paused-release", "CK301 inactive-release")

YIELDS: Mapping[str, tuple[str, ...]] = {
    # a switched-off automation is one mistake, whatever it would have done
    "CK203 switched-off": ("CK301",),
    "CK219 switched-off": ("CK301",),
    "CK227 switched-off": ("CK301",),
    # who gets nothing has nothing to lose: an offering that nothing releases
    "CK203 nothing-listens": ("CK220",),
    # a login email that goes out late leaves its webhook tag on for as long
    "CK201 pulled-past": ("CK404", "CK406"),
    # a module email used for several modules
    "CK311": ("CK218",),
    "CK410": ("CK218", "CK311"),
    # what timestamps show yields to what names the cause, and leaves it its people and its words
    "CK801 not-taken-off": ("CK401", "CK404", "CK216", "CK209", "CK201"),
    "CK801 call-failed": ("CK226",),
    "CK802 too-soon": _AT_ONCE,
    "CK802 some-too-soon": _AT_ONCE,
    "CK802 too-late": ("CK404", "CK406", "CK202 too-late"),
    "CK803": ("CK220", "CK231", *_CLOSED),
    "CK804": ("CK220", "CK223", *_CLOSED),
    "CK805 paid-again": ("CK210",),
    "CK808": ("CK205", "CK226"),
    "CK809": ("CK401", *_CLOSED),
    "CK812": ("CK221",),
    "CK814 sooner-than-planned": ("CK810", "CK802"),
    # an empty login sequence is a hint; buyers who are not in it are the proof
    "CK230 nobody-arrives": ("CK804",),
    # an automation nobody listed is a guess; what happened to people is none
    "CK202 observed": ("CK802",),
}
"""A rule, one of its ways of failing, or what it found on observed links -> the rules, or ways of failing, that win over it."""


def join_findings(
    findings: Sequence[Finding],
    table: Mapping[str, tuple[str, ...]] = YIELDS,
    *,
    graph: Graph | None = None,
    graded: Set[str] = frozenset(),
) -> tuple[Finding, ...]:
    """The findings that stay, in the order given. ``graph`` tells what starts automations, ``graded`` rules keep their severity."""
    winners = {index: _winner(finding, findings, table, graph) for index, finding in enumerate(findings)}
    covered: dict[int, list[Finding]] = {}
    for index, finding in enumerate(findings):
        last = winner = winners[index]
        while winner is not None:
            last, winner = winner, winners[winner]
        if last is not None:
            covered.setdefault(last, []).append(finding)
    return tuple(_with(finding, covered.get(index, []), graded) for index, finding in enumerate(findings) if winners[index] is None)


def _with(finding: Finding, covered: Sequence[Finding], graded: Set[str]) -> Finding:
    """The finding with the codes of what it covers; what timestamps prove of it adds its words, and its severity where that is worse."""
    if not covered:
        return finding
    proofs = [] if _is_evidence(finding) else [other for other in covered if _is_evidence(other)]
    severities = [item.severity or Severity.INFO for item in (finding, *([] if finding.rule in graded else proofs))]
    return msgspec.structs.replace(
        finding,
        also=tuple(sorted({*finding.also, *(other.rule for other in covered)})),
        message=" ".join([finding.message, *(other.message for other in proofs)]),
        severity=min(severities, key=lambda severity: severity.rank) if proofs else finding.severity,
    )


def _is_evidence(finding: Finding) -> bool:
    return finding.rule.startswith("CK8")


def _winner(finding: Finding, findings: Sequence[Finding], table: Mapping[str, tuple[str, ...]], graph: Graph | None) -> int | None:
    names = (*([f"{finding.rule} observed"] if finding.observed else []), f"{finding.rule} {finding.variant}", finding.rule)
    for code in next((table[name] for name in names if name in table), ()):
        for index, other in enumerate(findings):
            weaker = other.observed and not finding.observed
            if is_called(other, code) and not weaker and _same_cause(finding, other, graph):
                return index
    return None


def _same_cause(finding: Finding, other: Finding, graph: Graph | None) -> bool:
    """What timestamps show has no path of its own: objects decide."""
    if graph and (_is_evidence(finding) or _is_evidence(other)):
        return share_an_object(graph, finding, other)
    return _about_the_same(finding, other) and _meet(finding, other)


def _about_the_same(finding: Finding, winner: Finding) -> bool:
    mine, theirs = object_key(finding.object), object_key(winner.object)
    return theirs in object_keys(finding) or mine in map(object_key, winner.related)


def _meet(one: Finding, other: Finding) -> bool:
    first, second = _anchors(one), _anchors(other)
    return not first or not second or bool(first & second)


def _anchors(finding: Finding) -> set[str]:
    return {step.node or (object_key(step.object) if step.object else "") for step in finding.path} - {""}
