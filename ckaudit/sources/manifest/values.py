"""Single values of a manifest: how each is read, with every problem noted at its place, and its JSON Schema.

What is wrong reads as ``UNSET``, and reading goes on.
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Callable, Collection
from collections.abc import Mapping as Words
from typing import Any, NamedTuple, Protocol, TypeAlias

from msgspec import UNSET

from ckaudit.model.durations import UNITS, split_duration
from ckaudit.model.nearest import did_you_mean, nearest
from ckaudit.model.notation import Notation
from ckaudit.model.stack import suggest_stack
from ckaudit.sources.manifest.resolve import MAX_ID, Resolver
from ckaudit.sources.stacks import read_stacks
from ckaudit.sources.yaml.problems import Problems, quote
from ckaudit.sources.yaml.tree import Broken, Items, Mapping, Node, Scalar, ScalarKind, is_nothing

# A JSON Schema is JSON: here a bare dict is the right type.
Schema: TypeAlias = dict[str, Any]

# A thousand weeks; Kit's own limit is not documented, and a number this long is a slip.
MAX_SECONDS = 1000 * UNITS["week"]
KIT_UNITS = tuple(unit for unit in UNITS if unit != "second")
_AMOUNT = "[0-9]{1,9}([.,][0-9]{1,3}){0,2}"
_PRICE = f"({_AMOUNT} ?[A-Za-z€£$¥]{{1,20}}|[€£$¥] ?{_AMOUNT})( (a|per) (month|quarter|year))?"
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

    def mapping(self, node: Node, notation: Notation, keys: Collection[str]) -> Mapping | None:
        """The value as a mapping, with the keys other words stand for. Keys that do not belong are noted."""
        if not isinstance(node, Mapping):
            self.expected(node, f"{notation.name} as a mapping", notation.hint)
            return None
        for key, place in node.keys.items():
            if key in keys or key in notation.also:
                continue
            message = f"{notation.name} has no key {quote(key)}"
            if key in notation.answers:
                self.problem(place, message, notation.answers[key])
            else:
                self.unknown(place, message, key, keys)
        return node if notation.also.keys().isdisjoint(node.keys) else self._in_our_words(node, notation.also)

    def _in_our_words(self, node: Mapping, also: Words[str, str]) -> Mapping:
        """The mapping with our own keys. One that is there in both words keeps the first."""
        result = Mapping(node.file, node.line, node.column, node.last, {}, {})
        for word, place in node.keys.items():
            key = also.get(word, word)
            if key in result.keys:
                first = result.keys[key].text
                self.problem(place, f"{quote(first)} and {quote(word)} are the same key", "Keep one of them.")
            else:
                result.keys[key], result.values[key] = place, node.values[word]
        return result


class Value(Protocol):
    """A sort of value. ``label`` is what people call it, as in “status” of an automation; ``parts`` collects schemas with names."""

    def read(self, reading: Reading, node: Node, label: str, /) -> Any:
        """The value, or ``UNSET`` when it is wrong."""

    def schema(self, parts: dict[str, Schema], /) -> Schema:
        """Its JSON Schema."""


class Simple(NamedTuple):
    """A value that is one word, number or sentence."""

    read: Callable[[Reading, Node, str], Any]
    shape: Callable[[], Schema]

    def schema(self, _: dict[str, Schema]) -> Schema:
        """Its JSON Schema."""
        return self.shape()


def text(reading: Reading, node: Node, label: str) -> Any:
    """Text; a number stays as it is written."""
    hint = ""
    if isinstance(node, Scalar):
        if node.text and node.kind in (ScalarKind.TEXT, ScalarKind.WHOLE, ScalarKind.NUMBER):
            return node.text
        if node.kind is ScalarKind.FLAG:
            hint = f'Put it in quotes if that is the text: "{node.text}".'
    reading.expected(node, f"text for {label}", hint)
    return UNSET


def _field_text(reading: Reading, node: Node, label: str) -> Any:
    """Kit's fields hold text only, so anything but nothing is taken as it is written."""
    if isinstance(node, Scalar) and node.kind is not ScalarKind.NOTHING:
        return node.text
    reading.expected(node, f"a value for {label}")
    return UNSET


def _host(reading: Reading, node: Node, label: str) -> Any:
    if isinstance(node, Scalar) and "/" in node.text:
        reading.problem(node, "a host is expected here, not an address", "Write it as in members.example.com.")
        return UNSET
    return text(reading, node, label)


def _stack(reading: Reading, node: Node, label: str) -> Any:
    name = text(reading, node, label)
    if name is not UNSET and name not in reading.stacks:
        hint = "" if reading.problems.full else suggest_stack(name, sorted(reading.stacks))
        reading.problem(node, f"there is no stack {quote(name)}", hint)
    return name


def _price(reading: Reading, node: Node, label: str) -> Any:
    """An amount and its currency, as it is written."""
    if isinstance(node, Scalar) and re.fullmatch(_PRICE, node.text):
        return node.text
    hint = "Write the amount and the currency, as in “290 dollars” or “€49.50”."
    if isinstance(node, Scalar) and node.kind in (ScalarKind.WHOLE, ScalarKind.NUMBER):
        hint = f"Say in which currency, as in “{node.text[:20]} dollars”."
    reading.expected(node, f"an amount and its currency for {label}", hint)
    return UNSET


def _flag(reading: Reading, node: Node, label: str) -> Any:
    if isinstance(node, Scalar) and node.kind is ScalarKind.FLAG:
        return node.text == "true"
    meant = _MEANT.get(node.text.lower() if isinstance(node, Scalar) else "")
    reading.expected(node, f"true or false for {label}", f"Write {meant}, without quotes." if meant else "")
    return UNSET


def _only_true(reading: Reading, node: Node, label: str) -> Any:
    """A key that says all by being there; None, because its value says nothing more."""
    if not (isinstance(node, Scalar) and node.kind is ScalarKind.FLAG and node.text == "true"):
        reading.expected(node, f"{label.removesuffix('”')}: true”", f"Leave {label} out if it is not meant.")


def _date(reading: Reading, node: Node, label: str) -> Any:
    """A date of the calendar, as it is written."""
    if isinstance(node, Scalar) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", node.text):
        try:
            dt.date.fromisoformat(node.text)
        except ValueError:
            reading.problem(node, f"{quote(node.text)} is not a date of the calendar")
            return UNSET
        return node.text
    reading.expected(node, f"a date such as 2026-11-20 for {label}")
    return UNSET


def _seconds(reading: Reading, node: Node, _: str) -> Any:
    """A number of minutes, hours, days or weeks, in seconds."""
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


def _delay(reading: Reading, node: Node, label: str) -> Any:
    """The seconds, and the text they are written in."""
    seconds = _seconds(reading, node, label)
    return {"seconds": seconds, "text": node.text} if isinstance(node, Scalar) and seconds is not UNSET else UNSET


def whole(minimum: int) -> Simple:
    """A whole number."""

    def read(reading: Reading, node: Node, label: str) -> Any:
        if not isinstance(node, Scalar) or node.kind is not ScalarKind.WHOLE:
            digits = isinstance(node, Scalar) and not node.plain and node.text.isdecimal()
            reading.expected(node, f"a whole number for {label}", "Write it without quotes." if digits else "")
        elif len(node.text) > 19 or int(node.text) > MAX_ID:
            reading.problem(node, f"{node.text[:40]} is too large for {label}")
        elif int(node.text) < minimum:
            reading.expected(node, f"a whole number from {minimum} for {label}")
        else:
            return int(node.text)
        return UNSET

    return Simple(read, lambda: {"type": "integer", "minimum": minimum, "maximum": MAX_ID})


def choice(kind: type[enum.StrEnum]) -> Simple:
    """One of a few words."""
    words = tuple(map(str, kind))

    def read(reading: Reading, node: Node, label: str) -> Any:
        if not isinstance(node, Scalar) or node.kind is ScalarKind.NOTHING:
            reading.expected(node, f"one of {', '.join(words)} for {label}")
        elif node.text in words:
            return kind(node.text)
        else:
            reading.unknown(node, f"{quote(node.text)} is not possible for {label}", node.text, words)
        return UNSET

    return Simple(read, lambda: {"enum": list(words)})


TEXT = Simple(text, lambda: {"type": ["string", "number"], "minLength": 1})
FIELD_TEXT = Simple(_field_text, lambda: {"type": ["string", "number", "boolean"]})
HOST = Simple(_host, lambda: {**TEXT.shape(), "pattern": "^[^/]*$", "examples": ["members.example.com"]})
PRICE = Simple(_price, lambda: {"type": "string", "pattern": f"^({_PRICE})$", "examples": ["290 dollars", "€49.50", "29 USD a month"]})
STACK = Simple(_stack, lambda: {"enum": list(read_stacks())})
FLAG = Simple(_flag, lambda: {"type": "boolean"})
ONLY_TRUE = Simple(_only_true, lambda: {"const": True})
DATE = Simple(_date, lambda: {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "examples": ["2026-11-20"]})
DURATION = Simple(
    _seconds,
    lambda: {"type": "string", "pattern": f"^0*[1-9][0-9]* +({'|'.join(KIT_UNITS)})s?$", "examples": ["5 minutes", "1 day"]},
)
DELAY = Simple(_delay, DURATION.shape)
ID = whole(1)


class ListOf(NamedTuple):
    """A list; nothing is an empty one. ``hint`` is what to do when it has fewer than ``minimum`` items."""

    item: Value
    minimum: int
    hint: str

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
        return {"type": "array", "minItems": self.minimum, "items": items} if self.minimum else {"type": ["array", "null"], "items": items}


class OrNothing(NamedTuple):
    """A value that may be null, which is None."""

    value: Value

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
