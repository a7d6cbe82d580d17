"""The timestamps of an account together with how they were read. This module imports numpy; import it late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cached_property

import msgspec
import numpy as np

from ckaudit.model.account import SectionStatus
from ckaudit.model.events import Events, Ints, ObjectKind, make_events
from ckaudit.model.holders import Holders
from ckaudit.model.refs import Key


class ListRead(msgspec.Struct, frozen=True):
    """How far the people of one form, tag or sequence were read.

    ``complete``: everybody since ``since``. ``partial``: only a part of them (more came in the last days than there is room for, or rows
    made no sense), so that nobody may be said not to be there. ``refused``, ``skipped``: nobody. ``since`` is a Unix second, None for the
    whole list; it is later for lists with many people.
    """

    key: Key
    status: SectionStatus
    since: int | None = None


class Evidence(msgspec.Struct, frozen=True, eq=False, dict=True):
    """Timestamps, how far each list was read (ordered by kind and id), and the day of the reading (Unix second of its midnight, UTC).

    ``lists`` may be empty: then nothing is known about what was left out.
    """

    events: Events
    lists: tuple[ListRead, ...] = ()
    day: int = 0

    @cached_property
    def now(self) -> int:
        """A Unix second at which the reading was certainly under way: nothing that happened later can be in it."""
        return max(self.day, int(self.events.second.max()) if len(self.events) else 0)

    @cached_property
    def since(self) -> int | None:
        """The second from which on lists were asked for, long ones apart (``shorter``); None when all were read whole."""
        return min((found.since for found in self.lists if found.since is not None), default=None)

    @cached_property
    def shorter(self) -> dict[Key, int]:
        """The lists that are complete from a later second on than ``since``, as they hold too many people, and that second."""
        return {found.key: found.since for found in self.lists if found.since is not None and found.since != self.since}

    def of(self, key: Key) -> ListRead:
        """How far one list was read; skipped when it is not among them."""
        return self._list_of.get(key) or ListRead(key, SectionStatus.SKIPPED)

    @cached_property
    def _list_of(self) -> dict[Key, ListRead]:
        return {found.key: found for found in reversed(self.lists)}

    def holders(self, *keys: Key) -> Holders:
        """Everybody who has at least one of these tags, forms or sequences, with the latest of the timestamps."""
        for key in keys:
            if key not in self._held:
                self._held[key] = holders(self.events, key)
        return joined([self._held[key] for key in keys])

    def one_by_one(self, *keys: Key, since: int, until: int) -> Holders:
        """Those who got one of these in this time, without imports and bulk work."""
        for key in keys:
            if (key, since, until) not in self._single:
                self._single[key, since, until] = self.holders(key).one_by_one().since(since).until(until)
        return joined([self._single[key, since, until] for key in keys])

    @cached_property
    def _held(self) -> dict[Key, Holders]:
        """What was looked up once, as rules ask for the same lists again and again."""
        return {}

    @cached_property
    def _single(self) -> dict[tuple[Key, int, int], Holders]:
        return {}

    def recent(self) -> Events:
        """The timestamps since ``since``, of ``shorter`` lists since their own second: what was read completely, where it was."""
        if self.since is None:
            return self.events
        rows = self.events.second >= np.maximum(self._since_of_each(), self.since)
        return make_events(*(getattr(self.events, name)[rows] for name in ("person", "kind", "id", "second", "state")))

    def _since_of_each(self) -> Ints:
        """For every timestamp the second from which on its list is complete; 0 where it is not a ``shorter`` one."""
        since = np.zeros(len(self.events), dtype=np.int64)
        for kind in ObjectKind:
            own = sorted((int(key.id), second) for key, second in self.shorter.items() if key.kind is kind.kind)
            if own:
                ids, seconds = np.array(own, dtype=np.int64).T
                rows = np.flatnonzero(self.events.kind == kind)
                place = np.minimum(ids.searchsorted(self.events.id[rows]), len(ids) - 1)
                since[rows] = np.where(ids[place] == self.events.id[rows], seconds[place], 0)
        return since


def holders(events: Events, key: Key) -> Holders:
    """Everybody with a timestamp of this form, tag or sequence; of two timestamps (merged people) the later one. Other kinds have nobody.

    Takes time in proportion to these people, after the first look-up (``Events.objects``).
    """
    rows = events.objects.of(key)
    person = events.person[rows]
    last = np.append(person[1:] != person[:-1], True)[: len(rows)]
    return Holders(person, events.second[rows], events.state[rows]).where(last)


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


def day_of(when: dt.datetime) -> dt.date:
    """The day of a reading, UTC."""
    return when.astimezone(dt.UTC).date()


def midnight(day: dt.date) -> int:
    """The Unix second with which a day begins, UTC."""
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp())
