"""Who yields to whom: one cause, one finding.

Most rules keep out of each other's way by their own conditions; what a rule cannot know by itself it declares (``Rule.yields_to``). A
finding is dropped when a winner has one about the same thing and, where both show a path, a step in common. The finding that stays lists
the dropped rule's code in ``covers``.

"About the same thing": the same cause, where both rules name one; else the same object; or the winner's object is related to the other
finding or on its path; or the other finding's object is related to the winner. What timestamps show (the theme evidence) has objects only:
one in common is enough. What the dropped findings were about is named in the one that stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set

import msgspec

from ckaudit.engine.fingerprint import object_key, object_keys
from ckaudit.engine.head_counts import share_an_object
from ckaudit.graph.graph import Graph
from ckaudit.model.findings import ReportedFinding
from ckaudit.model.refs import ObjectRef
from ckaudit.model.rules import Rule, Theme, is_named, winning_names


def join_findings(
    findings: Sequence[ReportedFinding], rules: Mapping[str, Rule], *, graph: Graph | None = None, graded: Set[str] = frozenset()
) -> tuple[ReportedFinding, ...]:
    """The findings that stay, in the order given. ``rules`` are those that ran, by their code, ``graph`` knows what starts automations,
    and rules in ``graded`` keep their severity."""
    by_rule: dict[str, list[int]] = {}
    for index, finding in enumerate(findings):
        by_rule.setdefault(finding.rule, []).append(index)
    winners = {index: _winner(finding, findings, by_rule, rules, graph) for index, finding in enumerate(findings)}
    covered: dict[int, list[ReportedFinding]] = {}
    for index, finding in enumerate(findings):
        last = winner = winners[index]
        while winner is not None:
            last, winner = winner, winners[winner]
        if last is not None:
            covered.setdefault(last, []).append(finding)
    return tuple(_with(finding, covered.get(index, []), rules, graded) for index, finding in enumerate(findings) if winners[index] is None)


def _with(finding: ReportedFinding, covered: Sequence[ReportedFinding], rules: Mapping[str, Rule], graded: Set[str]) -> ReportedFinding:
    """The finding with the codes of what it covers; what timestamps prove of it adds its words, and its severity where that is
    worse. Of the counts of people the widest stays, and what the others were about is named beside it."""
    if not covered:
        return finding
    proofs = [] if _is_evidence(rules, finding) else [other for other in covered if _is_evidence(rules, other)]
    severities = [item.severity for item in (finding, *([] if finding.rule in graded else proofs))]
    widest = max((finding, *covered), key=lambda item: item.people or 0)
    return msgspec.structs.replace(
        finding,
        people=widest.people,
        people_who=widest.people_who,
        who=widest.who,
        covers_severity=min((item.severity for item in covered), key=lambda severity: severity.rank),
        related=(*finding.related, *_unnamed(finding, covered)),
        covers=tuple(sorted({*finding.covers, *(other.rule for other in covered)})),
        message=" ".join([finding.message, *(other.message for other in proofs), *_further(finding, covered, proofs)]),
        severity=min(severities, key=lambda severity: severity.rank) if proofs else finding.severity,
    )


def _further(finding: ReportedFinding, covered: Sequence[ReportedFinding], proofs: Sequence[ReportedFinding]) -> Iterator[str]:
    """A sentence for each joined finding that was about something else, unless its words are told anyway."""
    named = object_keys(finding)
    for other in covered:
        if other not in proofs and object_key(other.object) not in named:
            yield f"From the same cause, at “{other.object.name}”: {other.title}."


def _unnamed(finding: ReportedFinding, covered: Sequence[ReportedFinding]) -> tuple[ObjectRef, ...]:
    """What the joined findings were about and the finding itself does not name."""
    named = object_keys(finding)
    others = {object_key(item.object): item.object for item in covered}
    return tuple(item for key, item in others.items() if key not in named)


def _is_evidence(rules: Mapping[str, Rule], finding: ReportedFinding) -> bool:
    return rules[finding.rule].theme is Theme.EVIDENCE


def _winner(
    finding: ReportedFinding,
    findings: Sequence[ReportedFinding],
    by_rule: Mapping[str, Sequence[int]],
    rules: Mapping[str, Rule],
    graph: Graph | None,
) -> int | None:
    for name in winning_names(rules[finding.rule], finding.variant, observed=finding.observed):
        for index in by_rule.get(name.partition(" ")[0], ()):
            other = findings[index]
            weaker = other.observed and not finding.observed
            if is_named(name, other.rule, other.variant) and not weaker and _same_cause(finding, other, rules, graph):
                return index
    return None


def _same_cause(finding: ReportedFinding, other: ReportedFinding, rules: Mapping[str, Rule], graph: Graph | None) -> bool:
    """A cause that both name decides. What timestamps show has no path of its own: there objects decide."""
    if finding.cause and other.cause:
        return finding.cause == other.cause
    if graph and (_is_evidence(rules, finding) or _is_evidence(rules, other)):
        return share_an_object(graph, finding, other)
    return _about_the_same(finding, other) and _meet(finding, other)


def _about_the_same(finding: ReportedFinding, winner: ReportedFinding) -> bool:
    mine, theirs = object_key(finding.object), object_key(winner.object)
    return theirs in object_keys(finding) or mine in map(object_key, winner.related)


def _meet(one: ReportedFinding, other: ReportedFinding) -> bool:
    first, second = _anchors(one), _anchors(other)
    return not first or not second or bool(first & second)


def _anchors(finding: ReportedFinding) -> set[str]:
    return {step.node or (object_key(step.object) if step.object else "") for step in finding.path} - {""}
