"""``ckaudit rules``: the catalogue, and the cases of rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ckaudit.cli.configuration import configuration, configured_rules, open_config
from ckaudit.cli.options import loudness, own_rules
from ckaudit.cli.terminal import Outcome


@click.group("rules", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> Outcome | None:
    """List the rules, or run the cases of a folder of rules.

    \b
    Examples:
      ckaudit rules
      ckaudit rules test my-rules
    """
    if context.invoked_subcommand:
        return None
    with list_rules.make_context("list", [], parent=context) as listing:  # not context.invoke: it forgets what was left to defaults
        found: Outcome = list_rules.invoke(listing)
    return found


@command.command("list")
@own_rules
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="text (default) or json.")
@configuration
@loudness
@click.pass_context
def list_rules(context: click.Context, /, **options: Any) -> Outcome:
    """Every rule: code, name, severity, what it needs and what it says. Rules and policies of your configuration are listed, too.

    \b
    Examples:
      ckaudit rules list
      ckaudit rules list --format json
    """
    from ckaudit.render.catalogue import catalogue_json, catalogue_text

    rules = configured_rules(open_config(options, context.find_root().obj), options)
    return Outcome(catalogue_json(rules) if options["form"] == "json" else catalogue_text(rules))


@command.command("test")
@click.argument("folders", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="DIR...")
@loudness
def test(folders: tuple[Path, ...]) -> Outcome:
    """Run the cases beside the rules of a folder (or of one rule file), each with its rule alone.

    Exit status: 0 all as expected, 1 something differs or a rule has no cases, 2 a rule or case file is wrong.

    \b
    Example:
      ckaudit rules test my-rules
    """
    from ckaudit.model.errors import ExitStatus
    from ckaudit.testing.check import check_rules
    from ckaudit.testing.report import cases_text

    report = check_rules(folders)
    return Outcome(cases_text(report), ExitStatus.CLEAN if report.passed else ExitStatus.FINDINGS)
