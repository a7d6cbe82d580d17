"""``ckaudit scan``: the audit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from ckaudit.cli import completers
from ckaudit.cli.configuration import configuration, open_config
from ckaudit.cli.failed import reported
from ckaudit.cli.history import continue_history, history, with_history
from ckaudit.cli.inputs import read
from ckaudit.cli.options import credentials, demo, evidence, inputs, own_rules, shown, unjudged, verbosity
from ckaudit.cli.outputs import check_open, for_stdout, possible, said, targets_of, write_targets
from ckaudit.cli.people import People
from ckaudit.cli.request import account_request
from ckaudit.cli.terminal import Outcome, Terminal
from ckaudit.cli.unsaved import Unsaved
from ckaudit.model.findings import Confidence, Severity
from ckaudit.render.locations import in_snapshot
from ckaudit.render.options import RenderOptions, View
from ckaudit.render.scores import unjudged_offerings
from ckaudit.sources.config import manifest_files
from ckaudit.sources.manifest.places import MANIFEST_SUFFIXES, short_path
from ckaudit.sources.results import read_result

if TYPE_CHECKING:
    from ckaudit.model.config import Config
    from ckaudit.model.result import Result


@click.command("scan")
@click.argument("snapshot", type=click.Path(path_type=Path), required=False)
@demo("Audit the account that comes with ckaudit, as of 24 November 2026, when it was read.")
@inputs
@click.option(
    "--select",
    multiple=True,
    metavar="RULES",
    shell_complete=completers.rules_and_themes,
    help="Only these: codes, beginnings of codes, names, themes; with commas.",
)
@click.option("--ignore", multiple=True, metavar="RULES", shell_complete=completers.rules_and_themes, help="Not these.")
@click.option("--min-severity", type=click.Choice([str(item) for item in Severity]), help="Show nothing below it (default: info).")
@click.option(
    "--min-confidence",
    type=click.Choice([str(item) for item in Confidence]),
    help="Show nothing below it (default: possible).",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "info", "never"]),
    help="What gives exit status 1 (default: warning).",
)
@unjudged
@configuration
@click.option("--no-suppressions", is_flag=True, help="Show what was suppressed, too.")
@click.option(
    "--baseline", type=click.Path(path_type=Path), metavar="RESULT", help="An earlier result.json: report only what is new or got worse."
)
@history("A folder of earlier results: reports show how it went over time. This result is added to it.")
@own_rules
@evidence
@click.option("--save", type=click.Path(path_type=Path), metavar="DIR", help="Keep the account that is read as a snapshot.")
@shown("text on one screen; with -o a summary")
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
@verbosity
@click.pass_context
def command(context: click.Context, /, **options: Any) -> Outcome:
    """Audit an account: a SNAPSHOT (folder or account.json), a manifest file, or, without either, your account over the API.

    \b
    Examples:
      ckaudit scan my-account
      ckaudit scan my-account --select access --fail-on error
      ckaudit scan --manifest automations.yaml --format json -o result.json
    """
    terminal: Terminal = context.obj
    with reported(options, terminal):
        return _scan(options, terminal)


def _scan(options: Mapping[str, Any], terminal: Terminal) -> Outcome:
    from ckaudit.audit import audit_inputs, plan_audit

    config = open_config(options, terminal)
    reads = _read_files(options, config)
    targets, unmade = possible(targets_of(options["outputs"], reads), terminal)
    check_open(options)
    people = People(options, reads)
    baseline = _baseline(options["baseline"])
    plan = plan_audit(msgspec.structs.replace(account_request(options, config), baseline=baseline))
    unsaved = Unsaved(terminal)
    inputs = read(plan.request, config, options, terminal, unsaved)
    with unsaved.kept_on_error():
        people.check(inputs, terminal)
        audited = audit_inputs(plan, inputs, lambda _, error: terminal.traceback(error))
        result, problem = audited.result, audited.problem
        asked, incomplete = (options["form"] or "text", *targets.values()), problem is not None
        chosen = RenderOptions(
            branding=plan.branding, baseline=baseline, view=View(options["view"]), fail_on=str(plan.fail_on), unjudged=plan.fails_unjudged
        )
        chosen = in_snapshot(chosen, _place_of(plan.request.source, options["save"]), asked, changed=incomplete)
        chosen = with_history(options["history"], result, chosen, terminal)
    status = max(
        unmade,
        write_targets(result, targets, chosen, terminal),
        said(lambda: people.write(audited, terminal), terminal),
        said(lambda: continue_history(options["history"], result, terminal, incomplete=incomplete), terminal),
    )
    if status:
        unsaved.keep()
    if problem:
        terminal.error(problem)
        terminal.note("The audit covers what was read until then.")
    for sentence in unjudged_offerings(result):
        terminal.note(f"{sentence} The exit status says nothing about it.")
    return for_stdout(result, options, chosen, terminal, max(audited.exit_status, status))


def _read_files(options: Mapping[str, Any], config: Config) -> tuple[Path, ...]:
    """Files a result must not be written over. The baseline may be: that is how one is brought up to date."""
    key: str | None = options["api_key_file"]
    return (*(options["manifests"] or manifest_files(config)), *((Path(key),) if key and key != "-" else ()))


def _baseline(path: Path | None) -> Result | None:
    return read_result(path) if path else None


def _place_of(source: object, saved: Path | None) -> Path | None:
    """The snapshot a result points into: the one that was audited, or the one a live account is kept in. A manifest alone has none."""
    if not isinstance(source, Path):
        return saved
    return None if source.suffix in MANIFEST_SUFFIXES and not source.is_dir() else short_path(source)
