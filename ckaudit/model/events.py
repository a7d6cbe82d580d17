"""Timestamps as data: who got which form, tag or sequence, and when.

One row per visible timestamp, as numpy columns, because an account has up to ten million. This module imports numpy; import it late.
Kit gives one timestamp per person and object (``tagged_at``, ``added_at``). A tag that was removed has none, and one that was added
again shows one of its times only.
"""

from __future__ import annotations

import enum
from functools import cached_property
from typing import Annotated, Any, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from ckaudit.model.refs import Key, Kind

Ints: TypeAlias = npt.NDArray[np.int64]
Codes: TypeAlias = npt.NDArray[np.int8]


MAX_SECOND = 32_503_680_000
"""The year 3000 as Unix time. What lies behind it, or before 1970, is damage: Windows knows no such dates, Python none behind 9999."""
Second: TypeAlias = Annotated[int, msgspec.Meta(ge=0, lt=MAX_SECOND)]


class ObjectKind(enum.IntEnum):
    """What a timestamp belongs to. In one second a form comes before the tag it applies, a tag before the sequence it starts."""

    FORM = 0
    TAG = 1
    SEQUENCE = 2

    @property
    def kind(self) -> Kind:
        """The node kind of the account graph."""
        return (Kind.FORM, Kind.TAG, Kind.SEQUENCE)[self]


class Objects(msgspec.Struct, frozen=True, eq=False):
    """The rows of some timestamps object by object: ``rows[first[n]:first[n + 1]]``, ascending, are those of the n-th object."""

    numbers: dict[Key, int]
    first: Ints
    rows: npt.NDArray[np.int32]

    def of(self, key: Key) -> npt.NDArray[np.int32]:
        """The rows of one object; none for an object without timestamps."""
        number = self.numbers.get(key)
        return self.rows[:0] if number is None else self.rows[self.first[number] : self.first[number + 1]]


class Events(msgspec.Struct, frozen=True, eq=False, dict=True):
    """Timestamps ordered by person, second, kind, id; no two rows share these four. Make them with ``make_events``.

    ``person`` is a number that means something inside one snapshot only, ``kind`` an ``ObjectKind``, ``id`` Kit's 64-bit id, ``second``
    Unix time (UTC), ``state`` a ``PersonState`` as of the reading.
    """

    person: Ints
    kind: Codes
    id: Ints
    second: Ints
    state: Codes

    def __len__(self) -> int:
        return len(self.person)

    @cached_property
    def objects(self) -> Objects:
        """Where each object's rows are. Worked out once, in time proportional to the timestamps; kept at 4 bytes a timestamp."""
        ids = np.unique(self.id)
        code = ids.searchsorted(self.id)
        code += self.kind * np.int64(len(ids))
        sizes = np.bincount(code, minlength=len(ObjectKind) * len(ids))
        present = np.flatnonzero(sizes)
        # numpy sorts 16 bits by their value, without comparing: ten times as fast
        rows = np.argsort(code.astype(np.uint16) if len(sizes) <= 2**16 else code, kind="stable").astype(np.int32)
        pairs = ((ObjectKind(code // len(ids)).kind, int(ids[code % len(ids)])) for code in present.tolist())
        numbers = {Key(kind, number): place for place, (kind, number) in enumerate(pairs)}
        return Objects(numbers, np.concatenate([[0], np.cumsum(sizes[present])]), rows)

    def keys(self) -> tuple[Key, ...]:
        """The objects that have timestamps, ordered by kind and id."""
        return tuple(self.objects.numbers)


def make_events(person: Any, kind: Any, id: Any, second: Any, state: Any) -> Events:  # noqa: A002  the column's name
    """Order rows given in any order and drop doubles, which lists read page by page contain.

    Where doubles disagree about the state, the one that gets less mail stays: it was read later.
    """
    people, ids, seconds = (np.asarray(column, dtype=np.int64) for column in (person, id, second))
    kinds, states = (np.asarray(column, dtype=np.int8) for column in (kind, state))
    if _in_order(people, seconds, kinds, ids):
        return Events(people, kinds, ids, seconds, states)
    order = _order(people, seconds, kinds, ids, states)
    people, kinds, ids, seconds, states = people[order], kinds[order], ids[order], seconds[order], states[order]
    last = np.ones(len(order), dtype=bool)
    for column in (people, kinds, ids, seconds):
        last[:-1] &= column[1:] == column[:-1]
    last[:-1] = ~last[:-1]
    return Events(people[last], kinds[last], ids[last], seconds[last], states[last])


def _order(people: Ints, seconds: Ints, *others: Ints | Codes) -> Ints:
    """The rows by person, by second, and by the other columns.

    Rows that come list by list are ordered by these others: then a stable sort by person and second is enough, which is ten times as fast.
    """
    span = int(seconds.max()) - int(seconds.min()) + 1
    if (int(people.max()) - int(people.min()) + 1) * span < 2**63:
        order = np.argsort((people - people.min()) * span + (seconds - seconds.min()), kind="stable")
        if _in_order(*(column[order] for column in (people, seconds, *others)), strictly=False):
            return order
    return np.lexsort((*others[::-1], seconds, people))


def _in_order(*columns: Ints | Codes, strictly: bool = True) -> bool:
    """Whether the rows ascend; strictly: then there is nothing to sort and no double."""
    undecided = np.ones(max(len(columns[0]) - 1, 0), dtype=bool)
    for column in columns:
        if np.any(undecided & (column[1:] < column[:-1])):
            return False
        undecided &= column[1:] == column[:-1]
    return not (strictly and undecided.any())


def pseudonyms(subscriber_ids: Any) -> Ints:
    """Small numbers for Kit's subscriber ids: same id, same number; nothing of the id is left but its rank."""
    return np.unique(np.asarray(subscriber_ids, dtype=np.int64), return_inverse=True)[1].astype(np.int64)
