"""What is left of an earlier run into the same folder, so that the next one need not do it again (``--resume``)."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ckaudit.audit import config_of, manifests_of
from ckaudit.fleet.audit import FinishedAccount
from ckaudit.fleet.jobs import Job, Plan
from ckaudit.fleet.summary import titles_in
from ckaudit.model.errors import CkauditError, InputError
from ckaudit.model.fleet import FLEET_SCHEMA, RowStatus
from ckaudit.model.pulled import COUNTS_FILE
from ckaudit.sources.events import EVENTS_FILE
from ckaudit.sources.fleet_result import FLEET_FILE, newest, oldest, read_fleet_result, read_partial
from ckaudit.sources.reading import READING_FILE
from ckaudit.sources.snapshot import ACCOUNT_FILE, folder_of


def header_line() -> bytes:
    """The first line of the file of a run under way."""
    return msgspec.json.encode({"schema": FLEET_SCHEMA})


def row_line(account: FinishedAccount) -> bytes:
    """One finished account."""
    return msgspec.json.encode(account)


def finished_accounts(plan: Plan, out: Path) -> dict[str, FinishedAccount]:
    """The accounts that were audited to the end into this folder, by name: asked for in the same way, and no file has changed since."""
    jobs = {job.name: job for job in plan.jobs}
    stored = [(jobs[name], account) for name, account in _stored(out).items() if name in jobs]
    return {job.name: account for job, account in stored if _asked_for(account, job) and _is_fresh(account, job)}


def _stored(out: Path) -> dict[str, FinishedAccount]:
    """Every row there is; of two, the one of the run that was interrupted."""
    found: dict[str, FinishedAccount] = {}
    if (out / FLEET_FILE).exists():
        try:
            result = read_fleet_result(out)
        except InputError:  # of another version, or damaged: as if there were none
            result = None
        if result:
            titles = titles_in(result)
            found = {row.name: FinishedAccount(row, {hits.rule: titles[hits.rule] for hits in row.rules}) for row in result.accounts}
    header, *lines = read_partial(out) or (b"",)
    if header != header_line():
        return found
    for line in lines:
        try:
            account = msgspec.json.decode(line, type=FinishedAccount)
        except (ValueError, RecursionError):  # cut off in the middle
            continue
        found[account.row.name] = account
    return found


def _asked_for(account: FinishedAccount, job: Job) -> bool:
    return account.row.status is RowStatus.AUDITED and account.row.digest == job.digest and set(account.row.reports) == set(job.reports)


def _is_fresh(account: FinishedAccount, job: Job) -> bool:
    """As make does: whether every report is there and newer than what it was made of."""
    if job.folder is None:
        return False
    reports = tuple(job.folder / name for name in account.row.reports)
    return newest(_inputs(job)) <= oldest(reports)


def _inputs(job: Job) -> tuple[Path, ...]:
    """Every file the account's reports were made of."""
    try:
        config = config_of(job.audit)
        manifests = manifests_of(job.audit, config)
    except CkauditError:
        manifests = ()
    files = (job.audit.config,) if isinstance(job.audit.config, Path) else ()
    source = job.audit.source
    if not isinstance(source, Path):
        return files
    return (*files, *manifests, *(folder_of(source) / name for name in (ACCOUNT_FILE, COUNTS_FILE, EVENTS_FILE, READING_FILE)))
