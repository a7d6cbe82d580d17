"""Stored results: what ``ckaudit scan -o result.json`` wrote, read again."""

from __future__ import annotations

from pathlib import Path

from ckaudit.model.result import RESULT_SCHEMA, Result
from ckaudit.sources.files import StrPath
from ckaudit.sources.stored import read_stored


def read_result(path: StrPath) -> Result:
    """Read a stored result.

    Raises:
        InputError: it cannot be read, or is not a result of this version; says what was found instead.
    """
    return read_stored(Path(path), Result, RESULT_SCHEMA, "ckaudit scan -o result.json")
