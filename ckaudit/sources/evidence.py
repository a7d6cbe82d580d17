"""Reads who got which form, tag or sequence, and when: the people of every list of a plan, concurrently inside Kit's rate limit.

Of a person the id, the state and the stamp are decoded and nothing else, so no name or address can go further than the answer it came in.
The order of most lists is not documented, so a list is never left early because of a date: Kit's own date filters bound it, and a number.

``evidence.partial.jsonl`` keeps finished lists of an interrupted reading: a header, then one line per list. It holds Kit's subscriber ids,
as only those tell who is the same person, and it is removed when ``events.npz`` is written, which holds none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, TypeAlias, TypeVar

import msgspec
import numpy as np

from ckaudit.kit.client import Client
from ckaudit.kit.decode import decode_object
from ckaudit.kit.paging import pages
from ckaudit.kit.requests import people_of
from ckaudit.model.account import BadObject, SectionStatus, utc
from ckaudit.model.errors import CredentialsError, KitRefusedError, KitUnreachableError
from ckaudit.model.events import Ints, ObjectKind, PersonState, make_events, pseudonyms
from ckaudit.model.evidence import Evidence, ListRead, midnight
from ckaudit.model.refs import Key, Kind
from ckaudit.sources.evidence_plan import EvidencePlan, ListPlan
from ckaudit.sources.resume import Store, saved_lines

PARTIAL_FILE = "evidence.partial.jsonl"
SCHEMA = "ckaudit.evidence/v1"
REFUSALS = 5
"""So many lists of a kind refused, and none given, mean that this credential may not read lists of this kind."""

T = TypeVar("T")
Step: TypeAlias = Callable[[int, int], None]
Row: TypeAlias = tuple[int, int, int]
_LARGEST = 2**63 - 1


class _Person(msgspec.Struct, frozen=True):
    id: Annotated[int, msgspec.Meta(ge=0, le=_LARGEST)]
    state: str | None = None
    tagged_at: str | None = None
    added_at: str | None = None


class ReadList(msgspec.Struct, frozen=True):
    """One list as it was read: ``rows`` are (subscriber id, Unix second, ``PersonState``), each person once, by id."""

    kind: Kind
    id: int
    since: str | None
    most: int | None
    status: SectionStatus
    rows: tuple[Row, ...] = ()

    @property
    def key(self) -> Key:
        """Whose people these are."""
        return Key(self.kind, self.id)


class _Header(msgspec.Struct, frozen=True):
    schema: str
    account: int
    day: dt.date


def saved_evidence(folder: Path | None, account: int) -> tuple[dt.date | None, tuple[ReadList, ...]]:
    """What an interrupted reading of this account left: its day and the finished lists. (None, ()) when there is none."""
    lines = saved_lines(folder / PARTIAL_FILE) if folder else ()
    header = _decoded(lines[0], _Header) if lines else None
    if header is None or header.schema != SCHEMA or header.account != account:
        return None, ()
    found = (_decoded(line, ReadList) for line in lines[1:])
    return header.day, tuple(item for item in found if item)


def _decoded(text: bytes, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(text, type=kind)
    except (ValueError, RecursionError):
        return None


class EvidenceReader:
    """One reading under way. ``step`` is told after every answer how many requests it was and how many more it brought (may be less)."""

    def __init__(self, client: Client, plan: EvidencePlan, saved: Iterable[ReadList], step: Step) -> None:
        wanted = {(item.key, item.since, item.most) for item in plan.lists}
        self.plan = plan
        self.found = {item.key: item for item in saved if (item.key, item.since, item.most) in wanted}
        self._client = client
        self._step = step
        self._store = Store(None)
        self._refused: dict[Kind, int] = {}

    @property
    def missing(self) -> EvidencePlan:
        """What is still to be read."""
        return EvidencePlan(self.plan.day, tuple(item for item in self.plan.lists if item.key not in self.found))

    def keep_in(self, folder: Path, account: int) -> Store:
        """Write finished lists down in this folder from now on. Raises OutputError."""
        self._store = Store(folder / PARTIAL_FILE)
        header = _Header(SCHEMA, account, self.plan.day)
        self._store.begin(msgspec.json.encode(header), *(msgspec.json.encode(item) for item in self.found.values()))
        return self._store

    async def work(self, queue: Iterator[ListPlan]) -> None:
        """One of several that share the lists. Raises IncompleteError; the lists finished before stay."""
        for item in queue:
            found = await self._read(item)
            self.found[item.key] = found
            self._store.add(msgspec.json.encode(found))

    async def _read(self, item: ListPlan) -> ReadList:
        kind = item.key.kind
        if self._refused.get(kind, 0) >= REFUSALS:
            self._step(0, -item.pages)
            return _as_read(item, SectionStatus.REFUSED)
        try:
            found = await self._people(item)
        except CredentialsError:
            raise
        except KitRefusedError:
            # Deleted since the lists were read, or not for this credential.
            self._step(1, 1 - item.pages)
            if self._refused.get(kind, 0) >= 0:
                self._refused[kind] = self._refused.get(kind, 0) + 1
            return _as_read(item, SectionStatus.REFUSED)
        self._refused[kind] = -1
        return found

    async def _people(self, item: ListPlan) -> ReadList:
        people: dict[int, tuple[int, int]] = {}
        status, taken, expected = SectionStatus.COMPLETE, 0, item.pages
        request = people_of(item.key, item.since)
        async for page in pages(self._client, request):
            if page.cut:
                raise KitUnreachableError(f"Kit's list at GET {request.path} promises another page but does not say where")
            if not _add(people, page.objects, item.most):
                status = SectionStatus.PARTIAL
            full = item.most is not None and len(people) >= item.most
            if full and page.more:
                status = SectionStatus.PARTIAL
            taken += 1
            more = page.more and not full
            now_expected = max(taken + more, expected if more else 0)
            self._step(1, now_expected - expected)
            expected = now_expected
            if not more:
                break
        if _lacks(people, item):
            status = SectionStatus.PARTIAL
        return _as_read(item, status, tuple((person, *people[person]) for person in sorted(people)))


def _as_read(item: ListPlan, status: SectionStatus, rows: tuple[Row, ...] = ()) -> ReadList:
    return ReadList(item.key.kind, int(item.key.id), item.since, item.most, status, rows)


def _add(people: dict[int, tuple[int, int]], raws: Iterable[msgspec.Raw], most: int | None) -> bool:
    """Add a page to the people of a list. False when a row made no sense or there was no room for all.

    Pages may overlap, as people come and go in between. Of two rows of a person the later stamp stays, and with it the last seen state.
    """
    whole = True
    for raw in raws:
        row = _row(raw)
        if row is None or (row[0] not in people and most is not None and len(people) >= most):
            whole = False
        elif row[0] not in people or row[1] >= people[row[0]][0]:
            people[row[0]] = row[1:]
    return whole


def _row(raw: msgspec.Raw) -> Row | None:
    person = decode_object(_Person, raw, "subscriber")
    if isinstance(person, BadObject):
        return None
    when = utc(person.tagged_at or person.added_at)
    second = int(when.timestamp()) if when else -1
    return (person.id, second, int(PersonState.of(person.state))) if second >= 0 else None


def _lacks(people: dict[int, tuple[int, int]], item: ListPlan) -> bool:
    """True when a whole list has clearly fewer active people than Kit counts: Kit's lists lag, and some then end too early."""
    if item.since is not None or item.active is None:
        return False
    active = sum(state == PersonState.ACTIVE for _, state in people.values())
    return active < 0.95 * item.active - 5


def assemble_evidence(plan: EvidencePlan, found: dict[Key, ReadList]) -> Evidence:
    """The evidence of a plan, as far as it was read. People are numbered by ascending subscriber id: same account, same numbers.

    A person seen in two states during the reading keeps one, the one with less mail, as people leave more often than they come back.
    """
    read = [found[item.key] for item in plan.lists if item.key in found]
    sizes = np.array([len(item.rows) for item in read], dtype=np.int64)
    table = np.array([row for item in read for row in item.rows], dtype=np.int64).reshape(-1, 3)
    person = pseudonyms(table[:, 0])
    codes = {code.kind: code for code in ObjectKind}
    events = make_events(
        person,
        np.repeat(np.array([codes[item.kind] for item in read], dtype=np.int8), sizes),
        np.repeat(np.array([item.id for item in read], dtype=np.int64), sizes),
        table[:, 1],
        _one_state(person, table[:, 2]),
    )
    skipped = SectionStatus.SKIPPED
    lists = tuple(ListRead(item.key, found[item.key].status if item.key in found else skipped, _second(item.since)) for item in plan.lists)
    return Evidence(events, lists, midnight(plan.day))


def _one_state(person: Ints, state: Ints) -> Ints:
    if not len(person):
        return state
    known = np.where(state == PersonState.OTHER, -1, state)
    least = np.full(int(person.max()) + 1, -1, dtype=np.int64)
    np.maximum.at(least, person, known)
    return np.asarray(np.where(least < 0, int(PersonState.OTHER), least)[person])


def _second(day: str | None) -> int | None:
    return None if day is None else midnight(dt.date.fromisoformat(day))
