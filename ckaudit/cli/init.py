"""``ckaudit init``: a configuration to start with."""

from __future__ import annotations

from pathlib import Path

import click

from ckaudit.cli.options import verbosity
from ckaudit.cli.terminal import Outcome, Terminal, write_bytes
from ckaudit.model.errors import UsageError
from ckaudit.sources.config import CONFIG_FILE, PROJECT_FILE, find_config
from ckaudit.sources.config_text import example_config
from ckaudit.sources.snapshot import read_snapshot


@click.command("init")
@click.argument("snapshot", type=click.Path(path_type=Path), required=False)
@click.option("-o", "path", type=click.Path(path_type=Path), default=Path("ckaudit.toml"), metavar="FILE", help="Default: ckaudit.toml.")
@click.option("--force", is_flag=True, help="Also where another configuration counts until now. Nothing is ever overwritten.")
@verbosity
@click.pass_obj
def command(terminal: Terminal, snapshot: Path | None, path: Path, force: bool) -> Outcome:
    """Write a commented ckaudit.toml, with names of your account when a SNAPSHOT is given or account.json lies here. Nothing is
    overwritten, and nothing changes until you edit it.

    \b
    Examples:
      ckaudit init
      ckaudit init my-account
    """
    if path.exists():
        raise UsageError(f"{path} is there already", hint="Edit it, or name another file with -o.")
    if path.name == PROJECT_FILE:
        raise UsageError(f"{path} is not made here", hint="Write [tool.ckaudit] there by hand, or make a ckaudit.toml.")
    other = find_config(path.absolute().parent) if path.name == CONFIG_FILE else None
    if other and not force:
        raise UsageError(f"{other} configures ckaudit here, and a new {path} would take its place", hint="Edit it, or use --force.")
    place = snapshot or (Path() if Path("account.json").is_file() else None)
    write_bytes(path, example_config(read_snapshot(place) if place else None).encode())
    terminal.note(f"Written: {path}")
    return Outcome()
