"""``ckaudit suppress``: accept a finding, with a reason."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ckaudit.cli import completers
from ckaudit.cli.configuration import configuration, configured_rules
from ckaudit.cli.options import own_rules, verbosity
from ckaudit.cli.terminal import Outcome, Terminal
from ckaudit.engine.select import find_rule
from ckaudit.graph.find_object import named_object, objects_of
from ckaudit.model.config import Config, SuppressedObject
from ckaudit.model.errors import UsageError
from ckaudit.sources.config import find_config, read_config
from ckaudit.sources.config_text import CONFIG_FILE, add_suppression
from ckaudit.sources.manifest import read_manifests
from ckaudit.sources.manifest.places import find_manifests, manifest_folders
from ckaudit.sources.snapshot import read_snapshot
from ckaudit.sources.stacks import read_stacks

if TYPE_CHECKING:
    from ckaudit.model.account import Account
    from ckaudit.model.automations import Manifest
    from ckaudit.model.refs import ObjectRef


@click.command("suppress")
@click.argument("rule", shell_complete=completers.rules)
@click.argument("target", metavar="OBJECT", shell_complete=completers.objects)
@click.option("--reason", required=True, metavar="TEXT", help="Why it is fine.")
@click.option("--owner", default="", metavar="NAME", help="Who decided.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), default=None, metavar="DAY", help="The last day it holds: 2027-03-01.")
@click.option(
    "--snapshot",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Look the object up here, and write its id and its name. Default: account.json in this folder, if there is one.",
)
@own_rules
@configuration
@verbosity
@click.pass_context
def command(context: click.Context, /, **options: Any) -> Outcome:
    """Accept what a RULE finds at one OBJECT. The entry is appended to the configuration (`ckaudit.toml` is made when there is none);
    everything else in it stays as it is.

    OBJECT is kind and id, as in `sequence:5`, or kind and name, as in `automation:Welcome`. With a snapshot the id or the name alone
    will do.

    \b
    Examples:
      ckaudit suppress CK503 sequence:5 --reason "The link is in the template" --owner dana
      ckaudit suppress CK301 "Summer sale" --snapshot my-account --reason "Runs again in June" --until 2027-06-01
    """
    terminal: Terminal = context.obj
    if not options["reason"].strip():
        raise UsageError("--reason is empty", hint="Say why the finding is fine.")
    path: Path = options["config"] or find_config(Path.cwd()) or Path(CONFIG_FILE)
    config = read_config(path) if path.exists() else Config()
    rule = find_rule(configured_rules(config, options), options["rule"]).rule
    place: Path | None = options["snapshot"] or (Path() if Path("account.json").is_file() else None)
    found = named_object(options["target"], objects_of(*_read(place)) if place else None, rule.checks)
    until: dt.datetime | None = options["until"]
    day = until.date() if until else None
    entry = add_suppression(path, rule.code, _suppressed(found), options["reason"], options["owner"], day, rule.name)
    terminal.note(f"Added to {path}:")
    return Outcome(entry)


def _read(place: Path) -> tuple[Account, Manifest | None]:
    """The account, and the manifest in or beside its folder."""
    account = read_snapshot(place)
    files = find_manifests(*manifest_folders(place))
    return account, read_manifests(files, account, read_stacks()) if files else None


def _suppressed(found: ObjectRef) -> SuppressedObject:
    return SuppressedObject(kind=found.kind, id=found.id, name=found.name)
