"""One automation with the questions rules ask of it: what its steps do, who comes where, when, and on which path."""

from __future__ import annotations

from functools import cached_property

from ckaudit.graph import paths
from ckaudit.graph.flow_graph import FlowGraph, Timing
from ckaudit.graph.nodes import FlowNode, NodeKind
from ckaudit.graph.paths import DAY, Path, Span
from ckaudit.model.automations import Automation, AutomationStatus, Origin
from ckaudit.model.refs import Key, Kind, ObjectRef
from ckaudit.model.steps import Effect
from ckaudit.model.triggers import TriggerKind


class Flow(FlowGraph):
    """An automation with its graph."""

    def __init__(self, automation: Automation, index: int, timing: Timing) -> None:
        super().__init__(automation, index, timing)
        self.automation = automation

    @property
    def object(self) -> ObjectRef:
        """The automation as results name it."""
        return self.automation.object

    @property
    def key(self) -> Key:
        """The automation in the account graph."""
        return self.automation.ref.key

    @property
    def name(self) -> str:
        """The name of the automation."""
        return self.automation.name

    @property
    def live(self) -> bool:
        """False for an inactive automation: nobody is let in. A paused one lets people in and holds them at the entry."""
        return self.automation.status is not AutomationStatus.INACTIVE

    @property
    def active(self) -> bool:
        """True when people come in and go on."""
        return self.automation.status is AutomationStatus.ACTIVE

    @property
    def paused(self) -> bool:
        """True when people come in and wait at the entry."""
        return self.automation.status is AutomationStatus.PAUSED

    @property
    def observed(self) -> bool:
        """True for an automation that timestamps show and no manifest states."""
        return self.automation.origin is Origin.OBSERVED

    # -- what it does and what it listens to --------------------------------------------------------------------------------------

    @cached_property
    def _doing(self) -> dict[tuple[Effect, Key], tuple[FlowNode, ...]]:
        result: dict[tuple[Effect, Key], tuple[FlowNode, ...]] = {}
        for node in self.steps:
            if node.ref and node.effect:
                place = (node.effect, node.ref.key)
                result[place] = (*result.get(place, ()), node)
        return result

    def doing(self, effect: Effect, target: Key) -> tuple[FlowNode, ...]:
        """Steps that have this effect on this object."""
        return self._doing.get((effect, target), ())

    def adding(self, tag: Key) -> tuple[FlowNode, ...]:
        """Steps that add this tag."""
        return self.doing(Effect.ADDS_TAG, tag)

    def removing(self, tag: Key) -> tuple[FlowNode, ...]:
        """Steps that remove this tag."""
        return self.doing(Effect.REMOVES_TAG, tag)

    def enrolling(self, sequence: Key | None = None) -> tuple[FlowNode, ...]:
        """Steps that enrol into this sequence, or into any."""
        return self.doing(Effect.ENROLS, sequence) if sequence else self._enrolling

    @cached_property
    def _enrolling(self) -> tuple[FlowNode, ...]:
        return tuple(node for node in self.steps if node.effect is Effect.ENROLS)

    def gets_tag(self, node: FlowNode) -> bool:
        """True where people get the tag a node is about: a step that adds it, or the start of an observed chain, whoever added it there."""
        starts = node.kind is NodeKind.ENTRY and self.observed
        return node.effect is Effect.ADDS_TAG or (starts and node.ref is not None and node.ref.kind is Kind.TAG)

    @cached_property
    def acts_on(self) -> frozenset[Key]:
        """What its steps change, start or fill; conditions and goals only look."""
        return frozenset(target for _, target in self._doing)

    @cached_property
    def entry_keys(self) -> tuple[Key, ...]:
        """The tags, forms and sequences of its entries; where any form is one, that form is not among them."""
        return tuple(dict.fromkeys(node.target for node in self.entries if node.target))

    @cached_property
    def looks_at(self) -> frozenset[Key]:
        """What its entries, goals and conditions are about."""
        awaited = (node.trigger.ref for node in self.nodes.values() if node.trigger)
        asked = (ref for node in self.steps if node.step for ref in node.step.tests)
        return frozenset(ref.key for ref in (*awaited, *asked) if ref)

    def waiting_for(self, key: Key, kind: TriggerKind = TriggerKind.TAG_ADDED) -> tuple[FlowNode, ...]:
        """Events that this trigger of this object meets; without a kind, that a tag is added."""
        if self._may_hear(key):
            return tuple(node for node in self.events if node.trigger and node.trigger.matches(kind, key))
        return ()

    def entered_by(self, key: Key, kind: TriggerKind = TriggerKind.TAG_ADDED) -> tuple[FlowNode, ...]:
        """Entries that this trigger of this object starts; without a kind, that a tag is added."""
        if self._may_hear(key):
            return tuple(node for node in self.entries if node.trigger and node.trigger.matches(kind, key))
        return ()

    def listening_to(self, key: Key, kind: TriggerKind = TriggerKind.TAG_ADDED) -> tuple[FlowNode, ...]:
        """Events that this trigger of this object meets, then entries that it starts; without a kind, that a tag is added."""
        return (*self.waiting_for(key, kind), *self.entered_by(key, kind)) if self._may_hear(key) else ()

    def _may_hear(self, key: Key) -> bool:
        """False for what no trigger here names: rules ask every automation about every tag."""
        return key in self._heard or None in self._heard

    @cached_property
    def _heard(self) -> frozenset[Key | None]:
        """What its triggers name; None where one meets any form."""
        triggers = (node.trigger for node in (*self.events, *self.entries) if node.trigger)
        return frozenset(trigger.ref.key if trigger.ref else None for trigger in triggers)

    # -- who comes where ----------------------------------------------------------------------------------------------------------

    @cached_property
    def reached(self) -> frozenset[str]:
        """The ids of every node people really come to, by steps or by a goal's pull."""
        return frozenset(node.id for node in paths.reachable(self, self.roots))

    def first_after(self, start: FlowNode, wanted: paths.Wanted) -> tuple[FlowNode, ...]:
        """The nodes that are the first wanted one on some path from ``start``, in the order of the file."""
        return paths.first_after(self, start, wanted)

    def steps_next(self, node: FlowNode) -> tuple[FlowNode, ...]:
        """Steps behind ``node`` that do something and have no goal in between, in the order of the file.

        They are the ones people reach only by leaving ``node`` downwards: what is behind a goal, they can be pulled to.
        """
        seen: set[str] = set()
        todo = [node.id]
        while todo:
            for other in self.next[todo.pop()]:
                if other.id not in seen and not other.is_event:
                    seen.add(other.id)
                    todo.append(other.id)
        return tuple(other for other in self.steps if other.id in seen and other.effect)

    def time_between(self, start: FlowNode, target: FlowNode, *, avoiding: paths.Wanted | None = None) -> Span | None:
        """Planned seconds strictly between two nodes along the steps, or None when no step leads from one to the other.

        ``avoiding`` leaves out paths that cross such a node.
        """
        return paths.time_between(self, start, target, avoiding=avoiding)

    def path_avoiding(
        self, start: FlowNode, crossing: paths.Wanted, *, until: paths.Wanted | None = None, guard: int = DAY, held_is_end: bool = True
    ) -> Path | None:
        """A path from ``start`` to an end, or to the first node that is ``until``, which crosses nothing wanted; None when every path does.

        An end is the end of the automation, a goal people wait in front of, or (``held_is_end``) a sequence that never lets go. Goals pull
        only those exposed to them for ``guard`` seconds.
        """
        return paths.path_avoiding(self, start, crossing, until=until, guard=guard, held_is_end=held_is_end)

    def path_to(self, start: FlowNode, target: FlowNode, *, avoiding: paths.Wanted = lambda node: False, guard: int = DAY) -> Path | None:
        """A path from one node to the other, past nothing that is to be avoided; None when there is none."""
        return paths.path_avoiding(self, start, avoiding, until=lambda node: node is target, guard=guard)

    def path_leaving_on(self, node: FlowNode, tag: Key) -> Path | None:
        """A path on which the tag that ``node`` adds is not taken off before it is added again or the path ends; None when it always is."""
        adders, removers = self.adding(tag), self.removing(tag)
        return paths.path_not_undone(self, node, lambda other: other in adders, lambda other: other in removers)


def compile_flows(automations: tuple[Automation, ...], timing: Timing, first: int = 0) -> tuple[Flow, ...]:
    """One flow for each automation, in their order; ``first`` is the number of the first one."""
    return tuple(Flow(automation, index, timing) for index, automation in enumerate(automations, first))
