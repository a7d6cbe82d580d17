"""What an automation sets off elsewhere: the other automations and rules that act on (some of) the same people, step after step.

Somebody who goes through an automation meets everything that listens to its own triggers, to the tags, fields, forms and sequences it
changes, and to the end of its sequences. That a rule or another automation does something counts only if it is in this cycle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ckaudit.graph.causes import Cause, Effect
from ckaudit.graph.flow import Flow
from ckaudit.graph.paths import reachable
from ckaudit.model.automations import AutomationStatus, Trigger, TriggerKind
from ckaudit.model.refs import Key, Kind, Ref

if TYPE_CHECKING:
    from ckaudit.graph.graph import Graph

_HEARD = {
    Effect.ADDS_TAG: (TriggerKind.TAG_ADDED,),
    Effect.REMOVES_TAG: (TriggerKind.TAG_REMOVED,),
    Effect.ENROLS: (TriggerKind.SUBSCRIBES_TO_SEQUENCE, TriggerKind.COMPLETES_SEQUENCE),
    Effect.SETS_FIELD: (TriggerKind.FIELD_CHANGED,),
    Effect.JOINS_FORM: (TriggerKind.JOINS_FORM,),
}


def set_off_by(graph: Graph, flow: Flow) -> tuple[Cause, ...]:
    """Live causes outside ``flow`` that act on its people because of it: steps of automations and actions of rules, each step reachable."""
    entries = [node.trigger for node in flow.entries if node.trigger]
    return _spread(graph, [*entries, *_heard_from(graph.causes.by(flow))], {flow.index})


def set_off_by_causes(graph: Graph, causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """Live causes that act on the same people because of these causes, step after step; they themselves can be among them."""
    return _spread(graph, _heard_from(causes), set())


def _spread(graph: Graph, todo: list[Trigger | Key], seen_flows: set[int]) -> tuple[Cause, ...]:
    seen_rules: set[int] = set()
    found: set[Cause] = set()
    while todo:
        cause_of = todo.pop()
        for other in _flows_hearing(graph, cause_of):
            if other.index not in seen_flows:
                seen_flows.add(other.index)
                alive = {node.id for node in reachable(other, other.roots)}
                done = [item for item in graph.causes.by(other) if item.node and item.node.id in alive]
                found.update(done)
                todo += _heard_from(done)
        for index in _rules_hearing(graph, cause_of):
            if index not in seen_rules:
                seen_rules.add(index)
                done = list(graph.causes.by(Key(Kind.RULE, index)))
                found.update(done)
                todo += _heard_from(done)
    return tuple(cause for cause in graph.causes.all if cause in found) if found else ()


def _heard_from(causes: Iterable[Cause]) -> list[Trigger | Key]:
    heard: list[Trigger | Key] = []
    for cause in causes:
        if cause.effect is Effect.STARTS:
            heard.append(cause.target)
        for kind in _HEARD.get(cause.effect, ()):
            heard.append(_trigger(kind, cause.target))
    return heard


def _trigger(kind: TriggerKind, key: Key) -> Trigger:
    return Trigger(kind=kind, ref=Ref(key.kind, str(key.id), key.id if isinstance(key.id, int) else None))


def _flows_hearing(graph: Graph, what: Trigger | Key) -> Iterator[Flow]:
    if isinstance(what, Key):
        found = tuple(flow for flow in graph.flows if flow.automation.ref.key == what)
    elif what.ref:
        found = graph.starts(what.kind, what.ref.key)
    else:
        found = tuple(flow for flow in graph.flows if any(node.trigger and _same(node.trigger, what) for node in flow.entries))
    return (flow for flow in found if flow.automation.status is not AutomationStatus.INACTIVE)


def _rules_hearing(graph: Graph, what: Trigger | Key) -> Iterator[int]:
    if isinstance(what, Key):
        return
    for index, rule in enumerate(graph.manifest.rules):
        if rule.enabled and any(_same(when, what) for when in rule.when):
            yield index


def _same(listener: Trigger, what: Trigger) -> bool:
    if listener.kind is not what.kind:
        return False
    if listener.ref is None or what.ref is None:
        return listener.kind is TriggerKind.JOINS_FORM
    return listener.ref.key == what.ref.key


def removed_elsewhere(graph: Graph, flow: Flow, tag: Key) -> bool:
    """True when something outside ``flow`` takes this tag off its people: a listed site or shop, or a rule or automation it sets off."""
    if any(cause.source.kind is Kind.EXTERNAL for cause in graph.causes.of(Effect.REMOVES_TAG, tag)):
        return True
    return any(cause.effect is Effect.REMOVES_TAG and cause.target == tag for cause in set_off_by(graph, flow))


def adds_elsewhere(graph: Graph, flow: Flow, tags: tuple[Key, ...]) -> bool:
    """True when a rule or automation that ``flow`` sets off adds one of these tags to the same people."""
    return any(cause.effect is Effect.ADDS_TAG and cause.target in tags for cause in set_off_by(graph, flow))
