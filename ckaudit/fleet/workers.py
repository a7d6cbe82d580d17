"""Worker processes. Each has a process pool of its own with one process, so that a process that dies shows which account it had.

Processes are spawned, never forked: the parent has threads and an event loop. What a worker needs is imported and loaded once.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait

from ckaudit.fleet.audit import FinishedAccount, audit_account, failed_row, process_number
from ckaudit.fleet.jobs import Job
from ckaudit.model.errors import BugError

# An account takes seconds; one whose rules run for a quarter of an hour would run forever.
MAX_SECONDS = 900.0
# Nothing is known to leak; a fresh process every so often makes sure that nothing can add up.
MAX_ACCOUNTS = 500


class Worker:
    """One process, started when it is needed. ``seconds`` is how long it may take for one account."""

    def __init__(self, seconds: float = MAX_SECONDS) -> None:
        self._seconds = seconds
        self._pool: ProcessPoolExecutor | None = None
        self._process = 0
        self._accounts = 0

    async def audit(self, job: Job) -> FinishedAccount:
        """Audit an account. A process that dies or never ends is the row of its account."""
        loop = asyncio.get_running_loop()
        try:
            pool = await self._start()
            self._accounts += 1
            return await asyncio.wait_for(loop.run_in_executor(pool, audit_account, job), self._seconds)
        except BrokenProcessPool:
            self.stop()
            hint = "Was it killed because memory ran out? Fewer --jobs need less. Other accounts are not touched."
            return FinishedAccount(failed_row(job, BugError("the process that audited this account died", hint=hint)))
        except TimeoutError:
            self.kill()
            sentence = f"the audit took longer than {self._seconds:.0f} s and was ended"
            return FinishedAccount(failed_row(job, BugError(sentence, hint="Does a rule of your own run forever?")))

    def stop(self) -> None:
        """Let the process go when it has finished what it does."""
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool, self._process, self._accounts = None, 0, 0

    def kill(self) -> None:
        """End the process now."""
        if self._process:
            with contextlib.suppress(OSError):
                os.kill(self._process, getattr(signal, "SIGKILL", signal.SIGTERM))
        self.stop()

    async def _start(self) -> ProcessPoolExecutor:
        """The pool with its process, a fresh one after so many accounts."""
        if self._accounts >= MAX_ACCOUNTS:
            self.stop()
        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_begin)
            with _interrupts_wait():
                started = self._pool.submit(process_number)
            self._process = await asyncio.wrap_future(started)
        return self._pool


def _begin() -> None:
    """What a worker does first. Ctrl-C reaches every process of a terminal, and the parent decides what becomes of the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    """A parent that is killed cannot stop its workers, and they would wait for the next account forever."""
    parent = parent_process()
    if parent:
        wait([parent.sentinel])
        os._exit(1)


@contextlib.contextmanager
def _interrupts_wait() -> Iterator[None]:
    """A process started in here is deaf to Ctrl-C from its first moment; one that is pressed meanwhile comes at the end."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
