"""Text -> tree. YAML 1.2 without anchors, aliases, tags and merge keys; JSON too.

The parser's events are read one by one instead of letting it build nodes: its own recursion crashes the process on a million brackets,
and so nesting, anchors and tags are seen as they come. That costs less than its ``compose``.
"""

from __future__ import annotations

import bisect
import re
from typing import Any

import msgspec

from ckaudit.model.errors import Location
from ckaudit.sources.manifest.problems import Problems, quote
from ckaudit.sources.manifest.syntax import explain
from ckaudit.sources.manifest.tree import Broken, Items, Mapping, Node, Scalar

# A person draws a handful of conditions inside each other; each takes two levels.
MAX_DEPTH = 100

# Characters YAML forbids, and those its old version took for line breaks (which would shift every line number).
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
# JSON writes characters beyond 16 bits as two escapes, which YAML does not know. Other escapes are consumed so that "\\ud83c" stays.
_ESCAPE = re.compile(r"\r\n|\r|\n|\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|[^\r\n])")
_PAIR_WIDTH = 12


class Document(msgspec.Struct):
    """One manifest file. ``texts`` are the offsets of quoted and block texts, where a “#” begins no comment."""

    file: str
    text: str
    root: Node | None
    texts: list[tuple[int, int]]


class _StopError(Exception):
    """The rest of the file cannot be read."""


def read_document(text: str, file: str, problems: Problems) -> Document:
    """The tree of a text; its root is None when the text is empty or broken. Faults go to ``problems``."""
    text = text.removeprefix("\ufeff")
    document = Document(file, text, None, [])
    if _has_forbidden(text, file, problems):
        return document
    pairs: dict[int, list[int]] = {}
    if text.lstrip()[:1] in ("{", "["):
        document.text, pairs = _join_pairs(text)
    _Builder(document, problems, pairs).run()
    return document


def _has_forbidden(text: str, file: str, problems: Problems) -> bool:
    found = _FORBIDDEN.search(text)
    if not found:
        return False
    before = text[: found.start()]
    lines = re.split("\r\n|\r|\n", before)
    code = ord(found[0])
    what = "a NUL character: is this a text file?" if code == 0 else f"the character U+{code:04X}, which YAML does not allow"
    escape = f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    hint = "" if code == 0 else f"Delete it, or write it as {escape} in double quotes."
    problems.add(f"here is {what}", Location(file, len(lines), len(lines[-1]) + 1), hint)
    return True


def _join_pairs(text: str) -> tuple[str, dict[int, list[int]]]:
    """Replace pairs of escapes by the character they mean. Also gives, per line from 0, the columns where such characters now stand."""
    pairs: dict[int, list[int]] = {}
    if "\\u" not in text:
        return text, pairs
    line = start = 0  # of the line, in the text as it becomes

    parts: list[str] = []
    done = length = 0
    for found in _ESCAPE.finditer(text):
        if found[1]:
            char = chr(0x10000 + ((int(found[1], 16) - 0xD800) << 10) + int(found[2], 16) - 0xDC00)
            parts += (text[done : found.start()], char)
            length += found.start() - done
            pairs.setdefault(line, []).append(length - start)
            length, done = length + 1, found.end()
        elif found[0][0] != "\\":
            line, start = line + 1, length + found.end() - done
    return "".join((*parts, text[done:])), pairs


class _Builder:
    """Builds the tree from the parser's events. ``stack`` holds the open collections, ``keys`` the key each is waiting to fill."""

    def __init__(self, document: Document, problems: Problems, pairs: dict[int, list[int]]) -> None:
        self.document = document
        self.problems = problems
        self.pairs = pairs
        self.wants_texts = "ckaudit:" in document.text
        self.stack: list[Items | Mapping] = []
        self.keys: list[Scalar | None] = []
        self.dropped = Scalar("", False, 0, 0, 0)  # the key of a value that is left out

    def run(self) -> None:
        """Read all events, or as many as can be read."""
        import yaml

        # Without libyaml PyYAML brings its own parser, slower and with the same events.
        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            self._read(loader(self.document.text), yaml)
        except yaml.MarkedYAMLError as error:
            fault = explain(error, self.document.text)
            self._problem(fault.message, fault.line, fault.column, fault.hint)
            self.document.root = None
        except (yaml.YAMLError, _StopError):
            self.document.root = None

    def _read(self, parser: Any, kinds: Any) -> None:
        scalar, mapping, sequence, alias = kinds.ScalarEvent, kinds.MappingStartEvent, kinds.SequenceStartEvent, kinds.AliasEvent
        ends, document = (kinds.MappingEndEvent, kinds.SequenceEndEvent), kinds.DocumentStartEvent
        next_event, documents = parser.get_event, 0
        while (event := next_event()) is not None:
            kind = type(event)
            if kind is scalar:
                self._add(self._scalar(event))
            elif kind is mapping or kind is sequence:
                self._open(event, kind is mapping)
            elif kind in ends:
                self._close(event)
            elif kind is alias:
                self._problem(*_reserved("*", event.start_mark))
                self._add(Broken(event.start_mark.line + 1, self._column(event.start_mark), event.start_mark.line + 1))
            elif kind is document:
                documents += 1
                if documents > 1:
                    mark = event.start_mark
                    self._problem("a second document begins here", mark.line, mark.column, "Keep one manifest per file: delete the “---”.")
                    raise _StopError
            elif kind is kinds.StreamEndEvent:
                return

    def _scalar(self, event: Any) -> Scalar | Broken:
        start, end, plain = event.start_mark, event.end_mark, not event.style
        line, last = start.line + 1, end.line + 1
        if not plain:
            if last > line and end.column == 0:  # a block text ends where the next line begins
                last -= 1
            if self.wants_texts:
                self._note_text(event)
        if event.anchor is not None or event.tag is not None:
            self._refuse(event)
            return Broken(line, self._column(start), last)
        return Scalar(event.value, plain, line, self._column(start), last)

    def _note_text(self, event: Any) -> None:
        start = event.start_mark.index
        if event.style in ("|", ">"):  # a comment may stand behind the “|”
            start = self.document.text.find("\n", start) % (len(self.document.text) + 1)
        self.document.texts.append((start, event.end_mark.index))

    def _open(self, event: Any, is_mapping: bool) -> None:
        mark = event.start_mark
        if event.anchor is not None or event.tag is not None:
            self._refuse(event)
        if len(self.stack) >= MAX_DEPTH:
            self._problem(
                f"values are nested more than {MAX_DEPTH} levels deep",
                mark.line,
                mark.column,
                "Split the automation: Kit's “start another automation” is start_automation.",
            )
            raise _StopError
        line, column = mark.line + 1, self._column(mark)
        node = Mapping({}, {}, line, column, line) if is_mapping else Items([], line, column, line)
        self.stack.append(node)
        self.keys.append(None)

    def _close(self, event: Any) -> None:
        node = self.stack.pop()
        self.keys.pop()
        mark = event.end_mark
        if mark.index > event.start_mark.index:  # a closing bracket
            node.last = mark.line + 1
        self._add(node)

    def _add(self, node: Node) -> None:
        """Put a finished value where it belongs."""
        if not self.stack:
            self.document.root = node
            return
        parent = self.stack[-1]
        parent.last = max(parent.last, node.last)
        if isinstance(parent, Items):
            parent.items.append(node)
            return
        key, self.keys[-1] = self.keys[-1], None
        if key is None:
            self.keys[-1] = self._key(parent, node)
        elif key is not self.dropped:
            parent.values[key.text] = node
            parent.keys[key.text] = key

    def _key(self, parent: Mapping, node: Node) -> Scalar:
        if isinstance(node, Broken):
            return self.dropped
        if not isinstance(node, Scalar) or not node.text:
            self._problem_at("a key must be text", node)
            return self.dropped
        earlier = parent.keys.get(node.text)
        if earlier:
            self._problem_at(
                f"the key {quote(node.text)} stands here a second time",
                node,
                f"It stands first in line {earlier.line}, column {earlier.column}.",
            )
            return self.dropped
        if node.text == "<<" and node.plain:
            self._problem_at("merge keys (<<) are not understood", node, "Write the keys out.")
            return self.dropped
        return node

    def _refuse(self, event: Any) -> None:
        self._problem(*_reserved("&" if event.anchor is not None else "!", event.start_mark))

    def _column(self, mark: Any) -> int:
        column: int = mark.column + 1
        return column + self._shift(mark.line, mark.column) if self.pairs else column

    def _shift(self, line: int, column: int) -> int:
        """How far right a column (from 0) stood before pairs of escapes became characters."""
        return bisect.bisect_left(self.pairs.get(line, ()), column) * (_PAIR_WIDTH - 1)

    def _problem(self, message: str, line: int, column: int, hint: str) -> None:
        """A fault at a place as the parser counts: from 0."""
        place = Location(self.document.file, line + 1, column + self._shift(line, column) + 1)
        self.problems.add(message, place, hint)

    def _problem_at(self, message: str, node: Node, hint: str = "") -> None:
        self.problems.add(message, Location(self.document.file, node.line, node.column), hint)


def _reserved(char: str, mark: Any) -> tuple[str, int, int, str]:
    """The fault for YAML's anchors, aliases and tags, which usually is a name that lacks its quotes."""
    what = {"*": "an alias", "&": "an anchor", "!": "a type tag"}[char]
    return (
        f"“{char}” begins {what}, which manifests do not have",
        mark.line,
        mark.column,
        f'A name that begins with “{char}” needs quotes: "{char}…".',
    )
