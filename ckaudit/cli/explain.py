"""``ckaudit explain``: one rule in full."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from ckaudit.cli import completers
from ckaudit.cli.configuration import configuration, configured_rules, open_config
from ckaudit.cli.options import own_rules, verbosity
from ckaudit.cli.terminal import Outcome, Terminal, width
from ckaudit.engine.load import load_one, load_rules
from ckaudit.engine.select import find_rule, is_beginning, is_rule, rules_about
from ckaudit.installation import repository
from ckaudit.model.errors import UsageError
from ckaudit.render.catalogue import explain_text, found_text
from ckaudit.resources import rules_folder

if TYPE_CHECKING:
    from ckaudit.engine.load import LoadedRule

_NAME = re.compile(r"[A-Za-z]+\d\w*|\w+(?:-\w+)+")  # what looks like a code or the name of a rule is one, perhaps misspelt


@click.command("explain")
@click.argument("words", metavar="RULE", nargs=-1, required=True, shell_complete=completers.rules)
@own_rules
@configuration
@verbosity
@click.pass_context
def command(context: click.Context, /, **options: Any) -> Outcome:
    """What a RULE finds, why it matters, how to fix it in Kit, and when to ignore it. RULE is a code or a name, also of a rule or a
    policy of your configuration. Any other words list the rules about them, and the beginning of a code those that begin so.

    \b
    Examples:
      ckaudit explain CK202
      ckaudit explain login-email-without-delay
      ckaudit explain refund access
    """
    words = " ".join(options["words"]).strip()
    if found := load_one((rules_folder(), *options["folders"]), words):
        return _explained(found)
    rules = _all_rules(context.obj, options, words)
    if is_rule(rules, words) or (_NAME.fullmatch(words) and not is_beginning(rules, words)):
        return _explained(find_rule(rules, words))
    looked_for, about = rules_about(rules, words.split())
    match about:
        case ():
            raise UsageError(f"no rule is called “{words}” or says so", hint="`ckaudit rules` lists them all.")
        case (only,):
            return _explained(only)
        case several:
            return Outcome(found_text(several, looked_for, width=width(sys.stdout)))


def _explained(rule: LoadedRule) -> Outcome:
    return Outcome(explain_text(rule, width=width(sys.stdout), repository=repository(os.environ)))


def _all_rules(terminal: Terminal, options: Mapping[str, Any], words: str) -> Sequence[LoadedRule]:
    """Those of the configuration only when no other rule is called so: it may have problems."""
    rules = load_rules((rules_folder(), *options["folders"]))
    return rules if is_rule(rules, words) else configured_rules(open_config(options, terminal), options)
