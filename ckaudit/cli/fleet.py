"""``ckaudit fleet``: several accounts, one report each and one summary."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ckaudit.cli.history import history
from ckaudit.cli.options import api_url, clock, evidence, own_rules, unjudged, verbosity
from ckaudit.cli.progress import FleetBar
from ckaudit.cli.request import audit_request, words
from ckaudit.cli.terminal import Outcome, Terminal, width
from ckaudit.fleet.output import write_summary
from ckaudit.fleet.shard import parse_shard
from ckaudit.graph.words import name_list
from ckaudit.model.errors import UsageError
from ckaudit.model.findings import Confidence, Severity
from ckaudit.model.nearest import nearest
from ckaudit.render.fleet import render_fleet
from ckaudit.render.formats import FLEET_FORMATS
from ckaudit.sources.fleet_file import read_fleet
from ckaudit.sources.fleet_result import read_fleet_result

if TYPE_CHECKING:
    from ckaudit.fleet.jobs import FleetRequest
    from ckaudit.model.fleet import FleetResult


class FleetGroup(click.Group):
    """``run`` and ``merge`` are commands; anything else is the fleet file of the main job."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does, with the main job where no command is named."""
        first = args[0] if args else ""
        if not Path(first).exists() and first not in self.commands and (near := nearest(first, self.commands)):
            raise click.exceptions.NoSuchCommand(first, possibilities=[near], ctx=ctx)
        is_command = first in (*self.commands, "-h", "--help")
        return super().parse_args(ctx, args if is_command else ["run", *args])


def asked_format(function: Any) -> Any:
    """``--format``."""
    choice = click.Choice(tuple(FLEET_FORMATS))
    return click.option("--format", "form", type=choice, default="text", help="What standard output gets (default: text).")(function)


@click.group("fleet", cls=FleetGroup)
def command() -> None:
    """Audit several accounts: `ckaudit fleet FLEET.toml -o DIR`. `ckaudit fleet run --help` lists its options.

    \b
    Examples:
      ckaudit fleet fleet.toml -o out               every account; then open out/index.html
      ckaudit fleet fleet.toml -o out --resume      only what an earlier run did not finish
      ckaudit fleet fleet.toml -o part1 --shard 1/2 one half, on one of two machines
      ckaudit fleet merge part1 part2 -o out        both halves as one
    """


@command.command("run")
@click.argument("file", type=click.Path(path_type=Path), metavar="FLEET.toml")
@click.option("-o", "out", type=click.Path(path_type=Path), metavar="DIR", help="Write the reports, index.html and fleet.json here.")
@click.option("--report", "reports", multiple=True, metavar="NAME", help="A file for each account, such as plan.csv; repeatable.")
@click.option("--only", multiple=True, metavar="WORDS", help="Only these accounts: names or labels; with commas, * for anything.")
@click.option("--shard", metavar="I/N", help="Only the I-th of N parts, for N machines side by side.")
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="How many processes audit (default: one for each processor).")
@click.option("--resume", is_flag=True, help="Keep what an earlier run into the same DIR finished and nothing has changed since.")
@history("Keep every result here, a folder for each account: reports and the summary show what changed since the audit before.")
@click.option("--select", multiple=True, metavar="RULES", help="Only these: codes, beginnings of codes, names, themes; with commas.")
@click.option("--ignore", multiple=True, metavar="RULES", help="Not these.")
@click.option("--min-severity", type=click.Choice([str(item) for item in Severity]), help="Show nothing below it.")
@click.option("--min-confidence", type=click.Choice([str(item) for item in Confidence]), help="Show nothing below it.")
@click.option("--fail-on", type=click.Choice(["error", "warning", "info", "never"]), help="What gives exit status 1 (default: warning).")
@unjudged
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="The -o DIR of an earlier run: count only what is new or got worse in each account. An account it lacks is new altogether.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    envvar="CKAUDIT_CONFIG",
    metavar="FILE",
    help="The configuration of accounts that name none.",
)
@click.option("--no-suppressions", is_flag=True, help="Show what was suppressed, too.")
@own_rules
@evidence
@api_url
@asked_format
@clock
@verbosity
@click.pass_context
def run(context: click.Context, /, **options: Any) -> Outcome:
    """Audit the accounts of FLEET.toml: one report each, and one summary. `run` may be left out.

    \b
    Examples:
      ckaudit fleet run fleet.toml -o out
      ckaudit fleet run fleet.toml -o out --only monthly --report report.html --report plan.csv
      ckaudit fleet run fleet.toml -o part1 --shard 1/2
    """
    from ckaudit.fleet.checkpoint import finished_accounts
    from ckaudit.fleet.jobs import make_plan
    from ckaudit.fleet.run import Run

    terminal: Terminal = context.obj
    out: Path | None = options["out"]
    if out is None and options["resume"]:
        raise UsageError("--resume needs -o DIR", hint="Give the folder of the run that was interrupted.")
    fleet = read_fleet(options["file"])
    plan = make_plan(fleet, fleet_request(context, options))
    for path, names in plan.found_configs.items():
        terminal.note(f"Configuration: {path} ({'every account' if len(names) == len(plan.jobs) else name_list(names)})")
    for problem in plan.unmade:
        terminal.error(problem)
    finished = finished_accounts(plan, out) if out and options["resume"] else {}
    if finished:
        terminal.note(f"Kept from the earlier run: {len(finished)} of {len(plan.jobs)} accounts")
    bar = FleetBar(terminal)
    going = Run(plan, processes=options["jobs"] or processors(), environ=terminal.environ, watch=bar.watch, finished=finished)
    try:
        going.go()
    finally:
        terminal.credentials = tuple(going.credentials)
        bar.end()
    result = going.result(options["now"].strftime("%Y-%m-%dT%H:%M:%SZ"))
    if out:
        write_summary(out, result, plan.branding)
        terminal.note(f"Written: {out / 'index.html'}")
        if not going.interrupted:
            going.forget()
    if going.interrupted:
        hint = "The same command with --resume goes on." if out else "With -o DIR and --resume a run can go on."
        terminal.note(f"Interrupted: {result.summary.not_run} of {result.summary.accounts} accounts were not audited. {hint}")
    return outcome(result, options["form"], terminal)


@command.command("merge")
@click.argument("runs", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="RUNS...")
@click.option("-o", "out", type=click.Path(path_type=Path), metavar="DIR", help="Put everything here: the reports, index.html, fleet.json.")
@click.option("--fleet", "file", type=click.Path(path_type=Path), metavar="FLEET.toml", help="Its name and branding; finds lost accounts.")
@asked_format
@verbosity
@click.pass_obj
def merge(terminal: Terminal, runs: tuple[Path, ...], out: Path | None, file: Path | None, form: str) -> Outcome:
    """Join several RUNS (folders, or their fleet.json), such as the shards of several machines, into one summary with one exit status.

    \b
    Example:
      ckaudit fleet merge part1 part2 -o out
    """
    from ckaudit.fleet.jobs import house_branding
    from ckaudit.fleet.merge import Part, copy_reports
    from ckaudit.fleet.merge import merge as merged

    parts = [Part(path, path if path.is_dir() else path.parent, read_fleet_result(path)) for path in runs]
    fleet = read_fleet(file) if file else None
    result = merged(parts, fleet)
    if out:
        copy_reports(parts, out)
        write_summary(out, result, house_branding(fleet))
        terminal.note(f"Written: {out / 'index.html'}")
    return outcome(result, form, terminal)


def fleet_request(context: click.Context, options: dict[str, Any]) -> FleetRequest:
    """What the command line says; where it is silent, the fleet file and the configurations speak."""
    from ckaudit.fleet.jobs import FleetRequest

    def given(name: str) -> Any:
        silent = (ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP, None)
        return None if context.get_parameter_source(name) in silent else options[name]

    return FleetRequest(
        audit=audit_request(options),
        out=options["out"],
        only=words(options["only"]),
        shard=parse_shard(options["shard"]) if options["shard"] is not None else None,
        config=options["config"],
        history=options["history"],
        baseline=options["baseline"],
        reports=options["reports"],
        evidence_days=given("evidence_days"),
        evidence_max=given("evidence_max"),
        max_requests=given("max_requests"),
        api_url=options["api_url"],
    )


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def outcome(result: FleetResult, form: str, terminal: Terminal) -> Outcome:
    """The result for standard output, with its exit status."""
    text = render_fleet(result, form, width=width(sys.stdout), colour=terminal.has_colour(sys.stdout))
    return Outcome(text, result.summary.exit_status)
