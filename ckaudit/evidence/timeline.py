"""What happened to the people of one automation: how many came in each week, who went on, and after how long. Counts, never names.

Looked at are the people who came in within some weeks before the reading, one by one: imports and bulk work say nothing about an
automation. Seconds are Unix time (UTC).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from ckaudit.model.evidence import joined
from ckaudit.model.holders import Gaps, Holders
from ckaudit.model.result import GAP_EDGES, GapBin, ObservedWeeks

WEEKS = 26
"""How many weeks are shown, the one of the reading included."""
HOUR, DAY, WEEK = 3600, 86400, 7 * 86400
_MONDAY = 4 * DAY
"""1 January 1970 was a Thursday: the first Monday came four days later."""


class Passage(msgspec.Struct, frozen=True):
    """From one timestamp to another, see ``ObservedStep``. ``gaps`` are those of the people who went on, in ascending order."""

    people: int
    went_on: int
    on_the_way: int
    had_before: int
    not_mailed: int
    delay_seconds: int | None
    delay_p10: int | None
    delay_p90: int | None
    gaps: tuple[GapBin, ...]


def monday(second: int) -> int:
    """The second with which the week of this one began (UTC)."""
    return second - (second - _MONDAY) % WEEK


def begin_of(now: int, since: int | None) -> int:
    """From when on people are looked at: the Monday 26 weeks back, or later when the lists were read from a later day on."""
    return max(monday(now) - (WEEKS - 1) * WEEK, since or 0)


def entered(parts: Iterable[Holders], begin: int, now: int) -> tuple[Holders, int]:
    """Everybody who came in through one of these entries, at the first of the times, and how many came at once and are left out."""
    whole = [part.since(begin).until(now) for part in parts]
    single = [part.one_by_one() for part in whole]
    kept = joined(single, first=True)
    return kept, len(joined(whole, first=True).lacking(kept))


def after_entry(came: Holders, source: Holders) -> Holders:
    """Those who got the source on their way: at the moment they came in, or later."""
    return source.having(came.gaps_to(source).after())


def passage(source: Holders, target: Holders, planned: int | None, now: int) -> Passage:
    """Who got the target after the source. ``planned`` are the seconds it should take at most, None when nobody can say."""
    gaps = source.gaps_to(target)
    forward = gaps.after()
    before = len(gaps) - len(forward)
    waiting = source.lacking(target)
    early = waiting.since(now - patience(planned, forward) + 1)
    left = waiting.lacking(early)
    some = len(forward) > 0
    return Passage(
        people=len(forward) + len(left),
        went_on=len(forward),
        on_the_way=len(early),
        had_before=before,
        not_mailed=len(left.unreachable),
        delay_seconds=forward.quantile(0.5) if some else None,
        delay_p10=forward.quantile(0.1) if some else None,
        delay_p90=forward.quantile(0.9) if some else None,
        gaps=gap_bins(forward),
    )


def patience(planned: int | None, seen: Gaps) -> int:
    """How long somebody may take before we say that they do not go on: as planned, or as nine in ten took, and half as long again,
    but an hour at least and a day at most."""
    usual = max(planned or 0, seen.quantile(0.9) if len(seen) else 0)
    return usual + max(HOUR, min(usual // 2, DAY))


def gap_bins(gaps: Gaps) -> tuple[GapBin, ...]:
    """How the gaps are spread over ``GAP_EDGES``, without empty bins. None may be negative."""
    counts = np.bincount(np.searchsorted(np.array(GAP_EDGES), gaps.gap, side="right") - 1, minlength=len(GAP_EDGES))
    return tuple(GapBin(edge, int(count)) for edge, count in zip(GAP_EDGES, counts, strict=True) if count)


class Course(msgspec.Struct, frozen=True):
    """How people fared who came in: per week, and since somebody last went on (a second, None when nobody did)."""

    weeks: ObservedWeeks
    last_went_on: int | None
    stuck: int


def course(came: Holders, targets: Sequence[Holders], wait: int, begin: int, now: int) -> Course:
    """People per week, who of them got any of the targets, and who may still: those who came in less than ``wait`` seconds ago."""
    arrived = np.zeros(len(came), dtype=bool)
    for target in targets:
        arrived |= np.isin(came.person, came.gaps_to(target).after().person, assume_unique=True)
    early = ~arrived & (came.second > now - wait)
    last = came.where(arrived).newest
    stuck = came.where(~arrived & ~early).since(0 if last is None else last + 1)
    start = monday(begin)
    count = (monday(now) - start) // WEEK + 1
    week = (came.second - start) // WEEK

    def counted(rows: npt.NDArray[np.bool_]) -> tuple[int, ...]:
        return tuple(int(number) for number in np.bincount(week[rows], minlength=count))

    first = dt.datetime.fromtimestamp(start, dt.UTC).date().isoformat()
    return Course(ObservedWeeks(first, counted(np.ones(len(came), dtype=bool)), counted(arrived), counted(early)), last, len(stuck))
