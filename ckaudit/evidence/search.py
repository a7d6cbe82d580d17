"""What the search for links works on: all timestamps, and one object looked at as an effect of others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from ckaudit.evidence.clock import DAY, HOUR, Clock, clock_of
from ckaudit.evidence.parents import Times
from ckaudit.evidence.timestamp_index import BULK, PAUSE, TimestampIndex
from ckaudit.model.events import ObjectKind

SAMPLE = 8000
MIN_SAMPLE = 1500
WORK = 1_500_000_000
"""People on whom causes are weighed against each other: as many as keep the whole account within a time, ``WORK`` / timestamps."""
RIPE = 3600
"""Seconds after which most effects that come at once have come."""
PROBE = 500
"""People on whom it is tried what chance would do."""

QUEUE = 600
"""Seconds within which a queue has worked off most people of one bulk action."""
FEW = 8
"""People have so many timestamps each, or so: an object of more people than that is looked for among the timestamps of the people asked
about, any other among its own."""

Steps: TypeAlias = "frozenset[tuple[int, int]]"
"""Codes of cause and effect where Kit is known to have done the step."""


LAST = np.iinfo(np.int32).max


class Crowds(NamedTuple):
    """Stretches of time in which many people got one object: first and last second, and how many people."""

    start: Times
    end: Times
    size: Times


class Moments(NamedTuple):
    """When people got one object, in order of time: ``single`` one by one, ``bulk`` in bulk actions (each second once, ``many`` people).

    ``ripe``: how many one by one, ``RIPE`` seconds ago or longer.
    """

    single: npt.NDArray[np.int32]
    bulk: npt.NDArray[np.int32]
    many: Times
    ripe: int

    def until(self, second: Times, begin: int = 0) -> Times:
        """How many people, one by one, up to each of these seconds and from ``begin`` on."""
        # Numbers as small as the moments: else numpy would copy all of these into larger ones.
        count = self.single.searchsorted(np.minimum(second, LAST).astype(np.int32), side="right")
        return np.maximum(count - self.single.searchsorted(np.int32(begin)), 0) if begin else count


@dataclass(frozen=True, slots=True)
class Search:
    """What the search for links works on. ``now`` is in the seconds of ``timestamps``, ``scratch`` has one -1 per person.

    ``known`` and ``crowded``: what ``moments`` and ``crowds`` worked out. Many objects have one cause in common, which has many people.

    ``since`` tells for each object from which second on its timestamps are there; who got it earlier may have it all the same.
    ``awake``: how many times more often than evenly people fill in forms at each hour of the day.
    ``steps`` are known only when all objects were looked at once.
    """

    timestamps: TimestampIndex
    now: int
    min_support: int
    scratch: npt.NDArray[np.int32]
    since: npt.NDArray[np.int64]
    awake: npt.NDArray[np.float64]
    steps: Steps = frozenset()
    known: dict[int, Moments] = field(default_factory=dict)
    crowded: dict[int, Crowds] = field(default_factory=dict)

    @property
    def half(self) -> int:
        """How few people still make a cause worth a look."""
        return self.min_support // 2

    def moments(self, code: int) -> Moments:
        """When people got an object."""
        if code not in self.known:
            rows = self.timestamps.rows(code)
            second, bulk = self.timestamps.second[rows], self.timestamps.bulk[rows]
            single = second[~bulk]
            ripe = int(np.count_nonzero(single <= self.now - RIPE))
            self.known[code] = Moments(single, *np.unique(second[bulk], return_counts=True), ripe)
        return self.known[code]

    def crowds(self, code: int) -> Crowds:
        """The crowds of an object: ``BULK`` people and more within ``QUEUE`` seconds, who rest for ``PAUSE`` seconds at most."""
        if code not in self.crowded:
            when = self.timestamps.when(code).astype(np.int64)
            first = np.flatnonzero(np.diff(when, prepend=when[0] - PAUSE - 1) > PAUSE)
            last = np.append(first[1:], len(when)) - 1
            big = (last - first + 1 >= BULK) & (when[last] - when[first] <= QUEUE)
            self.crowded[code] = Crowds(when[first[big]], when[last[big]], (last - first + 1)[big])
        return self.crowded[code]

    def rows_of(self, code: int, people: npt.NDArray[np.int32]) -> Times:
        """The row of an object in each of the people, -1 where there is none."""
        timestamps = self.timestamps
        rows = timestamps.rows(code)
        if len(rows) > FEW * len(people):
            row, place = timestamps.rows_of(people)
            own = timestamps.code[row] == code
            among = np.full(len(people), -1)
            among[place[own]] = row[own]
            return among
        who = timestamps.person[rows]
        self.scratch[who] = rows
        found = self.scratch[people].astype(np.int64)
        self.scratch[who] = -1
        return found


def begin(timestamps: TimestampIndex, now: int, min_support: int, since: npt.NDArray[np.int64] | None = None) -> Search:
    """``now`` and ``since`` (see ``Search``; by default the first timestamp of all) in the seconds of ``timestamps``."""
    scratch = np.full(len(timestamps.lot), -1, dtype=np.int32)
    sooner = np.zeros(len(timestamps.keys), dtype=np.int64) if since is None else since
    return Search(timestamps, now, min_support, scratch, sooner, _awake(timestamps))


def _awake(timestamps: TimestampIndex) -> npt.NDArray[np.float64]:
    """Averaged over three hours. Forms are what people do themselves; where there are none, all timestamps must do."""
    forms = np.flatnonzero(timestamps.kind == ObjectKind.FORM)
    last = timestamps.first[forms[-1] + 1] if len(forms) else len(timestamps.order)
    count = np.bincount(timestamps.second[timestamps.order[:last]] % DAY // HOUR, minlength=24) + 1.0
    return np.asarray((count + np.roll(count, 1) + np.roll(count, -1)) * 8 / count.sum())


@dataclass(frozen=True, slots=True)
class Effect:
    """One object as an effect: its ``row``s in order of time and their ``second``s, without imports and bulk actions.

    ``sample``: the rows on which causes are weighed, ``part`` of all, with their ``people`` and their ``moment``s; so ``few`` of them still
    make a cause worth a look. ``probe``: a smaller sample of the sample. ``theirs``: what else its
    people have, from the second ``begin`` on, as the sample. ``clock``: the hour which the effects keep, if they do.
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
    clock: Clock | None

    def rows_of(self, code: int) -> Times:
        """The row of an object in each person of the sample, -1 where there is none."""
        found = np.full(len(self.sample), -1)
        theirs = self.theirs
        at = int(theirs.codes.searchsorted(code))
        if at < len(theirs.codes) and theirs.codes[at] == code:
            chosen = slice(theirs.first[at], theirs.first[at + 1])
            found[theirs.place[chosen]] = theirs.row[chosen]
        return found


class Theirs(NamedTuple):
    """The timestamps of the people in a sample, object by object, of the objects (``codes``) that enough of them have.

    Each row, and the person's place in the sample; ``first[n]:first[n + 1]`` are those of the n-th object.
    """

    row: Times
    place: Times
    codes: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]


def _theirs(timestamps: TimestampIndex, people: npt.NDArray[np.int32], begin: int, target: int, few: int) -> Theirs:
    row, place = timestamps.rows_of(people)
    code = timestamps.code[row]
    number = np.bincount(code, minlength=len(timestamps.keys))
    often = number >= few
    often[target] = False
    keep = often[code]
    if begin:
        keep &= timestamps.second[row] >= begin
        number = np.bincount(code[keep], minlength=len(timestamps.keys))
    row, place, code = row[keep], place[keep], code[keep]
    # numpy sorts 16 bits by their value, without comparing
    order = np.argsort(code.astype(np.uint16) if len(timestamps.keys) <= 2**16 else code, kind="stable")
    codes = np.flatnonzero(often & (number > 0))
    return Theirs(row[order], place[order], codes, np.concatenate([[0], np.cumsum(number[codes])]))


def as_effect(search: Search, code: int, causes: npt.NDArray[np.int64] | None = None) -> Effect:
    """Look at an object as an effect of some others, in the time for which the timestamps of all are there, if that is not too short."""
    timestamps = search.timestamps
    row = timestamps.single(code)
    second = timestamps.second[row].astype(np.int64)
    enough = max(MIN_SAMPLE, min(SAMPLE, WORK // len(timestamps.code)))
    limits = [] if causes is None else search.since[[code, *causes.tolist()]].tolist()
    begin = max((limit for limit in limits if len(row) - second.searchsorted(limit) >= search.min_support), default=0)
    start = int(second.searchsorted(begin))
    drawn = timestamps.drawn(timestamps.person[row[start:]], enough / max(len(row) - start, 1))
    sample, moment = row[start:][drawn], second[start:][drawn]
    part = len(sample) / max(len(row) - start, 1)
    few = max(round(search.half * part), 5)
    people = timestamps.person[sample]
    probe = timestamps.drawn(people, PROBE / max(len(row) - start, 1))
    return Effect(
        code, row, second, sample, part, people, moment, few, probe, _theirs(timestamps, people, begin, code, few), begin, clock_of(moment)
    )
