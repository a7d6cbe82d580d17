"""How people come into a sequence, and what waits behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ckaudit.graph.causes import Cause
from ckaudit.graph.flow import Flow, FlowNode
from ckaudit.graph.paths import reachable
from ckaudit.model.automations import AddTag, Enrol, RemoveFromAutomation, RemoveTag, SetField, StartAutomation
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
