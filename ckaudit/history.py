"""The audits of an account that came before: reports draw a trend from them and compare with the last, and every audit adds itself.

``scan``, ``report`` and ``fleet`` read and continue a history here, so that they cannot differ.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from ckaudit.engine.baseline import compare_results, whole
from ckaudit.model.fleet import Change
from ckaudit.model.result import Result
from ckaudit.model.trend import TrendPoint
from ckaudit.render.json import render_json
from ckaudit.render.options import RenderOptions
from ckaudit.sources.files import write_atomically
from ckaudit.sources.history import history_file, read_history
from ckaudit.sources.results import read_result


class Earlier(msgspec.Struct, frozen=True):
    """The earlier audits, oldest first, and the result of the last of them. ``others`` counts results of other accounts in the folder,
    ``unread`` files that are not results."""

    points: tuple[TrendPoint, ...] = ()
    last: Result | None = None
    others: int = 0
    unread: int = 0


def earlier_audits(folder: Path | None, result: Result) -> Earlier:
    """What a history holds of this account from before this audit. Raises InputError when the folder cannot be read."""
    if folder is None:
        return Earlier()
    found = read_history(folder, result.account.id)
    entries = found.before(result.generated_at)
    return Earlier(
        tuple(item.point for item in entries), read_result(entries[-1].file) if entries else None, others=found.others, unread=found.unread
    )


def with_earlier(options: RenderOptions, earlier: Earlier) -> RenderOptions:
    """The options of a report that shows the trend; it compares with the last audit unless it has another baseline."""
    return msgspec.structs.replace(options, history=earlier.points, baseline=options.baseline or earlier.last)


def change_since(earlier: Earlier, result: Result) -> Change | None:
    """What happened since the last of the earlier audits."""
    if earlier.last is None:
        return None
    diff = compare_results(earlier.last, result)
    return Change(earlier.last.generated_at, len(diff.new), len(diff.since.fixed), earlier.last.summary.score, len(diff.unchanged))


def add_to_history(folder: Path | None, result: Result, *, incomplete: bool) -> str:
    """Add a result to a history. Returns why it was not added, empty when it was: only whole results are. Raises OutputError."""
    result = whole(result)
    if folder is None:
        return ""
    if incomplete:
        return "the account was read in part only"
    if result.summary.hidden:
        return "findings were hidden (--min-severity, --min-confidence)"
    write_atomically(history_file(folder, result), render_json(result).encode("utf-8", "replace"))
    return ""
