"""Reads the live accounts: all in one event loop, each with a client of its own and one limiter per credential."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from ckaudit.fleet.audit import manifests_of
from ckaudit.fleet.jobs import Job, Live, Unfinished
from ckaudit.kit.client import open_client
from ckaudit.kit.credentials import Credential
from ckaudit.kit.http import DEFAULT_API_URL
from ckaudit.kit.limiter import RateLimiter
from ckaudit.kit.timing import Timing
from ckaudit.model.account import Account
from ckaudit.model.config import Config
from ckaudit.model.errors import InputError, InterruptedPullError
from ckaudit.model.refs import Key
from ckaudit.observed.lists_to_read import read_whole
from ckaudit.sources.config import read_config
from ckaudit.sources.evidence_file import write_evidence
from ckaudit.sources.evidence_plan import DEFAULT_DAYS, DEFAULT_MAX_PEOPLE, EvidenceRequest
from ckaudit.sources.keys import credential_of
from ckaudit.sources.live import Pulled, read_account
from ckaudit.sources.snapshot import write_snapshot

# Accounts read at the same time. Kit's limit is per key, so more would not be refused; but each holds its account in memory.
MAX_AT_ONCE = 20

Told = Callable[[str, int, int, float], None]
"""Told after every answer: account, requests answered, requests known, seconds the rest takes."""


class Fetcher:
    """Reads accounts. ``scratch`` holds what is not kept: snapshots nobody asked for, and accounts read in part.

    ``credentials`` gets those in use, so that no crash text can show them.
    """

    def __init__(
        self,
        folder: Path,
        scratch: Path,
        environ: Mapping[str, str],
        told: Told,
        credentials: list[Credential],
        timing: Timing | None = None,
    ) -> None:
        self._credentials = credentials
        self._folder = folder
        self._scratch = scratch
        self._environ = environ
        self._told = told
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
        credential = credential_of(live.account.table, self._folder, self._environ)
        if credential is None:
            raise InputError("this account has no credential")
        self._credentials.append(credential)
        folder = job.snapshot or self._scratch / "whole" / str(len(self._credentials))
        limiter = self._limiters.setdefault(credential.mark(self._salt), RateLimiter(credential.requests_per_minute, self._timing))
        progress = _Progress(job.name, self._told)
        async with open_client(credential, job.wishes.api_url or DEFAULT_API_URL, self._timing, limiter=limiter) as client:
            wanted = None if job.wishes.evidence is False else _evidence_request(job, folder)
            pulled = await read_account(client, folder=folder, progress=progress, evidence=wanted, keep_on_cancel=True)
        return self._read(msgspec.structs.replace(job, snapshot=folder), pulled)

    def _read(self, job: Job, pulled: Pulled) -> Job:
        """What was read, ready for a worker. An account in part is no snapshot: it goes the way of what is not kept."""
        if pulled.problem is None:
            return job
        problem = pulled.problem
        if pulled.account.info is None or isinstance(problem, InterruptedPullError):
            raise problem
        part = self._scratch / "part" / str(len(list((self._scratch / "part").glob("*"))))
        write_snapshot(part, pulled.account)
        if pulled.evidence:
            write_evidence(part, pulled.evidence)
        return msgspec.structs.replace(
            job, snapshot=part, place=None, beside=job.snapshot, unfinished=Unfinished(problem.message, problem.hint, problem.exit_status)
        )


class _Progress:
    """Hands on what a pull says, with the account's name."""

    def __init__(self, name: str, told: Told) -> None:
        self._name, self._tell = name, told

    def update(self, done: int, expected: int, seconds_left: float) -> None:
        self._tell(self._name, done, expected, seconds_left)


def _evidence_request(job: Job, folder: Path) -> EvidenceRequest:
    """Which timestamps to read. Faulty files do not help to tell which tags matter; the audit will tell the fault."""
    wishes = job.wishes

    def whole(account: Account) -> frozenset[Key]:
        try:
            config = read_config(job.config) if job.config else Config()
            stack = job.stack or config.file.stack
            return read_whole(account, manifests_of(job, config, folder), wishes.now, stack, config.file.test_tags)
        except InputError:
            return read_whole(account, (), wishes.now, job.stack)

    return EvidenceRequest(
        now=wishes.now, days=wishes.evidence_days or DEFAULT_DAYS, max_people=wishes.evidence_max or DEFAULT_MAX_PEOPLE, whole=whole
    )
