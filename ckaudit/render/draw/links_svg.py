"""Links as a drawing: objects in layers, each below what leads to it. Small and bounded: the strongest links first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from markupsafe import Markup

from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import Link
from ckaudit.render.draw.layered import Spot, labels_svg, lay_out, wire_svg
from ckaudit.render.draw.svg import BARE
from ckaudit.render.draw.widths import break_lines
from ckaudit.render.plain import cut
from ckaudit.render.vocabulary import KINDS

MAX_OBJECTS = 24
MAX_LINKS_OF_ONE = 4
"""Links into and out of one object that are drawn; more would make the drawing wider than a page."""
_WIDTH, _HEIGHT = 172, 52

Identity = tuple[str, str, str]


class Arrow:
    """A link as it is drawn, from one object to another, with words on it. ``is_new`` when nobody declared it: then it is dashed."""

    __slots__ = ("is_new", "label", "link", "source", "target")

    def __init__(self, link: Link, label: str, *, is_new: bool = False) -> None:
        self.link, self.label, self.is_new = link, label, is_new
        self.source, self.target = identity(link.source), identity(link.target)


def identity(item: ObjectRef) -> Identity:
    """What makes two objects the same."""
    return item.kind, str(item.id), item.name


def groups(links: Iterable[Link]) -> list[list[Link]]:
    """Links that are connected, each group at most so many objects, the most people first. What has no room is in no group."""
    chosen = _strongest(links)
    parent: dict[Identity, Identity] = {}

    def root(place: Identity) -> Identity:
        while parent.setdefault(place, place) != place:
            place = parent[place]
        return place

    size: dict[Identity, int] = {}
    kept = []
    for link in chosen:
        one, other = root(identity(link.source)), root(identity(link.target))
        if one != other:
            together = size.get(one, 1) + size.get(other, 1)
            if together > MAX_OBJECTS:
                continue
            parent[other] = one
            size[one] = together
        kept.append(link)
    found: dict[Identity, list[Link]] = {}
    for link in kept:
        found.setdefault(root(identity(link.source)), []).append(link)
    return list(found.values())


def _strongest(links: Iterable[Link]) -> list[Link]:
    out: dict[Identity, int] = {}
    into: dict[Identity, int] = {}
    chosen = []
    for link in sorted(links, key=lambda link: (-link.support, identity(link.source), identity(link.target))):
        source, target = identity(link.source), identity(link.target)
        if source != target and out.get(source, 0) < MAX_LINKS_OF_ONE and into.get(target, 0) < MAX_LINKS_OF_ONE:
            out[source], into[target] = out.get(source, 0) + 1, into.get(target, 0) + 1
            chosen.append(link)
    return chosen


def links_svg(arrows: Sequence[Arrow], name: str, described: str) -> Markup:
    """One group of links."""
    items = {place: item for arrow in arrows for place, item in ((arrow.source, arrow.link.source), (arrow.target, arrow.link.target))}
    place = {key: number for number, key in enumerate(items)}
    drawing = lay_out([(_WIDTH, _HEIGHT)] * len(items), [(place[arrow.source], place[arrow.target]) for arrow in arrows])
    parts = [
        f'<svg class="flow links" role="img" width="{drawing.width}" height="{drawing.height}" '
        f'viewBox="0 0 {drawing.width} {drawing.height}" {BARE}><title>{escape(name)}</title><desc>{escape(described)}</desc>'
    ]
    pairs = list(zip(arrows, drawing.paths, strict=True))
    parts += [wire_svg(path, "wire undeclared" if arrow.is_new else "wire") for arrow, path in pairs]
    parts += [_box(spot, item) for spot, item in zip(drawing.boxes, items.values(), strict=True)]
    parts += labels_svg((arrow.label, path) for arrow, path in pairs)
    return Markup("".join(parts) + "</svg>")  # noqa: S704  every word is escaped where it goes in


def _box(spot: Spot, item: ObjectRef) -> str:
    x, y = spot.x, spot.y
    shape = {"form": "entry", "sequence": "action"}.get(item.kind, "thing")
    lines = break_lines(cut(item.name, 160), 12, _WIDTH - 20, 2)
    kind = KINDS.get(item.kind, item.kind)
    words = "".join(f'<text x="{x + 10:.1f}" y="{y + 29 + 15 * number:.1f}">{escape(line)}</text>' for number, line in enumerate(lines))
    return (
        f'<g class="{shape}"><rect x="{x:.1f}" y="{y:.1f}" width="{_WIDTH}" height="{_HEIGHT}" rx="{18 if shape == "entry" else 6}"/>'
        f'<text class="verb" x="{x + 10:.1f}" y="{y + 14:.1f}">{escape(kind)}</text>{words}</g>'
    )
