"""What the search for links works on: all pairs of objects, and one object looked at as an effect of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ckaudit.evidence.pairs import Pairs, follow
from ckaudit.evidence.parents import Times
from ckaudit.evidence.peaks import peaks
from ckaudit.evidence.timestamp_index import TimestampIndex

SAMPLE = 8000
MIN_SAMPLE = 1500
WORK = 1_500_000_000
"""People on whom causes are weighed against each other: as many as keep the whole account within a time, ``WORK`` / timestamps."""
PROBE = 500
"""People on whom it is tried what chance would do."""


@dataclass(frozen=True, slots=True)
class Search:
    """What the search for links works on. ``now`` is in the seconds of ``timestamps``, ``scratch`` has one -1 per person.

    ``since`` tells for each object from which second on its timestamps are there; who got it earlier may have it all the same.
    """

    timestamps: TimestampIndex
    pairs: Pairs
    fits: npt.NDArray[np.int64]
    now: int
    min_support: int
    scratch: npt.NDArray[np.int64]
    since: npt.NDArray[np.int64]

    @property
    def half(self) -> int:
        """How few people still make a cause worth a look."""
        return self.min_support // 2

    def rows_of(self, code: int, people: npt.NDArray[np.int32]) -> Times:
        """The row of an object in each of the people, -1 where there is none."""
        rows = self.timestamps.rows(code)
        who = self.timestamps.person[rows]
        self.scratch[who] = rows
        found = self.scratch[people]
        self.scratch[who] = -1
        return found


def begin(timestamps: TimestampIndex, now: int, min_support: int, since: npt.NDArray[np.int64] | None = None) -> Search:
    """Count all pairs; ``now`` and ``since`` (see ``Search``; by default the first timestamp of all) in the seconds of ``timestamps``."""
    pairs = follow(timestamps, min_support // 2)
    fits = np.zeros(len(pairs.source), dtype=np.int64)
    for start in range(0, len(fits), 20_000):
        part = pairs.histogram[start : start + 20_000]
        fits[start : start + 20_000] = (part * peaks(part, min_support // 2)).sum(axis=1)
    scratch = np.full(len(timestamps.lot), -1, dtype=np.int64)
    return Search(
        timestamps, pairs, fits, now, min_support, scratch, np.zeros(len(timestamps.keys), dtype=np.int64) if since is None else since
    )


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


def _theirs(timestamps: TimestampIndex, people: npt.NDArray[np.int32], begin: int) -> Theirs:
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
    enough = max(MIN_SAMPLE, min(SAMPLE, WORK // len(timestamps.code)))
    begins = [begin for begin in search.since[[code, *causes]].tolist() if len(row) - second.searchsorted(begin) >= search.min_support]
    begin = max(begins, default=0)
    whole = row[second.searchsorted(begin) :]
    sample = whole[timestamps.drawn(timestamps.person[whole], enough / max(len(whole), 1))]
    part = len(sample) / max(len(whole), 1)
    few = max(round(search.half * part), 5)
    people = timestamps.person[sample]
    probe = timestamps.drawn(people, PROBE / max(len(whole), 1))
    return Effect(code, row, second, sample, part, people, timestamps.second[sample], few, probe, _theirs(timestamps, people, begin), begin)
