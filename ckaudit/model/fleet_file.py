"""What a fleet file (``FLEET.toml``) says, as data. ``ckaudit.sources.fleet_file`` reads it, ``docs/fleet.md`` explains every key."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ckaudit.model.config import ReportTable, Table, Words
from ckaudit.model.errors import Location

DEFAULT_REPORTS = ("report.html", "result.json")

Days = Annotated[int, Meta(ge=1, le=3650)]
Most = Annotated[int, Meta(ge=1, le=10_000_000)]
FailOnWord = Literal["error", "warning", "info", "never"]


class SharedTable(Table, frozen=True, kw_only=True):
    """Keys that ``[defaults]`` and ``[account.NAME]`` have in common. What an account says wins."""

    config: Annotated[str | None, Meta(description="A ckaudit.toml. Default: the nearest one from the fleet file's folder upwards.")] = None
    stack: Annotated[str | None, Meta(description="The membership site, where the manifest does not say.")] = None
    fail_on: Annotated[FailOnWord | None, Meta(description="What gives exit status 1.")] = None
    evidence: Annotated[bool | None, Meta(description="false: people's timestamps are neither read nor used.")] = None
    evidence_days: Annotated[Days | None, Meta(description="How many days of timestamps to read (default: 180).")] = None
    evidence_max: Annotated[Most | None, Meta(description="Fewer days where more people got a tag, form or sequence (2000).")] = None
    api_url: Annotated[str | None, Meta(description="Where Kit's API is (default: https://api.kit.com).")] = None
    labels: Annotated[Words, Meta(description="Words of your own, for --only. Those of the defaults and of the account add up.")] = ()
    report: Annotated[ReportTable, Meta(description="Whose report it is; wins over [report] of the configuration, key by key.")] = (
        ReportTable()
    )


class DefaultsTable(SharedTable, frozen=True, kw_only=True):
    """``[defaults]``: what holds for every account."""

    reports: Annotated[Words, Meta(description="Files to write for each account; the format follows the name, as in scan -o.")] = (
        DEFAULT_REPORTS
    )


class AccountTable(SharedTable, frozen=True, kw_only=True):
    """``[account.NAME]``: one account. Exactly one of the first five says where it comes from. Paths are seen from the fleet file."""

    snapshot: Annotated[str | None, Meta(description="A snapshot, made by ckaudit pull.")] = None
    api_key_env: Annotated[str | None, Meta(description="Read live: the environment variable with the API key.")] = None
    access_token_env: Annotated[str | None, Meta(description="Read live: the environment variable with the OAuth token.")] = None
    api_key_file: Annotated[str | None, Meta(description="Read live: the file with the API key.")] = None
    keyring: Annotated[str | None, Meta(description="Read live: the entry of the system's keyring, service “ckaudit”.")] = None
    save: Annotated[str | None, Meta(description="The folder in which a live account is kept as a snapshot.")] = None
    manifest: Annotated[Words, Meta(description="Files with its automations. Default: automations.yaml in or beside the snapshot.")] = ()


SOURCES = ("snapshot", "api_key_env", "access_token_env", "api_key_file", "keyring")


class FleetFile(Table, frozen=True, kw_only=True):
    """The file as it is written."""

    name: Annotated[str, Meta(description="The heading of the summary page.")] = ""
    snapshots: Annotated[
        Words, Meta(description="Patterns such as clients/*: every snapshot folder that fits is an account with the folder's name.")
    ] = ()
    defaults: Annotated[DefaultsTable, Meta(description="What holds for every account.")] = DefaultsTable()
    account: Annotated[dict[str, AccountTable], Meta(description="The accounts by name.")] = msgspec.field(default_factory=dict)


class FleetAccount(msgspec.Struct, frozen=True):
    """One account of a fleet, the defaults filled in (but for ``report``, which stays its own), and where it is."""

    name: str
    table: AccountTable
    location: Location


class Fleet(msgspec.Struct, frozen=True):
    """A fleet file that was read. ``places`` has the place of every path in the file."""

    path: Path
    file: FleetFile
    accounts: tuple[FleetAccount, ...]
    places: Mapping[tuple[str | int, ...], Location] = {}

    @property
    def folder(self) -> Path:
        """What the file's paths are seen from."""
        return self.path.parent

    def place(self, *path: str | int) -> Location:
        """Where something is in the file; the nearest table around it when it is not there itself."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Location(str(self.path)))
