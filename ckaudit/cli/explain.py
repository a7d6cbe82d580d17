"""``ckaudit explain``: one rule in full."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ckaudit.cli.options import loudness
from ckaudit.cli.terminal import Outcome, width


@click.command("explain")
@click.argument("rule")
@click.option("--rules", "folders", type=click.Path(path_type=Path), multiple=True, help="A folder with rules of your own; repeatable.")
@loudness
def command(rule: str, folders: tuple[Path, ...]) -> Outcome:
    """What a RULE finds, why it matters, how to fix it in Kit, and when to ignore it. RULE is a code or a name.

    \b
    Example:
      ckaudit explain CK202
    """
    from ckaudit.engine.loader import load_rules
    from ckaudit.engine.select import find_rule
    from ckaudit.render.catalogue import explain_text
    from ckaudit.resources import rules_folder

    return Outcome(explain_text(find_rule(load_rules((rules_folder(), *folders)), rule), width=width(sys.stdout)))
