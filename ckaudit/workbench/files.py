"""The files that list automations: where each one stands, and how one is changed without touching anything else."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from ckaudit.model.errors import InputError, Location, ManifestError
from ckaudit.sources.files import write_atomically
from ckaudit.sources.manifest.places import MANIFEST_FOLDER, MANIFEST_SUFFIXES, slug
from ckaudit.sources.yaml.files import read_text
from ckaudit.sources.yaml.problems import Problems
from ckaudit.sources.yaml.reader import read_document
from ckaudit.sources.yaml.tree import Items, Node
from ckaudit.sources.yaml.tree import Mapping as MappingNode

HEAD = "# One automation, as described in `ckaudit manifest edit`. Change it in any editor: your comments stay.\n"
_DASH = re.compile(r"(\s*)-\s+\S")


class Block(msgspec.Struct, frozen=True):
    """The lines of one automation in its file: ``first`` to ``last``, counted from 1. ``indent`` are the spaces in front of its dash."""

    first: int
    last: int
    indent: int
    text: str

    @property
    def mark(self) -> str:
        """Changes whenever somebody changes these lines."""
        return mark_of(self.text)


def mark_of(text: str) -> str:
    """What two texts that differ do not share; line ends do not count."""
    return hashlib.sha256("\n".join(text.splitlines()).encode("utf-8", "surrogatepass")).hexdigest()[:20]


class Files:
    """The manifests of an account. ``folder`` is where new files go. ``are_named``: somebody names them one by one, so that an audit does
    not find new ones by itself."""

    def __init__(self, paths: Sequence[Path], folder: Path, *, are_named: bool = False) -> None:
        self.named = tuple(paths)
        self.folder = folder
        self.are_named = are_named

    @property
    def paths(self) -> tuple[Path, ...]:
        """Those that were found at the beginning and those in the folder, as an audit reads them."""
        found = sorted(path for suffix in MANIFEST_SUFFIXES for path in self.folder.glob(f"*{suffix}"))
        named = [path for path in self.named if path.exists()]
        there = {path.resolve() for path in named}
        return (*named, *(path for path in found if path.resolve() not in there))

    def read(self) -> dict[Path, str]:
        """The text of each file.

        Raises:
            ManifestError: one cannot be read.
        """
        problems = Problems()
        texts = {path: text for path in self.paths if (text := read_text(path, "a manifest", problems)) is not None}
        problems.stop_if_any(ManifestError, "the manifest")
        return texts

    def new_path(self, name: str) -> Path:
        """A file name for an automation that no file has yet."""
        there = {path.name.casefold() for path in self.folder.glob("*")} if self.folder.is_dir() else set()
        stem = slug(name)
        names = (f"{stem}{f'-{number}' if number > 1 else ''}{MANIFEST_SUFFIXES[0]}" for number in range(1, len(there) + 3))
        return self.folder / next(name for name in names if name.casefold() not in there)

    def write(self, path: Path, text: str) -> None:
        """Write a file whole or not at all; where there is one already, its permissions stay, and a link still leads to it. Raises
        OutputError."""
        real = path.resolve()
        is_shared = real.exists() and bool(real.stat().st_mode & 0o044)
        write_atomically(real, text.encode("utf-8"), shared=is_shared)


def folder_for(paths: Sequence[Path], source: Path) -> Path:
    """Where files of one automation belong: where an audit of this account finds them, too."""
    if not paths:
        return (source if source.is_dir() else source.parent) / MANIFEST_FOLDER
    first = paths[0].parent
    return first if first.name == MANIFEST_FOLDER else first / MANIFEST_FOLDER


def blocks_in(text: str, file: str) -> tuple[Block, ...]:
    """The lines of every automation of a file, in its order; nothing for a file that cannot be read.

    Raises:
        InputError: the list is not written with one dash for each automation.
    """
    root = read_document(text, file, Problems()).root
    listed = root.values.get("automations") if isinstance(root, MappingNode) else None
    if not isinstance(root, MappingNode) or not isinstance(listed, Items) or not listed.items:
        return ()
    lines = text.removeprefix("\ufeff").splitlines()
    starts = [_start(lines, item, file) for item in listed.items]
    keys = sorted(key.line for key in root.keys.values())
    ends = [*starts[1:], next((line for line in keys if line > starts[-1]), len(lines) + 1)]
    return tuple(_block(lines, start, end) for start, end in zip(starts, ends, strict=True))


def _start(lines: Sequence[str], item: Node, file: str) -> int:
    found = _DASH.match(lines[item.line - 1])
    if not found or found.end() != item.column:
        raise InputError(
            "here is an automation that does not begin with a dash on a line of its own",
            hint="The workbench changes only lists with one “- ” for each automation. Rewrite the list, or change this file by hand.",
            location=Location(file, item.line, item.column),
        )
    return item.line


def _block(lines: Sequence[str], start: int, end: int) -> Block:
    """Blank lines and comments at the end that are no deeper than the dash belong to what follows."""
    indent = len(lines[start - 1]) - len(lines[start - 1].lstrip())
    last = end - 1
    while last > start and _is_between(lines[last - 1], indent):
        last -= 1
    return Block(start, last, indent, "".join(f"{line}\n" for line in lines[start - 1 : last]))


def _is_between(line: str, indent: int) -> bool:
    said = line.lstrip()
    return not said or (said[0] == "#" and len(line) - len(said) <= indent)


def with_block(text: str, block: Block, new: str) -> str:
    """The file with other lines for one automation; all other bytes stay. ``new`` is written from the first column on."""
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    moved = "".join(f"{' ' * block.indent}{line}".rstrip() + end for line in new.splitlines())
    return "".join(lines[: block.first - 1]) + moved + "".join(lines[block.last :])


def new_file(automation: str, *, account: int | None) -> str:
    """A file with one automation, written from the first column on."""
    number = "" if account is None else f"account: {account}\n"
    return f"{HEAD}version: 1\n{number}automations:\n" + "".join(f"  {line}".rstrip() + "\n" for line in automation.splitlines())


def owners(texts: Mapping[Path, str]) -> dict[tuple[str, int], tuple[Path, Block]]:
    """Each automation's lines, by file and the line where it begins. Files written otherwise are left out."""
    found: dict[tuple[str, int], tuple[Path, Block]] = {}
    for path, text in texts.items():
        try:
            blocks = blocks_in(text, str(path))
        except InputError:
            continue
        for block in blocks:
            found[str(path), block.first] = path, block
    return found
