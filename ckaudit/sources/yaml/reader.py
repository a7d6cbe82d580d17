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
from ckaudit.sources.yaml.problems import Problems, quote
from ckaudit.sources.yaml.syntax import MAX_DEPTH, TOO_DEEP, explain
from ckaudit.sources.yaml.tree import Broken, Items, Mapping, Node, Scalar, line_column

# Characters YAML forbids, and those its old version took for line breaks (which would shift every line number).
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
# JSON writes characters beyond 16 bits as two escapes, which YAML does not know. Other escapes are consumed so that "\\ud83c" stays.
_ESCAPE = re.compile(r"\r\n|\r|\n|\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|[^\r\n])")
_PAIR_WIDTH = 12
_DROPPED = Scalar("", 0, 0, 0, "", False)  # the key of a value that is left out


class Document(msgspec.Struct):
    """One file. ``texts`` are the offsets of quoted and block texts, where a “#” begins no comment."""

    file: str
    text: str
    root: Node | None
    texts: list[tuple[int, int]]


class _StopError(Exception):
    """The rest of the file cannot be read."""


def read_document(text: str, file: str, problems: Problems) -> Document:
    """The tree of a text; its root is None when the text is empty or broken. Problems go to ``problems``."""
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
    code = ord(found[0])
    what = "a NUL character: is this a text file?" if code == 0 else f"the character U+{code:04X}, which YAML does not allow"
    escape = f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    hint = "" if code == 0 else f"Delete it, or write it as {escape} in double quotes."
    problems.add(f"here is {what}", Location(file, *line_column(text, found.start())), hint)
    return True


def _join_pairs(text: str) -> tuple[str, dict[int, list[int]]]:
    """Replace pairs of escapes by the character they mean. Also gives, per line from 0, the columns where such characters now are."""
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
    """Builds the tree from the parser's events."""

    def __init__(self, document: Document, problems: Problems, pairs: dict[int, list[int]]) -> None:
        self.document = document
        self.file = document.file
        self.problems = problems
        self.pairs = pairs
        self.wants_ends = "ckaudit:" in document.text  # only comments ask where values end

    def run(self) -> None:
        """Read all events, or as many as can be read."""
        import yaml

        # Without libyaml PyYAML brings its own parser, slower and with the same events.
        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            self.document.root = self._read(loader(self.document.text), yaml)
        except yaml.MarkedYAMLError as error:
            self._problem(*explain(error, self.document.text))
        except yaml.YAMLError:  # a character the parser alone refuses; none is known
            self._problem("this is not valid YAML", 0, 0, "")
        except _StopError:
            pass  # said already

    def _read(self, parser: Any, kinds: Any) -> Node | None:
        """The one hot loop: written out instead of split up, because a manifest has ten thousand events."""
        scalar, mapping, sequence = kinds.ScalarEvent, kinds.MappingStartEvent, kinds.SequenceStartEvent
        ends = (kinds.MappingEndEvent, kinds.SequenceEndEvent)
        stack: list[tuple[Items | Mapping | None, Scalar | None]] = []
        parent: Items | Mapping | None = None
        key: Scalar | None = None
        root: Node | None = None
        next_event, make = parser.get_event, self._scalar
        while (event := next_event()) is not None:
            kind = type(event)
            node: Node
            if kind is scalar:
                node = make(event)
            elif kind is mapping or kind is sequence:
                stack.append((parent, key))
                parent, key = self._open(event, kind is mapping, len(stack)), None
                continue
            elif kind in ends and parent:
                node = parent
                self._close(event, node)
                parent, key = stack.pop()
            elif kind is kinds.AliasEvent:
                node = self._alias(event)
            else:
                if kind is kinds.DocumentStartEvent and root:
                    self._second_document(event)
                continue
            if type(parent) is Items:
                parent.items.append(node)
            elif type(parent) is Mapping:
                if key is None:
                    key = self._key(parent, node)
                else:
                    if key is not _DROPPED:
                        parent.values[key.text], parent.keys[key.text] = node, key
                    key = None
            else:
                root = node
        return root

    def _scalar(self, event: Any) -> Scalar | Broken:
        mark, plain = event.start_mark, not event.style
        line, column = mark.line + 1, mark.column + 1
        if self.pairs:
            column += self._shift(line - 1, column - 1)
        last = self._end_of_text(event) if self.wants_ends else 0
        if event.anchor is not None or event.tag is not None:
            self._refuse(event)
            return Broken(self.file, line, column, last)
        return Scalar(self.file, line, column, last, event.value, plain)

    def _end_of_text(self, event: Any) -> int:
        """The last line of a scalar. Offsets of quoted and block texts are noted on the way."""
        start, end = event.start_mark.index, event.end_mark
        if event.style:
            if event.style in ("|", ">"):  # a comment may be behind the “|”
                start = self.document.text.find("\n", start) % (len(self.document.text) + 1)
            self.document.texts.append((start, end.index))
        # A block text ends where the next line begins.
        return int(end.line) if event.style in ("|", ">") and end.column == 0 else int(end.line) + 1

    def _open(self, event: Any, is_mapping: bool, depth: int) -> Items | Mapping:
        mark = event.start_mark
        if event.anchor is not None or event.tag is not None:
            self._refuse(event)
        if depth > MAX_DEPTH:
            message, hint = TOO_DEEP
            self._problem(message, mark.line, mark.column, hint)
            raise _StopError
        line, column = mark.line + 1, mark.column + 1
        if self.pairs:
            column += self._shift(mark.line, mark.column)
        return Mapping(self.file, line, column, line, {}, {}) if is_mapping else Items(self.file, line, column, line, [])

    def _close(self, event: Any, node: Items | Mapping) -> None:
        if not self.wants_ends:
            return
        inner = (*node.keys.values(), *node.values.values()) if isinstance(node, Mapping) else node.items
        last = max((item.last for item in inner), default=node.line)
        bracket = event.end_mark.index > event.start_mark.index
        node.last = int(event.end_mark.line) + 1 if bracket else last

    def _key(self, parent: Mapping, node: Node) -> Scalar:
        """A key, or the key of what is left out when it is none."""
        if type(node) is Scalar and node.text and node.text not in parent.keys and node.text != "<<":
            return node
        if isinstance(node, Broken):
            return _DROPPED
        if not isinstance(node, Scalar) or not node.text:
            self._problem_at("a key must be text", node)
        elif earlier := parent.keys.get(node.text):
            first = f"It is first in line {earlier.line}, column {earlier.column}."
            self._problem_at(f"the key {quote(node.text)} is here a second time", node, first)
        else:
            self._problem_at("merge keys (<<) are not understood", node, "Write the keys out.")
        return _DROPPED

    def _alias(self, event: Any) -> Broken:
        mark = event.start_mark
        self._problem(*_reserved("*", mark))
        return Broken(self.file, mark.line + 1, mark.column + 1, mark.line + 1)

    def _refuse(self, event: Any) -> None:
        self._problem(*_reserved("&" if event.anchor is not None else "!", event.start_mark))

    def _second_document(self, event: Any) -> None:
        mark = event.start_mark
        self._problem("a second document begins here", mark.line, mark.column, "Keep one per file: delete the “---”.")
        raise _StopError

    def _shift(self, line: int, column: int) -> int:
        """How far right a place (from 0) stood before pairs of escapes became characters."""
        return bisect.bisect_left(self.pairs.get(line, ()), column) * (_PAIR_WIDTH - 1)

    def _problem(self, message: str, line: int, column: int, hint: str) -> None:
        """A problem at a place as the parser counts: from 0."""
        place = Location(self.file, line + 1, column + self._shift(line, column) + 1)
        self.problems.add(message, place, hint)

    def _problem_at(self, message: str, node: Node, hint: str = "") -> None:
        self.problems.add(message, node.location, hint)


def _reserved(char: str, mark: Any) -> tuple[str, int, int, str]:
    """The problem for YAML's anchors, aliases and tags, which usually is a name that lacks its quotes."""
    what = {"*": "an alias", "&": "an anchor", "!": "a type tag"}[char]
    return (
        f"“{char}” begins {what}, which is not understood here",
        mark.line,
        mark.column,
        f'A name that begins with “{char}” needs quotes: "{char}…".',
    )
