"""One cause, one finding, within a rule: what one cause does to many objects is said once, with the objects listed.

A rule names the cause of what it finds (``Finding.cause``). Findings of one rule and variant with the same cause become the worst of
them: it lists the others' objects (``same_cause``) and keeps the widest count of people. Precedence between rules comes before, object by
object, and so does what somebody accepted: an accepted object is not listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from ckaudit.engine.fingerprint import numbered, object_key
from ckaudit.engine.sort_and_filter import order
from ckaudit.engine.suppress import Accepted
from ckaudit.model.findings import ReportedFinding
from ckaudit.model.refs import ObjectRef


def fold_accepted(accepted: Accepted) -> Accepted:
    """What stays, folded and in order; what somebody accepted stays as it was found. Every finding has a fingerprint of its own."""
    kept = sorted(fold(accepted.kept), key=order)
    done = numbered((*kept, *(_settled(item.finding) for item in accepted.suppressed)))
    suppressed = zip(accepted.suppressed, done[len(kept) :], strict=True)
    return msgspec.structs.replace(
        accepted,
        kept=done[: len(kept)],
        suppressed=tuple(msgspec.structs.replace(item, finding=finding) for item, finding in suppressed),
    )


def fold(findings: Iterable[ReportedFinding]) -> tuple[ReportedFinding, ...]:
    """The findings, one for each cause, in the order of the first of each. Those without a cause stay as they are."""
    groups: dict[object, list[ReportedFinding]] = {}
    for number, finding in enumerate(findings):
        key: object = (finding.rule, finding.variant, finding.observed, finding.cause) if finding.cause else number
        groups.setdefault(key, []).append(finding)
    return tuple(_settled(_one(sorted(group, key=order)) if len(group) > 1 else group[0]) for group in groups.values())


def _settled(finding: ReportedFinding) -> ReportedFinding:
    return msgspec.structs.replace(finding, cause=msgspec.UNSET) if finding.cause else finding


def _one(findings: Sequence[ReportedFinding]) -> ReportedFinding:
    """The first of them for all."""
    first, *others = findings
    same = _others(first, (other.object for other in others))
    widest = max(findings, key=lambda item: item.people or 0)
    worst = [item.covers_severity for item in findings if item.covers_severity]
    return msgspec.structs.replace(
        first,
        message=f"{first.message} {_sentence(same)}" if same else first.message,
        same_cause=same,
        related=_others(first, (*first.related, *same, *(item for other in others for item in other.related))),
        people=widest.people,
        people_who=widest.people_who,
        who=widest.who,
        covers=tuple(sorted({code for item in findings for code in item.covers})),
        covers_severity=min(worst, key=lambda severity: severity.rank) if worst else None,
    )


def _others(first: ReportedFinding, items: Iterable[ObjectRef]) -> tuple[ObjectRef, ...]:
    """Each of the objects once, without the finding's own."""
    once = {object_key(item): item for item in items}
    once.pop(object_key(first.object), None)
    return tuple(once.values())


def _sentence(same: Sequence[ObjectRef]) -> str:
    kinds = {item.kind for item in same}
    noun = kinds.pop().replace("_", " ") if len(kinds) == 1 else "object"
    return f"The same holds for {len(same):,} other {noun}{'' if len(same) == 1 else 's'}."
