"""Between which timestamps a step stands: what its people had before, and what only those who passed it have afterwards.

A timestamp is visible when nothing known takes it off again. What is *own* to an automation is given by one step of it and by nothing else:
who has it went through that step.
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.graph.declared_links import is_removed, timestamps_at
from ckaudit.graph.flow import Flow
from ckaudit.graph.graph import Graph
from ckaudit.graph.neighbours import Neighbour, StepNeighbours
from ckaudit.graph.nodes import FlowNode, NodeKind
from ckaudit.graph.paths import Span, times_from
from ckaudit.model.refs import Key
from ckaudit.model.roles import WEBHOOK_ROLES
from ckaudit.model.steps import Effect, Exit

GIVES = (Effect.ADDS_TAG, Effect.ENROLS, Effect.JOINS_FORM)


def step_neighbours(graph: Graph) -> Iterator[StepNeighbours]:
    """Every step of an active automation of the manifest that gives or takes off a tag or puts people into a sequence, in their order."""
    for flow in graph.flows:
        if not flow.active or flow.observed:
            continue
        again = bool(graph.causes.of(Effect.STARTS, flow.key)) or any(comes_off(graph, key) for key in flow.entry_keys)
        above: dict[str, list[FlowNode]] = {name: [] for name in flow.nodes}
        for node in flow.nodes.values():
            for below in flow.next[node.id]:
                above[below.id].append(node)
        for node in flow.steps:
            key = node.adds or node.enrols or node.removes
            if key is not None and node.id in flow.reached:
                before, always = _before(graph, flow, node, above, staying=True)
                near, _ = _before(graph, flow, node, above, staying=False)
                own = not node.removes and is_own(graph, flow, key)
                yield StepNeighbours(flow, node, key, before, near, _after(graph, flow, node), always, own, again)


def comes_off(graph: Graph, key: Key) -> bool:
    """True for a tag that something takes away: a step, a rule, a tool outside Kit, or the site that a webhook tag calls."""
    return is_removed(graph, key) or key in graph.keys(*WEBHOOK_ROLES)


def is_own(graph: Graph, flow: Flow, key: Key) -> bool:
    """True for what one step of this automation gives, and nothing else that is known."""
    causes = [cause for effect in GIVES for cause in graph.causes.of(effect, key)]
    return len(causes) == 1 and causes[0].flow is flow


def _sure(graph: Graph, flow: Flow, node: FlowNode, *, staying: bool) -> tuple[Key, ...]:
    """The timestamps of a node that say for sure who was there: those of an entry or goal, or of what is own to the automation.
    ``staying``: without tags that something takes off."""
    found = [key for key in timestamps_at(graph, node) if not (staying and comes_off(graph, key))]
    return tuple(key for key in found if not node.step or node.is_event or is_own(graph, flow, key))


def _before(
    graph: Graph, flow: Flow, node: FlowNode, above: dict[str, list[FlowNode]], *, staying: bool
) -> tuple[tuple[Neighbour, ...], bool]:
    found: dict[str, FlowNode] = {}
    todo, seen = [node.id], set[str]()
    while todo:
        for other in above[todo.pop()]:
            if other.id in seen or not other.passes or isinstance(other.step, Exit):
                continue
            seen.add(other.id)
            if _sure(graph, flow, other, staying=staying):
                found[other.id] = other
            elif other.is_event or other.kind is NodeKind.ENTRY or (other.kind is NodeKind.START and not flow.entries):
                return (), False
            else:
                todo.append(other.id)
    neighbours: dict[Key, Neighbour] = {}
    for other in found.values():
        between = [one for one in (other, *flow.nodes.values()) if one is other or (one.id in seen and one.id in flow.below[other.id])]
        span = flow.time_between(other, node, avoiding=lambda one: one.id in found)
        if span is None:
            continue
        own = other.seconds if other.step and not other.is_event else 0
        span = Span(span.min_seconds + own, span.max_seconds + own, span.open_ended)
        for key in _sure(graph, flow, other, staying=staying):
            mails = any(one.enrols and one.seconds for one in between)
            made = Neighbour(key, span, mails, other.kind is NodeKind.ENTRY, not other.is_event)
            neighbours[key] = _joined(neighbours[key], made) if key in neighbours else made
    always = not any(flow.end.id in flow.walk(other, {node.id}) for other in found.values())
    waits = any(item.seconds.max_seconds for item in neighbours.values())
    return tuple(neighbours.values()), always and not (waits and any(event.id in flow.below[node.id] for event in flow.events))


def _joined(one: Neighbour, other: Neighbour) -> Neighbour:
    seconds = Span(
        min(one.seconds.min_seconds, other.seconds.min_seconds),
        max(one.seconds.max_seconds, other.seconds.max_seconds),
        one.seconds.open_ended or other.seconds.open_ended,
    )
    return Neighbour(one.key, seconds, one.mails or other.mails, one.entry or other.entry, one.sure and other.sure)


def _after(graph: Graph, flow: Flow, node: FlowNode) -> tuple[Neighbour, ...]:
    if not node.passes:
        return ()
    around = flow.walk(flow.start, {node.id})
    times = times_from(flow, node)
    found: dict[Key, Neighbour] = {}
    todo, seen = [node.id], set[str]()
    while todo:
        for other in flow.next[todo.pop()]:
            if other.id in seen or other.is_event:
                continue
            seen.add(other.id)
            given = other.adds or other.enrols
            if given and not comes_off(graph, given) and is_own(graph, flow, given):
                if other.id not in around and not _pulled(flow, node, other):
                    span = times[other.id]
                    own = node.seconds
                    found[given] = Neighbour(given, Span(span.min_seconds + own, span.max_seconds + own, span.open_ended))
            elif other.passes and not isinstance(other.step, Exit):
                todo.append(other.id)
    return tuple(found.values())


def _pulled(flow: Flow, node: FlowNode, target: FlowNode) -> bool:
    """True when a goal between the two can pull people past the first."""
    return any(event.id in flow.below[node.id] and target.id in flow.below[event.id] for event in flow.events)
