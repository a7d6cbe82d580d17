"""``ckaudit graph``: the account graph for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ckaudit.cli.configuration import configuration, open_config
from ckaudit.cli.inputs import open_inputs
from ckaudit.cli.options import credentials, demo, evidence, inputs, verbosity
from ckaudit.cli.outputs import keep_input
from ckaudit.cli.request import account_request
from ckaudit.cli.terminal import Outcome, Terminal, write_bytes
from ckaudit.graph.export import GraphFormat, export
from ckaudit.model.errors import ExitStatus, UsageError
from ckaudit.render.branding import branding_of

if TYPE_CHECKING:
    from ckaudit.graph.graph import Graph
    from ckaudit.model.branding import Branding

MAPS = ("svg", "html")
SUFFIXES = {".svg": "svg", ".html": "html", ".graphml": "graphml", ".dot": "dot", ".mmd": "mermaid", ".json": "json"}


@click.command("graph")
@click.argument("snapshot", type=click.Path(path_type=Path), required=False)
@demo("The account that comes with ckaudit.")
@click.option(
    "--format",
    "form",
    type=click.Choice([*MAPS, *(str(form) for form in GraphFormat)]),
    help="A map to look at: svg, html. For other tools: graphml (default), dot, mermaid, json.",
)
@click.option(
    "-o",
    "path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=f"Write it here; the name says the format: {', '.join(SUFFIXES)}.",
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
      ckaudit graph my-account -o map.html
      ckaudit graph my-account > account.graphml
      ckaudit graph my-account --format dot | dot -Tsvg > account.svg
    """
    from ckaudit.audit import manifests_of, observe_inputs

    terminal: Terminal = context.obj
    config = open_config(options, terminal)
    path: Path | None = options["path"]
    form = _format(path, options["form"])
    if path:
        key: str | None = options["api_key_file"]
        reads = manifests_of(account_request(options, config), config)
        keep_input(path, "-o", (*reads, *((Path(key),) if key and key != "-" else ())))
    inputs = open_inputs(options, config, terminal)
    if inputs.problem:
        terminal.error(inputs.problem)
    graph = observe_inputs(inputs).observed
    text = _map(graph, form, branding_of(config)) if form in MAPS else export(graph, GraphFormat(form))
    if path:
        write_bytes(path, text.encode("utf-8", "replace"))
        terminal.note(f"Written: {path}")
    return Outcome("" if path else text, ExitStatus.INCOMPLETE if inputs.problem else ExitStatus.CLEAN)


def _format(path: Path | None, asked: str | None) -> str:
    """The format that ``--format`` or the file's name asks for.

    Raises:
        UsageError: they contradict each other, the name names none, or the path is a folder.
    """
    if path is None:
        return asked or GraphFormat.GRAPHML
    if path.is_dir():
        raise UsageError(f"-o: {path} is a folder", hint="Name a file, such as map.html or account.graphml.")
    named = SUFFIXES.get(path.suffix.lower())
    if asked and named and asked != named:
        raise UsageError(f"-o {path} is a file for {named}, and --format says {asked}", hint="Change one of them, or leave --format away.")
    if not (asked or named):
        raise UsageError(f"the file name {path.name} names no format", hint=f"Possible are {', '.join(SUFFIXES)}.")
    return asked or named or GraphFormat.GRAPHML


def _map(graph: Graph, form: str, branding: Branding) -> str:
    from ckaudit.graph.account_map import account_map
    from ckaudit.render.account_map import render_map_html, render_map_svg

    found = account_map(graph)
    name = graph.account.info.name if graph.account.info else ""
    return render_map_svg(found) if form == "svg" else render_map_html(found, name, branding)
