"""A text -> its lines, each with its indentation, its sign and what stands behind it. Every place counts from 1."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from ckaudit.sources.shorthand.signs import COMMENT, SIGNS

_SIGN = re.compile(f"({'|'.join(map(re.escape, SIGNS))})[ \t]*")
_BREAK = re.compile("\r\n|\r|\n")


class Line(msgspec.Struct, frozen=True):
    """One line that is neither empty nor a comment. ``sign`` is empty when it begins with none; ``column`` is where ``rest`` begins."""

    number: int
    indent: str
    sign: str
    rest: str
    column: int

    @property
    def start(self) -> int:
        """The column of its first character."""
        return len(self.indent) + 1


class Comment(msgspec.Struct, frozen=True):
    """A line that is a comment, with its sign."""

    number: int
    text: str


def split_lines(text: str) -> Iterator[Line | Comment]:
    """The lines of a text that say something, and its comments."""
    for number, raw in enumerate(_BREAK.split(text), 1):
        indent = raw[: len(raw) - len(raw.lstrip(" \t"))]
        said = raw.strip(" \t")
        if said.startswith(COMMENT):
            yield Comment(number, said)
        elif said:
            found = _SIGN.match(said)
            width = found.end() if found else 0
            yield Line(number, indent, found[1] if found else "", said[width:], len(indent) + width + 1)
