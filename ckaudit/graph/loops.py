"""Circles: ways in which automations and rules start each other again.

A circle is made of causes that count (live ones): a step or rule adds, removes or sets something, or joins a form, and that starts the
next automation or fires the next rule; or a step starts another automation directly. What keeps a circle from closing:

- a condition in front of a step that nobody meets a second time (it asks for the absence of a tag the circle adds and does not take off);
- a goal on the way that nothing on the circle makes happen: then an outside event turns it, not the circle itself.

By assumption an add of a tag already held fires nothing, nor does writing a value a field has already. So a circle runs again and again
only if what each of its parts does is undone in between, or if the part starts an automation directly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
import networkx as nx

from ckaudit.graph.causes import Cause, Effect
from ckaudit.graph.consequences import set_off_by_causes
from ckaudit.graph.flow import FlowNode, happens
from ckaudit.graph.guards import demands, open_conditions
from ckaudit.graph.paths import Wanted, comes_for_sure, reachable, time_between, way_avoiding
from ckaudit.model.automations import AddTag, AutomationStatus, Delay, Enrol, Happening, RemoveTag, RuleActionKind, SetField, Trigger
from ckaudit.model.refs import Key, Kind

if TYPE_CHECKING:
    from ckaudit.graph.flow import Flow
    from ckaudit.graph.graph import Graph

_FIRES = {
    Effect.ADDS_TAG: (Trigger.TAG_ADDED,),
    Effect.REMOVES_TAG: (Trigger.TAG_REMOVED,),
    Effect.SETS_FIELD: (Trigger.FIELD_CHANGED,),
    Effect.JOINS_FORM: (Trigger.JOINS_FORM,),
    Effect.ENROLS: (Trigger.SUBSCRIBES_TO_SEQUENCE, Trigger.COMPLETES_SEQUENCE),
}
_UNDONE_BY = {
    Effect.ADDS_TAG: Effect.REMOVES_TAG,
    Effect.REMOVES_TAG: Effect.ADDS_TAG,
    Effect.JOINS_FORM: Effect.LEAVES_FORM,
    Effect.ENROLS: Effect.UNENROLS,
}


class Hop(msgspec.Struct, frozen=True, eq=False):
    """One stretch of a circle: ``unit`` does ``cause``, and the next unit hears it as ``heard`` (None: it is started directly).

    A unit is ``automation:<index>`` or ``rule:<index>``. ``seconds`` is the least planned time before the next unit begins, ``instant``
    tells that nobody waits in a delay, sequence or goal until then.
    """

    unit: Key
    cause: Cause
    heard: Happening | None
    seconds: int
    instant: bool


class Loop(msgspec.Struct, frozen=True, eq=False):
    """A circle nothing known keeps from closing.

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
        """The automations of the circle, in order."""
        return tuple(hop.cause.flow for hop in self.hops if hop.cause.flow)

    @property
    def seconds(self) -> int:
        """The least planned time of one round."""
        return sum(hop.seconds for hop in self.hops)

    @property
    def instant(self) -> bool:
        """True when one round needs no waiting at all."""
        return all(hop.instant for hop in self.hops)


def loops(graph: Graph) -> tuple[Loop, ...]:
    """One shortest circle through each pair of neighbours that lie on a circle, without repetition, in a stable order."""
    links = _links(graph)
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


# -- who sets off whom --------------------------------------------------------------------------------------------------------------


def _links(graph: Graph) -> dict[Key, dict[Key, list[Hop]]]:
    """unit -> unit it sets off -> the ways it does."""
    links: defaultdict[Key, defaultdict[Key, list[Hop]]] = defaultdict(lambda: defaultdict(list))
    listeners = _listeners(graph)
    for cause in graph.causes.all:
        unit = _unit(cause)
        if not cause.live or unit is None:
            continue
        heard = list(_sets_off(graph, cause, listeners))
        before = _time_before(cause) if heard else None
        if before is None:
            continue
        for target, happening in heard:
            inside = graph.lookup.timing(cause.node.ref).planned if _completes(happening) and cause.node and cause.node.ref else 0
            seconds, instant = before
            links[unit][target].append(Hop(unit, cause, happening, seconds + inside, instant and not _completes(happening)))
    return {unit: dict(targets) for unit, targets in links.items()}


def _completes(happening: Happening | None) -> bool:
    return happening is not None and happening.trigger is Trigger.COMPLETES_SEQUENCE


def _unit(cause: Cause) -> Key | None:
    if cause.flow:
        return Key(Kind.AUTOMATION, cause.flow.index)
    return cause.source if cause.source.kind is Kind.RULE else None


def _time_before(cause: Cause) -> tuple[int, bool] | None:
    """Least planned seconds inside the unit, and whether it needs no waiting; None when nobody comes to the step."""
    flow, node = cause.flow, cause.node
    if flow is None or node is None:
        return 0, True
    spans = [span for root in flow.roots if (span := time_between(flow, root, node))]
    if not spans:
        # only a goal's pull leads here
        return (0, False) if node in reachable(flow, flow.roots) else None
    straight = [time_between(flow, root, node, avoiding=_is_waiting) for root in flow.roots]
    return min(span.least for span in spans), any(straight)


def _is_waiting(node: FlowNode) -> bool:
    return node.is_event or isinstance(node.step, Delay | Enrol)


def _listeners(graph: Graph) -> dict[Trigger, list[tuple[Key, Happening]]]:
    """Entries of automations that are not inactive, and triggers of enabled rules."""
    found: defaultdict[Trigger, list[tuple[Key, Happening]]] = defaultdict(list)
    for flow in graph.flows:
        if flow.automation.status is not AutomationStatus.INACTIVE:
            for entry in flow.automation.entries:
                found[entry.trigger].append((Key(Kind.AUTOMATION, flow.index), entry))
    for index, rule in enumerate(graph.manifest.rules):
        if rule.enabled:
            for when in rule.when:
                found[when.trigger].append((Key(Kind.RULE, index), when))
    return found


def _sets_off(graph: Graph, cause: Cause, listeners: dict[Trigger, list[tuple[Key, Happening]]]) -> Iterator[tuple[Key, Happening | None]]:
    if cause.effect is Effect.STARTS:
        flow = graph.flow(cause.target)
        if flow and flow.automation.status is not AutomationStatus.INACTIVE:
            yield Key(Kind.AUTOMATION, flow.index), None
    for trigger in _FIRES.get(cause.effect, ()):
        for unit, happening in listeners.get(trigger, ()):
            if happens(happening, trigger, cause.target) and _writes(cause, happening):
                yield unit, happening


def _writes(cause: Cause, happening: Happening) -> bool:
    """False only when a field is set to another value than the listener waits for."""
    if cause.effect is not Effect.SETS_FIELD or happening.value is None:
        return True
    return _value(cause) == happening.value


def _value(cause: Cause) -> str | None:
    """What a field is set to."""
    if cause.node and isinstance(cause.node.step, SetField):
        return cause.node.step.value
    actions = cause.rule.do if cause.rule else ()
    return next((action.value for action in actions if action.ref.key == cause.target), None)


# -- what a circle does -------------------------------------------------------------------------------------------------------------


def _loop(graph: Graph, choices: list[list[Hop]]) -> Loop | None:
    """The circle through these neighbours, None when something keeps each way of closing it from being taken again."""
    around = _around(graph, choices)
    hops: list[Hop] = []
    for ways in choices:
        able = [hop for hop in ways if not _is_guarded(hop, choices, around) and not _waits_for_others(hop, around)]
        if not able:
            return None
        hops.append(min(able, key=lambda hop: (not _rearmed(graph, hop, around)[0], hop.seconds)))
    armed = [_rearmed(graph, hop, around) for hop in hops]
    asked = tuple(node for hop in hops if hop.cause.flow and hop.cause.node for node in open_conditions(hop.cause.flow, hop.cause.node))
    again = all(able for able, _ in armed)
    undoing = tuple(cause for cause in graph.causes.all if any(cause in causes for _, causes in armed))
    return Loop(tuple(hops), again, again or _has_other_door(graph, hops), undoing if again else (), asked)


def _around(graph: Graph, choices: list[list[Hop]]) -> tuple[Cause, ...]:
    """Live causes that act on whoever is on the circle: its own steps and rules, what they set off, and what tools outside do."""
    units = {hop.unit for ways in choices for hop in ways}
    own = [cause for cause in graph.causes.all if cause.live and _unit(cause) in units and _on_the_way(cause, choices)]
    spread = set_off_by_causes(graph, own)
    outside = tuple(cause for cause in graph.causes.all if cause.source.kind is Kind.EXTERNAL)
    return (*own, *(cause for cause in spread if _unit(cause) not in units), *outside)


def _on_the_way(cause: Cause, choices: list[list[Hop]]) -> bool:
    """True for rules, and for steps in front of or behind a step of the circle; a step of another branch is none."""
    flow, node = cause.flow, cause.node
    if flow is None or node is None:
        return True
    stations = [hop.cause.node for ways in choices for hop in ways if hop.cause.flow is flow and hop.cause.node]
    return any(node is other or node in flow.before(other) or node in flow.after(other) for other in stations)


def _rearmed(graph: Graph, hop: Hop, around: tuple[Cause, ...]) -> tuple[bool, tuple[Cause, ...]]:
    """Whether what the hop does can fire every time round, and by whose help."""
    cause = hop.cause
    if cause.effect is Effect.STARTS:
        return True, ()
    if cause.effect is Effect.SETS_FIELD:
        others = [other for other in around if other.effect is Effect.SETS_FIELD and other.target == cause.target]
        undoing = [other for other in others if other.source.kind is not Kind.EXTERNAL and _value(other) != _value(cause)]
    else:
        opposite = _UNDONE_BY[cause.effect]
        undoing = [other for other in around if other.effect is opposite and other.target == cause.target and _in_time(other, hop)]
    repeats = graph.lookup.sequence(cause.target) if cause.effect is Effect.ENROLS else None
    return bool(undoing) or bool(repeats and repeats.repeat), tuple(undoing)


def _in_time(undoing: Cause, hop: Hop) -> bool:
    """In an automation that sets itself off, the tag has to be gone before it is added: whoever comes in by the tag has it."""
    flow = hop.cause.flow
    if flow is None or undoing.flow is not flow or undoing.node is None or hop.cause.node is None or hop.heard is None:
        return True
    restarts = any(entry is hop.heard for entry in flow.automation.entries)
    return not restarts or hop.cause.node in flow.after(undoing.node)


def _has_other_door(graph: Graph, hops: list[Hop]) -> bool:
    """True when people can come onto the circle otherwise than by what turns it, or a change to any value turns it."""
    if any(hop.cause.effect is Effect.SETS_FIELD and hop.heard and hop.heard.value is None for hop in hops):
        return True
    heard = [hop.heard for hop in hops if hop.heard]
    doors: list[Happening] = []
    for hop in hops:
        doors += hop.cause.flow.automation.entries if hop.cause.flow else hop.cause.rule.when if hop.cause.rule else ()
        flow = hop.cause.flow
        started = graph.causes.of(Effect.STARTS, flow.automation.ref.key) if flow else ()
        if any(all(cause is not other.cause for other in hops) for cause in started):
            return True
    return any(all(door is not other for other in heard) for door in doors)


# -- what keeps it from closing -----------------------------------------------------------------------------------------------------


def _is_guarded(hop: Hop, choices: list[list[Hop]], around: tuple[Cause, ...]) -> bool:
    """True when a condition in front of the step is met the first time only."""
    if hop.cause.flow is None or hop.cause.node is None:
        return False
    for demand in demands(hop.cause.flow, hop.cause.node):
        makes, breaks = (Effect.REMOVES_TAG, Effect.ADDS_TAG) if demand.held else (Effect.ADDS_TAG, Effect.REMOVES_TAG)
        inside = (cause for cause in around if cause.source.kind is not Kind.EXTERNAL)
        restored = any(cause.effect is breaks and cause.target == demand.tag for cause in inside)
        if not restored and _surely_done(hop, choices, makes, demand.tag):
            return True
    return False


def _surely_done(hop: Hop, choices: list[list[Hop]], effect: Effect, tag: Key) -> bool:
    """True when everybody who goes round comes past a cause that does this to the tag."""
    if any(all(other.cause.effect is effect and other.cause.target == tag for other in ways) for ways in choices):
        return True
    if any(all(_passes(other, effect, tag) for other in ways) for ways in choices):
        return True
    return _passes(hop, effect, tag) or _follows_at_once(hop, effect, tag)


def _does(node: FlowNode, effect: Effect, tag: Key) -> bool:
    kind = AddTag if effect is Effect.ADDS_TAG else RemoveTag
    return isinstance(node.step, kind) and node.step.tag.key == tag


def _passes(hop: Hop, effect: Effect, tag: Key) -> bool:
    """Every way inside the unit to the step of the circle crosses it; a rule does all its actions."""
    flow, node = hop.cause.flow, hop.cause.node
    if flow is None or node is None:
        kind = RuleActionKind.ADD_TAG if effect is Effect.ADDS_TAG else RuleActionKind.REMOVE_TAG
        return hop.cause.rule is not None and any(action.kind is kind and action.ref.key == tag for action in hop.cause.rule.do)
    return _must_cross(flow, node, lambda other: _does(other, effect, tag))


def _must_cross(flow: Flow, node: FlowNode, crossing: Wanted) -> bool:
    """Every way from the top to the node, pulls included, leads over one that is wanted."""
    return way_avoiding(flow, flow.start, crossing, until=lambda other: other is node, guard=0) is None


def _follows_at_once(hop: Hop, effect: Effect, tag: Key) -> bool:
    """Right behind the step of the circle, without any waiting between."""
    flow, node = hop.cause.flow, hop.cause.node
    while flow and node:
        following = tuple(flow.graph.successors(node.id))
        node = flow.nodes[following[0]] if len(following) == 1 else None
        if node and _does(node, effect, tag):
            return True
        if node and _is_waiting(node):
            return False
    return False


def _waits_for_others(hop: Hop, around: tuple[Cause, ...]) -> bool:
    """True when every way to the step leads through a goal that nothing on the circle makes happen."""
    flow, node = hop.cause.flow, hop.cause.node
    if flow is None or node is None:
        return False
    if node not in flow.after(flow.start):
        return False
    foreign = [other for other in flow.before(node) if other.is_event and not comes_for_sure(other) and not _is_caused(other, around)]
    return bool(foreign) and _must_cross(flow, node, lambda other: other in foreign)


def _is_caused(goal: FlowNode, around: Iterable[Cause]) -> bool:
    happening = goal.happening
    inside = [cause for cause in around if cause.source.kind is not Kind.EXTERNAL]
    return happening is not None and any(
        happens(happening, trigger, cause.target) for cause in inside for trigger in _FIRES.get(cause.effect, ())
    )
