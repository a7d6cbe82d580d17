"""Boxes and arrows in layers from top to bottom, each box below what leads to it.

The usual way (Sugiyama): cycles are opened, every box gets the layer of its longest path from above, arrows over several layers get places
in between, and each layer is ordered by the middle of its neighbours. For drawings of a few dozen boxes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import accumulate, pairwise
from typing import NamedTuple

from ckaudit.render.draw.widths import text_width

MARGIN = 8
_ACROSS, _DOWN = 24, 44
_THROUGH = 16

Point = tuple[float, float]
Ends = tuple[int, int]


@dataclass(slots=True)
class Spot:
    """A box, or a place where a long arrow passes a layer (``is_box`` False). ``height`` is its layer's where it is passed."""

    layer: int
    width: int
    height: int
    is_box: bool = True
    x: float = 0.0
    y: float = 0.0
    above: list[Spot] = field(default_factory=list)
    below: list[Spot] = field(default_factory=list)


class Layered(NamedTuple):
    """Where everything is: ``boxes`` in the given order, ``paths`` one for each arrow."""

    boxes: list[Spot]
    paths: list[list[Spot]]
    width: int
    height: int


def lay_out(sizes: Sequence[tuple[int, int]], arrows: Sequence[Ends]) -> Layered:
    """Boxes of these sizes (width, height) with arrows between them, given by the places of their two ends."""
    layer = _layers(len(sizes), arrows)
    boxes = [Spot(layer[number], *size) for number, size in enumerate(sizes)]
    spots, paths = list(boxes), []
    for source, target in arrows:
        path = [boxes[source]]
        step = 1 if layer[target] > layer[source] else -1
        for between in range(layer[source] + step, layer[target], step):
            path.append(Spot(between, _THROUGH, 0, is_box=False))
            spots.append(path[-1])
        path.append(boxes[target])
        for one, other in pairwise(path):
            upper, lower = (one, other) if one.layer < other.layer else (other, one)
            upper.below.append(lower)
            lower.above.append(upper)
        paths.append(path)
    _order(spots)
    height = _set_tops(spots)
    return Layered(boxes, paths, int(max(spot.x + spot.width for spot in spots)) + MARGIN, height)


def in_rows(sizes: Sequence[tuple[int, int]], columns: int) -> Layered:
    """Boxes without arrows, so many in a row."""
    spots = [Spot(number // columns, *size) for number, size in enumerate(sizes)]
    height = _set_tops(spots)
    for number, spot in enumerate(spots):
        row = spots[number - number % columns : number]
        spot.x = MARGIN + sum(other.width + _ACROSS for other in row)
    return Layered(spots, [], int(max(spot.x + spot.width for spot in spots)) + MARGIN, height)


def _layers(count: int, arrows: Iterable[Ends]) -> list[int]:
    """The longest path from above, for each box; arrows that close a cycle do not count."""
    below: list[list[int]] = [[] for _ in range(count)]
    entered = [False] * count
    for source, target in arrows:
        below[source].append(target)
        entered[target] = True
    order: list[int] = []
    state: dict[int, int] = {}
    closing: set[Ends] = set()
    for first in sorted(range(count), key=lambda place: (entered[place], place)):
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
    layer = [0] * count
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
        spot.x += MARGIN - left


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


def _set_tops(spots: Sequence[Spot]) -> int:
    """Every layer is as high as its highest box. Returns the height of the drawing."""
    heights = [0] * (max(spot.layer for spot in spots) + 1)
    for spot in spots:
        heights[spot.layer] = max(heights[spot.layer], spot.height)
    tops = list(accumulate((height + _DOWN for height in heights), initial=MARGIN))
    for spot in spots:
        spot.y = tops[spot.layer]
        if not spot.is_box:
            spot.height = heights[spot.layer]
    return tops[-1] - _DOWN + MARGIN


def wire_points(path: Sequence[Spot]) -> list[Point]:
    """Where an arrow begins, passes layers, and ends."""
    down = path[-1].layer > path[0].layer
    points = []
    for number, spot in enumerate(path):
        middle, top, bottom = spot.x + spot.width / 2, spot.y, spot.y + spot.height
        if number == 0:
            points.append((middle, bottom if down else top))
        elif number == len(path) - 1:
            points.append((middle, top - 1 if down else bottom + 1))
        else:
            points += [(middle, top if down else bottom), (middle, bottom if down else top)]
    return points


def wire_svg(path: Sequence[Spot], kind: str = "wire") -> str:
    """An arrow. ``kind`` are its classes."""
    points = wire_points(path)
    (x, y), parts = points[0], [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for to_x, to_y in points[1:]:
        half = (y + to_y) / 2
        parts.append(f"C{x:.1f} {half:.1f} {to_x:.1f} {half:.1f} {to_x:.1f} {to_y:.1f}")
        x, y = to_x, to_y
    tip = f"M{x:.1f} {y:.1f}l-4-7h8z" if path[-1].layer > path[0].layer else f"M{x:.1f} {y:.1f}l-4 7h8z"
    return f'<path class="{kind}" d="{"".join(parts)}"/><path class="wire tip" d="{tip}"/>'


def labels_svg(labels: Iterable[tuple[str, Sequence[Spot]]]) -> list[str]:
    """The words on the arrows, each at the first place along its arrow where it lies on no other."""
    taken: list[tuple[float, float, float]] = []
    parts = []
    for words, path in sorted(labels, key=lambda entry: len(entry[1])):  # long ones have more places to choose from
        if not words:
            continue
        width = int(text_width(words, 11)) + 10
        x, y = min(_beside(wire_points(path)), key=lambda at: sum(_covers(at, width, other) for other in taken))
        taken.append((x, y, width))
        parts.append(
            f'<rect class="label" x="{x - width / 2:.1f}" y="{y - 9:.1f}" width="{width}" height="17" rx="8"/>'
            f'<text class="verb" x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle">{escape(words)}</text>'
        )
    return parts


def _beside(points: list[Point]) -> Iterator[Point]:
    """Places for words between two layers, the middle of the last piece first."""
    for (x1, y1), (x2, y2) in (points[-2:], points[:2]):
        for part in (0.5, 0.3, 0.7):
            yield x1 + (x2 - x1) * (3 * part**2 - 2 * part**3), y1 + (y2 - y1) * part


def _covers(at: Point, width: float, other: tuple[float, float, float]) -> bool:
    return abs(at[0] - other[0]) < (width + other[2]) / 2 and abs(at[1] - other[1]) < 18
