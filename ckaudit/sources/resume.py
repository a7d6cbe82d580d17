"""What an interrupted pull has read, so that the next one goes on with it.

``pull.partial.jsonl`` in the snapshot folder: a header, then one line per finished unit, appended as it is finished. A process killed
in the middle of a line loses that unit only. The file is removed when the snapshot is written. It holds no secret: whether the next
pull uses the same credential is recognised by a salted hash of eight bytes.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from io import FileIO
from pathlib import Path

import msgspec

from ckaudit.kit.credentials import Credential
from ckaudit.kit.decode import decode_list
from ckaudit.model.account import BadObject, SectionName, SectionState
from ckaudit.sources.files import cannot_write, read_limited, remove, write_atomically
from ckaudit.sources.snapshot import PARTIAL_FILE
from ckaudit.sources.units import COMPLETE, Unit, UnitKey

SCHEMA = "ckaudit.pull/v1"
# A snapshot is one state of an account: what was read yesterday is not mixed with what is read today.
MAX_PAUSE = 24 * 3600


class _Header(msgspec.Struct, frozen=True):
    schema: str
    salt: str
    mark: str
    pull: str = ""
    day: dt.date | None = None


class _Line(msgspec.Struct, frozen=True):
    section: SectionName
    sequence: int | None
    state: SectionState
    objects: tuple[msgspec.Raw, ...]
    bad: tuple[BadObject, ...]


class Saved(msgspec.Struct, frozen=True):
    """What a folder holds of an interrupted pull. ``same_credential``: it was made with the credential of this one; ``pull`` names it,
    ``day`` is the one it began on (UTC)."""

    units: tuple[Unit, ...] = ()
    same_credential: bool = True
    pull: str = ""
    day: dt.date | None = None


def read_saved(folder: Path, credential: Credential) -> Saved:
    """Read what an earlier pull left; nothing when there is none, it is too old, or it is not ours."""
    lines = saved_lines(folder / PARTIAL_FILE)
    try:
        header = msgspec.json.decode(lines[0] if lines else b"", type=_Header)
        mark = credential.mark(bytes.fromhex(header.salt))
    except (ValueError, RecursionError):
        return Saved()
    if header.schema != SCHEMA:
        return Saved()
    units = tuple(unit for line in lines[1:] if (unit := _read_line(line)))
    return Saved(units, header.mark == mark, header.pull, header.day)


def saved_lines(path: Path) -> tuple[bytes, ...]:
    """The lines of a partial file; none when it is not there or too old."""
    try:
        if not path.is_file() or time.time() - path.stat().st_mtime > MAX_PAUSE:
            return ()
        return tuple(path.read_bytes().split(b"\n"))
    except OSError:
        return ()


def _read_line(text: bytes) -> Unit | None:
    """One unit; nothing for a line that was cut off."""
    try:
        line = msgspec.json.decode(text, type=_Line)
    except (ValueError, RecursionError):
        return None
    decoded = decode_list(line.section, line.objects, line.section)
    return Unit(UnitKey(line.section, line.sequence), line.state, decoded.objects, line.bad)


def new_pull() -> str:
    """A name for a pull, by which its two files know each other."""
    return os.urandom(8).hex()


def header_line(credential: Credential, pull: str, day: dt.date) -> bytes:
    """The first line of the file of a pull."""
    salt = os.urandom(16)
    return msgspec.json.encode(_Header(SCHEMA, salt.hex(), credential.mark(salt), pull, day))


def unit_line(unit: Unit) -> bytes:
    """One finished unit."""
    key = unit.key
    line = {"section": key.section, "sequence": key.sequence, "state": unit.state, "objects": unit.objects, "bad": unit.bad}
    return msgspec.json.encode(line)


_MAX_IGNORED = 1_000_000  # bytes
_IGNORED = """\
# Written by ckaudit: what an interrupted pull keeps until the next one holds Kit's subscriber ids, and people.json holds addresses.
*.partial.jsonl
people.json
.ckaudit-*.tmp
.ckaudit-pull.lock
"""


def keep_out_of_git(folder: Path) -> None:
    """A .gitignore for what must not be committed with a snapshot; what is in one that is there stays. Raises OutputError."""
    path = folder / ".gitignore"
    try:
        there = read_limited(path, _MAX_IGNORED) if path.exists() else b""
    except OSError as error:
        raise cannot_write(path, error) from None
    ours = _IGNORED.encode()
    if not set(ours.splitlines()) <= set(there.splitlines()):
        write_atomically(path, there.rstrip() + b"\n\n" + ours if there.strip() else ours, shared=True)


class Store:
    """Writes lines down as they come. Without a file it does nothing."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: FileIO | None = None

    def begin(self, *lines: bytes) -> None:
        """Start the file with a header and what is known already. Raises OutputError when it cannot be written."""
        if self._path is None:
            return
        write_atomically(self._path, b"".join(line + b"\n" for line in lines))
        try:
            self._file = FileIO(self._path, "ab")
        except OSError as error:
            raise cannot_write(self._path, error) from None

    def add(self, line: bytes) -> None:
        """Write one more line down. Raises OutputError."""
        if self._file is None or self._path is None:
            return
        try:
            left = memoryview(line + b"\n")
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            raise cannot_write(self._path, error) from None

    def close(self) -> None:
        """Close the file and keep it."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def remove(self) -> None:
        """What it was for is written: nothing is left to resume. Raises OutputError."""
        self.close()
        if self._path is not None:
            remove(self._path)


def finished(unit: Unit) -> bool:
    """True for a unit that need not be read again."""
    return unit.problem is None


def survives_new_credential(unit: Unit) -> bool:
    """What one credential was refused, another may be given."""
    return unit.state == COMPLETE
