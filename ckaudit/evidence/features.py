"""What a link's people and seconds say about it: the numbers of which its confidence is made."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ckaudit.evidence.causes import holding
from ckaudit.evidence.clock import DAY, HOUR, clock_of, half_of_the_day, is_hourly
from ckaudit.evidence.explanation import Explanation
from ckaudit.evidence.parents import Times
from ckaudit.evidence.peaks import core
from ckaudit.evidence.search import Effect, Search
from ckaudit.model.events import ObjectKind

WHOLE = 900
"""Half of the gaps are within so many seconds of whole days, wherever these end."""
DENSE = 4.0
"""Times denser than evenly: an hour that effects keep."""
CLOSE = 600
"""Seconds before its cause within which an effect stands the other way round."""
AT_ONCE = 120
"""A link without a delay is over within so many seconds."""
PACES = (0, 1, 2, 3, 5, 8, 13, 21, 34, 55)
"""Seconds by which the pace of a step is told."""
OFTEN, STRANGE = 0.8, 0.15
"""Share of people, and nats per person, for a step of Kit's."""
RARE = 0.004
"""Share of people that is added for each of these, so that what nobody did is not impossible."""
KNOWN = 20
"""Steps by which the pace is known: more add nothing."""
ENOUGH = 30
"""People of Kit's own steps from which the account's habits are known."""


class Features(NamedTuple):
    """``people`` for whom it happened; ``share`` of the source's people, without those who had the target before; ``kept``: also without
    those who got it from another cause since, which may have overwritten the first time; ``cover``: share of the target's people;
    ``clear``: share of the link's people with no timestamp between.

    ``delay``: median gap in seconds; ``spread``: of the gaps, 10 % to 90 %; ``core``: length of the shortest range with half of the gaps;
    ``loose``: the spread; it and ``core`` without the days, where the gaps are whole days. ``quick``: the gap that 10 % stay below;
    ``ties``: share of gaps of exactly 0 s; ``exact``: share of gaps within a second of the two commonest.
    ``reversed``: for each of the link's people, how many got the target shortly before the source.

    ``gain``: nats per person by which the timestamps become unlikelier without the link; ``margin``: nats by which it beats the next best
    cause in its place, 30 at most. ``explained``: share of the target's people that all its links explain.

    ``kinds``: of source and target. ``daily``: gaps in whole days, the effect at its hour. ``hours``, ``cause_hours``: in how many hours
    the effects, and their causes, happened, as if evenly spread over them. ``rest``: share of the target's other people who got it at the
    same time of day as the link's, if these keep one. ``awake``: how many times more than evenly people fill in forms around the hour at
    which most of the effects are. ``hourly``: the effects keep a minute of the hour, the causes do not.
    ``pace``: people by the seconds that a step took, up to each of ``PACES`` and beyond; the whole minutes of ``quick`` are a delay.

    ``bulk``: share of the people whose cause came in bulk; ``bursts``: in so many bulk actions.
    """

    people: int
    share: float
    kept: float
    cover: float
    clear: float
    delay: int
    spread: int
    core: int
    quick: int
    loose: int
    ties: float
    exact: float
    reversed: float
    gain: float
    margin: float
    explained: float
    kinds: tuple[ObjectKind, ObjectKind]
    daily: bool
    hours: float
    cause_hours: float
    rest: float
    awake: float
    hourly: bool
    pace: tuple[int, ...]
    bulk: float
    bursts: int


class Gaps(NamedTuple):
    """What the seconds of a link say, see ``Features``."""

    delay: int
    spread: int
    core: int
    quick: int
    loose: int
    ties: float
    exact: float


def gaps_of(ordered: Times) -> Gaps:
    """``ordered``: the gaps in ascending order."""
    count = len(ordered)
    p10, median, p90 = (int(ordered[int(part * (count - 1))]) for part in (0.1, 0.5, 0.9))
    wide, loose, in_days = core(ordered)[1], p90 - p10, half_of_the_day(ordered)[1]
    if loose > DAY // 2 and in_days <= WHOLE:
        wide, loose = in_days, 2 * in_days
    return Gaps(median, p90 - p10, wide, p10, loose, float(np.count_nonzero(ordered == 0) / count), _exact(ordered))


def _exact(ordered: Times) -> float:
    value, many = np.unique(ordered, return_counts=True)
    near = np.zeros(len(ordered), dtype=bool)
    for common in value[np.argsort(-many, kind="stable")[:2]]:
        near |= np.abs(ordered - common) <= 1
    return float(np.mean(near))


def evenly(seconds: Times) -> float:
    """In how many hours these seconds lie, as if evenly spread over them (inverse Simpson index)."""
    _, count = np.unique(seconds // HOUR, return_counts=True)
    return float(count.sum() ** 2 / (count**2).sum())


def features_of(search: Search, found: Explanation, place: int) -> Features:
    """The features of one of the causes."""
    timestamps, effect, cause = search.timestamps, found.effect, found.causes[place]
    own, row, lag = np.flatnonzero(found.winner == place), found.rows[place], found.lags[place]
    count, told = len(own), gaps_of(np.sort(lag[own]))
    end = told.quick + told.spread
    ripe = int(holding(search, cause.code, row[own], int(search.since[effect.code]), np.array([search.now - end]))[0])
    asked = max(ripe - int(np.count_nonzero((row >= 0) & (lag < 0))), count)
    others = int(np.count_nonzero((row >= 0) & (lag >= 0) & (found.winner >= 0) & (found.winner != place)))
    seen = int(search.since[cause.code])
    effects = max(int(np.count_nonzero(effect.second >= seen + end)) if seen else len(effect.row), count)
    causes = timestamps.second[row[own]].astype(np.int64)
    bulk = timestamps.bulk[row[own]]
    at = found.explained.rows[place]
    return Features(
        people=count,
        share=count / asked,
        kept=count / max(asked - others, count),
        cover=count / effects,
        clear=float(np.mean(timestamps.rank[effect.row[own]] - timestamps.rank[row[own]] <= 1)),
        **told._asdict(),
        reversed=float(np.count_nonzero((row >= 0) & (lag < 0) & (lag >= -CLOSE))) / count,
        gain=found.explained.gain[at] * len(effect.row) / (count * len(effect.sample)),
        margin=found.explained.margin[at],
        explained=float(np.mean(found.winner >= 0)),
        kinds=(cause.kind, ObjectKind(int(timestamps.kind[effect.code]))),
        daily=cause.clock is not None,
        hours=evenly(effect.second[own]),
        cause_hours=evenly(causes),
        rest=_rest(effect, own),
        awake=float(search.awake[half_of_the_day(effect.second[own])[0] // HOUR]),
        hourly=told.spread > AT_ONCE and is_hourly(effect.second[own], causes),
        pace=tuple(np.bincount(np.searchsorted(PACES, lag[own] - told.quick // 60 * 60), minlength=len(PACES) + 1).tolist()),
        bulk=float(np.mean(bulk)),
        bursts=len(np.unique(causes[bulk] // 60)),
    )


def _rest(effect: Effect, own: Times) -> float:
    """Share of the people of an effect, without these, who got it at their time of day."""
    clock = clock_of(effect.second[own])
    other = np.delete(effect.second, own)
    return float(np.mean(clock.denser(other) >= DENSE)) if clock is not None and len(other) else 0.0


MOSTLY = 0.75
"""Some of these links go past a step that left nothing, and take longer: the share of ties is that of the better part."""


class Habits(NamedTuple):
    """How Kit's own steps look in this account: share of gaps of exactly 0 s, and the gaps that 10 % and
    90 % stay below. ``paces``: share of people by gap (see ``PACES``), of all these steps and of each."""

    ties: float
    quick: float
    late: float
    paces: tuple[tuple[float, ...], ...] = ()

    def strange(self, link: Features) -> float:
        """Nats per person by which Kit's own steps, the likest of them, fit the pace of a link worse than it fits itself. What so many
        people show by chance is taken off."""
        pace = np.array(link.pace, dtype=float)
        own = (pace / pace.sum() + RARE) / (1 + RARE * len(pace))
        fits = (float((own * np.log(own / np.array(other))).sum()) for other in self.paces)
        return max(min(fits, default=0.0) - len(pace) / (2 * float(pace.sum())), 0.0)

    def missing(self, link: Features) -> float:
        """Nats against a link, of whose people none took as long as some do whom Kit serves: two timestamps that one writer gave."""
        slower = sum(self.paces[0][int(np.flatnonzero(link.pace)[-1]) + 1 :]) if self.paces else 0.0
        return -sum(link.pace) * math.log(max(1 - slower, RARE))

    def is_step(self, link: Features) -> bool:
        """Whether a tag is so soon, so often and so much at Kit's pace behind another object that Kit itself gave it."""
        at_once = link.quick + link.spread <= AT_ONCE and link.kinds[1] is ObjectKind.TAG and link.kinds[0] is not ObjectKind.SEQUENCE
        return at_once and link.kept >= OFTEN and self.strange(link) <= STRANGE


def habits(links: Iterable[Features]) -> Habits:
    """Learnt from what only Kit does: putting people into a sequence at once; the pace also from sequences behind a delay, if need be."""
    kits = [
        link
        for link in links
        if link.kinds[1] is ObjectKind.SEQUENCE and link.kinds[0] is not ObjectKind.SEQUENCE and link.spread <= AT_ONCE
    ]
    own = [link for link in kits if link.quick + link.spread <= AT_ONCE]
    weight = np.array([link.people for link in own], dtype=float)
    if weight.sum() < ENOUGH:
        return Habits(0.3, 1.0, 10.0, _paces(kits))
    ties: npt.NDArray[np.float64] = np.array([link.ties for link in own])
    quick, late = (np.array([value(link) for link in own], dtype=float) @ weight / weight.sum() for value in (_quick, _late))
    order = ties.argsort()
    most = ties[order][np.cumsum(weight[order]).searchsorted(MOSTLY * weight.sum())]
    return Habits(float(most), float(quick), float(late), _paces(own))


def _paces(own: list[Features]) -> tuple[tuple[float, ...], ...]:
    """Of the ``KNOWN`` links that most people took together, and of each of them that enough took."""
    most = sorted(own, key=lambda link: -link.people)[:KNOWN]
    counts = [np.array(link.pace, dtype=float) for link in most]
    enough = [sum(counts, np.zeros(len(PACES) + 1)), *counts]
    return tuple(tuple(((pace / pace.sum() + RARE) / (1 + RARE * len(pace))).tolist()) for pace in enough if pace.sum() >= ENOUGH)


def _quick(link: Features) -> int:
    return link.quick


def _late(link: Features) -> int:
    return link.quick + link.spread
