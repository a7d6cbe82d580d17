"""One automation as a directed acyclic graph of entries, steps, goals and one end. Kit moves people only forwards, so there are no cycles.

Semantics: help articles 2502537 (actions), 2502665 (conditions), 2502670 (events).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Set
from functools import cached_property
from itertools import islice
from typing import NamedTuple, TypeAlias

from ckaudit.graph.nodes import FlowNode, NodeKind, SequenceTiming
from ckaudit.graph.words import describe, describe_step
from ckaudit.model.automations import Automation
from ckaudit.model.refs import Key
from ckaudit.model.steps import AnyStep, Delay, Enrol, Event, Events, Exit, If, Split

Timing: TypeAlias = Callable[[Key], SequenceTiming]


class FlowGraph:
    """The nodes of an automation and what leads to what.

    ``lines`` has for each node id the ids right behind it, each with the name of the branch that leads there: ``""``, ``yes``, ``no``,
    ``path:<tag>`` or ``none``. ``jumps`` leads from the exits of a block that nobody walks out of to the goals drawn below it: nobody walks
    there, but they pull people out of the block.
    """

    def __init__(self, automation: Automation, index: int, timing: Timing) -> None:
        drawing = _Drawing(index, timing)
        drawing.draw(automation)
        self.index = index
        self.nodes = drawing.nodes
        self.lines = drawing.lines
        self.jumps = tuple(drawing.jumps)

    @cached_property
    def entries(self) -> tuple[FlowNode, ...]:
        """Where people come in."""
        return tuple(node for node in self.nodes.values() if node.kind is NodeKind.ENTRY)

    @cached_property
    def steps(self) -> tuple[FlowNode, ...]:
        """Every step in the order of the file; entries and ends are not steps."""
        return tuple(node for node in self.nodes.values() if node.step is not None)

    @cached_property
    def events(self) -> tuple[FlowNode, ...]:
        """Every goal, in the order of the file."""
        return tuple(node for node in self.nodes.values() if node.is_event)

    @cached_property
    def start(self) -> FlowNode:
        """Where people appear whom something else puts in: in front of the first step."""
        return next(node for node in self.nodes.values() if node.kind is NodeKind.START)

    @cached_property
    def end(self) -> FlowNode:
        """The end of the automation."""
        return next(node for node in self.nodes.values() if node.kind is NodeKind.END)

    @property
    def roots(self) -> tuple[FlowNode, ...]:
        """The entries, or the start when the automation has none (something else may start it)."""
        return self.entries or (self.start,)

    @cached_property
    def next(self) -> dict[str, tuple[FlowNode, ...]]:
        """For each node id the nodes right behind it."""
        return {name: tuple(self.nodes[other] for other in following) for name, following in self.lines.items()}

    @cached_property
    def order(self) -> tuple[FlowNode, ...]:
        """Every node, each in front of those behind it: those that nothing is in front of, then those behind these alone, and so on."""
        waiting = Counter(target for targets in self._drawn.values() for target in targets)
        found = [name for name in self.nodes if not waiting[name]]
        for name in found:
            for target in self._drawn[name]:
                waiting[target] -= 1
                if not waiting[target]:
                    found.append(target)
        return tuple(self.nodes[name] for name in found)

    @cached_property
    def _drawn(self) -> dict[str, list[str]]:
        """For each node id the ids drawn right below it."""
        drawn = {name: list(following) for name, following in self.lines.items()}
        for source, target in self.jumps:
            drawn[source].append(target)
        return drawn

    @cached_property
    def below(self) -> dict[str, frozenset[str]]:
        """For each node id the ids of every node drawn below it. Rules ask this many times, and a flow never changes."""
        result: dict[str, frozenset[str]] = {}
        for node in reversed(self.order):
            result[node.id] = frozenset().union(*({name} | result[name] for name in self._drawn[node.id]))
        return result

    @cached_property
    def pulls(self) -> dict[str, tuple[str, ...]]:
        """For each node where people can wait: the goals further down that can pull them forward."""
        return {
            node.id: tuple(event.id for event in self.events if event.id in self.below[node.id])
            for node in self.nodes.values()
            if node.waits
        }

    def walk(self, start: FlowNode, past: Set[str] = frozenset()) -> frozenset[str]:
        """The ids of every node people can walk to from here, without a goal's pull; nobody gets past some nodes."""
        seen, todo = set[str](), [start.id]
        while todo:
            following = self.lines[todo.pop()].keys() - seen - past
            seen |= following
            todo += following
        return frozenset(seen)

    def after(self, node: FlowNode) -> tuple[FlowNode, ...]:
        """Every node behind this one, whatever lies between, in the order of the file."""
        below = self.below[node.id]
        return tuple(other for other in self.nodes.values() if other.id in below)

    def before(self, node: FlowNode) -> tuple[FlowNode, ...]:
        """Every node in front of this one, in the order of the file."""
        return tuple(other for other in self.nodes.values() if node.id in self.below[other.id])


class _Tail(NamedTuple):
    """A loose end: the next node is joined to this one. ``branch`` is what the line is called."""

    node: str
    branch: str = ""


class _Inside(NamedTuple):
    """Where steps are: the first part of their ids, the node and the branch they are in."""

    prefix: str
    parent: str = ""
    branch: str = ""


class _Drawing:
    """Draws an automation from the top down. ``reached`` are the nodes people can come to."""

    def __init__(self, index: int, timing: Timing) -> None:
        self.nodes: dict[str, FlowNode] = {}
        self.lines: dict[str, dict[str, str]] = {}
        self.jumps: list[tuple[str, str]] = []
        self.reached: set[str] = set()
        self.top = _Inside(f"{index}/")
        self.timing = timing

    def draw(self, automation: Automation) -> None:
        """Draw everything."""
        for number, entry in enumerate(automation.entries):
            name = f"{self.top.prefix}e{number}"
            self.add(FlowNode(name, NodeKind.ENTRY, describe(entry), trigger=entry, location=entry.location, ref=entry.ref))
        entries = [_Tail(name) for name in self.nodes]
        start = self.add(FlowNode(f"{self.top.prefix}start", NodeKind.START, "Start"))
        self.reached |= set(self.nodes)
        self.join(entries, start.id)
        tails = self.chain(automation.steps, self.top, [_Tail(start.id)])
        exits = [_Tail(node.id) for node in self.nodes.values() if isinstance(node.step, Exit)]
        end = self.add(FlowNode(f"{self.top.prefix}end", NodeKind.END, "End of automation"))
        self.join(tails, end.id)
        self.join(exits, end.id)

    def add(self, node: FlowNode) -> FlowNode:
        self.nodes[node.id] = node
        self.lines[node.id] = {}
        return node

    def join(self, tails: list[_Tail], target: str) -> None:
        if self.is_reached(tails):
            self.reached.add(target)
        for source, branch in tails:
            # two branches that go straight on share one line: the first name is enough for drawing, paths are the same
            self.lines[source].setdefault(target, branch)

    def is_reached(self, tails: list[_Tail]) -> bool:
        """True when people can come along one of these."""
        return any(tail.node in self.reached for tail in tails)

    def chain(self, steps: tuple[AnyStep, ...], inside: _Inside, tails: list[_Tail]) -> list[_Tail]:
        exits = list[str]()  # of the last block that nobody walks out of
        for number, step in enumerate(steps):
            name = f"{inside.prefix}s{number}"
            goals = list(_goals(step, name)) if exits else []
            self.jumps += [(source, goal) for source in exits for goal in goals]
            self.reached.update(goals)
            come = bool(goals) or self.is_reached(tails)
            if goals:
                exits = []
            known = len(self.nodes)
            tails = self.step(step, name, inside, tails)
            if come and not self.is_reached(tails):
                made = islice(self.nodes.values(), known, None)
                exits = [node.id for node in made if isinstance(node.step, Exit) and node.id in self.reached]
        return tails

    def step(self, step: AnyStep, name: str, inside: _Inside, tails: list[_Tail]) -> list[_Tail]:
        """Draw a step and what is in its branches; the loose ends below it."""
        if isinstance(step, Events):
            return self.goals(step, name, inside, tails)
        seconds, waits, passes, kind = 0, False, True, NodeKind.STEP
        match step:
            case Delay():
                seconds, waits = step.seconds, True
            case Enrol():
                timing = self.timing(step.sequence.key)
                seconds, waits, passes = timing.planned, timing.planned > 0 or not timing.passes, timing.passes
            case If() | Split():
                kind = NodeKind.CONDITION
            case Event():
                kind, waits = NodeKind.EVENT, True
        trigger = step.trigger if isinstance(step, Event) else None
        node = FlowNode(
            name, kind, describe_step(step), step, trigger, seconds, waits, passes, step.location, step.ref, inside.parent, inside.branch
        )
        self.join(tails, self.add(node).id)
        if isinstance(step, Exit):
            return []
        if not step.branches:
            return [_Tail(name)]
        sides = ((branch, _Inside(f"{name}/{branch.id}/", name, branch.id)) for branch in step.branches)
        return [tail for branch, within in sides for tail in self.chain(branch.steps, within, [_Tail(name, branch.name)])]

    def goals(self, step: Events, name: str, inside: _Inside, tails: list[_Tail]) -> list[_Tail]:
        """Goals side by side are nodes of their own, without a common head."""
        below = list[_Tail]()
        for path, goal in zip(step.paths, _goals(step, name), strict=True):
            trigger, at = path.trigger, path.location
            label, parent, branch = describe(trigger), inside.parent, inside.branch
            node = FlowNode(
                goal, NodeKind.EVENT, label, step, trigger, waits=True, location=at, ref=trigger.ref, parent=parent, branch=branch
            )
            self.join(tails, self.add(node).id)
            below += self.chain(path.steps, _Inside(f"{goal}/", goal), [_Tail(goal)])
        return below


def _goals(step: AnyStep, name: str) -> Iterator[str]:
    """The ids of the goals this step is."""
    if isinstance(step, Event):
        yield name
    elif isinstance(step, Events):
        yield from (f"{name}/{branch.id}" for branch in step.branches)
