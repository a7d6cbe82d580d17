"""``ckaudit manifest new``: a manifest to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from ckaudit.cli.configuration import configuration, open_config
from ckaudit.cli.discover import facts_of
from ckaudit.cli.inputs import open_inputs
from ckaudit.cli.options import credentials, demo, evidence, inputs, verbosity
from ckaudit.cli.terminal import Outcome, Terminal, write_bytes
from ckaudit.model.errors import ExitStatus, NothingToAuditError, UsageError
from ckaudit.sources.stacks import read_stacks

if TYPE_CHECKING:
    from ckaudit.audit import Inputs
    from ckaudit.model.config import Config
    from ckaudit.model.result import Link


@click.command("new")
@click.argument("snapshot", type=click.Path(path_type=Path), required=False)
@demo("For the account that comes with ckaudit.")
@click.option("-o", "path", type=click.Path(path_type=Path), metavar="FILE", help="Write it here instead of standard output.")
@click.option("--force", is_flag=True, help="Replace FILE when it is there already.")
@inputs
@configuration
@evidence
@credentials
@verbosity
@click.pass_context
def new(context: click.Context, /, **options: Any) -> Outcome:
    """Write a manifest to fill in: the names of the account, what timestamps show, and guesses of what its tags mean.

    Every guess stands under “offerings” with its reason, for you to correct. When the account has a manifest already, its automations
    help to guess, and only “offerings” is written. SNAPSHOT is a folder or its account.json; without it the account is read over the API.

    \b
    Examples:
      ckaudit manifest new my-account -o my-account/automations.yaml
      ckaudit manifest new my-account --stack accessally
    """
    from ckaudit.graph.suggestions import suggested_offerings
    from ckaudit.render.new_manifest import Skeleton, new_manifest

    terminal: Terminal = context.obj
    path: Path | None = options["path"]
    if path and path.exists() and not options["force"]:
        raise UsageError(f"{path} is there already", hint="Name another file, or replace it with --force.")
    config = _without_missing_manifests(open_config(options, terminal))
    read = open_inputs(options, config, terminal)
    if read.account is None:
        raise NothingToAuditError(
            "there is no account whose names could be written", hint="Name a snapshot made by `ckaudit pull -o DIR`, or set KIT_API_KEY."
        )
    listed = read.manifest is not None and read.manifest.lists_automations
    if listed and path and _is_read(path, read):
        raise UsageError(f"{path} lists your automations, and they would be lost", hint="Name another file with -o.")
    stacks = read_stacks()
    made = Skeleton(
        account=read.account,
        facts=facts_of(read.graph),
        today=options["now"].date().isoformat(),
        stacks=tuple(stacks),
        links=() if listed else _links(read),
        offerings=suggested_offerings(read.account, read.manifest, stacks, options["now"], options["stack"] or config.file.stack),
        only_offerings=listed,
    )
    text = new_manifest(made)
    if read.problem:
        terminal.error(read.problem)
        terminal.note("The names are those of what was read until then.")
    if path:
        write_bytes(path, text.encode())
        terminal.note(f"Written: {path}")
    return Outcome("" if path else text, ExitStatus.INCOMPLETE if read.problem else ExitStatus.CLEAN)


def _is_read(path: Path, read: Inputs) -> bool:
    """True for a file that is one of the manifest's."""
    files = [Path(name) for name in read.manifest.files] if read.manifest else []
    return path.exists() and any(file.exists() and path.samefile(file) for file in files)


def _without_missing_manifests(config: Config) -> Config:
    """The configuration without the manifests that are not there yet: one of them is being made."""
    there = tuple(name for name in config.file.manifest if (config.folder / name).exists())
    return msgspec.structs.replace(config, file=msgspec.structs.replace(config.file, manifest=there))


def _links(read: Inputs) -> tuple[Link, ...]:
    """What timestamps show; nothing without any."""
    from ckaudit.audit import observe_inputs

    return observe_inputs(read).links
