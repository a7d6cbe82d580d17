"""Single values: how each is read, with every problem noted at its place, and its JSON Schema right beside it.

What is wrong reads as ``UNSET``, and reading goes on.
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Collection
from typing import Any, Protocol, TypeAlias

from msgspec import UNSET

from ckaudit.model.durations import UNITS, split_duration
from ckaudit.model.nearest import did_you_mean, nearest
from ckaudit.sources.manifest.resolve import MAX_ID, Resolver
from ckaudit.sources.stacks import read_stacks
from ckaudit.sources.yaml.problems import Problems, quote
from ckaudit.sources.yaml.tree import Broken, Items, Mapping, Node, Scalar, ScalarKind, is_nothing

# A JSON Schema is JSON: here a bare dict is the right type.
Schema: TypeAlias = dict[str, Any]

# A thousand weeks; Kit's own limit is not documented, and a number this long is a slip.
MAX_SECONDS = 1000 * UNITS["week"]
KIT_UNITS = tuple(unit for unit in UNITS if unit != "second")
_MEANT = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"}


class Reading:
    """What reading one file needs: where problems go, how names become references, and the stacks there are."""

    def __init__(self, problems: Problems, resolver: Resolver, stacks: Collection[str]) -> None:
        self.problems = problems
        self.resolver = resolver
        self.stacks = stacks

    def problem(self, node: Node, message: str, hint: str = "") -> None:
        """Note a problem at a value."""
        self.problems.add(message, node.location, hint)

    def expected(self, node: Node, what: str, hint: str = "") -> None:
        """Note that a value is not what it should be."""
        if not isinstance(node, Broken):
            self.problem(node, f"expected {what}, found {_describe(node)}", hint)

    def unknown(self, node: Node, message: str, word: str, possible: Collection[str]) -> None:
        """Note a word that is none of the possible ones, with the nearest of them."""
        self.problem(node, message, "" if self.problems.full else did_you_mean(word, possible))

    def mapping(self, node: Node, name: str, keys: Collection[str], hint: str) -> Mapping | None:
        """The value as a mapping, which people call ``name``. Keys that do not belong are noted."""
        if not isinstance(node, Mapping):
            self.expected(node, f"{name} as a mapping", hint)
            return None
        for key, place in node.keys.items():
            if key not in keys:
                self.unknown(place, f"{name} has no key {quote(key)}", key, keys)
        return node


class Value(Protocol):
    """A sort of value. ``label`` is what people call the place it is at, such as “status”; ``parts`` collects named schemas."""

    def read(self, reading: Reading, node: Node, label: str) -> Any:
        """The value, or ``UNSET`` when it is wrong."""

    def schema(self, parts: dict[str, Schema]) -> Schema:
        """Its JSON Schema."""


class Text:
    """Text; a number stays as it is written."""

    def read(self, reading: Reading, node: Node, label: str) -> Any:
        """The text."""
        hint = ""
        if isinstance(node, Scalar):
            if node.text and node.kind in (ScalarKind.TEXT, ScalarKind.WHOLE, ScalarKind.NUMBER):
                return node.text
            if node.kind is ScalarKind.FLAG:
                hint = f'Put it in quotes if that is the text: "{node.text}".'
        reading.expected(node, f"text for {label}", hint)
        return UNSET

    def schema(self, _: dict[str, Schema]) -> Schema:
        """A number counts as the text it is written in."""
        return {"type": ["string", "number"], "minLength": 1}


class FieldText:
    """A field's value. Kit's fields hold text only, so anything but nothing is taken as it is written."""

    def read(self, reading: Reading, node: Node, label: str) -> Any:
        """The text."""
        if isinstance(node, Scalar) and node.kind is not ScalarKind.NOTHING:
            return node.text
        reading.expected(node, f"a value for {label}")
        return UNSET

    def schema(self, _: dict[str, Schema]) -> Schema:
        """Anything but nothing."""
        return {"type": ["string", "number", "boolean"]}


class Host(Text):
    """A host."""

    def read(self, reading: Reading, node: Node, label: str) -> Any:
        """The host."""
        if isinstance(node, Scalar) and "/" in node.text:
            reading.problem(node, "a host is expected here, not an address", "Write it as in members.example.com.")
            return UNSET
        return super().read(reading, node, label)

    def schema(self, parts: dict[str, Schema]) -> Schema:
        """Text without a slash."""
        return super().schema(parts) | {"pattern": "^[^/]*$"}


class StackName(Text):
    """The name of a membership stack."""

    def read(self, reading: Reading, node: Node, label: str) -> Any:
        """The name, if there is such a stack."""
        name = super().read(reading, node, label)
        if name is not UNSET and name not in reading.stacks:
            reading.unknown(node, f"there is no stack {quote(name)}", name, sorted(reading.stacks))
        return name

    def schema(self, _: dict[str, Schema]) -> Schema:
        """The stacks of this ckaudit."""
        return {"enum": list(read_stacks())}


class Flag:
    """A boolean."""

    def read(self, reading: Reading, node: Node, label: str) -> Any:
        """True or False."""
        if isinstance(node, Scalar) and node.kind is ScalarKind.FLAG:
            return node.text == "true"
        meant = _MEANT.get(node.text.lower() if isinstance(node, Scalar) else "")
        reading.expected(node, f"true or false for {label}", f"Write {meant}, without quotes." if meant else "")
        return UNSET

    def schema(self, _: dict[str, Schema]) -> Schema:
        """A boolean."""
        return {"type": "boolean"}


class OnlyTrue:
    """The value of a key that says all by being there."""

    def read(self, reading: Reading, node: Node, label: str) -> Any:
        """True, whatever is written: the key is there."""
        if not (isinstance(node, Scalar) and node.kind is ScalarKind.FLAG and node.text == "true"):
            reading.expected(node, f"{label.removesuffix('”')}: true”", f"Leave {label} out if it is not meant.")
        return True

    def schema(self, _: dict[str, Schema]) -> Schema:
        """The one value."""
        return {"const": True}


class Whole:
    """A whole number."""

    def __init__(self, minimum: int) -> None:
        self.minimum = minimum

    def read(self, reading: Reading, node: Node, label: str) -> Any:
        """The number."""
        if not isinstance(node, Scalar) or node.kind is not ScalarKind.WHOLE:
            digits = isinstance(node, Scalar) and not node.plain and node.text.isdecimal()
            reading.expected(node, f"a whole number for {label}", "Write it without quotes." if digits else "")
        elif len(node.text) > 19 or int(node.text) > MAX_ID:
            reading.problem(node, f"{node.text[:40]} is too large for {label}")
        elif int(node.text) < self.minimum:
            reading.expected(node, f"a whole number from {self.minimum} for {label}")
        else:
            return int(node.text)
        return UNSET

    def schema(self, _: dict[str, Schema]) -> Schema:
        """An integer of 64 bits."""
        return {"type": "integer", "minimum": self.minimum, "maximum": MAX_ID}


class Choice:
    """One of a few words."""

    def __init__(self, words: type[enum.StrEnum]) -> None:
        self.words = words

    def read(self, reading: Reading, node: Node, label: str) -> Any:
        """The member."""
        words = tuple(self.words)
        if not isinstance(node, Scalar) or node.kind is ScalarKind.NOTHING:
            reading.expected(node, f"one of {', '.join(words)} for {label}")
        elif node.text in words:
            return self.words(node.text)
        else:
            reading.unknown(node, f"{quote(node.text)} is not possible for {label}", node.text, words)
        return UNSET

    def schema(self, _: dict[str, Schema]) -> Schema:
        """The words."""
        return {"enum": [str(word) for word in self.words]}


class Date:
    """A date of the calendar, kept as it is written."""

    def read(self, reading: Reading, node: Node, label: str) -> Any:
        """The date, such as 2026-11-20."""
        if isinstance(node, Scalar) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", node.text):
            try:
                dt.date.fromisoformat(node.text)
            except ValueError:
                reading.problem(node, f"{quote(node.text)} is not a date of the calendar")
                return UNSET
            return node.text
        reading.expected(node, f"a date such as 2026-11-20 for {label}")
        return UNSET

    def schema(self, _: dict[str, Schema]) -> Schema:
        """Text that looks like a date."""
        return {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}


class Duration:
    """A number of minutes, hours, days or weeks, in seconds."""

    def read(self, reading: Reading, node: Node, _: str) -> Any:
        """The seconds."""
        example = "Write a whole number and minutes, hours, days or weeks, as in “5 minutes”."
        written = split_duration(node.text) if isinstance(node, Scalar) else None
        if written is None or not isinstance(node, Scalar):
            reading.expected(node, "a time", example)
            return UNSET
        number, unit = written
        if unit not in KIT_UNITS:
            near = nearest(unit, KIT_UNITS)
            hint = f"Did you mean “{number} {near}{'' if number == '1' else 's'}”?" if near else example
            reading.problem(node, f"{quote(node.text)} is not a time that Kit has", hint)
        elif int(number[:20]) == 0:
            reading.problem(node, "a time of 0 is none", "The shortest is 1 minute.")
        elif len(number) > 8 or int(number) * UNITS[unit] > MAX_SECONDS:
            reading.problem(node, f"{quote(node.text)} is more than 1000 weeks")
        else:
            return int(number) * UNITS[unit]
        return UNSET

    def schema(self, parts: dict[str, Schema]) -> Schema:
        """A reference to the one schema of durations."""
        parts["duration"] = {
            "type": "string",
            "pattern": f"^0*[1-9][0-9]* +({'|'.join(KIT_UNITS)})s?$",
            "description": "A whole number of minutes, hours, days or weeks, such as “5 minutes”.",
        }
        return {"$ref": "#/$defs/duration"}


class ListOf:
    """A list. Nothing is an empty one."""

    def __init__(self, item: Value, minimum: int, hint: str) -> None:
        self.item = item
        self.minimum = minimum
        self.hint = hint

    def read(self, reading: Reading, node: Node, label: str) -> Any:
        """What could be read of it, as a tuple."""
        if isinstance(node, Items):
            read = self.item.read
            found = tuple(value for item in node.items if (value := read(reading, item, label)) is not UNSET)
        elif is_nothing(node):
            found = ()
        else:
            reading.expected(node, f"a list for {label}", "Write it in brackets, as in [one, two], or below each other behind “- ”.")
            return UNSET
        if self.minimum and not (isinstance(node, Items) and node.items):
            reading.problem(node, f"{label} is empty", self.hint)
        return found

    def schema(self, parts: dict[str, Schema]) -> Schema:
        """An array, or null where it may be empty."""
        items = self.item.schema(parts)
        if self.minimum:
            return {"type": "array", "minItems": self.minimum, "items": items}
        return {"type": ["array", "null"], "items": items}


class OrNothing:
    """A value that may be null."""

    def __init__(self, value: Value) -> None:
        self.value = value

    def read(self, reading: Reading, node: Node, label: str) -> Any:
        """The value, or None."""
        return None if is_nothing(node) else self.value.read(reading, node, label)

    def schema(self, parts: dict[str, Schema]) -> Schema:
        """The schema of the value, or null."""
        return {"anyOf": [self.value.schema(parts), {"type": "null"}]}


def _describe(node: Node) -> str:
    match node:
        case Mapping():
            return "a mapping"
        case Items():
            return "a list" if node.items else "an empty list"
        case Broken():
            return "nothing usable"
        case Scalar():
            if node.kind is ScalarKind.NOTHING:
                return "nothing"
            return quote(node.text) if node.kind is ScalarKind.TEXT else node.text[:80]
