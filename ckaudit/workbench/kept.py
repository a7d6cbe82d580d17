"""What is not saved yet: texts in the making and the drafts somebody refused, in a file beside the automations, so that nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from ckaudit.model.errors import InputError
from ckaudit.sources.files import read_limited, remove, write_atomically

KEPT_FILE = ".workbench.json"
_MAX_BYTES = 20_000_000


class Text(msgspec.Struct, frozen=True, omit_defaults=True):
    """An automation in the making. ``base`` is the mark of the lines in its file that it began with; empty when no file had it."""

    name: str
    text: str
    status: str = "active"
    id: int | None = None
    base: str = ""


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """All of it: texts by the key of their automation, and the ids of refused drafts."""

    texts: dict[str, Text] = {}
    refused: tuple[str, ...] = ()

    def with_text(self, key: str, text: Text | None) -> Kept:
        """With another text for an automation, or without one."""
        texts = {name: kept for name, kept in self.texts.items() if name != key}
        return Kept(texts if text is None else {**texts, key: text}, self.refused)

    def with_answer(self, draft: str, *, refused: bool) -> Kept:
        """With a draft refused, or no longer."""
        rest = tuple(name for name in self.refused if name != draft)
        return Kept(self.texts, (*rest, draft) if refused else rest)


class KeptFile:
    """The file. Each change reads it first: somebody may have a second workbench open."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / KEPT_FILE

    def read(self) -> Kept:
        """What it holds; nothing when there is none.

        Raises:
            InputError: it cannot be read, or is not one of ours.
        """
        try:
            data = read_limited(self.path, _MAX_BYTES)
        except FileNotFoundError:
            return Kept()
        except OSError as error:
            raise InputError(f"cannot read {self.path}: {error.strerror or error}", hint="Check its permissions.") from None
        try:
            return msgspec.json.decode(data, type=Kept)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            hint = "It holds texts that were not saved. Give it another name to keep them, and begin anew."
            raise InputError(f"{self.path} is not a file of the workbench, or was damaged", hint=hint) from None

    def change(self, how: Callable[[Kept], Kept]) -> Kept:
        """Read, change and write it. Raises InputError and OutputError."""
        before = self.read()
        after = how(before)
        if after == Kept():
            remove(self.path)
        elif after != before:
            write_atomically(self.path, msgspec.json.format(msgspec.json.encode(after), indent=1) + b"\n")
        return after
