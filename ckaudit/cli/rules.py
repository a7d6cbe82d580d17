"""``ckaudit rules``: the catalogue, and the cases of rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ckaudit.cli.configuration import configuration, configured_rules, open_config
from ckaudit.cli.options import own_rules, verbosity
from ckaudit.cli.terminal import Outcome
from ckaudit.model.errors import ExitStatus
from ckaudit.render.catalogue import catalogue_json, catalogue_text


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
@verbosity
@click.pass_context
def list_rules(context: click.Context, /, **options: Any) -> Outcome:
    """Every rule: code, name, severity, what it needs and what it says. Rules and policies of your configuration are listed, too.

    \b
    Examples:
      ckaudit rules list
      ckaudit rules list --format json
    """
    rules = configured_rules(open_config(options, context.find_root().obj), options)
    return Outcome(catalogue_json(rules) if options["form"] == "json" else catalogue_text(rules))


@command.command("test")
@click.argument("folders", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="DIR...")
@click.option("--relaxed", is_flag=True, help="Only run the cases: ask neither for more of them nor for whole documentation.")
@verbosity
def test(folders: tuple[Path, ...], relaxed: bool) -> Outcome:
    """Run the cases beside the rules of a folder (or of one rule file), each with its rule alone, and say what the rules lack.

    Asked for are a bad case, near misses, one with missing data where the rule needs data, every variant, and a whole documentation.

    Exit status: 0 all as expected, 1 something differs or is lacking, 2 a rule or case file is wrong.

    \b
    Examples:
      ckaudit rules test my-rules
      ckaudit rules test my-rules --relaxed
    """
    from ckaudit.testing import check_rules
    from ckaudit.testing.report import report_text

    report = check_rules(folders, relaxed=relaxed)
    return Outcome(report_text(report), ExitStatus.CLEAN if report.passed else ExitStatus.FINDINGS)
