"""Facts about people that rules ask of the timestamps: who has what, since when, how long after something else. Counts, never names.

People are the pseudonymous numbers of the snapshot, times Unix seconds (UTC). Every result is ordered by person.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from ckaudit.model.events import Codes, Events, Ints, PersonState
from ckaudit.model.findings import Severity
from ckaudit.model.refs import Key

BULK = 20
"""More people than this timestamped in one minute were imported or tagged in bulk: dropped as evidence of an automation."""

FEW = 5
"""Fewer people than this never make an error."""


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

    @property
    def dates(self) -> tuple[dt.datetime, dt.datetime]:
        """When the first and the last of them got it, UTC. Raises ValueError for nobody."""
        return _dates(self.second)

    def severity(self, of: int = 0) -> Severity:
        """An error for at least five people who are at least 3 % of all asked, else a warning: single cases have single reasons."""
        return Severity.ERROR if len(self) >= FEW and len(self) >= 0.03 * of else Severity.WARNING

    @property
    def newest(self) -> int | None:
        """When the latest of them got it; None for nobody."""
        return int(self.second.max()) if len(self) else None

    @property
    def active(self) -> Holders:
        """Those who can be mailed. Automations do not act on the others."""
        return self.where(self.state == PersonState.ACTIVE)

    @property
    def unreachable(self) -> Holders:
        """Those whom Kit does not mail any more: cancelled, bounced, complained."""
        lost = (PersonState.CANCELLED, PersonState.BOUNCED, PersonState.COMPLAINED)
        return self.where(np.isin(self.state, [int(state) for state in lost]))

    def gaps_to(self, later: Holders) -> Gaps:
        """The people who are among ``later`` too, with the time from the one to the other."""
        if not len(self) or not len(later):
            return Gaps(self.person[:0], self.second[:0], self.second[:0])
        place = np.minimum(later.person.searchsorted(self.person), len(later) - 1)
        here = np.flatnonzero(later.person[place] == self.person)
        return Gaps(self.person[here], self.second[here], later.second[place[here]] - self.second[here])

    def where(self, chosen: npt.NDArray[np.bool_]) -> Holders:
        """The chosen rows."""
        if chosen.all():
            return self
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
        minute = self.second // 60
        ordered = np.sort(minute)
        crowded = ordered[more_than:][ordered[more_than:] == ordered[: max(len(ordered) - more_than, 0)]]
        return self.where(np.isin(minute, crowded, invert=True)) if len(crowded) else self


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

    @property
    def dates(self) -> tuple[dt.datetime, dt.datetime]:
        """When the first and the last of them got the first object, UTC. Raises ValueError for nobody."""
        return _dates(self.second)

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
        place = max(int(np.ceil(part * len(self.gap))) - 1, 0)
        return int(np.partition(self.gap, place)[place])


def _dates(seconds: Ints) -> tuple[dt.datetime, dt.datetime]:
    if not len(seconds):
        raise ValueError("no people, no dates")
    first, last = (dt.datetime.fromtimestamp(int(second), dt.UTC) for second in (seconds.min(), seconds.max()))
    return first, last


def holders(events: Events, key: Key) -> Holders:
    """Everybody with a timestamp of this form, tag or sequence; of two timestamps (merged people) the later one. Other kinds have nobody.

    Takes time in proportion to these people, after the first look-up (``Events.objects``).
    """
    rows = events.objects.of(key)
    person = events.person[rows]
    last = np.append(person[1:] != person[:-1], True)[: len(rows)]
    return Holders(person, events.second[rows], events.state[rows]).where(last)


class Lists:
    """The people of each object of some timestamps. Every list is worked out once, however many ask."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._held: dict[Key, Holders] = {}
        self._recent: dict[tuple[Key, int, int], Holders] = {}

    def of(self, key: Key) -> Holders:
        """Everybody who has this, see ``holders``."""
        if key not in self._held:
            self._held[key] = holders(self._events, key)
        return self._held[key]

    def recent(self, key: Key, since: int, until: int) -> Holders:
        """Those who got it in this time, without imports and bulk work."""
        place = key, since, until
        if place not in self._recent:
            self._recent[place] = self.of(key).one_by_one().since(since).until(until)
        return self._recent[place]


@functools.lru_cache(maxsize=1)
def lists_of(events: Events) -> Lists:
    """The lists of some timestamps, the same ones for all who ask in turn."""
    return Lists(events)


def joined(parts: Sequence[Holders], *, first: bool = False) -> Holders:
    """The people of all parts, each once with the latest timestamp (or the first), ordered by person; of two alike the later part's counts
    (or the earlier one's). In every part each person is there once."""
    if len(parts) == 1:
        return parts[0]
    none = np.zeros(0, dtype=np.int64)
    person = np.concatenate([none, *(part.person for part in parts)])
    second = np.concatenate([none, *(part.second for part in parts)])
    state = np.concatenate([none.astype(np.int8), *(part.state for part in parts)])
    # the parts are in order, so that a stable sort only merges them
    order = np.argsort(person, kind="stable")
    person, second = person[order], second[order]
    begins = np.flatnonzero(np.append(True, person[1:] != person[:-1])[: len(person)])
    if len(begins) == len(person):
        return Holders(person, second, state[order])
    wanted = (np.minimum if first else np.maximum).reduceat(second, begins)
    rows = np.flatnonzero(second == np.repeat(wanted, np.diff(begins, append=len(person))))
    changes = person[rows[1:]] != person[rows[:-1]]
    rows = rows[np.append(True, changes) if first else np.append(changes, True)]
    return Holders(person[rows], second[rows], state[order[rows]])
