"""YAML as a tree whose every value knows its line and column, by the rules of YAML 1.2.

Only ``true`` and ``false`` are booleans; ``yes``, ``no``, ``on``, dates and ``010`` stay text. Duplicate keys are errors. Anchors,
aliases, tags and merge keys are refused: a manifest is written by hand, and aliases are how a small file grows into a huge one. JSON is
YAML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

import msgspec

from ckaudit.model.errors import Location
from ckaudit.sources.manifest.problems import Problems

MAX_BYTES = 5_000_000  # 20,000 steps, ten times the largest account; read in a few seconds
MAX_DEPTH = 60  # a step nested thirty blocks deep

Value: TypeAlias = "str | int | float | bool | tuple[Node, ...] | dict[str, Node] | None"

_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?[0-9]*\.[0-9]+")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


class Node(msgspec.Struct, frozen=True):
    """A value and where it stands. ``keys`` says where a mapping's keys stand; ``last_line`` is the last line that belongs to it."""

    value: Value
    location: Location
    last_line: int
    keys: dict[str, Location] = {}

    @property
    def kind(self) -> str:
        """What this is, in words for people."""
        match self.value:
            case dict():
                return "a mapping (key: value)"
            case tuple():
                return "a list"
            case bool():
                return "true or false"
            case int() | float():
                return f"the number {self.value}"
            case None:
                return "nothing"
            case str():
                return "text"

    def walk(self) -> Iterator[Node]:
        """This node and everything inside."""
        yield self
        inner = self.value.values() if isinstance(self.value, dict) else self.value if isinstance(self.value, tuple) else ()
        for node in inner:
            yield from node.walk()


def read_tree(text: str, file: str, problems: Problems) -> Node | None:
    """The tree of one YAML document, None when there is none or it cannot be read (then ``problems`` says why)."""
    import yaml

    loader = yaml.CSafeLoader(text)
    try:
        return _Builder(loader, file, problems).document()
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problems.add(Location(file, line), "the file contains a character that text cannot have", "Retype the line.")
    except yaml.MarkedYAMLError as error:
        problems.add(
            _place(file, error.problem_mark), _message(str(error.problem or error.context), text, error.problem_mark), _hint(text, error)
        )
    finally:
        loader.dispose()
    return None


class _Open(msgspec.Struct):
    """A mapping or list that is being read. ``key`` is the key whose value comes next."""

    location: Location
    items: list[Node] | None
    values: dict[str, Node]
    keys: dict[str, Location]
    key: str | None = None


class _Builder:
    """Builds the tree from parser events with a stack of its own: depth costs memory, never the interpreter's stack."""

    def __init__(self, loader: Any, file: str, problems: Problems) -> None:
        self.loader, self.file, self.problems = loader, file, problems
        self.stack: list[_Open] = []
        self.root: Node | None = None
        self.documents = 0

    def document(self) -> Node | None:
        """The one document of the file."""
        import yaml

        while (event := self.loader.get_event()) is not None and not isinstance(event, yaml.StreamEndEvent):
            if not self._event(event):
                return None
        return self.root

    def _event(self, event: Any) -> bool:
        import yaml

        here = _place(self.file, event.start_mark)
        match event:
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    self.problems.add(
                        here, "a second document begins here", "A manifest is one document: remove the line “---” or make two files."
                    )
                    return False
            case yaml.AliasEvent():
                self.problems.add(here, "anchors and aliases (& and *) are not used in manifests", "Write the value out.")
                return False
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                return self._open(event, here, isinstance(event, yaml.SequenceStartEvent))
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._close(event)
            case yaml.ScalarEvent():
                self._marked(event, here)
                self._scalar(event, here)
        return True

    def _marked(self, event: Any, here: Location) -> None:
        if event.anchor:
            self.problems.add(here, "anchors and aliases (& and *) are not used in manifests", "Write the value out.")
        if event.tag:
            self.problems.add(
                here, f"the YAML tag “{event.tag}” is not used in manifests", "Remove it; quote the value if it begins with “!”."
            )

    def _open(self, event: Any, here: Location, is_list: bool) -> bool:
        self._marked(event, here)
        if len(self.stack) >= MAX_DEPTH:
            self.problems.add(
                here,
                f"this is nested more than {MAX_DEPTH} levels deep",
                "No automation is that deep: look for brackets that are not closed.",
            )
            return False
        if self.stack and self._expects_key():
            self.problems.add(here, "a key must be text", "Quote it if it begins with “{” or “[”.")
            return False
        self.stack.append(_Open(here, [] if is_list else None, {}, {}))
        return True

    def _expects_key(self) -> bool:
        return self.stack[-1].items is None and self.stack[-1].key is None

    def _close(self, event: Any) -> None:
        part = self.stack.pop()
        mark = event.end_mark
        last = mark.line + (1 if mark.column else 0)
        value: Value = part.values if part.items is None else tuple(part.items)
        self._put(Node(value, part.location, max(last, part.location.line), part.keys))

    def _scalar(self, event: Any, here: Location) -> None:
        if self.stack and self._expects_key():
            self._key(event.value, here)
            return
        quoted = bool(event.style) and event.style in "'\"|>"
        value = event.value if quoted else plain_scalar(event.value)
        self._put(Node(value, here, event.end_mark.line + 1))

    def _key(self, key: str, here: Location) -> None:
        part = self.stack[-1]
        if key == "<<":
            self.problems.add(here, "merge keys (<<) are not used in manifests", "Write the values out.")
        if key in part.keys:
            self.problems.add(here, f"the key “{key}” stands here a second time", f"The first is in line {part.keys[key].line}.")
        part.keys.setdefault(key, here)
        part.key = key

    def _put(self, node: Node) -> None:
        if not self.stack:
            self.root = node
            return
        part = self.stack[-1]
        if part.items is not None:
            part.items.append(node)
        elif part.key is not None:
            part.values[part.key] = node
            part.key = None


def plain_scalar(text: str) -> str | int | float | bool | None:
    """An unquoted scalar by the core rules of YAML 1.2, without octal, hexadecimal and the like."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text) if len(text) < 40 else text
    return float(text) if _FLOAT.fullmatch(text) else text


def _place(file: str, mark: Any) -> Location:
    return Location(file, mark.line + 1, mark.column + 1) if mark else Location(file, 1)


def _message(problem: str, text: str, mark: Any) -> str:
    if "\t" in _line(text, mark)[: mark.column + 1 if mark else 0]:
        return "a tab stands where spaces are needed"
    known = {
        "mapping values are not allowed in this context": "a colon stands where none can be",
        "did not find expected key": "a key is expected here",
        "did not find expected '-' indicator": "a list item (- …) is expected here",
        "found character that cannot start any token": "this character cannot begin a value",
        "found unexpected end of stream": "a quote or bracket is not closed before the end of the file",
        "could not find expected ':'": "a colon is missing after the key",
        "did not find expected ',' or '}'": "a comma or “}” is expected here",
        "did not find expected ',' or ']'": "a comma or “]” is expected here",
    }
    return known.get(problem, f"this is not valid YAML: {problem}")


def _hint(text: str, error: Any) -> str:
    mark = error.problem_mark
    if "\t" in _line(text, mark)[: mark.column + 1 if mark else 0]:
        return "Replace every tab by two spaces."
    if error.problem == "mapping values are not allowed in this context":
        return 'Quote names that contain a colon: "Course A: purchased".'
    return "Compare the indentation with the lines above."


def _line(text: str, mark: Any) -> str:
    lines = text.splitlines()
    return lines[mark.line] if mark and mark.line < len(lines) else ""
