"""``ckaudit scan``: the audit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ckaudit.cli.inputs import MANIFEST_SUFFIXES, graph_of, read_inputs, request_of
from ckaudit.cli.options import credentials, evidence, inputs, loudness
from ckaudit.cli.outputs import FORMATS, for_stdout, render_options, targets_of, write_targets
from ckaudit.cli.terminal import Outcome, Terminal
from ckaudit.model.findings import Confidence, Severity


@click.command("scan")
@click.argument("snapshot", type=click.Path(path_type=Path), required=False)
@click.option("--demo", is_flag=True, help="Audit the account that comes with ckaudit.")
@inputs
@click.option("--select", multiple=True, metavar="RULES", help="Only these: codes, beginnings of codes, names, themes; with commas.")
@click.option("--ignore", multiple=True, metavar="RULES", help="Not these.")
@click.option("--min-severity", type=click.Choice([str(item) for item in Severity]), default="info", help="Show nothing below it.")
@click.option("--min-confidence", type=click.Choice([str(item) for item in Confidence]), default="possible", help="Show nothing below it.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "info", "never"]),
    default="warning",
    help="What gives exit status 1 (default: warning).",
)
@click.option("--rules", "folders", type=click.Path(path_type=Path), multiple=True, help="A folder with rules of your own; repeatable.")
@evidence
@click.option("--save", type=click.Path(path_type=Path), metavar="DIR", help="Keep the account that is read as a snapshot.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="What standard output gets (default: text).")
@click.option(
    "-o", "outputs", type=click.Path(path_type=Path), multiple=True, metavar="FILE", help="Also write the result here; repeatable."
)
@credentials
@loudness
@click.pass_context
def command(context: click.Context, /, **options: Any) -> Outcome:
    """Audit an account: a SNAPSHOT (folder or account.json), a manifest file, or, without either, your account over the API.

    \b
    Examples:
      ckaudit scan my-account
      ckaudit scan my-account --select access --fail-on error
      ckaudit scan --manifest automations.yaml --format json -o result.json
    """
    from ckaudit.engine.loader import load_rules
    from ckaudit.engine.run import Settings, audit
    from ckaudit.engine.select import select_rules
    from ckaudit.engine.status import FailOn, exit_status
    from ckaudit.resources import rules_folder

    terminal: Terminal = context.obj
    targets = targets_of(options["outputs"])
    rules = select_rules(load_rules((rules_folder(), *options["folders"])), words(options["select"]), words(options["ignore"]))
    request = request_of(options)
    read = read_inputs(request, terminal)
    graph, problem = graph_of(read, request), read.problem
    settings = Settings(min_severity=Severity(options["min_severity"]), min_confidence=Confidence(options["min_confidence"]))
    result = audit(graph, rules, settings, lambda _, error: terminal.traceback(error))
    chosen = render_options(place_of(options))
    write_targets(result, targets, chosen, terminal)
    if problem:
        terminal.error(problem)
        terminal.note("The audit covers what was read until then.")
    status = exit_status(result, FailOn(options["fail_on"]), incomplete=problem is not None)
    return Outcome(for_stdout(result, options["form"], chosen, terminal), status)


def place_of(options: Mapping[str, Any]) -> Path | None:
    """The snapshot a result's lines point into: the one given or saved. The demo's and a manifest alone have none."""
    snapshot: Path | None = options["snapshot"]
    if snapshot is not None and snapshot.suffix not in MANIFEST_SUFFIXES:
        return snapshot
    saved: Path | None = options["save"]
    return saved


def words(values: tuple[str, ...]) -> tuple[str, ...]:
    """``("CK1,CK2", "access")`` as single words."""
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())
