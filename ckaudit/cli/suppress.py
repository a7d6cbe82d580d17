"""``ckaudit suppress``: accept a finding, with a reason."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ckaudit.cli.configuration import configuration
from ckaudit.cli.options import loudness
from ckaudit.cli.terminal import Outcome, Terminal
from ckaudit.model.config import Config, SuppressedObject
from ckaudit.model.errors import UsageError
from ckaudit.model.nearest import did_you_mean, nearest
from ckaudit.model.refs import Kind

if TYPE_CHECKING:
    from ckaudit.model.account import Account


@click.command("suppress")
@click.argument("rule")
@click.argument("target", metavar="OBJECT")
@click.option("--reason", required=True, metavar="TEXT", help="Why it is fine.")
@click.option("--owner", default="", metavar="NAME", help="Who decided.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), default=None, metavar="DAY", help="The last day it holds: 2027-03-01.")
@click.option(
    "--snapshot", type=click.Path(path_type=Path), metavar="DIR", help="Look the object up here, and write its name beside the id."
)
@click.option("--rules", "folders", type=click.Path(path_type=Path), multiple=True, help="A folder with rules of your own; repeatable.")
@configuration
@loudness
@click.pass_context
def command(context: click.Context, /, **options: Any) -> Outcome:
    """Accept what a RULE finds at one OBJECT: kind and id as in `sequence:5`, or kind and name where there is no id, as in
    `automation:Welcome`. The entry is appended to the configuration, everything else in it stays as it is.

    \b
    Examples:
      ckaudit suppress CK503 sequence:5 --reason "The link is in the template" --owner dana
      ckaudit suppress CK301 "automation:Summer sale" --reason "Runs again in June" --until 2027-06-01
    """
    from ckaudit.engine.loader import load_rules
    from ckaudit.engine.policy import policy_rules
    from ckaudit.engine.select import find_rule
    from ckaudit.resources import rules_folder
    from ckaudit.sources.config import find_config, read_config
    from ckaudit.sources.config_text import CONFIG_FILE, add_suppression
    from ckaudit.sources.snapshot import read_snapshot

    terminal: Terminal = context.obj
    if not options["reason"].strip():
        raise UsageError("--reason is empty", hint="Say why the finding is fine.")
    path: Path = options["config"] or find_config(Path.cwd()) or Path(CONFIG_FILE)
    config = read_config(path) if path.exists() else Config()
    folders = options["folders"] or [path.parent / name for name in config.file.rules]
    known = (*load_rules((rules_folder(), *folders)), *policy_rules(config))
    rule = find_rule(known, options["rule"]).rule.code
    named = _named(options["target"], read_snapshot(options["snapshot"]) if options["snapshot"] else None)
    until: dt.datetime | None = options["until"]
    entry = add_suppression(path, rule, named, options["reason"], options["owner"], until.date() if until else None)
    terminal.note(f"Added to {path}:")
    return Outcome(entry)


def _named(target: str, account: Account | None) -> SuppressedObject:
    kind, colon, rest = target.partition(":")
    if not colon or not rest.strip():
        raise UsageError(f"“{target}” names no object", hint="Write kind and id, such as sequence:5 or automation:Welcome.")
    if kind not in tuple(Kind):
        raise UsageError(f"there is no kind of object “{kind}”", hint=did_you_mean(kind, Kind))
    is_id = rest.isascii() and rest.isdigit()
    named = SuppressedObject(kind=kind, id=int(rest) if is_id else None, name="" if is_id else rest)
    return _looked_up(named, account) if account else named


def _looked_up(named: SuppressedObject, account: Account) -> SuppressedObject:
    """The object with both its id and its name. Raises UsageError when the account does not have it; kinds it does not list stay."""
    from ckaudit.graph.lookup import Lookup

    lookup = Lookup(account)
    found = [lookup.object(key) for key in lookup.objects if key.kind == named.kind]
    if not found:
        return named
    for item in found:
        if (item.id == named.id) if named.id is not None else (item.name == named.name):
            return SuppressedObject(kind=named.kind, id=item.id, name=item.name)
    wanted = named.name or str(named.id)
    near = nearest(wanted, [item.name if named.name else str(item.id) for item in found])
    raise UsageError(f"the account has no {named.kind} {wanted}", hint=f"Did you mean “{near}”?" if near else "")
