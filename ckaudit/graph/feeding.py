"""How people come into a sequence, and what waits behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ckaudit.graph.causes import Cause, Effect
from ckaudit.graph.flow import Flow, FlowNode, happens
from ckaudit.graph.paths import reachable, way_avoiding
from ckaudit.model.automations import (
    AddTag,
    Enrol,
    If,
    RemoveFromAutomation,
    RemoveTag,
    SetField,
    Split,
    StartAutomation,
    TriggerKind,
)
from ckaudit.model.refs import Key

if TYPE_CHECKING:
    from ckaudit.graph.graph import Graph

_ACTING = AddTag | RemoveTag | Enrol | SetField | StartAutomation | RemoveFromAutomation


def feeders(graph: Graph, sequence: Key) -> tuple[Cause, ...]:
    """Live causes that really put people into a sequence: steps nobody comes to are left out."""
    causes = graph.uses_of(sequence)
    flows = {cause.flow.index: cause.flow for cause in causes if cause.flow}
    reached = {node.id for flow in flows.values() for node in reachable(flow, flow.roots)}
    return tuple(cause for cause in causes if cause.node is None or cause.node.id in reached)


def in_use(graph: Graph, sequence: Key) -> bool:
    """False only when Kit counts nobody in a sequence and nothing known feeds it: then it may still be under construction."""
    return graph.people(sequence) != 0 or bool(feeders(graph, sequence))


def in_several_places(graph: Graph, sequence: Key) -> bool:
    """True when different things put people into a sequence, or one automation does so twice on one way. Two branches are one place."""
    causes = graph.uses_of(sequence)
    nodes = [(cause.flow, cause.node) for cause in causes if cause.flow and cause.node]
    twice = any(other in flow.after(node) for flow, node in nodes for other_flow, other in nodes if other_flow is flow)
    return twice or len({(cause.object.kind, cause.object.name, cause.object.id) for cause in causes}) > 1


def steps_next(flow: Flow, node: FlowNode) -> tuple[FlowNode, ...]:
    """Steps behind ``node`` that do something and have no goal in between, in the order of the file.

    They are the ones people reach only by leaving ``node`` downwards: what stands behind a goal, they can be pulled to.
    """
    seen: set[str] = set()
    todo = [node.id]
    while todo:
        for name in flow.graph.successors(todo.pop()):
            if name not in seen and not flow.nodes[name].is_event:
                seen.add(name)
                todo.append(name)
    return tuple(other for other in flow.steps if other.id in seen and isinstance(other.step, _ACTING))


def holds_on_arrival(graph: Graph, flow: Flow, node: FlowNode, tag: Key) -> bool:
    """True when everybody who comes to ``node`` has this tag: it starts the automation or is added on every way, and nothing takes it off.

    Anything outside that takes the tag off, and a condition on the tag in between, make it False: then somebody may lack it.
    """
    if any(cause.flow is not flow for cause in graph.causes.of(Effect.REMOVES_TAG, tag)):
        return False
    givers = {other.id for other in flow.nodes.values() if _gives(other, tag)}
    lacking = [root for root in _roots(graph, flow) if root.id not in givers]
    lacking += [other for other in flow.nodes.values() if other is not node and _may_lack(other, tag)]
    return all(
        way_avoiding(flow, start, lambda other: other.id in givers, until=lambda other: other is node, guard=0) is None for start in lacking
    )


def _roots(graph: Graph, flow: Flow) -> tuple[FlowNode, ...]:
    started = graph.causes.of(Effect.STARTS, flow.automation.ref.key)
    return (*flow.entries, flow.start) if started or not flow.entries else flow.entries


def _gives(node: FlowNode, tag: Key) -> bool:
    added = isinstance(node.step, AddTag) and node.step.tag.key == tag
    return added or (node.trigger is not None and happens(node.trigger, TriggerKind.TAG_ADDED, tag))


def _may_lack(node: FlowNode, tag: Key) -> bool:
    """True where the tag is taken off or asked for."""
    match node.step:
        case RemoveTag(tag=ref):
            return ref.key == tag
        case If(test=test):
            return test.ref is not None and test.ref.key == tag
        case Split(paths=paths):
            return any(side.tag and side.tag.key == tag for side in paths)
        case _:
            return node.trigger is not None and happens(node.trigger, TriggerKind.TAG_REMOVED, tag)
