"""YAML whose every value keeps its place, for case files. Booleans are ``true`` and ``false`` alone, as in YAML 1.2."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import msgspec
import yaml

from ckaudit.model.errors import Location, RuleFileError
from ckaudit.model.nearest import did_you_mean
from ckaudit.sources.files import read_limited

Plain: TypeAlias = "str | int | float | bool | list[Plain] | dict[str, Plain] | None"

_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?[0-9]+\.[0-9]+")
LARGEST = 5_000_000
MOST_VALUES = 50_000
_LONGEST_NUMBER = 4000  # digits; Python reads no more of them, and what is longer is no number anybody means
_WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


class Node(msgspec.Struct, frozen=True):
    """A value of a YAML file. ``start`` and ``end`` are character offsets; ``keys`` tells where a mapping's keys stand."""

    value: str | int | float | bool | tuple[Node, ...] | dict[str, Node] | None
    location: Location
    start: int
    end: int
    keys: dict[str, Location] = {}

    def mapping(self, what: str) -> dict[str, Node]:
        """The value as a mapping. Raises RuleFileError when it is none; ``what`` names the value for people."""
        if isinstance(self.value, dict):
            return self.value
        raise self.error(f"{what} must be a mapping (key: value)")

    def items(self, what: str) -> tuple[Node, ...]:
        """The value as a list. Raises RuleFileError when it is none."""
        if isinstance(self.value, tuple):
            return self.value
        raise self.error(f"{what} must be a list")

    def text(self, what: str) -> str:
        """The value as text. Raises RuleFileError when it is none."""
        if isinstance(self.value, str):
            return self.value
        raise self.error(f"{what} must be text")

    def error(self, message: str, hint: str = "") -> RuleFileError:
        """An error at this place."""
        return RuleFileError(message, location=self.location, hint=hint)

    def check_keys(self, what: str, allowed: tuple[str, ...]) -> None:
        """Raise RuleFileError for the first key that is not allowed, with the nearest one that is."""
        for key in self.mapping(what):
            if key not in allowed:
                raise RuleFileError(f"{what} has no key “{key}”", location=self.keys[key], hint=did_you_mean(key, allowed))

    def plain(self) -> Plain:
        """The value and everything in it without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, tuple):
            return [node.plain() for node in self.value]
        return self.value


def read_yaml(file: Path) -> tuple[Node | None, str]:
    """The file's one document (None when it is empty) and its text.

    Raises:
        RuleFileError: it cannot be read or is no YAML; says where.
    """
    try:
        text = read_limited(file, LARGEST).decode("utf-8-sig").replace("\r\n", "\n")
        _check_lines(text, str(file))
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
        return (_node(root, str(file), iter(range(MOST_VALUES))) if root else None), text
    except OSError as error:
        raise RuleFileError(f"cannot read {file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise RuleFileError("this is not UTF-8 text", location=Location(str(file))) from None
    except yaml.MarkedYAMLError as error:
        place = _fault_place(error.problem_mark, text, str(file))
        raise RuleFileError(f"not valid YAML: {error.problem}", location=place) from None
    except yaml.YAMLError as error:
        raise RuleFileError(f"not valid YAML: {error}", location=Location(str(file))) from None
    except RecursionError:
        raise RuleFileError("this is nested too deeply", location=Location(str(file))) from None


def _check_lines(text: str, file: str) -> None:
    """YAML's old version takes some characters for line breaks, which no editor does: every place behind one would be wrong."""
    found = re.search("[\x85\u2028\u2029]", text)
    if found:
        before = text[: found.start()].split("\n")
        place = Location(file, len(before), len(before[-1]) + 1)
        raise RuleFileError(f"here is the character U+{ord(found[0]):04X}", location=place, hint="Delete it.")


def _fault_place(mark: yaml.Mark | None, text: str, file: str) -> Location:
    """Where the parser stopped. Its own place for an early end may be behind the end of the file."""
    if mark is None:
        return Location(file)
    if mark.index >= len(text.rstrip()):
        lines = re.split("\r\n|\r|\n", text.rstrip())
        return Location(file, len(lines), len(lines[-1]) + 1)
    return Location(file, mark.line + 1, mark.column + 1)


def _node(node: yaml.Node, file: str, room: Iterator[int]) -> Node:
    """The value with all that is in it. ``room`` ends when aliases of aliases make a small file endless."""
    if next(room, None) is None:
        raise RuleFileError("this file has too many values when its aliases are written out", location=_place(node, file))
    mark, end = node.start_mark, node.end_mark
    place = Location(file, mark.line + 1, mark.column + 1)
    match node:
        case yaml.MappingNode():
            keys: dict[str, Location] = {}
            values: dict[str, Node] = {}
            for key_node, value_node in node.value:
                key = _key(key_node, file)
                if key in values:
                    raise RuleFileError(f"the key “{key}” stands here a second time", location=_place(key_node, file))
                keys[key], values[key] = _place(key_node, file), _node(value_node, file, room)
            return Node(values, place, mark.index, end.index, keys)
        case yaml.SequenceNode():
            return Node(tuple(_node(item, file, room) for item in node.value), place, mark.index, end.index)
        case _:
            # libyaml gives plain scalars the style ""; quoted and block ones are text
            quoted = isinstance(node, yaml.ScalarNode) and node.style
            return Node(node.value if quoted else _plain(str(node.value)), place, mark.index, end.index)


def _place(node: yaml.Node, file: str) -> Location:
    return Location(file, node.start_mark.line + 1, node.start_mark.column + 1)


def _key(node: yaml.Node, file: str) -> str:
    if isinstance(node.value, Hashable) and isinstance(node, yaml.ScalarNode):
        return str(node.value)
    raise RuleFileError("a key must be text", location=_place(node, file))


def _plain(text: str) -> str | int | float | bool | None:
    """An unquoted scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text) and len(text) <= _LONGEST_NUMBER:
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
