"""Who sets off whom: each way in which an automation or rule starts the next automation or fires the next rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from ckaudit.graph.causes import Cause, Effect
from ckaudit.graph.flow import FlowNode, happens
from ckaudit.graph.paths import reachable, time_between
from ckaudit.model.automations import AutomationStatus, Delay, Enrol, SetField, Trigger, TriggerKind
from ckaudit.model.findings import PathStep
from ckaudit.model.refs import Key, Kind

if TYPE_CHECKING:
    from ckaudit.graph.graph import Graph

FIRES = {
    Effect.ADDS_TAG: (TriggerKind.TAG_ADDED,),
    Effect.REMOVES_TAG: (TriggerKind.TAG_REMOVED,),
    Effect.SETS_FIELD: (TriggerKind.FIELD_CHANGED,),
    Effect.JOINS_FORM: (TriggerKind.JOINS_FORM,),
    Effect.ENROLS: (TriggerKind.SUBSCRIBES_TO_SEQUENCE, TriggerKind.COMPLETES_SEQUENCE),
}
_DOES = {
    Effect.ADDS_TAG: "adds",
    Effect.REMOVES_TAG: "takes off",
    Effect.SETS_FIELD: "changes the field",
    Effect.JOINS_FORM: "adds people to the form",
    Effect.ENROLS: "puts people into",
    Effect.STARTS: "starts",
}


class Hop(msgspec.Struct, frozen=True, eq=False):
    """One stretch of a cycle: ``unit`` does ``cause``, and the next unit hears it as ``heard`` (None: it is started directly).

    A unit is ``automation:<index>`` or ``rule:<index>``. ``seconds`` is the least planned time before the next unit begins, ``instant``
    tells that nobody waits in a delay, sequence or goal until then.
    """

    unit: Key
    cause: Cause
    heard: Trigger | None
    seconds: int
    instant: bool

    @property
    def words(self) -> str:
        """What the unit does, after its name: ``adds “Customer”``."""
        name = self.cause.node.ref.name if self.cause.node and self.cause.node.ref else _action_name(self.cause)
        return f"{_DOES[self.cause.effect]} “{name}”"

    @property
    def station(self) -> PathStep:
        """The step or rule, for the path of a finding."""
        if self.cause.node:
            return self.cause.node.path_step(f"in “{self.cause.object.name}”")
        return PathStep(kind="object", name=f"Rule “{self.cause.object.name}” {self.words}", object=self.cause.object)


def _action_name(cause: Cause) -> str:
    actions = cause.rule.do if cause.rule else ()
    return next((action.ref.name for action in actions if action.ref.key == cause.target), str(cause.target.id))


def hops_of(graph: Graph) -> dict[Key, dict[Key, list[Hop]]]:
    """unit -> unit it sets off -> the ways it does."""
    links: defaultdict[Key, defaultdict[Key, list[Hop]]] = defaultdict(lambda: defaultdict(list))
    listeners = _listeners(graph)
    for cause in graph.causes.all:
        unit = unit_of(cause)
        if not cause.live or unit is None:
            continue
        heard = list(_sets_off(graph, cause, listeners))
        before = time_before(cause) if heard else None
        if before is None:
            continue
        for target, trigger in heard:
            inside = graph.lookup.timing(cause.node.ref).planned if _completes(trigger) and cause.node and cause.node.ref else 0
            seconds, instant = before
            links[unit][target].append(Hop(unit, cause, trigger, seconds + inside, instant and not _completes(trigger)))
    return {unit: dict(targets) for unit, targets in links.items()}


def _completes(trigger: Trigger | None) -> bool:
    return trigger is not None and trigger.kind is TriggerKind.COMPLETES_SEQUENCE


def unit_of(cause: Cause) -> Key | None:
    """The automation or rule a cause belongs to, None for forms and tools outside."""
    if cause.flow:
        return Key(Kind.AUTOMATION, cause.flow.index)
    return cause.source if cause.source.kind is Kind.RULE else None


def time_before(cause: Cause) -> tuple[int, bool] | None:
    """Least planned seconds inside the unit, and whether it needs no waiting; None when nobody comes to the step."""
    flow, node = cause.flow, cause.node
    if flow is None or node is None:
        return 0, True
    spans = [span for root in flow.roots if (span := time_between(flow, root, node))]
    if not spans:
        # only a goal's pull leads here
        return (0, False) if node in reachable(flow, flow.roots) else None
    straight = [time_between(flow, root, node, avoiding=is_waiting) for root in flow.roots]
    return min(span.least for span in spans), any(straight)


def is_waiting(node: FlowNode) -> bool:
    """True where a person can stand: a delay, a sequence, a goal."""
    return node.is_event or isinstance(node.step, Delay | Enrol)


def _listeners(graph: Graph) -> dict[TriggerKind, list[tuple[Key, Trigger]]]:
    """Entries of automations that are not inactive, and triggers of enabled rules."""
    found: defaultdict[TriggerKind, list[tuple[Key, Trigger]]] = defaultdict(list)
    for flow in graph.flows:
        if flow.automation.status is not AutomationStatus.INACTIVE:
            for entry in flow.automation.entries:
                found[entry.kind].append((Key(Kind.AUTOMATION, flow.index), entry))
    for index, rule in enumerate(graph.manifest.rules):
        if rule.enabled:
            for when in rule.when:
                found[when.kind].append((Key(Kind.RULE, index), when))
    return found


def _sets_off(graph: Graph, cause: Cause, listeners: dict[TriggerKind, list[tuple[Key, Trigger]]]) -> Iterator[tuple[Key, Trigger | None]]:
    if cause.effect is Effect.STARTS:
        flow = graph.flow(cause.target)
        if flow and flow.automation.status is not AutomationStatus.INACTIVE:
            yield Key(Kind.AUTOMATION, flow.index), None
    for kind in FIRES.get(cause.effect, ()):
        for unit, trigger in listeners.get(kind, ()):
            if happens(trigger, kind, cause.target) and _writes(cause, trigger):
                yield unit, trigger


def _writes(cause: Cause, trigger: Trigger) -> bool:
    """False only when a field is set to another value than the listener waits for."""
    if cause.effect is not Effect.SETS_FIELD or trigger.value is None:
        return True
    return value_set(cause) == trigger.value


def value_set(cause: Cause) -> str | None:
    """What a field is set to."""
    if cause.node and isinstance(cause.node.step, SetField):
        return cause.node.step.value
    actions = cause.rule.do if cause.rule else ()
    return next((action.value for action in actions if action.ref.key == cause.target), None)
