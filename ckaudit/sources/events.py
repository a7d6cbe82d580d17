"""The evidence file ``events.npz`` of a snapshot: who got which tag, form or sequence, and when.

A zip archive of numpy arrays without pickles: ``version`` (one number, now 2) and ``rows``, one record per timestamp, ordered by person,
second, kind, id. A record is ``step`` (int64: the person's number less that of the row before; the numbers mean something inside this
snapshot only), ``kind`` (int8: 0 form, 1 tag, 2 sequence), ``id`` (int64, Kit's), ``second`` (int64, Unix time, UTC) and ``state`` (int8:
0 active, 1 inactive, 2 bounced, 3 complained, 4 cancelled, 5 other). The archive carries no times of its own, so the same timestamps give
the same bytes. ``numpy.load`` reads it.

Nothing in it is packed, and nothing counts from the beginning: one timestamp more is one record more and leaves the others as they are.
So git keeps of each night only what it brought (measured: 4 kB instead of 340 kB for 60,000 timestamps), and packs the rest itself.
Version 1 had packed columns (``person``, ``kind``, ``id``, ``second``, ``state``) and is read.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from ckaudit.installation import upgrading
from ckaudit.model.errors import Location, SnapshotError
from ckaudit.model.events import MAX_SECOND, Events, ObjectKind, make_events
from ckaudit.model.holders import PersonState
from ckaudit.sources.files import write_atomically

EVENTS_FILE = "events.npz"
VERSION = 2
COLUMNS = {"person": np.int64, "kind": np.int8, "id": np.int64, "second": np.int64, "state": np.int8}

ROW = np.dtype([("step", "<i8"), ("kind", "i1"), ("id", "<i8"), ("second", "<i8"), ("state", "i1")])

# 50,000,000 rows: fifty times a large account. An archive may claim anything and pack it into a few kilobytes.
MAX_MEMBER_SIZE = ROW.itemsize * 50_000_000
DAMAGED = (zipfile.BadZipFile, KeyError, ValueError, EOFError, MemoryError, NotImplementedError, RuntimeError, zlib.error)
"""What Python raises about an archive that is none of ours."""

# The head numpy writes: magic, version 1.0, the length of the rest, and a Python literal.
_TYPES = {repr(item.descr if item.names else item.str).encode(): item for item in (np.dtype(np.int64), np.dtype(np.int8), ROW)}
_HEAD = re.compile(
    rb"\x93NUMPY\x01\x00(?P<length>..)"
    rb"\{'descr': (?P<type>[^\n]{1,200}?), "
    rb"'fortran_order': False, 'shape': \((?P<shape>(?:\d{1,18},? ?){0,3})\), \} *\n",
    re.DOTALL,
)
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PULL_AGAIN = "Read the evidence again with `ckaudit pull -o DIR`, or scan with `--no-evidence`."


def write_events(folder: Path, events: Events) -> Path:
    """Store the timestamps beside ``account.json``; returns the path of the file. What was there before stays until the new file is whole.

    Raises:
        OutputError: the folder or file cannot be written.
    """
    path = folder / EVENTS_FILE
    write_atomically(path, events_bytes(events))
    return path


def events_bytes(events: Events) -> bytes:
    """The file's bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        add_array(archive, "version", np.array(VERSION, dtype=np.int64))
        rows = np.empty(len(events), dtype=ROW)
        rows["step"] = np.diff(events.person, prepend=0)
        for name in ("kind", "id", "second", "state"):
            rows[name] = getattr(events, name)
        add_array(archive, "rows", rows)
    return buffer.getvalue()


def add_array(archive: zipfile.ZipFile, name: str, array: npt.NDArray[Any]) -> None:
    """Add a member, without a time and not packed, so that the same array gives the same bytes on every system."""
    member = zipfile.ZipInfo(f"{name}.npy", _EPOCH)
    member.external_attr = 0o600 << 16
    member.create_system = 3
    with archive.open(member, "w", force_zip64=True) as file:
        np.lib.format.write_array(file, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)


def read_events(folder: Path) -> Events | None:
    """The timestamps of a snapshot, None when it has none.

    Raises:
        SnapshotError: the file cannot be read, is damaged or was written by a newer version of ckaudit.
    """
    path = folder / EVENTS_FILE
    try:
        if path.exists() and not path.is_file():
            _refuse(path, "cannot read the evidence: it is not a regular file", _PULL_AGAIN)
        with zipfile.ZipFile(path) as archive:
            version = int(read_array(archive, "version").item())
            if version > VERSION:
                message = f"this evidence has format version {version}; this ckaudit reads up to {VERSION}. It was made by a newer ckaudit"
                _refuse(path, message, upgrading())
            if version < 1:
                _refuse(path, f"evidence of format version {version} never existed", _PULL_AGAIN)
            columns = _columns(archive) if version > 1 else {name: read_array(archive, name) for name in COLUMNS}
    except FileNotFoundError:
        return None
    except OSError as error:
        _refuse(path, f"cannot read the evidence: {error.strerror or 'it is damaged'}", "Check the file and its permissions.")
    except DAMAGED:
        _refuse(path, "this evidence is damaged, or no file of ckaudit", _PULL_AGAIN)
    return _checked(path, columns)


def _columns(archive: zipfile.ZipFile) -> dict[str, npt.NDArray[Any]]:
    """The columns of the records."""
    rows = read_array(archive, "rows")
    if rows.dtype != ROW or rows.ndim != 1:
        raise ValueError("no records")
    return {"person": np.cumsum(rows["step"])} | {name: np.ascontiguousarray(rows[name]) for name in ("kind", "id", "second", "state")}


def read_array(archive: zipfile.ZipFile, name: str) -> npt.NDArray[Any]:
    """One member, whole numbers of 1 or 8 bytes, or records of them; the array cannot be written to. What it claims to be is compared with
    what it is before memory is taken for it: numpy's own reader evaluates the member's head as Python and believes its shape.

    Raises:
        One of ``DAMAGED``: there is no such member, or it is no such array.
    """
    member = archive.getinfo(f"{name}.npy")
    if member.file_size > MAX_MEMBER_SIZE or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError("larger than any evidence, or packed in another way")
    data = archive.read(member)
    head = _HEAD.match(data)
    if head is None or head.end() != 10 + int.from_bytes(head["length"], "little"):
        raise ValueError("no array of whole numbers")
    shape = tuple(int(size) for size in head["shape"].replace(b" ", b"").split(b",") if size)
    found: npt.NDArray[Any] = np.frombuffer(data, _TYPES[head["type"]], offset=head.end())  # another type: a KeyError, damaged
    return found.reshape(shape)


def _checked(path: Path, columns: dict[str, npt.NDArray[Any]]) -> Events:
    for name, kind in COLUMNS.items():
        if columns[name].dtype != kind or columns[name].ndim != 1 or len(columns[name]) != len(columns["person"]):
            _refuse(path, f"this evidence is damaged: the column “{name}” is not what format {VERSION} has", _PULL_AGAIN)
    for name, words in (("kind", ObjectKind), ("state", PersonState)):
        if len(columns[name]) and not (columns[name].min() >= 0 and columns[name].max() < len(words)):
            _refuse(path, f"this evidence is damaged: the column “{name}” holds a number that means nothing", _PULL_AGAIN)
    seconds = columns["second"]
    if len(seconds) and not (seconds.min() >= 0 and seconds.max() < MAX_SECOND):
        _refuse(path, "this evidence is damaged: the column “second” holds a time before 1970 or after 2999", _PULL_AGAIN)
    return make_events(*columns.values())


def _refuse(path: Path, message: str, hint: str) -> NoReturn:
    raise SnapshotError(message, hint=hint, location=Location(str(path)))
