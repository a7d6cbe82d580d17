"""Reads the people of one form, tag or sequence.

Of a person the id, the state and the stamp are decoded and nothing else, so no name or address can go further than the answer it came in;
with addresses asked for, the address as well. The order of most lists is not documented, so a list is never left early because of a date:
Kit's own date filters bound it, and a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, TypeAlias

import msgspec

from ckaudit.kit.client import Client
from ckaudit.kit.decode import decode_object
from ckaudit.kit.paging import pages
from ckaudit.kit.requests import people_of
from ckaudit.model.account import BadObject, SectionStatus, utc
from ckaudit.model.errors import KitUnreachableError
from ckaudit.model.events import PersonState
from ckaudit.model.refs import Key, Kind
from ckaudit.sources.evidence_plan import ListPlan

Step: TypeAlias = Callable[[int, int], None]
"""Told after every answer how many requests it was and how many more it brought (may be less)."""
Row: TypeAlias = tuple[int, int, int]
_LARGEST = 2**63 - 1


class _Person(msgspec.Struct, frozen=True):
    id: Annotated[int, msgspec.Meta(ge=0, le=_LARGEST)]
    state: str | None = None
    tagged_at: str | None = None
    added_at: str | None = None


class _Addressed(_Person, frozen=True):
    email_address: str | None = None


class ReadList(msgspec.Struct, frozen=True):
    """One list as it was read: ``rows`` are (subscriber id, Unix second, ``PersonState``), each person once, by id.

    ``addresses`` has one for each row, when they were asked for.
    """

    kind: Kind
    id: int
    since: str | None
    most: int | None
    status: SectionStatus
    rows: tuple[Row, ...] = ()
    addresses: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET

    @property
    def key(self) -> Key:
        """Whose people these are."""
        return Key(self.kind, self.id)


def as_read(item: ListPlan, status: SectionStatus) -> ReadList:
    """A list of nobody."""
    return ReadList(item.key.kind, int(item.key.id), item.since, item.most, status)


class _People:
    """The people of one list as they come in. Pages may overlap, as people come and go in between.

    Of two rows of a person the later stamp stays, and with it the last seen state. ``whole``: every row made sense and there was room.
    """

    def __init__(self, most: int | None, with_emails: bool) -> None:
        self.rows: dict[int, tuple[int, int]] = {}
        self.addresses: dict[int, str] = {}
        self.whole = True
        self._most = most
        self._kind = _Addressed if with_emails else _Person

    @property
    def full(self) -> bool:
        """No room for more."""
        return self._most is not None and len(self.rows) >= self._most

    def add(self, raws: Iterable[msgspec.Raw]) -> None:
        """Add a page."""
        for raw in raws:
            person = decode_object(self._kind, raw, "subscriber")
            when = None if isinstance(person, BadObject) else utc(person.tagged_at or person.added_at)
            if isinstance(person, BadObject) or when is None or when.timestamp() < 0 or (self.full and person.id not in self.rows):
                self.whole = False
            else:
                self._keep(person, int(when.timestamp()))

    def _keep(self, person: _Person, second: int) -> None:
        if person.id not in self.rows or second >= self.rows[person.id][0]:
            self.rows[person.id] = second, int(PersonState.of(person.state))
            if isinstance(person, _Addressed):
                self.addresses[person.id] = person.email_address or ""

    def lacks(self, item: ListPlan) -> bool:
        """True when a whole list has clearly fewer active people than Kit counts: Kit's lists lag, and some then end too early."""
        if item.since is not None or item.active is None:
            return False
        active = sum(state == PersonState.ACTIVE for _, state in self.rows.values())
        return active < 0.95 * item.active - 5


async def read_list(client: Client, item: ListPlan, step: Step, *, with_emails: bool) -> ReadList:
    """Read one list. Raises IncompleteError."""
    people = _People(item.most, with_emails)
    taken, expected, cut = 0, item.pages, False
    request = people_of(item.key, item.since)
    async for page in pages(client, request):
        if page.cut:
            raise KitUnreachableError(f"Kit's list at GET {request.path} promises another page but does not say where")
        people.add(page.objects)
        cut = page.more and people.full
        taken += 1
        more = page.more and not cut
        now_expected = max(taken + more, expected if more else 0)
        step(1, now_expected - expected)
        expected = now_expected
        if not more:
            break
    status = SectionStatus.COMPLETE if people.whole and not cut and not people.lacks(item) else SectionStatus.PARTIAL
    order = sorted(people.rows)
    return ReadList(
        item.key.kind,
        int(item.key.id),
        item.since,
        item.most,
        status,
        tuple((person, *people.rows[person]) for person in order),
        tuple(people.addresses[person] for person in order) if with_emails else msgspec.UNSET,
    )
