"""Writes plain data as YAML in random styles and remembers where each text begins."""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from typing import Any

_PLAIN = re.compile(r"[A-Za-zé🌊](?:[A-Za-z0-9é🌊 ]*[A-Za-z0-9é🌊])?")
_WORDS = {"true", "false", "null"}


class Writer:
    """``places`` maps each text to the (line, column) pairs, from 1, at which it was written."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.text = ""
        self.places: defaultdict[str, set[tuple[int, int]]] = defaultdict(set)

    def manifest(self, data: dict[str, Any]) -> str:
        """The text of a whole document."""
        self.block(data, 0)
        return self.text + "\n"

    def here(self) -> tuple[int, int]:
        """The place that is written next."""
        return self.text.count("\n") + 1, len(self.text) - self.text.rfind("\n")

    def block(self, value: Any, indent: int) -> None:
        """A value in block style where it can be; the cursor stands at ``indent``."""
        if not value or not isinstance(value, dict | list) or (indent and self.dice.random() < 0.3):
            self.flow(value)
            return
        for index, item in enumerate(value):
            if index:
                self.text += "\n" + self.dice.choice(["", "\n", f"{' ' * indent}# a comment: [\n"]) + " " * indent
            if isinstance(value, list):
                self.text += "- "
                self.block(item, indent + 2)
            else:
                self.scalar(item)
                self.text += ":"
                self.behind_key(value[item], indent)

    def behind_key(self, value: Any, indent: int) -> None:
        """The value of a key: on a line of its own when it is a collection in block style."""
        if value and isinstance(value, dict | list) and self.dice.random() < 0.7:
            self.text += "\n" + " " * (indent + 2)
            self.block(value, indent + 2)
        else:
            self.text += " "
            self.flow(value)

    def flow(self, value: Any) -> None:
        """A value in flow style."""
        if isinstance(value, list):
            self.text += "["
            for index, item in enumerate(value):
                self.text += ", " if index else ""
                self.flow(item)
            self.text += "]"
        elif isinstance(value, dict):
            self.text += "{"
            for index, (key, item) in enumerate(value.items()):
                self.text += ", " if index else ""
                self.scalar(key)
                self.text += ": "
                self.flow(item)
            self.text += "}"
        else:
            self.scalar(value)

    def scalar(self, value: Any) -> None:
        """A number, a boolean, nothing, or text in a style that can hold it."""
        if not isinstance(value, str):
            self.text += json.dumps(value)
            return
        self.places[value].add(self.here())
        if _PLAIN.fullmatch(value) and value not in _WORDS and self.dice.random() < 0.7:
            self.text += value
        elif value.isprintable() and self.dice.random() < 0.5:
            self.text += "'" + value.replace("'", "''") + "'"
        else:
            self.text += '"' + "".join(_escape(char) for char in value) + '"'


def _escape(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    return char if char.isprintable() else f"\\U{ord(char):08x}"
