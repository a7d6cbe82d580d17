"""Circles: ways in which automations and rules start each other again.

A circle is made of causes that count (live ones): a step or rule adds, removes or sets something, or joins a form, and that starts the next
automation or fires the next rule; or a step starts another automation directly. By assumption an add of a tag already held fires nothing,
so a circle can run again only if its re-triggering tag is removed in between, or if it closes without a tag.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
import networkx as nx

from ckaudit.graph.causes import Cause, Effect
from ckaudit.graph.flow import Flow
from ckaudit.graph.paths import reachable, time_between
from ckaudit.model.automations import AutomationStatus, Trigger
from ckaudit.model.refs import Key, Kind

if TYPE_CHECKING:
    from ckaudit.graph.graph import Graph

_FIRES = {
    Effect.ADDS_TAG: Trigger.TAG_ADDED,
    Effect.REMOVES_TAG: Trigger.TAG_REMOVED,
    Effect.SETS_FIELD: Trigger.FIELD_CHANGED,
    Effect.JOINS_FORM: Trigger.JOINS_FORM,
    Effect.ENROLS: Trigger.SUBSCRIBES_TO_SEQUENCE,
}


class Hop(msgspec.Struct, frozen=True, eq=False):
    """One stretch of a circle: ``unit`` (an automation or a rule) does ``cause``, which sets off the next unit. ``seconds`` is the least
    planned time inside the unit before it does so."""

    unit: Key
    cause: Cause
    seconds: int


class Loop(msgspec.Struct, frozen=True, eq=False):
    """A circle. ``instant``: no delay, sequence or goal lies on it. ``runs_again``: nothing keeps it from running over and over.

    ``removers`` are the live causes that remove a re-triggering tag of the circle.
    """

    hops: tuple[Hop, ...]
    runs_again: bool
    removers: tuple[Cause, ...]

    @property
    def units(self) -> tuple[Key, ...]:
        """The automations and rules of the circle, in order."""
        return tuple(hop.unit for hop in self.hops)

    @property
    def seconds(self) -> int:
        """The least planned time of one round."""
        return sum(hop.seconds for hop in self.hops)


def loops(graph: Graph) -> tuple[Loop, ...]:
    """One shortest circle through each pair of neighbours that lie on a circle, without repetition, in a stable order."""
    links = _links(graph)
    net: nx.DiGraph[Key] = nx.DiGraph()
    for source, targets in links.items():
        for target in targets:
            net.add_edge(source, target)
    found: dict[frozenset[Key], Loop] = {}
    for component in nx.strongly_connected_components(net):
        inside = net.subgraph(component)
        for source, target in sorted(inside.edges, key=str):
            way = [source, *nx.shortest_path(inside, target, source)]
            found.setdefault(frozenset(way), _loop(graph, way, links))
    return tuple(sorted(found.values(), key=lambda loop: str(loop.units)))


def _links(graph: Graph) -> dict[Key, dict[Key, Hop]]:
    """unit -> unit it sets off -> how, the quickest way."""
    links: defaultdict[Key, dict[Key, Hop]] = defaultdict(dict)
    for cause in graph.causes.all:
        unit = _unit(cause)
        if not cause.live or unit is None:
            continue
        seconds = _seconds(cause)
        if seconds is None:
            continue
        for target in _sets_off(graph, cause):
            hop = Hop(unit, cause, seconds)
            known = links[unit].get(target)
            if known is None or hop.seconds < known.seconds:
                links[unit][target] = hop
    return links


def _unit(cause: Cause) -> Key | None:
    if cause.flow:
        return cause.flow.automation.ref.key
    return cause.source if cause.source.kind is Kind.RULE else None


def _seconds(cause: Cause) -> int | None:
    """Least planned seconds from any entry of the automation to the cause; None when nobody comes there."""
    if cause.flow is None or cause.node is None:
        return 0
    spans = [span for root in cause.flow.roots if (span := time_between(cause.flow, root, cause.node))]
    if spans:
        return min(span.least for span in spans)
    # only a goal's pull leads here
    return 0 if cause.node in reachable(cause.flow, cause.flow.roots) else None


def _sets_off(graph: Graph, cause: Cause) -> Iterator[Key]:
    if cause.effect is Effect.STARTS:
        flow = graph.flow(cause.target)
        if flow and flow.automation.status is not AutomationStatus.INACTIVE:
            yield flow.automation.ref.key
        return
    trigger = _FIRES.get(cause.effect)
    if trigger is None:
        return
    for flow in graph.starts(trigger, cause.target):
        if flow.automation.status is not AutomationStatus.INACTIVE:
            yield flow.automation.ref.key
    for index, rule in enumerate(graph.manifest.rules):
        if rule.enabled and any(when.trigger is trigger and when.ref and when.ref.key == cause.target for when in rule.when):
            yield Key(Kind.RULE, index)
    if cause.effect is Effect.ENROLS:
        for index, rule in enumerate(graph.manifest.rules):
            if rule.enabled and any(
                when.trigger is Trigger.COMPLETES_SEQUENCE and when.ref and when.ref.key == cause.target for when in rule.when
            ):
                yield Key(Kind.RULE, index)


def _loop(graph: Graph, way: list[Key], links: dict[Key, dict[Key, Hop]]) -> Loop:
    hops = tuple(links[source][target] for source, target in pairwise(way))
    removers: list[Cause] = []
    again = True
    for hop in hops:
        if hop.cause.effect is Effect.ADDS_TAG:
            taken_off = graph.causes.of(Effect.REMOVES_TAG, hop.cause.target)
            removers += taken_off
            again = again and bool(taken_off)
        elif hop.cause.effect is Effect.REMOVES_TAG:
            put_back = graph.causes.of(Effect.ADDS_TAG, hop.cause.target)
            again = again and bool(put_back)
        elif hop.cause.effect is not Effect.STARTS:
            # writing the same value, or joining a form again, may fire or not: not counted as a circle that runs for ever
            again = False
    return Loop(hops, again, tuple(removers))


def flows_of(graph: Graph, loop: Loop) -> tuple[Flow, ...]:
    """The automations on a circle."""
    return tuple(flow for unit in loop.units if (flow := graph.flow(unit)))
