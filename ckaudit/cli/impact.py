"""``ckaudit impact``: what breaks if something is switched off, renamed or deleted."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from ckaudit.cli import completers
from ckaudit.cli.configuration import configuration, open_config
from ckaudit.cli.inputs import is_snapshot, open_inputs
from ckaudit.cli.options import credentials, demo, evidence, inputs, verbosity
from ckaudit.cli.terminal import Outcome, Terminal, width
from ckaudit.model.errors import ExitStatus, UsageError
from ckaudit.model.refs import Kind
from ckaudit.render.plain import to_json


@click.command("impact")
@click.argument("target", metavar="OBJECT", shell_complete=completers.objects)
@click.argument("snapshot", type=click.Path(path_type=Path), required=False)
@demo("The account that comes with ckaudit.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Default: text.")
@click.option("--full", is_flag=True, help="Everything, however long.")
@inputs
@evidence
@configuration
@credentials
@verbosity
@click.pass_context
def command(context: click.Context, /, **options: Any) -> Outcome:
    """What breaks if OBJECT is switched off, renamed or deleted: what names it, and what happens only because of it, step after step.

    OBJECT is a name or an id, or kind and one of them where that is not enough: `tag:Customer`, `sequence:5`, `automation:Welcome`.

    \b
    Examples:
      ckaudit impact "Course A: purchased" my-account
      ckaudit impact sequence:5 my-account --format json
    """
    from ckaudit.audit import observe_inputs
    from ckaudit.graph.find_object import all_listed, named_object, objects_of
    from ckaudit.graph.impact import impact
    from ckaudit.render.impact import render_impact

    terminal: Terminal = context.obj
    _check_order(options["target"], options["snapshot"])
    inputs = open_inputs(options, open_config(options, terminal), terminal)
    if inputs.problem:
        terminal.error(inputs.problem)
    graph = observe_inputs(inputs).observed
    known = objects_of(graph.account, graph.manifest)
    found = impact(graph, named_object(options["target"], known, Kind.TAG, listed=all_listed(graph.account)))
    status = ExitStatus.INCOMPLETE if inputs.problem else ExitStatus.CLEAN
    if options["form"] == "json":
        return Outcome(to_json(found), status)
    return Outcome(render_impact(found, width=width(sys.stdout), full=options["full"]), status)


def _check_order(target: str, snapshot: Path | None) -> None:
    """Raise UsageError when the folder of a snapshot stands where the object is expected, and no other snapshot is named."""
    if is_snapshot(Path(target)) and not (snapshot and snapshot.exists()):
        name = shlex.quote(str(snapshot)) if snapshot else "OBJECT"
        hint = f"The object comes first: `ckaudit impact {name} {shlex.quote(target)}`."
        raise UsageError(f"{target} is a snapshot, not an object of the account", hint=hint)
