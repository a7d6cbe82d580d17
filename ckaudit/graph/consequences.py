"""What follows from something that happens to people, over any number of automations, rules and forms, and when.

One search: it starts with a signal (a tag is added, a form joined), goes to everything that listens to it, on to what that does, and so
on. Each automation, rule and form is entered once, at its soonest, so the cost is linear in what is set off. Ways that wait for nothing
from outside come before ways that wait in front of a goal, and sooner ones before later ones.
"""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Set
from functools import cached_property
from itertools import count
from typing import NamedTuple, TypeAlias

import msgspec

from ckaudit.graph.causes import Cause
from ckaudit.graph.guards import Demand, demands, open_conditions
from ckaudit.graph.nodes import FlowNode
from ckaudit.graph.paths import Span
from ckaudit.model.findings import PathStep
from ckaudit.model.refs import Key
from ckaudit.model.triggers import Trigger

MAX_UNITS = 200
"""So many automations, rules and forms are followed in one answer; real accounts set off a dozen."""
MAX_CAUSES = 1000
"""So many steps and actions of theirs."""


class Consequence(msgspec.Struct, frozen=True, eq=False, dict=True):
    """Something that happens to people because of something else: ``cause``, so many planned seconds later (``span``).

    ``span``: the least is that of the soonest way, the greatest is over all ways; ``open_ended`` when some way waits in front of a goal, or
    leads round in a circle. ``trigger`` is what its automation, rule or form began with (None: started directly), ``by`` what did that
    (None: what was asked about); these and the path are those of the soonest way, which waits for nothing from outside where there is
    such a way. ``waits``: there is none, people wait in front of a goal.
    """

    cause: Cause
    span: Span
    trigger: Trigger | None = None
    by: Consequence | None = None
    waits: bool = False

    @cached_property
    def way(self) -> tuple[Consequence, ...]:
        """What leads here, each set off by the one before it; the last is this one."""
        found = [self]
        while found[-1].by:
            found.append(found[-1].by)
        return tuple(reversed(found))

    @property
    def path(self) -> tuple[PathStep, ...]:
        """The way, for the path of a finding."""
        return tuple(step.cause.path_step for step in self.way)

    @cached_property
    def conditions(self) -> tuple[FlowNode, ...]:
        """Conditions on the way on whose outcome it depends whether people get this, in the order in which they come to them."""
        steps = (step.cause for step in self.way)
        return tuple(node for cause in steps if cause.flow and cause.node for node in open_conditions(cause.flow, cause.node))

    @cached_property
    def demands(self) -> tuple[Demand, ...]:
        """Tags that everybody who gets this has met on the way as a condition: they have them, or lack them."""
        steps = (step.cause for step in self.way)
        return tuple(demand for cause in steps if cause.flow and cause.node for demand in demands(cause.flow, cause.node))

    def excludes(self, other: Consequence) -> bool:
        """True when nobody gets both: they are in different branches, or one is for those who have a tag and one for those who lack it."""
        if any(Demand(demand.tag, not demand.held) in other.demands for demand in self.demands):
            return True
        return any(_apart(one.cause, two.cause) for one in self.way for two in other.way)


def _apart(one: Cause, other: Cause) -> bool:
    """Steps of one automation of which people come to one only."""
    flow = one.flow
    if flow is None or other.flow is not flow or one.node is None or other.node is None or one.node is other.node:
        return False
    return other.node.id not in flow.below[one.node.id] and one.node.id not in flow.below[other.node.id]


class Place(NamedTuple):
    """Where people come into something: an automation, rule or form at its top, or an automation at the goal of this node."""

    unit: Key
    goal: str = ""


class Entrance(NamedTuple):
    """A place that a signal leads to, by which trigger, and how many seconds after the signal."""

    place: Place
    trigger: Trigger | None
    seconds: int = 0


Inside: TypeAlias = Callable[[Place], Iterable[tuple[Cause, Span]]]
Onwards: TypeAlias = Callable[[Cause], Iterable[Entrance]]


class _Arrival(NamedTuple):
    waits: bool
    seconds: int
    number: int
    place: Place
    trigger: Trigger | None
    by: Consequence | None


class Search:
    """Everything that follows from a few entrances.

    ``inside`` says what is done behind a place, and when; ``onwards`` where a cause lets people in. ``known`` units are never entered.
    ``complete`` is False when there were more than ``MAX_UNITS``, or more than ``MAX_CAUSES`` of theirs.
    """

    def __init__(self, inside: Inside, onwards: Onwards, entrances: Iterable[Entrance], known: Set[Key]) -> None:
        self.inside, self.onwards, self.known = inside, onwards, known
        self.complete = True
        self.starts: list[Place] = []
        self.edges: defaultdict[Place, list[tuple[Place, Span]]] = defaultdict(list)
        self.soonest: dict[int, Consequence] = {}
        self.begun: dict[Place, int] = {}
        self._queue: list[_Arrival] = []
        self._numbers = count()
        for entrance in entrances:
            self.starts.append(entrance.place)
            self._push(entrance, None, 0, waits=False)
        self._run()
        self.found = tuple(self._with_spans())

    def _push(self, entrance: Entrance, by: Consequence | None, seconds: int, *, waits: bool) -> None:
        waits = waits or bool(entrance.place.goal)
        arrival = _Arrival(waits, seconds + entrance.seconds, next(self._numbers), entrance.place, entrance.trigger, by)
        heapq.heappush(self._queue, arrival)

    def _run(self) -> None:
        followed = 0
        while self._queue:
            here = heapq.heappop(self._queue)
            if here.place in self.begun or here.place.unit in self.known:
                continue
            if len(self.begun) >= MAX_UNITS or followed >= MAX_CAUSES:
                self.complete = False
                return
            self.begun[here.place] = here.seconds
            for cause, span in self.inside(here.place):
                followed += 1
                self._visit(here, cause, span)

    def _visit(self, here: _Arrival, cause: Cause, span: Span) -> None:
        all_wait, seconds = span.soonest
        seconds, waits = here.seconds + seconds, here.waits or all_wait
        done = Consequence(cause, Span(seconds, seconds, waits), here.trigger, here.by, waits)
        known = self.soonest.get(cause.number)
        if known is None or (waits, seconds) < (known.waits, known.span.min_seconds):
            self.soonest[cause.number] = done
        for entrance in self.onwards(cause):
            if entrance.place.unit in self.known or entrance.place == here.place:
                continue
            later = Span(span.min_seconds + entrance.seconds, span.max_seconds + entrance.seconds, span.open_ended)
            self.edges[here.place].append((entrance.place, later))
            self._push(entrance, done, seconds, waits=waits)

    def _with_spans(self) -> Iterator[Consequence]:
        """The consequences, soonest first, with their greatest delay over all ways."""
        latest = self._latest()
        spans: dict[int, list[Span]] = defaultdict(list)
        for place in self.begun:
            at = latest[place]
            for cause, span in self.inside(place):
                spans[cause.number].append(_add(at, span))
        for number, first in sorted(self.soonest.items(), key=lambda item: (item[1].waits, item[1].span.min_seconds, item[0])):
            ways = spans[number]
            span = Span(first.span.min_seconds, max(way.max_seconds for way in ways), any(way.open_ended for way in ways))
            yield msgspec.structs.replace(first, span=span)

    def _latest(self) -> dict[Place, Span]:
        """When each place is entered at the latest. What lies on a circle, or behind one, has no latest moment."""
        ahead = {place: [edge for edge in self.edges[place] if edge[0] in self.begun] for place in self.begun}
        waiting: defaultdict[Place, int] = defaultdict(int)
        for edges in ahead.values():
            for place, _ in edges:
                waiting[place] += 1
        latest = {place: Span(0, self.begun[place], bool(place.goal)) for place in self.begun}
        ready = deque(place for place in self.begun if not waiting[place])
        passed = set[Place]()
        while ready:
            here = ready.popleft()
            passed.add(here)
            for place, span in ahead[here]:
                come = _add(latest[here], span)
                latest[place] = Span(0, max(latest[place].max_seconds, come.max_seconds), latest[place].open_ended or come.open_ended)
                waiting[place] -= 1
                if not waiting[place]:
                    ready.append(place)
        return {place: span if place in passed else Span(0, span.max_seconds, open_ended=True) for place, span in latest.items()}


def _add(one: Span, other: Span) -> Span:
    return Span(one.min_seconds + other.min_seconds, one.max_seconds + other.max_seconds, one.open_ended or other.open_ended)
