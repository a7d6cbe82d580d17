"""One object looked at as a cause of another: are the gaps too regular for chance, and how are they spread?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ckaudit.evidence.pairs import ties_count
from ckaudit.evidence.parents import Flags, Floats, Times
from ckaudit.evidence.peaks import Window, core, stands_out
from ckaudit.evidence.search import Effect, Search
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
DAY = 86400
HOUR_OF_MAILS = 3 * 3600
"""Seconds of the day within which half of the people leave a sequence whose mails wait for an hour. People who click in a mail, or buy
because of it, spread wider."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A possible cause.

    ``edges`` divide the gaps into bins, of which ``inside`` are near a peak; ``at_risk``: at each edge, how many people got the cause so
    long ago and might still get the effect. ``row`` and ``lag``: its row in each person of the sample (-1: none), and the seconds to the
    effect. ``clear``: people within the peaks without another timestamp between. ``longest``: the end of the
    last peak in seconds. ``unsteady``: not a sequence, and yet no fixed delay.
    """

    code: int
    edges: Times
    inside: Flags
    at_risk: Floats
    row: Times
    lag: Times
    clear: int
    longest: int
    unsteady: bool

    @property
    def widths(self) -> Floats:
        """Seconds of each bin inside."""
        return np.diff(self.edges)[self.inside].astype(float)

    def places(self, row: Times, lag: Times) -> tuple[Times, Floats]:
        """The bin of each gap, counting from 1, 0 where it is in none; and by how few people the rate there is shared (1 / at risk)."""
        number = np.concatenate([[0], np.where(self.inside, np.cumsum(self.inside), 0), [0]])
        found: Times = np.where(row >= 0, number[self.edges.searchsorted(lag, side="right")], 0)
        return found, 1 / np.interp(lag, self.edges, self.at_risk)


class Look:
    """One object looked at as a cause. ``gaps`` are the distances in ascending order."""

    __slots__ = ("code", "effect", "gaps", "held", "lag", "min_lag", "possible", "row")

    def __init__(self, search: Search, effect: Effect, code: int) -> None:
        timestamps = search.timestamps
        self.code, self.effect = code, effect
        self.row = effect.rows_of(code)
        self.lag = effect.moment - timestamps.second[self.row]
        self.held = self.row >= 0
        tie = ties_count(self.lag[self.held], (int(timestamps.kind[code]), int(timestamps.kind[effect.code])))
        self.min_lag = 0 if tie else 1
        self.possible = self.held & (self.lag >= self.min_lag)
        self.gaps = np.sort(self.lag[self.possible])

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
        single = self.possible & ~search.timestamps.bulk[self.row]
        tried = single & self.effect.probe
        cause, second = search.timestamps.second[self.row[tried]], self.effect.second
        lag, scale = self.lag[single], np.count_nonzero(single) / max(len(cause), 1) / len(second)
        start, wide = core(part)
        for low, high in (window, (start, start + wide)):
            count = int(np.count_nonzero((lag >= low) & (lag <= high)))
            found = second.searchsorted(cause + high, side="right") - second.searchsorted(cause + low, side="left")
            chance = float(found.sum()) * scale
            if count >= LIFT * chance and stands_out(count, chance):
                return True
        return False

    def is_twin(self, window: Window) -> bool:
        """Both at once, and not always in this order."""
        part = self.within(window)
        if window[0] > CLOSE or not len(part):
            return False
        back = np.count_nonzero(self.held & (self.lag < 0) & (self.lag >= -part[-1]))
        return bool(back > 2 + REVERSED * len(part))

    def cause(self, search: Search, chosen: list[Window]) -> Cause:
        """What the gaps within the chosen windows say."""
        timestamps, effect = search.timestamps, self.effect
        parts = [self.within(window) for window in chosen]
        edges, inside = _divide(chosen, parts, self.min_lag)
        fits = np.zeros(len(self.lag), dtype=bool)
        for low, high in chosen:
            fits |= self.possible & (self.lag >= low) & (self.lag <= high)
        between = timestamps.rank[effect.sample[fits]] - timestamps.rank[self.row[fits]]
        steady = core(np.concatenate(parts))[1] <= UNSTEADY or (timestamps.kind[self.code] == ObjectKind.SEQUENCE and self._waits(fits))
        return Cause(
            code=self.code,
            edges=edges,
            inside=inside,
            at_risk=self._at_risk(search, edges),
            row=self.row,
            lag=self.lag,
            clear=int(np.count_nonzero(between <= 1)),
            longest=max(high for _, high in chosen),
            unsteady=not steady,
        )

    def _waits(self, fits: Flags) -> bool:
        """Whether the gaps look like waiting for an hour of the day, or for whole days."""
        return bool(_half_of_the_day(self.effect.moment[fits]) <= HOUR_OF_MAILS or _half_of_the_day(self.lag[fits]) <= UNSTEADY)

    def _at_risk(self, search: Search, edges: Times) -> Floats:
        """Those who have the cause for so long, less those who got the effect before."""
        ripe = (
            holding(search, self.code, self.row[self.held], self.effect.begin).searchsorted(search.now - edges, side="right")
            * self.effect.part
        )
        before = self.gaps.searchsorted(edges)
        after = np.maximum(len(self.gaps) - before, 0.5)
        left = ripe - before - (np.count_nonzero(self.held) - len(self.gaps))
        at_risk: Floats = np.maximum(left, after) ** TEMPER * after ** (1 - TEMPER)
        return at_risk


def _half_of_the_day(seconds: Times) -> int:
    """The shortest part of the clock's day, in seconds, in which half of these times lie."""
    clock = np.sort(seconds % DAY)
    half = (len(clock) + 1) // 2
    around = np.concatenate([clock, clock[: half - 1] + DAY])
    return int((around[half - 1 :] - around[: len(clock)]).min())


def holding(search: Search, code: int, rows: Times, begin: int) -> Times:
    """When people got a cause, in order of time: all but by bulk actions, and of these the given ``rows``.

    Those whom a bulk action gave both cause and effect are counted nowhere, nor those who came before the second ``begin``.
    """
    timestamps = search.timestamps
    first, last = timestamps.first[code], timestamps.first[code + 1]
    first += timestamps.when[first:last].searchsorted(begin)
    when, own = timestamps.when[first:last], timestamps.order[first:last]
    if not timestamps.bulky[code]:
        return when
    return when[~timestamps.bulk[own] | np.isin(own, rows[timestamps.bulk[rows]])]


def _divide(chosen: list[Window], parts: list[Times], min_lag: int) -> tuple[Times, Flags]:
    """Bins within the windows that hold about as many people each, and some wider ones beside them for the late and the early."""
    edges, spans = [], []
    for (low, high), part in zip(chosen, parts, strict=True):
        slope = high - low + 30
        edges += [np.array([low, high + 1]), _bins(part)]
        edges += [high + 1 + slope * np.array([1, 3, 7]), low - slope * np.array([1, 3])]
        spans.append((low - 3 * slope, high + 1 + 7 * slope))
    line = np.unique(np.maximum(np.concatenate(edges), min_lag))
    inside = np.zeros(len(line) - 1, dtype=bool)
    for first, last in spans:
        inside |= (line[:-1] >= first) & (line[:-1] < last)
    return line, inside


def _bins(ordered: Times) -> Times:
    """Borders of bins within which the values are equally dense."""
    edges = _equal(ordered, max(PER_BIN, len(ordered) // MAX_BINS))
    for _ in range(MERGES):
        if len(edges) <= 2:
            break
        place = ordered.searchsorted(edges)
        count, width = place[1:] - place[:-1], edges[1:] - edges[:-1]
        fit = count * np.log(np.maximum(count, 1) / width)
        both, wide = count[1:] + count[:-1], width[1:] + width[:-1]
        cost = fit[1:] + fit[:-1] - both * np.log(np.maximum(both, 1) / wide)
        best = cost <= ALIKE
        best[1:] &= cost[1:] < cost[:-1]
        best[:-1] &= cost[:-1] <= cost[1:]
        if not best.any():
            break
        edges = edges[np.concatenate([[True], ~best, [True]])]
    return edges


def _equal(ordered: Times, per_bin: int) -> Times:
    """Borders of bins that hold about ``per_bin`` values each; a value that many share has its own."""
    border = np.ones(len(ordered) + 1, dtype=bool)
    border[1:-1] = ordered[1:] != ordered[:-1]
    places = np.flatnonzero(border)
    new, count = places[:-1], places[1:] - places[:-1]
    step, many = new // per_bin, count >= per_bin
    start = np.ones(len(new), dtype=bool)
    start[1:] = (step[1:] != step[:-1]) | many[1:] | many[:-1]
    value = ordered[new]
    return np.unique(np.concatenate([value[start], value[many] + 1, ordered[-1:] + 1]))
