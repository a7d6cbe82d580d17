"""Findings somebody accepted: comments in the manifest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ckaudit.model.automations import IgnoreComment
from ckaudit.model.findings import Finding, Suppressed


def split_suppressed(findings: Iterable[Finding], ignores: Sequence[IgnoreComment]) -> tuple[tuple[Finding, ...], tuple[Suppressed, ...]]:
    """The findings that stay, and those on lines that a ``# ckaudit: ignore`` comment covers, both in the order given."""
    kept: list[Finding] = []
    suppressed: list[Suppressed] = []
    for finding in findings:
        comment = next((ignore for ignore in ignores if _covers(ignore, finding)), None)
        if comment:
            suppressed.append(Suppressed(finding, comment.reason, location=comment.location))
        else:
            kept.append(finding)
    return tuple(kept), tuple(suppressed)


def _covers(ignore: IgnoreComment, finding: Finding) -> bool:
    place = finding.location
    if place is None or place.file != ignore.location.file:
        return False
    first, last = ignore.covers
    return first <= place.line <= last and any(word.lower() in (finding.rule.lower(), finding.name) for word in ignore.rules)
