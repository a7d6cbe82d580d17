"""``ckaudit manifest sample``: the shape of a saved page."""

from __future__ import annotations

from pathlib import Path

import click

from ckaudit.cli.manifest_names import account_in
from ckaudit.cli.options import verbosity
from ckaudit.cli.terminal import Outcome, Terminal, write_bytes
from ckaudit.model.errors import InputError, Location, UsageError
from ckaudit.sources.files import near_path, read_limited

MAX_SIZE = 64_000_000
NEXT = (
    "Read it through: you should recognise nothing in it but words of HTML and of programs. Then attach it to an issue of ckaudit and say "
    "which page it is of, which browser saved it, and on which day. Nobody asks you for the page itself, for cookies or for passwords."
)


@click.command("sample")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--snapshot", type=click.Path(path_type=Path), metavar="DIR", help="Show where names of this account stand, as tag#3.")
@click.option("-o", "path", type=click.Path(path_type=Path), metavar="FILE", help="Write it here instead of standard output.")
@verbosity
@click.pass_obj
def sample(terminal: Terminal, file: Path, snapshot: Path | None, path: Path | None) -> Outcome:
    """Reduce a saved page of Kit's (HTML), HAR or JSON to its shape: elements, keys, kinds and lengths; no text, no cookie, no token, no
    header and no value of a query.

    Nobody who builds ckaudit has seen Kit's pages as a program sees them. A shape shows how they are made and nothing of what is in them.
    A file with cookies or authorization headers is refused. ckaudit sends nothing anywhere.

    \b
    Examples:
      ckaudit manifest sample automation.html --snapshot my-account -o shape.txt
    """
    from ckaudit.sources.pages.shape import Values, shape_of

    try:
        data = read_limited(file, MAX_SIZE)
    except IsADirectoryError:
        raise UsageError(f"{file} is a folder", hint="Name the file that your browser saved.") from None
    except OSError as error:
        hint = near_path(file) or "Name the file that your browser saved."
        raise InputError(f"cannot read this file: {error.strerror}", location=Location(str(file)), hint=hint) from None
    account, automations, _ = account_in(snapshot)
    made = shape_of(data.decode("utf-8", "replace"), str(file), Values(account, automations))
    if path:
        write_bytes(path, made.encode())
        terminal.note(f"Written: {path}")
    terminal.note(NEXT)
    return Outcome("" if path else made)
