"""``ckaudit explain``: one rule in full."""

from __future__ import annotations

import sys
from typing import Any

import click

from ckaudit.cli import completers
from ckaudit.cli.configuration import configuration, configured_rules, open_config
from ckaudit.cli.options import own_rules, verbosity
from ckaudit.cli.terminal import Outcome, width


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
    from ckaudit.engine.load import load_rules
    from ckaudit.engine.select import find_rule, is_rule
    from ckaudit.render.catalogue import explain_text
    from ckaudit.resources import rules_folder

    rules = load_rules((rules_folder(), *options["folders"]))
    if not is_rule(rules, options["rule"]):  # the configuration may have problems: what it does not define is explained without it
        rules = configured_rules(open_config(options, context.obj), options)
    return Outcome(explain_text(find_rule(rules, options["rule"]), width=width(sys.stdout)))
