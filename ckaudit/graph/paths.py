"""Questions about the paths people take through one automation. "Before", "after" and "must pass" mean every path, not the order of lines.

How people move (help articles 2502537, 2502665, 2502670):

- from a step to the step below it, unless the step never lets go (a holding or an inactive sequence);
- a goal holds whoever arrives until it happens, perhaps forever: waiting in front of one can be the end of a path. A date always
  comes;
- a goal pulls forward whoever is anywhere above it (waiting in a delay, a sequence or in front of another goal) and skips what
  lies between.

A pull counts only when people are exposed to it for a day or more since the point the question starts from: nobody has to guard
five minutes against a refund.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeAlias

import msgspec

from ckaudit.graph.flow_graph import FlowGraph
from ckaudit.graph.nodes import FlowNode, NodeKind
from ckaudit.model.findings import PathStep
from ckaudit.model.triggers import TriggerKind

DAY = 86400

Wanted: TypeAlias = Callable[[FlowNode], bool]


class Move(enum.StrEnum):
    """How a person came to a node of a path."""

    START = "start"
    NEXT = "next"
    PULLED = "pulled"
    WAITS = "waits"


class Path(msgspec.Struct, frozen=True):
    """A path people can take: its nodes, and how each was reached. ``WAITS`` means: in front of this goal."""

    nodes: tuple[FlowNode, ...]
    moves: tuple[Move, ...]

    def steps(self, notes: dict[str, str] | None = None) -> tuple[PathStep, ...]:
        """The path of a finding; ``notes`` maps node ids to a word about them."""
        words = {Move.PULLED: "pulled forward to here", Move.WAITS: "waits here"}
        notes = notes or {}
        return tuple(
            node.path_step(notes.get(node.id) or words.get(move, ""))
            for node, move in zip(self.nodes, self.moves, strict=True)
            if node.kind is not NodeKind.START
        )

    @property
    def end(self) -> FlowNode:
        """Its last node."""
        return self.nodes[-1]

    @property
    def pulled(self) -> bool:
        """True when a goal pulled the person over some steps."""
        return Move.PULLED in self.moves

    @property
    def waits(self) -> bool:
        """True when the path ends in front of a goal."""
        return self.moves[-1] is Move.WAITS


class Span(msgspec.Struct, frozen=True):
    """Planned seconds between two points, on the quickest and on the slowest path; ``open_ended`` when a goal lies between on some path.

    ``unwaited`` are those of the quickest path on which nobody waits in front of a goal, None where every path has one or nobody asked.
    """

    min_seconds: int
    max_seconds: int
    open_ended: bool
    unwaited: int | None = None

    @property
    def soonest(self) -> tuple[bool, int]:
        """Whether everybody waits in front of a goal, and the seconds of the quickest path; of those without a goal if there are."""
        return (self.open_ended, self.min_seconds) if self.unwaited is None else (False, self.unwaited)


def comes_for_sure(node: FlowNode) -> bool:
    """A date comes for everybody; any other goal may never happen."""
    return node.trigger is not None and node.trigger.kind is TriggerKind.DATE


def path_avoiding(
    flow: FlowGraph,
    start: FlowNode,
    crossing: Wanted,
    *,
    until: Wanted | None = None,
    guard: int = DAY,
    held_is_end: bool = True,
) -> Path | None:
    """A path from ``start`` that crosses nothing wanted, or None when every path does.

    Without ``until`` the path leads to an end: the end of the automation, a goal people wait in front of, or (``held_is_end``) a
    sequence that never lets go. With ``until`` it leads to the first node that is one; ends do not count then. ``start`` itself is
    neither. The answer is the same for the same automation; ordinary paths come before pulled ones, and paths to the end before paths
    into waiting.
    """
    for pulled in (False, True):
        search = _Search(flow, start, crossing, until, guard if pulled else None)
        if path := search.path_until(until) if until else search.path_to_end(held_is_end=held_is_end):
            return path
    return None


def path_not_undone(flow: FlowGraph, start: FlowNode, doing: Wanted, undoing: Wanted, *, guard: int = DAY) -> Path | None:
    """A path on which what ``start`` did is not undone before it is done again or the path ends; None when it always is."""
    again = path_avoiding(flow, start, undoing, until=doing, guard=guard)
    return again or path_avoiding(flow, start, lambda node: undoing(node) or doing(node), guard=guard)


def time_between(flow: FlowGraph, start: FlowNode, target: FlowNode, *, avoiding: Wanted | None = None) -> Span | None:
    """Planned seconds strictly between two points along the steps, or None when no step leads from one to the other.

    Pulls are left out: somebody pulled forward was exposed for a day or more. ``avoiding`` leaves out paths that cross such a node.
    """
    if target.id not in flow.below[start.id]:
        return None
    return _times(flow, start, target, avoiding).get(target.id)


def times_from(flow: FlowGraph, start: FlowNode) -> dict[str, Span]:
    """The planned seconds strictly between this point and each node that steps lead to from it, by the node's id, in one pass."""
    return _times(flow, start, None, None)


def _times(flow: FlowGraph, start: FlowNode, target: FlowNode | None, avoiding: Wanted | None) -> dict[str, Span]:
    """With a target only what leads to it is looked at."""
    span: dict[str, Span] = {start.id: Span(0, 0, False, 0)}
    for node in flow.order:
        name = node.id
        if name not in span or node is target:
            continue
        if name != start.id and (not node.passes or (avoiding and avoiding(node))):
            continue
        here = span[name]
        own = 0 if name == start.id else node.seconds
        waits = node.is_event and name != start.id
        unwaited = None if waits or here.unwaited is None else here.unwaited + own
        after = Span(here.min_seconds + own, here.max_seconds + own, here.open_ended or waits, unwaited)
        for successor in flow.next[name]:
            if target is None or successor is target or target.id in flow.below[successor.id]:
                known = span.get(successor.id, after)
                quickest, slowest = min(known.min_seconds, after.min_seconds), max(known.max_seconds, after.max_seconds)
                free = min((one for one in (known.unwaited, after.unwaited) if one is not None), default=None)
                span[successor.id] = Span(quickest, slowest, known.open_ended or after.open_ended, free)
    return span


def first_after(flow: FlowGraph, start: FlowNode, wanted: Wanted) -> tuple[FlowNode, ...]:
    """The nodes that are the first wanted one on some path from ``start``, in the order of the file."""
    search = _Search(flow, start, lambda node: False, wanted, DAY)
    return tuple(node for node in flow.nodes.values() if search.comes_to(node) and node.id != start.id and wanted(node))


def reachable(flow: FlowGraph, starts: Iterable[FlowNode], *, can_happen: Wanted = lambda event: True) -> tuple[FlowNode, ...]:
    """Every node people really come to, in the order of the file; ``can_happen`` says which goals anything can cause."""
    seen: set[str] = set()
    for start in starts:
        search = _Search(flow, start, lambda node: node.is_event and not can_happen(node), None, 0)
        seen |= {node.id for node in flow.nodes.values() if search.comes_to(node)}
    return tuple(node for node in flow.nodes.values() if node.id in seen)


class _Place(NamedTuple):
    """Where somebody is: at a node, or waiting in front of a goal."""

    node: str
    in_front: bool = False


class _Search:
    """The longest exposure to each place, in one pass from the start down.

    Every goal is two places: in front of it, where people wait, and the goal itself. The longest exposure is enough, because a pull asks
    only for a minimum. ``guard`` None leaves pulls out.
    """

    def __init__(self, flow: FlowGraph, start: FlowNode, crossing: Wanted, until: Wanted | None, guard: int | None) -> None:
        self.flow, self.start, self.crossing, self.until, self.guard = flow, start, crossing, until, guard
        self.pulls = flow.pulls if guard is not None else {}
        self.exposure: dict[_Place, float] = {_Place(start.id): 0.0}
        self.came_from: dict[_Place, tuple[_Place, Move]] = {}
        self._visit(start)
        below = flow.below[start.id]
        for node in flow.order:
            if node.id in below:
                self._visit(node)

    def comes_to(self, node: FlowNode) -> bool:
        """True when somebody comes to this node, the start included."""
        return _Place(node.id) in self.exposure

    def _visit(self, node: FlowNode) -> None:
        here, front = _Place(node.id), _Place(node.id, in_front=True)
        if front in self.exposure:
            self._pull(node, front, float("inf"))
            self._reach(node, here, front, Move.NEXT, self.exposure[front])
        if here not in self.exposure or (node.id != self.start.id and self.until and self.until(node)):
            return
        dwell = 0.0 if node.id == self.start.id else float(node.seconds) if node.passes else float("inf")
        if node.waits and not node.is_event:
            self._pull(node, here, self.exposure[here] + dwell)
        if node.passes or node.id == self.start.id:
            for successor in self.flow.next[node.id]:
                self._reach(successor, _Place(successor.id, successor.is_event), here, Move.NEXT, self.exposure[here] + dwell)

    def _pull(self, node: FlowNode, place: _Place, exposed: float) -> None:
        if self.guard is not None and exposed >= self.guard:
            for goal in self.pulls.get(node.id, ()):
                self._reach(self.flow.nodes[goal], _Place(goal), place, Move.PULLED, exposed)

    def _reach(self, node: FlowNode, place: _Place, source: _Place, move: Move, exposure: float) -> None:
        if not place.in_front and self.crossing(node):
            return
        if exposure > self.exposure.get(place, -1.0):
            self.exposure[place] = exposure
            self.came_from[place] = (source, move)

    def path_until(self, until: Wanted) -> Path | None:
        """The path to the first place that is one."""
        found = (_Place(node.id) for node in self.flow.nodes.values() if _Place(node.id) in self.came_from and until(node))
        return next((self._path(place) for place in found), None)

    def path_to_end(self, *, held_is_end: bool) -> Path | None:
        """The path to an end, or into waiting."""
        if _Place(self.flow.end.id) in self.came_from:
            return self._path(_Place(self.flow.end.id))
        for node in self.flow.nodes.values():
            front = _Place(node.id, in_front=True)
            if front in self.exposure and not comes_for_sure(node):
                return self._path(front)
        for node in self.flow.nodes.values():
            if held_is_end and _Place(node.id) in self.came_from and not node.passes:
                return self._path(_Place(node.id))
        return None

    def _path(self, place: _Place) -> Path:
        found: list[tuple[FlowNode, Move]] = []
        if place.in_front:
            found.append((self.flow.nodes[place.node], Move.WAITS))
            place, _ = self.came_from[place]
        while place.node != self.start.id or place.in_front:
            source, move = self.came_from[place]
            if not place.in_front:
                found.append((self.flow.nodes[place.node], move))
            elif move is Move.NEXT and found and found[-1][1] is Move.PULLED:
                # pulled on while waiting in front of another goal: name that goal as the place it happened
                found.append((self.flow.nodes[place.node], Move.WAITS))
            place = source
        found.append((self.start, Move.START))
        found.reverse()
        return Path(tuple(node for node, _ in found), tuple(move for _, move in found))
