"""Options that several commands share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from ckaudit.cli import completers
from ckaudit.cli.verbosity import verbosity, with_options
from ckaudit.model.errors import UsageError
from ckaudit.render.formats import LISTED
from ckaudit.render.options import View
from ckaudit.resources import DEMO_CLOCK

__all__ = ["api_url", "clock", "credentials", "evidence", "inputs", "own_rules", "shown", "verbosity"]

F = TypeVar("F", bound=Callable[..., object])


def credentials(function: F) -> F:
    """``--api-key-file`` and ``--api-url``."""
    return click.option(
        "--api-key-file",
        metavar="FILE",
        help="File that holds the API key; - is standard input. Default: KIT_API_KEY or KIT_ACCESS_TOKEN.",
    )(api_url(function))


def api_url(function: F) -> F:
    """``--api-url``."""
    return click.option("--api-url", envvar="KIT_API_URL", metavar="URL", help="Where Kit's API is (default: https://api.kit.com).")(
        function
    )


def own_rules(function: F) -> F:
    """``--rules``."""
    return click.option(
        "--rules",
        "folders",
        type=click.Path(path_type=Path),
        multiple=True,
        metavar="DIR",
        help="A folder with rules of your own (programs: name only what you trust); repeatable.",
    )(function)


def inputs(function: F) -> F:
    """``--manifest``, ``--stack`` and the clock."""
    options = (
        click.option(
            "--manifest",
            "manifests",
            type=click.Path(path_type=Path),
            multiple=True,
            metavar="PATH",
            help="File with your automations; repeatable. Default: automations.yaml or automations/*.yaml beside the snapshot.",
        ),
        click.option(
            "--stack",
            metavar="NAME",
            shell_complete=completers.stacks,
            help="The membership site, where the manifest does not say (such as accessally).",
        ),
    )
    return with_options(clock(function), options)


def evidence(function: F) -> F:
    """``--no-evidence``, ``--evidence-days``, ``--evidence-max`` and ``--max-requests``."""
    options = (
        click.option("--no-evidence", is_flag=True, help="Do not read people's timestamps."),
        click.option(
            "--evidence-days",
            type=click.IntRange(1, 3650),
            default=180,
            metavar="N",
            help="How many days of timestamps to read (default: 180; all of them for tags and sequences that give or take access).",
        ),
        click.option(
            "--evidence-max",
            type=click.IntRange(1, 10_000_000),
            default=2000,
            metavar="N",
            help="Fewer days where more people than this got a tag, form or sequence (default: 2000; likewise).",
        ),
        click.option(
            "--max-requests",
            type=click.IntRange(1, 10_000_000),
            default=10_000,
            metavar="N",
            help="Send no more requests to Kit without asking; where nobody can be asked, stop and keep what was read (default: 10000).",
        ),
    )
    return with_options(function, options)


def shown(words: str) -> Callable[[F], F]:
    """``--format``, ``--full``, ``--statistics``, ``--view`` and ``--open``; ``words`` say what standard output gets without them."""
    options = (
        click.option("--format", "form", type=click.Choice(LISTED), default=None, help=f"What standard output gets ({words})."),
        click.option("--full", is_flag=True, help="Every finding in full, with all of its steps; not one screen."),
        click.option("--statistics", is_flag=True, help="How many findings each rule has, instead of the findings."),
        click.option(
            "--view",
            type=click.Choice([str(item) for item in View]),
            default=str(View.CLIENT),
            help="Who reads HTML and PDF (default: client; the consultant's has files, codes and commands).",
        ),
        click.option("--open", "is_opened", is_flag=True, help="Open the HTML report in your browser."),
    )
    return lambda function: with_options(function, options)


def unjudged(function: F) -> F:
    """``--fail-on-unjudged``."""
    words = "Exit status 1 when rules could not be judged; compared with an earlier result, when it could judge them (default: then)."
    return click.option("--fail-on-unjudged/--no-fail-on-unjudged", default=None, help=words)(function)


def demo(words: str) -> Callable[[F], F]:
    """``--demo``, which also sets the clock to the day the demo account was read. ``words`` say what the command does with it."""
    return click.option("--demo", is_flag=True, is_eager=True, help=words)


def clock(function: F) -> F:
    """``--now``."""
    return with_options(function, (click.option("--now", metavar="TIME", callback=_time, help="The clock, such as 2026-11-20T12:00:00Z."),))


def _time(context: click.Context, _: click.Parameter, value: str | None) -> dt.datetime:
    if value is None:
        return DEMO_CLOCK if context.params.get("demo") else dt.datetime.now(dt.UTC)
    try:
        when = dt.datetime.fromisoformat(value)
    except ValueError:
        raise UsageError(f"--now: “{value}” is not a time", hint="Write it as 2026-11-20 or 2026-11-20T12:00:00Z.") from None
    return when.replace(tzinfo=dt.UTC) if when.tzinfo is None else when.astimezone(dt.UTC)
