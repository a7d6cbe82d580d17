"""Who has an object's timestamp, and how long after another: arrays with one row per person, ordered by person. Counts, never names.

People are the pseudonymous numbers of the snapshot, times Unix seconds (UTC). Only the arrays' own methods are used here, so that rules
can be loaded without numpy.
"""

from __future__ import annotations

import datetime as dt
import enum
import math
from typing import TYPE_CHECKING

import msgspec

from ckaudit.model.findings import Severity

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from ckaudit.model.events import Codes, Ints

MIN_PEOPLE = 5
"""Fewer people than this never make an error."""
BULK = 20
"""More people than this timestamped in one minute were imported or tagged in bulk: dropped as evidence of an automation."""


class PersonState(enum.IntEnum):
    """Kit's five states of a subscriber, by how little mail they get. One that Kit adds later is ``OTHER``."""

    ACTIVE = 0
    INACTIVE = 1
    BOUNCED = 2
    COMPLAINED = 3
    CANCELLED = 4
    OTHER = 5

    @classmethod
    def of(cls, word: str | None) -> PersonState:
        """The state Kit names, as in ``cancelled``."""
        return cls.__members__.get((word or "").upper(), cls.OTHER)


class Holders(msgspec.Struct, frozen=True, eq=False):
    """The people who have an object's timestamp, one row each."""

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
        if chosen.all():
            return self
        return Holders(self.person[chosen], self.second[chosen], self.state[chosen])

    def severity(self, of: int = 0) -> Severity:
        """An error for at least five people who are at least 3 % of all asked, else a warning: single cases have single reasons."""
        return Severity.ERROR if len(self) >= MIN_PEOPLE and len(self) >= 0.03 * of else Severity.WARNING

    def since(self, second: int) -> Holders:
        """Those who got it at ``second`` or later."""
        return self.where(self.second >= second)

    def until(self, second: int) -> Holders:
        """Those who got it at ``second`` or earlier."""
        return self.where(self.second <= second)

    def having(self, other: Holders | Gaps) -> Holders:
        """Those who are among ``other`` too."""
        return self.where(self._among(other))

    def lacking(self, other: Holders | Gaps) -> Holders:
        """Those who are not among ``other``."""
        return self.where(~self._among(other))

    def _among(self, other: Holders | Gaps) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = self.person != self.person
        if len(self) and len(other.person):
            found[_both(self.person, other.person)[0]] = True
        return found

    @property
    def active(self) -> Holders:
        """Those who can be mailed. Automations do not act on the others."""
        return self.where(self.state == PersonState.ACTIVE)

    @property
    def unreachable(self) -> Holders:
        """Those whom Kit does not mail any more: cancelled, bounced, complained."""
        lost = (self.state == PersonState.CANCELLED) | (self.state == PersonState.BOUNCED) | (self.state == PersonState.COMPLAINED)
        return self.where(lost)

    def one_by_one(self, more_than: int = BULK) -> Holders:
        """Without clusters of more than so many people in one minute of the clock."""
        minute = self.second // 60
        ordered = minute.copy()
        ordered.sort()
        crowded = ordered[more_than:][ordered[more_than:] == ordered[: max(len(ordered) - more_than, 0)]]
        return self.where(~_among(minute, crowded)) if len(crowded) else self

    def gaps_to(self, later: Holders) -> Gaps:
        """The people who have both, with the time from this to ``later``."""
        if not len(self) or not len(later):
            return Gaps(self.person[:0], self.second[:0], self.second[:0])
        here, there = _both(self.person, later.person)
        return Gaps(self.person[here], self.second[here], later.second[there] - self.second[here])

    @property
    def newest(self) -> int | None:
        """When the latest of them got it; None for nobody."""
        return int(self.second.max()) if len(self) else None

    @property
    def dates(self) -> tuple[dt.datetime, dt.datetime]:
        """When the first and the last of them got it, UTC. Raises ValueError for nobody."""
        return _dates(self.second)


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

    def having(self, other: Holders | Gaps) -> Gaps:
        """Those who are among ``other`` too."""
        return self.where(_among(self.person, other.person))

    def after(self) -> Gaps:
        """Those who got the second one in the same second or later."""
        return self.where(self.gap >= 0)

    def quantile(self, part: float) -> int:
        """The gap in seconds that ``part`` of the people (0 to 1) do not exceed. Raises ValueError for nobody."""
        if not len(self.gap):
            raise ValueError("no people, no quantile")
        place = max(math.ceil(part * len(self.gap)) - 1, 0)
        ordered = self.gap.copy()
        ordered.partition(place)
        return int(ordered[place])

    @property
    def dates(self) -> tuple[dt.datetime, dt.datetime]:
        """When the first and the last of them got the first object, UTC. Raises ValueError for nobody."""
        return _dates(self.second)


def _both(one: Ints, other: Ints) -> tuple[Ints, Ints]:
    """Where the people are that stand in both, each in ascending order and none twice. The fewer are looked for among the more."""
    if len(other) < len(one):
        there, here = _both(other, one)
        return here, there
    place = other.searchsorted(one).clip(max=len(other) - 1)
    here = (other[place] == one).nonzero()[0]
    return here, place[here]


def _among(values: Ints, ordered: Ints) -> npt.NDArray[np.bool_]:
    """Which of the values are among others, given in ascending order."""
    if not len(ordered):
        return values.astype(bool) & False
    found: npt.NDArray[np.bool_] = ordered[ordered.searchsorted(values).clip(max=len(ordered) - 1)] == values
    return found


def _dates(seconds: Ints) -> tuple[dt.datetime, dt.datetime]:
    if not len(seconds):
        raise ValueError("no people, no dates")
    first, last = (dt.datetime.fromtimestamp(int(second), dt.UTC) for second in (seconds.min(), seconds.max()))
    return first, last
