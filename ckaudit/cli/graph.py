"""``ckaudit graph``: the account graph for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ckaudit.cli.configuration import configuration, open_config
from ckaudit.cli.inputs import open_inputs
from ckaudit.cli.options import credentials, demo, evidence, inputs, verbosity
from ckaudit.cli.terminal import Outcome, Terminal
from ckaudit.graph.export import GraphFormat, export
from ckaudit.model.errors import ExitStatus
from ckaudit.render.branding import branding_of

if TYPE_CHECKING:
    from ckaudit.graph.graph import Graph
    from ckaudit.model.branding import Branding

MAPS = ("svg", "html")


@click.command("graph")
@click.argument("snapshot", type=click.Path(path_type=Path), required=False)
@demo("The account that comes with ckaudit.")
@click.option(
    "--format",
    "form",
    type=click.Choice([*MAPS, *(str(form) for form in GraphFormat)]),
    default="graphml",
    help="A map to look at: svg, html. For other tools: graphml (default), dot, mermaid, json.",
)
@inputs
@evidence
@configuration
@credentials
@verbosity
@click.pass_context
def command(context: click.Context, /, **options: Any) -> Outcome:
    """The account as a graph: objects, automations and what connects them.

    As svg or html it is a map to look at and print: what sets what off, a drawing for each offering or connected part, and in words.
    The other formats hold everything. In them every edge says who says so: Kit's API (api), the manifest (declared), or the timestamps of
    people (observed, with how many, after how long and how sure).

    \b
    Examples:
      ckaudit graph my-account --format html > map.html
      ckaudit graph my-account > account.graphml
      ckaudit graph my-account --format dot | dot -Tsvg > account.svg
    """
    from ckaudit.audit import observe_inputs

    terminal: Terminal = context.obj
    config = open_config(options, terminal)
    inputs = open_inputs(options, config, terminal)
    if inputs.problem:
        terminal.error(inputs.problem)
    graph = observe_inputs(inputs).observed
    text = _map(graph, options["form"], branding_of(config)) if options["form"] in MAPS else export(graph, GraphFormat(options["form"]))
    return Outcome(text, ExitStatus.INCOMPLETE if inputs.problem else ExitStatus.CLEAN)


def _map(graph: Graph, form: str, branding: Branding) -> str:
    from ckaudit.graph.account_map import account_map
    from ckaudit.render.account_map import render_map_html, render_map_svg

    found = account_map(graph)
    name = graph.account.info.name if graph.account.info else ""
    return render_map_svg(found) if form == "svg" else render_map_html(found, name, branding)
