"""What a flow is made of: an entry, a step, a goal, or one of its two ends."""

from __future__ import annotations

import enum

import msgspec

from ckaudit.model.errors import Location
from ckaudit.model.findings import PathStep
from ckaudit.model.refs import Key, Kind, Ref
from ckaudit.model.steps import AnyStep, Effect
from ckaudit.model.triggers import Trigger, TriggerKind


class NodeKind(enum.StrEnum):
    """What a node is. ``START`` is in front of the first step: there people appear whom something else puts in."""

    ENTRY = "entry"
    START = "start"
    STEP = "step"
    CONDITION = "condition"
    EVENT = "event"
    END = "end"


_IN_ACCOUNT = {NodeKind.ENTRY: Kind.ENTRY, NodeKind.CONDITION: Kind.CONDITION, NodeKind.EVENT: Kind.EVENT}


class SequenceTiming(msgspec.Struct, frozen=True):
    """What a sequence does to somebody in it: planned seconds until its last published email, and whether it ever lets go.

    ``planned`` is 0 when nothing is published. ``passes`` is False for a holding or an inactive sequence.
    """

    planned: int = 0
    passes: bool = True


class FlowNode(msgspec.Struct, frozen=True, eq=False):
    """An entry, a step or an end of an automation.

    ``id`` is a name without meaning. ``parent`` is the id of the condition or goal in whose branch the node is (empty on the main line),
    ``branch`` the id of that branch. ``seconds`` is the planned time spent here; ``waits`` tells whether a person can be waiting here
    (delay, sequence, event), so that an event can pull them forward; ``passes`` is False where people never leave downwards. ``ref`` is
    the tag, sequence, field, automation or product it is about.
    """

    id: str
    kind: NodeKind
    label: str
    step: AnyStep | None = None
    trigger: Trigger | None = None
    seconds: int = 0
    waits: bool = False
    passes: bool = True
    location: Location | None = None
    ref: Ref | None = None
    parent: str = ""
    branch: str = ""

    @property
    def key(self) -> Key:
        """This node in the account graph."""
        return Key(_IN_ACCOUNT.get(self.kind, Kind.ACTION), self.id)

    @property
    def is_event(self) -> bool:
        """True for a goal people wait in front of."""
        return self.kind is NodeKind.EVENT

    @property
    def is_condition(self) -> bool:
        """True for a condition or a split: people part here."""
        return self.kind is NodeKind.CONDITION

    @property
    def target(self) -> Key | None:
        """The object it is about."""
        return self.ref.key if self.ref else None

    @property
    def effect(self) -> Effect | None:
        """What the step does to the object it is about, None for anything that only waits, looks or leaves."""
        return self.step.effect if self.step else None

    @property
    def adds(self) -> Key | None:
        """The tag that the step adds."""
        return self.target if self.effect is Effect.ADDS_TAG else None

    @property
    def removes(self) -> Key | None:
        """The tag that the step takes off."""
        return self.target if self.effect is Effect.REMOVES_TAG else None

    @property
    def enrols(self) -> Key | None:
        """The sequence that the step puts people into."""
        return self.target if self.effect is Effect.ENROLS else None

    @property
    def tests(self) -> tuple[Key, ...]:
        """The tags and fields that a condition asks for."""
        return tuple(ref.key for ref in self.step.tests) if self.step else ()

    @property
    def on_tag(self) -> Key | None:
        """The tag whose adding starts people here, or is waited for."""
        return self.target if self.trigger and self.trigger.kind is TriggerKind.TAG_ADDED else None

    def path_step(self, note: str = "") -> PathStep:
        """This node as a step of a flagged path."""
        target = self.ref.object if self.ref else None
        return PathStep(kind=str(self.kind), name=self.label, note=note, object=target, node=self.id, location=self.location)
