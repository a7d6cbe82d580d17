"""``ckaudit manifest new``: the first files of a manifest."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from ckaudit.cli.configuration import configuration, open_config
from ckaudit.cli.discover import facts_of
from ckaudit.cli.inputs import open_inputs
from ckaudit.cli.options import credentials, demo, evidence, inputs, verbosity
from ckaudit.cli.terminal import Outcome, Terminal, write_bytes
from ckaudit.kit.screens import VISUAL_AUTOMATIONS
from ckaudit.model.errors import ExitStatus, NothingToAuditError, UsageError
from ckaudit.render.plain import clean, plural
from ckaudit.sources.manifest.places import MANIFEST_FILE, MANIFEST_FOLDER
from ckaudit.sources.snapshot import folder_of
from ckaudit.sources.stacks import read_stacks

if TYPE_CHECKING:
    from ckaudit.audit import Inputs
    from ckaudit.model.config import Config
    from ckaudit.render.new_manifest import FirstFiles


@click.command("new")
@click.argument("snapshot", type=click.Path(path_type=Path), required=False)
@demo("For the account that comes with ckaudit; needs -o.")
@click.option("-o", "folder", type=click.Path(path_type=Path), metavar="DIR", help="Write the files here instead of beside the account.")
@inputs
@configuration
@evidence
@credentials
@verbosity
@click.pass_context
def new(context: click.Context, /, **options: Any) -> Outcome:
    """Write the first files: the list of automations with the names of the account, a draft for each automation that timestamps show, and
    guesses of what its tags mean.

    Drafts and guesses count for nothing until you confirm them. A file that is there already stays as it is; run again later, the command
    adds drafts of what no manifest explains. SNAPSHOT is a folder or its account.json; without it the account is read over the API, and the
    files go into the working directory.

    \b
    Examples:
      ckaudit manifest new my-account
      ckaudit manifest new my-account --stack accessally
    """
    terminal: Terminal = context.obj
    folder = _folder(options)
    config = _without_missing_manifests(open_config(options, terminal))
    read = open_inputs(options, config, terminal)
    files = _first_files(read, options, config)
    if read.problem:
        terminal.error(read.problem)
        terminal.note("The names are those of what was read until then.")
    lines = [*_write(files, folder), "", *_next(files, folder)]
    return Outcome(clean("\n".join(lines), keep_newlines=True) + "\n", ExitStatus.INCOMPLETE if read.problem else ExitStatus.CLEAN)


def _folder(options: dict[str, Any]) -> Path:
    """Where the files go: where an audit of this account finds them, unless another folder is named."""
    folder: Path | None = options["folder"]
    if folder is None:
        if options["demo"]:
            raise UsageError("the demo lies in ckaudit itself", hint="Name a folder for the files: -o DIR.")
        return folder_of(options["snapshot"]) if options["snapshot"] else Path()
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", hint="Name a folder: the command writes several files.")
    return folder


def _first_files(read: Inputs, options: dict[str, Any], config: Config) -> FirstFiles:
    from ckaudit.audit import observe_inputs
    from ckaudit.graph.suggestions import suggested_offerings
    from ckaudit.render.new_manifest import Beginning, first_files

    if read.account is None:
        raise NothingToAuditError(
            "there is no account whose names could be written", hint="Name a snapshot made by `ckaudit pull -o DIR`, or set KIT_API_KEY."
        )
    stacks = read_stacks()
    account = observe_inputs(read)
    return first_files(
        Beginning(
            account=read.account,
            facts=facts_of(read.graph, account.links),
            today=options["now"].date().isoformat(),
            stacks=tuple(stacks),
            links=tuple(link for chain in account.chains.values() for link in chain.links),
            looks=account.look_linked,
            drafts=tuple(item for item in read.manifest.automations if item.draft) if read.manifest else (),
            offerings=suggested_offerings(read.account, read.manifest, stacks, options["now"], options["stack"] or config.file.stack),
        )
    )


def _write(files: FirstFiles, folder: Path) -> Iterator[str]:
    """Write what is not there yet, and say what that is."""
    from ckaudit.render.new_manifest import OFFERINGS_FILE, OTHERS_FILE

    yield f"In {folder}:"
    drafts = plural(len(files.drafts), "{n} automation that timestamps show, a draft", "{n} automations that timestamps show, as drafts")
    rules = f", {plural(files.rules, '{n} draft of a rule', '{n} drafts of rules')}" if files.rules else ""
    texts = (
        (MANIFEST_FILE, files.listed, "the list of all automations, and the names of the account"),
        (OFFERINGS_FILE, files.offerings, "guesses of what the tags mean for access, as comments"),
        (OTHERS_FILE, files.others, f"rules, forms and tools outside Kit, as comments{rules}"),
    )
    for name, text, what in texts:
        path = folder / name
        if path.exists():
            yield f"  {name}: it is there already and stays as it is"
        else:
            write_bytes(path, text.encode())
            yield f"  {name}: {what}"
    for draft in files.drafts:
        write_bytes(folder / MANIFEST_FOLDER / f"{draft.slug}.yaml", draft.text.encode())
    if files.drafts:
        yield f"  {MANIFEST_FOLDER}/draft-*.yaml: {drafts}"


def _next(files: FirstFiles, folder: Path) -> Iterator[str]:
    place = shlex.quote(str(folder))
    yield "Next:"
    yield f"  1. ckaudit manifest list --snapshot {place}   fills the list: paste Kit's page {VISUAL_AUTOMATIONS}"
    if files.drafts:
        yield f"  2. ckaudit manifest edit {place} --open   compare each draft with Kit's screen: accept, change or refuse it"
        yield "     Or in any editor: correct it and take out its line “draft:”. Before that it counts for nothing."
    else:
        yield f"  2. ckaudit manifest edit {place} --open   describe your automations, first those that sell or give access"
    yield f"  3. ckaudit scan {place} -o report.html"


def _without_missing_manifests(config: Config) -> Config:
    """The configuration without the manifests that are not there yet: one of them is being made."""
    there = tuple(name for name in config.file.manifest if (config.folder / name).exists())
    return msgspec.structs.replace(config, file=msgspec.structs.replace(config.file, manifest=there))
