"""What happens next, and what set this off: the automations, rules and forms that something sets off, and what they set off in turn.

Somebody who goes through an automation meets everything that listens to its own triggers, to the tags, fields, forms and sequences it
changes, and to the end of its sequences. That a rule or another automation does something counts only if it is set off like this.
By assumption nothing is set off a second time: an add of a tag already held fires nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from functools import cached_property
from typing import TypeAlias

from ckaudit.graph.causes import Cause, Causes
from ckaudit.graph.consequences import Consequence, Entrance, Place, Search
from ckaudit.graph.flow import Flow
from ckaudit.graph.flow_graph import Timing
from ckaudit.graph.listeners import Listener, Listeners
from ckaudit.graph.paths import Span, reachable, times_from
from ckaudit.graph.reach import Reach, Reached
from ckaudit.graph.signals import Signal, signal_of, signals_of
from ckaudit.model.automations import Manifest
from ckaudit.model.refs import Key, Kind
from ckaudit.model.rules import NotEvaluatedError
from ckaudit.model.steps import Effect
from ckaudit.model.triggers import Trigger, TriggerKind

Start: TypeAlias = Signal | Cause
AT_ONCE = Span(0, 0, False)
SOME_TIME = Span(0, 0, True)


class Reactions:
    """What the causes of an account set off.

    A unit is an automation, rule or form that does something by itself (``Cause.unit``, ``Listener.unit``).
    """

    def __init__(self, flows: Iterable[Flow], causes: Causes, manifest: Manifest, timing: Timing) -> None:
        self.causes = causes
        self._timing = timing
        self.listeners = Listeners(flows, manifest)
        self._of_flow: dict[int, Reached] = {}
        self._led_to: dict[int, frozenset[Signal]] = {}
        self._by_key: dict[Key, list[Flow]] = {}
        self._by_unit: dict[Key, Flow] = {}
        for flow in flows:
            self._by_key.setdefault(flow.key, []).append(flow)
            self._by_unit[_unit(flow)] = flow
        self._inside: dict[Place, tuple[tuple[Cause, Span], ...]] = {}
        self._sure: dict[tuple[str, str], bool] = {}
        self._answers: dict[tuple[tuple[Start, ...], bool, bool], tuple[Consequence, ...]] = {}

    # -- one hop ------------------------------------------------------------------------------------------------------------------

    def to(self, cause: Cause) -> Iterator[tuple[Key, Trigger | None]]:
        """The units that one cause sets off, each with the trigger that does it (None: started directly)."""
        for entrance in self._onwards(cause):
            yield entrance.place.unit, entrance.trigger

    # -- any number of hops -------------------------------------------------------------------------------------------------------

    def what_follows(self, *starts: Start, goals: bool = False, sure: bool = False) -> tuple[Consequence, ...]:
        """What happens next: everything live that follows from these signals or causes, soonest first.

        Several starts happen in the same moment. With ``goals`` people who wait in front of a goal that is met go on behind it; with
        ``sure`` only what everybody gets counts, whatever branch they take.

        Raises:
            NotEvaluatedError: more automations, rules and forms are set off than ``Search`` follows.
        """
        asked = (starts, goals, sure)
        if asked not in self._answers:
            search = self._search(starts, frozenset(), goals=goals, sure=sure)
            if not search.complete:
                reason = "one trigger sets off hundreds of automations, rules and forms, and not all of them were followed"
                raise NotEvaluatedError(reason)
            self._answers[asked] = search.found
        return self._answers[asked]

    def what_led_to(self, start: Start) -> tuple[Signal, ...]:
        """What set this off: every signal that it can follow from, the nearest first. A signal is the first of its own."""
        found = dict.fromkeys(self.triggers_of(start) if isinstance(start, Cause) else [start])
        todo = list(found)
        for signal in todo:
            for cause in self.causes_of(signal):
                fresh = [other for other in self.triggers_of(cause) if other not in found]
                found.update(dict.fromkeys(fresh))
                todo += fresh
        return tuple(found)

    def act_together(self, flow: Flow, cause: Cause) -> bool:
        """True when a cause outside this automation acts on its people because of the same step of theirs, or because of the automation."""
        if cause.flow is flow:
            return False
        if self._reach.holds(self._of_the_flow(flow), cause):
            return True
        if flow.index not in self._led_to:
            own = (signal_of(entry) for entry in flow.automation.entries)
            self._led_to[flow.index] = frozenset(other for signal in (*own, Signal(flow.key)) for other in self.what_led_to(signal))
        return not self._led_to[flow.index].isdisjoint(self.what_led_to(cause))

    def steps_causing(self, flow: Flow, wanted: Callable[[Cause], bool], *, sure: bool = True) -> dict[str, int]:
        """The steps of an automation that do something wanted, by themselves or through what they set off, by id, with the most seconds
        until then. With ``sure`` what a step sets off counts only when everybody gets it.
        """
        found: dict[str, int] = {}
        for cause in self.causes.by_flow(flow):
            own = 0 if wanted(cause) else None
            later = (item.span.max_seconds for item in self.what_follows(cause, sure=sure) if wanted(item.cause))
            seconds = own if own is not None else min(later, default=None)
            if cause.node and seconds is not None:
                found[cause.node.id] = seconds
        return found

    # -- who acts on the same people ------------------------------------------------------------------------------------------------

    def of_flow(self, flow: Flow) -> tuple[Cause, ...]:
        """Live causes outside ``flow`` that act on its people because of it: steps people come to, and actions of rules."""
        own = _unit(flow)
        return tuple(cause for cause in self._reach.causes(self._of_the_flow(flow)) if cause.unit != own)

    def _of_the_flow(self, flow: Flow) -> Reached:
        if flow.index not in self._of_flow:
            entries = (signal_of(entry) for entry in flow.automation.entries)
            self._of_flow[flow.index] = self._reached((*entries, *_signals(self.causes.by_flow(flow))))
        return self._of_flow[flow.index]

    def of_causes(self, causes: Iterable[Cause]) -> tuple[Cause, ...]:
        """Live causes that act on the same people because of these, step after step; they themselves can be among them."""
        return self._reach.causes(self._reached(_signals(causes)))

    def _reached(self, signals: Iterable[Signal]) -> Reached:
        return self._reach.reached(entrance.place.unit for signal in signals for entrance in self._entrances(signal))

    @cached_property
    def _reach(self) -> Reach:
        units = dict.fromkeys(cause.unit for cause in self.causes.all if cause.unit)
        inside = {unit: [cause for cause, _ in self._done_at(Place(unit))] for unit in units}
        return Reach(inside, lambda cause: (entrance.place.unit for entrance in self._onwards(cause)))

    # -- the search ---------------------------------------------------------------------------------------------------------------

    def _search(self, starts: tuple[Start, ...], known: Set[Key], *, goals: bool = False, sure: bool = False) -> Search:
        first = frozenset(signal for start in starts for signal in (signals_of(start) if isinstance(start, Cause) else (start,)))

        def inside(place: Place) -> Iterable[tuple[Cause, Span]]:
            found = self._done_at(place)
            return [item for item in found if self._is_sure(place, item[0])] if sure else found

        def onwards(start: Start) -> Iterator[Entrance]:
            if isinstance(start, Cause):
                return self._onwards(start, goals=goals, sure=sure)
            return self._entrances(start, goals=goals, sure=sure)

        # what is asked about has happened once and for all: the tag is held
        entrances = [entrance for start in starts for entrance in onwards(start)]
        return Search(inside, lambda cause: self._onwards(cause, goals=goals, sure=sure, without=first), entrances, known)

    def _onwards(self, cause: Cause, *, goals: bool = False, sure: bool = False, without: Set[Signal] = frozenset()) -> Iterator[Entrance]:
        """Where a cause lets people in. Who completes a sequence was in it until its last email."""
        for signal in signals_of(cause):
            if signal not in without:
                completes = signal.kind is TriggerKind.COMPLETES_SEQUENCE
                seconds = self._timing(cause.target).planned if completes else 0
                yield from self._entrances(signal, seconds, goals=goals, sure=sure)

    def _entrances(self, signal: Signal, seconds: int = 0, *, goals: bool = False, sure: bool = False) -> Iterator[Entrance]:
        """Where a signal lets people in."""
        if signal.kind is None:
            yield from (
                Entrance(Place(_unit(flow)), None, seconds) for flow in self._by_key.get(signal.key or _NOTHING, ())[:1] if flow.live
            )
            return
        for listener in (*self.listeners.hearing(signal), *(self.listeners.goals(signal) if goals and not sure else ())):
            if listener.live and not (sure and listener.is_guess(signal)):
                yield Entrance(_place(listener), listener.trigger, seconds)

    def _done_at(self, place: Place) -> tuple[tuple[Cause, Span], ...]:
        """What is done to whoever comes in here, and when; behind a holding sequence only who is pulled on by a goal comes."""
        if place not in self._inside:
            live = [cause for cause in self.causes.by(place.unit) if cause.live]
            flow = self._by_unit.get(place.unit)
            if flow is None:
                self._inside[place] = tuple((cause, AT_ONCE) for cause in live)
            else:
                start = flow.nodes[place.goal] if place.goal else flow.start
                times = times_from(flow, start)
                come = {node.id for node in reachable(flow, [start])} if place.goal else flow.reached
                spans = ((cause, times.get(cause.node.id) if cause.node else None) for cause in live)
                self._inside[place] = tuple(
                    (cause, span or SOME_TIME) for cause, span in spans if span or (cause.node and cause.node.id in come)
                )
        return self._inside[place]

    def _is_sure(self, place: Place, cause: Cause) -> bool:
        """True when everybody who comes in here gets this: no branch leads past it, and nobody waits for something in front of it."""
        flow, node = cause.flow, cause.node
        if flow is None or node is None:
            return True
        asked = (place.goal, node.id)
        if asked not in self._sure:
            start = flow.nodes[place.goal] if place.goal else flow.start
            self._sure[asked] = flow.path_avoiding(start, lambda other: other is node) is None
        return self._sure[asked]

    # -- back ---------------------------------------------------------------------------------------------------------------------

    def causes_of(self, signal: Signal) -> tuple[Cause, ...]:
        """Live causes that a signal can come from, those of integrations too."""
        if signal.key is None and signal.kind is not TriggerKind.JOINS_FORM:
            return ()
        effects = (Effect.STARTS,) if signal.kind is None else tuple(effect for effect in Effect if signal.kind in effect.fires)
        found = (cause for effect in effects for cause in (self.causes.of(effect, signal.key) if signal.key else self._joining))
        return tuple(cause for cause in found if cause.reached and any(_same(signal, other) for other in signals_of(cause)))

    @cached_property
    def _joining(self) -> tuple[Cause, ...]:
        """What makes people join some form."""
        return tuple(cause for cause in self.causes.all if cause.live and cause.effect is Effect.JOINS_FORM)

    def triggers_of(self, cause: Cause) -> Iterator[Signal]:
        """What lets people into the automation, rule or form this belongs to."""
        if cause.flow:
            yield from (signal_of(entry) for entry in cause.flow.automation.entries)
            yield Signal(cause.flow.key)
        elif cause.rule:
            yield from (signal_of(when) for when in cause.rule.when)
        elif cause.unit:
            yield Signal(cause.unit, TriggerKind.JOINS_FORM)


_NOTHING = Key(Kind.AUTOMATION, "")


def _unit(flow: Flow) -> Key:
    return Key(Kind.AUTOMATION, flow.index)


def _place(listener: Listener) -> Place:
    return Place(listener.unit, listener.goal.id if listener.goal else "")


def _signals(causes: Iterable[Cause]) -> Iterator[Signal]:
    for cause in causes:
        yield from signals_of(cause)


def _same(awaited: Signal, given: Signal) -> bool:
    """True when the second is what the first waits for; an unknown value may be."""
    any_form = awaited.key is None and awaited.kind is TriggerKind.JOINS_FORM
    if awaited.kind is not given.kind or (awaited.key != given.key and not any_form):
        return False
    return awaited.value is None or given.value is None or awaited.value == given.value
