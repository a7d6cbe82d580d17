"""``ckaudit explain``: one rule in full."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from ckaudit.cli import completers
from ckaudit.cli.configuration import configuration, configured_rules, open_config
from ckaudit.cli.options import own_rules, verbosity
from ckaudit.cli.terminal import Outcome, Terminal, width
from ckaudit.engine.load import load_one, load_rules
from ckaudit.engine.select import find_rule, is_rule
from ckaudit.installation import repository
from ckaudit.render.catalogue import explain_text
from ckaudit.resources import rules_folder

if TYPE_CHECKING:
    from ckaudit.engine.load import LoadedRule


@click.command("explain")
@click.argument("rule", shell_complete=completers.rules)
@own_rules
@configuration
@verbosity
@click.pass_context
def command(context: click.Context, /, **options: Any) -> Outcome:
    """What a RULE finds, why it matters, how to fix it in Kit, and when to ignore it. RULE is a code or a name, also of a rule or a
    policy of your configuration.

    \b
    Examples:
      ckaudit explain CK202
      ckaudit explain login-email-without-delay
    """
    found = load_one((rules_folder(), *options["folders"]), options["rule"]) or _of_all_rules(context.obj, options)
    return Outcome(explain_text(found, width=width(sys.stdout), repository=repository(os.environ)))


def _of_all_rules(terminal: Terminal, options: Mapping[str, Any]) -> LoadedRule:
    """The rule among all of them; those of the configuration only when nothing else has it: it may have problems."""
    rules = load_rules((rules_folder(), *options["folders"]))
    if not is_rule(rules, options["rule"]):
        rules = configured_rules(open_config(options, terminal), options)
    return find_rule(rules, options["rule"])
