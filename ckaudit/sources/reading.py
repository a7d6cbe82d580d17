"""When a snapshot was read: ``reading.json`` beside ``account.json``, which says the same however often it is read.

``{"schema": "ckaudit.reading/v1", "day": "2026-11-20"}``, the day in UTC. A snapshot from before has its day in ``events.npz``.
"""

from __future__ import annotations

import datetime as dt
import zipfile
import zlib
from pathlib import Path

import msgspec

from ckaudit.sources.files import read_limited, remove, write_atomically

READING_FILE = "reading.json"
SCHEMA = "ckaudit.reading/v1"
_MAX_SIZE = 10_000
_EVENTS_FILE = "events.npz"


class _Reading(msgspec.Struct, frozen=True):
    schema: str
    day: dt.date


def write_reading(folder: Path, day: dt.date | None) -> None:
    """Write the day down; None removes what was noted about an account that lay there before. Raises OutputError."""
    if day is None:
        remove(folder / READING_FILE)
        return
    write_atomically(folder / READING_FILE, msgspec.json.format(msgspec.json.encode(_Reading(SCHEMA, day)), indent=2) + b"\n")


def read_reading(folder: Path) -> dt.date | None:
    """The day a snapshot was read, None when nobody wrote it down, or what is written means nothing."""
    try:
        found = msgspec.json.decode(read_limited(folder / READING_FILE, _MAX_SIZE), type=_Reading)
        if found.schema == SCHEMA:
            return found.day
    except (OSError, ValueError, RecursionError):
        pass
    return _day_of_timestamps(folder / _EVENTS_FILE)


def _day_of_timestamps(file: Path) -> dt.date | None:
    """The day of the timestamps: one number in their archive, read without numpy."""
    try:
        with zipfile.ZipFile(file) as archive:
            member = archive.getinfo("day.npy")
            if member.file_size > _MAX_SIZE:
                return None
            second = int.from_bytes(archive.read(member)[-8:], "little", signed=True)
    except (OSError, zipfile.BadZipFile, zlib.error, KeyError, ValueError, EOFError, NotImplementedError, RuntimeError):
        return None
    try:
        return dt.datetime.fromtimestamp(second, dt.UTC).date() if second > 0 else None
    except (ValueError, OverflowError, OSError):
        return None
