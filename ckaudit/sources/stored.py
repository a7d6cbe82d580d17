"""JSON documents that ckaudit wrote, read again: results of one account and of several."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypeVar

import msgspec

from ckaudit.installation import upgrading
from ckaudit.model.errors import InputError, Location
from ckaudit.sources.files import near_path, read_limited

T = TypeVar("T")

MAX_SIZE = 256_000_000  # bytes; a result with 100,000 findings has a quarter of it


class _Head(msgspec.Struct):
    schema: str | None = None


def read_stored(file: Path, kind: type[T], schema: str, command: str) -> T:
    """Read a document. Keys it lacks, as an older ckaudit did not know them, have their defaults; keys of a newer one are passed over.

    ``schema`` names what it has to be, such as ``ckaudit.result/v1``; ``command`` writes one.

    Raises:
        InputError: it cannot be read, or is not of this version; says what was found instead.
    """
    place, hint = Location(str(file)), f"Write it again: {command}"
    data = _read(file, place, command)
    try:
        data.decode()
        found = msgspec.json.decode(data, type=_Head).schema
    except (ValueError, RecursionError) as error:
        raise InputError(f"this is not valid JSON: {_reason(error)}", location=place, hint=hint) from None
    if found != schema:
        raise _another(found, schema, place, command)
    try:
        return msgspec.json.decode(data, type=kind)
    except (ValueError, RecursionError) as error:
        raise InputError(f"this file is damaged: {_reason(error)}", location=place, hint=hint) from None


def _read(file: Path, place: Location, command: str) -> bytes:
    try:
        return read_limited(file, MAX_SIZE).removeprefix(b"\xef\xbb\xbf")
    except IsADirectoryError:
        raise InputError("this is a folder, not a file", location=place, hint=f"Name the file that `{command}` writes.") from None
    except OSError as error:
        hint = near_path(file) or f"It is written by `{command}`."
        raise InputError(f"cannot read this file: {error.strerror}", location=place, hint=hint) from None


def _another(found: str | None, schema: str, place: Location, command: str) -> InputError:
    """The error for a document of another kind or another version."""
    name, _, ours = schema.partition("/v")
    version = re.fullmatch(rf"{re.escape(name)}/v(\d{{1,9}})", found or "")
    if version and int(version[1]) > int(ours):
        message = f"this file has format version {version[1]}; this ckaudit reads up to {ours}. It was made by a newer ckaudit"
        return InputError(message, location=place, hint=upgrading())
    actual = f"its schema is “{found}”" if found else "it names no schema"
    return InputError(f"this is not a {schema}: {actual}", location=place, hint=f"Was it written by `{command}`?")


def _reason(error: Exception) -> str:
    match error:
        case RecursionError():
            return "it is nested too deeply"
        case UnicodeDecodeError():
            return "it is not UTF-8 text"
        case _:
            return str(error)
