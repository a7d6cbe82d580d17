"""Reads single values of the tree: text, numbers, choices, references. Every fault is noted with its place and reading goes on."""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Collection
from typing import TypeVar

from ckaudit.model.errors import Location, Problem
from ckaudit.model.nearest import did_you_mean, nearest
from ckaudit.model.refs import Kind, Ref
from ckaudit.sources.manifest.problems import Problems, quote
from ckaudit.sources.manifest.resolve import LARGEST_ID, NOUNS, Resolver
from ckaudit.sources.manifest.tree import Broken, Items, Mapping, Node, Scalar, ScalarKind

_Choice = TypeVar("_Choice", bound=enum.StrEnum)

UNITS = {"minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_DURATION = re.compile(r"([0-9]+) +([a-z]+?)s?")
# A thousand weeks; Kit's own limit is not documented, and a number this long is a slip.
_LONGEST = 1000 * UNITS["week"]


class Reading:
    """What reading one file needs: its name, where faults go, how names become references, and the stacks there are."""

    def __init__(self, file: str, problems: Problems, resolver: Resolver, stacks: Collection[str]) -> None:
        self.file = file
        self.problems = problems
        self.resolver = resolver
        self.stacks = stacks

    def at(self, node: Node) -> Location:
        """Where a value stands."""
        return Location(self.file, node.line, node.column)

    def fault(self, node: Node, message: str, hint: str = "") -> None:
        """Note a fault at a value."""
        self.problems.add(message, self.at(node), hint)

    def expected(self, node: Node, what: str, hint: str = "") -> None:
        """Note that a value is not what it should be."""
        if not isinstance(node, Broken):
            self.fault(node, f"expected {what}, found {_describe(node)}", hint)

    def unknown(self, node: Node, message: str, word: str, possible: Collection[str]) -> None:
        """Note a word that is none of the possible ones, with the nearest of them."""
        self.fault(node, message, "" if self.problems.full else did_you_mean(word, possible))

    def mapping(self, node: Node, what: str, keys: Collection[str], required: Collection[str] = (), hint: str = "") -> Mapping | None:
        """The value as a mapping. Keys that do not belong, and required ones that are not there, are noted."""
        if not isinstance(node, Mapping):
            self.expected(node, f"{what} as a mapping", hint)
            return None
        for key, place in node.keys.items():
            if key not in keys:
                self.unknown(place, f"{what} has no key {quote(key)}", key, keys)
        for key in required:
            if key not in node.values:
                self.fault(node, f"{what} needs “{key}”", hint)
        return node

    def single(self, node: Node, what: str, keys: Collection[str], example: str) -> tuple[str, Node] | None:
        """The one key of a mapping that names one thing, and its value."""
        mapping = self.mapping(node, what, keys, hint=f"Write it as in {example}.")
        if mapping is None:
            return None
        if not mapping.values:
            self.fault(node, f"{what} is empty", f"Write it as in {example}.")
            return None
        known = [key for key in mapping.values if key in keys]
        if len(known) > 1:
            self.fault(mapping.keys[known[1]], f"{what} names one thing, not both “{known[0]}” and “{known[1]}”")
            return None
        return (known[0], mapping.values[known[0]]) if known else None

    def items(self, node: Node | None, what: str) -> list[Node]:
        """The value as a list; nothing is an empty one."""
        if isinstance(node, Items):
            return node.items
        if node is not None and not is_nothing(node):
            self.expected(node, f"a list for {what}", "Write it in brackets, as in [one, two], or below each other behind “- ”.")
        return []

    def text(self, node: Node | None, what: str) -> str:
        """The value as text; a number stays as it is written. Empty when it is not there or wrong."""
        if node is None:
            return ""
        if isinstance(node, Scalar):
            if node.text and node.kind in (ScalarKind.TEXT, ScalarKind.WHOLE, ScalarKind.NUMBER):
                return node.text
            if node.kind is ScalarKind.FLAG:
                self.expected(node, what, f'Put it in quotes if that is the text: "{node.text}".')
                return ""
        self.expected(node, what)
        return ""

    def field_value(self, node: Node, what: str) -> str | None:
        """A field's value. Kit's fields hold text only, so anything but nothing is taken as it is written. None when it is wrong."""
        if isinstance(node, Scalar) and node.kind is not ScalarKind.NOTHING:
            return node.text
        self.expected(node, what)
        return None

    def texts(self, node: Node | None, what: str) -> tuple[str, ...]:
        """The value as a list of texts."""
        return tuple(text for item in self.items(node, what) if (text := self.text(item, "text")))

    def flag(self, node: Node | None, what: str) -> bool | None:
        """The value as a boolean; None when it is not there or wrong."""
        if node is None:
            return None
        if isinstance(node, Scalar) and node.kind is ScalarKind.FLAG:
            return node.text == "true"
        word = node.text.lower() if isinstance(node, Scalar) else ""
        meant = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"}.get(word)
        self.expected(node, f"true or false for {what}", f"Write {meant}, without quotes." if meant else "")
        return None

    def only_true(self, node: Node, what: str) -> None:
        """A key that says all by being there: its value can only be ``true``."""
        if not (isinstance(node, Scalar) and node.kind is ScalarKind.FLAG and node.text == "true"):
            self.expected(node, f"“{what}: true”", f"Leave “{what}” out if it is not meant.")

    def whole(self, node: Node | None, what: str, least: int) -> int | None:
        """The value as a whole number; None when it is not there or wrong."""
        if node is None:
            return None
        if not isinstance(node, Scalar) or node.kind is not ScalarKind.WHOLE:
            digits = isinstance(node, Scalar) and not node.plain and node.text.isdecimal()
            self.expected(node, f"a whole number for {what}", "Write it without quotes." if digits else "")
        elif len(node.text) > 19 or int(node.text) > LARGEST_ID:
            self.fault(node, f"{node.text[:40]} is too large for {what}")
        elif int(node.text) < least:
            self.expected(node, f"a whole number from {least} for {what}")
        else:
            return int(node.text)
        return None

    def number(self, node: Node | None) -> int | None:
        """The value as one of Kit's ids; None when it is not there or wrong."""
        return self.whole(node, "an id", 1)

    def choice(self, node: Node | None, kind: type[_Choice]) -> _Choice | None:
        """The value as one of a few words; None when it is not there or wrong."""
        if node is None:
            return None
        words = tuple(kind)
        if not isinstance(node, Scalar) or node.kind is ScalarKind.NOTHING:
            self.expected(node, f"one of {', '.join(words)}")
        elif node.text in words:
            return kind(node.text)
        else:
            self.unknown(node, f"{quote(node.text)} is not possible here", node.text, words)
        return None

    def date(self, node: Node | None, what: str) -> str | None:
        """A date of the calendar as it is written, such as 2026-11-20; None when it is not there or wrong."""
        if node is None:
            return None
        if isinstance(node, Scalar) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", node.text):
            try:
                dt.date.fromisoformat(node.text)
            except ValueError:
                self.fault(node, f"{quote(node.text)} is no date of the calendar")
                return None
            return node.text
        self.expected(node, f"a date such as 2026-11-20 for {what}")
        return None

    def duration(self, node: Node) -> int | None:
        """A number of minutes, hours, days or weeks, in seconds; None when it is wrong."""
        example = "Write a whole number and minutes, hours, days or weeks, as in “5 minutes”."
        if not isinstance(node, Scalar) or not (found := _DURATION.fullmatch(node.text)):
            self.expected(node, "a time", example)
        elif found[2] not in UNITS:
            near = nearest(found[2], UNITS)
            hint = f"Did you mean “{found[1]} {near}{'' if found[1] == '1' else 's'}”?" if near else example
            self.fault(node, f"{quote(node.text)} is not a time that Kit has", hint)
        elif int(found[1][:20]) == 0:
            self.fault(node, "a time of 0 is none", "The least is 1 minute.")
        elif len(found[1]) > 8 or int(found[1]) * UNITS[found[2]] > _LONGEST:
            self.fault(node, f"{quote(node.text)} is more than 1000 weeks")
        else:
            return int(found[1]) * UNITS[found[2]]
        return None

    def ref(self, node: Node | None, kind: Kind) -> Ref | None:
        """A reference: a name, an id, or ``{id: 11, name: "…"}``. None when it is not there or wrong."""
        match node:
            case None | Broken():
                return None
            case Mapping():
                return self._ref_of_both(node, kind)
            case Scalar() if node.text and node.kind is ScalarKind.TEXT:
                return self._resolved(node, kind, node.text, None)
            case Scalar() if node.kind is ScalarKind.WHOLE:
                number = self.number(node)
                return None if number is None else self._resolved(node, kind, None, number)
            case Scalar() if node.kind in (ScalarKind.FLAG, ScalarKind.NUMBER):
                self.expected(node, _name_of(kind), f'Put it in quotes if that is the name: "{node.text}".')
            case _:
                self.expected(node, _name_of(kind))
        return None

    def refs(self, node: Node | None, kind: Kind) -> tuple[Ref, ...]:
        """A list of references."""
        return tuple(ref for item in self.items(node, f"{NOUNS[kind]}s") if (ref := self.ref(item, kind)))

    def product(self, node: Node) -> Ref | None:
        """A product is a name: Kit's API lists none."""
        name = self.text(node, "the name of a product")
        return self._resolved(node, Kind.PRODUCT, name, None) if name else None

    def _ref_of_both(self, node: Mapping, kind: Kind) -> Ref | None:
        what = "a reference"
        if not self.mapping(node, what, ("id", "name"), ("id", "name"), 'Write a name, an id, or {id: 11, name: "…"}.'):
            return None
        number, name = self.number(node.values.get("id")), self.text(node.values.get("name"), "a name")
        return self._resolved(node, kind, name, number) if number and name else None

    def _resolved(self, node: Node, kind: Kind, name: str | None, number: int | None) -> Ref | None:
        found = self.resolver.resolve(kind, name, number, self.at(node))
        if isinstance(found, Problem):
            self.problems.add(found.message, found.location, found.hint)
            return None
        return found


def is_nothing(node: Node) -> bool:
    """Whether there is no value: null, or nothing behind the colon."""
    return isinstance(node, Scalar) and node.kind is ScalarKind.NOTHING


def _name_of(kind: Kind) -> str:
    return f"the name or id of a{'n' if kind is Kind.AUTOMATION else ''} {NOUNS[kind]}"


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
