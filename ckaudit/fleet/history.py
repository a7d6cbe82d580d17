"""The audits of an account that came before: what its reports draw a trend from, and what its row compares with."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ckaudit.engine.baseline import compare_results
from ckaudit.model.fleet import Change
from ckaudit.model.result import Result
from ckaudit.model.trend import TrendPoint
from ckaudit.render.json import render_json
from ckaudit.sources.files import write_atomically
from ckaudit.sources.history import history_file, read_history
from ckaudit.sources.results import read_result


class Earlier(msgspec.Struct, frozen=True):
    """The earlier audits, oldest first, and the result of the last of them."""

    points: tuple[TrendPoint, ...] = ()
    last: Result | None = None


def earlier_audits(folder: Path | None, result: Result) -> Earlier:
    """What a history holds of this account from before this audit. Raises InputError when the folder cannot be read."""
    if folder is None:
        return Earlier()
    entries = read_history(folder, result.account.id).before(result.generated_at)
    return Earlier(tuple(item.point for item in entries), read_result(entries[-1].file) if entries else None)


def change_since(earlier: Earlier, result: Result) -> Change | None:
    """What happened since the last of the earlier audits."""
    if earlier.last is None:
        return None
    diff = compare_results(earlier.last, result)
    return Change(earlier.last.generated_at, len(diff.new), len(diff.fixed), earlier.last.summary.score)


def add_to_history(folder: Path | None, result: Result) -> None:
    """Add a result to a history, unless findings are hidden in it. Raises OutputError."""
    if folder is not None and not result.summary.hidden:
        write_atomically(history_file(folder, result), render_json(result).encode("utf-8", "replace"))
