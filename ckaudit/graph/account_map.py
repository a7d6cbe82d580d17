"""The account as a map in parts: who sets whom off, small enough to read.

A box is an automation, a rule, an integration, a form that does something by itself, or a webhook (here: an actor). Tags, sequences, fields
and products are boxes only where something sets off something through them; what nothing waits for is a line in the box of who does it.
What a great many have to do with (a tag that all customers get) connects nothing: it stands on each part, as integrations and webhooks do.
Connected actors make a part; one that is too large is cut where the next offering begins, then by size.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

import msgspec

from ckaudit.graph.graph import Graph
from ckaudit.graph.words import describe, name_list
from ckaudit.model.account_map import AccountMap, MapBox, MapLine, MapPart, MapWire
from ckaudit.model.automations import Origin
from ckaudit.model.refs import Key, Kind, ObjectRef
from ckaudit.model.steps import Effect
from ckaudit.model.triggers import Trigger, TriggerKind

MAX_ACTORS = 12
"""Automations, rules and integrations on one part."""
MAX_ALL = 600
MAX_LINES = 7
MAX_ELSEWHERE = 5
HUB = 8
"""What more actors than this have to do with connects nothing."""
_STARTED = TriggerKind.APP_EVENT  # stands for "is started directly", which needs no trigger
_HEARD = {
    TriggerKind.COMPLETES_SEQUENCE: ("at its end starts", "starts at the end of"),
    TriggerKind.TAG_REMOVED: ("taken off, starts", "starts without"),
    TriggerKind.FIELD_CHANGED: ("changed, starts", "starts with a change of"),
}
_TOLD = {
    "tag_remove": TriggerKind.TAG_REMOVED,
    "form_subscribe": TriggerKind.JOINS_FORM,
    "course_subscribe": TriggerKind.SUBSCRIBES_TO_SEQUENCE,
    "course_complete": TriggerKind.COMPLETES_SEQUENCE,
    "custom_field_value_updated": TriggerKind.FIELD_CHANGED,
    "product_purchase": TriggerKind.PURCHASES,
}
_DONE = {
    Effect.ADDS_TAG: "adds",
    Effect.REMOVES_TAG: "takes off",
    Effect.ENROLS: "puts into",
    Effect.UNENROLS: "takes out of",
    Effect.SETS_FIELD: "changes",
    Effect.JOINS_FORM: "adds to",
    Effect.LEAVES_FORM: "takes out of",
    Effect.STARTS: "starts",
    Effect.STOPS: "takes out of",
}


class _Touch(msgspec.Struct, frozen=True):
    """An actor has to do with an object: it is set off by it (``hears``), or does something to it that can be heard so (``fires``).

    ``words`` stand on an arrow, ``line`` inside the box of the actor.
    """

    actor: Key
    target: Key | None
    line: str
    words: str = ""
    hears: TriggerKind | None = None
    fires: tuple[TriggerKind, ...] = ()
    live: bool = True


class _Actor(msgspec.Struct, frozen=True):
    object: ObjectRef
    live: bool = True
    seen: bool = False

    @property
    def is_outside(self) -> bool:
        """True for integrations and webhooks: they stand on every part they have to do with, and hold none together."""
        return self.object.kind in (Kind.EXTERNAL, Kind.WEBHOOK)


def account_map(graph: Graph) -> AccountMap:
    """Every part: those of the offerings first, then the largest, at last what stands alone."""
    actors = _actors(graph)
    shown = dict(list(actors.items())[:MAX_ALL])
    plan = _Plan(graph, shown, [touch for touch in dict.fromkeys(_touches(graph)) if touch.actor in shown])
    groups = plan.groups()
    first: dict[Key, int] = {}
    sold: defaultdict[Key, set[str]] = defaultdict(set)
    for number, group in enumerate(groups):
        for actor in group:
            first.setdefault(actor, number)
            sold[actor].update(plan.offerings_of(group))
    parts = [_part(plan, group, {actor: sold[actor] for actor in group if first[actor] == number}) for number, group in enumerate(groups)]
    places: defaultdict[ObjectRef, list[int]] = defaultdict(list)
    for number, part in enumerate(parts, 1):
        for box in part.boxes:
            places[box.object].append(number)
    return AccountMap(
        parts=tuple(_with_places(part, number, places) for number, part in enumerate(parts, 1)),
        more=len(actors) - len(shown),
        undescribed=len(graph.manifest.undescribed),
    )


def _actors(graph: Graph) -> dict[Key, _Actor]:
    found = {
        Key(Kind.AUTOMATION, flow.index): _Actor(flow.object, flow.live, flow.automation.origin is Origin.OBSERVED) for flow in graph.flows
    }
    for cause in graph.causes.all:
        found.setdefault(cause.unit or cause.source, _Actor(cause.object, cause.live, cause.observed))
    for hook in graph.account.webhooks:
        found[hook.key] = _Actor(graph.object(hook.key))
    return found


def _touches(graph: Graph) -> Iterator[_Touch]:
    numbers = {flow.key: Key(Kind.AUTOMATION, flow.index) for flow in reversed(graph.flows)}
    for flow in graph.flows:
        actor = Key(Kind.AUTOMATION, flow.index)
        yield from (_heard(actor, entry, live=flow.live) for entry in flow.automation.entries)
        yield from (_heard(actor, goal.trigger, live=flow.live, is_goal=True) for goal in flow.events if goal.trigger)
    for index, rule in enumerate(graph.manifest.rules):
        yield from (_heard(Key(Kind.RULE, index), when, live=rule.enabled) for when in rule.when)
    for hook in graph.account.webhooks:
        for target, _, data in graph.network.in_edges(hook.key, data=True):
            if data["kind"] == "notifies":
                yield _Touch(hook.key, target, "is called for", "calls", _TOLD.get(str(data["event"]), TriggerKind.TAG_ADDED))
    for cause in graph.causes.all:
        actor, target = cause.unit or cause.source, numbers.get(cause.target, cause.target)
        words = _DONE.get(cause.effect)
        if words is None:
            yield _Touch(actor, None, cause.words, live=cause.live)
        else:
            fires = (_STARTED,) if cause.effect is Effect.STARTS else cause.effect.fires
            yield _Touch(actor, target, words, words, fires=fires, live=cause.live)


def _heard(actor: Key, trigger: Trigger, *, live: bool, is_goal: bool = False) -> _Touch:
    """Without a target where nothing on the map does it: a click, a day, any form."""
    if trigger.target is None:
        return _Touch(actor, None, f"{'moves people on' if is_goal else 'starts'}: {describe(trigger)}", live=live)
    words, line = _HEARD.get(trigger.kind, ("starts", "starts with"))
    if is_goal:
        words, line = words.replace("starts", "moves people on in"), line.replace("starts", "moves people on")
    return _Touch(actor, trigger.target, line, words, trigger.kind, live=live)


class _Plan:
    """What becomes a box, what a line, and which actors belong together."""

    def __init__(self, graph: Graph, actors: Mapping[Key, _Actor], touches: Sequence[_Touch]) -> None:
        self.graph, self.actors = graph, actors
        self.by_actor: defaultdict[Key, list[_Touch]] = defaultdict(list)
        heard: defaultdict[Key, set[TriggerKind]] = defaultdict(set)
        hearers: defaultdict[Key, set[Key]] = defaultdict(set)
        for touch in touches:
            self.by_actor[touch.actor].append(touch)
            if touch.target and touch.hears:
                heard[touch.target].add(touch.hears)
                hearers[touch.target].add(touch.actor)
        self._heard = heard
        around: defaultdict[Key, dict[Key, None]] = defaultdict(dict)
        written = set()
        for touch in touches:
            if touch.target and self.leads(touch):
                around[touch.target][touch.actor] = None
                if not touch.hears:
                    written.add(touch.target)
        self.connects = {
            key: tuple(near)
            for key, near in around.items()
            if key in actors or len(hearers[key]) > 1 or (key in written and hearers[key] and len(near) > 1)
        }
        self._offerings = {role.object.key: role.offering for role in reversed(graph.roles) if role.offering}

    def leads(self, touch: _Touch) -> bool:
        """True when it sets the actor off, or may set off something else."""
        if touch.target is None:
            return False
        return touch.hears is not None or _STARTED in touch.fires or not self._heard[touch.target].isdisjoint(touch.fires)

    def is_wire(self, touch: _Touch) -> bool:
        """True for what is drawn as an arrow."""
        return touch.target in self.connects and self.leads(touch)

    def offering_of(self, actor: Key) -> str:
        """The offering that most of what it has to do with belongs to; empty without one."""
        names = Counter(self._offerings[touch.target] for touch in self.by_actor[actor] if touch.target in self._offerings)
        return names.most_common(1)[0][0] if names else ""

    def offerings_of(self, group: Iterable[Key]) -> tuple[str, ...]:
        """The offerings of some actors; integrations and webhooks have none of their own."""
        names = (self.offering_of(actor) for actor in group if not self.actors[actor].is_outside)
        return tuple(dict.fromkeys(name for name in names if name))

    def object(self, key: Key) -> ObjectRef:
        """What a key means, for readers."""
        return self.actors[key].object if key in self.actors else self.graph.object(key)

    def offering_with(self, target: Key | None) -> str:
        """The offering an object belongs to."""
        return self._offerings.get(target, "") if target else ""

    def neighbours(self, actor: Key) -> Iterator[Key]:
        """Actors that something connects with this one."""
        for touch in self.by_actor[actor]:
            if touch.target and self.is_wire(touch) and len(self.connects[touch.target]) <= HUB:
                yield from (touch.target,) if touch.target in self.actors else ()
                yield from self.connects[touch.target]
        yield from self.connects.get(actor, ())

    def groups(self) -> list[tuple[Key, ...]]:
        """The actors of each part; those outside are on several."""
        met = {actor: [touch.target for touch in self.by_actor[actor] if touch.target and self.is_wire(touch)] for actor in self.actors}
        inside = [actor for actor in self.actors if not self.actors[actor].is_outside]
        near = {key for actor in inside for key in (actor, *met[actor])}
        outside = (actor for actor in self.actors if self.actors[actor].is_outside)
        follow = dict.fromkeys(actor for actor in outside if not near.isdisjoint((actor, *met[actor])))
        loose = [actor for actor in self.actors if actor not in follow and not met[actor] and actor not in self.connects]
        done: set[Key] = {*loose, *follow}
        found: dict[tuple[str, int], list[Key]] = {}
        for actor in self.actors:
            if actor not in done:
                for name, members in self._by_offering(self._reached([actor], done)).items():
                    found.setdefault((name, 0 if name else len(found)), []).extend(members)
        pieces = [tuple(members[at : at + MAX_ACTORS]) for members in found.values() for at in range(0, len(members), MAX_ACTORS)]
        rank = {offering.name: number for number, offering in enumerate(self.graph.manifest.offerings)}
        pieces.sort(key=lambda group: (min(rank.get(self.offering_of(actor), len(rank)) for actor in group), -len(group)))
        with_outside = []
        for group in pieces:
            boxes = {key for actor in group for key in (actor, *met[actor])}
            with_outside.append((*group, *(actor for actor in follow if not boxes.isdisjoint((actor, *met[actor])))))
        return with_outside + [tuple(loose[at : at + MAX_ACTORS]) for at in range(0, len(loose), MAX_ACTORS)]

    def _reached(self, starts: Iterable[Key], done: set[Key]) -> tuple[Key, ...]:
        """Everything connected with these, near ones first; all of it is ``done`` then."""
        todo = list(starts)
        done.update(todo)
        for actor in todo:
            for other in dict.fromkeys(self.neighbours(actor)):
                if other in self.actors and other not in done:
                    done.add(other)
                    todo.append(other)
        return tuple(todo)

    def _by_offering(self, together: tuple[Key, ...]) -> dict[str, list[Key]]:
        """Connected actors by their offering; who belongs to none goes with the nearest that does. Without offerings all stay together."""
        here = set(together)
        label = {actor: name for actor in together if (name := self.offering_of(actor))}
        todo = list(label)
        for actor in todo:
            for other in self.neighbours(actor):
                if other in here and other not in label:
                    label[other] = label[actor]
                    todo.append(other)
        of: defaultdict[str, list[Key]] = defaultdict(list)
        for actor in (*todo, *(actor for actor in together if actor not in label)):
            of[label.get(actor, "")].append(actor)
        return dict(of)


def _part(plan: _Plan, group: tuple[Key, ...], first: Mapping[Key, Set[str]]) -> MapPart:
    """One part. Actors in ``first`` stand on no earlier one; the offerings are those of all parts they stand on."""
    names = plan.offerings_of(group)
    keys = list(group)
    inside = _inside(plan, group)
    wires: dict[tuple[Key, Key], dict[str, bool]] = {}
    lines: defaultdict[Key, dict[MapLine, None]] = defaultdict(dict)
    for actor in group:
        for touch in plan.by_actor[actor]:
            if touch.target and plan.is_wire(touch):
                if touch.target in inside:
                    keys.append(touch.target)
                    ends = (touch.target, actor) if touch.hears else (actor, touch.target)
                    said = wires.setdefault(ends, {})
                    said[touch.words] = said.get(touch.words, False) or touch.live
            elif not plan.actors[actor].is_outside or _belongs(plan.offering_with(touch.target), names, first.get(actor)):
                item = None if touch.target is None else plan.object(touch.target)
                lines[actor][MapLine(touch.line, item)] = None
    place = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    boxes = tuple(_box(plan, key, tuple(lines[key])) for key in place)
    return MapPart(
        title=_title(plan, group, names, boxes, is_loose=not wires),
        boxes=boxes,
        wires=tuple(MapWire(place[source], place[target], ", ".join(said), any(said.values())) for (source, target), said in wires.items()),
        offerings=names,
        loose=not wires,
    )


def _belongs(offering: str, here: tuple[str, ...], everywhere: Set[str] | None) -> bool:
    """True when what an integration does with an object of this offering is said on this part: there once, and on no other."""
    return offering in here or (everywhere is not None and offering not in everywhere)


def _inside(plan: _Plan, group: tuple[Key, ...]) -> set[Key]:
    """What stands on a part: its actors, and what connects them. An integration brings nothing that only it has to do with here."""
    own = [actor for actor in group if not plan.actors[actor].is_outside] or group
    return {*group, *(touch.target for actor in own for touch in plan.by_actor[actor] if touch.target and plan.is_wire(touch))}


def _box(plan: _Plan, key: Key, lines: tuple[MapLine, ...]) -> MapBox:
    actor = plan.actors.get(key)
    if actor is None:
        return MapBox(plan.graph.object(key))
    return MapBox(actor.object, lines[:MAX_LINES], actor.live, actor.seen, more=max(0, len(lines) - MAX_LINES))


def _title(plan: _Plan, group: tuple[Key, ...], offerings: tuple[str, ...], boxes: tuple[MapBox, ...], *, is_loose: bool) -> str:
    if is_loose and len(group) > 1:
        return "On their own"
    if offerings:
        return name_list(offerings)
    most = max(group, key=lambda actor: len(plan.by_actor[actor]))
    name = plan.actors[most].object.name
    return f"“{name}”" if len(boxes) == 1 else f"“{name}” and what is connected with it"


def _with_places(part: MapPart, number: int, places: Mapping[ObjectRef, Sequence[int]]) -> MapPart:
    boxes = (
        msgspec.structs.replace(
            box, elsewhere=tuple(dict.fromkeys(other for other in places[box.object] if other != number))[:MAX_ELSEWHERE]
        )
        for box in part.boxes
    )
    return msgspec.structs.replace(part, boxes=tuple(boxes))
