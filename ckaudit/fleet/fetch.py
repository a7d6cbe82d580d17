"""Reads the live accounts: all in one event loop, each with a client of its own and one limiter per credential."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from ckaudit.fleet.jobs import Job, Live, Unfinished
from ckaudit.kit.budget import RequestBudget
from ckaudit.kit.client import open_client
from ckaudit.kit.credentials import Credential
from ckaudit.kit.limiter import RateLimiter
from ckaudit.kit.timing import Timing
from ckaudit.model.errors import InputError
from ckaudit.model.pulled import Pulled
from ckaudit.pull import address_of, day_of, evidence_request, usable
from ckaudit.sources.evidence_file import write_evidence
from ckaudit.sources.keys import credential_of
from ckaudit.sources.live import read_account
from ckaudit.sources.manifest.places import manifest_folders
from ckaudit.sources.snapshot import write_snapshot

# Accounts read at the same time. Kit's limit is per key, so more would not be refused; but each holds its account in memory.
MAX_AT_ONCE = 20

OnProgress = Callable[[str, int, int, float], None]
"""Called after every response: account, requests answered, requests known, seconds the rest takes."""


class Fetcher:
    """Reads accounts. ``scratch`` holds what is not kept: snapshots nobody asked for, and accounts read in part.

    ``credentials`` gets those in use, so that no crash text can show them.
    """

    def __init__(
        self,
        folder: Path,
        scratch: Path,
        environ: Mapping[str, str],
        on_progress: OnProgress,
        credentials: list[Credential],
        timing: Timing | None = None,
    ) -> None:
        self._credentials = credentials
        self._folder = folder
        self._scratch = scratch
        self._environ = environ
        self._on_progress = on_progress
        self._timing = timing or Timing()
        self._turn = asyncio.Semaphore(MAX_AT_ONCE)
        self._limiters: dict[str, RateLimiter] = {}
        self._salt = os.urandom(16)

    async def fetch(self, live: Live) -> Job:
        """Read one account. When it could be read in part, the job says why; it is audited all the same.

        Raises:
            CkauditError: nothing could be read, or somebody pressed Ctrl-C.
        """
        async with self._turn:
            return await self._fetch(live)

    async def _fetch(self, live: Live) -> Job:
        job = live.job
        request = live.pull
        credential = credential_of(live.account.table, self._folder, self._environ)
        if credential is None:
            raise InputError("this account has no credential")
        self._credentials.append(credential)
        source = job.audit.source
        folder = source if isinstance(source, Path) else self._scratch / "whole" / str(len(self._credentials))
        limiter = self._limiters.setdefault(credential.mark(self._salt), RateLimiter(credential.requests_per_minute, self._timing))
        budget = RequestBudget(request.max_requests)
        async with open_client(credential, address_of(request), self._timing, limiter=limiter, budget=budget) as client:
            pulled = await read_account(
                client,
                folder=folder,
                progress=_Progress(job.name, self._on_progress),
                evidence=evidence_request(request),
                keep_on_cancel=True,
                day=day_of(request),
            )
        return self._read(job, folder, usable(pulled))

    def _read(self, job: Job, folder: Path, pulled: Pulled) -> Job:
        """What was read, ready for a worker. An account in part is not a snapshot: it is stored where nothing is kept."""
        problem = pulled.problem
        if problem is None:
            return msgspec.structs.replace(job, audit=msgspec.structs.replace(job.audit, source=folder))
        part = self._scratch / "part" / str(len(list((self._scratch / "part").glob("*"))))
        write_snapshot(part, pulled.account)
        if pulled.evidence:
            write_evidence(part, pulled.evidence)
        audit = msgspec.structs.replace(job.audit, source=part, look_in=manifest_folders(folder))
        return msgspec.structs.replace(job, audit=audit, unfinished=Unfinished(problem.message, problem.hint, problem.exit_status))


class _Progress:
    """Hands on what a pull says, with the account's name."""

    def __init__(self, name: str, on_progress: OnProgress) -> None:
        self._name, self._on_progress = name, on_progress

    def update(self, done: int, expected: int, seconds_left: float) -> None:
        self._on_progress(self._name, done, expected, seconds_left)
