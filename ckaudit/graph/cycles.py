"""Cycles: ways in which automations and rules start each other again.

A cycle is made of causes that count (live ones): a step or rule adds, removes or sets something, or joins a form, and that starts the
next automation or fires the next rule; or a step starts another automation directly. What keeps a cycle from closing:

- a condition in front of a step that nobody meets a second time (it asks for the absence of a tag the cycle adds and does not take off);
- a goal on the path that nothing on the cycle makes happen: then an outside event turns it, not the cycle itself.

By assumption an add of a tag already held fires nothing, nor does writing a value a field has already. So a cycle runs again and again
only if what each of its parts does is undone in between, or if the part starts an automation directly.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from itertools import islice, pairwise, product
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from ckaudit.graph.causes import Cause
from ckaudit.graph.flow import Flow
from ckaudit.graph.guards import demands, open_conditions
from ckaudit.graph.hops import Hop, hops_of, is_waiting, time_before
from ckaudit.graph.lookup import Lookup
from ckaudit.graph.nodes import FlowNode
from ckaudit.graph.paths import Wanted, comes_for_sure
from ckaudit.graph.reactions import Reactions
from ckaudit.graph.words import duration
from ckaudit.model.refs import Key
from ckaudit.model.steps import Effect
from ckaudit.model.triggers import Trigger

if TYPE_CHECKING:
    import networkx as nx

_UNDONE_BY = {
    Effect.ADDS_TAG: Effect.REMOVES_TAG,
    Effect.REMOVES_TAG: Effect.ADDS_TAG,
    Effect.JOINS_FORM: Effect.LEAVES_FORM,
    Effect.ENROLS: Effect.UNENROLS,
}

# ways of closing one cycle that are looked at; people build two or three
MAX_WAYS = 64
MAX_LISTED = 20
"""Cycles that are listed of automations and rules that all set each other off: whoever cuts some of these looks again."""
MAX_PAIRS = 100
"""Pairs of neighbours among these for which a cycle is looked for."""


class Cycle(msgspec.Struct, frozen=True, eq=False):
    """A cycle nothing known keeps from closing.

    ``runs_again``: each of its parts can fire every time, so it has no end; ``undoing`` are the causes that see to that. ``runs_twice``:
    somebody who comes in by another entry goes round once more before it stops. Neither: by assumption its last step fires nothing,
    because whoever comes round has the tag already. ``conditions`` are questions in front of its steps that may let people out.
    ``among`` is how many automations and rules all set each other off here, if only some of their cycles are listed; else 0.
    """

    hops: tuple[Hop, ...]
    runs_again: bool
    runs_twice: bool
    undoing: tuple[Cause, ...]
    conditions: tuple[FlowNode, ...]
    among: int = 0

    @property
    def flows(self) -> tuple[Flow, ...]:
        """The automations of the cycle, in order."""
        return tuple(hop.cause.flow for hop in self.hops if hop.cause.flow)

    @property
    def seconds(self) -> int:
        """The minimum of planned time of one round."""
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


def find_cycles(reactions: Reactions, lookup: Lookup) -> tuple[Cycle, ...]:
    """One shortest cycle through each pair of neighbours that lie on a cycle, without repetition, in a stable order.

    Where very many set each other off, ``MAX_LISTED`` of their cycles stand for all, the worst of those that are looked at.
    """
    import networkx as nx  # late: rules are explained without it

    links = hops_of(reactions, lookup)
    net: nx.DiGraph[Key] = nx.DiGraph()
    net.add_edges_from((source, target) for source, targets in links.items() for target in targets)
    times: Times = {}
    found: list[Cycle] = []
    for component in nx.strongly_connected_components(net):
        inside = net.subgraph(component)
        # everything that a cycle of this component sets off: its members reach each other, so it is the same for all
        set_off = frozenset(reactions.of_causes(hop.cause for one, other in inside.edges for hop in links[one][other]))
        here: dict[frozenset[Key], Cycle | None] = {}
        pairs = list(_one_of_each_chain(inside))
        for source, target in pairs[:MAX_PAIRS]:
            path = [source, *nx.shortest_path(inside, target, source)]
            if frozenset(path) not in here:
                choices = islice(product(*(links[one][other] for one, other in pairwise(path))), MAX_WAYS)
                closed = (_Round(reactions, lookup, set_off, hops, times).close() for hops in choices)
                here[frozenset(path)] = min((cycle for cycle in closed if cycle), key=_harmlessness, default=None)
        cycles = sorted((cycle for cycle in here.values() if cycle), key=_harmlessness)
        if len(pairs) > MAX_PAIRS or len(cycles) > MAX_LISTED:
            cycles = [msgspec.structs.replace(cycle, among=len(component)) for cycle in cycles[:MAX_LISTED]]
        found += cycles
    return tuple(sorted(found, key=lambda cycle: [tuple(hop.unit) for hop in cycle.hops]))


def _one_of_each_chain(inside: nx.DiGraph[Key]) -> Iterator[tuple[Key, Key]]:
    """Pairs of neighbours in a stable order, the first of each chain: whoever comes into a chain without branches walks all of it."""
    import networkx as nx  # late: rules are explained without it

    chains = nx.utils.UnionFind(inside.edges)
    for unit in inside:
        if inside.in_degree(unit) == inside.out_degree(unit) == 1:
            chains.union(*inside.in_edges(unit), *inside.out_edges(unit))
    seen = set()
    for edge in sorted(inside.edges):
        if chains[edge] not in seen:
            seen.add(chains[edge])
            yield edge


def _harmlessness(cycle: Cycle) -> tuple[bool, bool, int]:
    return not cycle.runs_again, not cycle.runs_twice, cycle.seconds


Times: TypeAlias = dict[int, tuple[int, bool] | None]
"""Number of a cause -> what ``time_before`` says of it: every cycle asks again."""


class _Round:
    """One round of what may be a cycle, and what happens to whoever goes round."""

    def __init__(self, reactions: Reactions, lookup: Lookup, set_off: Set[Cause], hops: tuple[Hop, ...], times: Times) -> None:
        self.causes = reactions.causes
        self.lookup = lookup
        self.set_off = set_off
        self.hops = hops
        self.times = times
        self.units = {hop.unit for hop in hops}

    def close(self) -> Cycle | None:
        """The cycle, None when something keeps it from closing."""
        if any(self.is_guarded(hop) or self.waits_for_others(hop) for hop in self.hops):
            return None
        entered = self.has_other_entry()
        armed = [self.rearmed(number, entered=entered) for number in range(len(self.hops))]
        again = all(able for able, _ in armed)
        undoing = {cause for _, causes in armed for cause in causes} if again else set[Cause]()
        asked = (node for hop in self.hops if hop.cause.flow and hop.cause.node for node in open_conditions(hop.cause.flow, hop.cause.node))
        return Cycle(self.hops, again, again or entered, tuple(sorted(undoing, key=lambda cause: cause.number)), tuple(asked))

    def around(self, effect: Effect, target: Key | None = None) -> Iterator[Cause]:
        """Live causes of this effect (on this target) that act on whoever is on the cycle: its own steps and rules, what they set off, and
        what integrations do."""
        for cause in self.causes.of(effect, target) if target else self.causes.all:
            if cause.effect is effect and cause.live and (cause.integrated or self.is_met(cause)):
                yield cause

    def is_met(self, cause: Cause) -> bool:
        """True for what is set off, for rules of the cycle, and for steps in front of or behind a step of it; another branch is not met."""
        if cause.unit not in self.units:
            return cause in self.set_off
        flow, node = cause.flow, cause.node
        if flow is None or node is None:
            return True
        own = [hop.cause.node for hop in self.hops if hop.cause.flow is flow and hop.cause.node]
        return any(node is other or other.id in flow.below[node.id] or node.id in flow.below[other.id] for other in own)

    def rearmed(self, number: int, *, entered: bool) -> tuple[bool, tuple[Cause, ...]]:
        """Whether what this hop does can fire every time round, and by whose help."""
        cause = self.hops[number].cause
        if cause.effect is Effect.STARTS:
            return True, ()
        if cause.effect is Effect.SETS_FIELD:
            others = (other for other in self.around(Effect.SETS_FIELD, cause.target) if not other.integrated)
            undoing = [other for other in others if other.value != cause.value]
        else:
            undoing = list(self.around(_UNDONE_BY[cause.effect], cause.target))
        in_time = tuple(other for other in undoing if self.in_time(other, number, entered=entered))
        sequence = self.lookup.sequence(cause.target) if cause.effect is Effect.ENROLS else None
        return bool(in_time) or bool(sequence and sequence.repeat), in_time

    def in_time(self, undoing: Cause, number: int, *, entered: bool) -> bool:
        """True when it comes between two rounds of this hop.

        What is behind the hop itself is too late for whoever comes in by the very tag: it counts only if there is another entry.
        """
        flow, node, hops = undoing.flow, undoing.node, self.hops
        if flow is None or node is None:
            return True
        place = next((index for index, hop in enumerate(hops) if hop.cause.flow is flow), None)
        if place is None:
            if undoing.number not in self.times:
                self.times[undoing.number] = time_before(undoing)
            before = self.times[undoing.number]
            return before is not None and before[0] <= sum(hop.seconds for hop in hops)
        own = hops[place].cause.node
        if own is None:
            return True
        if (node is own and place != number) or own in flow.after(node):
            return True
        span = flow.time_between(own, node)
        steps = (number - place) % len(hops) or len(hops)
        left = sum(hops[(place + step) % len(hops)].seconds for step in range(1, steps + 1))
        return span is not None and span.min_seconds <= left and (place != number or entered)

    def has_other_entry(self) -> bool:
        """True when people can come onto the cycle otherwise than by what turns it, or a change to any value turns it."""
        hops = self.hops
        if any(hop.cause.effect is Effect.SETS_FIELD and hop.trigger and hop.trigger.value is None for hop in hops):
            return True
        turning = [hop.trigger for hop in hops if hop.trigger]
        entries: list[Trigger] = []
        for hop in hops:
            flow = hop.cause.flow
            entries += flow.automation.entries if flow else hop.cause.rule.when if hop.cause.rule else ()
            started = self.causes.of(Effect.STARTS, flow.key) if flow else ()
            if any(all(cause is not other.cause for other in hops) for cause in started):
                return True
        return any(all(entry is not other for other in turning) for entry in entries)

    def is_guarded(self, hop: Hop) -> bool:
        """True when a condition in front of the step is met the first time only."""
        if hop.cause.flow is None or hop.cause.node is None:
            return False
        for demand in demands(hop.cause.flow, hop.cause.node):
            makes, breaks = (Effect.REMOVES_TAG, Effect.ADDS_TAG) if demand.held else (Effect.ADDS_TAG, Effect.REMOVES_TAG)
            restored = any(not cause.integrated for cause in self.around(breaks, demand.tag))
            if not restored and self.surely_done(hop, makes, demand.tag):
                return True
        return False

    def surely_done(self, hop: Hop, effect: Effect, tag: Key) -> bool:
        """True when everybody who goes round comes past a cause that does this to the tag."""
        if any(other.cause.effect is effect and other.cause.target == tag for other in self.hops):
            return True
        return any(_passes(other, effect, tag) for other in self.hops) or _follows_at_once(hop, effect, tag)

    def waits_for_others(self, hop: Hop) -> bool:
        """True when every path to the step leads through a goal that nothing on the cycle makes happen."""
        flow, node = hop.cause.flow, hop.cause.node
        if flow is None or node is None or node.id not in flow.below[flow.start.id]:
            return False
        foreign = [other for other in flow.before(node) if other.is_event and not comes_for_sure(other) and not self.is_caused(other)]
        return bool(foreign) and _must_cross(flow, node, lambda other: other in foreign)

    def is_caused(self, goal: FlowNode) -> bool:
        """True when something on the cycle makes a goal happen."""
        trigger = goal.trigger
        if trigger is None:
            return False
        effects = (effect for effect in Effect if trigger.kind in effect.fires)
        found = (cause for effect in effects for cause in self.around(effect, trigger.ref.key if trigger.ref else None))
        return any(trigger.matches(trigger.kind, cause.target) for cause in found if not cause.integrated)


def _does(node: FlowNode, effect: Effect, tag: Key) -> bool:
    return node.effect is effect and node.ref is not None and node.ref.key == tag


def _passes(hop: Hop, effect: Effect, tag: Key) -> bool:
    """Every path inside the unit to the step of the cycle crosses it; a rule does all its actions."""
    flow, node = hop.cause.flow, hop.cause.node
    if flow is None or node is None:
        actions = hop.cause.rule.do if hop.cause.rule else ()
        return any(action.kind.effect is effect and action.ref.key == tag for action in actions)
    return _must_cross(flow, node, lambda other: _does(other, effect, tag))


def _must_cross(flow: Flow, node: FlowNode, crossing: Wanted) -> bool:
    """Every path from the top to the node, pulls included, leads over one that is wanted."""
    return flow.path_to(flow.start, node, avoiding=crossing, guard=0) is None


def _follows_at_once(hop: Hop, effect: Effect, tag: Key) -> bool:
    """Right behind the step of the cycle, without any waiting between."""
    flow, node = hop.cause.flow, hop.cause.node
    while flow and node:
        following = flow.next[node.id]
        node = following[0] if len(following) == 1 else None
        if node and _does(node, effect, tag):
            return True
        if node and is_waiting(node):
            return False
    return False
