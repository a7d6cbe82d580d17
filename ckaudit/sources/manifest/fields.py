"""Reads keys of a mapping: each helper returns a value or notes what was expected, where, and the nearest valid word."""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Callable, Collection
from typing import TypeVar

from ckaudit.model.refs import Kind, Ref
from ckaudit.sources.manifest.problems import Problems, suggestion
from ckaudit.sources.manifest.resolve import LARGEST, Resolver
from ckaudit.sources.manifest.tree import Node

T = TypeVar("T")
E = TypeVar("E", bound=enum.StrEnum)

UNITS = {"minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DURATION = re.compile(r"([0-9]+) *(minutes?|hours?|days?|weeks?)")


class Reader:
    """What the parts of a manifest are read with: the resolver, and the list of problems."""

    def __init__(self, resolver: Resolver, problems: Problems) -> None:
        self.resolver = resolver
        self.problems = problems

    def wrong(self, node: Node, expected: str, hint: str = "") -> None:
        """Note that something else was expected here."""
        self.problems.add(node.location, f"expected {expected}, found {node.kind}", hint)

    def mapping(self, node: Node, what: str, allowed: Collection[str]) -> dict[str, Node]:
        """The keys of ``what``; unknown ones are noted with the nearest valid key and left out."""
        if not isinstance(node.value, dict):
            self.wrong(node, f"{what} as a mapping (key: value)")
            return {}
        for key in node.value:
            if key not in allowed:
                self.problems.add(node.keys.get(key), f"{what} has no key “{key}”", suggestion(key, allowed))
        return {key: value for key, value in node.value.items() if key in allowed}

    def items(self, node: Node | None, what: str) -> tuple[Node, ...]:
        """The items of a list; a missing or empty one is empty."""
        if node is None or node.value is None:
            return ()
        if isinstance(node.value, tuple):
            return node.value
        self.wrong(node, f"a list of {what}", "Begin each with “- ”.")
        return ()

    def text(self, node: Node | None, what: str, default: str = "") -> str:
        """Text. Numbers and booleans are refused: quoted they are text."""
        if node is None or node.value is None:
            return default
        if isinstance(node.value, str):
            return node.value
        shown = str(node.value).lower() if isinstance(node.value, bool | int | float) else "…"
        self.wrong(node, what, f'Quote it if that is the text: "{shown}".')
        return default

    def value(self, node: Node | None, what: str) -> str | None:
        """Text, or a number as text: the values of custom fields are text in Kit."""
        if node is None or node.value is None:
            return None
        if isinstance(node.value, bool):
            return str(node.value).lower()
        if isinstance(node.value, str | int | float):
            return str(node.value)
        self.wrong(node, what)
        return None

    def flag(self, node: Node | None, what: str) -> bool | None:
        """True, false, or None when it is not there."""
        if node is None or node.value is None:
            return None
        if isinstance(node.value, bool):
            return node.value
        self.wrong(node, f"true or false for {what}", "Only true and false are booleans; yes, no and on are text.")
        return None

    def number(self, node: Node | None, what: str, least: int = 0) -> int | None:
        """A whole number of at least ``least``, or None when it is not there."""
        if node is None or node.value is None:
            return None
        if type(node.value) is int and least <= node.value <= LARGEST:
            return node.value
        self.wrong(node, f"{what} as a whole number of at least {least}")
        return None

    def choice(self, node: Node | None, words: type[E], what: str) -> E | None:
        """One of a few words."""
        if node is None or node.value is None:
            return None
        if isinstance(node.value, str) and node.value in list(words):
            return words(node.value)
        found = f"“{node.value}”" if isinstance(node.value, str) else node.kind
        self.problems.add(node.location, f"{what} cannot be {found}", suggestion(str(node.value), [str(word) for word in words]))
        return None

    def duration(self, node: Node, what: str) -> tuple[int, str]:
        """Seconds, and the duration as written. (0, "") when it is none (noted)."""
        text = node.value.strip() if isinstance(node.value, str) else ""
        match = _DURATION.fullmatch(text)
        if match and 0 < int(match[1]) <= 1_000_000:
            return int(match[1]) * UNITS[match[2].removesuffix("s")], text
        found = f"“{text}”" if text else node.kind
        words = text.split()
        unit = suggestion(words[-1], [*UNITS, *(f"{unit}s" for unit in UNITS)]) if len(words) > 1 and not match else ""
        self.problems.add(
            node.location,
            f"{what} cannot be {found}",
            unit or "Write a whole number of at least 1 and minutes, hours, days or weeks: 5 minutes.",
        )
        return 0, ""

    def date(self, node: Node, what: str) -> str | None:
        """A date as ``YYYY-MM-DD``, None when it is none (noted)."""
        text = node.value if isinstance(node.value, str) else ""
        if _DATE.fullmatch(text):
            try:
                return dt.date.fromisoformat(text).isoformat()
            except ValueError:
                pass
        self.problems.add(node.location, f"{what} cannot be {f'“{text}”' if text else node.kind}", "Write a date as 2026-12-24.")
        return None

    def ref(self, kind: Kind, node: Node | None) -> Ref | None:
        """A reference; None when it is missing or none (noted)."""
        return self.resolver.ref(kind, node) if node is not None else None

    def refs(self, kind: Kind, node: Node | None, what: str) -> tuple[Ref, ...]:
        """A list of references."""
        found = (self.ref(kind, item) for item in self.items(node, what))
        return tuple(ref for ref in found if ref)

    def one_of(self, node: Node, what: str, table: dict[str, Callable[[Node], T]], extra: Collection[str]) -> T | None:
        """The one key of ``table`` in this mapping, read by its function. None, or two, are noted."""
        if not isinstance(node.value, dict):
            self.wrong(node, f"{what} as a mapping", f"For example: {next(iter(table))}: …")
            return None
        chosen = [key for key in node.value if key in table]
        for key in node.value:
            if key not in table and key not in extra:
                self.problems.add(node.keys.get(key), f"{what} has no key “{key}”", suggestion(key, [*table, *extra]))
        if len(chosen) > 1:
            both = f"“{chosen[0]}” and “{chosen[1]}”"
            self.problems.add(node.keys.get(chosen[1]), f"{what} has both {both}", "Make two of it, each with its own “- ”.")
        if not chosen:
            if not any(key not in extra for key in node.value):
                self.problems.add(node.location, f"{what} says nothing", f"Possible are: {', '.join(table)}.")
            return None
        return table[chosen[0]](node.value[chosen[0]])
