"""One automation as a flow: a directed acyclic graph of entries, steps and one end.

Kit moves people only forwards, so a flow has no cycles. Nodes are named ``<automation index>/<path>``: ``0/e0`` is the first entry,
``0/s2`` the third step, ``0/s3/then/s0`` the first step of a yes side, ``0/s4/path1/s0`` the first of the second split path, ``0/end``
the end. Semantics: help articles 2502537 (actions), 2502665 (conditions), 2502670 (events).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cached_property

import msgspec
import networkx as nx

from ckaudit.graph.words import describe, describe_step
from ckaudit.model.automations import (
    AddTag,
    AnyStep,
    Automation,
    Delay,
    Enrol,
    Event,
    EventPath,
    Events,
    Exit,
    If,
    Origin,
    RemoveFromAutomation,
    RemoveTag,
    SetField,
    Split,
    StartAutomation,
    Trigger,
    TriggerKind,
)
from ckaudit.model.errors import Location
from ckaudit.model.findings import PathStep
from ckaudit.model.refs import Key, Kind, ObjectRef, Ref

DAY = 86400


class SequenceTiming(msgspec.Struct, frozen=True):
    """What a sequence does to somebody in it: planned seconds until its last published email, and whether it ever lets go.

    ``planned`` is 0 when nothing is published. ``passes`` is False for a holding or an inactive sequence.
    """

    planned: int = 0
    passes: bool = True


class FlowNode(msgspec.Struct, frozen=True, eq=False):
    """An entry, a step or the end of an automation.

    ``seconds`` is the planned time spent here; ``waits`` tells whether a person can be standing here (delay, sequence, event), so that an
    event can pull him forward; ``passes`` is False where people never leave downwards. ``ref`` is the tag, sequence, field, automation or
    product it is about.
    """

    id: str
    kind: Kind
    label: str
    step: AnyStep | None = None
    trigger: Trigger | None = None
    seconds: int = 0
    waits: bool = False
    passes: bool = True
    location: Location | None = None
    ref: Ref | None = None

    @property
    def key(self) -> Key:
        """This node in the account graph."""
        return Key(self.kind, self.id)

    @property
    def is_event(self) -> bool:
        """True for a goal people wait in front of."""
        return self.kind is Kind.EVENT

    def path_step(self, note: str = "") -> PathStep:
        """This node as a station of a flagged path."""
        kinds = {Kind.ENTRY: "entry", Kind.EVENT: "event", Kind.CONDITION: "condition"}
        kind = kinds.get(self.kind, "step" if self.step else "end")
        ref = self.ref
        target = ObjectRef(ref.kind, ref.name, ref.id) if ref else None
        return PathStep(kind=kind, name=self.label, note=note, object=target, node=self.id, location=self.location)


class Flow:
    """An automation with its graph.

    ``graph`` holds node ids; edges carry ``branch``: ``""``, ``yes``, ``no``, ``path:<tag>`` or ``none``.
    """

    def __init__(self, automation: Automation, index: int, timing: Callable[[Ref], SequenceTiming]) -> None:
        self.automation = automation
        self.index = index
        self.graph: nx.DiGraph[str] = nx.DiGraph()
        self.nodes: dict[str, FlowNode] = {}
        self._drawn: list[tuple[str, str]] = []
        self._reached: set[str] = set()
        self._timing = timing
        self._compile()

    # -- look-ups ---------------------------------------------------------------------------------------------------------------

    @property
    def ref(self) -> ObjectRef:
        """The automation as results name it."""
        return self.automation.object

    @cached_property
    def entries(self) -> tuple[FlowNode, ...]:
        """Where people come in."""
        return tuple(node for node in self.nodes.values() if node.kind is Kind.ENTRY)

    @cached_property
    def steps(self) -> tuple[FlowNode, ...]:
        """Every step in the order of the file; entries and the end are not steps."""
        return tuple(node for node in self.nodes.values() if node.step is not None)

    @cached_property
    def events(self) -> tuple[FlowNode, ...]:
        """Every goal, in the order of the file."""
        return tuple(node for node in self.nodes.values() if node.is_event)

    @property
    def end(self) -> FlowNode:
        """The end of the automation."""
        return self.nodes[f"{self.index}/end"]

    @property
    def start(self) -> FlowNode:
        """Where people appear that something else puts in: in front of the first step."""
        return self.nodes[f"{self.index}/start"]

    @property
    def roots(self) -> tuple[FlowNode, ...]:
        """The entries, or the start when the automation has none (something else may start it)."""
        return self.entries or (self.start,)

    @cached_property
    def pulls(self) -> dict[str, tuple[str, ...]]:
        """For each place where a person can stand: the goals further down that can pull him forward."""
        return {
            node.id: tuple(event.id for event in self.events if event.id in self.below[node.id])
            for node in self.nodes.values()
            if node.waits
        }

    @cached_property
    def order(self) -> tuple[FlowNode, ...]:
        """Every node, each in front of those behind it."""
        drawn = self.graph.copy()
        drawn.add_edges_from(self._drawn)
        return tuple(self.nodes[name] for name in nx.topological_sort(drawn))

    @cached_property
    def next(self) -> dict[str, tuple[FlowNode, ...]]:
        """For each node id the nodes right behind it."""
        return {name: tuple(self.nodes[successor] for successor in self.graph.successors(name)) for name in self.nodes}

    @cached_property
    def walked(self) -> frozenset[str]:
        """The ids of every node people can walk to from the start, without a goal's pull."""
        return frozenset(nx.descendants(self.graph, self.start.id))

    @cached_property
    def below(self) -> dict[str, frozenset[str]]:
        """For each node id the ids of every node drawn below it. Rules ask this many times, and a flow never changes.

        A goal behind a block whose branches all exit is drawn below that block: nobody walks there, but it pulls people out of it.
        """
        lines: defaultdict[str, list[str]] = defaultdict(list)
        for source, target in (*self.graph.edges, *self._drawn):
            lines[source].append(target)
        result: dict[str, frozenset[str]] = {}
        for node in reversed(self.order):
            result[node.id] = frozenset().union(*({name} | result[name] for name in lines[node.id]))
        return result

    def adding(self, tag: Key) -> tuple[FlowNode, ...]:
        """Steps that add this tag."""
        return self._doing.get((AddTag, tag), ())

    def removing(self, tag: Key) -> tuple[FlowNode, ...]:
        """Steps that remove this tag."""
        return self._doing.get((RemoveTag, tag), ())

    def gets_tag(self, node: FlowNode) -> bool:
        """True where people get the tag a node is about: a step that adds it, or the start of an observed chain, whoever added it there."""
        starts = node.kind is Kind.ENTRY and self.automation.origin is Origin.OBSERVED
        return isinstance(node.step, AddTag) or (starts and node.ref is not None and node.ref.kind is Kind.TAG)

    def enrolling(self, sequence: Key | None = None) -> tuple[FlowNode, ...]:
        """Steps that enrol into this sequence, or into any."""
        return self._doing.get((Enrol, sequence), ()) if sequence else self._enrolling

    @cached_property
    def _enrolling(self) -> tuple[FlowNode, ...]:
        return tuple(node for node in self.steps if isinstance(node.step, Enrol))

    @cached_property
    def acts_on(self) -> frozenset[Key]:
        """What its steps change, start or fill; conditions and goals only look."""
        return frozenset(target for _, target in self._doing)

    @cached_property
    def looks_at(self) -> frozenset[Key]:
        """What its entries, goals and conditions are about."""
        heard = (node.trigger.ref for node in self.nodes.values() if node.trigger)
        asked = (node.step.test.ref for node in self.nodes.values() if isinstance(node.step, If))
        split = (side.tag for node in self.nodes.values() if isinstance(node.step, Split) for side in node.step.paths)
        return frozenset(ref.key for ref in (*heard, *asked, *split) if ref)

    @cached_property
    def _doing(self) -> dict[tuple[type, Key], tuple[FlowNode, ...]]:
        result: dict[tuple[type, Key], tuple[FlowNode, ...]] = {}
        for node in self.steps:
            if node.ref and not isinstance(node.step, If | Split | Event | Events):
                place = (type(node.step), node.ref.key)
                result[place] = (*result.get(place, ()), node)
        return result

    def waiting_for(self, kind: TriggerKind, ref: Key) -> tuple[FlowNode, ...]:
        """Events that this trigger meets."""
        return tuple(node for node in self.events if node.trigger and happens(node.trigger, kind, ref))

    def entered_by(self, kind: TriggerKind, ref: Key) -> tuple[FlowNode, ...]:
        """Entries that this trigger starts."""
        return tuple(node for node in self.entries if node.trigger and happens(node.trigger, kind, ref))

    def after(self, node: FlowNode) -> tuple[FlowNode, ...]:
        """Every node behind this one, whatever lies between, in the order of the file."""
        below = self.below[node.id]
        return tuple(other for other in self.nodes.values() if other.id in below)

    def before(self, node: FlowNode) -> tuple[FlowNode, ...]:
        """Every node in front of this one, in the order of the file."""
        return tuple(other for other in self.nodes.values() if node.id in self.below[other.id])

    # -- compilation ------------------------------------------------------------------------------------------------------------

    def _compile(self) -> None:
        for number, entry in enumerate(self.automation.entries):
            self._node(f"e{number}", Kind.ENTRY, describe(entry), trigger=entry, location=entry.location)
        start = self._node("start", Kind.ACTION, "Start")
        self._reached |= set(self.nodes)
        self._join([(node.id, "") for node in self.nodes.values() if node.kind is Kind.ENTRY], start.id)
        tails = self._chain(self.automation.steps, "", [(start.id, "")])
        end = self._node("end", Kind.ACTION, "End of automation")
        self._join(tails, end.id)
        self._join([(node.id, "") for node in self.nodes.values() if isinstance(node.step, Exit)], end.id)

    def _node(
        self,
        path: str,
        kind: Kind,
        label: str,
        *,
        step: AnyStep | None = None,
        trigger: Trigger | None = None,
        location: Location | None = None,
    ) -> FlowNode:
        seconds, waits, passes = 0, kind is Kind.EVENT, True
        if isinstance(step, Delay):
            seconds, waits = step.seconds, True
        elif isinstance(step, Enrol):
            timing = self._timing(step.sequence)
            seconds, waits, passes = timing.planned, timing.planned > 0 or not timing.passes, timing.passes
        node = FlowNode(f"{self.index}/{path}", kind, label, step, trigger, seconds, waits, passes, location, _ref_of(step, trigger))
        self.nodes[node.id] = node
        self.graph.add_node(node.id)
        return node

    def _join(self, tails: list[tuple[str, str]], target: str) -> None:
        if self._alive(tails):
            self._reached.add(target)
        for source, branch in tails:
            # two branches that go straight on share one edge: the first name is enough for drawing, paths are the same
            if not self.graph.has_edge(source, target):
                self.graph.add_edge(source, target, branch=branch)

    def _chain(self, steps: tuple[AnyStep, ...], prefix: str, tails: list[tuple[str, str]]) -> list[tuple[str, str]]:
        left = list[str]()
        for number, step in enumerate(steps):
            path = f"{prefix}s{number}"
            if left and isinstance(step, Event | Events):
                goals = [path] if isinstance(step, Event) else [f"{path}/path{side}" for side in range(len(step.paths))]
                self._drawn += [(name, f"{self.index}/{goal}") for name in left for goal in goals]
                self._reached |= {f"{self.index}/{goal}" for goal in goals}
                left = []
            walked = self._alive(tails) or bool(self._drawn_to(path))
            tails = self._step(step, path, tails)
            if walked and not self._alive(tails):
                left = [name for name in self._exits_in(path) if name in self._reached]
        return tails

    def _alive(self, tails: list[tuple[str, str]]) -> bool:
        """True when people can come along one of these."""
        return any(source in self._reached for source, _ in tails)

    def _drawn_to(self, path: str) -> list[str]:
        """Where the goals of this step are drawn below, when nobody walks to them."""
        place = f"{self.index}/{path}"
        return [source for source, target in self._drawn if f"{target}/".startswith(f"{place}/")]

    def _exits_in(self, path: str) -> list[str]:
        """The exits of a block, or the exit itself."""
        block = f"{self.index}/{path}/"
        return [node.id for node in self.nodes.values() if isinstance(node.step, Exit) and f"{node.id}/".startswith(block)]

    def _step(self, step: AnyStep, path: str, tails: list[tuple[str, str]]) -> list[tuple[str, str]]:
        if isinstance(step, Events):
            return [tail for number, side in enumerate(step.paths) for tail in self._side(side, step, f"{path}/path{number}", tails)]
        kind = Kind.CONDITION if isinstance(step, If | Split) else Kind.EVENT if isinstance(step, Event) else Kind.ACTION
        trigger = step.trigger if isinstance(step, Event) else None
        node = self._node(path, kind, describe_step(step), step=step, trigger=trigger, location=step.location)
        self._join(tails, node.id)
        match step:
            case If():
                return [
                    *self._chain(step.then, f"{path}/then/", [(node.id, "yes")]),
                    *self._chain(step.otherwise, f"{path}/else/", [(node.id, "no")]),
                ]
            case Split():
                return self._split(step, path, node)
            case Exit():
                return []
            case _:
                return [(node.id, "")]

    def _split(self, step: Split, path: str, node: FlowNode) -> list[tuple[str, str]]:
        tails: list[tuple[str, str]] = []
        for number, side in enumerate(step.paths):
            branch = f"path:{side.tag.name}" if side.tag else "none"
            tails += self._chain(side.steps, f"{path}/path{number}/", [(node.id, branch)])
        if all(side.tag for side in step.paths):
            tails.append((node.id, "none"))
        return tails

    def _side(self, side: EventPath, step: Events, path: str, tails: list[tuple[str, str]]) -> list[tuple[str, str]]:
        node = self._node(path, Kind.EVENT, describe(side.trigger), step=step, trigger=side.trigger, location=side.location)
        self._join(tails, node.id)
        return self._chain(side.steps, f"{path}/", [(node.id, "")])


def _ref_of(step: AnyStep | None, trigger: Trigger | None) -> Ref | None:
    match step:
        case AddTag(tag=ref) | RemoveTag(tag=ref):
            return ref
        case Enrol(sequence=ref):
            return ref
        case SetField(field=ref):
            return ref
        case StartAutomation(automation=ref) | RemoveFromAutomation(automation=ref):
            return ref
        case If(test=test):
            return test.ref
        case _:
            return trigger.ref if trigger else None


def happens(trigger: Trigger, kind: TriggerKind, ref: Key) -> bool:
    """True when this trigger of this object is what the entry, event or trigger waits for. "Any form" waits for every form."""
    if trigger.kind is not kind:
        return False
    if trigger.ref is None:
        return kind is TriggerKind.JOINS_FORM and ref.kind is Kind.FORM
    return trigger.ref.key == ref


def compile_flows(automations: tuple[Automation, ...], timing: Callable[[Ref], SequenceTiming], first: int = 0) -> tuple[Flow, ...]:
    """One flow for each automation, in their order; ``first`` is the number of the first one."""
    return tuple(Flow(automation, index, timing) for index, automation in enumerate(automations, first))


def all_steps(steps: tuple[AnyStep, ...]) -> Iterator[AnyStep]:
    """Every step, those inside blocks too, in the order of the file."""
    for step in steps:
        yield step
        match step:
            case If():
                yield from all_steps(step.then)
                yield from all_steps(step.otherwise)
            case Split() | Events():
                for side in step.paths:
                    yield from all_steps(side.steps)
            case _:
                pass
