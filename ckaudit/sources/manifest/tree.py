"""A YAML text as a tree in which every value knows its place.

Lines and columns count from 1, columns in characters. ``last`` is the last line that belongs to a value; it is kept only in files with
comments for ckaudit, which alone need it.
"""

from __future__ import annotations

import enum
import re
from typing import TypeAlias

import msgspec

# As JSON writes them: a number with a leading zero or a plus sign is somebody's name for something, not a number.
_INT = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")


class ScalarKind(enum.Enum):
    """What a scalar is under the rules of YAML 1.2; the value is how people are told."""

    TEXT = "text"
    NUMBER = "a number"
    WHOLE = "a whole number"
    FLAG = "true or false"
    NOTHING = "nothing"


class Scalar(msgspec.Struct, gc=False):
    """Text, a number, a boolean or nothing. ``plain``: written without quotes, so it may be more than text."""

    text: str
    plain: bool
    line: int
    column: int
    last: int

    @property
    def kind(self) -> ScalarKind:
        """What it is. Only ``true`` and ``false`` are booleans; dates, ``yes``, ``on`` and ``010`` are text."""
        if not self.plain:
            return ScalarKind.TEXT
        if self.text in ("true", "false"):
            return ScalarKind.FLAG
        if self.text in ("", "null", "~"):
            return ScalarKind.NOTHING
        if self.text[0] in "-0123456789":
            if _INT.fullmatch(self.text):
                return ScalarKind.WHOLE
            if _FLOAT.fullmatch(self.text):
                return ScalarKind.NUMBER
        return ScalarKind.TEXT


class Items(msgspec.Struct):
    """A list."""

    items: list[Node]
    line: int
    column: int
    last: int


class Mapping(msgspec.Struct):
    """A mapping, in the order of the file. ``keys`` holds the same keys with their places."""

    values: dict[str, Node]
    keys: dict[str, Scalar]
    line: int
    column: int
    last: int


class Broken(msgspec.Struct, gc=False):
    """Stands for a value that was refused already: whoever meets it says nothing more."""

    line: int
    column: int
    last: int


Node: TypeAlias = Scalar | Items | Mapping | Broken
