"""The steps of automations, as the manifest states them.

Words are those of Kit's screens. Semantics are Kit's (help articles 2502537 actions, 2502665 conditions, 2502670 events).
Durations are seconds. Every part keeps its place in the file. The annotations say how a manifest writes it
(``ckaudit.model.notation``).
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from msgspec import Meta

from ckaudit.model.notation import (
    AppActionRef,
    AutomationRef,
    FieldRef,
    FieldValue,
    Key,
    Notation,
    Part,
    Seconds,
    SequenceRef,
    TagRef,
    Written,
)
from ckaudit.model.refs import Ref
from ckaudit.model.triggers import Goal, TriggerKind
from ckaudit.model.triggers import Trigger as Trigger  # noqa: PLC0414  rules write steps.Trigger


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
    UNSUBSCRIBES = "unsubscribes"
    CALLS = "calls"

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
    note: Annotated[str, Written.BESIDE, Meta(description="A note for the reader.")] = ""
    waiting: Annotated[
        Annotated[int, Meta(ge=0)] | None, Written.BESIDE, Meta(description="How many subscribers wait here, as Kit shows.")
    ] = None

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
    tag: Annotated[TagRef, Meta(description="Add this tag.")]

    @property
    def ref(self) -> Ref | None:
        """The tag."""
        return self.tag


class RemoveTag(Step, frozen=True, kw_only=True, tag="remove_tag"):
    """Remove a tag; nothing happens when it was absent."""

    effect = Effect.REMOVES_TAG
    tag: Annotated[TagRef, Meta(description="Remove this tag.")]

    @property
    def ref(self) -> Ref | None:
        """The tag."""
        return self.tag


class Enrol(Step, frozen=True, kw_only=True, tag="sequence"):
    """Put the person into a sequence; go on after the last published email, never when the sequence holds."""

    effect = Effect.ENROLS
    sequence: Annotated[SequenceRef, Meta(description="Put people into this sequence; they go on after its last published email.")]

    @property
    def ref(self) -> Ref | None:
        """The sequence."""
        return self.sequence


class Delay(Step, frozen=True, kw_only=True, tag="delay"):
    """Wait. ``text`` is the delay as written, such as ``5 minutes``."""

    seconds: Annotated[Seconds, Meta(description="Wait this long.")]
    text: str


class SetField(Step, frozen=True, kw_only=True, tag="set_field"):
    """Set a custom field.

    ``value`` None clears it.
    """

    notation: ClassVar = Notation(
        "“set_field”", "Write it as in set_field: {field: country, value: Spain}; “value: null” clears the field."
    )

    effect = Effect.SETS_FIELD
    field: Annotated[FieldRef, Meta(description="The custom field.")]
    value: Annotated[FieldValue | None, Meta(description="The new value; null clears the field.")]

    @property
    def ref(self) -> Ref | None:
        """The field."""
        return self.field


class StartAutomation(Step, frozen=True, kw_only=True, tag="start_automation"):
    """Move subscriber: start another automation. The person also stays in this one."""

    effect = Effect.STARTS
    automation: Annotated[AutomationRef, Meta(description="Start this automation, too.")]

    @property
    def ref(self) -> Ref | None:
        """The other automation."""
        return self.automation


class RemoveFromAutomation(Step, frozen=True, kw_only=True, tag="remove_from_automation"):
    """Move subscriber: remove from another automation."""

    effect = Effect.STOPS
    automation: Annotated[AutomationRef, Meta(description="Remove people from this automation.")]

    @property
    def ref(self) -> Ref | None:
        """The other automation."""
        return self.automation


class AppAction(Step, frozen=True, kw_only=True, tag="app_action"):
    """What an installed app does, such as signing people up for a webinar."""

    effect = Effect.CALLS
    app_action: Annotated[AppActionRef, Meta(description="What an installed app does, in its own words.")]

    @property
    def ref(self) -> Ref | None:
        """What the app does."""
        return self.app_action


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


CONDITION = Notation(
    "a condition",
    "Write it as in if: {tag: Customer}.",
    answers={
        "form": "Kit's conditions ask for no form: write its advanced filter in words, as in {filter: joined the form Footer}.",
        "sequence": "Kit's conditions ask for no sequence: write its advanced filter in words, as in {filter: is in the sequence Pitch}.",
        "segment": "Kit's conditions ask for no segment: write its advanced filter in words, as in {filter: is in the segment Buyers}.",
        "purchases": "Kit's conditions ask for purchases in the advanced filter: write it in words, as in {filter: purchased Course A}.",
        "has_tag": "Write “tag”, as in {tag: Customer}.",
    },
)
CONDITIONS: Mapping[ConditionKind, Any] = {
    ConditionKind.TAG: Annotated[TagRef, Meta(description="Has this tag.")],
    ConditionKind.FIELD: Annotated[FieldRef, Meta(description="This custom field, compared with one of the following.")],
    ConditionKind.FILTER: Annotated[str, Meta(description="Kit's advanced filter, in words.")],
    ConditionKind.OPENED: Annotated[Seconds, Meta(description="Opened any email within this time.")],
}
OPERATORS: Mapping[str, Any] = {
    "is": Annotated[FieldValue, Meta(description="The field is this.")],
    "contains": Annotated[FieldValue, Meta(description="The field contains this.")],
    "above": Annotated[FieldValue, Meta(description="The field is above this.")],
    "below": Annotated[FieldValue, Meta(description="The field is below this.")],
    "blank": Annotated[Literal[True], Meta(description="The field is blank.")],
    "known": Annotated[Literal[True], Meta(description="The field is known.")],
}


class If(Step, frozen=True, kw_only=True, tag="if"):
    """A condition with its yes and no side; an empty side goes straight on."""

    test: Annotated[Test, Meta(description="Looked at once, when the person arrives.")]
    then: Annotated[tuple[AnyStep, ...], Written.BESIDE, Meta(description="Steps for people who meet the condition.")] = ()
    otherwise: Annotated[tuple[AnyStep, ...], Key("else"), Written.BESIDE, Meta(description="Steps for people who do not.")] = ()

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

    notation: ClassVar = Notation("a path of a split", "Write it as {tag: VIP, steps: [...]} or {otherwise: [...]}.")

    tag: Annotated[TagRef | None, Meta(description="People go down the first path whose tag they have.")] = None
    steps: Annotated[tuple[AnyStep, ...], Meta(description="The steps of this path.")] = ()

    def branch(self, place: str) -> Branch:
        """This path as a way on."""
        name = f"path:{self.tag.name}" if self.tag else "none"
        return Branch(id=place, name=name, steps=self.steps, tag=self.tag, location=self.location, note=self.note)


class Split(Step, frozen=True, kw_only=True, tag="split"):
    """A split over tags: the first match counts; without an ``otherwise`` path people who match none go on behind the block."""

    notation: ClassVar = Notation("“split”", "Write it as in split: [{tag: VIP, steps: [...]}, {otherwise: [...]}].")

    paths: Annotated[tuple[SplitPath, ...], Meta(min_length=1, description="People go down the first path whose tag they have.")]

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

    trigger: Annotated[Goal, Meta(description="People wait here until this happens, and it pulls forward everybody above it.")]

    @property
    def ref(self) -> Ref | None:
        """What it waits for."""
        return self.trigger.ref


class EventPath(Part, frozen=True, kw_only=True):
    """One of several goals side by side, and the steps behind it."""

    notation: ClassVar = Notation(
        "one of several events",
        "Write it as {event: {tag_added: Customer}, steps: [...]}.",
        answers={"goal": "Write “event”, as in {event: {tag_added: Customer}, steps: [...]}."},
    )

    trigger: Annotated[Goal, Key("event"), Meta(description="What happens.")]
    steps: Annotated[tuple[AnyStep, ...], Meta(description="Steps for people to whom it happens first.")] = ()

    def branch(self, place: str) -> Branch:
        """This goal as a way on."""
        return Branch(id=place, name="", steps=self.steps, trigger=self.trigger, location=self.location, note=self.note)


class Events(Step, frozen=True, kw_only=True, tag="events"):
    """Goals side by side: whichever happens first counts."""

    notation: ClassVar = Notation("“events”", "Write it as in events: [{event: {tag_added: Customer}, steps: [...]}].")

    paths: Annotated[tuple[EventPath, ...], Meta(min_length=1, description="Events side by side: whichever happens first counts.")]

    @property
    def branches(self) -> tuple[Branch, ...]:
        """One for each goal, with the steps behind it."""
        return tuple(path.branch(f"path{number}") for number, path in enumerate(self.paths))


AnyStep: TypeAlias = (
    Enrol | Delay | AddTag | RemoveTag | SetField | StartAutomation | RemoveFromAutomation | AppAction | Exit | If | Split | Event | Events
)

_NO_EMAIL = "Kit's automations send no single email: write the sequence it is in, as in “sequence: Welcome”."
STEP = Notation(
    "a step",
    "Write it as in “- add_tag: Customer”; leaving is “- exit: true”.",
    also={
        "email_sequence": "sequence",
        "wait": "delay",
        "condition": "if",
        "yes": "then",
        "no": "else",
        "goal": "event",
        "goals": "events",
    },
    answers={
        "email": _NO_EMAIL,
        "send_email": _NO_EMAIL,
        "tag": "Write “add_tag” or “remove_tag”; a condition is “if: {tag: …}” and a goal “event: {tag_added: …}”.",
        "form": "Kit's automations put nobody on a form: a rule does, with “subscribe_form”. As an entry write “joins_form”.",
        "webhook": "Kit's automations call no webhook: add a tag and write the rule on it, as in do: [{webhook: https://…}].",
        "remove_from_sequence": "Kit's automations take nobody out of a sequence: a rule does, with “unsubscribe_sequence”.",
        "unsubscribe_sequence": "Kit's automations take nobody out of a sequence: write a rule that does, under “rules”.",
        "unsubscribe": "Kit's automations unsubscribe nobody.",
        "custom_field": "Write it as in set_field: {field: country, value: Spain}.",
    },
)


def all_steps(steps: tuple[AnyStep, ...]) -> Iterator[AnyStep]:
    """Every step, those inside blocks too, in the order of the file."""
    for step in steps:
        yield step
        for branch in step.branches:
            yield from all_steps(branch.steps)
