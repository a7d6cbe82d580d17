"""What ``ckaudit.toml`` says, as data. ``ckaudit.sources.config`` reads it, ``docs/configuration.md`` explains every key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from ckaudit.model.errors import Location
from ckaudit.model.findings import Confidence, Severity

Words = tuple[str, ...]


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every table of the file: keys that are not listed are errors."""


class SuppressedObject(Table, frozen=True, kw_only=True):
    """Which object: the id decides; without one (automations, addresses) the exact name does."""

    kind: Annotated[str, Meta(description="What it is: tag, form, sequence, email, automation, account, …")]
    id: Annotated[int | str | None, Meta(description="Kit's id. It decides, whatever the name.")] = None
    name: Annotated[str, Meta(description="For the reader; it decides only where there is no id.")] = ""


class SuppressTable(Table, frozen=True, kw_only=True):
    """``[[suppress]]``: a finding somebody accepts."""

    rule: Annotated[str, Meta(description="Code or name of the rule.")]
    object: SuppressedObject
    reason: Annotated[str, Meta(min_length=1, description="Why it is fine.")]
    owner: Annotated[str, Meta(description="Who decided.")] = ""
    until: Annotated[dt.date | None, Meta(description="The last day it holds; after it the finding is back.")] = None


class PolicyTable(Table, frozen=True, kw_only=True):
    """``[policy.NAME]``: a rule about names, without code."""

    kind: Annotated[Literal["tag", "form", "sequence", "field", "segment", "snippet", "automation"], Meta(description="Whose names.")]
    prefixes: Annotated[Words, Meta(description="Every name begins with one of these.")] = ()
    required: Annotated[Words, Meta(description="Objects with these names must exist.")] = ()
    forbidden_words: Annotated[Words, Meta(description="Words no name may contain, in any case.")] = ()
    exempt: Annotated[Words, Meta(description="Names this policy leaves alone.")] = ()
    message: Annotated[str, Meta(description="What to say to the reader, after the fact.")] = ""
    link: Annotated[str, Meta(description="Where the convention is written down (https).", pattern="^(https?://.*)?$")] = ""
    severity: Annotated[Severity, Meta(description="error, warning or info.")] = Severity.INFO


class ReportTable(Table, frozen=True, kw_only=True):
    """``[report]``: whose report it is."""

    name: Annotated[str, Meta(description="Your business, on the report's head.")] = ""
    logo: Annotated[str, Meta(description="A PNG or SVG file, seen from the configuration file.")] = ""
    accent: Annotated[str, Meta(description="A colour such as #1f65ad, dark enough to read on white.")] = ""
    contact: Annotated[str, Meta(description="One line: an address, a telephone number.")] = ""
    introduction: Annotated[str, Meta(description="Markdown without HTML, before the findings.")] = ""
    closing: Annotated[str, Meta(description="Markdown without HTML, after the findings.")] = ""
    tool_branding: Annotated[bool, Meta(description="false: ckaudit's name is among the versions only.")] = True


class ConfigFile(Table, frozen=True, kw_only=True):
    """The file as it is written. Paths are seen from its folder. What the command line says wins."""

    required_version: Annotated[str, Meta(description="The oldest ckaudit this file is for, such as >=0.2.")] = ""
    manifest: Annotated[Words, Meta(description="Files with your automations.")] = ()
    rules: Annotated[Words, Meta(description="Folders with rules of your own.")] = ()
    stack: Annotated[str | None, Meta(description="The membership site, where the manifest does not say.")] = None
    test_tags: Annotated[Words, Meta(description="Tags of people who only test: their timestamps are left out.")] = ()
    select: Annotated[Words, Meta(description="Only these rules: codes, beginnings of codes, names, themes.")] = ()
    ignore: Annotated[Words, Meta(description="Not these rules.")] = ()
    min_severity: Annotated[Severity | None, Meta(description="Show nothing below it.")] = None
    min_confidence: Annotated[Confidence | None, Meta(description="Show nothing below it.")] = None
    fail_on: Annotated[Literal["error", "warning", "info", "never"] | None, Meta(description="What gives exit status 1.")] = None
    fail_on_unjudged: Annotated[bool | None, Meta(description="Exit status 1 when rules could not be judged.")] = None
    severity: Annotated[dict[str, Severity], Meta(description="Another severity for a rule, by code or name.")] = {}
    options: Annotated[dict[str, dict[str, Any]], Meta(description="Options of a rule, by code or name.")] = {}
    policy: Annotated[dict[str, PolicyTable], Meta(description="Naming policies.")] = {}
    suppress: Annotated[tuple[SuppressTable, ...], Meta(description="Findings somebody accepts.")] = ()
    report: ReportTable = ReportTable()


class Suppression(msgspec.Struct, frozen=True):
    """An entry of ``[[suppress]]`` and where it is."""

    entry: SuppressTable
    location: Location


class Config(msgspec.Struct, frozen=True):
    """A configuration that was read. ``places`` has the place of every path in the file, such as ``("options", "CK902", "days")``."""

    path: Path | None = None
    file: ConfigFile = ConfigFile()
    suppressions: tuple[Suppression, ...] = ()
    places: Mapping[tuple[str | int, ...], Location] = {}

    @property
    def folder(self) -> Path:
        """What its paths are seen from."""
        return self.path.parent if self.path else Path()

    def place(self, *path: str | int) -> Location:
        """Where something is in the file; the nearest table around it when it is not there itself."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Location(str(self.path or "ckaudit.toml")))
