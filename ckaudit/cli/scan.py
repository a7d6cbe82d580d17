"""``ckaudit scan``: the audit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ckaudit.cli import completing
from ckaudit.cli.configuration import branding_of, chosen_options, configuration, open_config
from ckaudit.cli.history import continue_history, history, with_history
from ckaudit.cli.inputs import graph_of, observe_inputs, read_inputs, request_of
from ckaudit.cli.options import credentials, demo, evidence, inputs, loudness, own_rules
from ckaudit.cli.outputs import for_stdout, render_options, targets_of, write_targets
from ckaudit.cli.people import People
from ckaudit.cli.terminal import Outcome, Terminal
from ckaudit.model.findings import Confidence, Severity
from ckaudit.render.formats import FORMATS, LISTED
from ckaudit.sources.manifest.places import MANIFEST_SUFFIXES

if TYPE_CHECKING:
    from ckaudit.engine.prepare import Choice
    from ckaudit.model.result import Result


@click.command("scan")
@click.argument("snapshot", type=click.Path(path_type=Path), required=False)
@demo("Audit the account that comes with ckaudit, as of 24 November 2026, when it was read.")
@inputs
@click.option(
    "--select",
    multiple=True,
    metavar="RULES",
    shell_complete=completing.rules_and_themes,
    help="Only these: codes, beginnings of codes, names, themes; with commas.",
)
@click.option("--ignore", multiple=True, metavar="RULES", shell_complete=completing.rules_and_themes, help="Not these.")
@click.option(
    "--min-severity", type=click.Choice([str(item) for item in Severity]), default="info", help="Show nothing below it (default: info)."
)
@click.option(
    "--min-confidence",
    type=click.Choice([str(item) for item in Confidence]),
    default="possible",
    help="Show nothing below it (default: possible).",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "info", "never"]),
    default="warning",
    help="What gives exit status 1 (default: warning).",
)
@configuration
@click.option("--no-suppressions", is_flag=True, help="Show what was suppressed, too.")
@click.option("--baseline", type=click.Path(path_type=Path), metavar="RESULT", help="An earlier result.json: report only what is new.")
@history("A folder of earlier results: reports show how it went over time. This result is added to it.")
@own_rules
@evidence
@click.option("--save", type=click.Path(path_type=Path), metavar="DIR", help="Keep the account that is read as a snapshot.")
@click.option("--format", "form", type=click.Choice(LISTED), default="text", help="What standard output gets (default: text).")
@click.option(
    "--list-people",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also write whom the findings count, as Kit's subscriber ids (people.csv or people.json).",
)
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
    from ckaudit.engine.configure import check_comments, check_objects
    from ckaudit.engine.exit_status import FailOn, exit_status
    from ckaudit.engine.load import load_rules
    from ckaudit.engine.pipeline import audit
    from ckaudit.engine.prepare import prepare
    from ckaudit.resources import rules_folder

    terminal: Terminal = context.obj
    config = open_config(options, terminal)
    options = chosen_options(context, config, options)
    targets = targets_of(options["outputs"], _read_files(options))
    people = People(options)
    baseline = _baseline(options["baseline"])
    prepared = prepare(config, load_rules((rules_folder(), *options["folders"])), choice_of(options))
    chosen = render_options(place_of(options), branding_of(config), baseline)
    request = request_of(options)
    read = read_inputs(request, terminal)
    people.check(read, terminal)
    graph, problem = graph_of(read, request), read.problem
    check_comments(graph.manifest.ignores, prepared.known)
    check_objects(config, graph)
    result = audit(
        observe_inputs(graph, read, request), prepared.rules, prepared.settings, lambda _, error: terminal.traceback(error), people.note
    )
    shown = _only_new(result, baseline)
    people.write(shown, read.roster, terminal)
    chosen = with_history(options["history"], result, chosen, terminal)
    write_targets(shown, targets, chosen, terminal)
    continue_history(options["history"], result, terminal, incomplete=problem is not None)
    if problem:
        terminal.error(problem)
        terminal.note("The audit covers what was read until then.")
    status = exit_status(shown, FailOn(options["fail_on"]), incomplete=problem is not None)
    form = options["form"]
    return Outcome(for_stdout(shown, form, chosen, terminal), status, gives_orders=FORMATS[form].gives_orders)


def choice_of(options: Mapping[str, Any]) -> Choice:
    """What the options of a command say about rules and findings."""
    from ckaudit.engine.prepare import Choice

    return Choice(
        select=words(options["select"]),
        ignore=words(options["ignore"]),
        min_severity=Severity(options["min_severity"]),
        min_confidence=Confidence(options["min_confidence"]),
        suppress=not options["no_suppressions"],
    )


def _read_files(options: Mapping[str, Any]) -> tuple[Path, ...]:
    """Files a result must not be written over. The baseline may be: that is how one is brought up to date."""
    key: str | None = options["api_key_file"]
    return (*options["manifests"], *((Path(key),) if key and key != "-" else ()))


def _baseline(path: Path | None) -> Result | None:
    from ckaudit.sources.results import read_result

    return read_result(path) if path else None


def _only_new(result: Result, baseline: Result | None) -> Result:
    from ckaudit.engine.baseline import only_new

    return only_new(result, baseline) if baseline else result


def place_of(options: Mapping[str, Any]) -> Path | None:
    """The snapshot a result's lines point into: the one given or saved, or the demo's. A manifest alone has none."""
    from ckaudit.resources import demo_folder
    from ckaudit.sources.manifest.places import short_path

    if options["demo"]:
        return short_path(demo_folder())
    snapshot: Path | None = options["snapshot"]
    if snapshot is not None and snapshot.suffix not in MANIFEST_SUFFIXES:
        return snapshot
    saved: Path | None = options["save"]
    return saved


def words(values: tuple[str, ...]) -> tuple[str, ...]:
    """``("CK1,CK2", "access")`` as single words."""
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())
