"""What is to be done for each account: everything a worker needs, and no credential."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from ckaudit.audit import AuditRequest
from ckaudit.engine.exit_status import FailOn
from ckaudit.fleet.folder_names import folder_name
from ckaudit.fleet.shard import Shard, whole_of
from ckaudit.kit.budget import DEFAULT_MAX_REQUESTS
from ckaudit.model.branding import Branding
from ckaudit.model.config import ReportTable
from ckaudit.model.errors import ConfigError, ExitStatus, Problem, UsageError
from ckaudit.model.fleet_file import Fleet, FleetAccount
from ckaudit.model.pulled import COUNTS_FILE
from ckaudit.pull import PullRequest
from ckaudit.render.branding import read_branding
from ckaudit.render.formats import format_for, why_not
from ckaudit.sources.config import find_config
from ckaudit.sources.events import EVENTS_FILE
from ckaudit.sources.evidence_plan import DEFAULT_DAYS, DEFAULT_MAX_PEOPLE
from ckaudit.sources.fleet_file import chosen_accounts
from ckaudit.sources.manifest.places import short_path
from ckaudit.sources.people_file import PEOPLE_FILE
from ckaudit.sources.reading import READING_FILE
from ckaudit.sources.snapshot import ACCOUNT_FILE, folder_of
from ckaudit.version import __version__

_SNAPSHOT_FILES = (ACCOUNT_FILE, EVENTS_FILE, PEOPLE_FILE, READING_FILE, COUNTS_FILE)
_PLAIN_NAME = re.compile(r"[\w-][\w .-]{0,99}")
SNAPSHOT_FOLDER = "snapshot"


class FleetRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says; None leaves it to the files. ``audit`` holds for every account. ``out`` is the folder of the whole run,
    without one nothing is written.

    ``config`` is for accounts that name none. ``history`` holds a folder of earlier results for each account, ``baseline`` is the folder of
    an earlier run.
    """

    audit: AuditRequest
    out: Path | None = None
    only: tuple[str, ...] = ()
    shard: Shard | None = None
    config: Path | None = None
    history: Path | None = None
    baseline: Path | None = None
    reports: tuple[str, ...] = ()
    evidence_days: int | None = None
    evidence_max: int | None = None
    max_requests: int | None = None
    api_url: str | None = None


class Unfinished(msgspec.Struct, frozen=True):
    """Why an account could be read in part only, or not at all."""

    message: str
    hint: str = ""
    exit_status: ExitStatus = ExitStatus.INCOMPLETE


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One account. ``audit.source`` is the snapshot that is audited; for a live account the folder it is read into first, None while it has
    none.

    ``baseline`` is the folder in which the result of an earlier run is looked for, None where nothing is compared.
    ``folder`` is where the reports go, ``place`` the snapshot that reports may point into, ``unfinished`` why it is not all of the account.
    """

    name: str
    labels: tuple[str, ...]
    audit: AuditRequest
    place: Path | None
    folder: Path | None
    history: Path | None
    baseline: Path | None
    reports: tuple[str, ...]
    branding: dict[str, Any]
    digest: str
    unfinished: Unfinished | None = None


class Live(msgspec.Struct, frozen=True):
    """A live account: what is to be done once it is read, how it is read, and where its credential is."""

    job: Job
    pull: PullRequest
    account: FleetAccount


class Plan(msgspec.Struct, frozen=True):
    """All that is to be done, and whose summary it is. ``out`` is the folder of the run, ``shard`` such as ``2/4`` or empty.

    ``shard_of`` is a digest of the accounts that the shards divide.
    """

    fleet: Fleet
    out: Path | None
    shard: str
    shard_of: str
    snapshots: tuple[Job, ...]
    live: tuple[Live, ...]
    branding: Branding

    @property
    def found_configs(self) -> dict[Path, tuple[str, ...]]:
        """The configurations that nobody named, each with its accounts."""
        found: dict[Path, tuple[str, ...]] = {}
        for job in self.jobs:
            if isinstance(path := job.audit.config, Path) and not job.audit.config_is_named:
                found[path] = (*found.get(path, ()), job.name)
        return found

    @property
    def unmade(self) -> tuple[UsageError, ...]:
        """Why reports of this name will be missing: what they need is not installed."""
        names = dict.fromkeys(name for job in self.jobs if job.folder for name in job.reports)
        found = ((name, why_not(format_for(name).name)) for name in names)
        return tuple(UsageError(f"{name} will not be written: {why.message}", hint=why.hint) for name, why in found if why)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Every account once."""
        return (*self.snapshots, *(item.job for item in self.live))


def make_plan(fleet: Fleet, request: FleetRequest) -> Plan:
    """What is to be done.

    Raises:
        ConfigError: ``--only`` means nothing, or a logo or colour cannot be used.
    """
    _check_reports(fleet, request)
    chosen, shard_of = _here(chosen_accounts(fleet, request.only), request.shard)
    _check_branding(fleet)
    house = _branding(fleet, fleet.file.defaults.report, "defaults")
    made = [(account, _job(fleet, account, request, house)) for account in chosen]
    return Plan(
        fleet,
        request.out,
        str(request.shard or ""),
        shard_of,
        tuple(job for account, job in made if account.table.snapshot is not None),
        tuple(Live(job, _pull(account, request, job.audit), account) for account, job in made if account.table.snapshot is None),
        house_branding(fleet),
    )


def _here(accounts: tuple[FleetAccount, ...], shard: Shard | None) -> tuple[tuple[FleetAccount, ...], str]:
    """The accounts that are audited here, and the digest of all that the shards divide."""
    if shard is None:
        return accounts, ""
    names = [account.name for account in accounts]
    here = shard.names(names)
    return tuple(account for account in accounts if account.name in here), whole_of(names)


def house_branding(fleet: Fleet | None) -> Branding:
    """Whose summary it is: what ``[defaults.report]`` says. Raises ConfigError."""
    return msgspec.structs.replace(Branding(), **_branding(fleet, fleet.file.defaults.report, "defaults")) if fleet else Branding()


def _job(fleet: Fleet, account: FleetAccount, request: FleetRequest, house: dict[str, Any]) -> Job:
    table, folder = account.table, folder_name(account.name)
    out = request.out / folder if request.out else None
    saved = fleet.folder / table.save if table.save else out / SNAPSHOT_FOLDER if out else None
    snapshot = fleet.folder / table.snapshot if table.snapshot is not None else saved
    return Job(
        name=account.name,
        labels=table.labels,
        audit=_audit(fleet, account, request, snapshot),
        place=snapshot,
        folder=out,
        history=request.history / folder if request.history else None,
        baseline=request.baseline / folder if request.baseline else None,
        reports=request.reports or fleet.file.defaults.reports,
        branding=house | _branding(fleet, table.report, "account", account.name),
        digest=_digest(fleet, account, request),
    )


def _audit(fleet: Fleet, account: FleetAccount, request: FleetRequest, snapshot: Path | None) -> AuditRequest:
    """The audit of one account: the command line, then its table."""
    table, asked = account.table, request.audit
    manifests = tuple(fleet.folder / name for name in table.manifest)
    return msgspec.structs.replace(
        asked,
        source=snapshot,
        manifests=manifests,
        config=fleet.folder / table.config if table.config else request.config or _found_config(fleet, snapshot, manifests),
        config_is_named=bool(table.config or request.config),
        stack=table.stack,
        fail_on=asked.fail_on or (FailOn(table.fail_on) if table.fail_on else None),
        evidence=asked.evidence and table.evidence is not False,
    )


def _found_config(fleet: Fleet, snapshot: Path | None, manifests: tuple[Path, ...]) -> Path | None:
    """The configuration nearest to an account, as ``scan`` finds it; else the one nearest to the fleet file."""
    beside = [folder_of(snapshot)] if snapshot else []
    found = find_config(fleet.folder, [*beside, *(path.parent for path in manifests)])
    return short_path(found) if found else None


def _pull(account: FleetAccount, request: FleetRequest, audit: AuditRequest) -> PullRequest:
    """How a live account is read: the command line, then its table."""
    table = account.table
    return PullRequest(
        api_url=request.api_url or table.api_url,
        folder=audit.source if isinstance(audit.source, Path) else None,
        evidence=audit.evidence,
        evidence_days=request.evidence_days or table.evidence_days or DEFAULT_DAYS,
        evidence_max=request.evidence_max or table.evidence_max or DEFAULT_MAX_PEOPLE,
        max_requests=request.max_requests or DEFAULT_MAX_REQUESTS,
        audit=audit,
    )


def _digest(fleet: Fleet, account: FleetAccount, request: FleetRequest) -> str:
    """Changes when what was asked for changes. Neither the clock nor the output folder nor the shard are part of it."""
    audit = msgspec.structs.replace(request.audit, now=None)
    asked = msgspec.structs.replace(request, audit=audit, out=None, only=(), shard=None, max_requests=None)
    text = msgspec.json.encode([__version__, account.table, fleet.file.defaults, asked], enc_hook=str)
    return blake2b(text, digest_size=8).hexdigest()


def _check_reports(fleet: Fleet, request: FleetRequest) -> None:
    """Raise UsageError or ConfigError for names of reports that name no format, or that are not plain file names."""
    for number, name in enumerate(request.reports or fleet.file.defaults.reports):
        place = None if request.reports else fleet.place("defaults", "reports", number)
        if name in _SNAPSHOT_FILES:
            raise ConfigError(f"“{name}” is the name of a file of a snapshot", location=place, hint="Choose another one.")
        if not _PLAIN_NAME.fullmatch(name):
            raise ConfigError(f"“{name}” is not a plain file name", location=place, hint="Such as report.html, without a folder.")
        try:
            format_for(name)
        except UsageError as error:
            raise ConfigError(error.message, location=place, hint=error.hint) from None


def _check_branding(fleet: Fleet) -> None:
    """Raise ConfigError with every logo and colour of the file that cannot be used."""
    problems = [*_branding_problems(fleet, fleet.file.defaults.report, "defaults")]
    for name, table in fleet.file.account.items():
        problems += _branding_problems(fleet, table.report, "account", name)
    if problems:
        raise ConfigError("the fleet file is invalid", problems=tuple(problems))


def _branding_problems(fleet: Fleet, table: ReportTable, *at: str) -> Iterator[Problem]:
    try:
        _branding(fleet, table, *at)
    except ConfigError as error:
        yield Problem(error.message, error.location, error.hint)


def _branding(fleet: Fleet, table: ReportTable, *at: str) -> dict[str, Any]:
    """What a ``[report]`` table says, key by key; what it is silent about is not in it."""
    if table == ReportTable():
        return {}

    def place(key: str) -> Any:
        return fleet.place(*at, "report", key)

    branding = read_branding(table, fleet.folder, place)
    return {key: value for key in branding.__struct_fields__ if (value := getattr(branding, key)) != getattr(Branding(), key)}
