"""What is left of an earlier run into the same folder, so that the next one need not do it again (``--resume``)."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ckaudit.fleet.audit import Audited, manifests_of
from ckaudit.fleet.jobs import Job, Plan
from ckaudit.fleet.summary import titles_in
from ckaudit.model.config import Config
from ckaudit.model.errors import CkauditError, InputError
from ckaudit.model.fleet import FLEET_SCHEMA, RowStatus
from ckaudit.sources.config import read_config
from ckaudit.sources.events import EVENTS_FILE
from ckaudit.sources.fleet_result import FLEET_FILE, newest, oldest, read_fleet_result, read_partial
from ckaudit.sources.snapshot import ACCOUNT_FILE


def header_line() -> bytes:
    """The first line of the file of a run under way."""
    return msgspec.json.encode({"schema": FLEET_SCHEMA})


def row_line(audited: Audited) -> bytes:
    """One finished account."""
    return msgspec.json.encode(audited)


def kept_accounts(plan: Plan, out: Path) -> dict[str, Audited]:
    """The accounts that were audited to the end into this folder, by name: asked for in the same way, and no file has changed since."""
    jobs = {job.name: job for job in plan.jobs}
    stored = [(jobs[name], audited) for name, audited in _stored(out).items() if name in jobs]
    return {job.name: audited for job, audited in stored if _asked_for(audited, job) and _is_fresh(audited, job)}


def _stored(out: Path) -> dict[str, Audited]:
    """Every row there is; of two, the one of the run that was interrupted."""
    found: dict[str, Audited] = {}
    if (out / FLEET_FILE).exists():
        try:
            result = read_fleet_result(out)
        except InputError:  # of another version, or damaged: as if there were none
            result = None
        if result:
            titles = titles_in(result)
            found = {row.name: Audited(row, {hits.rule: titles[hits.rule] for hits in row.rules}) for row in result.accounts}
    header, *lines = read_partial(out) or (b"",)
    if header != header_line():
        return found
    for line in lines:
        try:
            audited = msgspec.json.decode(line, type=Audited)
        except (ValueError, RecursionError):  # cut off in the middle
            continue
        found[audited.row.name] = audited
    return found


def _asked_for(audited: Audited, job: Job) -> bool:
    return audited.row.status is RowStatus.AUDITED and audited.row.digest == job.digest and set(audited.row.reports) == set(job.reports)


def _is_fresh(audited: Audited, job: Job) -> bool:
    """As make does: whether every report is there and newer than what it was made of."""
    if job.folder is None:
        return False
    reports = tuple(job.folder / name for name in audited.row.reports)
    return newest(_inputs(job)) <= oldest(reports)


def _inputs(job: Job) -> tuple[Path, ...]:
    try:
        config = read_config(job.config) if job.config else Config()
    except CkauditError:
        config = Config()
    files = [job.config] if job.config else []
    if job.snapshot is None:
        return tuple(files)
    folder = job.snapshot if job.snapshot.is_dir() else job.snapshot.parent
    return (*files, *manifests_of(job, config, job.snapshot), folder / ACCOUNT_FILE, folder / EVENTS_FILE)
