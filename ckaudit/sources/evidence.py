"""Reads who got which form, tag or sequence, and when: the people of every list of a plan, concurrently inside Kit's rate limit.

``evidence.partial.jsonl`` keeps finished lists of an interrupted reading: a header, then one line per list. It holds Kit's subscriber ids,
as only those show who is the same person (and addresses, where they were asked for), and it is removed when ``events.npz`` is written,
which holds none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec
import numpy as np

from ckaudit.kit.client import Client
from ckaudit.model.account import SectionStatus
from ckaudit.model.errors import CredentialsError, KitRefusedError
from ckaudit.model.events import Codes, Ints, ObjectKind, Second, make_events, pseudonyms
from ckaudit.model.evidence import Evidence, ListRead, midnight
from ckaudit.model.holders import PersonState
from ckaudit.model.refs import Key, Kind
from ckaudit.model.roster import Roster
from ckaudit.sources.evidence_list import ListReader, ReadList, Step, as_read
from ckaudit.sources.evidence_plan import EvidencePlan, ListPlan, complete_since
from ckaudit.sources.resume import Store, saved_lines

PARTIAL_FILE = "evidence.partial.jsonl"
SCHEMA = "ckaudit.evidence/v1"
REFUSALS = 5
"""So many lists of a kind refused, and none given, mean that this credential may not read lists of this kind."""

T = TypeVar("T")


class _Header(msgspec.Struct, frozen=True):
    schema: str
    pull: str
    now: Second


def saved_evidence(folder: Path | None, pull: str) -> tuple[dt.datetime | None, tuple[ReadList, ...]]:
    """What an interrupted reading of this pull left: when it began and the finished lists. (None, ()) when there is none."""
    lines = saved_lines(folder / PARTIAL_FILE) if folder else ()
    header = _decoded(lines[0], _Header) if lines else None
    if header is None or header.schema != SCHEMA or header.pull != pull:
        return None, ()
    found = (_decoded(line, ReadList) for line in lines[1:])
    return dt.datetime.fromtimestamp(header.now, dt.UTC), tuple(item for item in found if item)


def _decoded(text: bytes, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(text, type=kind)
    except (ValueError, RecursionError):
        return None


class EvidenceReader:
    """One reading under way. Of the ``saved`` lists those count that are as the plan wants them."""

    def __init__(self, client: Client, plan: EvidencePlan, saved: Iterable[ReadList], step: Step, *, with_emails: bool = False) -> None:
        wanted = {(item.key, item.since, item.max_people) for item in plan.lists}
        usable = (_as_asked(item, with_emails) for item in saved if (item.key, item.since, item.max_people) in wanted)
        self.plan = plan
        self.found = {item.key: item for item in usable if item}
        self._with_emails = with_emails
        self._client = client
        self._step = step
        self._store = Store(None)
        self._refused: dict[Kind, int] = {}

    @property
    def missing(self) -> EvidencePlan:
        """What is still to be read."""
        return EvidencePlan(self.plan.now, tuple(item for item in self.plan.lists if item.key not in self.found))

    def keep_in(self, folder: Path, pull: str) -> Store:
        """Write finished lists down in this folder from now on. Raises OutputError."""
        self._store = Store(folder / PARTIAL_FILE)
        header = _Header(SCHEMA, pull, int(self.plan.now.timestamp()))
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
            return as_read(item, SectionStatus.REFUSED)
        try:
            found = await ListReader(self._client, item, self.plan.day, self._step, with_emails=self._with_emails).read()
        except CredentialsError:
            raise
        except KitRefusedError as error:
            # Deleted since the lists were read, or not for this credential.
            self._step(1, 1 - item.pages)
            if error.status != 404 and self._refused.get(kind, 0) >= 0:
                self._refused[kind] = self._refused.get(kind, 0) + 1
            return as_read(item, SectionStatus.REFUSED)
        self._refused[kind] = -1
        return found


def _as_asked(saved: ReadList, with_emails: bool) -> ReadList | None:
    """A list of an interrupted reading without addresses that are not wanted (any more); None when it lacks wanted ones."""
    if not with_emails:
        return msgspec.structs.replace(saved, addresses=msgspec.UNSET)
    known = len(saved.addresses) if isinstance(saved.addresses, tuple) else 0
    return saved if known == len(saved.rows) else None


def assemble_roster(plan: EvidencePlan, found: dict[Key, ReadList]) -> Roster:
    """Who the numbers of ``assemble_evidence`` are."""
    addresses: dict[int, str] = {}
    for item in found.values():
        addresses |= zip((row[0] for row in item.rows), item.addresses or (), strict=False)
    ids = tuple(np.unique(_rows(plan, found).subscriber).tolist())
    return Roster(ids, tuple(addresses.get(number, "") for number in ids) if addresses else ())


def assemble_evidence(plan: EvidencePlan, found: dict[Key, ReadList]) -> Evidence:
    """The evidence of a plan, as far as it was read. People are numbered by ascending subscriber id: same account, same numbers.

    A person seen in two states during the reading keeps one, the one with less mail, as people leave more often than they come back.
    Timestamps that are younger than ``plan.until`` are left out.
    """
    rows = _rows(plan, found)
    person = pseudonyms(rows.subscriber)
    events = make_events(person, rows.kind, rows.id, rows.second, _one_state(person, rows.state))
    return Evidence(events, tuple(_coverage(item, found.get(item.key)) for item in plan.lists), midnight(plan.day))


class _Rows(NamedTuple):
    """One row per timestamp, list by list."""

    subscriber: Ints
    second: Ints
    state: Codes
    kind: Codes
    id: Ints


def _rows(plan: EvidencePlan, found: dict[Key, ReadList]) -> _Rows:
    codes = {code.kind: int(code) for code in ObjectKind}
    read = [found[item.key] for item in plan.lists if item.key in found]
    sizes = [len(item.rows) for item in read]
    numbers = (number for item in read for row in item.rows for number in row)
    table = np.fromiter(numbers, np.int64, 3 * sum(sizes)).reshape(-1, 3)
    kept = table[:, 1] <= plan.until
    return _Rows(
        table[kept, 0],
        table[kept, 1],
        table[kept, 2].astype(np.int8),
        np.repeat(np.array([codes[item.kind] for item in read], dtype=np.int8), sizes)[kept],
        np.repeat(np.array([item.id for item in read], dtype=np.int64), sizes)[kept],
    )


def _one_state(person: Ints, state: Codes) -> Codes:
    if not len(person):
        return state
    known = np.where(state == PersonState.OTHER, np.int8(-1), state)
    least = np.full(int(person.max()) + 1, -1, dtype=np.int8)
    np.maximum.at(least, person, known)
    least[least < 0] = PersonState.OTHER
    return least[person]


def _coverage(item: ListPlan, found: ReadList | None) -> ListRead:
    if found is None:
        return ListRead(item.key, SectionStatus.SKIPPED, complete_since(item.since))
    return ListRead(item.key, found.status, complete_since(found.window))
