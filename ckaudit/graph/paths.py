"""Questions about the ways people take through one automation. "Before", "after" and "must pass" mean every way, not the order of lines.

How people move (help articles 2502537, 2502665, 2502670):

- from a step to the step below it, unless the step never lets go (a holding or an inactive sequence);
- a goal holds whoever arrives until it happens, perhaps forever: waiting in front of one can be the end of a way. A date always
  comes;
- a goal pulls forward whoever stands anywhere above it (waiting in a delay, a sequence or in front of another goal) and skips what
  lies between.

A pull counts only when people are exposed to it for a day or more since the point the question starts from: nobody has to guard
five minutes against a refund.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from typing import TypeAlias

import msgspec

from ckaudit.graph.flow import DAY, Flow, FlowNode
from ckaudit.model.automations import TriggerKind
from ckaudit.model.findings import PathStep

Wanted: TypeAlias = Callable[[FlowNode], bool]


class Move(enum.StrEnum):
    """How a person came to a station of a way."""

    START = "start"
    NEXT = "next"
    PULLED = "pulled"
    WAITS = "waits"


class Way(msgspec.Struct, frozen=True):
    """A way people can take: its stations, and how each was reached. ``WAITS`` means: stands in front of this goal."""

    nodes: tuple[FlowNode, ...]
    moves: tuple[Move, ...]

    def path(self, notes: dict[str, str] | None = None) -> tuple[PathStep, ...]:
        """The stations for a finding; ``notes`` maps node ids to a word about them."""
        words = {Move.PULLED: "pulled forward to here", Move.WAITS: "waits here"}
        notes = notes or {}
        return tuple(
            node.path_step(notes.get(node.id) or words.get(move, ""))
            for node, move in zip(self.nodes, self.moves, strict=True)
            if node.label != "Start"
        )

    @property
    def pulled(self) -> bool:
        """True when a goal pulled the person over some steps."""
        return Move.PULLED in self.moves

    @property
    def waits(self) -> bool:
        """True when the way ends in front of a goal."""
        return self.moves[-1] is Move.WAITS


class Span(msgspec.Struct, frozen=True):
    """Planned seconds between two points, the least and the greatest over all ways; ``open_ended`` when a goal lies between."""

    least: int
    greatest: int
    open_ended: bool


def comes_for_sure(node: FlowNode) -> bool:
    """A date comes for everybody; any other goal may never happen."""
    return node.trigger is not None and node.trigger.kind is TriggerKind.DATE


def way_avoiding(
    flow: Flow,
    start: FlowNode,
    crossing: Wanted,
    *,
    until: Wanted | None = None,
    guard: int = DAY,
    held_is_end: bool = True,
) -> Way | None:
    """A way from ``start`` that crosses nothing wanted, or None when every way does.

    Without ``until`` the way leads to an end: the end of the automation, a goal people wait in front of, or (``held_is_end``) a
    sequence that never lets go. With ``until`` it leads to the first node that is one; ends do not count then. ``start`` itself is
    neither. The answer is the same for the same automation; ordinary ways come before pulled ones, and ways to the end before ways
    into waiting.
    """
    for pulled in (False, True):
        search = _Search(flow, start, crossing, until, guard if pulled else None)
        if way := search.way_until(until) if until else search.way_to_end(held_is_end=held_is_end):
            return way
    return None


def every_way_crosses(flow: Flow, start: FlowNode, crossing: Wanted, *, until: Wanted | None = None, guard: int = DAY) -> bool:
    """True when no way from ``start`` to an end (or to ``until``) avoids what is wanted."""
    return way_avoiding(flow, start, crossing, until=until, guard=guard) is None


def undone_before_next(flow: Flow, start: FlowNode, doing: Wanted, undoing: Wanted, *, guard: int = DAY) -> Way | None:
    """A way on which what ``start`` did is not undone before it is done again or the way ends; None when it always is."""
    again = way_avoiding(flow, start, undoing, until=doing, guard=guard)
    return again or way_avoiding(flow, start, lambda node: undoing(node) or doing(node), guard=guard)


def time_between(flow: Flow, start: FlowNode, target: FlowNode, *, avoiding: Wanted | None = None) -> Span | None:
    """Planned seconds strictly between two points along the steps, or None when no step leads from one to the other.

    Pulls are left out: somebody pulled forward was exposed for a day or more. ``avoiding`` leaves out ways that cross such a node.
    """
    if target.id not in flow.below[start.id]:
        return None
    span: dict[str, Span] = {start.id: Span(0, 0, False)}
    for node in flow.order:
        name = node.id
        if name not in span or name == target.id:
            continue
        if name != start.id and (not node.passes or (avoiding and avoiding(node))):
            continue
        here = span[name]
        own = 0 if name == start.id else node.seconds
        after = Span(here.least + own, here.greatest + own, here.open_ended or (node.is_event and name != start.id))
        for successor in flow.next[name]:
            if successor is target or target.id in flow.below[successor.id]:
                known = span.get(successor.id, after)
                span[successor.id] = Span(
                    min(known.least, after.least), max(known.greatest, after.greatest), known.open_ended or after.open_ended
                )
    return span.get(target.id)


def firsts(flow: Flow, start: FlowNode, wanted: Wanted) -> tuple[FlowNode, ...]:
    """The nodes that are the first wanted one on some way from ``start``, in the order of the file."""
    search = _Search(flow, start, lambda node: False, wanted, DAY)
    return tuple(node for node in flow.nodes.values() if node.id in search.exposure and node.id != start.id and wanted(node))


def reachable(flow: Flow, starts: Iterable[FlowNode], *, can_happen: Wanted = lambda event: True) -> tuple[FlowNode, ...]:
    """Every node people really come to, in the order of the file; ``can_happen`` says which goals anything can cause."""
    seen: set[str] = set()
    for start in starts:
        search = _Search(flow, start, lambda node: node.is_event and not can_happen(node), None, 0)
        seen |= {name for name in search.exposure if name in flow.nodes}
    return tuple(node for node in flow.nodes.values() if node.id in seen)


_FRONT = "in front of "


class _Search:
    """The longest exposure to each place, in one pass from the start down.

    Every goal is two places: in front of it, where people wait, and the goal itself. The longest exposure is enough, because a pull asks
    only for a least one. ``guard`` None leaves pulls out.
    """

    def __init__(self, flow: Flow, start: FlowNode, crossing: Wanted, until: Wanted | None, guard: int | None) -> None:
        self.flow, self.start, self.crossing, self.until, self.guard = flow, start, crossing, until, guard
        self.pulls = flow.pulls if guard is not None else {}
        self.exposure: dict[str, float] = {start.id: 0.0}
        self.came_from: dict[str, tuple[str, Move]] = {}
        self._visit(start)
        below = flow.below[start.id]
        for node in flow.order:
            if node.id in below:
                self._visit(node)

    def _visit(self, node: FlowNode) -> None:
        front = _FRONT + node.id
        if front in self.exposure:
            self._pull(node, front, float("inf"))
            self._reach(node.id, front, Move.NEXT, self.exposure[front])
        if node.id not in self.exposure or (node.id != self.start.id and self.until and self.until(node)):
            return
        dwell = 0.0 if node.id == self.start.id else float(node.seconds) if node.passes else float("inf")
        if node.waits and not node.is_event:
            self._pull(node, node.id, self.exposure[node.id] + dwell)
        if node.passes or node.id == self.start.id:
            for successor in self.flow.next[node.id]:
                place = _FRONT + successor.id if successor.is_event else successor.id
                self._reach(place, node.id, Move.NEXT, self.exposure[node.id] + dwell)

    def _pull(self, node: FlowNode, place: str, exposed: float) -> None:
        if self.guard is not None and exposed >= self.guard:
            for goal in self.pulls.get(node.id, ()):
                self._reach(goal, place, Move.PULLED, exposed)

    def _reach(self, place: str, source: str, move: Move, exposure: float) -> None:
        node = self.flow.nodes.get(place)
        if node and self.crossing(node):
            return
        if exposure > self.exposure.get(place, -1.0):
            self.exposure[place] = exposure
            self.came_from[place] = (source, move)

    def way_until(self, until: Wanted) -> Way | None:
        """The way to the first place that is one."""
        found = [node for node in self.flow.nodes.values() if node.id in self.came_from and until(node)]
        return self._way(found[0].id) if found else None

    def way_to_end(self, *, held_is_end: bool) -> Way | None:
        """The way to an end, or into waiting."""
        if self.flow.end.id in self.came_from:
            return self._way(self.flow.end.id)
        for node in self.flow.nodes.values():
            if _FRONT + node.id in self.exposure and not comes_for_sure(node):
                return self._way(_FRONT + node.id)
        for node in self.flow.nodes.values():
            if held_is_end and node.id in self.came_from and not node.passes:
                return self._way(node.id)
        return None

    def _way(self, place: str) -> Way:
        stations: list[tuple[FlowNode, Move]] = []
        if place.startswith(_FRONT):
            stations.append((self.flow.nodes[place.removeprefix(_FRONT)], Move.WAITS))
            place, _ = self.came_from[place]
        while place != self.start.id:
            source, move = self.came_from[place]
            if not place.startswith(_FRONT):
                stations.append((self.flow.nodes[place], move))
            elif move is Move.NEXT and stations and stations[-1][1] is Move.PULLED:
                # pulled on while waiting in front of another goal: name that goal as the place it happened
                stations.append((self.flow.nodes[place.removeprefix(_FRONT)], Move.WAITS))
            place = source
        stations.append((self.start, Move.START))
        stations.reverse()
        return Way(tuple(node for node, _ in stations), tuple(move for _, move in stations))
