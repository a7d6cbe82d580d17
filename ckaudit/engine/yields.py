"""Who yields to whom: one cause, one finding.

Most rules keep out of each other's way by their own conditions. ``YIELDS`` holds what a rule cannot know by itself: it maps a rule
(``CK311``) or one of its variants (``CK203 switched-off``) to the rules that win over it. A finding is dropped when a winner has one about
the same thing and, where both show a path, a step in common. The finding that stays lists the dropped rule's code in ``also``.

"About the same thing": the same object; or the winner's object is related to the other finding or stands on its path; or the
other finding's object is related to the winner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from ckaudit.engine.fingerprints import object_key
from ckaudit.model.findings import Finding

YIELDS: Mapping[str, tuple[str, ...]] = {
    # a switched-off automation is one mistake, whatever it would have done
    "CK203 switched-off": ("CK301",),
    "CK219 switched-off": ("CK301",),
    "CK227 switched-off": ("CK301",),
    # who gets nothing has nothing to lose: an offering that nothing releases
    "CK203 nothing-listens": ("CK220",),
    # a login e-mail that goes out late leaves its webhook tag on for as long
    "CK201 pulled-past": ("CK404", "CK406"),
    # a module e-mail used for several modules
    "CK311": ("CK218",),
    "CK410": ("CK218", "CK311"),
}


def join_findings(findings: Sequence[Finding], table: Mapping[str, tuple[str, ...]] = YIELDS) -> tuple[Finding, ...]:
    """The findings that stay, in the order given."""
    winners = {index: _winner(finding, findings, table) for index, finding in enumerate(findings)}
    also: dict[int, set[str]] = {}
    for index, finding in enumerate(findings):
        last = winner = winners[index]
        while winner is not None:
            last, winner = winner, winners[winner]
        if last is not None:
            also.setdefault(last, set()).add(finding.rule)
    return tuple(
        msgspec.structs.replace(finding, also=tuple(sorted({*finding.also, *also[index]}))) if index in also else finding
        for index, finding in enumerate(findings)
        if winners[index] is None
    )


def _winner(finding: Finding, findings: Sequence[Finding], table: Mapping[str, tuple[str, ...]]) -> int | None:
    for code in table.get(f"{finding.rule} {finding.variant}") or table.get(finding.rule, ()):
        for index, other in enumerate(findings):
            if other.rule == code and _about_the_same(finding, other) and _meet(finding, other):
                return index
    return None


def _about_the_same(finding: Finding, winner: Finding) -> bool:
    mine, theirs = object_key(finding.object), object_key(winner.object)
    on_path = (step.object for step in finding.path if step.object)
    return theirs in map(object_key, (finding.object, *finding.related, *on_path)) or mine in map(object_key, winner.related)


def _meet(one: Finding, other: Finding) -> bool:
    first, second = _anchors(one), _anchors(other)
    return not first or not second or bool(first & second)


def _anchors(finding: Finding) -> set[str]:
    return {step.node or (object_key(step.object) if step.object else "") for step in finding.path} - {""}
