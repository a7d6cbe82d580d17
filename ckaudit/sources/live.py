"""The account over HTTP: reads every section, concurrently inside Kit's rate limit, and keeps what it has whatever happens.

``pull`` is the whole job for one account. ``read_account`` is the core for callers that hold a client already, such as one event loop
for several accounts. First the structure is read and stored, then, when it is wanted, the timestamps of people.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import msgspec

from ckaudit.kit.budget import RequestBudget, format_time
from ckaudit.kit.client import Client, UnexpectedResponseError, open_client
from ckaudit.kit.credentials import Credential, CredentialKind
from ckaudit.kit.decode import decode_list
from ckaudit.kit.http import CONNECTIONS, DEFAULT_API_URL, Timeouts
from ckaudit.kit.paging import MAX_PAGES, pages, read_document, total_of
from ckaudit.kit.requests import ACCOUNT_PATH, COUNT, COUNT_PATH, LISTS, ListRequest, emails_of
from ckaudit.kit.timing import Timing
from ckaudit.model.account import Account, BadObject, SectionName, SectionState, SectionStatus
from ckaudit.model.errors import (
    CredentialsError,
    IncompleteError,
    InterruptedPullError,
    KitRefusedError,
    KitUnreachableError,
    OutputError,
    TooManyRequestsError,
)
from ckaudit.model.pulled import Pulled
from ckaudit.sources.events import EVENTS_FILE
from ckaudit.sources.evidence import PARTIAL_FILE as EVIDENCE_PARTIAL_FILE
from ckaudit.sources.evidence import EvidenceReader, assemble_evidence, assemble_roster, saved_evidence
from ckaudit.sources.evidence_file import write_evidence
from ckaudit.sources.evidence_plan import EvidenceRequest, plan_evidence
from ckaudit.sources.files import remove, remove_unfinished
from ckaudit.sources.lock import locked
from ckaudit.sources.people_file import PEOPLE_FILE, write_people
from ckaudit.sources.resume import Store, finished, header_line, new_pull, read_saved, survives_new_credential, unit_line
from ckaudit.sources.snapshot import PARTIAL_FILE, check_replaceable, refuse_other_account, write_snapshot
from ckaudit.sources.units import COMPLETE, Unit, UnitKey, assemble, in_stored_order, info_of, sequences_of

ACCOUNT = UnitKey(SectionName.ACCOUNT)
COUNTED = "account.subscriber_count"
WEBHOOK_ENDPOINTS = UnitKey(SectionName.WEBHOOK_ENDPOINTS)
NOT_FOR_KEYS = "Kit usually refuses webhook endpoints to API keys; that is no fault of the key"


class Progress(Protocol):
    """Called after every response; drawing it is the caller's business."""

    def update(self, done: int, expected: int, seconds_left: float) -> None:
        """Requests answered, requests known to be needed (it grows), and how long the rate limit will make the rest take."""


class Silent:
    """Progress for nobody."""

    def update(self, done: int, expected: int, seconds_left: float) -> None:
        """Do nothing."""


def pull(
    credential: Credential,
    *,
    api_url: str = DEFAULT_API_URL,
    folder: Path | None = None,
    progress: Progress | None = None,
    timing: Timing | None = None,
    timeouts: Timeouts | None = None,
    evidence: EvidenceRequest | None = None,
    day: dt.date | None = None,
    budget: RequestBudget | None = None,
) -> Pulled:
    """Read an account; with a folder, also store it there and resume what an interrupted pull left. Ctrl-C keeps what there is.

    ``day`` is today (UTC), unless somebody has another clock. ``budget`` says how many requests may be sent.

    A problem on the way, such as another pull into the folder, is returned, not raised, so that what was read is not lost. The folder can
    then be resumed; ``account.json`` is written as soon as the structure is complete, ``events.npz`` when all timestamps are read.
    Timestamps of an older state are not kept beside a newer ``account.json``.

    Raises:
        SnapshotError: the folder holds another account's snapshot or unfinished pull, or a file that is not a snapshot.
        UsageError: ``api_url`` is not an address a credential may be sent to.
    """

    pulled = Pulled(Account(), 0, InterruptedPullError("interrupted"))

    async def run() -> None:
        nonlocal pulled
        async with open_client(credential, api_url, timing, timeouts, budget=budget) as client:
            pulled = await read_account(client, folder=folder, progress=progress, evidence=evidence, keep_on_cancel=True, day=day)

    with contextlib.suppress(KeyboardInterrupt):
        _run(run())
    return pulled


def _run(main: Coroutine[Any, Any, None]) -> None:
    """Run to the end. Where an event loop is running already, as in a notebook, in a thread of its own; Ctrl-C cancels it there, too."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(main)
        return
    loop = asyncio.new_event_loop()
    task = loop.create_task(main)
    with contextlib.closing(loop), ThreadPoolExecutor(1) as thread:
        running = thread.submit(loop.run_until_complete, task)
        try:
            running.result()
        except KeyboardInterrupt:
            loop.call_soon_threadsafe(task.cancel)
            raise


async def read_account(
    client: Client,
    *,
    folder: Path | None = None,
    progress: Progress | None = None,
    evidence: EvidenceRequest | None = None,
    keep_on_cancel: bool = False,
    day: dt.date | None = None,
) -> Pulled:
    """As ``pull``, with a client of the caller's. A cancellation goes through unless ``keep_on_cancel`` turns it into a problem."""
    try:
        with locked(folder):
            return await _read(client, folder, progress, evidence, day, keep_on_cancel=keep_on_cancel)
    except OutputError as error:  # what goes wrong later is the problem of what was read until then
        return Pulled(Account(), client.budget.sent, error)


async def _read(
    client: Client,
    folder: Path | None,
    progress: Progress | None,
    evidence: EvidenceRequest | None,
    day: dt.date | None,
    *,
    keep_on_cancel: bool,
) -> Pulled:
    reader = _Reader(client, folder, progress or Silent(), with_emails=evidence is not None and evidence.with_emails)
    reader.day = day or (evidence.now if evidence else dt.datetime.now(dt.UTC)).astimezone(dt.UTC).date()
    problem: IncompleteError | None = None
    try:
        await reader.run()
        if evidence and reader.snapshot_done:
            await reader.read_evidence(evidence)
        reader.finish()
    except IncompleteError as error:
        problem = error
    except asyncio.CancelledError:
        if not keep_on_cancel:
            raise
        problem = InterruptedPullError("interrupted", hint="What was read is kept; run the same command again to go on." if folder else "")
    finally:
        reader.close()
    return reader.result(problem)


class _Reader:
    """One pull under way: the units read so far and where they are written down."""

    def __init__(self, client: Client, folder: Path | None, progress: Progress, *, with_emails: bool) -> None:
        self.client = client
        self.with_emails = with_emails
        self.folder = folder
        self.progress = progress
        self.store = Store(folder / PARTIAL_FILE if folder else None)
        self.evidence: EvidenceReader | None = None
        self.evidence_store = Store(None)
        self.snapshot: Path | None = None
        self.snapshot_done = False
        self.pull = ""
        self.day = dt.date.min
        self.units: dict[UnitKey, Unit] = {}
        self.done = 0
        self.expected = 0
        self.emails_broke = False
        self.held_back: TooManyRequestsError | None = None

    async def run(self) -> None:
        await self.begin()
        wanted = [name for name in LISTS if UnitKey(name) not in self.units]
        self.expected += sum(len(LISTS[name]) for name in wanted)
        others = [self.section(name) for name in wanted if name is not SectionName.SEQUENCES]
        await _together([self.sequences_and_emails(), self.subscribers(), *others])
        if self.held_back:  # only now: what else there is was read and is kept
            raise self.held_back
        self.snapshot_done = all(unit.problem is None for unit in self.units.values())
        if self.folder and self.snapshot_done:
            self.snapshot = write_snapshot(self.folder, self.account)
            remove(self.folder / PEOPLE_FILE)
            remove(self.folder / EVENTS_FILE)

    @property
    def account(self) -> Account:
        """The account as far as it was read."""
        return msgspec.structs.replace(assemble(self.units), with_emails=self.with_emails, read_on=self.day)

    async def read_evidence(self, request: EvidenceRequest) -> None:
        """Read the timestamps. The bounds of an interrupted reading stay: its lists and the new ones are then about the same days."""
        account = self.account
        began, saved = saved_evidence(self.folder, self.pull)
        plan = plan_evidence(account, began or request.now, days=request.days, max_people=request.max_people, whole=request.whole(account))
        reader = self.evidence = EvidenceReader(self.client, plan, saved, self.step_by, with_emails=self.with_emails)
        if self.folder:
            self.evidence_store = reader.keep_in(self.folder, self.pull)
        missing = reader.missing
        request.announce(missing, self.client.limiter.seconds_for(missing.requests))
        self.foresee(missing.requests, f"The timestamps of {len(missing.lists):,} tags, forms and sequences")
        self.step_by(0, missing.requests)
        queue = iter(missing.lists)
        await _together([reader.work(queue) for _ in range(CONNECTIONS)])
        if self.folder:
            write_evidence(self.folder, assemble_evidence(reader.plan, reader.found))
            if self.with_emails:
                write_people(self.folder, assemble_roster(reader.plan, reader.found))

    def finish(self) -> None:
        """Everything wanted is written: nothing is left to resume."""
        if self.snapshot:
            # In this order: an evidence file without its pull is none that could be taken for a newer pull's.
            self.store.remove()
            self.evidence_store.remove()
            remove(self.snapshot.with_name(EVIDENCE_PARTIAL_FILE))

    def close(self) -> None:
        self.store.close()
        self.evidence_store.close()

    def result(self, problem: IncompleteError | None) -> Pulled:
        """Sorts out what there is."""
        problem = problem or next((unit.problem for unit in in_stored_order(self.units) if unit.problem), None)
        pulled = Pulled(self.account, self.client.budget.sent, problem, self.snapshot)
        if self.evidence is None:
            return pulled
        plan, found = self.evidence.plan, self.evidence.found
        return msgspec.structs.replace(pulled, evidence=assemble_evidence(plan, found), roster=assemble_roster(plan, found))

    async def begin(self) -> None:
        """Read the account itself first: a refused credential costs one request, and nothing is mixed with another account."""
        saved = read_saved(self.folder, self.client.credential) if self.folder else None
        kept = {unit.key: unit for unit in saved.units} if saved else {}
        if saved and saved.same_credential and ACCOUNT in kept:
            account = kept[ACCOUNT]
        else:
            account = await self.read_info()
            if ACCOUNT in kept and self.folder:
                refuse_other_account(self.folder, "an unfinished pull", _id_of(kept[ACCOUNT]), _id_of(account))
            kept = {key: unit for key, unit in kept.items() if ACCOUNT in kept and survives_new_credential(unit)}
        if self.folder:
            check_replaceable(self.folder, _id_of(account))
            remove_unfinished(self.folder)
        self.units = kept | {ACCOUNT: account}
        self.pull = (saved and saved.pull) or new_pull()
        self.day = (kept and saved and saved.day) or self.day
        self.store.begin(header_line(self.client.credential, self.pull, self.day), *map(unit_line, self.units.values()))

    async def read_info(self) -> Unit:
        self.expected += 1
        try:
            raw = await self.client.get(ACCOUNT_PATH, (), _account_object)
        except (CredentialsError, KitRefusedError) as error:
            self.units[ACCOUNT] = Unit(ACCOUNT, SectionState(SectionStatus.REFUSED, error.message))
            error.hint = error.hint or "Check the API address, and what this credential may read."
            raise
        decoded = decode_list(SectionName.ACCOUNT, (raw,), "account")
        self.step(more=False)
        return Unit(ACCOUNT, decoded.state(COMPLETE), decoded.objects, decoded.bad)

    async def subscribers(self) -> None:
        """Ask how many there are, unless it is known or was refused. That is one request, and nobody is read."""
        unit = self.units[ACCOUNT]
        info = info_of(unit)
        if info is None or info.subscriber_count is not None or any(item.path == COUNTED for item in unit.bad):
            return
        self.expected += 1
        try:
            info = msgspec.structs.replace(info, subscriber_count=await self.client.get(COUNT_PATH, COUNT, total_of))
        except (CredentialsError, KitRefusedError) as error:
            unit = msgspec.structs.replace(unit, bad=(*unit.bad, BadObject(COUNTED, error.message)))
        except IncompleteError as error:
            self.units[ACCOUNT] = msgspec.structs.replace(unit, problem=error)
            return
        else:
            bad = () if info.subscriber_count is not None else (BadObject(COUNTED, "Kit does not say how many subscribers there are"),)
            unit = msgspec.structs.replace(unit, objects=(info,), bad=(*unit.bad, *bad))
        self.step(more=False)
        self.keep(unit)

    async def section(self, name: SectionName) -> None:
        self.keep(await self.read(UnitKey(name), LISTS[name]))

    async def sequences_and_emails(self) -> None:
        if UnitKey(SectionName.SEQUENCES) not in self.units:
            await self.section(SectionName.SEQUENCES)
        keys = [UnitKey(SectionName.SEQUENCE_EMAILS, item.id) for item in sequences_of(self.units)]
        wanted = [key for key in keys if key not in self.units]
        try:
            self.foresee(len(wanted), f"The emails of {len(wanted):,} sequences")
        except TooManyRequestsError as error:
            self.held_back = error
            return
        self.expected += len(wanted)
        queue = iter(wanted)
        await _together([self.emails(queue) for _ in range(CONNECTIONS)])

    async def emails(self, queue: Iterator[UnitKey]) -> None:
        """One of several that share the work. They stop at the first problem: every further sequence would use up a whole budget."""
        for key in queue:
            unit = await self.read(key, (emails_of(key.sequence or 0),))
            self.emails_broke = self.emails_broke or unit.problem is not None
            self.keep(unit)
            if self.emails_broke:
                return

    def keep(self, unit: Unit) -> None:
        self.units[unit.key] = unit
        if finished(unit):
            self.store.add(unit_line(unit))

    async def read(self, key: UnitKey, requests: tuple[ListRequest, ...]) -> Unit:
        """Read the lists of one unit. What goes wrong becomes its state; a refusal is a response, anything else a problem."""
        raws: list[msgspec.Raw] = []
        problem: IncompleteError | None = None
        state = COMPLETE
        try:
            for request in requests:
                async for page in pages(self.client, request, MAX_PAGES):
                    raws += page.objects
                    self.step(more=page.more)
                    if page.cut:
                        raise KitUnreachableError(f"Kit's list at GET {request.path} promises another page but does not say where")
        except (CredentialsError, KitRefusedError) as error:
            usual = isinstance(error, CredentialsError) and key == WEBHOOK_ENDPOINTS and self.client.credential.kind is CredentialKind.KEY
            reason = NOT_FOR_KEYS if usual else error.message
            state = SectionState(SectionStatus.PARTIAL if raws else SectionStatus.REFUSED, reason)
            problem = error if raws else None
        except IncompleteError as error:
            state = SectionState(SectionStatus.PARTIAL if raws else SectionStatus.SKIPPED, error.message)
            problem = error
        path = key.section if key.sequence is None else f"{key.section}[{key.sequence}]"
        decoded = decode_list(key.section, raws, path)
        return Unit(key, decoded.state(state), decoded.objects, decoded.bad, problem)

    def foresee(self, requests: int, what: str) -> None:
        """Raises TooManyRequestsError."""
        self.client.budget.foresee(requests, what, format_time(self.client.limiter.seconds_for(requests)))

    def step(self, *, more: bool) -> None:
        self.step_by(1, more)

    def step_by(self, done: int, more: int) -> None:
        self.done += done
        self.expected += more
        self.progress.update(self.done, self.expected, self.client.limiter.seconds_for(self.expected - self.done))


def _account_object(body: bytes) -> msgspec.Raw:
    document = read_document(body)
    if "account" not in document:
        raise UnexpectedResponseError("has no account")
    return document["account"]


async def _together(jobs: list[Coroutine[Any, Any, None]]) -> None:
    """Run all; the first that fails stops the others and is what is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for job in jobs:
                group.create_task(job)
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None


def _id_of(account: Unit) -> int | None:
    info = info_of(account)
    return info.id if info else None
