"""Options that several commands share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from ckaudit.cli.terminal import ColourWhen, Terminal
from ckaudit.model.errors import UsageError

F = TypeVar("F", bound=Callable[..., object])


def loudness(function: F) -> F:
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
    return _with(function, options)


def credentials(function: F) -> F:
    """``--api-key-file`` and ``--api-url``."""
    options = (
        click.option(
            "--api-key-file",
            metavar="FILE",
            help="File that holds the API key; - is standard input. Default: KIT_API_KEY or KIT_ACCESS_TOKEN.",
        ),
        click.option("--api-url", envvar="KIT_API_URL", metavar="URL", help="Where Kit's API is (default: https://api.kit.com)."),
    )
    return _with(function, options)


def inputs(function: F) -> F:
    """``--manifest``, ``--stack`` and the clock."""
    options = (
        click.option(
            "--manifest",
            "manifests",
            type=click.Path(path_type=Path),
            multiple=True,
            help="File with your automations; repeatable. Default: automations.yaml or automations/*.yaml beside the snapshot.",
        ),
        click.option("--stack", metavar="NAME", help="The membership site, where the manifest does not say (such as accessally)."),
    )
    return _with(clock(function), options)


def evidence(function: F) -> F:
    """``--no-evidence``, ``--evidence-days`` and ``--evidence-max``."""
    options = (
        click.option("--no-evidence", is_flag=True, help="Do not read people's time stamps."),
        click.option(
            "--evidence-days",
            type=click.IntRange(1, 3650),
            default=180,
            metavar="N",
            help="How many days of time stamps to read (default: 180; all of them for tags that give or take access).",
        ),
        click.option(
            "--evidence-max",
            type=click.IntRange(1, 10_000_000),
            default=2000,
            metavar="N",
            help="At most so many people of each tag, form and sequence (default: 2000; likewise).",
        ),
    )
    return _with(function, options)


def clock(function: F) -> F:
    """``--now``."""
    return _with(function, (click.option("--now", metavar="TIME", callback=_time, help="The clock, such as 2026-11-20T12:00:00Z."),))


def _with(function: F, options: tuple[Callable[[F], F], ...]) -> F:
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


def _time(_: click.Context, __: click.Parameter, value: str | None) -> dt.datetime:
    if value is None:
        return dt.datetime.now(dt.UTC)
    try:
        when = dt.datetime.fromisoformat(value)
    except ValueError:
        raise UsageError(f"--now: “{value}” is no time", hint="Write it as 2026-11-20 or 2026-11-20T12:00:00Z.") from None
    return when.replace(tzinfo=dt.UTC) if when.tzinfo is None else when.astimezone(dt.UTC)
