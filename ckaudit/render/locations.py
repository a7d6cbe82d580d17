"""Where a finding points: the formats of machines want a file and a line for each."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import quote

from ckaudit.model.errors import Location
from ckaudit.model.findings import ReportedFinding
from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import Result
from ckaudit.render.options import RenderOptions


def location_of(finding: ReportedFinding, result: Result, options: RenderOptions) -> Location:
    """The finding's own place; else the object's line in ``account.json``; else the first line of what was audited. Lines count from 1."""
    place = finding.location
    if place is not None and place.file:
        return Location(place.file, max(1, place.line), max(1, place.column))
    return object_location(finding.object, result, options)


def object_location(item: ObjectRef, result: Result, options: RenderOptions) -> Location:
    """An object's place in ``account.json``, or the first line of what was audited."""
    if item.id is not None and (line := options.account_lines.get((item.kind, item.id))):
        return Location(options.account_file, line, 1)
    files = result.coverage.manifest.files
    return Location(files[0] if files and not result.coverage.sections else options.account_file, 1, 1)


def uri(file: str) -> str:
    """A file as a relative address with slashes; an absolute path as a ``file:`` address."""
    windows = PureWindowsPath(file)
    if windows.drive:
        return f"file:///{quote(windows.as_posix(), safe='/:')}"
    path = quote(str(PurePosixPath(file)), safe="/")
    return f"file://{path}" if file.startswith("/") else path
