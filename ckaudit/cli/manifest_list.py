"""``ckaudit manifest list``: Kit's list of automations, as somebody copied or saved it, becomes the list in the manifest."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ckaudit.cli.manifest_names import here
from ckaudit.cli.options import verbosity
from ckaudit.cli.terminal import Outcome, Terminal, is_terminal
from ckaudit.kit.screens import VISUAL_AUTOMATIONS
from ckaudit.model.automations import Automation, AutomationStatus, Manifest
from ckaudit.model.errors import InputError, Location, UsageError
from ckaudit.render.plain import clean, cut, plural
from ckaudit.sources.files import near_path, read_limited, replace_unchanged
from ckaudit.sources.manifest import read_manifests
from ckaudit.sources.manifest.places import MANIFEST_FILE, find_manifests, manifest_folders
from ckaudit.sources.snapshot import folder_of, read_snapshot
from ckaudit.sources.stacks import read_stacks

if TYPE_CHECKING:
    from ckaudit.sources.automation_list import Listed, Page

MAX_SIZE = 5_000_000
MAX_SHOWN = 25
_HAND = f"Or write the names into {MANIFEST_FILE} by hand: “- name: …” below “automations:”, one for each."


@click.command("list")
@click.argument("pages", type=click.Path(path_type=Path, allow_dash=True), nargs=-1)
@click.option("--snapshot", type=click.Path(path_type=Path), metavar="DIR", help="The account: the list goes beside it.")
@click.option("-o", "path", type=click.Path(path_type=Path), metavar="FILE", help=f"The manifest to add to. Default: {MANIFEST_FILE}.")
@click.option("--complete", is_flag=True, help="These pages are all, and rules and tools are listed, too: write complete: true.")
@verbosity
@click.pass_obj
def list_names(terminal: Terminal, pages: tuple[Path, ...], snapshot: Path | None, path: Path | None, complete: bool) -> Outcome:
    """Add the automations on Kit's page Visual Automations to the manifest, by name: from what you copied there, as text, or saved as HTML.
    Without PAGES: what you paste. Several pages may come one after another; nothing is added twice.

    What is there already stays as it is. Kit's page was never seen by whoever built this: what is not understood is printed, not guessed.

    \b
    Examples:
      ckaudit manifest list page1.html page2.html --snapshot my-account
      ckaudit manifest list < copied.txt
    """
    from ckaudit.sources.automation_list import read_page

    snapshot = snapshot or here()
    target = path or (folder_of(snapshot) if snapshot else Path()) / MANIFEST_FILE
    before, known = _manifest(target, snapshot)
    read = [(str(page), read_page(_text(page, terminal))) for page in pages or (Path("-"),)]
    found = _once([item for _, page in read for item in page.found])
    unclear = [f"{name}, {what}" if len(read) > 1 else what for name, page in read for what in page.unclear]
    if not found:
        for what in unclear[:MAX_SHOWN]:
            terminal.note(clean(f"not understood: {what}"))
        raise InputError(
            "no automation is recognised in this: there is neither a link to one, nor a name beside a word such as Active or Paused",
            hint=f"Copy or save the page {VISUAL_AUTOMATIONS} itself. {_HAND}",
        )
    new = tuple(item for item in found if _known(item, known) is None)
    text = _changed(before, new, snapshot, target, complete=complete)
    if text.encode() != before:
        replace_unchanged(target, before, text.encode())
    now = _manifest(target, snapshot)[1]
    lines = [*_said(found, new, known), *_unclear(unclear), *_missing(read, found, now, complete=complete), "", _written(target, now)]
    return Outcome(clean("\n".join(lines), keep_newlines=True) + "\n")


def _manifest(target: Path, snapshot: Path | None) -> tuple[bytes | None, Manifest]:
    """The bytes of the file that is added to, None when it is not there, and what all manifests beside it say."""
    files = {path.resolve(): path for path in find_manifests(*(manifest_folders(snapshot) if snapshot else (target.parent,)))}
    before = None
    if target.exists():
        try:
            before = read_limited(target, MAX_SIZE)
        except OSError as error:
            raise InputError(f"cannot read this file: {error.strerror}", location=Location(str(target))) from None
        files.setdefault(target.resolve(), target)
    return before, read_manifests(tuple(files.values()), None, read_stacks())


def _text(page: Path, terminal: Terminal) -> str:
    """A page, or what is pasted."""
    if str(page) == "-":
        if sys.stdin is None:
            raise UsageError("there is nothing to read", hint="Name the file: `ckaudit manifest list FILE`.")
        if is_terminal(sys.stdin):
            terminal.note(f"Paste what Ctrl-A, Ctrl-C gives on {VISUAL_AUTOMATIONS}, then press Enter and Ctrl-D (Windows: Ctrl-Z, Enter).")
        text = sys.stdin.buffer.read(MAX_SIZE + 1).decode("utf-8", "replace")
        if len(text) > MAX_SIZE:
            raise InputError(f"this is more than {MAX_SIZE // 1_000_000} MB", hint="Copy the list of automations alone.")
        return text
    try:
        text = read_limited(page, MAX_SIZE).decode("utf-8-sig", "replace")
    except OSError as error:
        hint = near_path(page) or "Name the file that your browser saved, or that you pasted into."
        raise InputError(f"cannot read this file: {error.strerror}", location=Location(str(page)), hint=hint) from None
    if "mime-version:" in text[:2000].lower():
        hint = "Save the page as “HTML only”, or paste its text."
        raise InputError("this is a web archive (MHTML), which is not read", location=Location(str(page)), hint=hint)
    return text


def _once(found: Sequence[Listed]) -> list[Listed]:
    """The automations of several pages: one number is one automation, and so is one name without a number."""
    once: dict[object, Listed] = {}
    for item in found:
        once.setdefault(item.id or item.name, item)
    return list(once.values())


def _known(item: Listed, manifest: Manifest) -> Automation | None:
    """The automation of the manifest that the list names."""
    named = [other for other in manifest.automations if not other.draft]
    if item.id is not None and (same := next((other for other in named if other.id == item.id), None)):
        return same
    beginning = item.name.rstrip("….").rstrip() if item.is_cut else ""
    for other in named:
        if (other.name == item.name or (beginning and other.name.startswith(beginning))) and None in (item.id, other.id):
            return other
    return None


def _changed(before: bytes | None, new: Sequence[Listed], snapshot: Path | None, target: Path, *, complete: bool) -> str:
    """The text of the manifest with what is new."""
    from ckaudit.sources.manifest.append import add_names, items, new_list, set_complete

    automations = [Automation(name=item.name, id=item.id, status=item.status or AutomationStatus.ACTIVE) for item in new]
    if before is None:
        info = read_snapshot(snapshot).info if snapshot else None
        text = new_list(info.id if info else None)
    else:
        text = before.decode()
    added = add_names(text, automations)
    if added is None:
        by_hand = "\n".join(items(automations, 2))
        hint = f"Nothing was changed. Add these lines below “automations:” yourself:\n{by_hand}"
        raise InputError(
            "this manifest is written in a way in which nothing can be added to it safely", location=Location(str(target)), hint=hint
        )
    done = set_complete(added) if complete else added
    if done is None:
        raise InputError(
            "“complete: true” cannot be written here", location=Location(str(target)), hint="Write it yourself, below “version”."
        )
    return done


def _said(found: Sequence[Listed], new: Sequence[Listed], known: Manifest) -> Iterator[str]:
    """What was found, and what the manifest says otherwise."""
    yield f"{plural(len(found), '{n} automation', '{n} automations')} found, {len(new):,} of them new:"
    for item in new:
        more = ", ".join([*([str(item.status)] if item.status else []), *([f"number {item.id}"] if item.id else [])])
        yield f"  + {cut(item.name)}{f' ({more})' if more else ''}{': cut off on the page, complete it' if item.is_cut else ''}"
    silent = sum(item.status is None for item in new)
    if silent:
        yield plural(silent, "{n} has no status on the page and counts as active.", "{n} have no status on the page and count as active.")
    for item in found:
        other = _known(item, known)
        if other and item.status and item.status is not other.status:
            yield f"“{cut(other.name)}” is {item.status} in Kit's list and {other.status} in the manifest ({other.location})."
        if other and item.id and other.id is None:
            yield f"“{cut(other.name)}” has the number {item.id}; the manifest ({other.location}) may say “id: {item.id}”."


def _unclear(unclear: Sequence[str]) -> Iterator[str]:
    """What was not taken."""
    if unclear:
        yield "Not understood, and so not taken:"
        yield from (f"  {cut(what, 200)}" for what in unclear[:MAX_SHOWN])
        if len(unclear) > MAX_SHOWN:
            yield f"  and {len(unclear) - MAX_SHOWN:,} more"


def _missing(read: Sequence[tuple[str, Page]], found: Sequence[Listed], now: Manifest, *, complete: bool) -> Iterator[str]:
    """Whether there may be more in Kit, and what the manifest has that these pages do not."""
    total = max(page.total for _, page in read)
    listed = sum(not item.has_made_up_name for item in now.automations)
    if total > listed:
        yield f"The page says that there are {total:,}, and {listed:,} are listed: copy the next page, too."
    elif not total and len(found) % 25 == 0:
        yield f"{len(found):,} may be a full page of Kit's list: look whether there is a next one."
    if complete:
        gone = [item for item in now.automations if not item.draft and not any(_known(page, _only(item)) for page in found)]
        yield from (f"“{cut(item.name)}” ({item.location}) is on none of these pages: was it deleted or renamed?" for item in gone)


def _only(automation: Automation) -> Manifest:
    return Manifest(automations=(automation,))


def _written(target: Path, now: Manifest) -> str:
    from ckaudit.graph.drafts import without_drafts

    manifest = without_drafts(now)
    described = sum(item.is_described for item in manifest.automations)
    off = len(manifest.automations) - described - len(manifest.undescribed)
    listed = plural(described + len(manifest.undescribed), "{n} automation is", "{n} automations are")
    return f"{target}: {described:,} of {listed} described{f'; {off:,} more are switched off' if off else ''}."
