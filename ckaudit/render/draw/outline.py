"""An automation and a path in words: the text alternative of every drawing."""

from __future__ import annotations

import msgspec

from ckaudit.model.findings import PathStep
from ckaudit.render.draw.chart import Block, Box, Chart, Item, Shape
from ckaudit.render.plain import cut

MAX_NAME = 160


class Line(msgspec.Struct, frozen=True):
    """One line of the outline, and the lines below it."""

    text: str
    below: tuple[Line, ...] = ()


def outline(chart: Chart) -> tuple[Line, ...]:
    """The whole chart as nested lines."""
    entries = tuple(Line(_box_words(box)) for box in chart.entries)
    head = Line("Starts when one of these happens:", entries) if entries and chart.entries[0].shape is Shape.ENTRY else None
    rest = _chain(chart.items)
    return (head, *rest) if head else (*entries, *rest)


def _chain(items: tuple[Item, ...]) -> tuple[Line, ...]:
    return tuple(Line(_box_words(item)) if isinstance(item, Box) else _block(item) for item in items)


def _block(block: Block) -> Line:
    below = []
    for column in block.columns:
        lines = _chain(column.items)
        if column.label:
            below.append(Line(f"{cut(column.label, MAX_NAME)}:", lines or (Line("nothing, people go straight on"),)))
        else:
            below.append(Line(lines[0].text, lines[1:]))
    return Line(_box_words(block.head) if block.head else "Whichever happens first", tuple(below))


def _box_words(box: Box) -> str:
    text = f"{box.verb} “{cut(box.name, MAX_NAME)}”" if box.name else box.verb
    return f"{text} ({cut(box.note, MAX_NAME)})" if box.note else text


def path_lines(path: tuple[PathStep, ...]) -> tuple[str, ...]:
    """A flagged path, one line for each step."""
    return tuple(f"{cut(step.name, MAX_NAME)}{f' ({cut(step.note, MAX_NAME)})' if step.note else ''}" for step in path)
