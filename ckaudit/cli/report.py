"""``ckaudit report``: a stored result, in any format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ckaudit.cli.configuration import configuration, open_config
from ckaudit.cli.history import history, with_history
from ckaudit.cli.options import shown, verbosity
from ckaudit.cli.outputs import check_open, for_stdout, possible, targets_of, write_targets
from ckaudit.cli.terminal import Outcome, Terminal
from ckaudit.model.errors import UsageError
from ckaudit.render.branding import branding_of
from ckaudit.render.locations import in_snapshot
from ckaudit.render.options import RenderOptions, View
from ckaudit.sources.files import near_path
from ckaudit.sources.results import read_result


@click.command("report")
@click.argument("result", type=click.Path(path_type=Path))
@shown("text unless -o is given")
@click.option("-o", "outputs", type=click.Path(path_type=Path), multiple=True, metavar="FILE", help="Write it here; repeatable.")
@click.option(
    "--snapshot",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The snapshot the result comes from: formats for machines then point at its lines.",
)
@history("A folder of earlier results: reports show how it went over time.")
@configuration
@verbosity
@click.pass_context
def command(context: click.Context, /, **options: Any) -> Outcome:
    """Render a stored RESULT (from `ckaudit scan -o result.json`) again, in any format.

    \b
    Examples:
      ckaudit report result.json -o report.html
      ckaudit report result.json --format markdown
    """
    terminal: Terminal = context.obj
    targets, unmade = possible(targets_of(options["outputs"]), terminal)
    check_open(options)
    result = read_result(options["result"])
    place: Path | None = options["snapshot"]
    if place is not None and not place.exists():
        raise UsageError(f"{place} does not exist", hint=near_path(place))
    chosen = RenderOptions(branding=branding_of(open_config(options, terminal)), view=View(options["view"]))
    chosen = in_snapshot(chosen, place, (*targets.values(), options["form"] or "text"))
    chosen = with_history(options["history"], result, chosen, terminal)
    status = max(unmade, write_targets(result, targets, chosen, terminal))
    return for_stdout(result, options, chosen, terminal, status)
