"""``ckaudit graph``: the account graph for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ckaudit.cli.configuration import configuration, open_config
from ckaudit.cli.inputs import open_inputs
from ckaudit.cli.options import credentials, demo, evidence, inputs, verbosity
from ckaudit.cli.terminal import Outcome, Terminal
from ckaudit.graph.export import GraphFormat, export
from ckaudit.model.errors import ExitStatus


@click.command("graph")
@click.argument("snapshot", type=click.Path(path_type=Path), required=False)
@demo("The account that comes with ckaudit.")
@click.option("--format", "form", type=click.Choice(["graphml", "dot", "mermaid", "json"]), default="graphml", help="Default: graphml.")
@inputs
@evidence
@configuration
@credentials
@verbosity
@click.pass_context
def command(context: click.Context, /, **options: Any) -> Outcome:
    """The account as a graph: objects, automations and what connects them.

    Every edge says who says so: Kit's API (api), the manifest (declared), or the timestamps of people (observed, with how many, after how
    long and how sure).

    \b
    Examples:
      ckaudit graph my-account > account.graphml
      ckaudit graph my-account --format dot | dot -Tsvg > account.svg
    """
    from ckaudit.audit import observe_inputs

    terminal: Terminal = context.obj
    inputs = open_inputs(options, open_config(options, terminal), terminal)
    if inputs.problem:
        terminal.error(inputs.problem)
    text = export(observe_inputs(inputs).observed, GraphFormat(options["form"]))
    return Outcome(text, ExitStatus.INCOMPLETE if inputs.problem else ExitStatus.CLEAN)
