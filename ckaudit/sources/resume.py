"""What an interrupted pull has read, so that the next one goes on with it.

``pull.partial.jsonl`` in the snapshot folder: a header, then one line per finished unit, appended as it is finished. A process killed
in the middle of a line loses that unit only. The file is removed when the snapshot is written. It holds no secret: whether the next
pull uses the same credential is told by a salted hash of eight bytes.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import BinaryIO

import msgspec

from ckaudit.kit.credentials import Credential
from ckaudit.kit.decode import decode_list
from ckaudit.model.account import BadObject, SectionName, SectionState
from ckaudit.sources.files import cannot_write, write_atomically
from ckaudit.sources.snapshot import PARTIAL_FILE
from ckaudit.sources.units import COMPLETE, Unit, UnitKey

SCHEMA = "ckaudit.pull/v1"
# A snapshot is one state of an account: what was read yesterday is not mixed with what is read today.
LONGEST_PAUSE = 24 * 3600


class _Header(msgspec.Struct, frozen=True):
    schema: str
    salt: str
    mark: str


class _Line(msgspec.Struct, frozen=True):
    section: SectionName
    sequence: int | None
    state: SectionState
    objects: tuple[msgspec.Raw, ...]
    bad: tuple[BadObject, ...]


class Saved(msgspec.Struct, frozen=True):
    """What a folder holds of an interrupted pull. ``same_credential``: it was made with the credential of this one."""

    units: tuple[Unit, ...] = ()
    same_credential: bool = True


def read_saved(folder: Path, credential: Credential) -> Saved:
    """Read what an earlier pull left; nothing when there is none, it is too old, or it is not ours."""
    path = folder / PARTIAL_FILE
    try:
        if time.time() - path.stat().st_mtime > LONGEST_PAUSE:
            return Saved()
        lines = path.read_bytes().split(b"\n")
        header = msgspec.json.decode(lines[0], type=_Header)
        salt = bytes.fromhex(header.salt)
    except (OSError, ValueError):
        return Saved()
    if header.schema != SCHEMA:
        return Saved()
    units = tuple(unit for line in lines[1:] if (unit := _read_line(line)))
    return Saved(units, header.mark == credential.mark(salt))


def _read_line(text: bytes) -> Unit | None:
    """One unit; nothing for a line that was cut off."""
    try:
        line = msgspec.json.decode(text, type=_Line)
    except (ValueError, RecursionError):
        return None
    decoded = decode_list(line.section, line.objects, line.section)
    return Unit(UnitKey(line.section, line.sequence), line.state, decoded.objects, line.bad)


def _line(unit: Unit) -> bytes:
    key = unit.key
    line = {"section": key.section, "sequence": key.sequence, "state": unit.state, "objects": unit.objects, "bad": unit.bad}
    return msgspec.json.encode(line) + b"\n"


class Store:
    """Writes finished units down as they come. Without a folder it does nothing."""

    def __init__(self, folder: Path | None, credential: Credential) -> None:
        self._path = folder / PARTIAL_FILE if folder else None
        self._credential = credential
        self._file: BinaryIO | None = None

    def begin(self, units: tuple[Unit, ...]) -> None:
        """Start the file with what is known already. Raises OutputError when the folder cannot be written."""
        if self._path is None:
            return
        salt = os.urandom(16)
        header = _Header(SCHEMA, salt.hex(), self._credential.mark(salt))
        write_atomically(self._path, msgspec.json.encode(header) + b"\n" + b"".join(map(_line, units)))
        try:
            self._file = self._path.open("ab")
        except OSError as error:
            raise cannot_write(self._path, error) from None

    def add(self, unit: Unit) -> None:
        """Write one finished unit down. Raises OutputError."""
        if self._file is None or self._path is None:
            return
        try:
            self._file.write(_line(unit))
            self._file.flush()
        except OSError as error:
            raise cannot_write(self._path, error) from None

    def close(self) -> None:
        """Close the file and keep it."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def remove(self) -> None:
        """The snapshot is written: nothing is left to resume."""
        self.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def finished(unit: Unit) -> bool:
    """True for a unit that need not be read again."""
    return unit.problem is None


def survives_new_credential(unit: Unit) -> bool:
    """What one credential was refused, another may be given."""
    return unit.state == COMPLETE
