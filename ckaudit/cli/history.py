"""A history of results: read for the trend in reports, and continued by every audit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from ckaudit.cli.terminal import Terminal
from ckaudit.history import add_to_history, earlier_audits, with_earlier

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
    earlier = earlier_audits(folder, result)
    if earlier.others:
        terminal.note(f"{folder}: {earlier.others} results of other accounts are left out.")
    if earlier.unread:
        terminal.note(f"{folder}: {earlier.unread} files are not results, or damaged; they are left out.")
    return with_earlier(chosen, earlier)


def continue_history(folder: Path | None, result: Result, terminal: Terminal, *, incomplete: bool) -> None:
    """Add the result to the history, unless it is not the whole one. Raises OutputError."""
    if why := add_to_history(folder, result, incomplete=incomplete):
        terminal.note(f"Not added to {folder}: {why}.")
