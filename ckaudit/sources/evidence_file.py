"""``events.npz`` with its coverage: beside the timestamps (see ``ckaudit.sources.events``) how far each list was read.

Two more members: ``day`` (int64, Unix second of the midnight before the reading, UTC) and ``lists`` (int64, one row per form, tag and
sequence: kind 0 form, 1 tag, 2 sequence; Kit's id; 0 complete, 1 partial, 2 refused, 3 skipped; the Unix second from which on people
were asked for, -1 for the whole list). A file without them is read as timestamps of which nothing more is known.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np

from ckaudit.model.account import SectionStatus
from ckaudit.model.errors import Location, SnapshotError
from ckaudit.model.events import MAX_SECOND, ObjectKind
from ckaudit.model.evidence import Evidence, ListRead
from ckaudit.model.refs import Key
from ckaudit.sources.events import DAMAGED, EVENTS_FILE, add_array, events_bytes, read_array, read_events
from ckaudit.sources.files import write_atomically

_STATUS = tuple(SectionStatus)


def write_evidence(folder: Path, evidence: Evidence) -> Path:
    """Store the evidence beside ``account.json``; same evidence, same bytes. Raises OutputError."""
    path = folder / EVENTS_FILE
    write_atomically(path, evidence_bytes(evidence))
    return path


def evidence_bytes(evidence: Evidence) -> bytes:
    """The file's bytes."""
    codes = {code.kind: int(code) for code in ObjectKind}
    rows = [
        (codes[item.key.kind], int(item.key.id), _STATUS.index(item.status), -1 if item.since is None else item.since)
        for item in evidence.lists
    ]
    buffer = io.BytesIO(events_bytes(evidence.events))
    with zipfile.ZipFile(buffer, "a") as archive:
        add_array(archive, "day", np.array(evidence.day, dtype=np.int64))
        add_array(archive, "lists", np.array(rows, dtype=np.int64).reshape(-1, 4))
    return buffer.getvalue()


def read_evidence(folder: Path) -> Evidence | None:
    """The evidence of a snapshot's folder, None when it has none.

    Raises:
        SnapshotError: as ``read_events``.
    """
    events = read_events(folder)
    if events is None:
        return None
    path = folder / EVENTS_FILE
    try:
        with zipfile.ZipFile(path) as archive:
            if "lists.npy" not in archive.namelist():
                return Evidence(events)
            day = int(read_array(archive, "day").item())
            lists = tuple(_list(*map(int, row)) for row in read_array(archive, "lists"))
            if not 0 <= day < MAX_SECOND:
                raise ValueError("no day")
    except (OSError, TypeError, IndexError, *DAMAGED) as error:
        hint = "Read the evidence again with `ckaudit pull -o DIR`, or scan with `--no-evidence`."
        raise SnapshotError("the coverage in this evidence is damaged", hint=hint, location=Location(str(path))) from error
    return Evidence(events, lists, day)


def _list(kind: int, number: int, status: int, since: int) -> ListRead:
    if status < 0 or since >= MAX_SECOND:
        raise ValueError("no status, or no day")
    return ListRead(Key(ObjectKind(kind).kind, number), _STATUS[status], None if since < 0 else since)
