"""How loud and how colourful to be: the options every command has, and ckaudit itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from ckaudit.cli.terminal import ColourWhen, Terminal

F = TypeVar("F", bound=Callable[..., object])


def verbosity(function: F) -> F:
    """``-q``, ``-v`` and ``--color``; they act on the terminal, the command does not see them."""
    options = (
        click.option("-q", "--quiet", is_flag=True, expose_value=False, callback=_quiet, help="No notes, no progress, findings only."),
        click.option("-v", "--verbose", count=True, expose_value=False, callback=_verbose, help="Say more; twice: for bug reports."),
        click.option(
            "--color",
            type=click.Choice([str(when) for when in ColourWhen]),
            default=None,
            expose_value=False,
            callback=_colour,
            help="When to use colours (default: auto, honours NO_COLOR and FORCE_COLOR).",
        ),
    )
    return with_options(function, options)


def with_options(function: F, options: tuple[Callable[[F], F], ...]) -> F:
    """Decorate a command with options, in their order."""
    for option in reversed(options):
        function = option(function)
    return function


def _terminal(context: click.Context) -> Terminal:
    found: Terminal = context.find_root().obj
    return found


def _quiet(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        _terminal(context).verbosity = -1


def _verbose(context: click.Context, _: click.Parameter, value: int) -> None:
    if value:
        _terminal(context).verbosity = value


def _colour(context: click.Context, _: click.Parameter, value: str | None) -> None:
    if value:
        _terminal(context).colour = ColourWhen(value)
