"""The possible causes of one object: objects its people got before, at a distance too regular for chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ckaudit.evidence.causes import Cause, Look
from ckaudit.evidence.pairs import BINS, Pairs, bins, follow
from ckaudit.evidence.parents import Floats, Mixture, Times
from ckaudit.evidence.peaks import peaks, windows, with_slopes
from ckaudit.evidence.timestamps import Timestamps

MOST = 24
"""Causes at most, next to the effect, that are weighed for one object."""
FAR = 6
"""Further causes at most: ones that have other timestamps between, which explain what looks like a link and is none."""
FURTHER = 3
"""As many causes of the strongest causes are weighed, too."""
AROUND = 86400
"""Seconds before and after a timestamp in which its like show how often it happens without a cause."""
BEHIND = 6.0
"""Nats that count against a cause when another possible one is always nearer: steps of one automation far outnumber twins."""
UNSTEADY = 150.0
"""Nats that count against one that is not a sequence and yet keeps no fixed delay."""
SAMPLE = 8000
LEAST_SAMPLE = 1500
WORK = 1_500_000_000
"""People on whom causes are weighed against each other: as many as keep the whole account within a time, ``WORK`` / timestamps."""
PROBE = 500
"""People on whom it is tried what chance would do."""


@dataclass(frozen=True, slots=True)
class Search:
    """What the search for links works on. ``now`` is in the seconds of ``timestamps``, ``scratch`` has one -1 per person.

    ``since`` tells for each object from which second on its timestamps are there; who got it earlier may have it all the same.
    """

    timestamps: Timestamps
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

    def rows_of(self, code: int, people: npt.NDArray[np.int32]) -> Times:
        """The row of an object in each of the people, -1 where there is none."""
        rows = self.timestamps.rows(code)
        who = self.timestamps.person[rows]
        self.scratch[who] = rows
        found = self.scratch[people]
        self.scratch[who] = -1
        return found


def begin(timestamps: Timestamps, now: int, fewest: int, since: npt.NDArray[np.int64] | None = None) -> Search:
    """Count all pairs; ``now`` and ``since`` (see ``Search``; by default the first timestamp of all) in the seconds of ``timestamps``."""
    pairs = follow(timestamps, fewest // 2)
    fits = np.zeros(len(pairs.source), dtype=np.int64)
    for start in range(0, len(fits), 20_000):
        part = pairs.histogram[start : start + 20_000]
        fits[start : start + 20_000] = (part * peaks(part, fewest // 2)).sum(axis=1)
    scratch = np.full(len(timestamps.lot), -1, dtype=np.int64)
    return Search(timestamps, pairs, fits, now, fewest, scratch, np.zeros(len(timestamps.keys), dtype=np.int64) if since is None else since)


@dataclass(frozen=True, slots=True)
class Effect:
    """One object as an effect: its ``row``s in order of time and their ``second``s, without imports and bulk actions.

    ``sample``: the rows on which causes are weighed, ``part`` of all, with their ``people`` and their ``moment``s; so ``few`` of them still
    make a cause worth a look. ``probe``: a smaller sample of the sample. ``theirs``: what else its
    people have, from the second ``begin`` on, as the sample.
    """

    code: int
    row: npt.NDArray[np.int32]
    second: Times
    sample: npt.NDArray[np.int32]
    part: float
    people: npt.NDArray[np.int32]
    moment: Times
    few: int
    probe: npt.NDArray[np.bool_]
    theirs: Theirs
    begin: int

    def rows_of(self, code: int) -> Times:
        """The row of an object in each person of the sample, -1 where there is none."""
        found = np.full(len(self.sample), -1)
        chosen = np.flatnonzero(self.theirs.code == code)
        found[self.theirs.place[chosen]] = self.theirs.row[chosen]
        return found


class Theirs(NamedTuple):
    """All timestamps of the people in a sample: each row, its object, and the person's place in the sample."""

    row: Times
    code: npt.NDArray[np.int32]
    place: Times


def _theirs(timestamps: Timestamps, people: npt.NDArray[np.int32], begin: int) -> Theirs:
    first, count = timestamps.begin[people], timestamps.begin[people + 1] - timestamps.begin[people]
    place = np.repeat(np.arange(len(people)), count)
    row = np.arange(len(place)) + np.repeat(first - np.cumsum(count) + count, count)
    if begin:
        later = timestamps.second[row] >= begin
        row, place = row[later], place[later]
    return Theirs(row, timestamps.code[row], place)


def as_effect(search: Search, code: int, causes: list[int]) -> Effect:
    """Look at an object as an effect of some others, in the time for which the timestamps of all are there, if that is not too short."""
    timestamps = search.timestamps
    row = timestamps.single(code)
    second = timestamps.second[row]
    enough = max(LEAST_SAMPLE, min(SAMPLE, WORK // len(timestamps.code)))
    begins = [begin for begin in search.since[[code, *causes]].tolist() if len(row) - second.searchsorted(begin) >= search.fewest]
    begin = max(begins, default=0)
    whole = row[second.searchsorted(begin) :]
    sample = whole[timestamps.drawn(timestamps.person[whole], enough / max(len(whole), 1))]
    part = len(sample) / max(len(whole), 1)
    few = max(round(search.half * part), 5)
    people = timestamps.person[sample]
    probe = timestamps.drawn(people, PROBE / max(len(whole), 1))
    return Effect(code, row, second, sample, part, people, timestamps.second[sample], few, probe, _theirs(timestamps, people, begin), begin)


def possible_codes(search: Search, target: int) -> list[int]:
    """Objects that may be the cause of ``target``: those that often come shortly before it, and what in turn comes before these."""
    near = _before(search, target)
    clear = search.pairs.clear
    beside = [pair for pair in near if clear[pair] >= search.half][:MOST]
    behind = [pair for pair in near if clear[pair] < search.half][:FAR]
    codes = {int(search.pairs.source[pair]) for pair in beside + behind}
    for pair in beside[:FURTHER] + behind[:FURTHER]:
        codes |= {int(search.pairs.source[before]) for before in _before(search, int(search.pairs.source[pair]))[:FURTHER]}
    return sorted(codes - {target})


def _before(search: Search, target: int) -> list[int]:
    """The pairs into an object, those first that may be links to most people."""
    into = np.flatnonzero((search.pairs.target == target) & (search.fits >= search.half))
    weight = np.minimum(search.fits[into], 2 * search.pairs.clear[into])
    return [int(pair) for pair in into[np.lexsort((search.pairs.source[into], -weight))]]


def find_causes(search: Search, effect: Effect, codes: list[int]) -> list[Cause]:
    """Those of the objects that may be causes, in their order."""
    looks = [Look(search, effect, code) for code in codes]
    if not looks:
        return []
    histogram = np.stack([np.bincount(bins(look.gaps), minlength=BINS) for look in looks])
    inside = with_slopes(histogram, peaks(histogram, effect.few))
    causes = []
    for look, peak in zip(looks, inside, strict=True):
        if peak.any():
            found = windows(look.gaps, peak, effect.few)
            chosen = [window for window in found if look.is_regular(search, window) and not look.is_twin(window)]
            if chosen:
                causes.append(look.cause(search, chosen))
    return causes


def weigh(search: Search, effect: Effect, causes: list[Cause]) -> Mixture:
    """What is known of the people in the sample."""
    first = np.cumsum([0, *(len(cause.widths) for cause in causes)])
    places, shares = zip(*(cause.places(cause.row, cause.lag) for cause in causes), strict=True)
    own = np.stack(places)
    place = np.where(own > 0, own + first[:-1, None], 0)
    width = np.concatenate([[1.0], *(cause.widths for cause in causes)])
    owner = np.concatenate([[-1], np.repeat(np.arange(len(causes)), np.diff(first))])
    lag = np.stack([cause.lag for cause in causes])
    handicap = BEHIND * _behind(place > 0, lag) + UNSTEADY * np.array([cause.unsteady for cause in causes])
    return Mixture(place, np.stack(shares), width, owner, alone(search, effect, effect.moment), handicap)


def unseen(search: Search, cause: Cause, moment: Times) -> npt.NDArray[np.bool_]:
    """Which effects come so early that the timestamp of this cause might not be there."""
    begins = int(search.since[cause.code])
    return np.asarray(moment < begins + cause.longest) if begins else np.zeros(len(moment), dtype=bool)


def alone(search: Search, effect: Effect, moment: Times) -> Floats:
    """Effects per person and second around each moment, as if nothing caused them."""
    near = effect.second.searchsorted(moment + AROUND, side="right") - effect.second.searchsorted(moment - AROUND, side="left")
    rate: Floats = near / (2 * AROUND * len(search.timestamps.lot))
    return rate


def _behind(held: npt.NDArray[np.bool_], lag: Times) -> Floats:
    """Share of each cause's people for whom another possible cause is nearer; of two in one second the one listed later."""
    near = np.where(held, lag, np.iinfo(np.int64).max)
    nearest = len(lag) - 1 - near[::-1].argmin(axis=0)
    first = np.bincount(nearest[held.any(axis=0)], minlength=len(lag))
    return np.asarray(1 - first / np.maximum(held.sum(axis=1), 1))
