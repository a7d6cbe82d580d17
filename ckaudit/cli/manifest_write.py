"""``ckaudit manifest write`` and ``shorthand``: from shorthand to the manifest's YAML, and back."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ckaudit.cli.configuration import configuration, open_config
from ckaudit.cli.inputs import named_manifests
from ckaudit.cli.manifest_names import account_in, here
from ckaudit.cli.options import verbosity
from ckaudit.cli.terminal import Outcome, Terminal, is_terminal, write_bytes
from ckaudit.model.errors import InputError, Location, ManifestError, UsageError
from ckaudit.render.plain import clean, plural
from ckaudit.sources.files import near_path, read_limited
from ckaudit.sources.manifest import read_manifests
from ckaudit.sources.snapshot import read_snapshot
from ckaudit.sources.stacks import read_stacks

MAX_SIZE = 5_000_000


@click.command("write")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), default=Path("-"))
@click.option("--snapshot", type=click.Path(path_type=Path), metavar="DIR", help="Look names up in this snapshot.")
@click.option("-o", "path", type=click.Path(path_type=Path), metavar="FILE", help="Write it here instead of standard output.")
@verbosity
@click.pass_obj
def write(terminal: Terminal, file: Path, snapshot: Path | None, path: Path | None) -> Outcome:
    """Turn shorthand into a manifest: one short line for each step, names by the part that only one of them has. Without FILE: what you
    type.

    What is not clear is listed with line, column and the names that may be meant, and nothing is written.

    \b
    Examples:
      ckaudit manifest write win-back.txt --snapshot my-account -o my-account/automations/win-back.yaml
      printf "* Win-back\\n> Customer\\n7d\\n= Come back\\n" | ckaudit manifest write
    """
    from ckaudit.sources.shorthand import Names, manifest_yaml, read

    if path and path.exists():
        raise UsageError(f"{path} is there already", hint="Name another file.")
    text = _text(file, terminal)
    account, automations, _ = account_in(snapshot or here())
    names = Names(account, automations)
    reading = read(text, names)
    if reading.problems:
        where = "standard input" if str(file) == "-" else str(file)
        problems = tuple(problem.of_file(where) for problem in reading.problems)
        raise ManifestError("the shorthand is not clear", problems=problems)
    if not reading.automations:
        raise InputError("there is no automation in this", hint="The first line is “* ” and the name of an automation.")
    written = manifest_yaml(reading.automations, names, reading.comments)
    if path:
        write_bytes(path, written.encode())
        terminal.note(f"Written: {path}, {plural(len(reading.automations), '{n} automation', '{n} automations')}")
    return Outcome("" if path else clean(written, keep_newlines=True))


@click.command("shorthand")
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1)
@click.option("--snapshot", type=click.Path(path_type=Path), metavar="DIR", help="Take names from this snapshot.")
@configuration
@verbosity
@click.pass_obj
def shorthand(terminal: Terminal, paths: tuple[Path, ...], snapshot: Path | None, config: Path | None) -> Outcome:
    """Print the automations of a manifest as shorthand, with full names; `ckaudit manifest write` makes the same automations of it.

    Without PATHS: the manifests of the configuration, else automations.yaml and automations/*.yaml. Comments, rules and all else in them
    are left out.

    \b
    Examples:
      ckaudit manifest shorthand my-account/automations.yaml
    """
    from ckaudit.sources.shorthand import Names
    from ckaudit.sources.shorthand import write as write_one

    files = named_manifests(paths, snapshot, open_config({"config": config, "snapshot": snapshot, "paths": paths}, terminal), terminal)
    if not files:
        raise UsageError("there is no manifest here", hint="Name the file: `ckaudit manifest shorthand FILE`.")
    account = read_snapshot(snapshot) if snapshot else None
    automations = read_manifests(files, account, read_stacks()).automations
    names = Names(account, [(item.id, item.name) for item in automations])
    return Outcome(clean("\n".join(write_one(item, names) for item in automations), keep_newlines=True))


def _text(file: Path, terminal: Terminal) -> str:
    """The shorthand of a file, or what is typed."""
    if str(file) == "-":
        if sys.stdin is None:
            raise UsageError("there is nothing to read", hint="Name the file: `ckaudit manifest write FILE`.")
        if is_terminal(sys.stdin):
            terminal.note("Type one line for each step, then Ctrl-D (Windows: Ctrl-Z, Enter). docs/shorthand.md explains the signs.")
        data = sys.stdin.buffer.read(MAX_SIZE + 1)
    else:
        try:
            data = read_limited(file, MAX_SIZE)
        except OSError as error:
            hint = near_path(file) or "Name a text file with shorthand."
            raise InputError(f"cannot read this file: {error.strerror}", location=Location(str(file)), hint=hint) from None
    try:
        return data[:MAX_SIZE].decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("this is not UTF-8 text", location=Location(str(file)), hint="Save the file as UTF-8.") from None
