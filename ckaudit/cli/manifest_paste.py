"""``ckaudit manifest paste``: an automation from the text of its page."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ckaudit.cli.manifest_names import Named, account_in, here
from ckaudit.cli.options import clock, verbosity
from ckaudit.cli.terminal import Outcome, Terminal, is_terminal, write_bytes
from ckaudit.model.errors import ExitStatus, InputError, Location, UsageError
from ckaudit.render.plain import clean
from ckaudit.sources.files import near_path, read_limited
from ckaudit.sources.manifest.places import MANIFEST_FOLDER, slug
from ckaudit.sources.manifest.resolve import listings_of
from ckaudit.sources.snapshot import folder_of

if TYPE_CHECKING:
    from ckaudit.sources.pages.paste import Page, Question

MAX_SIZE = 2_000_000
NOT_HERE = "the text holds no steps of an automation"
IN_SHORTHAND = (
    "Kit may draw the page as a picture; then there is nothing to copy. Type the steps in shorthand, one short line each: "
    "`ckaudit manifest edit` or `ckaudit manifest write`. "
    "If it was the right page, `ckaudit manifest sample` of the saved page shows us how it is made."
)


@click.command("paste")
@click.argument("name")
@click.argument("file", required=False, default="-")
@click.argument("snapshot", type=click.Path(path_type=Path), required=False)
@click.option("--labels", type=click.Path(path_type=Path), metavar="FILE", help="Answers (default: labels.toml beside the snapshot).")
@click.option("-o", "path", type=click.Path(path_type=Path), metavar="FILE", help="Write the draft here (default: into automations/).")
@clock
@verbosity
@click.pass_obj
def paste(terminal: Terminal, /, **options: Any) -> Outcome:
    """Read the automation NAME from the text of its page: open it in Kit, press Ctrl-A and Ctrl-C, and save what you copied as FILE, or
    give it to standard input (-).

    It has never been tried on a real page. It goes by the names of your account and the words of Kit's help; words it does not know are
    asked about once and kept in labels.toml. Every line is told to be part of a step, noise or not understood. What comes out is a draft
    and counts for nothing until you compared it with the screen and took out its line `draft:`.

    Exit status: 0 all was understood, 1 something was not, 2 there are no steps in the text.

    \b
    Examples:
      ckaudit manifest paste "Course A - release" copied.txt my-account
      wl-paste | ckaudit manifest paste "Course A - release" - my-account
    """
    from ckaudit.render.pasted import NEVER_SEEN, choices, pasted_text, pasted_yaml
    from ckaudit.sources.pages.labels import LABELS_FILE
    from ckaudit.sources.pages.paste import Role
    from ckaudit.sources.shorthand import Names

    snapshot: Path | None = options["snapshot"] or here()
    if snapshot is None:
        raise UsageError("the names of the account are needed", hint="Name a snapshot: ckaudit manifest paste NAME FILE SNAPSHOT.")
    named, name = account_in(snapshot), options["name"]
    folder = folder_of(snapshot)
    path: Path = options["path"] or folder / MANIFEST_FOLDER / f"{slug(name)}.yaml"
    if path.exists():
        raise UsageError(f"{path} is there already", hint="It stays as it is: name another file with -o.")
    text = _text(options["file"], terminal)
    kept = options["labels"] or folder / LABELS_FILE
    can_ask = options["file"] != "-" and is_terminal(sys.stdin)
    page = _page(text, name, named, kept, can_ask=can_ask)
    if page.is_empty:
        raise InputError(NOT_HERE, location=Location(str(options["file"])), hint=IN_SHORTHAND)
    names = Names(named.account, named.automations)
    terminal.note(NEVER_SEEN)
    if page.questions and not can_ask:
        answering = f'Answer in {kept}, a line for each, as in "zorp" = "add_tag", with one of {choices()}.'
        told = f"{pasted_text(page, names)}\n{answering}\nNothing is written yet: then run it again.\n"
        return Outcome(clean(told, keep_newlines=True), ExitStatus.FINDINGS)
    number = named.account.info.id if named.account and named.account.info else None
    write_bytes(path, pasted_yaml(page, names, today=options["now"].date().isoformat(), account=number).encode("utf-8", "replace"))
    lines = [pasted_text(page, names)]
    lines.append(f"\n{path} is a draft. Compare it with Kit's screen, then take out its line “draft:”.\n")
    lines.append(f"Next: ckaudit manifest check {shlex.quote(str(path))} --snapshot {shlex.quote(str(snapshot))}\n")
    unclear = page.of(Role.UNKNOWN)
    return Outcome(clean("".join(lines), keep_newlines=True), ExitStatus.FINDINGS if unclear else ExitStatus.CLEAN)


def _text(file: str, terminal: Terminal) -> str:
    if file == "-":
        if is_terminal(sys.stdin):
            terminal.say("Paste the text, then press Ctrl-D (on Windows Ctrl-Z and Enter).")
        data = sys.stdin.buffer.read(MAX_SIZE + 1)
    else:
        place = Location(file)
        try:
            data = read_limited(Path(file), MAX_SIZE)
        except IsADirectoryError:
            raise InputError(
                "this is a folder, not a file", location=place, hint="Name the file with the text, then the snapshot."
            ) from None
        except OSError as error:
            hint = near_path(Path(file)) or "Save what you copied as a file, and name that."
            raise InputError(f"cannot read this file: {error.strerror}", location=place, hint=hint) from None
    if len(data) > MAX_SIZE:
        raise InputError(
            f"this text is larger than {MAX_SIZE // 1_000_000} MB", location=Location(file), hint="Copy one automation's page."
        )
    return data.decode("utf-8-sig", "replace")


def _page(text: str, name: str, named: Named, kept: Path, *, can_ask: bool) -> Page:
    """The page; on a terminal words nobody knows are asked about, and the answers are kept."""
    from ckaudit.sources.pages.labels import read_labels, write_labels
    from ckaudit.sources.pages.paste import read_page

    listings, answers = listings_of(named.account, named.automations), read_labels(kept)
    skipped: set[str] = set()
    while True:
        page = read_page(text, listings, name, answers)
        asked = [question for question in page.questions if question.label not in skipped]
        if not (asked and can_ask):
            return page
        answer = _answer(asked[0])
        if answer:
            answers[asked[0].label] = answer
            write_labels(kept, answers)
        else:
            skipped.add(asked[0].label)


def _answer(question: Question) -> str:
    """What somebody says the words mean; empty when they do not know."""
    from ckaudit.render.pasted import choices, question_text

    click.echo(f"What do these words mean?\n{clean(question_text(question))}\nOne of {choices()}; nothing when you do not know.", err=True)
    known: Mapping[str, str] = {word: word for word in choices().split(", ")}
    return str(click.prompt("Meaning", default="", show_default=False, type=click.Choice(["", *known]), show_choices=False, err=True))
