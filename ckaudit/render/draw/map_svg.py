"""One part of the account's map as SVG: a card for every automation, rule and integration, a box for what connects them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import msgspec
from markupsafe import Markup

from ckaudit.model.account_map import MapBox, MapLine, MapPart
from ckaudit.model.refs import ObjectRef
from ckaudit.render.draw.layered import MARGIN, Layered, Spot, in_rows, labels_svg, lay_out, wire_svg
from ckaudit.render.draw.svg import BARE, GROUND, draw_css
from ckaudit.render.draw.widths import break_lines, in_one_line
from ckaudit.render.plain import cut, plural
from ckaudit.render.vocabulary import kind_name

CARD, BOX = 226, 184
COLUMNS = 4
WIDE, TITLE = 1300, 28
_INNER = 20
_HEAD, _NAME, _LINE = 19, 15, 14
_SHAPES = {"automation": "action", "rule": "condition-card", "external": "event-card", "webhook": "event-card", "form": "entry"}


class Flag(msgspec.Struct, frozen=True):
    """What was found at an object: how many findings, and the worst severity."""

    number: int
    severity: str


def map_svg(part: MapPart, *, links: Mapping[ObjectRef, str], flags: Mapping[ObjectRef, Flag]) -> Markup:
    """One drawing. ``links`` say where an object leads."""
    drawing, drawn = _draw(part, links, flags)
    fits = " fits" if drawing.width <= WIDE else ""
    return Markup(  # noqa: S704  every word is escaped where it goes in
        f'<svg class="flow links{fits}" role="group" {_size(drawing.width, drawing.height)} {BARE}>'
        f"<title>{escape(cut(part.title, 160))}</title><desc>{escape(_described(part))}</desc>{drawn}</svg>"
    )


def map_file(parts: Sequence[MapPart]) -> str:
    """All drawings below each other, as one SVG file with its own style sheet."""
    at, width, drawn = MARGIN, 0, []
    for number, part in enumerate(parts, 1):
        drawing, inside = _draw(part, {}, {})
        title = f'<text x="{MARGIN}" y="{at + 16}" class="title">{escape(f"{number}  {cut(part.title, 120)}")}</text>'
        drawn.append(f'{title}<g transform="translate(0 {at + TITLE})">{inside}</g>')
        at, width = at + TITLE + drawing.height + 2 * MARGIN, max(width, drawing.width)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="flow links" role="group" {_size(width or 100, at)} {BARE}>'
        f"<title>Map of the account</title><style>{draw_css()}{GROUND}</style>{''.join(drawn)}</svg>\n"
    )


def _size(width: int, height: int) -> str:
    return f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'


def _draw(part: MapPart, links: Mapping[ObjectRef, str], flags: Mapping[ObjectRef, Flag]) -> tuple[Layered, str]:
    texts = [_Text(box) for box in part.boxes]
    sizes = [(text.width, text.height) for text in texts]
    wires = [(wire.source, wire.target) for wire in part.wires]
    drawing = lay_out(sizes, wires) if wires else in_rows(sizes, COLUMNS)
    pairs = list(zip(part.wires, drawing.paths, strict=True)) if wires else []
    drawn = [wire_svg(path, "wire" if wire.live else "wire stopped") for wire, path in pairs]
    for box, text, spot in zip(part.boxes, texts, drawing.boxes, strict=True):
        drawn.append(_linked(_card(box, text, spot, flags), links.get(box.object, "")))
    return drawing, "".join((*drawn, *labels_svg((cut(wire.words, 60), path) for wire, path in pairs)))


def _described(part: MapPart) -> str:
    boxes = plural(len(part.boxes), "Map with {n} box", "Map with {n} boxes")
    return f"{boxes} and {plural(len(part.wires), '{n} arrow', '{n} arrows')}, from top to bottom. The same stands below in words."


class _Text:
    """The words of a box, broken into lines, and how much room they take."""

    def __init__(self, box: MapBox) -> None:
        self.width = CARD if box.lines or box.object.kind in _SHAPES else BOX
        room = self.width - _INNER
        self.kind = kind_of(box)
        self.name = break_lines(cut(box.object.name.removeprefix("https://"), 160), 12, room, 2)
        self.lines = [(in_one_line(format_line(line), 10, room), line.object) for line in box.lines]
        self.lines += [(f"and {box.more} more", None)] if box.more else []
        where = ", ".join(str(number) for number in box.elsewhere[:4]) + (" …" if len(box.elsewhere) > 4 else "")
        self.elsewhere = f"also on map {where}" if where else ""
        rows = len(self.lines) + bool(self.elsewhere)
        self.height = _HEAD + _NAME * len(self.name) + (6 + _LINE * rows if rows else 0) + 9


def kind_of(box: MapBox) -> str:
    """``Automation``, ``Rule, switched off``, ``Automation, seen in timestamps``."""
    return kind_name(box.object.kind) + ("" if box.live else ", switched off") + (", seen in timestamps" if box.seen else "")


def format_line(line: MapLine) -> str:
    """``adds “Customer”``."""
    return f"{cut(line.words, 60)} “{cut(line.object.name, 80)}”" if line.object else cut(line.words, 100)


def _card(box: MapBox, text: _Text, spot: Spot, flags: Mapping[ObjectRef, Flag]) -> str:
    x, y, flag = spot.x, spot.y, flags.get(box.object)
    shape = _SHAPES.get(box.object.kind, "thing")
    classes = f"{shape}{'' if box.live else ' stopped'}{' seen' if box.seen else ''}{' flagged' if flag else ''}"
    parts = [
        f'<g class="{classes}"><title>{escape(_name(box, flag))}</title>'
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{spot.width}" height="{spot.height}" rx="{16 if shape == "entry" else 6}"/>'
        f'<text class="verb" x="{x + 10:.1f}" y="{y + 15:.1f}">{escape(text.kind)}</text>'
    ]
    rows = [("", line, _NAME) for line in text.name]
    rows += [("line found" if item in flags else "line", line, _LINE) for line, item in text.lines]
    rows += [("elsewhere", text.elsewhere, _LINE)] if text.elsewhere else []
    at = y + _HEAD
    for number, (kind, line, step) in enumerate(rows):
        at += step + (6 if number == len(text.name) else 0)
        parts.append(f'<text class="{kind}" x="{x + 10:.1f}" y="{at - 3:.1f}">{escape(line)}</text>')
    if flag:
        parts.append(
            f'<circle class="badge" cx="{x + spot.width - 6:.1f}" cy="{y + 6:.1f}" r="10"/>'
            f'<text class="number" x="{x + spot.width - 6:.1f}" y="{y + 10:.1f}" text-anchor="middle">{min(flag.number, 99)}</text>'
        )
    return "".join(parts) + "</g>"


def _name(box: MapBox, flag: Flag | None) -> str:
    found = f". {plural(flag.number, '{n} finding', '{n} findings')}" if flag else ""
    return f"{kind_of(box)} “{cut(box.object.name, 160)}”{found}"


def _linked(card: str, address: str) -> str:
    return f'<a href="{escape(address)}">{card}</a>' if address else card
