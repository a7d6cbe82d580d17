"""The places of the keys and values of a TOML file. ``tomllib`` gives values without places; this walks the same text once more.

The text must be valid TOML (``tomllib`` has read it), so nothing is checked here.
"""

from __future__ import annotations

import bisect
import re
import tomllib
from collections.abc import Mapping
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING = re.compile(r"\"\"\"(?:\\.|[^\\])*?\"{3,5}|'''.*?'{3,5}|\"(?:\\.|[^\"\\\n])*\"|'[^'\n]*'", re.DOTALL)
_KEY_PART = re.compile(r"[ \t]*(\"(?:\\.|[^\"\\\n])*\"|'[^'\n]*'|[A-Za-z0-9_-]+)[ \t]*")
_PLAIN = re.compile(r"[^,\]}\n#]+")


def toml_places(text: str) -> Mapping[Path, tuple[int, int]]:
    """Line and column (from 1) of every key; of the value for items of lists; of the head for tables."""
    walk = _Walk(text)
    walk.document()
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    places = {}
    for path, offset in walk.found.items():
        line = bisect.bisect_right(starts, offset)
        places[path] = line, offset - starts[line - 1] + 1
    return places


def line_column(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of a character."""
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


class _Walk:
    """A position in the text, and what was found up to it."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.found: dict[Path, int] = {}
        self.lists: dict[Path, int] = {}

    def document(self) -> None:
        table: Path = ()
        while self._blank():
            if self.text[self.at] == "[":
                table = self._head()
            else:
                self._pair(table)

    def _blank(self) -> bool:
        found = _BLANK.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.at < len(self.text)

    def _head(self) -> Path:
        start, is_list = self.at, self.text.startswith("[[", self.at)
        self.at += 2 if is_list else 1
        parts = self._key()
        self.at += 2 if is_list else 1
        table: Path = ()
        for part in parts[:-1]:
            self.found.setdefault((*table, part), start)
            table = self._inside((*table, part))
        table = (*table, parts[-1])
        if is_list:
            self.lists[table] = self.lists.get(table, -1) + 1
            self.found.setdefault(table, start)
            table = (*table, self.lists[table])
        self.found[table] = start
        return table

    def _inside(self, table: Path) -> Path:
        """The last table of a list of tables, the table itself otherwise."""
        return (*table, self.lists[table]) if table in self.lists else table

    def _key(self) -> list[str]:
        parts = []
        while part := _KEY_PART.match(self.text, self.at):
            parts.append(_unquoted(part[1]))
            self.at = part.end()
            if self.text[self.at] != ".":
                break
            self.at += 1
        return parts

    def _pair(self, table: Path) -> None:
        start = self.at
        parts = self._key()
        for depth in range(1, len(parts) + 1):
            self.found.setdefault((*table, *parts[:depth]), start)
        self.at += 1
        self._value((*table, *parts))

    def _value(self, path: Path) -> None:
        self._blank()
        first = self.text[self.at]
        if first in "[{":
            self._nested(path, "]" if first == "[" else "}")
        elif found := (_STRING if first in "\"'" else _PLAIN).match(self.text, self.at):
            self.at = found.end()

    def _nested(self, path: Path, end: str) -> None:
        self.at += 1
        number = 0
        while self._blank() and self.text[self.at] != end:
            if self.text[self.at] == ",":
                self.at += 1
            elif end == "}":
                self._pair(path)
            else:
                self.found[(*path, number)] = self.at
                self._value((*path, number))
                number += 1
        self.at += 1


def _unquoted(key: str) -> str:
    return next(iter(tomllib.loads(f"{key} = 0"))) if key[0] in "\"'" else key
