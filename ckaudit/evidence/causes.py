"""One object looked at as a cause of another: are the gaps too regular for chance, and how are they spread?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ckaudit.evidence.before import LATER, Before
from ckaudit.evidence.clock import DAY, MIN_KEPT, Clock, clock_of, half_of_the_day, is_daily
from ckaudit.evidence.parents import Flags, Floats, Times
from ckaudit.evidence.peaks import Window, core, stands_out
from ckaudit.evidence.search import QUEUE, Effect, Search
from ckaudit.model.events import ObjectKind

LIFT = 2.5
"""How many times more people than by chance a cause must explain."""
REVERSED = 0.2
"""Share of people with effect before cause, at the same distance, from which two objects count as twins rather than cause and effect."""
CLOSE = 600
"""Seconds within which two objects can be twins."""
PER_BIN, MAX_BINS = 8, 16
"""A window's gaps are counted in up to ``MAX_BINS`` bins of at least ``PER_BIN`` people..."""
ALIKE = 2.0
"""... of which neighbours become one when that costs no more than so many nats, because they are equally dense, ..."""
MERGES = 3
"""... in so many rounds."""
TEMPER = 0.3
"""How much it counts against a cause that others who have it did not get the effect: less than it would if all went the same way, because
they came to it by other ways, took another branch, or left."""
UNSTEADY = 900
"""Seconds within which half of the gaps of a delay lie. Only sequences, whose mails wait for their hour and day, are less steady."""
HOUR = 3600
PART = 40
"""Bits of a gap, and more."""
WORKED_OFF = 0.5
"""So many people of a bulk action at least must be worked off, ..."""
SPREAD = 3
"""... and one by one: half of them take so many seconds from first to last; less will do where three
bulk actions show it, and for sequences, to which nobody adds people within the same seconds by hand."""
CROWDS = 3
"""So many crowds at the same distance are evidence."""
HOUR_OF_MAILS = 3 * HOUR
"""Seconds of the day within which half of the people leave a sequence whose mails wait for an hour. People who click in a mail, or buy
because of it, spread wider."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A possible cause.

    ``edges`` divide the gaps into bins, of which ``inside`` are near a peak; ``at_risk``: at each edge, how many people got the cause so
    long ago and might still get the effect. ``row``, ``since`` and ``lag``: its row in each person of the sample (-1: none), the second
    of it, and the seconds to the effect. ``clock``: the effects keep an hour, and gaps are counted in whole days. ``longest``: the end of
    the last peak in seconds. ``unsteady``: not a sequence, and yet no fixed delay. ``soon``: share of its people who get the effect within
    an hour; ``reach``: at all. ``reversed``: people who got the effect shortly before it.
    """

    code: int
    kind: ObjectKind
    edges: Times
    inside: Flags
    at_risk: Floats
    row: Times
    since: Times
    lag: Times
    clock: Clock | None
    longest: int
    unsteady: bool
    soon: float
    reach: float
    reversed: int

    @property
    def widths(self) -> Floats:
        """Seconds of each bin inside."""
        return np.diff(self.edges)[self.inside].astype(float)

    def places(self, row: Times, since: Times, moment: Times) -> tuple[Times, Floats]:
        """The bin of each gap between ``since`` and ``moment``, counting from 1, 0 where it is in none; and by how few people the rate
        there is shared (1 / at risk; 1 for people without the cause)."""
        number = np.concatenate([[0], np.where(self.inside, np.cumsum(self.inside), 0), [0]])
        place, share = np.zeros(len(row), dtype=np.int64), np.ones(len(row))
        had = np.flatnonzero((row >= 0) & (moment >= since))
        since, moment = since[had], moment[had]
        gap = moment - since if self.clock is None else self.clock.day(moment) - self.clock.day(since)
        place[had] = number[self.edges.searchsorted(gap, side="right")]
        share[had] = 1 / np.interp(gap, self.edges, self.at_risk)
        return place, share

    def scale(self, moment: Times) -> Floats:
        """Log of how dense a bin is at each moment: days are no even stretches of seconds."""
        return np.zeros(len(moment)) if self.clock is None else np.log(self.clock.denser(moment) / DAY)


class Chance(NamedTuple):
    """The gaps of people who got a cause one by one; when the probe of them got it; when everybody got the effect (both in whole days where
    gaps are); and by which factor what follows the probe is less than if everybody's effect were dealt out anew."""

    gap: Times
    cause: Times
    effect: Times
    scale: float


class Look:
    """One object looked at as a cause. ``gaps`` are the distances in ascending order, in whole days of ``clock`` if there is one.

    The rest: see ``Before``.
    """

    __slots__ = (
        "chance",
        "clock",
        "code",
        "early",
        "effect",
        "gap",
        "gaps",
        "held",
        "lag",
        "min_lag",
        "possible",
        "row",
        "since",
        "single",
        "soon",
    )

    def __init__(self, effect: Effect, code: int, seen: Before, number: int) -> None:
        self.code, self.effect = code, effect
        self.row, self.since, self.lag = seen.row[number], seen.since[number], seen.lag[number]
        self.held, self.possible, self.single = seen.held[number], seen.possible[number], seen.single[number]
        self.soon, self.early = float(seen.soon[number]), int(seen.early[number])
        self.clock = self._clock() if seen.late[number] >= MIN_KEPT else None
        self.gap = self.lag if self.clock is None else self.clock.day(effect.moment) - self.clock.day(self.since)
        self.min_lag = int(seen.min_lag[number]) if self.clock is None else 0
        self.gaps = np.sort(self.gap[self.possible])
        self.chance: Chance | None = None

    def _clock(self) -> Clock | None:
        lag = self.lag[self.possible]
        found = clock_of(self.effect.moment[self.possible & (self.lag > LATER)])
        if found is None or not is_daily(lag, self.effect.moment[self.possible], core(np.sort(lag))):
            return None
        common = self.effect.clock
        return common if common is not None and found.begin == common.begin else found

    def within(self, window: Window) -> Times:
        """The gaps within a window."""
        return self.gaps[self.gaps.searchsorted(window[0]) : self.gaps.searchsorted(window[1] + 1)]

    def is_regular(self, search: Search, window: Window) -> bool:
        """More people than if everybody's effect were dealt out anew: what imports, launches and rush hours explain is no link.

        Bulk actions do not count here: what follows one shares its moment anyway.
        """
        part = self.within(window)
        if len(part) < self.effect.few:
            return False
        if self.is_queue(search, window) or self.is_launch(search, window):
            return True
        if self.chance is None:
            self.chance = self._chance()
        gap, cause, second, scale = self.chance
        start, wide = core(part)
        for low, high in (window, (start, start + wide)):
            count = int(np.count_nonzero((gap >= low) & (gap <= high)))
            if not stands_out(count, 0.0):
                continue
            found = second.searchsorted(cause + high, side="right").sum() - second.searchsorted(cause + low, side="left").sum()
            chance = float(found) * scale
            if count >= LIFT * chance and stands_out(count, chance):
                return True
        return False

    def _chance(self) -> Chance:
        tried = self.single & self.effect.probe
        cause, second = self.since[tried], self.effect.second
        if self.clock is not None:
            cause, second = self.clock.day(cause), self.clock.day(second)
        gap = self.gap[self.single]
        return Chance(gap, cause, second, len(gap) / max(len(cause), 1) / len(second))

    def is_queue(self, search: Search, window: Window) -> bool:
        """Bulk actions whose people mostly got the effect one by one within minutes: a queue works them off."""
        timestamps = search.timestamps
        if self.clock is not None or window[0] > QUEUE or not timestamps.bulks[self.code]:
            return False
        inside = self.possible & timestamps.bulk[self.row] & (self.lag >= window[0]) & (self.lag <= min(window[1], QUEUE))
        if np.count_nonzero(inside) < self.effect.few:
            return False
        _, moments, many, _ = search.moments(self.code)
        count = np.bincount(moments.searchsorted(self.since[inside]), minlength=len(moments))
        good = count >= WORKED_OFF * many * self.effect.part
        lags = self.lag[inside][good[moments.searchsorted(self.since[inside])]]
        spread = np.quantile(lags, 0.75) - np.quantile(lags, 0.25) if len(lags) else 0
        proven = np.count_nonzero(good) >= 3 or timestamps.kind[self.effect.code] == ObjectKind.SEQUENCE
        return len(lags) >= self.effect.few and bool(spread >= (1 if proven else SPREAD))

    def is_launch(self, search: Search, window: Window) -> bool:
        """Crowds that came at once, and went on one by one: by way of a sequence, or several crowds at the same distance.

        That a crowd keeps a distance proves nothing by itself. But who adds many people by hand does so in the same second or queue.
        """
        starts, ends, size = search.crowds(self.code)
        if not len(starts):
            return False
        inside = self.possible & (self.gap >= window[0]) & (self.gap <= window[1])
        since = self.since[inside]
        which = starts.searchsorted(since, side="right") - 1
        among = (which >= 0) & (since <= ends[which])
        crowd = np.bincount(which[among], minlength=len(starts)) >= WORKED_OFF * size * self.effect.part
        part = among & crowd[which]
        if np.count_nonzero(part) < max(self.effect.few, 0.5 * len(part)):
            return False
        kinds = search.timestamps.kind[[self.code, self.effect.code]]
        moment = self.effect.moment[inside][part]
        spread = max(float(np.ptp(moment[which[part] == one])) for one in np.unique(which[part]))
        return spread >= SPREAD and bool(ObjectKind.SEQUENCE in kinds or np.count_nonzero(crowd) >= CROWDS)

    def is_twin(self, window: Window) -> bool:
        """Both at once, and not always in this order."""
        part = self.within(window)
        if self.clock is not None or window[0] > CLOSE or not len(part):
            return False
        back = np.count_nonzero(self.held & (self.lag < 0) & (self.lag >= -part[-1]))
        return bool(back > 2 + REVERSED * len(part))

    def cause(self, search: Search, chosen: list[Window], bins: list[Times]) -> Cause:
        """What the gaps within the chosen windows say; ``bins``: see ``divided``."""
        edges, inside = _divide(chosen, bins, self.min_lag) if self.clock is None else _days([self.within(window) for window in chosen])
        fits = np.zeros(len(self.lag), dtype=bool)
        for low, high in chosen:
            fits |= (self.gap >= low) & (self.gap <= high)
        fits &= self.possible
        lag = self.within(chosen[0]) if self.clock is None and len(chosen) == 1 else np.sort(self.lag[fits])
        steady = core(lag)[1] <= UNSTEADY or (search.timestamps.kind[self.code] == ObjectKind.SEQUENCE and self._waits(fits))
        return Cause(
            code=self.code,
            kind=ObjectKind(int(search.timestamps.kind[self.code])),
            edges=edges,
            inside=inside,
            at_risk=self._at_risk(search, edges),
            row=self.row,
            since=self.since,
            lag=self.lag,
            clock=self.clock,
            longest=max(high for _, high in chosen),
            unsteady=not steady,
            soon=self.soon,
            reach=self._reach(search, fits, lag),
            reversed=int(np.count_nonzero(self.held & (self.lag < 0) & (self.lag >= -min(CLOSE, chosen[0][1]))))
            if chosen[0][0] <= CLOSE
            else 0,
        )

    def _reach(self, search: Search, fits: Flags, lag: Times) -> float:
        """Share of its people who get the effect at a usual distance (``fits``, ``lag`` later), of those who had it not before."""
        latest = int(lag[-1])
        held = int(holding(search, self.code, self.row[fits], self.effect.begin, np.array([search.now - latest]))[0])
        return len(lag) / max(held * self.effect.part - self.early, len(lag), 1)

    def _waits(self, fits: Flags) -> bool:
        """Whether the gaps look like waiting for an hour of the day, or for whole days."""
        return bool(half_of_the_day(self.effect.moment[fits])[1] <= HOUR_OF_MAILS or half_of_the_day(self.lag[fits])[1] <= UNSTEADY)

    def _at_risk(self, search: Search, edges: Times) -> Floats:
        """Those who have the cause for so long, less those who got the effect before."""
        ripe = holding(search, self.code, self.row[self.held], self.effect.begin, search.now - edges) * self.effect.part
        before = self.gaps.searchsorted(edges)
        after = np.maximum(len(self.gaps) - before, 0.5)
        left = ripe - before - (int(np.count_nonzero(self.held)) - len(self.gaps))
        at_risk: Floats = np.maximum(left, after) ** TEMPER * after ** (1 - TEMPER)
        return at_risk


def holding(search: Search, code: int, rows: Times, begin: int, second: Times) -> Times:
    """How many had got a cause up to each of these seconds: all but by bulk actions, and of these the given ``rows``.

    Those whom a bulk action gave both cause and effect are counted nowhere, nor those who came before the second ``begin``.
    """
    timestamps = search.timestamps
    count = search.moments(code).until(second, begin)
    if not timestamps.bulks[code]:
        return count
    moved = timestamps.second[rows[timestamps.bulk[rows]]].astype(np.int64)
    moved = np.sort(moved[moved >= begin])
    return count + moved.searchsorted(second, side="right")


def _days(parts: list[Times]) -> tuple[Times, Flags]:
    """One bin for each number of days."""
    days = np.unique(np.concatenate(parts))
    edges = np.unique(np.concatenate([days, days + 1]))
    return edges, np.isin(edges[:-1], days)


def _divide(chosen: list[Window], bins: list[Times], min_lag: int) -> tuple[Times, Flags]:
    """The bins within the windows, and some wider ones beside them for the late and the early."""
    edges, spans = set[int](), []
    for (low, high), borders in zip(chosen, bins, strict=True):
        slope, end = high - low + 30, high + 1
        edges.update(borders.tolist())
        edges.update((low, end, end + slope, end + 3 * slope, end + 7 * slope, low - slope, low - 3 * slope))
        spans.append((low - 3 * slope, end + 7 * slope))
    line = np.array(sorted({max(edge, min_lag) for edge in edges}))
    inside = np.zeros(len(line) - 1, dtype=bool)
    for first, last in spans:
        inside[line.searchsorted(first) : line.searchsorted(last)] = True
    return line, inside


def divided(parts: list[Times]) -> list[Times]:
    """For each part (gaps in ascending order) the borders of bins within which they are equally dense.

    All at once: what numpy takes for one part of some hundred gaps is hardly less than what it takes for all.
    """
    if not parts:
        return []
    # The gaps of all parts are one ascending row: the part's number stands before the gap.
    ordered = np.concatenate(parts) + np.repeat(np.arange(len(parts)) << PART, [len(part) for part in parts])
    edges = _equal(ordered, [len(part) for part in parts])
    for _ in range(MERGES):
        if len(edges) <= 2:
            break
        place = ordered.searchsorted(edges)
        count, width = place[1:] - place[:-1], edges[1:] - edges[:-1]
        fit = count * np.log(np.maximum(count, 1) / width)
        both, wide = count[1:] + count[:-1], width[1:] + width[:-1]
        cost = fit[1:] + fit[:-1] - both * np.log(np.maximum(both, 1) / wide)
        cost[(edges[2:] ^ edges[:-2]) >> PART != 0] = np.inf
        best = cost <= ALIKE
        best[1:] &= cost[1:] < cost[:-1]
        best[:-1] &= cost[:-1] <= cost[1:]
        if not best.any():
            break
        edges = edges[np.concatenate([[True], ~best, [True]])]
    begins = edges.searchsorted(np.arange(len(parts) + 1) << PART).tolist()
    edges &= (1 << PART) - 1
    return [edges[first:last] for first, last in pairwise(begins)]


def _equal(ordered: Times, sizes: list[int]) -> Times:
    """Borders of bins that hold about as many gaps of a part each; a gap that many share has its own."""
    border = np.ones(len(ordered) + 1, dtype=bool)
    border[1:-1] = ordered[1:] != ordered[:-1]
    places = np.flatnonzero(border)
    new, count, value = places[:-1], places[1:] - places[:-1], ordered[places[:-1]]
    part, ends = value >> PART, np.cumsum(sizes)
    per_bin = np.maximum(np.array(sizes) // MAX_BINS, PER_BIN)[part]
    step, many = (new - (ends - sizes)[part]) // per_bin, count >= per_bin
    start = np.ones(len(new), dtype=bool)
    start[1:] = (step[1:] != step[:-1]) | many[1:] | many[:-1] | (part[1:] != part[:-1])
    return np.unique(np.concatenate([value[start], value[many] + 1, ordered[ends - 1] + 1]))
