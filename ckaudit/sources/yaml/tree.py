"""A YAML text as a tree in which every value knows its place.

Lines and columns count from 1, columns in characters. ``last`` is the last line that belongs to a value; it is kept only in files with
comments for ckaudit, which alone need it.
"""

from __future__ import annotations

import enum
import re
from typing import TypeAlias

import msgspec

from ckaudit.model.errors import Location

# As JSON writes them: a number with a leading zero or a plus sign is somebody's name for something, not a number.
_INT = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_LINE_END = re.compile("\r\n|\r|\n")
_MAX_DIGITS = 4000  # Python reads no more of them, and what is longer is not a number anybody means

Plain: TypeAlias = "str | int | float | bool | list[Plain] | dict[str, Plain] | None"


class ScalarKind(enum.Enum):
    """What a scalar is under the rules of YAML 1.2; the value is how messages call it."""

    TEXT = "text"
    NUMBER = "a number"
    WHOLE = "a whole number"
    FLAG = "true or false"
    NOTHING = "nothing"


_WORDS = {
    "true": ScalarKind.FLAG,
    "false": ScalarKind.FLAG,
    "": ScalarKind.NOTHING,
    "null": ScalarKind.NOTHING,
    "~": ScalarKind.NOTHING,
}


class _Value(msgspec.Struct):
    """What every value has: its place."""

    file: str
    line: int
    column: int
    last: int

    @property
    def location(self) -> Location:
        """The place of its first character."""
        return Location(self.file, self.line, self.column)


class Scalar(_Value, gc=False):
    """Text, a number, a boolean or nothing. ``plain``: written without quotes, so it may be more than text."""

    text: str
    plain: bool

    @property
    def kind(self) -> ScalarKind:
        """What it is. Only ``true`` and ``false`` are booleans; dates, ``yes``, ``on`` and ``010`` are text."""
        if not self.plain:
            return ScalarKind.TEXT
        if self.text in _WORDS:
            return _WORDS[self.text]
        if self.text[0] in "-0123456789":
            if _INT.fullmatch(self.text):
                return ScalarKind.WHOLE
            if _FLOAT.fullmatch(self.text):
                return ScalarKind.NUMBER
        return ScalarKind.TEXT


class Items(_Value):
    """A list."""

    items: list[Node]


class Mapping(_Value):
    """A mapping, in the order of the file. ``keys`` holds the same keys with their places."""

    values: dict[str, Node]
    keys: dict[str, Scalar]


class Broken(_Value, gc=False):
    """Stands for a value that was refused already: whoever meets it says nothing more."""


Node: TypeAlias = Scalar | Items | Mapping | Broken


def is_nothing(node: Node) -> bool:
    """Whether there is no value: null, or nothing behind the colon."""
    return isinstance(node, Scalar) and node.kind is ScalarKind.NOTHING


def plain(node: Node) -> Plain:
    """The value and everything in it without places, as JSON has it."""
    match node:
        case Mapping():
            return {key: plain(value) for key, value in node.values.items()}
        case Items():
            return [plain(item) for item in node.items]
        case Scalar():
            return _plain(node)
        case Broken():
            return None


def _plain(scalar: Scalar) -> Plain:
    match scalar.kind:
        case ScalarKind.FLAG:
            return scalar.text == "true"
        case ScalarKind.NOTHING:
            return None
        case ScalarKind.WHOLE if len(scalar.text) <= _MAX_DIGITS:
            return int(scalar.text)
        case ScalarKind.NUMBER:
            return float(scalar.text)
        case _:
            return scalar.text


def line_starts(text: str) -> list[int]:
    """The offset at which each line of a text begins."""
    return [0, *(found.end() for found in _LINE_END.finditer(text))]


def line_column(text: str, offset: int) -> tuple[int, int]:
    """The line and column, from 1, of an offset in a text."""
    starts = line_starts(text[:offset])
    return len(starts), offset - starts[-1] + 1
