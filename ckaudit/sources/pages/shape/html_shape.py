"""HTML -> its shape: elements and attributes by their names, classes and ids by their number in the page, texts by kind and length."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import msgspec

from ckaudit.sources.pages.shape.json_shape import json_node, secret_in
from ckaudit.sources.pages.shape.tree import MAX_DEPTH, Shapes
from ckaudit.sources.pages.shape.values import Values

_EMPTY = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"])
_COUNTED = frozenset(("class", "id", "style"))
# html.parser takes quadratic time over "<" that begin no tag, and over comments that do not end
_STRAY = re.compile(r"<(?![A-Za-z/])")
_LOOSE = re.compile(r"<(?=[^<>]*+(?:<|\Z))")


def html_node(text: str, values: Values, shapes: Shapes) -> tuple[int, str]:
    """The shape of a page; and, where JSON in it holds a cookie or an authorization header, the name of that."""
    reader = _Reader(values, shapes)
    reader.feed(_LOOSE.sub(" ", _STRAY.sub(" ", _without_comments(text))))
    reader.close()
    return reader.whole(), reader.secret


def _without_comments(text: str) -> str:
    """The text without ``<!-- … -->``; what follows one that does not end is part of it."""
    first, *rest = text.split("<!--")
    return " ".join([first, *(part.partition("-->")[2] for part in rest)])


class _Reader(HTMLParser):
    """html.parser's way of being used. ``_open`` are the elements around what is being read, each with the nodes inside it so far."""

    def __init__(self, values: Values, shapes: Shapes) -> None:
        super().__init__(convert_charrefs=True)
        self._values = values
        self._shapes = shapes
        self._open: list[tuple[str, str, list[int]]] = [("", "page", [])]
        self._text: list[str] = []
        self.secret = ""

    def updatepos(self, i: int, j: int) -> int:
        """Count nothing; html.parser would count lines here, for every tag."""
        return j

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self._end_text()
        label = " ".join([self._values.key(tag), *(self._attribute(name, value) for name, value in attrs if name != "style")])
        inside = [node for _, value in attrs if (node := self._json(value)) is not None]
        if tag in _EMPTY or len(self._open) > MAX_DEPTH:
            self._open[-1][2].append(self._shapes.node(label, inside))
        else:
            self._open.append((tag, label, inside))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without anything in it."""
        self.handle_starttag(tag, attrs)
        if tag not in _EMPTY:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """An element ends, and with it those inside that were left open."""
        self._end_text()
        if any(name == tag for name, _, _ in self._open[1:]):
            while self._close() != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Text."""
        self._text.append(data)

    def whole(self) -> int:
        """The node of the page."""
        self._end_text()
        while len(self._open) > 1:
            self._close()
        return self._shapes.node("page", self._open[0][2])

    def _close(self) -> str:
        tag, label, inside = self._open.pop()
        self._open[-1][2].append(self._shapes.node(label, inside))
        return tag

    def _end_text(self) -> None:
        text, self._text = "".join(self._text), []
        if not text.strip():
            return
        tag = self._open[-1][0]
        node = self._json(text) if tag == "script" else None
        if node is None:
            label = f"code({len(text)})" if tag in ("script", "style") else self._values.text(text.strip())
            node = self._shapes.node(label)
        self._open[-1][2].append(node)

    def _attribute(self, name: str, value: str | None) -> str:
        key = self._values.key(name)
        if not value:
            return key
        if name in _COUNTED:
            parts = sorted({self._values.counted(name, part) for part in value.split()}, key=lambda part: int(part.rpartition("#")[2]))
            return f"{key}={'+'.join(parts)}"
        return f"{key}={self._values.text(value)}".replace(" ", "_")

    def _json(self, text: str | None) -> int | None:
        """JSON in a script or an attribute, as programs leave it for the page."""
        if not text or text.lstrip()[:1] not in ("{", "["):
            return None
        try:
            value: Any = msgspec.json.decode(text)
        except (ValueError, RecursionError):
            return None
        if not isinstance(value, dict | list):
            return None
        self.secret = self.secret or secret_in(value)
        return json_node(value, self._values, self._shapes, "json")
