"""Reads the HTML of an email: links, visible text, and for each Liquid construct whether it is in text, an attribute or a comment.

With html.parser alone: reading plain HTML by one regular expression saved a fifth of it on real emails, a third on ones of 10 kB.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import TypeAlias

import msgspec

from ckaudit.graph.content.constructs import Found, Scan
from ckaudit.graph.content.model import MASK, MASK_REST, Link, MailPart, Position, Text

# Tags that do not begin a new line where people see it
_INLINE = frozenset(
    ["a", "b", "strong", "i", "em", "u", "s", "span", "font", "small", "big", "sup", "sub", "code", "mark", "del", "ins", "abbr", "img"]
)
_HIDDEN = frozenset({"style", "script", "title"})
_DEEPEST_SHOWN = 50
# What stands in these is shown to the reader: somebody else's words, or something to copy
_SHOWN = frozenset({"blockquote", "q", "pre", "code", "samp", "kbd", "tt"})
_ADDRESS_IN = {"a": "href", "area": "href", "img": "src"}
_MASKED = re.compile(f"{MASK}[{MASK_REST}\n]*")
# "<![if !mso]>" is no HTML; html.parser raises on some of these
_MARKED_SECTION = re.compile(r"<!\[[^\]>\n]*\]?>?")
# html.parser takes quadratic time over "<" that begin no tag; a handful are normal, hundreds are not
_STRAY = re.compile(r"<(?=[^<>]*+(?:<|\Z))")
_STRAY_LIMIT = 100
_ENCODED = re.compile(r"%7B%7B((?:[^%\n]|%(?!7B%7B|7D%7D)){0,200}+)%7D%7D", re.IGNORECASE)

Attributes: TypeAlias = list[tuple[str, str | None]]


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where a construct stands. ``attribute`` is empty in text; ``comment`` is the comment's text with Liquid masked, None outside.

    Comments for one mail program ("[if mso]") are shown there, so they count as text.
    """

    attribute: str = ""
    comment: str | None = None


_IN_TEXT = Place()


class Markup(msgspec.Struct, frozen=True):
    """What the HTML holds. ``places`` has one entry for each construct that was given."""

    links: tuple[Link, ...]
    text: Text | None
    places: tuple[Place, ...]


def read_markup(scan: Scan) -> Markup:
    """Read HTML. Broken HTML is read as mail programs do, as far as it goes."""
    text = scan.masked
    if "<![" in text:
        text = _MARKED_SECTION.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    if text.count("<") > text.count(">") + _STRAY_LIMIT:
        text = _STRAY.sub(" ", text)
    return _Reader(scan.found, text).read()


def encoded_liquid(href: str) -> Iterator[str]:
    """The insides of ``%7B%7B … %7D%7D`` in an address, as editors store Liquid that was typed into a link field."""
    if "%7" in href:
        for match in _ENCODED.finditer(href):
            yield re.sub(r"%20|\+", " ", match[1]).strip()


class _Reader(HTMLParser):
    """html.parser's way of being used. Constructs are told apart by counting masks: they come in the order of the text."""

    def __init__(self, found: tuple[Found, ...], text: str) -> None:
        super().__init__(convert_charrefs=True)
        self._found = found
        self._source = text
        self._newlines = [match.start() for match in re.finditer("\n", text)]
        self._at = 0
        self._read = 0
        self._next = 0
        self._places: dict[int, Place] = {}
        self._links: list[Link] = []
        self._chunks: list[str] = []
        self._starts: list[int] = []
        self._lines: list[int] = []
        self._columns: list[int] = []
        self._length = 0
        self._hidden = ""
        self._showing: list[tuple[str, int]] = []
        self._shown: list[tuple[int, int]] = []
        self._open: int | None = None
        self._link_text: list[str] = []

    def read(self) -> Markup:
        """Read the whole text."""
        self.feed(self._source)
        # what is left over at the end is read once more, counted from its own beginning
        self._read, self._at = len(self._source) - len(self.rawdata), 0
        self.close()
        return self._result()

    def updatepos(self, i: int, j: int) -> int:
        """Remember where the parser is; html.parser would count lines here, for every tag."""
        self._at = j
        return j

    def getpos(self) -> tuple[int, int]:
        """The line (from 1) and the column (from 0) of what is being read."""
        offset = self._read + self._at
        line = bisect_left(self._newlines, offset)
        return line + 1, offset - (self._newlines[line - 1] + 1 if line else 0)

    def _result(self) -> Markup:
        """What was read."""
        self._end_link()
        self._end_shown(0)
        places = tuple(self._places.get(index, _IN_TEXT) for index in range(len(self._found)))
        columns = tuple(offset + 1 for offset in self._columns)
        if not self._starts:
            return Markup(tuple(self._links), None, places)
        places_of_runs = tuple(self._starts), tuple(self._lines), columns
        text = Text(MailPart.CONTENT, "".join(self._chunks), *places_of_runs, tuple(self._shown))
        return Markup(tuple(self._links), text, places)

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        """Note links and the attributes that hold Liquid."""
        if tag not in _INLINE:
            self._break()
        if attrs and self._next < len(self._found) and any(MASK in name or (value and MASK in value) for name, value in attrs):
            attrs = self._restored(attrs)
        if tag in _ADDRESS_IN:
            self._link(tag, attrs)
        elif tag in _SHOWN and len(self._showing) < _DEEPEST_SHOWN:
            self._showing.append((tag, self._length))
        elif tag in _HIDDEN:
            self._hidden = tag

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        """As an opening tag: ``<a/>`` does not close in HTML."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Close a link or a hidden part."""
        if tag not in _INLINE:
            self._break()
        if tag == "a":
            self._end_link()
        elif tag in _SHOWN:
            place = next((index for index in reversed(range(len(self._showing))) if self._showing[index][0] == tag), None)
            if place is not None:
                self._end_shown(place)
        elif tag == self._hidden:
            self._hidden = ""

    def handle_data(self, data: str) -> None:
        """Keep text that people see."""
        if self._hidden:
            return
        if not data.isspace():
            self._starts.append(self._length)
            line, column = self.getpos()
            self._lines.append(line)
            self._columns.append(column)
        self._chunks.append(data)
        self._length += len(data)
        if self._open is not None:
            self._link_text.append(data)

    def handle_comment(self, data: str) -> None:
        """Constructs in a comment, unless it is one for a single mail program."""
        if self._found and MASK in data and not data.lstrip().lower().startswith("[if"):
            first = self._skip_to_here()
            for index in range(first, min(first + data.count(MASK), len(self._found))):
                self._places[index] = Place(comment=data)

    def _break(self) -> None:
        if self._chunks and self._chunks[-1] != "\n":
            self._chunks.append("\n")
            self._length += 1

    def _link(self, tag: str, attrs: Attributes) -> None:
        wanted = _ADDRESS_IN[tag]
        href = next((value or "" for name, value in attrs if name == wanted), None)
        if tag == "a":
            self._end_link()
        if href is None:
            return
        line, column = self.getpos()
        if tag == "a":
            self._open = len(self._links)
        self._links.append(Link(href.strip(), Position(MailPart.CONTENT, line, column + 1), tag, "", "{{" in href or "{%" in href))

    def _end_link(self) -> None:
        if self._open is not None:
            text = _MASKED.sub("", " ".join("".join(self._link_text).split()))
            self._links[self._open] = msgspec.structs.replace(self._links[self._open], text=text)
        self._open, self._link_text = None, []

    def _end_shown(self, place: int) -> None:
        """Close the shown part that was opened at this place, and with it those inside it. Only the outermost is kept."""
        if place < len(self._showing):
            first = self._showing[place][1]
            del self._showing[place:]
            if not self._showing:
                self._shown.append((first, self._length))

    def _restored(self, attrs: Attributes) -> Attributes:
        """The attributes with their Liquid put back; notes which attribute each construct stands in."""
        index = self._skip_to_here()
        restored: Attributes = []
        for name, value in attrs:
            # Liquid between attributes sticks to the name of the next one
            index = self._note(index, name.count(MASK), "?")
            plain = _MASKED.sub("", name)
            first = index
            index = self._note(index, (value or "").count(MASK), plain)
            restored.append((plain, value and self._put_back(value, first)))
        self._next = index
        return restored

    def _put_back(self, value: str, first: int) -> str:
        raws = (item.raw for item in self._found[first:])
        return _MASKED.sub(lambda match: next(raws, match.group()), value)

    def _note(self, index: int, count: int, attribute: str) -> int:
        end = min(index + count, len(self._found))
        for number in range(index, end):
            self._places[number] = Place(attribute=attribute)
        return end

    def _skip_to_here(self) -> int:
        """The first construct at or behind the tag that is being read."""
        line, column = self.getpos()
        here = (line, column + 1)
        while self._next < len(self._found) and (self._found[self._next].line, self._found[self._next].column) < here:
            self._next += 1
        return self._next
