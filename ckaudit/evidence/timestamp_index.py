"""The timestamps indexed for mining: objects as small codes, people as row numbers, each object's timestamps in order of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ckaudit.model.events import Events, Ints, ObjectKind
from ckaudit.model.refs import Key

PART = 1 << 20
"""Rows that are worked on at once: what lies beside them in memory is no larger."""
BULK = 20
"""So many people timestamped with one object in one second were moved by an import or a bulk action, not one by one."""

STEADY, PAUSE = 4, 60
"""A queue works people off in so many seconds at least, and rests for no longer than so many."""


@dataclass(frozen=True, slots=True)
class TimestampIndex:
    """One row per timestamp, ordered by person and second.

    ``person`` counts from 0, ``code`` is the object's place in ``keys``, ``second`` counts from the first timestamp. Person p has the rows
    ``begin[p]:begin[p + 1]``. ``rank`` grows by one with every new second of a person, so that two rows of a person with ranks at most one
    apart have no timestamp between them. ``order`` lists the rows by (code, second, person); ``first[c]:first[c + 1]`` is object c's part
    of it. ``bulk`` marks rows that came many at once, ``massed`` those of them that share one second; ``bulks`` counts the former of each
    object. ``lot`` is a random-looking number per person, made of the person's timestamps alone, by which samples are drawn: so neither
    the numbering of people nor the epoch matters.
    """

    keys: tuple[Key, ...]
    kind: npt.NDArray[np.int8]
    person: npt.NDArray[np.int32]
    code: npt.NDArray[np.int32]
    second: npt.NDArray[np.int32]
    begin: npt.NDArray[np.int64]
    rank: npt.NDArray[np.int32]
    order: npt.NDArray[np.int32]
    first: npt.NDArray[np.int64]
    bulk: npt.NDArray[np.bool_]
    massed: npt.NDArray[np.bool_]
    bulks: Ints
    lot: npt.NDArray[np.uint64]

    def rows(self, code: int) -> npt.NDArray[np.int32]:
        """The rows of one object in order of time."""
        return self.order[self.first[code] : self.first[code + 1]]

    def when(self, code: int) -> npt.NDArray[np.int32]:
        """The seconds of one object in order of time."""
        return self.second[self.rows(code)]

    def single(self, code: int) -> npt.NDArray[np.int32]:
        """The same without imports and bulk actions, which are nobody's automation. A queue that works people off is none of these."""
        rows = self.rows(code)
        many = self.massed[rows]
        return rows[~many | _queued(self.second[rows])] if many.any() else rows

    def rows_of(self, people: npt.NDArray[np.int32]) -> tuple[Ints, Ints]:
        """All rows of these people, person by person, and the place among ``people`` that each belongs to."""
        first, count = self.begin[people], self.begin[people + 1] - self.begin[people]
        place = np.repeat(np.arange(len(people)), count)
        return np.arange(len(place)) + np.repeat(first - np.cumsum(count) + count, count), place

    def drawn(self, people: npt.NDArray[np.int32], share: float) -> npt.NDArray[np.bool_]:
        """Which of the people a sample of this share contains."""
        return self.lot[people] < np.uint64(int(share * 2**64)) if share < 1 else np.ones(len(people), dtype=bool)


def index(events: Events) -> TimestampIndex:
    """Index the timestamps. Takes time in proportion to n log n and about 60 bytes a row."""
    keys, kinds, code = _codes(events)
    fresh = np.ones(len(events), dtype=bool)
    fresh[1:] = events.person[1:] != events.person[:-1]
    person = (np.cumsum(fresh) - 1).astype(np.int32)
    begin = np.append(np.flatnonzero(fresh), len(fresh))
    fresh[1:] |= events.second[1:] != events.second[:-1]
    rank = np.cumsum(fresh).astype(np.int32)
    second = (events.second - events.second.min()).astype(np.int32)
    order = _order(code, second)
    first = np.concatenate([[0], np.cumsum(np.bincount(code, minlength=len(keys)))])
    bulk, massed = _bulk(first, second, order)
    return TimestampIndex(
        keys=keys,
        kind=kinds,
        person=person,
        code=code,
        second=second,
        begin=begin,
        rank=rank,
        order=order,
        first=first,
        bulk=bulk,
        massed=massed,
        bulks=np.bincount(code[bulk], minlength=len(keys)),
        lot=_lots(begin, code, second),
    )


def _codes(events: Events) -> tuple[tuple[Key, ...], npt.NDArray[np.int8], npt.NDArray[np.int32]]:
    parts = [slice(start, start + PART) for start in range(0, len(events), PART)]
    ids = np.unique(np.concatenate([np.unique(events.id[part]) for part in parts]))
    both = np.empty(len(events), dtype=np.int32)
    for part in parts:
        both[part] = events.kind[part].astype(np.int64) * len(ids) + np.searchsorted(ids, events.id[part])
    present = np.bincount(both, minlength=3 * len(ids)) > 0
    kinds, places = np.divmod(np.flatnonzero(present), len(ids))
    keys = tuple(Key(ObjectKind(int(kind)).kind, int(ids[at])) for kind, at in zip(kinds, places, strict=True))
    return keys, kinds.astype(np.int8), (np.cumsum(present) - 1).astype(np.int32)[both]


def _lots(begin: npt.NDArray[np.int64], code: npt.NDArray[np.int32], second: npt.NDArray[np.int32]) -> npt.NDArray[np.uint64]:
    found = np.empty(len(begin) - 1, dtype=np.uint64)
    for low, high in _stretches(begin):
        rows = slice(begin[low], begin[high])
        mixed = (second[rows].astype(np.uint64) + code[rows].astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) * np.uint64(
            0xBF58476D1CE4E5B9
        )
        mixed ^= mixed >> np.uint64(29)
        total = np.add.reduceat(mixed, begin[low:high] - begin[low]) * np.uint64(0x94D049BB133111EB)
        found[low:high] = total ^ (total >> np.uint64(32))
    return found


def _stretches(begin: npt.NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """The groups that rows are divided into (each begins where the last ends), in stretches of about ``PART`` rows."""
    low = 0
    while low < len(begin) - 1:
        high = max(int(begin.searchsorted(begin[low] + PART)), low + 1)
        high = min(high, len(begin) - 1)
        yield low, high
        low = high


def _queued(seconds: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Which of these seconds, in order of time, belong to a queue: ``STEADY`` seconds at least, none of them with most of the people."""
    starts = np.flatnonzero(np.diff(seconds, prepend=seconds[0] - PAUSE - 1) > PAUSE)
    sizes = np.diff(np.append(starts, len(seconds)))
    fresh = np.flatnonzero(np.diff(seconds, prepend=-1) > 0)
    most = np.maximum.reduceat(np.diff(np.append(fresh, len(seconds))), fresh.searchsorted(starts))
    several = np.diff(np.append(fresh.searchsorted(starts), len(fresh))) >= STEADY
    return np.repeat(several & (2 * most <= sizes), sizes)


def _order(code: npt.NDArray[np.int32], second: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Rows by (code, second), else as they come. One digit of 16 bits after the other, from the last, because numpy sorts these fastest."""
    if max(int(second.max()) >> 16, int(code.max())) > 0xFFFF:
        return np.lexsort((second, code)).astype(np.int32)
    order = np.argsort((second & 0xFFFF).astype(np.uint16), kind="stable").astype(np.int32)
    for digit in ((second >> 16).astype(np.uint16), code.astype(np.uint16)):
        order = order[np.argsort(digit[order], kind="stable")]
    return order


def _bulk(
    first: npt.NDArray[np.int64], second: npt.NDArray[np.int32], order: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Rows that came with more than ``BULK`` others of their object, in one second or on both sides of its end; and those in one second."""
    bulk, massed = np.zeros(len(order), dtype=bool), np.zeros(len(order), dtype=bool)
    for low, high in _stretches(first):
        rows = order[first[low] : first[high]]
        seconds = second[rows]
        fresh = np.ones(len(rows), dtype=bool)
        fresh[1:] = seconds[1:] != seconds[:-1]
        heads = first[low:high] - first[low]
        fresh[heads[heads < len(rows)]] = True
        starts = np.flatnonzero(fresh)
        sizes = np.diff(np.append(starts, len(rows)))
        next_to = seconds[starts[1:]] == seconds[starts[:-1]] + 1
        next_to &= ~np.isin(starts[1:], heads)
        both = np.where(next_to, sizes[1:] + sizes[:-1], 0) > BULK
        one = sizes > BULK
        many = one.copy()
        many[1:] |= both
        many[:-1] |= both
        bulk[rows] = np.repeat(many, sizes)
        massed[rows] = np.repeat(one, sizes)
    return bulk, massed
