"""Who listens to what: the entries of automations and the triggers of rules, to be asked by trigger and object."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from ckaudit.graph.flow import Flow
from ckaudit.model.automations import KitRule, Manifest
from ckaudit.model.refs import Key, Kind
from ckaudit.model.triggers import Trigger, TriggerKind


class Listener(msgspec.Struct, frozen=True, eq=False):
    """One entry of an automation (``flow``) or one trigger of a rule (``rule``). ``unit`` is the automation or rule by its number.

    ``live`` is False for an inactive automation and a disabled rule.
    """

    unit: Key
    trigger: Trigger
    live: bool
    number: int
    flow: Flow | None = None
    rule: KitRule | None = None


class Listeners:
    """Every listener of an account."""

    def __init__(self, flows: Iterable[Flow], manifest: Manifest) -> None:
        self._by_trigger: defaultdict[tuple[TriggerKind, Key | None], list[Listener]] = defaultdict(list)
        self._of_kind: defaultdict[TriggerKind, list[Listener]] = defaultdict(list)
        for listener in _listeners(flows, manifest):
            trigger = listener.trigger
            self._of_kind[trigger.kind].append(listener)
            self._by_trigger[trigger.kind, trigger.ref.key if trigger.ref else None].append(listener)

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
