"""Stored fleet results: ``fleet.json``, and the rows that a run under way has finished (``fleet.partial.jsonl``)."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from ckaudit.model.errors import InputError
from ckaudit.model.fleet import FLEET_SCHEMA, FleetResult
from ckaudit.sources.files import write_atomically
from ckaudit.sources.stored import read_stored

FLEET_FILE = "fleet.json"
PARTIAL_FILE = "fleet.partial.jsonl"

_REPORT = re.compile(r"[a-z0-9_-]+/\.*+[^/\\\x00.][^/\\\x00]*")


def read_fleet_result(path: Path) -> FleetResult:
    """Read a stored fleet result: the folder of the run, or its ``fleet.json``.

    Raises:
        InputError: it cannot be read, or is not a fleet result of this version; says what was found instead.
    """
    file = path / FLEET_FILE if path.is_dir() else path
    return _checked(read_stored(file, FleetResult, FLEET_SCHEMA, "ckaudit fleet FLEET.toml -o DIR"))


def _checked(result: FleetResult) -> FleetResult:
    """The result without report paths that lead elsewhere than into the folder of an account: the file may come from anywhere."""
    rows = (
        msgspec.structs.replace(row, reports={name: path for name, path in row.reports.items() if _REPORT.fullmatch(path)})
        for row in result.accounts
    )
    return msgspec.structs.replace(result, accounts=tuple(rows))


def has_report(path: Path) -> bool:
    """Whether a report is there."""
    return path.is_file()


def copy_report(source: Path, target: Path) -> None:
    """Copy a report; one that is not there or is there already is left alone. Raises OutputError."""
    if not source.is_file() or source.resolve() == target.resolve():
        return
    try:
        data = source.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {source}: {error.strerror}") from None
    write_atomically(target, data)


def read_partial(folder: Path) -> tuple[bytes, ...]:
    """The lines that a run left which did not come to its end; none when there are none."""
    try:
        return tuple((folder / PARTIAL_FILE).read_bytes().splitlines())
    except OSError:
        return ()


def newest(paths: tuple[Path, ...]) -> float:
    """When the newest of these files was written (Unix seconds); those that are not there do not count, 0 without any."""
    return max((seconds for path in paths if (seconds := _written(path)) is not None), default=0.0)


def oldest(paths: tuple[Path, ...]) -> float:
    """When the oldest of these files was written (Unix seconds); 0 when one of them is not there, or without any."""
    return min((_written(path) or 0.0 for path in paths), default=0.0)


def _written(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except OSError:
        return None
