"""Where an automation stands or will stand, and the files as they would be with it."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

import msgspec

from ckaudit.model.automations import Automation
from ckaudit.model.errors import InputError, ManifestError
from ckaudit.render.draft_manifest import without_head
from ckaudit.sources.shorthand import Names, automation_yaml
from ckaudit.workbench.comments import with_all, with_comments
from ckaudit.workbench.files import Block, Files, blocks_in, new_file, with_block
from ckaudit.workbench.judge import Judge
from ckaudit.workbench.known import Known


class Place(msgspec.Struct, frozen=True):
    """An automation as it is now, and where. Without a ``block`` it gets a file of its own. ``is_listed``: a list has its name alone."""

    automation: Automation
    path: Path | None = None
    block: Block | None = None
    is_listed: bool = False

    @property
    def mark(self) -> str:
        """Changes whenever its lines change; empty where it has none."""
        return self.block.mark if self.block else ""


class Candidate(msgspec.Struct, frozen=True):
    """All files with one of them as it would be: ``path`` with ``text``, in which the automation is in the lines ``first`` to ``last``."""

    texts: Mapping[Path, str]
    path: Path
    text: str
    first: int
    last: int


def place_of(key: str, known: Known) -> Place | None:
    """Where an automation of the list stands; None for one that only a text here has.

    Raises:
        InputError: it stands in a list whose lines cannot be told apart.
    """
    if draft := known.drafts.get(key):
        return Place(draft.automation)
    listed = known.listed.get(key)
    if listed is None:
        return None
    if not listed.automation.is_described:
        return Place(listed.automation, is_listed=True)
    if listed.path is None or listed.block is None:
        at = listed.automation.location
        raise InputError(
            "this automation stands in a list in brackets, which is not changed here",
            hint="Write the list with one “- ” for each automation, or change it by hand.",
            location=at,
        )
    return Place(listed.automation, listed.path, listed.block)


def put(automation: Automation, place: Place, texts: Mapping[Path, str], files: Files, names: Names, judge: Judge) -> Candidate:
    """The files with this automation in its place: in its lines where it has some, else in a file of its own."""
    yaml = textwrap.dedent(automation_yaml(automation, names))
    if place.path is None or place.block is None:
        path = files.new_path(automation.name)
        text = new_file(yaml, account=judge.account_number)
        block = blocks_in(text, str(path))[0]
        return Candidate({**texts, path: text}, path, text, block.first, block.last)
    path, old = place.path, _unindented(place.block)
    for lines in (with_comments(old, yaml), with_all(yaml, old)):
        changed = with_block(texts[path], place.block, lines)
        text = without_head(changed) if place.automation.draft else changed
        first = place.block.first - (changed.count("\n") - text.count("\n"))
        candidate = Candidate({**texts, path: text}, path, text, first, first + lines.count("\n") - 1)
        if _says(candidate, automation, names, judge):
            break
    return candidate


def _unindented(block: Block) -> str:
    return "".join(f"{line[block.indent :] if not line[: block.indent].strip() else line.lstrip()}\n" for line in block.text.splitlines())


def _says(candidate: Candidate, automation: Automation, names: Names, judge: Judge) -> bool:
    """Whether the lines, read again, are the automation that is meant."""
    try:
        manifest = judge.manifest(candidate.texts)
    except ManifestError:
        return False
    found = [item for item in manifest.automations if _begins(item, candidate)] if manifest else []
    return len(found) == 1 and automation_yaml(found[0], names) == automation_yaml(automation, names)


def _begins(automation: Automation, candidate: Candidate) -> bool:
    at = automation.location
    return at is not None and (at.file, at.line) == (str(candidate.path), candidate.first)
