"""HTML -> the texts that people see, each with the automation that it seems to belong to. Nothing in it is run, and costs are linear.

Not html.parser: that takes quadratic time over markup that never ends.
"""

from __future__ import annotations

import html
import re
from collections import Counter

import msgspec

from ckaudit.sources.automation_list.words import status_of

_TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9-]*+)((?:[^"'>]++|"[^"]*+"|'[^']*+')*+)>""")
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_ID = re.compile(r"/automations/([0-9]{1,18})(?:/edit)?/?(?:[?#].*)?\Z", re.DOTALL)
_HIDDEN = frozenset(["script", "style", "noscript", "template", "svg", "title", "head", "textarea", "select"])
_VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"])
_INLINE = frozenset(["a", "b", "strong", "i", "em", "u", "s", "span", "font", "small", "mark", "abbr"])
_CELLS = frozenset(["td", "th"])
# tags that end others by beginning, and in what these are looked for
_ENDS = {"td": ("td", "th"), "th": ("td", "th"), "tr": ("tr",), "li": ("li",), "option": ("option",)}
_AROUND = frozenset(["table", "ul", "ol"])
_MAX_STATUS = 40
_MAX_DEPTH = 400  # what is nested deeper counts as flat
_MANY = -1


class Seen(msgspec.Struct):
    """A text as people see it. ``row`` is the line it stands on; ``link`` the automation it links to, ``owner`` the one in whose part of
    the page it is alone; 0 for none."""

    text: str
    row: int
    link: int = 0
    owner: int = 0


class _Element(msgspec.Struct):
    name: str
    parent: int
    link: int
    ids: int = 0  # the one automation that it links to, or _MANY
    begin: int = 0  # how many parts of the text around it come before it


def seen_in(text: str) -> list[Seen]:
    """The texts of a page in their order."""
    page = _Page()
    at = 0
    while at < len(text):
        begin = text.find("<", at)
        page.text(text[at : begin if begin >= 0 else len(text)])
        if begin < 0:
            break
        at = _past(page, text, begin)
    return page.texts()


def _past(page: _Page, text: str, begin: int) -> int:
    """Read the markup at a “<”, and say where it ends; what never ends ends the page."""
    if text.startswith("<!--", begin):
        return _behind(text, "-->", begin)
    if text[begin + 1 : begin + 2] in ("!", "?"):
        return _behind(text, ">", begin)
    found = _TAG.match(text, begin)
    if found is None:
        if re.match(r"</?[a-zA-Z]", text[begin : begin + 3]):
            return len(text)
        page.text("<")
        return begin + 1
    name = found[2].lower()
    if found[1]:
        page.close(name)
    elif name in _HIDDEN and not found[3].endswith("/"):
        return _behind_hidden(text, name, found.end())
    else:
        page.open(name, found[3])
    return found.end()


def _behind_hidden(text: str, name: str, at: int) -> int:
    """Where what people do not see ends."""
    while (at := text.find("</", at)) >= 0:
        at += 2
        if text[at : at + len(name)].lower() == name:
            return _behind(text, ">", at)
    return len(text)


def _behind(text: str, end: str, begin: int) -> int:
    found = text.find(end, begin)
    return len(text) if found < 0 else found + len(end)


class _Page:
    """The elements that are open, and the texts so far."""

    def __init__(self) -> None:
        self.elements = [_Element("", 0, 0)]
        self.stack = [0]
        self.opened: Counter[str] = Counter()
        self.row = 1
        self.in_row = 0  # the table row that is open, if any
        self.found: list[tuple[Seen, int]] = []
        self.parts: list[str] = []

    def open(self, name: str, attributes: str) -> None:
        """A tag begins."""
        for open_one in reversed(self.stack if name in _ENDS else ()):
            if self.elements[open_one].name in _ENDS[name]:
                self.close(self.elements[open_one].name)
            elif self.elements[open_one].name not in _AROUND:
                continue
            break
        if name == "br" or (name not in _INLINE and name not in _VOID):
            self.end_text(name not in _CELLS)
        if name in _VOID or len(self.stack) > _MAX_DEPTH:
            return
        parent = self.stack[-1]
        link = self.elements[parent].link
        if name == "a" and (href := _HREF.search(attributes)) and (found := _ID.search(html.unescape(href[1] or href[2] or href[3] or ""))):
            self.end_text(False)
            link = int(found[1])
        self.stack.append(len(self.elements))
        self.opened[name] += 1
        self.elements.append(_Element(name, parent, link, link, len(self.parts)))

    def close(self, name: str) -> None:
        """A tag ends, and those in it that do not say so."""
        last = self.elements[self.stack[-1]]
        if (
            name == "span" == last.name
            and len(self.parts) == last.begin + 1
            and len(self.parts[-1]) <= _MAX_STATUS
            and status_of(self.parts[-1])
        ):
            self._badge(last.begin)
        if name not in _INLINE or (name == "a" and last.link):
            self.end_text(name not in _CELLS and name not in _INLINE)
        while self.opened[name]:
            closed = self.elements[self.stack.pop()].name
            self.opened[closed] -= 1
            if closed == name:
                break

    def _badge(self, begin: int) -> None:
        """A word for a status in the middle of a text, as a badge behind a name: it is a text of its own."""
        said, self.parts = self.parts[begin:], self.parts[:begin]
        self.end_text(False)
        self.parts = said
        self.end_text(False)

    def text(self, text: str) -> None:
        """Text between tags."""
        if text:
            self.parts.append(text)

    def end_text(self, next_row: bool) -> None:
        """What follows is another text, on another line."""
        said = " ".join(html.unescape("".join(self.parts)).split())
        self.parts.clear()
        if said:
            element = self.stack[-1]
            self.found.append((Seen(said, self.row, self.elements[element].link), element))
        # the cells of a table's row are one line
        self.row += next_row and not self.opened["td"] and not self.opened["th"]

    def texts(self) -> list[Seen]:
        """The texts; each belongs to the automation that is the only one in the smallest part of the page around it that has any."""
        self.end_text(True)
        for element in reversed(self.elements[1:]):
            around = self.elements[element.parent]
            if element.ids and around.ids != element.ids:
                around.ids = _MANY if around.ids else element.ids
        owner = [0] * len(self.elements)
        for number, element in enumerate(self.elements):
            owner[number] = element.ids or owner[element.parent]
        for seen, number in self.found:
            seen.owner = max(0, owner[number])
        return [seen for seen, _ in self.found]
