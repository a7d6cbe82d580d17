"""``ckaudit manifest prompt``: a brief for whoever turns screenshots into shorthand."""

from __future__ import annotations

from pathlib import Path

import click

from ckaudit.cli.manifest_names import account_in, here
from ckaudit.cli.options import verbosity
from ckaudit.cli.terminal import Outcome, Terminal, write_bytes
from ckaudit.render.plain import plural
from ckaudit.sources.manifest.resolve import listings_of


@click.command("prompt")
@click.argument("snapshot", type=click.Path(path_type=Path), required=False)
@click.option("-o", "path", type=click.Path(path_type=Path), metavar="FILE", help="Write it here instead of standard output.")
@verbosity
@click.pass_obj
def prompt(terminal: Terminal, snapshot: Path | None, path: Path | None) -> Outcome:
    """Print what a person or an assistant needs to turn screenshots of automations into shorthand: what to do, the notation, and the names
    of the account.

    ckaudit sends it to nobody. Whoever gets it gets the names of your tags, sequences, forms, fields and automations. What comes back is a
    draft (`draft: screenshot`) and counts for nothing until you compared it with Kit's screens.

    \b
    Examples:
      ckaudit manifest prompt my-account > brief.txt
    """
    from ckaudit.render.brief import count_names, transcriber_brief

    account, automations, undescribed = account_in(snapshot or here())
    listings = listings_of(account, automations)
    text = transcriber_brief(listings, account, undescribed=undescribed)
    if path:
        write_bytes(path, text.encode("utf-8", "replace"))
        terminal.note(f"Written: {path}")
    names = count_names(listings)
    if account is None:
        terminal.note("This is the brief without names: name a snapshot to have them in it.")
    else:
        held = plural(names, "{n} name", "{n} names")
        terminal.say(
            f"This brief holds {held} of the account. ckaudit sends it to nobody; "
            "whoever you give it to gets them, with an assistant its provider."
        )
    return Outcome("" if path else text)
