"""The timestamps of an account together with how they were read. This module imports numpy; import it late."""

from __future__ import annotations

import datetime as dt
from functools import cached_property

import msgspec
import numpy as np

from ckaudit.model.account import SectionStatus
from ckaudit.model.events import Events, Ints, ObjectKind, make_events
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

    def recent(self) -> Events:
        """The timestamps since ``since``, of ``shorter`` lists since their own second: what was read completely, where it was."""
        if self.since is None:
            return self.events
        rows = self.events.second >= np.maximum(self._since_of_each(), self.since)
        return make_events(*(getattr(self.events, name)[rows] for name in ("person", "kind", "id", "second", "state")))

    def _since_of_each(self) -> Ints:
        """For every timestamp the second from which on its list is complete; 0 where it is no ``shorter`` one."""
        since = np.zeros(len(self.events), dtype=np.int64)
        for kind in ObjectKind:
            own = sorted((int(key.id), second) for key, second in self.shorter.items() if key.kind is kind.kind)
            if own:
                ids, seconds = np.array(own, dtype=np.int64).T
                rows = np.flatnonzero(self.events.kind == kind)
                place = np.minimum(ids.searchsorted(self.events.id[rows]), len(ids) - 1)
                since[rows] = np.where(ids[place] == self.events.id[rows], seconds[place], 0)
        return since


def day_of(when: dt.datetime) -> dt.date:
    """The day of a reading, UTC."""
    return when.astimezone(dt.UTC).date()


def midnight(day: dt.date) -> int:
    """The Unix second with which a day begins, UTC."""
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp())
