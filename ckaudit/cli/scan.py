"""``ckaudit scan``: the audit."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ckaudit.cli.inputs import open_graph, request_of
from ckaudit.cli.options import credentials, inputs, loudness
from ckaudit.cli.terminal import Outcome, Terminal, width, write_file
from ckaudit.model.errors import UsageError
from ckaudit.model.findings import Confidence, Severity

if TYPE_CHECKING:
    from ckaudit.model.result import Result

FORMATS = ("text", "json")
SUFFIXES = {".txt": "text", ".json": "json"}


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
@click.option("--no-evidence", is_flag=True, help="Do not read people's time stamps.")
@click.option("--save", type=click.Path(path_type=Path), metavar="DIR", help="Keep the account that is read as a snapshot.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="What standard output gets: text (default) or json.")
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
    targets = {path: format_of(path) for path in options["outputs"]}
    rules = select_rules(load_rules((rules_folder(), *options["folders"])), words(options["select"]), words(options["ignore"]))
    graph, problem = open_graph(request_of(options), terminal)
    settings = Settings(min_severity=Severity(options["min_severity"]), min_confidence=Confidence(options["min_confidence"]))
    result = audit(graph, rules, settings, lambda _, error: terminal.traceback(error))
    for path, form in targets.items():
        write_file(path, render(result, form))
        terminal.note(f"Written: {path}")
    if problem:
        terminal.error(problem)
        terminal.note("The audit covers what was read until then.")
    style = {"width": width(sys.stdout), "colour": terminal.has_colour(sys.stdout), "verbose": terminal.verbosity}
    return Outcome(
        render(result, options["form"], **style), exit_status(result, FailOn(options["fail_on"]), incomplete=problem is not None)
    )


def render(result: Result, form: str, **style: Any) -> str:
    """The result in a format. ``style`` is for text on a terminal; files get 80 columns and no colour."""
    from ckaudit.render.json import render_json
    from ckaudit.render.text import render_text

    return render_json(result) if form == "json" else render_text(result, **style)


def words(values: tuple[str, ...]) -> tuple[str, ...]:
    """``("CK1,CK2", "access")`` as single words."""
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


def format_of(path: Path) -> str:
    """The format a file's name asks for. Raises UsageError when there is none, or the path is a folder."""
    if path.is_dir():
        raise UsageError(f"-o: {path} is a folder", hint="Name a file, such as result.json.")
    form = SUFFIXES.get(path.suffix.lower())
    if form is None:
        known = ", ".join(f"*{suffix} ({name})" for suffix, name in SUFFIXES.items())
        raise UsageError(f"-o: the name {path} tells no format that exists", hint=f"Possible are {known}.")
    return form
