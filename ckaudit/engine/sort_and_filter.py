"""The order of findings, and which of them are shown."""

from __future__ import annotations

from ckaudit.engine.configure import Settings
from ckaudit.model.findings import ReportedFinding


def order(finding: ReportedFinding) -> tuple[object, ...]:
    """Sort key: worst severity first, then worst harm, then most people, then surest, then by code and object.

    Two findings never tie unless they are equal.
    """
    people = -1 if finding.people is None else finding.people
    item, place = finding.object, finding.location
    number = item.id if isinstance(item.id, int) else -1
    where = (place.file, place.line, place.column) if place else ("", 0, 0)
    return (
        finding.severity.rank,
        finding.harm.rank,
        -people,
        finding.confidence.rank,
        finding.rule,
        item.kind,
        number,
        str(item.id),
        item.name,
        finding.variant,
        where,
        finding.message,
    )


def is_shown(finding: ReportedFinding, settings: Settings) -> bool:
    """True when a finding is at or above the asked severity and confidence."""
    return finding.severity.rank <= settings.min_severity.rank and finding.confidence.rank <= settings.min_confidence.rank
