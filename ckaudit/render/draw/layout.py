"""Places the boxes of a chart and routes its lines, in whole pixels.

Every item has an axis: lines come in and go out on it. A chain is a column of items on one axis; a block puts its columns side by side,
between a bar above that hands out the lines and a bar below that gathers them. Lines run on axes and bars only, and the columns' extents
do not overlap: so no line crosses another or a box, by construction.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import msgspec

from ckaudit.render.draw.chart import Block, Box, Chart, Column, Item, Shape
from ckaudit.render.draw.widths import break_lines, text_width

Point: TypeAlias = tuple[int, int]

BOX_WIDTH = 216
PILL_HEIGHT = 30
PILL_WIDTH = 320  # at most
GAP = 28  # between a box and the next below
SIDE = 22  # between columns
BAR = 16  # from a box to the bar below it
MARGIN = 16
EMPTY = 64  # width of a column without steps
NAME_SIZE, NAME_LINE = 13, 17
VERB_SIZE, VERB_LINE = 11, 15
NOTE_SIZE, NOTE_LINE = 11, 15
PADDING = 9
ENTRIES_IN_A_ROW = 4
NAME_LINES, NOTE_LINES, LABEL_LINES = 4, 4, 2


class Frame(msgspec.Struct, frozen=True):
    """A box with its place (left upper corner, width, height) and its lines of text. ``reached`` is False when no line leads to it."""

    box: Box
    x: int
    y: int
    width: int
    height: int
    verb: tuple[str, ...]
    name: tuple[str, ...]
    note: tuple[str, ...]
    reached: bool = True


class Wire(msgspec.Struct, frozen=True):
    """A line from box to box. ``points`` are its corners."""

    source: str
    target: str
    branch: str
    points: tuple[Point, ...]


class Label(msgspec.Struct, frozen=True):
    """What a line is called; lies on the line. ``x`` is its middle."""

    lines: tuple[str, ...]
    x: int
    y: int
    width: int
    height: int


class Drawing(msgspec.Struct, frozen=True):
    """A laid-out chart."""

    width: int
    height: int
    frames: tuple[Frame, ...]
    wires: tuple[Wire, ...]
    labels: tuple[Label, ...]


class Size(NamedTuple):
    """Extents of an item: left and right of its axis, and downwards."""

    left: int
    right: int
    height: int


class Tail(NamedTuple):
    """A line that has left a box and looks for the next one."""

    source: str
    branch: str
    points: tuple[Point, ...]

    def to(self, *points: Point) -> Tail:
        return Tail(self.source, self.branch, (*self.points, *points))


class Lines(NamedTuple):
    """The text of a box, broken."""

    verb: tuple[str, ...]
    name: tuple[str, ...]
    note: tuple[str, ...]
    width: int
    height: int


def box_lines(box: Box) -> Lines:
    """Break a box's text and find its size."""
    notes = ". ".join(part for part in ((box.mark.note if box.mark else ""), box.note) if part)
    return _broken(box.shape, box.verb, box.name, notes)


@lru_cache(maxsize=8192)
def _broken(shape: Shape, verb_text: str, name_text: str, notes: str) -> Lines:
    """Cached: every box is measured several times, and accounts repeat themselves."""
    if shape is Shape.PILL:
        line = break_lines(f"{verb_text} {name_text}", VERB_SIZE, PILL_WIDTH - 2 * PADDING - 14, 1)
        width = int(text_width("".join(line), VERB_SIZE)) + 2 * PADDING + 14
        return Lines(line, (), (), max(64, width + width % 2), PILL_HEIGHT)
    inner = BOX_WIDTH - (36 if shape in (Shape.CONDITION, Shape.EVENT, Shape.ENTRY) else 24)
    verb = break_lines(verb_text, VERB_SIZE, inner, 2)
    name = break_lines(name_text, NAME_SIZE, inner, NAME_LINES)
    note = break_lines(notes, NOTE_SIZE, inner, NOTE_LINES)
    height = 2 * PADDING + VERB_LINE * len(verb) + NAME_LINE * len(name) + (NOTE_LINE * len(note) + 3 if note else 0)
    return Lines(verb, name, note, BOX_WIDTH, max(40, height + height % 2))


def label_of(column: Column) -> tuple[tuple[str, ...], int, int]:
    """Lines, width and height of a column's label; zeros without one."""
    lines = break_lines(column.label, VERB_SIZE, BOX_WIDTH - 20, LABEL_LINES)
    if not lines:
        return (), 0, 0
    width = int(max(text_width(line, VERB_SIZE) for line in lines)) + 16
    return lines, width + width % 2, VERB_LINE * len(lines) + 5


def chain_size(items: Iterable[Item]) -> Size:
    """Extents of items below each other, without a gap at either end."""
    sizes = [item_size(item) for item in items]
    if not sizes:
        return Size(EMPTY // 2, EMPTY // 2, 0)
    height = sum(size.height for size in sizes) + GAP * (len(sizes) - 1)
    return Size(max(size.left for size in sizes), max(size.right for size in sizes), height)


def item_size(item: Item) -> Size:
    """Extents of a box or a block."""
    if isinstance(item, Box):
        lines = box_lines(item)
        return Size(lines.width // 2, lines.width // 2, lines.height)
    sizes = [column_size(column) for column in item.columns]
    axes = column_axes(sizes)
    middle = middle_of(axes)
    whole = sum(size.left + size.right for size in sizes) + SIDE * (len(sizes) - 1)
    head = item_size(item.head) if item.head else Size(0, 0, 0)
    height = head.height + BAR + max(size.height for size in sizes) + BAR
    return Size(max(middle, head.left), max(whole - middle, head.right), height)


def column_size(column: Column) -> Size:
    """Extents of one side of a block, from bar to bar."""
    _, width, height = label_of(column)
    inner = chain_size(column.items)
    half = width // 2
    used = (8 + height if height else 0) + (BAR + inner.height if column.items else 0)
    return Size(max(inner.left, half), max(inner.right, half), used)


def column_axes(sizes: list[Size]) -> list[int]:
    """Where the columns' axes lie, from the left edge of the first column."""
    axes, x = [], 0
    for size in sizes:
        axes.append(x + size.left)
        x += size.left + size.right + SIDE
    return axes


def middle_of(axes: list[int]) -> int:
    """Where the block's own axis lies: on the middle column, or halfway between the outer ones."""
    return axes[len(axes) // 2] if len(axes) % 2 else (axes[0] + axes[-1]) // 2


def lay_out(chart: Chart) -> Drawing:
    """Place everything. Same chart, same drawing."""
    layer = _Layer()
    rows = -(-len(chart.entries) // ENTRIES_IN_A_ROW)
    stacks = [chart.entries[start : start + rows] for start in range(0, len(chart.entries), rows)] if rows else []
    body = chain_size(chart.items)
    width = len(stacks) * (BOX_WIDTH + SIDE) - SIDE
    gutter = SIDE // 2 if rows > 1 else 0
    half = max([(width + 1) // 2, *(box_lines(box).width // 2 for box in chart.entries[:1])])  # a start or “from above” may be wide
    left, right = max(body.left, half), max(body.right, half + gutter)
    axis = MARGIN + left
    tails, y = layer.entries(stacks, axis, MARGIN)
    layer.chain(chart.items, axis, y, tails)
    height = max((frame.y + frame.height for frame in layer.frames), default=0)
    deepest = max((point[1] for wire in layer.wires for point in wire.points), default=0)
    return Drawing(2 * MARGIN + left + right, max(height, deepest) + MARGIN, tuple(layer.frames), tuple(layer.wires), tuple(layer.labels))


class _Layer:
    """Collects what has been placed."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.wires: list[Wire] = []
        self.labels: list[Label] = []

    def entries(self, stacks: list[tuple[Box, ...]], axis: int, top: int) -> tuple[list[Tail], int]:
        """Stacks of entries side by side; the upper ones of a stack send their line down a gutter at its right."""
        if not stacks:
            return [], top
        heights = [sum(box_lines(box).height + SIDE // 2 for box in stack) - SIDE // 2 for stack in stacks]
        bar = top + max(heights) + BAR
        left = axis - (len(stacks) * (BOX_WIDTH + SIDE) - SIDE) // 2
        tails = []
        for number, stack in enumerate(stacks):
            middle, y = left + number * (BOX_WIDTH + SIDE) + BOX_WIDTH // 2, top
            gutter = middle + BOX_WIDTH // 2 + SIDE // 2
            for box in stack:
                frame = self.place(box, middle, y, [])
                y += frame.height + SIDE // 2
                start = (middle, frame.y + frame.height)
                out: tuple[Point, ...] = (start, (middle, bar))
                if box is not stack[-1]:
                    half = frame.y + frame.height // 2
                    out = ((middle + frame.width // 2, half), (gutter, half), (gutter, bar))
                tails.append(Tail(box.id, "", out).to((axis, bar)))
        return tails, bar + BAR

    def place(self, box: Box, axis: int, top: int, tails: list[Tail], *, reached: bool = True) -> Frame:
        lines = box_lines(box)
        frame = Frame(box, axis - lines.width // 2, top, lines.width, lines.height, lines.verb, lines.name, lines.note, reached)
        self.frames.append(frame)
        self.wires += [Wire(tail.source, box.id, tail.branch, _straight((*tail.points, (axis, top)))) for tail in tails]
        return frame

    def chain(self, items: tuple[Item, ...], axis: int, top: int, tails: list[Tail]) -> tuple[list[Tail], int]:
        """Items below each other from ``top``; the lines that go on, and where the last item ends."""
        y = top
        for number, item in enumerate(items):
            y = y + GAP if number else y
            tails, y = self.item(item, axis, y, tails)
        return tails, y

    def item(self, item: Item, axis: int, top: int, tails: list[Tail]) -> tuple[list[Tail], int]:
        if isinstance(item, Block):
            return self.block(item, axis, top, tails)
        frame = self.place(item, axis, top, tails, reached=bool(tails))
        bottom = frame.y + frame.height
        return ([] if item.leaves else [Tail(item.id, "", ((axis, bottom),))]), bottom

    def block(self, block: Block, axis: int, top: int, tails: list[Tail]) -> tuple[list[Tail], int]:
        bottom = top + item_size(block).height
        if block.head:
            tails, top = self.item(block.head, axis, top, tails)
        sizes = [column_size(column) for column in block.columns]
        axes = column_axes(sizes)
        shift = axis - middle_of(axes)
        bar, gathering = top + BAR, bottom
        ends: list[Tail] = []
        for column, x in zip(block.columns, axes, strict=True):
            place = x + shift
            named = [Tail(tail.source, column.branch or tail.branch, tail.points).to((axis, bar), (place, bar)) for tail in tails]
            out = self.column(column, place, bar, named)
            ends += [tail.to((place, gathering), (axis, gathering)) for tail in out]
        return ends, bottom

    def column(self, column: Column, axis: int, bar: int, tails: list[Tail]) -> list[Tail]:
        lines, width, height = label_of(column)
        y = bar
        if lines:
            self.labels.append(Label(lines, axis, bar + 8, width, height))
            y = bar + 8 + height
        if not column.items:
            return [tail.to((axis, y)) for tail in tails]
        return self.chain(column.items, axis, y + BAR, tails)[0]


def _straight(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """Without repeated points and corners that are none."""
    kept: list[Point] = []
    for point in points:
        if kept and kept[-1] == point:
            continue
        if len(kept) > 1 and (kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]):
            kept[-1] = point
        else:
            kept.append(point)
    return tuple(kept)
