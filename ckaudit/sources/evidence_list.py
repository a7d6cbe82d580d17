"""Reads the people of one form, tag or sequence.

Of a person the id, the state and the timestamp are decoded and nothing else, so no name or address can go further than the response it came
in;
with addresses asked for, the address as well. The order of most lists is not documented, so a list is never left early because of a date.

A list with more people than there is room for is not cut somewhere: it is asked for again from a later day on, until what comes fits. Then
it is complete since that day. Kit's own count, which the first page brings along, shows how much later. That costs a request for each
step, and three steps are the most; a list that still does not fit (thousands in the last days) is cut and partial.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Annotated, TypeAlias

import msgspec

from ckaudit.kit.client import Client
from ckaudit.kit.decode import decode_object
from ckaudit.kit.paging import pages
from ckaudit.kit.requests import people_of
from ckaudit.model.account import BadObject, SectionStatus, utc
from ckaudit.model.errors import KitUnreachableError
from ckaudit.model.events import MAX_SECOND, Second
from ckaudit.model.holders import PersonState
from ckaudit.model.refs import Key, Kind
from ckaudit.sources.evidence_plan import MARGIN_DAYS, ListPlan

Step: TypeAlias = Callable[[int, int], None]
"""Called after every response with how many requests it was and how many more it brought (may be less)."""
Row: TypeAlias = tuple[int, Second, int]
_MAX_ID = 2**63 - 1
AIMS = (0.85, 0.5, 0.25)
"""Part of the room to be filled by the next window, step by step: days differ, and lists that did not fit after a step fill up lately."""
MIN_DAYS = MARGIN_DAYS + 1


class _Person(msgspec.Struct, frozen=True):
    id: Annotated[int, msgspec.Meta(ge=0, le=_MAX_ID)]
    state: str | None = None
    tagged_at: str | None = None
    added_at: str | None = None


class _Addressed(_Person, frozen=True):
    email_address: str | None = None


class ReadList(msgspec.Struct, frozen=True):
    """One list as it was read: ``rows`` are (subscriber id, Unix second, ``PersonState``), each person once, by id.

    ``since`` and ``max_people`` are the plan's; ``window`` is the date that was asked for in the end. ``addresses`` has one for each row,
    when they were asked for.
    """

    kind: Kind
    id: int
    since: str | None
    max_people: int | None
    status: SectionStatus
    rows: tuple[Row, ...] = ()
    window: str | None = None
    addresses: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET

    @property
    def key(self) -> Key:
        """Whose people these are."""
        return Key(self.kind, self.id)


def as_read(item: ListPlan, status: SectionStatus) -> ReadList:
    """A list of nobody."""
    return ReadList(item.key.kind, int(item.key.id), item.since, item.max_people, status, window=item.since)


class _People:
    """The people of one list as they come in. Pages may overlap, as people come and go in between.

    Of two rows of a person the later timestamp stays, and with it the last seen state. ``sound``: every row made sense; ``ended``: Kit
    had no more; ``total``: Kit's count of them, None when it gave none.
    """

    def __init__(self, with_emails: bool) -> None:
        self.rows: dict[int, tuple[int, int]] = {}
        self.addresses: dict[int, str] = {}
        self.sound = True
        self.ended = False
        self.total: int | None = None
        self._kind = _Addressed if with_emails else _Person

    def add(self, raws: Iterable[msgspec.Raw]) -> None:
        """Add a page."""
        for raw in raws:
            person = decode_object(self._kind, raw, "subscriber")
            when = None if isinstance(person, BadObject) else utc(person.tagged_at or person.added_at)
            if isinstance(person, BadObject) or when is None or not 0 <= when.timestamp() < MAX_SECOND:
                self.sound = False
            else:
                self._keep(person, int(when.timestamp()))

    def _keep(self, person: _Person, second: int) -> None:
        if person.id not in self.rows or second >= self.rows[person.id][0]:
            self.rows[person.id] = second, int(PersonState.of(person.state))
            if isinstance(person, _Addressed):
                self.addresses[person.id] = person.email_address or ""

    def lacks(self, item: ListPlan) -> bool:
        """True when there are clearly fewer than Kit counts: its lists lag, and some then end too early. Its counts lag, too."""
        if self.total is not None and _clearly_fewer(len(self.rows), self.total):
            return True
        if item.since is not None or item.active is None:
            return False
        active = sum(state == PersonState.ACTIVE for _, state in self.rows.values())
        return _clearly_fewer(active, item.active)


def _clearly_fewer(found: int, counted: int) -> bool:
    return found < 0.95 * counted - 5


class ListReader:
    """Reads one list. ``day`` is the day of the reading; ``step`` is called after every response."""

    def __init__(self, client: Client, item: ListPlan, day: dt.date, step: Step, *, with_emails: bool) -> None:
        self._client = client
        self._item = item
        self._day = day
        self._step = step
        self._with_emails = with_emails
        self._expected = item.pages

    async def read(self) -> ReadList:
        """Read it. Raises IncompleteError."""
        item, since = self._item, self._item.since
        counted = item.active is None or item.max_people is None or 2 * item.active > item.max_people
        people = await self._window(since, counted=counted, last=False)
        for aim in AIMS:
            if people.ended or since is None or item.max_people is None:
                break
            later = _later(since, self._day, people.total, aim * item.max_people)
            if later == since:
                break
            since = later
            people = await self._window(since, counted=True, last=aim == AIMS[-1])
        return self._result(people, since)

    async def _window(self, since: str | None, *, counted: bool, last: bool) -> _People:
        """The people since a date. What does not fit is left unread as soon as that is clear, unless it is the last try."""
        item, people = self._item, _People(self._with_emails)
        request = people_of(item.key, since, counted=counted and item.max_people is not None)
        async for page in pages(self._client, request):
            if page.cut:
                raise KitUnreachableError(f"Kit's list at GET {request.path} promises another page but does not say where")
            people.add(page.objects)
            people.total = page.total if page.total is not None else people.total
            people.ended = not page.more
            room = item.max_people is None or len(people.rows) < item.max_people
            hopeless = item.max_people is not None and people.total is not None and people.total > item.max_people and not last
            goes_on = page.more and room and not hopeless
            self._answered(goes_on or (page.more and not last))
            if not goes_on:
                break
        return people

    def _answered(self, goes_on: bool) -> None:
        """Report one response, and a change in what is expected after it."""
        left = max(self._expected - 1, 1) if goes_on else 0
        self._step(1, left - (self._expected - 1))
        self._expected = left

    def _result(self, people: _People, since: str | None) -> ReadList:
        item, order = self._item, sorted(people.rows)
        whole = people.ended and people.sound and not people.lacks(item)
        return ReadList(
            item.key.kind,
            int(item.key.id),
            item.since,
            item.max_people,
            SectionStatus.COMPLETE if whole else SectionStatus.PARTIAL,
            tuple((person, *people.rows[person]) for person in order),
            since,
            tuple(people.addresses[person] for person in order) if self._with_emails else msgspec.UNSET,
        )


def _later(since: str, day: dt.date, total: int | None, fit: float) -> str:
    """The date from which on so many people should come, as if all came evenly since ``since``; if Kit counted none, twice as many."""
    days = (day - dt.date.fromisoformat(since)).days
    kept = int(days * fit / total) if total else days // 2
    return (day - dt.timedelta(days=max(min(kept, days - 1), MIN_DAYS))).isoformat() if days > MIN_DAYS else since
