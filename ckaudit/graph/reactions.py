"""What happens next: the automations and rules that a trigger sets off, and what they set off in turn, step after step.

Somebody who goes through an automation meets everything that listens to its own triggers, to the tags, fields, forms and sequences it
changes, and to the end of its sequences. That a rule or another automation does something counts only if it is set off like this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from typing import NamedTuple

from ckaudit.graph.causes import Cause, Causes
from ckaudit.graph.flow import Flow
from ckaudit.graph.listeners import Listeners
from ckaudit.model.automations import Manifest
from ckaudit.model.refs import Key, Kind
from ckaudit.model.steps import Effect
from ckaudit.model.triggers import Trigger, TriggerKind


class Signal(NamedTuple):
    """What sets something off: a trigger with its object (None: any form), or, without a kind, the automation that is started directly."""

    key: Key | None
    kind: TriggerKind | None = None


class Reactions:
    """What the causes of an account set off. A unit is an automation or a rule, by its number (``Cause.unit``, ``Listener.unit``)."""

    def __init__(self, flows: Iterable[Flow], causes: Causes, manifest: Manifest) -> None:
        self.causes = causes
        self.listeners = Listeners(flows, manifest)
        self._of_flow: dict[int, tuple[Cause, ...]] = {}
        self._flows: dict[Key, list[Flow]] = {}
        for flow in flows:
            self._flows.setdefault(flow.key, []).append(flow)

    def to(self, cause: Cause) -> Iterator[tuple[Key, Trigger | None]]:
        """The units that one cause sets off, each with the trigger that does it (None: started directly)."""
        if cause.effect is Effect.STARTS:
            yield from ((_unit(flow), None) for flow in self._flows.get(cause.target, ())[:1] if flow.live)
        for kind in cause.effect.fires:
            for listener in self.listeners.to(kind, cause.target):
                if listener.live and _writes(cause, listener.trigger):
                    yield listener.unit, listener.trigger

    def of_flow(self, flow: Flow) -> tuple[Cause, ...]:
        """Live causes outside ``flow`` that act on its people because of it: steps people come to, and actions of rules."""
        if flow.index not in self._of_flow:
            self._of_flow[flow.index] = self._spread_of(flow)
        return self._of_flow[flow.index]

    def _spread_of(self, flow: Flow) -> tuple[Cause, ...]:
        entries = [Signal(entry.ref.key if entry.ref else None, entry.kind) for entry in flow.automation.entries]
        return self.spread((*entries, *_signals(self.causes.by_flow(flow))), {_unit(flow)})

    def of_causes(self, causes: Iterable[Cause]) -> tuple[Cause, ...]:
        """Live causes that act on the same people because of these, step after step; they themselves can be among them."""
        return self.spread(_signals(causes))

    def spread(self, signals: Iterable[Signal], known: Set[Key] = frozenset()) -> tuple[Cause, ...]:
        """What these signals set off, step after step, without the units that are known already."""
        todo, seen = list(signals), set(known)
        found = list[Cause]()
        while todo:
            for unit in self._units(todo.pop()):
                if unit not in seen:
                    seen.add(unit)
                    done = [cause for cause in self.causes.by(unit) if cause.reached]
                    found += done
                    todo += _signals(done)
        return tuple(sorted(found, key=lambda cause: cause.number))

    def _units(self, signal: Signal) -> Iterator[Key]:
        """The live units that a signal sets off."""
        if signal.kind:
            yield from (listener.unit for listener in self.listeners.to(signal.kind, signal.key) if listener.live)
        elif signal.key:
            yield from (_unit(flow) for flow in self._flows.get(signal.key, ()) if flow.live)


def _unit(flow: Flow) -> Key:
    return Key(Kind.AUTOMATION, flow.index)


def _signals(causes: Iterable[Cause]) -> Iterator[Signal]:
    for cause in causes:
        if cause.effect is Effect.STARTS:
            yield Signal(cause.target)
        yield from (Signal(cause.target, kind) for kind in cause.effect.fires)


def _writes(cause: Cause, trigger: Trigger) -> bool:
    """False only when a field is set to another value than the listener waits for."""
    return cause.effect is not Effect.SETS_FIELD or trigger.value is None or cause.value == trigger.value
