"""Circles: ways in which automations and rules start each other again.

A cycle is made of causes that count (live ones): a step or rule adds, removes or sets something, or joins a form, and that starts the
next automation or fires the next rule; or a step starts another automation directly. What keeps a cycle from closing:

- a condition in front of a step that nobody meets a second time (it asks for the absence of a tag the cycle adds and does not take off);
- a goal on the way that nothing on the cycle makes happen: then an outside event turns it, not the cycle itself.

By assumption an add of a tag already held fires nothing, nor does writing a value a field has already. So a cycle runs again and again
only if what each of its parts does is undone in between, or if the part starts an automation directly.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice, pairwise, product
from typing import TYPE_CHECKING

import msgspec
import networkx as nx

from ckaudit.graph.causes import Cause, Effect
from ckaudit.graph.consequences import set_off_by_causes
from ckaudit.graph.flow import FlowNode, happens
from ckaudit.graph.guards import demands, open_conditions
from ckaudit.graph.hops import FIRES, Hop, hops_of, is_waiting, time_before, unit_of, value_set
from ckaudit.graph.paths import Wanted, comes_for_sure, time_between, way_avoiding
from ckaudit.graph.words import duration
from ckaudit.model.automations import AddTag, RemoveTag, RuleActionKind, Trigger
from ckaudit.model.refs import Key, Kind

if TYPE_CHECKING:
    from ckaudit.graph.flow import Flow
    from ckaudit.graph.graph import Graph

_UNDONE_BY = {
    Effect.ADDS_TAG: Effect.REMOVES_TAG,
    Effect.REMOVES_TAG: Effect.ADDS_TAG,
    Effect.JOINS_FORM: Effect.LEAVES_FORM,
    Effect.ENROLS: Effect.UNENROLS,
}

# ways of closing one cycle that are looked at; people build two or three
MOST_WAYS = 64


class Loop(msgspec.Struct, frozen=True, eq=False):
    """A cycle nothing known keeps from closing.

    ``runs_again``: each of its parts can fire every time, so it has no end; ``undoing`` are the causes that see to that. ``runs_twice``:
    somebody who comes in by a door of his own goes round once more before it stops. Neither: by assumption its last step fires nothing,
    because whoever comes round has the tag already. ``conditions`` are questions in front of its steps that may let people out.
    """

    hops: tuple[Hop, ...]
    runs_again: bool
    runs_twice: bool
    undoing: tuple[Cause, ...]
    conditions: tuple[FlowNode, ...]

    @property
    def flows(self) -> tuple[Flow, ...]:
        """The automations of the cycle, in order."""
        return tuple(hop.cause.flow for hop in self.hops if hop.cause.flow)

    @property
    def seconds(self) -> int:
        """The least planned time of one round."""
        return sum(hop.seconds for hop in self.hops)

    @property
    def rhythm(self) -> str:
        """How fast it turns, to be put behind “goes round”: ``, every 3 days``. Empty when the time is not known."""
        if self.instant:
            return ", without any wait"
        return f", every {duration(self.seconds).removeprefix('1 ').removeprefix('about ')}" if self.seconds else ""

    @property
    def instant(self) -> bool:
        """True when one round needs no waiting at all."""
        return all(hop.instant for hop in self.hops)


def loops(graph: Graph) -> tuple[Loop, ...]:
    """One shortest cycle through each pair of neighbours that lie on a cycle, without repetition, in a stable order."""
    links = hops_of(graph)
    net: nx.DiGraph[Key] = nx.DiGraph()
    net.add_edges_from((source, target) for source, targets in links.items() for target in targets)
    found: dict[frozenset[Key], Loop | None] = {}
    for component in nx.strongly_connected_components(net):
        inside = net.subgraph(component)
        for source, target in sorted(inside.edges, key=_place):
            way = [source, *nx.shortest_path(inside, target, source)]
            if frozenset(way) not in found:
                found[frozenset(way)] = _loop(graph, [links[one][other] for one, other in pairwise(way)])
    return tuple(sorted((loop for loop in found.values() if loop), key=lambda loop: [(hop.unit.kind, hop.unit.id) for hop in loop.hops]))


def _place(edge: tuple[Key, Key]) -> list[tuple[Kind, int | str]]:
    return [(unit.kind, unit.id) for unit in edge]


# -- what a cycle does -------------------------------------------------------------------------------------------------------------


def _loop(graph: Graph, choices: list[list[Hop]]) -> Loop | None:
    """The worst cycle through these neighbours, None when something keeps each of them from closing."""
    built = (_close(graph, hops) for hops in islice(product(*choices), MOST_WAYS))
    return min((loop for loop in built if loop), key=lambda loop: (not loop.runs_again, not loop.runs_twice, loop.seconds), default=None)


def _close(graph: Graph, hops: tuple[Hop, ...]) -> Loop | None:
    around = _around(graph, hops)
    if any(_is_guarded(hop, hops, around) or _waits_for_others(hop, around) for hop in hops):
        return None
    door = _has_other_door(graph, hops)
    armed = [_rearmed(graph, number, hops, around, door) for number in range(len(hops))]
    again = all(able for able, _ in armed)
    undoing = tuple(cause for cause in around if again and any(cause in causes for _, causes in armed))
    asked = (node for hop in hops if hop.cause.flow and hop.cause.node for node in open_conditions(hop.cause.flow, hop.cause.node))
    return Loop(hops, again, again or door, undoing, tuple(asked))


def _around(graph: Graph, hops: tuple[Hop, ...]) -> tuple[Cause, ...]:
    """Live causes that act on whoever is on the cycle: its own steps and rules, what they set off, and what tools outside do."""
    units = {hop.unit for hop in hops}
    own = [cause for cause in graph.causes.all if cause.live and unit_of(cause) in units and _on_the_way(cause, hops)]
    spread = [cause for cause in set_off_by_causes(graph, own) if unit_of(cause) not in units]
    found = {id(cause) for cause in (*own, *spread)}
    return tuple(cause for cause in graph.causes.all if id(cause) in found or cause.source.kind is Kind.EXTERNAL)


def _on_the_way(cause: Cause, hops: tuple[Hop, ...]) -> bool:
    """True for rules, and for steps in front of or behind a step of the cycle; a step of another branch is none."""
    flow, node = cause.flow, cause.node
    if flow is None or node is None:
        return True
    stations = [hop.cause.node for hop in hops if hop.cause.flow is flow and hop.cause.node]
    return any(node is other or node in flow.before(other) or node in flow.after(other) for other in stations)


def _rearmed(graph: Graph, number: int, hops: tuple[Hop, ...], around: tuple[Cause, ...], door: bool) -> tuple[bool, tuple[Cause, ...]]:
    """Whether what this hop does can fire every time round, and by whose help."""
    cause = hops[number].cause
    if cause.effect is Effect.STARTS:
        return True, ()
    if cause.effect is Effect.SETS_FIELD:
        others = [other for other in around if other.effect is Effect.SETS_FIELD and other.source.kind is not Kind.EXTERNAL]
        undoing = [other for other in others if other.target == cause.target and value_set(other) != value_set(cause)]
    else:
        undoing = [other for other in around if other.effect is _UNDONE_BY[cause.effect] and other.target == cause.target]
    in_time = tuple(other for other in undoing if _in_time(other, number, hops, door))
    sequence = graph.lookup.sequence(cause.target) if cause.effect is Effect.ENROLS else None
    return bool(in_time) or bool(sequence and sequence.repeat), in_time


def _in_time(undoing: Cause, number: int, hops: tuple[Hop, ...], door: bool) -> bool:
    """True when it comes between two rounds of this hop.

    What stands behind the hop itself is too late for whoever comes in by the very tag: it counts only if there is another door.
    """
    flow, node = undoing.flow, undoing.node
    if flow is None or node is None:
        return True
    place = next((index for index, hop in enumerate(hops) if hop.cause.flow is flow), None)
    if place is None:
        before = time_before(undoing)
        return before is not None and before[0] <= sum(hop.seconds for hop in hops)
    station = hops[place].cause.node
    if station is None:
        return True
    if (node is station and place != number) or station in flow.after(node):
        return True
    span = time_between(flow, station, node)
    steps = (number - place) % len(hops) or len(hops)
    left = sum(hops[(place + step) % len(hops)].seconds for step in range(1, steps + 1))
    return span is not None and span.least <= left and (place != number or door)


def _has_other_door(graph: Graph, hops: tuple[Hop, ...]) -> bool:
    """True when people can come onto the cycle otherwise than by what turns it, or a change to any value turns it."""
    if any(hop.cause.effect is Effect.SETS_FIELD and hop.heard and hop.heard.value is None for hop in hops):
        return True
    heard = [hop.heard for hop in hops if hop.heard]
    doors: list[Trigger] = []
    for hop in hops:
        doors += hop.cause.flow.automation.entries if hop.cause.flow else hop.cause.rule.when if hop.cause.rule else ()
        flow = hop.cause.flow
        started = graph.causes.of(Effect.STARTS, flow.automation.ref.key) if flow else ()
        if any(all(cause is not other.cause for other in hops) for cause in started):
            return True
    return any(all(door is not other for other in heard) for door in doors)


# -- what keeps it from closing -----------------------------------------------------------------------------------------------------


def _is_guarded(hop: Hop, hops: tuple[Hop, ...], around: tuple[Cause, ...]) -> bool:
    """True when a condition in front of the step is met the first time only."""
    if hop.cause.flow is None or hop.cause.node is None:
        return False
    for demand in demands(hop.cause.flow, hop.cause.node):
        makes, breaks = (Effect.REMOVES_TAG, Effect.ADDS_TAG) if demand.held else (Effect.ADDS_TAG, Effect.REMOVES_TAG)
        inside = (cause for cause in around if cause.source.kind is not Kind.EXTERNAL)
        restored = any(cause.effect is breaks and cause.target == demand.tag for cause in inside)
        if not restored and _surely_done(hop, hops, makes, demand.tag):
            return True
    return False


def _surely_done(hop: Hop, hops: tuple[Hop, ...], effect: Effect, tag: Key) -> bool:
    """True when everybody who goes round comes past a cause that does this to the tag."""
    if any(other.cause.effect is effect and other.cause.target == tag for other in hops):
        return True
    return any(_passes(other, effect, tag) for other in hops) or _follows_at_once(hop, effect, tag)


def _does(node: FlowNode, effect: Effect, tag: Key) -> bool:
    kind = AddTag if effect is Effect.ADDS_TAG else RemoveTag
    return isinstance(node.step, kind) and node.step.tag.key == tag


def _passes(hop: Hop, effect: Effect, tag: Key) -> bool:
    """Every way inside the unit to the step of the cycle crosses it; a rule does all its actions."""
    flow, node = hop.cause.flow, hop.cause.node
    if flow is None or node is None:
        kind = RuleActionKind.ADD_TAG if effect is Effect.ADDS_TAG else RuleActionKind.REMOVE_TAG
        return hop.cause.rule is not None and any(action.kind is kind and action.ref.key == tag for action in hop.cause.rule.do)
    return _must_cross(flow, node, lambda other: _does(other, effect, tag))


def _must_cross(flow: Flow, node: FlowNode, crossing: Wanted) -> bool:
    """Every way from the top to the node, pulls included, leads over one that is wanted."""
    return way_avoiding(flow, flow.start, crossing, until=lambda other: other is node, guard=0) is None


def _follows_at_once(hop: Hop, effect: Effect, tag: Key) -> bool:
    """Right behind the step of the cycle, without any waiting between."""
    flow, node = hop.cause.flow, hop.cause.node
    while flow and node:
        following = tuple(flow.graph.successors(node.id))
        node = flow.nodes[following[0]] if len(following) == 1 else None
        if node and _does(node, effect, tag):
            return True
        if node and is_waiting(node):
            return False
    return False


def _waits_for_others(hop: Hop, around: tuple[Cause, ...]) -> bool:
    """True when every way to the step leads through a goal that nothing on the cycle makes happen."""
    flow, node = hop.cause.flow, hop.cause.node
    if flow is None or node is None:
        return False
    if node not in flow.after(flow.start):
        return False
    foreign = [other for other in flow.before(node) if other.is_event and not comes_for_sure(other) and not _is_caused(other, around)]
    return bool(foreign) and _must_cross(flow, node, lambda other: other in foreign)


def _is_caused(goal: FlowNode, around: Iterable[Cause]) -> bool:
    trigger = goal.trigger
    inside = [cause for cause in around if cause.source.kind is not Kind.EXTERNAL]
    return trigger is not None and any(happens(trigger, kind, cause.target) for cause in inside for kind in FIRES.get(cause.effect, ()))
