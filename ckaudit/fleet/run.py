"""One run over several accounts: live ones are read while those that are there are audited."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from ckaudit.fleet.audit import FinishedAccount, Titles, bug_of, failed_row
from ckaudit.fleet.checkpoint import header_line, row_line
from ckaudit.fleet.fetch import Fetcher
from ckaudit.fleet.jobs import Job, Live, Plan
from ckaudit.fleet.output import without_old_reports
from ckaudit.fleet.summary import make_result
from ckaudit.fleet.workers import MAX_SECONDS, Worker
from ckaudit.kit.credentials import Credential
from ckaudit.kit.timing import Timing
from ckaudit.model.errors import CkauditError, ExitStatus, InterruptedPullError
from ckaudit.model.fleet import AccountRow, FleetResult, RowStatus
from ckaudit.sources.fleet_result import PARTIAL_FILE
from ckaudit.sources.resume import Store

# After Ctrl-C a worker may finish its account for so many seconds; then it is ended.
LAST_ORDERS = 20.0

Jobs = asyncio.Queue[Job | None]


class State(msgspec.Struct):
    """How far a run is. ``reading``: requests answered, requests known and seconds left of every account that is being read.

    ``ending``: somebody pressed Ctrl-C, and the workers finish the accounts they have.
    """

    accounts: int
    done: int = 0
    ending: bool = False
    reading: dict[str, tuple[int, int, float]] = msgspec.field(default_factory=dict)


class Run:
    """One run: what is done, what is not. ``seconds`` is how long one audit may take; ``watch`` is called whenever something happens."""

    def __init__(
        self,
        plan: Plan,
        *,
        processes: int,
        environ: Mapping[str, str],
        watch: Callable[[State], None],
        finished: Mapping[str, FinishedAccount] | None = None,
        timing: Timing | None = None,
        seconds: float = MAX_SECONDS,
    ) -> None:
        self.plan = plan
        self.interrupted = False
        self.credentials: list[Credential] = []
        self._rows: dict[str, AccountRow] = {}
        self._titles: Titles = {}
        self._state = State(len(plan.jobs))
        self._processes = max(1, min(processes, len(plan.jobs)))
        self._environ, self._watch, self._timing, self._seconds = environ, watch, timing, seconds
        self._store = Store(plan.out / PARTIAL_FILE if plan.out else None)
        self._finished = dict(finished or {})

    def go(self) -> None:
        """Audit every account that is not finished. Ctrl-C lets the workers finish the accounts they have; what is done stays done."""
        self._store.begin(header_line(), *map(row_line, self._finished.values()))
        for account in self._finished.values():
            self._count(account)
        try:
            with tempfile.TemporaryDirectory(prefix="ckaudit-") as scratch:
                asyncio.run(self._go(Path(scratch)))
        finally:
            self._store.close()

    def forget(self) -> None:
        """The summary is written: nothing is left to resume."""
        self._store.remove()

    def result(self, generated_at: str) -> FleetResult:
        """What came of it. Accounts that the run did not come to are rows, too, and lose the reports of an earlier run."""
        rows = [self._rows.get(job.name) or without_old_reports(job, _not_run(job)) for job in self.plan.jobs]
        fleet = self.plan.fleet
        shard, shard_of = self.plan.shard, self.plan.shard_of
        return make_result(rows, self._titles, name=fleet.file.name, generated_at=generated_at, shard=shard, shard_of=shard_of)

    async def _go(self, scratch: Path) -> None:
        jobs: Jobs = asyncio.Queue()
        for job in self.plan.snapshots:
            if job.name not in self._rows:
                jobs.put_nowait(job)
        fetcher = Fetcher(self.plan.fleet.folder, scratch, self._environ, self._reading, self.credentials, self._timing)
        workers = [Worker(self._seconds) for _ in range(self._processes)]
        reading = [asyncio.create_task(self._read(fetcher, live, jobs)) for live in self.plan.live if live.job.name not in self._rows]
        working = [asyncio.create_task(self._work(worker, jobs)) for worker in workers]
        closing = asyncio.create_task(_close(reading, jobs, len(workers)))
        try:
            await _all_of([*reading, *working, closing])
        except asyncio.CancelledError:
            self.interrupted = self._state.ending = True
            self._watch(self._state)
            closing.cancel()
            await _cancelled(reading)
            while not jobs.empty():
                jobs.get_nowait()
            for _ in workers:
                jobs.put_nowait(None)
            await asyncio.wait(working, timeout=LAST_ORDERS)
        finally:
            for worker in workers:
                worker.kill() if any(not task.done() for task in working) else worker.stop()

    async def _read(self, fetcher: Fetcher, live: Live, jobs: Jobs) -> None:
        """Read one account, and hand it to the workers."""
        try:
            jobs.put_nowait(await fetcher.fetch(live))
        except InterruptedPullError:
            return  # a row that says so is made in the end
        except CkauditError as error:
            self._take(live.job, FinishedAccount(failed_row(live.job, error)))
        except Exception as error:  # noqa: BLE001  a bug that one account shows must not end the others
            self._take(live.job, FinishedAccount(failed_row(live.job, bug_of(error))))
        finally:
            self._state.reading.pop(live.job.name, None)

    async def _work(self, worker: Worker, jobs: Jobs) -> None:
        while (job := await jobs.get()) is not None:
            self._take(job, await worker.audit(job))
        worker.stop()

    def _take(self, job: Job, account: FinishedAccount) -> None:
        """Note what came of an account, on disk as well."""
        account = msgspec.structs.replace(account, row=without_old_reports(job, account.row))
        self._count(account)
        self._store.add(row_line(account))
        self._watch(self._state)

    def _count(self, account: FinishedAccount) -> None:
        self._rows[account.row.name] = account.row
        self._titles |= account.titles
        self._state.done += 1

    def _reading(self, name: str, done: int, expected: int, seconds: float) -> None:
        self._state.reading[name] = (done, expected, seconds)
        self._watch(self._state)


def _not_run(job: Job) -> AccountRow:
    return AccountRow(
        name=job.name,
        labels=job.labels,
        status=RowStatus.NOT_RUN,
        exit_status=ExitStatus.INCOMPLETE,
        reason="the run was interrupted before this account",
        hint="The same command with --resume goes on.",
        digest=job.digest,
    )


async def _close(reading: list[asyncio.Task[None]], jobs: Jobs, workers: int) -> None:
    """When everything is read, let each worker know that nothing more comes."""
    if reading:
        await asyncio.wait(reading)
    for _ in range(workers):
        jobs.put_nowait(None)


async def _all_of(tasks: list[asyncio.Task[None]]) -> None:
    """Wait for all; a cancellation leaves them alone. What one raises is raised: it concerns the whole run, such as a full disk."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    for task in done:
        task.result()


async def _cancelled(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError):
            await task
