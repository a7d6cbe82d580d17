"""Where a finding points: the formats of machines want a file and a line for each."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import quote

import msgspec

from ckaudit.installation import repository
from ckaudit.model.errors import Location
from ckaudit.model.findings import PathStep, ReportedFinding
from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import Result
from ckaudit.render.formats import FORMATS
from ckaudit.render.options import NO_LINES, RenderOptions
from ckaudit.sources.repository import repository_root
from ckaudit.sources.snapshot_lines import account_file, lines_in


def in_snapshot(options: RenderOptions, place: Path | None, forms: Iterable[str], *, changed: bool = False) -> RenderOptions:
    """The options of reports in these formats about a snapshot, which must be there already; None for a manifest alone. They know where
    the pages of rules can be read.

    Every report names files as seen from it. Its lines are looked up for formats that point at them; not when it is ``changed``: then what
    was audited is not what lies there.
    """
    options = msgspec.structs.replace(options, repository=repository(os.environ))
    if any(FORMATS[form].points_at_lines for form in forms):
        options = msgspec.structs.replace(options, root=repository_root(Path.cwd(), os.environ))
    if place is None:
        return options
    pointing = not changed and any(FORMATS[form].points_at_lines for form in forms)
    return msgspec.structs.replace(options, account_file=account_file(place), account_lines=lines_in(place) if pointing else NO_LINES)


def location_of(finding: ReportedFinding, result: Result, options: RenderOptions) -> Location:
    """The finding's own place; else the line of its object in ``account.json``, of an email that of the text it is about, or of the first
    thing beside it that has one; else the first line of what was audited. Lines count from 1."""
    place = finding.location
    if place is not None and place.file:
        return Location(place.file, max(1, place.line), max(1, place.column))
    parts = (_line_of(finding.object, options, step.part) for step in finding.path if step.part)
    places = (_line_of(item, options) for item in (finding.object, *finding.related))
    return next((found for found in (*parts, *places) if found), whole_location(result, options))


def step_location(step: PathStep, finding: ReportedFinding, result: Result, options: RenderOptions) -> Location:
    """The place of a step of the finding's path; that of the finding where it has none of its own."""
    if step.location:
        return step.location
    found = _line_of(step.object, options) if step.object and not step.node else None
    return found or (_line_of(finding.object, options, step.part) if step.part else None) or location_of(finding, result, options)


def object_location(item: ObjectRef, result: Result, options: RenderOptions) -> Location:
    """An object's place in ``account.json``, or the first line of what was audited."""
    return _line_of(item, options) or whole_location(result, options)


def _line_of(item: ObjectRef, options: RenderOptions, part: str = "") -> Location | None:
    line = options.account_lines.get((item.kind, item.name if item.id is None else item.id, part))
    return Location(options.account_file, line, 1) if line else None


def whole_location(result: Result, options: RenderOptions) -> Location:
    """The first line of what was audited."""
    files = result.coverage.manifest.files
    return Location(files[0] if files and not result.coverage.sections else options.account_file, 1, 1)


def uri(file: str) -> str:
    """A file as a relative address with slashes; an absolute path as a ``file:`` address. Backslashes are those of Windows."""
    windows = PureWindowsPath(file)
    if windows.drive:
        return f"file:///{quote(windows.as_posix(), safe='/:')}"
    path = quote(windows.as_posix() if "\\" in file else str(PurePosixPath(file)), safe="/")
    return f"file://{path}" if file.startswith("/") else path
