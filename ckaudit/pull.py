"""Reading a live account: a request in, what was read out. Commands, fleets and the Python API use it."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import msgspec

from ckaudit.audit import AuditRequest, config_of, manifests_of, stack_of
from ckaudit.kit.budget import DEFAULT_MAX_REQUESTS, RequestBudget, say_no
from ckaudit.kit.credentials import Credential, find_credential
from ckaudit.kit.http import DEFAULT_API_URL
from ckaudit.model.account import Account
from ckaudit.model.errors import InputError, InterruptedPullError
from ckaudit.model.pulled import Pulled
from ckaudit.model.refs import Key
from ckaudit.observed.lists_to_read import read_whole
from ckaudit.sources.evidence_plan import DEFAULT_DAYS, DEFAULT_MAX_PEOPLE, EvidencePlan, EvidenceRequest, say_nothing
from ckaudit.sources.files import StrPath
from ckaudit.sources.live import Progress, pull
from ckaudit.sources.resume import keep_out_of_git
from ckaudit.sources.stacks import read_stacks

OnProblem: TypeAlias = Callable[[InputError], None]


class PullRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What to read of an account, and where to keep it.

    Without a ``credential`` that of the environment is used: KIT_API_KEY or KIT_ACCESS_TOKEN; without an ``api_url`` KIT_API_URL, or
    else Kit's own. ``folder`` is made a snapshot; an interrupted pull into it goes on with what it has. ``evidence``: read people's
    timestamps as well, those of the last ``evidence_days`` days, and of fewer days where more than ``evidence_max`` people got a tag,
    form or sequence; ``with_emails``: keep their addresses. No more than ``max_requests`` are sent without being told so. Tags and
    sequences that give or take access are read whole. Which those are, the manifests, the stack and the configuration of ``audit`` help
    to tell.
    """

    credential: Credential | None = None
    api_url: str | None = None
    folder: StrPath | None = None
    evidence: bool = True
    evidence_days: int = DEFAULT_DAYS
    evidence_max: int = DEFAULT_MAX_PEOPLE
    with_emails: bool = False
    max_requests: int = DEFAULT_MAX_REQUESTS
    audit: AuditRequest = AuditRequest()


def ignore(_: InputError) -> None:
    """Say nothing: the audit that follows does."""


def pull_account(
    request: PullRequest,
    *,
    progress: Progress | None = None,
    announce: Callable[[EvidencePlan, float], None] = say_nothing,
    on_problem: OnProblem = ignore,
    ask: Callable[[str], bool] = say_no,
) -> Pulled:
    """Read an account over Kit's API. What goes wrong on the way is the ``problem`` of what was read until then.

    ``announce`` is called with the timestamps that are about to be read, ``on_problem`` with what is wrong with manifests and
    configuration; they then do not help to decide which tags matter. ``ask`` is asked whether to send more than ``max_requests``.

    Raises:
        IncompleteError: nothing could be read, or somebody pressed Ctrl-C.
        SnapshotError: the folder holds another account's snapshot, or a file that is not a snapshot.
    """
    folder = None if request.folder is None else Path(request.folder)
    wanted = evidence_request(request, announce=announce, on_problem=on_problem)
    credential = request.credential or find_credential(os.environ)
    if folder is not None:
        keep_out_of_git(folder)
    budget = RequestBudget(request.max_requests, ask)
    return usable(
        pull(credential, api_url=address_of(request), folder=folder, progress=progress, evidence=wanted, day=day_of(request), budget=budget)
    )


def address_of(request: PullRequest) -> str:
    """Where Kit's API is."""
    return request.api_url or os.environ.get("KIT_API_URL") or DEFAULT_API_URL


def day_of(request: PullRequest) -> dt.date:
    """The day of the reading (UTC), by the clock of the request."""
    return (request.audit.now or dt.datetime.now(dt.UTC)).astimezone(dt.UTC).date()


def usable(pulled: Pulled) -> Pulled:
    """The same. Raises its problem when it is too little to be audited, or when somebody pressed Ctrl-C."""
    if pulled.problem and (pulled.account.info is None or isinstance(pulled.problem, InterruptedPullError)):
        raise pulled.problem
    return pulled


def evidence_request(
    request: PullRequest, *, announce: Callable[[EvidencePlan, float], None] = say_nothing, on_problem: OnProblem = ignore
) -> EvidenceRequest | None:
    """Which timestamps to read; None for none."""
    if not request.evidence:
        return None
    now = request.audit.now or dt.datetime.now(dt.UTC)

    def whole(account: Account) -> frozenset[Key]:
        try:
            return _read_whole(request.audit, account, now)
        except InputError as error:
            on_problem(error)
        return read_whole(account, (), now, request.audit.stack if request.audit.stack in read_stacks() else None)

    return EvidenceRequest(
        now=now,
        days=request.evidence_days,
        max_people=request.evidence_max,
        with_emails=request.with_emails,
        whole=whole,
        announce=announce,
    )


def _read_whole(request: AuditRequest, account: Account, now: dt.datetime) -> frozenset[Key]:
    config = config_of(request)
    return read_whole(account, manifests_of(request, config), now, stack_of(request, config, read_stacks()), config.file.test_tags)
