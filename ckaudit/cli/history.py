"""A history of results: read for the trend in reports, and continued by every audit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click
import msgspec

from ckaudit.cli.terminal import Terminal, write_bytes
from ckaudit.render.json import render_json
from ckaudit.sources.history import history_file, read_history
from ckaudit.sources.results import read_result

if TYPE_CHECKING:
    from ckaudit.model.result import Result
    from ckaudit.render.options import RenderOptions

F = TypeVar("F", bound=Callable[..., object])


def history(words: str) -> Callable[[F], F]:
    """``--history``; ``words`` say what the command does with the folder."""
    return click.option("--history", "history", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help=words)


def with_history(folder: Path | None, result: Result, chosen: RenderOptions, terminal: Terminal) -> RenderOptions:
    """The options with the audits of this account that came before; the last of them is what reports compare with, unless another
    result was named.

    Raises:
        InputError: the folder cannot be read.
    """
    if folder is None:
        return chosen

    found = read_history(folder, result.account.id)
    entries = found.before(result.generated_at)
    if found.others:
        terminal.note(f"{folder}: {found.others} results of other accounts are left out.")
    if found.unread:
        terminal.note(f"{folder}: {found.unread} files are not results, or damaged; they are left out.")
    baseline = chosen.baseline or (read_result(entries[-1].file) if entries else None)
    return msgspec.structs.replace(chosen, history=tuple(item.point for item in entries), baseline=baseline)


def continue_history(folder: Path | None, result: Result, terminal: Terminal, *, incomplete: bool) -> None:
    """Add the result to the history, unless it is not the whole one. Raises OutputError."""
    if folder is None:
        return
    if incomplete or result.summary.hidden:
        why = "the account was read in part only" if incomplete else "findings were hidden (--min-severity, --min-confidence)"
        terminal.note(f"Not added to {folder}: {why}.")
        return

    write_bytes(history_file(folder, result), render_json(result).encode("utf-8", "replace"))
