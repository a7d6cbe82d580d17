"""Who listens to what: entries of automations, triggers of rules, and forms that do something by themselves, by trigger and object.

Goals listen too, but only for people who are above them in their automation, so they are asked for on their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from ckaudit.graph.flow import Flow
from ckaudit.graph.nodes import FlowNode
from ckaudit.graph.signals import Signal, signal_of
from ckaudit.model.automations import KitRule, Manifest
from ckaudit.model.refs import Key, Kind
from ckaudit.model.triggers import Trigger, TriggerKind


class Listener(msgspec.Struct, frozen=True, eq=False):
    """One entry of an automation (``flow``), one trigger of a rule (``rule``), or a form that does something by itself.

    ``unit`` is the automation or rule by its number, or the form. ``live`` is False for an inactive automation and a disabled rule.
    ``goal`` is set for a goal of an automation, which only who is above it meets.
    """

    unit: Key
    trigger: Trigger
    live: bool
    number: int
    flow: Flow | None = None
    rule: KitRule | None = None
    goal: FlowNode | None = None

    def hears(self, signal: Signal) -> bool:
        """False only when a field is set to another value than the one it waits for."""
        waits_for = self.trigger.value if self.trigger.kind is TriggerKind.FIELD_CHANGED else None
        return waits_for is None or signal.value is None or signal.value == waits_for

    def is_guess(self, signal: Signal) -> bool:
        """True when the signal leaves open whether this is what it waits for: a field's value, or the form, is not known."""
        if self.trigger.kind is TriggerKind.FIELD_CHANGED:
            return self.trigger.value is not None and signal.value is None
        return signal.key is None and self.trigger.ref is not None


class Listeners:
    """Every listener of an account."""

    def __init__(self, flows: Iterable[Flow], manifest: Manifest) -> None:
        self._by_trigger: defaultdict[tuple[TriggerKind, Key | None], list[Listener]] = defaultdict(list)
        self._of_kind: defaultdict[TriggerKind, list[Listener]] = defaultdict(list)
        self._by_value: defaultdict[Signal, list[Listener]] = defaultdict(list)
        self._goals: defaultdict[tuple[TriggerKind, Key | None], list[Listener]] = defaultdict(list)
        flows = tuple(flows)
        for listener in _listeners(flows, manifest):
            trigger = listener.trigger
            self._of_kind[trigger.kind].append(listener)
            self._by_trigger[trigger.kind, trigger.target].append(listener)
            if trigger.ref is None:
                self._by_value[signal_of(trigger)].append(listener)
        for flow in flows:
            for goal in flow.events:
                if goal.trigger:
                    found = Listener(Key(Kind.AUTOMATION, flow.index), goal.trigger, flow.live, 0, flow=flow, goal=goal)
                    self._goals[goal.trigger.kind, goal.trigger.target].append(found)

    def hearing(self, signal: Signal) -> tuple[Listener, ...]:
        """Who is set off by this signal, live or not. Links, dates and apps' events are told apart by their value."""
        if signal.kind is None:
            return ()
        found = self.to(signal.kind, signal.key)
        if signal.key is None and signal.kind is not TriggerKind.JOINS_FORM:
            found = tuple(self._by_value.get(signal, ()))
        return tuple(listener for listener in found if listener.hears(signal))

    def goals(self, signal: Signal) -> tuple[Listener, ...]:
        """Goals that this signal meets, for whoever is above them."""
        if signal.kind is None:
            return ()
        found = self._goals.get((signal.kind, signal.key), ())
        same = (goal for goal in found if signal.key or signal_of(goal.trigger).value == signal.value)
        return tuple(goal for goal in same if goal.hears(signal))

    def to(self, kind: TriggerKind, key: Key | None) -> tuple[Listener, ...]:
        """Who listens to this, automations first, in the order of the manifest. ``key`` None means "any form" and nothing else.

        "Any form" listens to every form, and every listener to a form to "any form".
        """
        if key is None:
            return tuple(self._of_kind.get(kind, ())) if kind is TriggerKind.JOINS_FORM else ()
        found = self._by_trigger.get((kind, key), ())
        any_form = self._by_trigger.get((kind, None), ()) if kind is TriggerKind.JOINS_FORM and key.kind is Kind.FORM else ()
        return tuple(sorted((*found, *any_form), key=lambda listener: listener.number)) if any_form else tuple(found)


def _listeners(flows: Iterable[Flow], manifest: Manifest) -> Iterator[Listener]:
    number = 0
    for flow in flows:
        for entry in flow.automation.entries:
            yield Listener(Key(Kind.AUTOMATION, flow.index), entry, flow.live, number, flow=flow)
            number += 1
    for index, rule in enumerate(manifest.rules):
        for when in rule.when:
            yield Listener(Key(Kind.RULE, index), when, rule.enabled, number, rule=rule)
            number += 1
    for form in {link.form.key: link.form for link in manifest.form_links}.values():
        yield Listener(form.key, Trigger(kind=TriggerKind.JOINS_FORM, ref=form), live=True, number=number)
        number += 1
