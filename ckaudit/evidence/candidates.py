"""The possible causes of one object: objects its people got before, at a distance too regular for chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ckaudit.evidence.pairs import BINS, Pairs, bins, follow, ties_count
from ckaudit.evidence.parents import Cases, Flags, Times
from ckaudit.evidence.peaks import Window, peaks, stands_out, windows, with_slopes
from ckaudit.evidence.stamps import Stamps

MOST = 8
"""Causes at most, next to the effect, that are weighed for one object."""
FAR = 3
FURTHER = 2
"""Further causes at most: ones that have other stamps between, which explain what looks like a link and is none."""
LIFT = 2.5
"""How many times more people than by chance a cause must explain."""
REVERSED = 0.2
"""Share of people with effect before cause, at the same distance, from which two objects count as twins rather than cause and effect."""
SAMPLE = 3000
"""People, about, on whom causes are weighed against each other."""
LADDER = (600, 3600, 6 * 3600, 86400, 4 * 86400)


@dataclass(frozen=True, slots=True)
class Search:
    """What the search for links works on. ``now`` is in the seconds of ``stamps``, ``scratch`` has one -1 per person.

    ``since`` tells for each object from which second on its stamps are there; who got it earlier may have it all the same.
    """

    stamps: Stamps
    pairs: Pairs
    fits: npt.NDArray[np.int64]
    now: int
    fewest: int
    scratch: npt.NDArray[np.int64]
    since: npt.NDArray[np.int64]

    @property
    def half(self) -> int:
        """How few people still make a cause worth a look."""
        return self.fewest // 2

    def rows_of(self, code: int, people: Times) -> Times:
        """The row of an object in each of the people, -1 where there is none."""
        rows = self.stamps.rows(code)
        who = self.stamps.person[rows]
        self.scratch[who] = rows
        found = self.scratch[people]
        self.scratch[who] = -1
        return found


def begin(stamps: Stamps, now: int, fewest: int, since: npt.NDArray[np.int64] | None = None) -> Search:
    """Count all pairs; ``now`` and ``since`` (see ``Search``; by default the first stamp of all) in the seconds of ``stamps``."""
    pairs = follow(stamps, fewest // 2)
    fits = np.zeros(len(pairs.source), dtype=np.int64)
    for start in range(0, len(fits), 20_000):
        part = pairs.histogram[start : start + 20_000]
        fits[start : start + 20_000] = (part * peaks(part, fewest // 2)).sum(axis=1)
    scratch = np.full(len(stamps.lot), -1, dtype=np.int64)
    return Search(stamps, pairs, fits, now, fewest, scratch, np.zeros(len(stamps.keys), dtype=np.int64) if since is None else since)


@dataclass(frozen=True, slots=True)
class Effect:
    """One object as an effect: its rows in order of time, their people and seconds."""

    code: int
    row: Times
    people: Times
    second: Times
    densest: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Cause:
    """A possible cause with one range of distances. ``row``: its row in each person of the effect (-1: none); ``clear``: people of ``fits``
    without another stamp between."""

    code: int
    window: Window
    row: Times
    fits: Flags
    clear: int
    tie: bool


def as_effect(search: Search, code: int) -> Effect:
    """Look at an object as an effect."""
    row = search.stamps.rows(code)
    second = search.stamps.second[row]
    spans = [int((np.searchsorted(second, second + span, side="right") - np.arange(len(row))).max(initial=0)) for span in LADDER]
    return Effect(code, row, search.stamps.person[row].astype(np.int64), second, tuple(span / max(len(row), 1) for span in spans))


def possible_codes(search: Search, target: int) -> list[int]:
    """Objects that may be the cause of ``target``: those that often come shortly before it, and what in turn comes before these."""
    near = _before(search, target)
    beside = [pair for pair in near if search.pairs.clear[pair] >= search.half][:MOST]
    behind = [pair for pair in near if search.pairs.clear[pair] < search.half][:FAR]
    codes = {int(search.pairs.source[pair]) for pair in beside + behind}
    for pair in beside[:FURTHER]:
        codes |= {int(search.pairs.source[before]) for before in _before(search, int(search.pairs.source[pair]))[:2]}
    return sorted(codes - {target})


def _before(search: Search, target: int) -> list[int]:
    into = np.flatnonzero((search.pairs.target == target) & (search.fits >= search.half))
    return [int(pair) for pair in into[np.lexsort((search.pairs.source[into], -search.fits[into]))]]


def find_causes(search: Search, effect: Effect) -> list[Cause]:
    """The possible causes, ordered by code and distance."""
    codes = possible_codes(search, effect.code)
    looks = [_Look(search, effect, code) for code in codes]
    if not looks:
        return []
    histogram = np.stack([np.bincount(bins(look.gaps), minlength=BINS) for look in looks])
    inside = with_slopes(histogram, peaks(histogram, search.half))
    tries = [
        (look.count(window), look.code, window, look)
        for look, bins_inside in zip(looks, inside, strict=True)
        if bins_inside.any()
        for window in windows(look.gaps, bins_inside, search.half)
    ]
    beside: list[Cause] = []
    behind: list[Cause] = []
    for _, _, window, look in sorted(tries, key=lambda one: (-one[0], *one[1:3])):
        if look.is_regular(search, window) and not look.is_twin(window):
            cause = look.cause(search, window)
            (beside if cause.clear >= search.half else behind).append(cause)
        if len(beside) >= MOST and len(behind) >= FAR:
            break
    return sorted(beside[:MOST] + behind[:FAR], key=lambda cause: (cause.code, cause.window))


class _Look:
    """One object looked at as a cause. ``gaps`` are the distances in ascending order."""

    __slots__ = ("code", "effect", "gaps", "held", "lag", "possible", "row", "tie")

    def __init__(self, search: Search, effect: Effect, code: int) -> None:
        stamps = search.stamps
        self.code, self.effect = code, effect
        self.row = search.rows_of(code, effect.people)
        self.lag = effect.second - stamps.second[self.row]
        self.held = self.row >= 0
        self.tie = ties_count(self.lag[self.held], (int(stamps.kind[code]), int(stamps.kind[effect.code])))
        self.possible = self.held & (self.lag >= (0 if self.tie else 1))
        self.gaps = np.sort(self.lag[self.possible])

    def count(self, window: Window) -> int:
        return int(self.gaps.searchsorted(window[1] + 1) - self.gaps.searchsorted(window[0]))

    def is_regular(self, search: Search, window: Window) -> bool:
        """More people than if everybody's effect were dealt out anew: what imports, launches and rush hours explain is no link."""
        count = self.count(window)
        if count < search.half:
            return False
        wide = window[1] - window[0]
        at_most = next((part for span, part in zip(LADDER, self.effect.densest, strict=True) if wide <= span), 1.0) * len(self.gaps)
        if count >= LIFT * at_most and stands_out(count, at_most):
            return True
        causes = search.stamps.second[self.row[self.possible]]
        begin = self.effect.second.searchsorted(causes + window[0], side="left")
        end = self.effect.second.searchsorted(causes + window[1], side="right")
        chance = float(end.sum() - begin.sum()) / len(self.effect.second)
        return count >= LIFT * chance and stands_out(count, chance)

    def is_twin(self, window: Window) -> bool:
        """Both at once, and not always in this order."""
        if window[0] > 60:
            return False
        furthest = self.gaps[self.gaps.searchsorted(window[1] + 1) - 1]
        back = np.count_nonzero(self.held & (self.lag < 0) & (self.lag >= -furthest))
        return bool(back > 2 + REVERSED * self.count(window))

    def cause(self, search: Search, window: Window) -> Cause:
        rank = search.stamps.rank
        fits = self.possible & (self.lag >= window[0]) & (self.lag <= window[1])
        clear = int(np.count_nonzero(rank[self.effect.row[fits]] - rank[self.row[fits]] <= 1))
        return Cause(self.code, window, self.row, fits, clear, self.tie)


def sample(search: Search, effect: Effect, causes: list[Cause]) -> Cases:
    """Some of the people who have the effect or any of the causes, to weigh the causes on."""
    stamps = search.stamps
    codes = sorted({cause.code for cause in causes})
    holders = np.concatenate([stamps.person[stamps.rows(code)] for code in [effect.code, *codes]])
    if len(holders) > SAMPLE:
        holders = holders[stamps.lot[holders] < np.uint64(int(SAMPLE / len(holders) * 2**64))]
    people = np.unique(holders)
    effect_row = search.rows_of(effect.code, people)
    has, when = effect_row >= 0, stamps.second[effect_row]
    rows = {code: search.rows_of(code, people) for code in codes}
    row = np.stack([rows[cause.code] for cause in causes])
    low = np.array([max(cause.window[0], 0 if cause.tie else 1) for cause in causes])[:, None]
    high = np.array([cause.window[1] for cause in causes])[:, None]
    time = stamps.second[row]
    held, lag = row >= 0, when - time
    fits = held & has & (lag >= low) & (lag <= high)
    ripe = held & (time + high <= search.now) & (time >= search.since[effect.code])
    code = np.array([cause.code for cause in causes])
    return Cases(code, held, time, fits, ripe, high[:, 0], has, when, search.since[code])
