"""What is to be done for each account: everything a worker needs, and no credential."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

import ckaudit
from ckaudit.engine.prepare import Choice
from ckaudit.fleet.names import Shard, folder_name
from ckaudit.model.branding import Branding
from ckaudit.model.config import Config, ReportTable
from ckaudit.model.errors import ConfigError, ExitStatus, Problem, UsageError
from ckaudit.model.fleet_file import Fleet, FleetAccount
from ckaudit.render.branding import make_branding
from ckaudit.render.formats import format_for
from ckaudit.sources.config import find_config, read_logo_file
from ckaudit.sources.events import EVENTS_FILE
from ckaudit.sources.fleet_file import chosen_accounts
from ckaudit.sources.manifest.places import short_path
from ckaudit.sources.people_file import PEOPLE_FILE
from ckaudit.sources.snapshot import ACCOUNT_FILE

_SNAPSHOT_FILES = (ACCOUNT_FILE, EVENTS_FILE, PEOPLE_FILE)
_PLAIN_NAME = re.compile(r"[\w-][\w .-]{0,99}")
SNAPSHOT_FOLDER = "snapshot"


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says; None leaves it to the files. ``out`` is the folder of the whole run, without one nothing is written.

    ``config`` is for accounts that name none. ``history`` holds a folder of earlier results for each account.
    """

    now: dt.datetime
    out: Path | None = None
    only: tuple[str, ...] = ()
    shard: Shard | None = None
    config: Path | None = None
    history: Path | None = None
    reports: tuple[str, ...] = ()
    rules: tuple[Path, ...] = ()
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    min_severity: str | None = None
    min_confidence: str | None = None
    fail_on: str | None = None
    suppress: bool = True
    evidence: bool | None = None
    evidence_days: int | None = None
    evidence_max: int | None = None
    api_url: str | None = None


class Unfinished(msgspec.Struct, frozen=True):
    """Why an account could be read in part only, or not at all."""

    message: str
    hint: str = ""
    exit_status: ExitStatus = ExitStatus.INCOMPLETE


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One account. ``snapshot`` is what is audited; for a live account the folder it is read into first, None while it has none.

    ``config_is_named``: somebody named it, so it may run rules of its own. ``folder`` is where the reports go, ``place`` the snapshot that
    reports may point into, ``beside`` where manifests are looked for when that is not the snapshot, ``unfinished`` why it is not all of
    the account.
    """

    name: str
    labels: tuple[str, ...]
    live: bool
    snapshot: Path | None
    place: Path | None
    manifests: tuple[Path, ...]
    config: Path | None
    config_is_named: bool
    stack: str | None
    wishes: Wishes
    folder: Path | None
    history: Path | None
    reports: tuple[str, ...]
    branding: dict[str, Any]
    digest: str
    beside: Path | None = None
    unfinished: Unfinished | None = None


class Live(msgspec.Struct, frozen=True):
    """A live account: what is to be done once it is read, and where its credential is."""

    job: Job
    account: FleetAccount


class Plan(msgspec.Struct, frozen=True):
    """All that is to be done, and whose summary it is. ``out`` is the folder of the run, ``shard`` such as ``2/4`` or empty."""

    fleet: Fleet
    out: Path | None
    shard: str
    snapshots: tuple[Job, ...]
    live: tuple[Live, ...]
    branding: Branding

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Every account once."""
        return (*self.snapshots, *(item.job for item in self.live))


def make_plan(fleet: Fleet, wishes: Wishes) -> Plan:
    """What is to be done.

    Raises:
        ConfigError: ``--only`` means nothing, or a logo or colour cannot be used.
    """
    _check_reports(fleet, wishes)
    chosen = [item for item in chosen_accounts(fleet, wishes.only) if wishes.shard is None or wishes.shard.has(item.name)]
    _check_branding(fleet)
    house = _branding(fleet, fleet.file.defaults.report, "defaults")
    nearest = find_config(fleet.folder.resolve()) if wishes.config is None else None
    fallback = short_path(nearest) if nearest else wishes.config
    made = [(account, _job(fleet, account, wishes, fallback, house)) for account in chosen]
    return Plan(
        fleet,
        wishes.out,
        str(wishes.shard or ""),
        tuple(job for _, job in made if not job.live),
        tuple(Live(job, account) for account, job in made if job.live),
        house_branding(fleet),
    )


def house_branding(fleet: Fleet | None) -> Branding:
    """Whose summary it is: what ``[defaults.report]`` says. Raises ConfigError."""
    return msgspec.structs.replace(Branding(), **_branding(fleet, fleet.file.defaults.report, "defaults")) if fleet else Branding()


def _job(fleet: Fleet, account: FleetAccount, wishes: Wishes, fallback: Path | None, house: dict[str, Any]) -> Job:
    table, folder = account.table, folder_name(account.name)
    out = wishes.out / folder if wishes.out else None
    saved = fleet.folder / table.save if table.save else out / SNAPSHOT_FOLDER if out else None
    snapshot = fleet.folder / table.snapshot if table.snapshot is not None else saved
    merged = _merged(wishes, account)
    return Job(
        name=account.name,
        labels=table.labels,
        live=table.snapshot is None,
        snapshot=snapshot,
        place=snapshot,
        manifests=tuple(fleet.folder / name for name in table.manifest),
        config=fleet.folder / table.config if table.config else fallback,
        config_is_named=bool(table.config or wishes.config),
        stack=table.stack,
        wishes=merged,
        folder=out,
        history=wishes.history / folder if wishes.history else None,
        reports=wishes.reports or fleet.file.defaults.reports,
        branding=house | _branding(fleet, table.report, "account", account.name),
        digest=_digest(fleet, account, merged),
    )


def _merged(wishes: Wishes, account: FleetAccount) -> Wishes:
    """The wishes for one account: the command line, then its table."""
    keys = ("fail_on", "evidence", "evidence_days", "evidence_max", "api_url")
    told = {key: getattr(account.table, key) for key in keys if getattr(wishes, key) is None}
    return msgspec.structs.replace(wishes, **told)


def _digest(fleet: Fleet, account: FleetAccount, wishes: Wishes) -> str:
    """Changes when what was asked for changes. Neither the clock nor the output folder nor the shard are part of it."""
    asked = msgspec.structs.replace(wishes, now=dt.datetime.min.replace(tzinfo=dt.UTC), out=None, only=(), shard=None)
    text = msgspec.json.encode([ckaudit.__version__, account.table, fleet.file.defaults, asked], enc_hook=str)
    return blake2b(text, digest_size=8).hexdigest()


def choice_for(job: Job, config: Config) -> Choice:
    """What to run and to show for an account: the command line, then its configuration."""
    wishes, file = job.wishes, config.file
    told = {
        "select": wishes.select if wishes.select is not None else file.select,
        "ignore": wishes.ignore if wishes.ignore is not None else file.ignore,
        "min_severity": wishes.min_severity or file.min_severity,
        "min_confidence": wishes.min_confidence or file.min_confidence,
        "suppress": wishes.suppress,
    }
    return msgspec.convert({key: value for key, value in told.items() if value is not None}, Choice)


def _check_reports(fleet: Fleet, wishes: Wishes) -> None:
    """Raise UsageError or ConfigError for names of reports that tell no format, or that are no plain file names."""
    for number, name in enumerate(wishes.reports or fleet.file.defaults.reports):
        place = None if wishes.reports else fleet.place("defaults", "reports", number)
        if name in _SNAPSHOT_FILES:
            raise ConfigError(f"“{name}” is the name of a file of a snapshot", location=place, hint="Choose another one.")
        if not _PLAIN_NAME.fullmatch(name):
            raise ConfigError(f"“{name}” is no plain name of a file", location=place, hint="Such as report.html, without a folder.")
        try:
            format_for(name)
        except UsageError as error:
            raise ConfigError(error.message, location=place, hint=error.hint) from None


def _check_branding(fleet: Fleet) -> None:
    """Raise ConfigError with every logo and colour of the file that cannot be used."""
    problems = [*_branding_faults(fleet, fleet.file.defaults.report, "defaults")]
    for name, table in fleet.file.account.items():
        problems += _branding_faults(fleet, table.report, "account", name)
    if problems:
        raise ConfigError("the fleet file is invalid", problems=tuple(problems))


def _branding_faults(fleet: Fleet, table: ReportTable, *at: str) -> Iterator[Problem]:
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

    logo = read_logo_file(table, fleet.folder, place("logo"))
    branding = make_branding(table, logo, place)
    return {key: value for key in branding.__struct_fields__ if (value := getattr(branding, key)) != getattr(Branding(), key)}
