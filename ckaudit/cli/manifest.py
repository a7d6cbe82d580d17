"""``ckaudit manifest``: work on the file with the automations."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import click

from ckaudit.cli.configuration import configuration, open_config
from ckaudit.cli.inputs import named_manifests
from ckaudit.cli.manifest_draw import draw
from ckaudit.cli.manifest_edit import edit
from ckaudit.cli.manifest_list import list_names
from ckaudit.cli.manifest_new import new
from ckaudit.cli.manifest_paste import paste
from ckaudit.cli.manifest_prompt import prompt
from ckaudit.cli.manifest_sample import sample
from ckaudit.cli.manifest_write import shorthand, write
from ckaudit.cli.options import verbosity
from ckaudit.cli.terminal import Outcome, Terminal
from ckaudit.model.account import Account
from ckaudit.model.automations import Manifest
from ckaudit.model.errors import ExitStatus, ManifestError, UsageError
from ckaudit.model.result import ManifestCoverage
from ckaudit.render.coverage import undescribed
from ckaudit.render.plain import clean, plural
from ckaudit.sources.manifest import check_manifest, read_manifests
from ckaudit.sources.manifest.doubts import doubtful
from ckaudit.sources.manifest.places import MANIFEST_FILE, misnamed
from ckaudit.sources.snapshot import read_snapshot
from ckaudit.sources.stacks import read_stacks


@click.group("manifest")
def command() -> None:
    """Work on the file that lists your automations (automations.yaml)."""


@command.command("check")
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1)
@click.option("--snapshot", type=click.Path(path_type=Path), metavar="DIR", help="Check the names against this snapshot, too.")
@configuration
@verbosity
@click.pass_obj
def check(terminal: Terminal, paths: tuple[Path, ...], snapshot: Path | None, config: Path | None) -> Outcome:
    """Validate manifests: every problem with file, line and column. Without PATHS: those of the configuration, else automations.yaml and
    automations/*.yaml.

    Exit status: 0 valid, 1 well written but with names that the account does not have (the rule CK901 finds them, too), with names in
    typographic quotes or an automation twice, 2 invalid.

    \b
    Examples:
      ckaudit manifest check my-account/automations.yaml
      ckaudit manifest check --snapshot my-account
    """
    account = read_snapshot(snapshot) if snapshot else None
    files = named_manifests(paths, snapshot, open_config({"config": config, "snapshot": snapshot, "paths": paths}, terminal), terminal)
    if not files:
        near = misnamed(snapshot or Path())
        hint = f"Is {near} the one? It is found when its name is {MANIFEST_FILE}. " if near else ""
        hint += "Name the file: `ckaudit manifest check FILE`."
        raise UsageError("there is no manifest here", hint=hint)
    problems = check_manifest(files, account, read_stacks())
    if not all(problem.warning for problem in problems):
        raise ManifestError("the manifest is invalid", problems=tuple(problems))
    manifest = read_manifests(files, account, read_stacks())
    doubts = doubtful(manifest)
    unknown, odd = (Counter(item.location.file for item in found if item.location) for found in (problems, doubts))
    verdicts = (f"{clean(str(file))}: {_verdict(unknown[str(file)], odd[str(file)])}" for file in files)
    told = (clean(str(problem), keep_newlines=True) for problem in (*problems, *doubts))
    lines = [*told, *verdicts, *_described(manifest, account)]
    return Outcome("".join(f"{line}\n" for line in lines), ExitStatus.FINDINGS if problems or doubts else ExitStatus.CLEAN)


def _described(manifest: Manifest, account: Account | None) -> list[str]:
    """How many automations are described, and which to describe next; nothing when all are."""
    from ckaudit.graph.build import build_graph
    from ckaudit.graph.describe_next import worth_describing

    if all(item.is_described for item in manifest.automations):
        return []
    graph = build_graph(account, manifest, read_stacks(), dt.datetime.now(dt.UTC))
    described = sum(item.is_described for item in graph.manifest.automations)
    return undescribed(ManifestCoverage(described=described, undescribed=worth_describing(graph)))


def _verdict(unknown: int, odd: int) -> str:
    """Valid is said only of a file in which every name was found and nothing is odd: that goes with exit status 0."""
    parts = [plural(unknown, "{n} name is unknown", "{n} names are unknown")] if unknown else []
    parts += [plural(odd, "{n} thing is probably not meant", "{n} things are probably not meant")] if odd else []
    return f"well written, but {' and '.join(parts)}" if parts else "valid"


command.add_command(draw)
command.add_command(edit)
command.add_command(list_names)
command.add_command(new)
command.add_command(paste)
command.add_command(prompt)
command.add_command(sample)
command.add_command(shorthand)
command.add_command(write)
