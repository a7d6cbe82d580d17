"""Makes charts small enough to read: the part around a flagged path, and sheets that fit on a page."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ckaudit.render.draw.chart import END, Block, Box, Chart, Column, Item, Shape, boxes_in, lives
from ckaudit.render.draw.layout import GAP, chain_size, item_size
from ckaudit.render.plain import count

WHOLE = 8  # charts of so few boxes are shown whole
PAGE_HEIGHT = 860
PAGE_WIDTH = 1000


def excerpt(chart: Chart) -> Chart:
    """The marked boxes with their neighbours; the rest folded into boxes that say how many steps they stand for."""
    every = boxes_in(chart.items)
    if len(every) + len(chart.entries) <= WHOLE or not any(box.mark for box in (*chart.entries, *every)):
        return chart
    return Chart(chart.title, _few_entries(chart.entries), _folded(chart.items, ""))


def _few_entries(entries: tuple[Box, ...]) -> tuple[Box, ...]:
    kept = tuple(box for number, box in enumerate(entries) if box.mark or number == 0)
    left_out = len(entries) - len(kept)
    return (*kept, Box("fold-e", Shape.PILL, count(left_out, "more entry", "more entries"))) if left_out > 1 else entries


def _is_marked(item: Item) -> bool:
    return any(box.mark for box in boxes_in((item,)))


def _folded(items: tuple[Item, ...], prefix: str) -> tuple[Item, ...]:
    marked = [_is_marked(item) for item in items]
    near = [any(marked[max(0, number - 1) : number + 2]) for number in range(len(items))]
    result: list[Item] = []
    run: list[Item] = []
    for number, item in enumerate(items):
        keep = near[number] or (isinstance(item, Box) and item.id == END)
        if keep:
            result += _fold(tuple(run), f"{prefix}{number}")
            run = []
            result.append(_inner(item) if isinstance(item, Block) else item)
        else:
            run.append(item)
    return (*result, *_fold(tuple(run), f"{prefix}{len(items)}"))


def _inner(block: Block) -> Block:
    """A block whose sides without marks are folded."""
    name = block.head.id if block.head else boxes_in((block,))[0].id
    columns = []
    for number, column in enumerate(block.columns):
        if any(_is_marked(item) for item in column.items):
            items = _folded(column.items, f"{name}-{number}-")
        else:
            items = _fold_side(block, column, f"{name}-{number}")
        columns.append(Column(column.branch, column.label, items))
    return Block(block.head, tuple(columns))


def _fold_side(block: Block, column: Column, name: str) -> tuple[Item, ...]:
    """One side folded to a single box; the event that begins a side stays."""
    if block.head is None:
        return (column.items[0], *_fold(column.items[1:], name))
    return _fold(column.items, name)


def _fold(items: tuple[Item, ...], name: str) -> tuple[Item, ...]:
    boxes = boxes_in(items)
    if len(boxes) < 2:
        return items
    return (Box(f"fold-{name}", Shape.PILL, count(len(boxes), "more step"), leaves=not lives(items)),)


class Sheet(msgspec.Struct, frozen=True):
    """A part of a long chart. ``letter`` names a side that was cut out of a block, ``about`` says which; both empty for the main line."""

    chart: Chart
    letter: str = ""
    about: str = ""


def sheets(chart: Chart) -> tuple[Sheet, ...]:
    """The chart in parts that fit on a page. A part goes on in the next one; a long side of a block becomes a part of its own."""
    cutter = _Cutter()
    items = tuple(cutter.fitted(item) for item in chart.items)
    main = Sheet(Chart(chart.title, chart.entries, items))
    return tuple(part for sheet in (main, *cutter.aside) for part in _pages(sheet))


def _pages(sheet: Sheet) -> Iterator[Sheet]:
    """A sheet as pages; all but the last end in “goes on”, all but the first begin with “from above”."""
    runs = list(_runs(sheet.chart.items))
    for number, run in enumerate(runs):
        entries = sheet.chart.entries if number == 0 else (Box(f"from-{number}", Shape.PILL, "from above"),)
        goes_on = number < len(runs) - 1 and lives(run)
        on = (Box(f"on-{number}", Shape.PILL, "goes on in the next part"),) if goes_on else ()
        yield Sheet(Chart(sheet.chart.title, entries, (*run, *on)), sheet.letter, sheet.about)


def _runs(items: tuple[Item, ...]) -> Iterator[tuple[Item, ...]]:
    run: list[Item] = []
    used = 0
    for item in items:
        height = item_size(item).height + GAP
        is_last = isinstance(item, Box) and item.shape is Shape.PILL
        if run and used + height > PAGE_HEIGHT - 120 and not is_last:
            yield tuple(run)
            run, used = [], 0
        run.append(item)
        used += height
    if run or not items:
        yield tuple(run)


class _Cutter:
    """Cuts the largest sides out of blocks until they fit, and keeps what it cut."""

    def __init__(self) -> None:
        self.aside: list[Sheet] = []

    def fitted(self, item: Item) -> Item:
        while isinstance(item, Block) and _is_too_big(item):
            number = _largest(item)
            if number is None:
                break
            item = self.cut(item, number)
        return item

    def cut(self, block: Block, number: int) -> Block:
        column = block.columns[number]
        event = column.items[0] if block.head is None else None
        rest = column.items[1:] if event else column.items
        slot, letter = len(self.aside), _letter(len(self.aside))
        self.aside.append(Sheet(Chart("", (), ()), letter))
        start = Box(f"in-{letter}", Shape.PILL, "from above")
        back = (Box(f"back-{letter}", Shape.PILL, "back to the main line"),) if lives(rest) else ()
        items = (*(self.fitted(item) for item in rest), *back)
        self.aside[slot] = Sheet(Chart("", (start,), items), letter, _about(block, column, event))
        pill = Box(f"part-{letter}", Shape.PILL, f"{len(boxes_in(rest))} steps, see part {letter}", leaves=not lives(rest))
        columns = list(block.columns)
        columns[number] = Column(column.branch, column.label, (event, pill) if event else (pill,))
        return Block(block.head, tuple(columns))


def _about(block: Block, column: Column, event: Item | None) -> str:
    if isinstance(event, Box):
        return f"{event.verb}: {event.name}"
    head = block.head
    return f"{head.verb} {head.name}: {column.label}" if head else column.label


def _letter(number: int) -> str:
    return chr(ord("A") + number) if number < 26 else f"{_letter(number // 26 - 1)}{_letter(number % 26)}"


def _is_too_big(item: Item) -> bool:
    size = item_size(item)
    return size.height > PAGE_HEIGHT - 160 or size.left + size.right > PAGE_WIDTH


def _largest(block: Block) -> int | None:
    """The side that takes most room; None when no side has two boxes that could be drawn elsewhere."""
    areas = [_area(column, block.head is None) for column in block.columns]
    largest = max(areas)
    return areas.index(largest) if largest else None


def _area(column: Column, has_event: bool) -> int:
    rest = column.items[1:] if has_event else column.items
    if len(boxes_in(rest)) < 2:
        return 0
    size = chain_size(rest)
    return (size.left + size.right) * size.height
