"""The stamps indexed for mining: objects as small codes, people as row numbers, each object's stamps in order of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ckaudit.model.events import Events, Ints, ObjectKind
from ckaudit.model.refs import Key

BULK = 20
"""So many people stamped with one object in one second were moved by an import or a bulk action, not one by one."""


@dataclass(frozen=True, slots=True)
class Stamps:
    """One row per stamp, ordered by person and second.

    ``person`` counts from 0, ``code`` is the object's place in ``keys``, ``second`` counts from the first stamp. ``rank`` grows by one
    with every new second of a person, so that two rows of a person with ranks at most one apart have no stamp between them. ``order``
    lists the rows that are not bulk by (code, second, person); ``first[c]:first[c + 1]`` is object c's part of it. ``bulk`` marks rows
    that came many at once. ``lot`` is one random-looking number per person, made of the person's stamps alone, by which samples are
    drawn: so neither the numbering of people nor the epoch matters.
    """

    keys: tuple[Key, ...]
    kind: npt.NDArray[np.int8]
    person: npt.NDArray[np.int32]
    code: npt.NDArray[np.int32]
    second: Ints
    rank: npt.NDArray[np.int32]
    order: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]
    bulk: npt.NDArray[np.bool_]
    lot: npt.NDArray[np.uint64]

    def rows(self, code: int) -> npt.NDArray[np.int64]:
        """The rows of one object in order of time, without imports and bulk actions."""
        return self.order[self.first[code] : self.first[code + 1]]


def index(events: Events) -> Stamps:
    """Index the stamps. Takes time in proportion to n log n and about 60 bytes a row."""
    keys, kinds, code = _codes(events)
    fresh = np.ones(len(events), dtype=bool)
    fresh[1:] = events.person[1:] != events.person[:-1]
    person = (np.cumsum(fresh) - 1).astype(np.int32)
    fresh[1:] |= events.second[1:] != events.second[:-1]
    rank = np.cumsum(fresh).astype(np.int32)
    second = events.second - events.second.min()
    span = int(second.max()) + 1
    at = code.astype(np.int64) * span + second
    order = np.argsort(at, kind="stable")
    bulk = _bulk(at, order)
    order = order[~bulk[order]]
    return Stamps(
        keys=keys,
        kind=kinds,
        person=person,
        code=code,
        second=second,
        rank=rank,
        order=order,
        first=np.searchsorted(at[order], np.arange(len(keys) + 1) * span),
        bulk=bulk,
        lot=_lots(person, code, second),
    )


def _codes(events: Events) -> tuple[tuple[Key, ...], npt.NDArray[np.int8], npt.NDArray[np.int32]]:
    ids, place = np.unique(events.id, return_inverse=True)
    both = events.kind.astype(np.int64) * len(ids) + place
    present = np.bincount(both, minlength=3 * len(ids)) > 0
    kinds, places = np.divmod(np.flatnonzero(present), len(ids))
    keys = tuple(Key(ObjectKind(int(kind)).kind, int(ids[at])) for kind, at in zip(kinds, places, strict=True))
    return keys, kinds.astype(np.int8), (np.cumsum(present) - 1).astype(np.int32)[both]


def _lots(person: npt.NDArray[np.int32], code: npt.NDArray[np.int32], second: Ints) -> npt.NDArray[np.uint64]:
    mixed = (second.astype(np.uint64) + code.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) * np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(29)
    begin = np.flatnonzero(np.concatenate([[True], person[1:] != person[:-1]]))
    total = np.add.reduceat(mixed, begin) * np.uint64(0x94D049BB133111EB)
    return np.asarray(total ^ (total >> np.uint64(32)))


def _bulk(at: Ints, order: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    ordered = at[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    sizes = np.diff(np.append(starts, len(ordered)))
    marks = np.zeros(len(at), dtype=bool)
    marks[order] = np.repeat(sizes > BULK, sizes)
    return marks
