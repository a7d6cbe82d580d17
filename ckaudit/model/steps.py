"""The steps of automations, and what sets them off, as the manifest states them.

Words are those of Kit's screens. Semantics are Kit's (help articles 2502537 actions, 2502665 conditions, 2502670 events).
Durations are seconds. Every part keeps its place in the file.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import ClassVar, TypeAlias

import msgspec

from ckaudit.model.errors import Location
from ckaudit.model.refs import Key, Kind, Ref


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What every part of a manifest has: its place, and the owner's note."""

    location: Location | None = None
    note: str = ""


class TriggerKind(enum.StrEnum):
    """What can start an automation, meet an event or fire a rule."""

    JOINS_FORM = "joins_form"
    TAG_ADDED = "tag_added"
    TAG_REMOVED = "tag_removed"
    FIELD_CHANGED = "field_changed"
    PURCHASES = "purchases"
    APP_EVENT = "app_event"
    DATE = "date"
    SUBSCRIBES_TO_SEQUENCE = "subscribes_to_sequence"
    COMPLETES_SEQUENCE = "completes_sequence"
    CLICKS_LINK = "clicks_link"


class Trigger(Part, frozen=True, kw_only=True):
    """Something that happens to a person: an entry, an event or a rule's trigger.

    ``ref`` is the form (None for "any form"), tag, field, product or sequence; ``value`` the field's new value (None: any change),
    the date (``YYYY-MM-DD``), the link address or the app's own words.
    """

    kind: TriggerKind
    ref: Ref | None = None
    value: str | None = None

    @property
    def target(self) -> Key | None:
        """The object it is about, None for any form, a link, a date or an app's event."""
        return self.ref.key if self.ref else None

    def matches(self, kind: TriggerKind, key: Key) -> bool:
        """True when this is what it waits for. "Any form" waits for every form."""
        if self.kind is not kind:
            return False
        if self.ref is None:
            return kind is TriggerKind.JOINS_FORM and key.kind is Kind.FORM
        return self.ref.key == key


class Effect(enum.StrEnum):
    """What a step, rule, form or integration does to its target. Values are the edge kinds of the account graph."""

    ADDS_TAG = "applies"
    REMOVES_TAG = "removes"
    ENROLS = "enrols"
    UNENROLS = "unenrols"
    SETS_FIELD = "sets"
    STARTS = "starts_va"
    STOPS = "removes_va"
    JOINS_FORM = "joins"
    LEAVES_FORM = "leaves"

    @property
    def fires(self) -> tuple[TriggerKind, ...]:
        """The triggers it sets off. Starting an automation needs none."""
        return _FIRES.get(self, ())


_FIRES = {
    Effect.ADDS_TAG: (TriggerKind.TAG_ADDED,),
    Effect.REMOVES_TAG: (TriggerKind.TAG_REMOVED,),
    Effect.ENROLS: (TriggerKind.SUBSCRIBES_TO_SEQUENCE, TriggerKind.COMPLETES_SEQUENCE),
    Effect.SETS_FIELD: (TriggerKind.FIELD_CHANGED,),
    Effect.JOINS_FORM: (TriggerKind.JOINS_FORM,),
}


class Branch(Part, frozen=True, kw_only=True):
    """One way on from a step: its steps, and what takes people there.

    ``id`` is its part of a step's id (``then``, ``path0``), ``name`` what the line into it is called (``yes``, ``no``, ``path:<tag>``,
    ``none``; empty for a goal). People who match no path of a split go on behind it: a branch without steps.
    """

    id: str
    name: str
    steps: tuple[AnyStep, ...] = ()
    tag: Ref | None = None
    trigger: Trigger | None = None


class Step(Part, frozen=True, kw_only=True, tag_field="step"):
    """Any step of an automation. ``waiting`` is Kit's "subscribers waiting here", typed in by hand.

    ``effect`` is what it does to the object it refers to, None for steps that only wait, look or leave.
    """

    effect: ClassVar[Effect | None] = None
    waiting: int | None = None

    @property
    def ref(self) -> Ref | None:
        """The object it acts on, asks for or waits for, if there is exactly one."""
        return None

    @property
    def tests(self) -> tuple[Ref, ...]:
        """The objects it asks for."""
        return ()

    @property
    def branches(self) -> tuple[Branch, ...]:
        """The ways on from it, those without steps too; none for a step that only goes on."""
        return ()


class AddTag(Step, frozen=True, kw_only=True, tag="add_tag"):
    """Add a tag."""

    effect = Effect.ADDS_TAG
    tag: Ref

    @property
    def ref(self) -> Ref | None:
        """The tag."""
        return self.tag


class RemoveTag(Step, frozen=True, kw_only=True, tag="remove_tag"):
    """Remove a tag; nothing happens when it was absent."""

    effect = Effect.REMOVES_TAG
    tag: Ref

    @property
    def ref(self) -> Ref | None:
        """The tag."""
        return self.tag


class Enrol(Step, frozen=True, kw_only=True, tag="sequence"):
    """Put the person into a sequence; go on after the last published email, never when the sequence holds."""

    effect = Effect.ENROLS
    sequence: Ref

    @property
    def ref(self) -> Ref | None:
        """The sequence."""
        return self.sequence


class Delay(Step, frozen=True, kw_only=True, tag="delay"):
    """Wait. ``text`` is the delay as written, such as ``5 minutes``."""

    seconds: int
    text: str


class SetField(Step, frozen=True, kw_only=True, tag="set_field"):
    """Set a custom field; ``value`` None clears it."""

    effect = Effect.SETS_FIELD
    field: Ref
    value: str | None

    @property
    def ref(self) -> Ref | None:
        """The field."""
        return self.field


class StartAutomation(Step, frozen=True, kw_only=True, tag="start_automation"):
    """Move subscriber: start another automation. The person also stays in this one."""

    effect = Effect.STARTS
    automation: Ref

    @property
    def ref(self) -> Ref | None:
        """The other automation."""
        return self.automation


class RemoveFromAutomation(Step, frozen=True, kw_only=True, tag="remove_from_automation"):
    """Move subscriber: remove from another automation."""

    effect = Effect.STOPS
    automation: Ref

    @property
    def ref(self) -> Ref | None:
        """The other automation."""
        return self.automation


class Exit(Step, frozen=True, kw_only=True, tag="exit"):
    """Move subscriber: exit this automation."""


class ConditionKind(enum.StrEnum):
    """Kit's four conditions."""

    TAG = "tag"
    FIELD = "field"
    FILTER = "filter"
    OPENED = "opened_within"


class Test(Part, frozen=True, kw_only=True):
    """What a condition looks at, once, when the person arrives.

    For ``FIELD``: ``operator`` is ``is``, ``contains``, ``above``, ``below``, ``blank`` or ``known``. For ``OPENED``: ``seconds``.
    """

    kind: ConditionKind
    ref: Ref | None = None
    operator: str = ""
    value: str | None = None
    seconds: int | None = None


class If(Step, frozen=True, kw_only=True, tag="if"):
    """A condition with its yes and no side; an empty side goes straight on."""

    test: Test
    then: tuple[AnyStep, ...] = ()
    otherwise: tuple[AnyStep, ...] = ()

    @property
    def ref(self) -> Ref | None:
        """The tag or field it asks for."""
        return self.test.ref

    @property
    def tests(self) -> tuple[Ref, ...]:
        """The tag or field it asks for."""
        return (self.test.ref,) if self.test.ref else ()

    @property
    def branches(self) -> tuple[Branch, ...]:
        """The yes side, then the no side."""
        return Branch(id="then", name="yes", steps=self.then), Branch(id="else", name="no", steps=self.otherwise)


class SplitPath(Part, frozen=True, kw_only=True):
    """One path of a split; ``tag`` None is the path for people who match none."""

    tag: Ref | None
    steps: tuple[AnyStep, ...] = ()

    def branch(self, place: str) -> Branch:
        """This path as a way on."""
        name = f"path:{self.tag.name}" if self.tag else "none"
        return Branch(id=place, name=name, steps=self.steps, tag=self.tag, location=self.location, note=self.note)


class Split(Step, frozen=True, kw_only=True, tag="split"):
    """A split over tags: the first match counts; without an ``otherwise`` path people who match none go on behind the block."""

    paths: tuple[SplitPath, ...]

    @property
    def tests(self) -> tuple[Ref, ...]:
        """The tags of its paths."""
        return tuple(path.tag for path in self.paths if path.tag)

    @property
    def branches(self) -> tuple[Branch, ...]:
        """One for each path, and one for people who match none."""
        paths = [path.branch(f"path{number}") for number, path in enumerate(self.paths)]
        return (*paths, Branch(id="none", name="none")) if all(path.tag for path in paths) else tuple(paths)


class Event(Step, frozen=True, kw_only=True, tag="event"):
    """A goal: people wait in front of it, and it pulls forward everybody who is above it in this automation."""

    trigger: Trigger

    @property
    def ref(self) -> Ref | None:
        """What it waits for."""
        return self.trigger.ref


class EventPath(Part, frozen=True, kw_only=True):
    """One of several goals side by side, and the steps behind it."""

    trigger: Trigger
    steps: tuple[AnyStep, ...] = ()

    def branch(self, place: str) -> Branch:
        """This goal as a way on."""
        return Branch(id=place, name="", steps=self.steps, trigger=self.trigger, location=self.location, note=self.note)


class Events(Step, frozen=True, kw_only=True, tag="events"):
    """Goals side by side: whichever happens first counts."""

    paths: tuple[EventPath, ...]

    @property
    def branches(self) -> tuple[Branch, ...]:
        """One for each goal, with the steps behind it."""
        return tuple(path.branch(f"path{number}") for number, path in enumerate(self.paths))


AnyStep: TypeAlias = (
    AddTag | RemoveTag | Enrol | Delay | SetField | StartAutomation | RemoveFromAutomation | Exit | If | Split | Event | Events
)


def all_steps(steps: tuple[AnyStep, ...]) -> Iterator[AnyStep]:
    """Every step, those inside blocks too, in the order of the file."""
    for step in steps:
        yield step
        for branch in step.branches:
            yield from all_steps(branch.steps)
