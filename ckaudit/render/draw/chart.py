"""An automation as boxes and blocks of columns: what every drawing and the text alternative are made from.

A box's ``id`` is its path through the nested steps (``e0``, ``s3/then/s0``, ``end``), the same that flagged paths name behind the
automation's number.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import TypeAlias

import msgspec

from ckaudit.graph.words import Label, step_label, trigger_label
from ckaudit.model.automations import Automation
from ckaudit.model.findings import PathStep
from ckaudit.model.steps import AnyStep, Branch, Event, EventPath, Events, Exit, If, Split
from ckaudit.render.plain import clean, plural
from ckaudit.render.vocabulary import KINDS

MAX_LENGTH = 600
END = "end"
START = "start"


class Shape(enum.StrEnum):
    """What a box is; the style sheet gives each its colour, the drawing its outline."""

    ENTRY = "entry"
    ACTION = "action"
    CONDITION = "condition"
    EVENT = "event"
    EXIT = "exit"
    PILL = "pill"
    OBJECT = "object"


class Mark(msgspec.Struct, frozen=True):
    """A box's place on the flagged path, from 1, and what is said about it there. Without a path (``is_step`` False) the number is that of
    what was found at the box."""

    number: int
    note: str = ""
    is_step: bool = True


class Box(msgspec.Struct, frozen=True):
    """One box. ``verb`` is the small line on top (``Add tag``), ``name`` what it is about, ``note`` what is below it."""

    id: str
    shape: Shape
    verb: str
    name: str = ""
    note: str = ""
    mark: Mark | None = None
    leaves: bool = False


class Column(msgspec.Struct, frozen=True):
    """One side of a block. ``label`` is what the line is called (``yes``)."""

    branch: str
    label: str
    items: tuple[Item, ...] = ()


class Block(msgspec.Struct, frozen=True):
    """Columns side by side, below a condition or, for events, without a head."""

    head: Box | None
    columns: tuple[Column, ...]


Item: TypeAlias = Box | Block


class Chart(msgspec.Struct, frozen=True):
    """Entries side by side, the steps below them. ``title`` is the name of what is drawn."""

    title: str
    entries: tuple[Box, ...]
    items: tuple[Item, ...]


def make_chart(automation: Automation, marks: Mapping[str, Mark] | None = None) -> Chart:
    """The chart of an automation, with the boxes of a flagged path marked by their ids."""
    maker = _Maker(marks or {})
    entries = tuple(
        maker.box(f"e{number}", Shape.ENTRY, trigger_label(entry), note=entry.note) for number, entry in enumerate(automation.entries)
    )
    if not entries:
        entries = (Box(START, Shape.PILL, "Start: something else lets people in", mark=maker.mark(START)),)
    items = maker.chain(automation.steps, "")
    if lives(items) or END in maker.marks:
        items = (*items, Box(END, Shape.PILL, "End", mark=maker.mark(END)))
    return Chart(automation.name, entries, items)


def make_path_chart(path: tuple[PathStep, ...]) -> Chart:
    """A path that lies in no drawn automation: its steps one below the other."""
    shapes = {"entry": Shape.ENTRY, "event": Shape.EVENT, "condition": Shape.CONDITION, "step": Shape.ACTION, "end": Shape.PILL}
    boxes = tuple(
        Box(
            f"p{number}",
            shapes.get(step.kind, Shape.OBJECT),
            _kind_word(step),
            _plain(step.name),
            mark=Mark(number + 1, _plain(step.note)),
        )
        for number, step in enumerate(path)
    )
    return Chart("", boxes[:1], boxes[1:])


def _kind_word(step: PathStep) -> str:
    return KINDS.get(step.object.kind, "") if step.object else ""


def _plain(text: str) -> str:
    """Foreign text as it can be measured and drawn: no characters that hide or reorder, not endless, on one line."""
    return " ".join(clean(text[:MAX_LENGTH]).split())


class _Maker:
    """Holds what every box needs while a chart is made."""

    def __init__(self, marks: Mapping[str, Mark]) -> None:
        self.marks = marks

    def mark(self, path: str) -> Mark | None:
        found = self.marks.get(path)
        return msgspec.structs.replace(found, note=_plain(found.note)) if found else None

    def box(self, path: str, shape: Shape, label: Label, *, note: str = "", leaves: bool = False) -> Box:
        return Box(path, shape, label.verb, _plain(label.name), _plain(note), self.mark(path), leaves)

    def chain(self, steps: tuple[AnyStep, ...], prefix: str) -> tuple[Item, ...]:
        return tuple(self.item(step, f"{prefix}s{number}") for number, step in enumerate(steps))

    def item(self, step: AnyStep, path: str) -> Item:
        if isinstance(step, Events):
            goals = zip(step.paths, step.branches, strict=True)
            return Block(None, tuple(self.event_column(goal, f"{path}/{branch.id}") for goal, branch in goals))
        shape = {If: Shape.CONDITION, Split: Shape.CONDITION, Event: Shape.EVENT, Exit: Shape.EXIT}.get(type(step), Shape.ACTION)
        waiting = plural(step.waiting, "{n} person waits here", "{n} people wait here") if step.waiting else ""
        note = ". ".join(part for part in (waiting, step.note) if part)
        head = self.box(path, shape, step_label(step), note=note, leaves=isinstance(step, Exit))
        return Block(head, tuple(self.column(branch, path) for branch in step.branches)) if step.branches else head

    def column(self, branch: Branch, path: str) -> Column:
        label = _plain(branch.tag.name) if branch.tag else "otherwise" if branch.name == "none" else branch.name
        return Column(branch.name, label, self.chain(branch.steps, f"{path}/{branch.id}/"))

    def event_column(self, goal: EventPath, path: str) -> Column:
        head = self.box(path, Shape.EVENT, trigger_label(goal.trigger), note=goal.note)
        return Column("", "", (head, *self.chain(goal.steps, f"{path}/")))


def lives(items: tuple[Item, ...]) -> bool:
    """True when a line leaves these items at the bottom."""
    if not items:
        return True
    last = items[-1]
    return not last.leaves if isinstance(last, Box) else any(lives(column.items) for column in last.columns)


def boxes_in(items: tuple[Item, ...]) -> tuple[Box, ...]:
    """Every box, in reading order."""
    found: list[Box] = []
    for item in items:
        if isinstance(item, Box):
            found.append(item)
        else:
            found += [item.head] if item.head else []
            found += [box for column in item.columns for box in boxes_in(column.items)]
    return tuple(found)
