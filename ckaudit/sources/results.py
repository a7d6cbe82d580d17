"""Stored results: what ``ckaudit scan -o result.json`` wrote, read again."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ckaudit.model.errors import InputError, Location
from ckaudit.model.result import RESULT_SCHEMA, Result
from ckaudit.sources.files import near_path, read_limited

LARGEST = 256_000_000  # bytes; 100,000 findings have a quarter of it
_WRITE_AGAIN = "Write it again: ckaudit scan -o result.json"


class _Head(msgspec.Struct):
    schema: str | None = None


def read_result(path: Path) -> Result:
    """Read a stored result.

    Raises:
        InputError: it cannot be read, or is no result of this version; says what was found instead.
    """
    place = Location(str(path))
    try:
        data = read_limited(path, LARGEST).removeprefix(b"\xef\xbb\xbf")
    except IsADirectoryError:
        raise InputError("this is a folder, not a result", location=place, hint="Name the file, such as result.json.") from None
    except OSError as error:
        hint = near_path(path) or "A result is what `ckaudit scan -o result.json` writes."
        raise InputError(f"cannot read this file: {error.strerror}", location=place, hint=hint) from None
    try:
        data.decode()
        head = msgspec.json.decode(data, type=_Head)
    except (ValueError, RecursionError) as error:
        raise InputError(f"this is not valid JSON: {_reason(error)}", location=place, hint=_WRITE_AGAIN) from None
    if head.schema != RESULT_SCHEMA:
        found = f"its schema is “{head.schema}”" if head.schema else "it names no schema"
        hint = (
            "Made by a newer ckaudit? Then upgrade."
            if (head.schema or "").startswith("ckaudit.result/")
            else "Is this a result of ckaudit scan?"
        )
        raise InputError(f"this is no {RESULT_SCHEMA}: {found}", location=place, hint=hint)
    try:
        return msgspec.json.decode(data, type=Result)
    except (ValueError, RecursionError) as error:
        raise InputError(f"this result is damaged: {_reason(error)}", location=place, hint=_WRITE_AGAIN) from None


def _reason(error: Exception) -> str:
    match error:
        case RecursionError():
            return "it is nested too deeply"
        case UnicodeDecodeError():
            return "it is not UTF-8 text"
        case _:
            return str(error)
