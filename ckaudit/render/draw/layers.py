"""Links as a drawing: objects in layers from top to bottom, each below what leads to it.

The usual way (Sugiyama): cycles are opened, every object gets the layer of its longest path from above, links over several layers get
places in between, and each layer is ordered by the middle of its neighbours. Small and bounded: the strongest links first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise

from markupsafe import Markup

from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import Link
from ckaudit.render.draw.widths import break_lines, text_width
from ckaudit.render.plain import cut
from ckaudit.render.vocabulary import KINDS

MAX_OBJECTS = 24
MAX_LINKS_OF_ONE = 4
"""Links into and out of one object that are drawn; more would make the drawing wider than a page."""
_WIDTH, _HEIGHT, _ACROSS, _DOWN = 172, 52, 24, 44
_THROUGH = 16
_MARGIN = 8
_BARE = 'fill="none" stroke="currentColor" stroke-width=".7"'

Identity = tuple[str, str, str]


class Arrow:
    """A link as it is drawn, from one object to another, with words on it. ``is_new`` when nobody declared it: then it is dashed."""

    __slots__ = ("is_new", "label", "link", "source", "target")

    def __init__(self, link: Link, label: str, *, is_new: bool = False) -> None:
        self.link, self.label, self.is_new = link, label, is_new
        self.source, self.target = identity(link.source), identity(link.target)


@dataclass(slots=True)
class Spot:
    """An object, or a place where a long link passes a layer."""

    id: Identity | int
    layer: int
    width: int
    item: ObjectRef | None = None
    x: float = 0.0
    above: list[Spot] = field(default_factory=list)
    below: list[Spot] = field(default_factory=list)


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
    spots, paths = _lay_out(arrows)
    width = int(max(spot.x + spot.width for spot in spots)) + _MARGIN
    height = (max(spot.layer for spot in spots) + 1) * (_HEIGHT + _DOWN) - _DOWN + 2 * _MARGIN
    parts = [
        f'<svg class="flow links" role="img" width="{width}" height="{height}" viewBox="0 0 {width} {height}" {_BARE}>'
        f"<title>{escape(name)}</title><desc>{escape(described)}</desc>"
    ]
    parts += [_wire(path, is_new=arrow.is_new) for arrow, path in paths]
    parts += [_box(spot) for spot in spots if spot.item]
    parts += _labels(paths)
    return Markup("".join(parts) + "</svg>")  # noqa: S704  every word is escaped where it goes in


def _lay_out(arrows: Sequence[Arrow]) -> tuple[list[Spot], list[tuple[Arrow, list[Spot]]]]:
    items = {place: item for arrow in arrows for place, item in ((arrow.source, arrow.link.source), (arrow.target, arrow.link.target))}
    layer = _layers(items, arrows)
    spots: dict[Identity | int, Spot] = {place: Spot(place, layer[place], _WIDTH, item) for place, item in items.items()}
    paths = []
    for arrow in arrows:
        path = [spots[arrow.source]]
        step = 1 if layer[arrow.target] > layer[arrow.source] else -1
        for between in range(layer[arrow.source] + step, layer[arrow.target], step):
            path.append(spots.setdefault(len(spots), Spot(len(spots), between, _THROUGH)))
        path.append(spots[arrow.target])
        for one, other in pairwise(path):
            upper, lower = (one, other) if one.layer < other.layer else (other, one)
            upper.below.append(lower)
            lower.above.append(upper)
        paths.append((arrow, path))
    _order(list(spots.values()))
    return list(spots.values()), paths


def _layers(items: Iterable[Identity], arrows: Sequence[Arrow]) -> dict[Identity, int]:
    """The longest path from above, for each object; arrows that close a cycle do not count."""
    below: dict[Identity, list[Identity]] = {place: [] for place in items}
    for arrow in arrows:
        below[arrow.source].append(arrow.target)
    order: list[Identity] = []
    state: dict[Identity, int] = {}
    closing: set[tuple[Identity, Identity]] = set()
    entered = {arrow.target for arrow in arrows}
    for first in sorted(below, key=lambda place: (place in entered, place)):
        todo = [(first, iter(below[first]))] if first not in state else []
        state.setdefault(first, 1)
        while todo:
            place, rest = todo[-1]
            following = next(rest, None)
            if following is None:
                todo.pop()
                state[place] = 2
                order.append(place)
            elif following not in state:
                state[following] = 1
                todo.append((following, iter(below[following])))
            elif state[following] == 1:
                closing.add((place, following))
    layer = dict.fromkeys(below, 0)
    for place in reversed(order):
        for following in below[place]:
            if (place, following) not in closing:
                layer[following] = max(layer[following], layer[place] + 1)
    return layer


def _order(spots: Sequence[Spot]) -> None:
    """Put the spots of each layer next to each other, near the middle of what they are connected with."""
    rows: dict[int, list[Spot]] = {}
    for spot in spots:
        rows.setdefault(spot.layer, []).append(spot)
    for row in rows.values():
        _spread(row, [float(number) for number in range(len(row))])
    for turn in range(8):
        for number in sorted(rows, reverse=turn % 2 == 1):
            row = rows[number]
            wanted = [_middle(spot.below if turn % 2 else spot.above, spot) for spot in row]
            ordered = sorted(zip(wanted, range(len(row)), row, strict=True), key=lambda entry: entry[:2])
            rows[number] = [spot for _, _, spot in ordered]
            _spread(rows[number], [middle for middle, _, _ in ordered])
    left = min(spot.x for spot in spots)
    for spot in spots:
        spot.x += _MARGIN - left


def _middle(others: Sequence[Spot], spot: Spot) -> float:
    middles = [other.x + other.width / 2 for other in others]
    return sum(middles) / len(middles) if middles else spot.x + spot.width / 2


def _spread(row: Sequence[Spot], wanted: Sequence[float]) -> None:
    """Give each spot the middle it wants, as far as its left neighbour leaves room; then move the row by what they are off on average."""
    edge = None
    for spot, middle in zip(row, wanted, strict=True):
        x = middle - spot.width / 2
        spot.x = x if edge is None else max(x, edge)
        edge = spot.x + spot.width + _ACROSS
    off = sum(spot.x + spot.width / 2 - middle for spot, middle in zip(row, wanted, strict=True)) / max(len(row), 1)
    for spot in row:
        spot.x -= off


def _top(spot: Spot) -> float:
    return _MARGIN + spot.layer * (_HEIGHT + _DOWN)


def _points(path: Sequence[Spot]) -> list[tuple[float, float]]:
    down = path[-1].layer > path[0].layer
    points = []
    for number, spot in enumerate(path):
        middle, top = spot.x + spot.width / 2, _top(spot)
        if number == 0:
            points.append((middle, top + (_HEIGHT if down else 0)))
        elif number == len(path) - 1:
            points.append((middle, top - 1 if down else top + _HEIGHT + 1))
        else:
            points += [(middle, top if down else top + _HEIGHT), (middle, top + _HEIGHT if down else top)]
    return points


def _wire(path: Sequence[Spot], *, is_new: bool) -> str:
    points = _points(path)
    (x, y), parts = points[0], [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for to_x, to_y in points[1:]:
        half = (y + to_y) / 2
        parts.append(f"C{x:.1f} {half:.1f} {to_x:.1f} {half:.1f} {to_x:.1f} {to_y:.1f}")
        x, y = to_x, to_y
    tip = f"M{x:.1f} {y:.1f}l-4-7h8z" if path[-1].layer > path[0].layer else f"M{x:.1f} {y:.1f}l-4 7h8z"
    kind = "wire undeclared" if is_new else "wire"
    return f'<path class="{kind}" d="{"".join(parts)}"/><path class="wire tip" d="{tip}"/>'


def _labels(paths: Sequence[tuple[Arrow, list[Spot]]]) -> list[str]:
    """The words on the arrows, each at the first place along its arrow where it lies on no other."""
    taken: list[tuple[float, float, float]] = []
    parts = []
    for arrow, path in sorted(paths, key=lambda entry: len(entry[1])):  # long ones have more places to choose from
        if not arrow.label:
            continue
        width = int(text_width(arrow.label, 11)) + 10
        x, y = min(_beside(_points(path)), key=lambda at: sum(_covers(at, width, other) for other in taken))
        taken.append((x, y, width))
        parts.append(
            f'<rect class="label" x="{x - width / 2:.1f}" y="{y - 9:.1f}" width="{width}" height="17" rx="8"/>'
            f'<text class="verb" x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle">{escape(arrow.label)}</text>'
        )
    return parts


def _beside(points: list[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Places for words between two layers, the middle of the last piece first."""
    for (x1, y1), (x2, y2) in (points[-2:], points[:2]):
        for part in (0.5, 0.3, 0.7):
            yield x1 + (x2 - x1) * (3 * part**2 - 2 * part**3), y1 + (y2 - y1) * part


def _covers(at: tuple[float, float], width: float, other: tuple[float, float, float]) -> bool:
    return abs(at[0] - other[0]) < (width + other[2]) / 2 and abs(at[1] - other[1]) < 18


def _box(spot: Spot) -> str:
    if spot.item is None:
        return ""
    x, y, item = spot.x, _top(spot), spot.item
    shape = {"form": "entry", "sequence": "action"}.get(item.kind, "thing")
    lines = break_lines(cut(item.name, 160), 12, _WIDTH - 20, 2)
    kind = KINDS.get(item.kind, item.kind)
    words = "".join(f'<text x="{x + 10:.1f}" y="{y + 29 + 15 * number:.1f}">{escape(line)}</text>' for number, line in enumerate(lines))
    return (
        f'<g class="{shape}"><rect x="{x:.1f}" y="{y:.1f}" width="{_WIDTH}" height="{_HEIGHT}" rx="{18 if shape == "entry" else 6}"/>'
        f'<text class="verb" x="{x + 10:.1f}" y="{y + 14:.1f}">{escape(kind)}</text>{words}</g>'
    )
