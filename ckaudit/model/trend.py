"""One account over time: what earlier results of it counted."""

from __future__ import annotations

from collections.abc import Set

import msgspec

from ckaudit.model.result import Result, Summary


class TrendPoint(msgspec.Struct, frozen=True):
    """One audit. ``at`` is its clock (UTC, ``2026-11-20T12:00:00Z``); ``judged`` counts the checks that could be judged.

    ``version`` is ckaudit's: between two versions checks come and go, so their numbers do not compare one to one.
    """

    at: str
    score: int | None
    error: int
    warning: int
    info: int
    suppressed: int
    judged: int
    version: str


def trend_point(at: str, version: str, summary: Summary, failed: Set[str]) -> TrendPoint:
    """The point a result is; ``failed`` are the codes of the rules with findings."""
    return TrendPoint(
        at=at,
        score=summary.score,
        error=summary.error,
        warning=summary.warning,
        info=summary.info,
        suppressed=summary.suppressed,
        judged=summary.passed + len(failed),
        version=version,
    )


def point_of(result: Result) -> TrendPoint:
    """The point of a whole result."""
    return trend_point(result.generated_at, result.tool.version, result.summary, {finding.rule for finding in result.findings})
