"""Who yields to whom: one cause, one finding.

``YIELDS`` maps a rule to the rules that win over it. A finding is dropped when a winner has one with the same object and, where both show
a path, a step in common. The finding that stays lists the dropped rule's code in ``also``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from ckaudit.engine.fingerprints import object_key
from ckaudit.model.findings import Finding

YIELDS: Mapping[str, tuple[str, ...]] = {}


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
    for code in table.get(finding.rule, ()):
        for index, other in enumerate(findings):
            if other.rule == code and object_key(other.object) == object_key(finding.object) and _meet(finding, other):
                return index
    return None


def _meet(one: Finding, other: Finding) -> bool:
    first, second = _anchors(one), _anchors(other)
    return not first or not second or bool(first & second)


def _anchors(finding: Finding) -> set[str]:
    return {step.node or (object_key(step.object) if step.object else "") for step in finding.path} - {""}
