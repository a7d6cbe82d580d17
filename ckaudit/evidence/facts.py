"""Facts about people that rules ask of the time stamps: who has what, since when, how long after something else. Counts, never names.

People are the pseudonymous numbers of the snapshot, times Unix seconds (UTC). Every result is ordered by person.
"""

from __future__ import annotations

import msgspec
import numpy as np
import numpy.typing as npt

from ckaudit.model.events import Codes, Events, Ints, ObjectKind
from ckaudit.model.refs import Key

BULK = 20
"""More people than this stamped in one minute were imported or tagged in bulk: dropped as evidence of an automation."""


class Holders(msgspec.Struct, frozen=True, eq=False):
    """The people who have an object's stamp, one row each."""

    person: Ints
    second: Ints
    state: Codes

    def __len__(self) -> int:
        return len(self.person)

    @property
    def who(self) -> tuple[int, ...]:
        """The people's numbers, for a finding that counts them."""
        return tuple(self.person.tolist())

    def where(self, chosen: npt.NDArray[np.bool_]) -> Holders:
        """The chosen rows."""
        return Holders(self.person[chosen], self.second[chosen], self.state[chosen])

    def since(self, second: int) -> Holders:
        """Those who got it at ``second`` or later."""
        return self.where(self.second >= second)

    def until(self, second: int) -> Holders:
        """Those who got it at ``second`` or earlier."""
        return self.where(self.second <= second)

    def having(self, other: Holders) -> Holders:
        """Those who are among ``other`` too."""
        return self.where(np.isin(self.person, other.person, assume_unique=True))

    def lacking(self, other: Holders) -> Holders:
        """Those who are not among ``other``."""
        return self.where(np.isin(self.person, other.person, assume_unique=True, invert=True))

    def one_by_one(self, more_than: int = BULK) -> Holders:
        """Without clusters of more than so many people in one minute of the clock."""
        _, place, size = np.unique(self.second // 60, return_inverse=True, return_counts=True)
        return self.where(size[place] <= more_than)


class Gaps(msgspec.Struct, frozen=True, eq=False):
    """People who have two objects: when they got the first, and how many seconds later the second (negative: earlier)."""

    person: Ints
    second: Ints
    gap: Ints

    def __len__(self) -> int:
        return len(self.person)

    @property
    def who(self) -> tuple[int, ...]:
        """The people's numbers, for a finding that counts them."""
        return tuple(self.person.tolist())

    def where(self, chosen: npt.NDArray[np.bool_]) -> Gaps:
        """The chosen rows."""
        return Gaps(self.person[chosen], self.second[chosen], self.gap[chosen])

    def after(self) -> Gaps:
        """Those who got the second one in the same second or later."""
        return self.where(self.gap >= 0)

    def quantile(self, part: float) -> int:
        """The gap in seconds that ``part`` of the people (0 to 1) do not exceed. Raises ValueError for nobody."""
        if not len(self.gap):
            raise ValueError("no people, no quantile")
        return int(np.sort(self.gap)[max(int(np.ceil(part * len(self.gap))) - 1, 0)])


def holders(events: Events, key: Key) -> Holders:
    """Everybody with a stamp of this form, tag or sequence; of two stamps (merged people) the later one. Other kinds have nobody."""
    codes = [code for code in ObjectKind if code.kind is key.kind]
    rows = np.flatnonzero((events.kind == codes[0]) & (events.id == key.id)) if codes else np.zeros(0, dtype=np.int64)
    person = events.person[rows]
    last = np.append(person[1:] != person[:-1], True)[: len(rows)]
    return Holders(person[last], events.second[rows][last], events.state[rows][last])


def people_between(first: Holders, second: Holders) -> Gaps:
    """The people who have both, with the time from the first to the second."""
    person, here, there = np.intersect1d(first.person, second.person, assume_unique=True, return_indices=True)
    return Gaps(person, first.second[here], second.second[there] - first.second[here])


def newest(of: Holders) -> int | None:
    """When the latest of them got it; None for nobody."""
    return int(of.second.max()) if len(of) else None
