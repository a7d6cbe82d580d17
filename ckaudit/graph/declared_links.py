"""The links between visible timestamps that the manifest declares: entry to first step, step to step, rule and form to what they do.

A timestamp is visible for forms, tags and sequences. Between two of them only what takes time counts: delays, and a sequence until its last
published email. Tags that something removes lose their timestamp, so a link also goes past them. Goals start a new chain with their own
tag; behind one without a timestamp (a purchase, a date) the time is unknown. Who is put into another automation goes on with its first
step, and with the next step of this one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from ckaudit.graph.flow import Flow
from ckaudit.graph.graph import Graph
from ckaudit.graph.nodes import FlowNode
from ckaudit.model.automations import AutomationStatus
from ckaudit.model.links import DeclaredLink
from ckaudit.model.refs import Key, Kind
from ckaudit.model.steps import Effect, StartAutomation
from ckaudit.model.triggers import Trigger, TriggerKind

MAX_PATHS = 2000
"""So many different paths from one timestamp are followed: automations that start each other would have endlessly many."""
_VISIBLE = frozenset({Effect.ADDS_TAG, Effect.ENROLS, Effect.JOINS_FORM})


class _Passage(msgspec.Struct, frozen=True):
    """How somebody gets to a node: the removed tags since the last visible timestamp, and the seconds, None when unknown."""

    past: tuple[Key, ...] = ()
    seconds: int | None = 0

    def later(self, seconds: int | None) -> _Passage:
        """The same, so much later."""
        return _Passage(self.past, None if seconds is None or self.seconds is None else self.seconds + seconds)


def declared_links(graph: Graph) -> tuple[DeclaredLink, ...]:
    """Every declared link, ordered by source, target and cause; alternatives between the same two are one link with the
    minimum and the maximum of time."""
    return _ordered((*_of_flows(graph), *_of_rules(graph), *_of_forms(graph)))


def flow_links(graph: Graph, flow: Flow) -> tuple[DeclaredLink, ...]:
    """The links of one automation as ``declared_links`` has them, in the order in which people walk through it."""
    place: dict[Key, int] = {}
    for number, node in enumerate(flow.order):
        for key in timestamps_at(graph, node):
            place.setdefault(key, number)
    last = len(place)
    return tuple(sorted(_ordered(_of_flow(graph, flow)), key=lambda link: (place.get(link.source, last), place.get(link.target, last))))


def entry_keys(graph: Graph, flow: Flow) -> tuple[Key, ...]:
    """The forms, tags and sequences whose timestamp people get as they come into an automation, in the order of its entries."""
    return tuple(dict.fromkeys(key for node in flow.entries for key in timestamps_at(graph, node)))


def integrations_giving(graph: Graph, target: Key) -> tuple[Key, ...]:
    """The integrations known to give people this tag, form or sequence: a shop, a site, somebody's bulk work."""
    found = (cause.source for effect in sorted(_VISIBLE) for cause in graph.causes.of(effect, target) if cause.integrated)
    return tuple(dict.fromkeys(found))


def _ordered(links: Iterable[DeclaredLink]) -> tuple[DeclaredLink, ...]:
    found: dict[tuple[Key, Key, Key, tuple[Key, ...]], DeclaredLink] = {}
    for link in links:
        if link.source == link.target:
            continue
        place = (link.source, link.target, link.cause, link.past)
        found[place] = joined(found[place], link) if place in found else link
    return tuple(sorted(found.values(), key=lambda link: (_order(link.source), _order(link.target), _order(link.cause), link.past)))


def _order(key: Key) -> tuple[str, str, str]:
    return key.kind, str(key.id).zfill(20), str(key.id)


def joined(one: DeclaredLink, other: DeclaredLink) -> DeclaredLink:
    """The first with the minimum and the maximum of time of both."""
    unknown = None in (one.min_seconds, other.min_seconds, one.max_seconds, other.max_seconds)
    quickest = None if unknown else min(one.min_seconds or 0, other.min_seconds or 0)
    slowest = None if unknown else max(one.max_seconds or 0, other.max_seconds or 0)
    return msgspec.structs.replace(one, min_seconds=quickest, max_seconds=slowest)


def _link(graph: Graph, source: Key, target: Key, cause: Key, passage: _Passage, *, live: bool = True) -> DeclaredLink:
    unsure = not live or any(is_removed(graph, key) for key in (source, target))
    return DeclaredLink(source, target, cause, passage.seconds, passage.seconds, passage.past, unsure)


def is_removed(graph: Graph, key: Key) -> bool:
    """True for a tag that something takes away."""
    return key.kind is Kind.TAG and bool(graph.causes.of(Effect.REMOVES_TAG, key))


# -- automations -----------------------------------------------------------------------------------------------------------------


def _of_flows(graph: Graph) -> Iterator[DeclaredLink]:
    for flow in graph.flows:
        yield from _of_flow(graph, flow)


def _of_flow(graph: Graph, flow: Flow) -> Iterator[DeclaredLink]:
    for node in flow.nodes.values():
        for source in timestamps_at(graph, node):
            yield from _from(graph, flow, node, source)


def timestamps_at(graph: Graph, node: FlowNode) -> tuple[Key, ...]:
    """The objects whose timestamp somebody has got when they pass this node."""
    given = node.adds or node.enrols
    return (given,) if given else _keys(graph, node.trigger) if node.trigger else ()


def _keys(graph: Graph, trigger: Trigger) -> tuple[Key, ...]:
    match trigger.kind:
        case TriggerKind.TAG_ADDED | TriggerKind.SUBSCRIBES_TO_SEQUENCE | TriggerKind.COMPLETES_SEQUENCE:
            return (trigger.ref.key,) if trigger.ref else ()
        case TriggerKind.JOINS_FORM:
            return (trigger.ref.key,) if trigger.ref else tuple(form.key for form in graph.account.forms)
        case _:
            return ()


def _from(graph: Graph, flow: Flow, start: FlowNode, source: Key) -> Iterator[DeclaredLink]:
    """The links from one timestamp: down every path as far as the next visible timestamp."""
    cause = flow.key
    todo = [(flow, below, passage) for below, passage in _below(graph, flow, start, _Passage())]
    seen: set[tuple[str, _Passage]] = set()
    while todo and len(seen) < MAX_PATHS:
        at, node, passage = todo.pop()
        if (node.id, passage) in seen:
            continue
        seen.add((node.id, passage))
        if node.is_event and timestamps_at(graph, node):
            continue  # the goal's own tag starts the next chain
        target = node.adds or node.enrols
        if target is not None:
            yield _link(graph, source, target, cause, passage, live=flow.automation.status is AutomationStatus.ACTIVE)
            if not is_removed(graph, target) or target in passage.past:
                continue
            passage = _Passage((*passage.past, target), passage.seconds)
        todo += [(at_next, below, on) for at_next, below, on in _onwards(graph, at, node, passage)]


def _onwards(graph: Graph, flow: Flow, node: FlowNode, passage: _Passage) -> Iterator[tuple[Flow, FlowNode, _Passage]]:
    if isinstance(node.step, StartAutomation):
        # starting another automation leaves people in this one, too
        other = graph.flow(node.step.automation.key)
        if other is not None:
            yield other, other.start, passage
    for below, on in _below(graph, flow, node, passage):
        yield flow, below, on


def _below(graph: Graph, flow: Flow, node: FlowNode, passage: _Passage) -> list[tuple[FlowNode, _Passage]]:
    """The nodes behind one, and when somebody comes there. Nobody leaves a holding sequence downwards."""
    if not node.passes:
        return []
    waiting_for_something = node.is_event and not timestamps_at(graph, node)
    later = passage.later(None if waiting_for_something else node.seconds)
    return [(below, later) for below in flow.next[node.id]]


# -- rules and forms -------------------------------------------------------------------------------------------------------------


def _of_rules(graph: Graph) -> Iterator[DeclaredLink]:
    for cause in graph.causes.all:
        if cause.rule is None or cause.effect not in _VISIBLE:
            continue
        for when in cause.rule.when:
            seconds = graph.lookup.timing(when.ref.key).planned if when.ref and when.kind is TriggerKind.COMPLETES_SEQUENCE else 0
            for source in _keys(graph, when):
                yield _link(graph, source, cause.target, cause.source, _Passage((), seconds), live=cause.live)


def _of_forms(graph: Graph) -> Iterator[DeclaredLink]:
    for cause in graph.causes.all:
        if cause.source.kind is Kind.FORM and cause.effect in _VISIBLE:
            yield _link(graph, cause.source, cause.target, cause.source, _Passage())
