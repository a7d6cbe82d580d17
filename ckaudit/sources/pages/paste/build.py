"""Finds -> an automation. Where a branch ends, no text tells: what stands in one is said to be unsure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import msgspec

from ckaudit.model.durations import UNITS, split_duration
from ckaudit.model.errors import Location
from ckaudit.model.refs import Kind, Ref
from ckaudit.model.steps import (
    AddTag,
    AnyStep,
    ConditionKind,
    Delay,
    Enrol,
    Event,
    Exit,
    If,
    RemoveFromAutomation,
    RemoveTag,
    StartAutomation,
    Test,
)
from ckaudit.model.triggers import Trigger, TriggerKind
from ckaudit.sources.pages.anchors import Anchors
from ckaudit.sources.pages.paste.layout import Find
from ckaudit.sources.pages.paste.lines import Piece
from ckaudit.sources.pages.paste.words import TRIGGERS, Meaning

Columns: TypeAlias = "tuple[tuple[Find, ...], tuple[Find, ...]]"
MAX_DEPTH = 20  # a person draws a handful of conditions inside each other
_BRANCH = "where this branch ends, the text does not tell"
_COLUMNS = "two branches stood side by side: which step belongs to which is read from tabs"


class _Block(msgspec.Struct):
    """A condition in the making, and the side that is being read."""

    test: Test
    place: Location
    then: list[AnyStep | _Block] = []
    other: list[AnyStep | _Block] = []
    side: Meaning | None = None
    parent: _Block | None = None
    depth: int = 1

    def done(self) -> If:
        """The step."""
        return If(test=self.test, then=finished(self.then), otherwise=finished(self.other), location=self.place)


class Built(msgspec.Struct):
    """What came of the finds: ``unsure`` by place, and what could not be used, with the reason."""

    entries: list[Trigger]
    steps: list[AnyStep | _Block]
    unsure: dict[tuple[int, int], str]
    unused: list[tuple[Find, str]]


def finished(steps: Iterable[AnyStep | _Block]) -> tuple[AnyStep, ...]:
    """The steps, with their conditions done."""
    return tuple(step.done() if isinstance(step, _Block) else step for step in steps)


class Builder:
    """Takes one find after the other."""

    def __init__(self, anchors: Anchors, file: str) -> None:
        self.anchors = anchors
        self.file = file
        self.built = Built([], [], {}, [])
        self.block: _Block | None = None
        self.event = False

    def add(self, find: Find) -> None:
        """The next find of the text."""
        match find.meaning:
            case Meaning.EVENT:
                self.event = True
            case Meaning.YES | Meaning.NO:
                self._side(find)
            case Meaning.EXIT:
                self._step(Exit(location=self._at(find)))
            case Meaning.DELAY:
                self._delay(find)
            case _:
                self._about_a_name(find)

    def columns(self, sides: Columns) -> None:
        """Finds of two branches side by side: those of the yes side, and those of the no side."""
        for meaning, finds in zip((Meaning.YES, Meaning.NO), sides, strict=True):
            block = self.block
            for find in finds:
                if block:
                    self.block, block.side = block, meaning
                self.add(find)
                self.built.unsure[find.name.place] = _COLUMNS
            self.block = block
        self.block = self.block.parent if self.block else None

    def _at(self, find: Find) -> Location:
        return Location(self.file, find.name.line, find.name.cell + 1)

    def _step(self, step: AnyStep | _Block) -> None:
        block = self.block
        if block is None:
            self.built.steps.append(step)
            return
        (block.then if block.side is Meaning.YES else block.other if block.side else self._behind(block)).append(step)
        if block.side and (place := step.place if isinstance(step, _Block) else step.location):
            self.built.unsure.setdefault((place.line, place.column - 1), _BRANCH)

    def _behind(self, block: _Block) -> list[AnyStep | _Block]:
        """Where steps go below a condition of which no side was named: they are not in it."""
        self.block = block.parent
        parent = self.block
        return self.built.steps if parent is None else parent.then if parent.side is Meaning.YES else parent.other

    def _side(self, find: Find) -> None:
        """“Yes” or “No”: of the innermost condition that has not had it."""
        block = self.block
        while block and block.parent and (block.other if find.meaning is Meaning.NO else block.then):
            block = block.parent
        if block is None:
            self.built.unused.append((find, "no condition stands above it"))
            return
        block.side, self.block = find.meaning, block

    def _delay(self, find: Find) -> None:
        number, unit = split_duration(find.name.delay) or ("0", "minute")
        self._step(Delay(seconds=int(number) * UNITS[unit], text=find.name.delay, location=self._at(find)))

    def _about_a_name(self, find: Find) -> None:
        ref = self._ref(find)
        if isinstance(ref, str):
            self.built.unused.append((find, ref))
            return
        place = self._at(find)
        if find.meaning in TRIGGERS:
            self._trigger(Trigger(kind=TriggerKind(find.meaning), ref=ref, location=place), find)
            return
        match find.meaning:
            case Meaning.ADD_TAG:
                self._step(AddTag(tag=ref, location=place))
            case Meaning.REMOVE_TAG:
                self._step(RemoveTag(tag=ref, location=place))
            case Meaning.SEQUENCE:
                self._step(Enrol(sequence=ref, location=place))
            case Meaning.START_AUTOMATION:
                self._step(StartAutomation(automation=ref, location=place))
            case Meaning.REMOVE_FROM_AUTOMATION:
                self._step(RemoveFromAutomation(automation=ref, location=place))
            case _:
                self._condition(_Block(Test(kind=ConditionKind.TAG, ref=ref, location=place), place), find)

    def _condition(self, block: _Block, find: Find) -> None:
        if self.block and self.block.depth >= MAX_DEPTH:
            self.built.unused.append((find, f"it is inside of {MAX_DEPTH} conditions already"))
            return
        self._step(block)
        block.parent, block.depth = self.block, self.block.depth + 1 if self.block else 1
        self.block = block

    def _trigger(self, trigger: Trigger, find: Find) -> None:
        """Above the first step it starts the automation, below it is an event that people wait for."""
        starts = not self.built.steps and not self.event and trigger.kind is not TriggerKind.TAG_REMOVED
        self.event = False
        if starts:
            self.built.entries.append(trigger)
        elif trigger.kind is TriggerKind.JOINS_FORM:
            self.built.unused.append((find, "Kit's automations start when somebody joins a form, and have no event for it"))
        else:
            self._step(Event(trigger=trigger, location=trigger.location))
        if find.meaning is Meaning.FIELD_CHANGED:
            self.built.unsure[find.name.place] = "to which value the field changes was not read"

    def _ref(self, find: Find) -> Ref | str:
        """The object that is meant, or why nobody can tell."""
        place, kind = self._at(find), find.meaning.kind
        if find.product:
            self.built.unsure[find.name.place] = "no list has the products: the name is taken as it stands"
            return Ref(Kind.PRODUCT, find.name.text, location=place)
        anchor = find.name.anchors[0]
        refs = [ref for name in anchor.names for ref in self.anchors.refs(kind, name)] if kind else []
        if len(refs) != 1:
            what = f"the names of {len(refs)} {kind}s begin so" if anchor.cut else f"{len(refs)} {kind}s are called so"
            return what if refs else f"no {kind} is called so"
        if anchor.cut:
            self.built.unsure[find.name.place] = "the name was cut; only this one begins so"
        found = refs[0]
        return Ref(found.kind, found.name, found.id, True, place)


def reason(piece: Piece) -> str:
    """Why a piece that is in no find was not understood."""
    if len(piece.anchors) > 1:
        return "more than one name stands in it"
    if piece.anchors and piece.is_bare:
        kinds = " or ".join(sorted(set(piece.kinds)))
        return f"a {kinds} is called so, and no words say what happens with it"
    if piece.anchors:
        return "it has a name of the account, and its words say nothing that fits"
    if piece.is_label:
        return "these words want a name, and none of the account stands beside them"
    return "none of its words is known"
