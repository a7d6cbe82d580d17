"""A history: a folder of results of one account, one file per audit, from which reports draw a trend."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ckaudit.model.errors import InputError, Location
from ckaudit.model.result import RESULT_SCHEMA, AccountHead, Result, Summary, Tool
from ckaudit.model.trend import TrendPoint, trend_point
from ckaudit.sources.files import read_limited
from ckaudit.sources.stored import MAX_SIZE


class _Finding(msgspec.Struct, frozen=True):
    rule: str


class _Stored(msgspec.Struct, frozen=True):
    """What a point needs of a stored result; everything else is passed over without being built."""

    schema: str
    tool: Tool
    generated_at: str
    account: AccountHead
    summary: Summary
    findings: tuple[_Finding, ...] = ()


class HistoryEntry(msgspec.Struct, frozen=True):
    """One audit of a history and the file it is in."""

    point: TrendPoint
    file: Path


class History(msgspec.Struct, frozen=True):
    """The audits of one account, oldest first. ``others`` counts results of other accounts, ``unread`` files that are not results."""

    entries: tuple[HistoryEntry, ...] = ()
    others: int = 0
    unread: int = 0

    def before(self, moment: str) -> tuple[HistoryEntry, ...]:
        """The audits before this one (UTC, as in ``generated_at``), oldest first."""
        return tuple(item for item in self.entries if item.point.at < moment)


def read_history(folder: Path, account: int | None) -> History:
    """Every ``*.json`` of a folder that is a result of this account. A folder that is not there yet is an empty history.

    Raises:
        InputError: the folder cannot be read, or is none.
    """
    if not folder.exists():
        return History()
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix == ".json" and path.is_file())
    except OSError as error:
        raise InputError(f"cannot read this folder: {error.strerror}", location=Location(str(folder))) from None
    entries, others, unread = [], 0, 0
    for file in files:
        stored = _read(file)
        if stored is None:
            unread += 1
        elif account is not None and stored.account.id not in (None, account):
            others += 1
        else:
            entries.append(HistoryEntry(_point(stored), file))
    return History(tuple(sorted(entries, key=lambda item: (item.point.at, str(item.file)))), others, unread)


def history_file(folder: Path, result: Result) -> Path:
    """Where a result goes in a history: ``27-20261120T120000Z.json``; the same audit again goes to the same place."""
    timestamp = "".join(char for char in result.generated_at if char.isalnum())
    return folder / f"{'manifest' if result.account.id is None else result.account.id}-{timestamp}.json"


def _read(file: Path) -> _Stored | None:
    try:
        stored = msgspec.json.decode(read_limited(file, MAX_SIZE), type=_Stored) if file.is_file() else None
    except (OSError, ValueError, RecursionError):
        return None
    return stored if stored and stored.schema == RESULT_SCHEMA else None


def _point(stored: _Stored) -> TrendPoint:
    rules = {finding.rule for finding in stored.findings}
    return trend_point(stored.generated_at, stored.tool.version, stored.summary, rules)
