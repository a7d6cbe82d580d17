"""Entries, events and triggers of rules: the things that happen to people."""

from __future__ import annotations

from ckaudit.model.errors import Location
from ckaudit.model.refs import Kind, Ref
from ckaudit.model.steps import Trigger, TriggerKind
from ckaudit.sources.manifest.tree import Node, Scalar
from ckaudit.sources.manifest.values import Reading

ENTRIES = (TriggerKind.JOINS_FORM, TriggerKind.TAG_ADDED, TriggerKind.FIELD_CHANGED, TriggerKind.PURCHASES, TriggerKind.APP_EVENT)
EVENTS = (
    TriggerKind.TAG_ADDED,
    TriggerKind.TAG_REMOVED,
    TriggerKind.PURCHASES,
    TriggerKind.FIELD_CHANGED,
    TriggerKind.DATE,
    TriggerKind.APP_EVENT,
)
TRIGGERS = (
    TriggerKind.SUBSCRIBES_TO_SEQUENCE,
    TriggerKind.COMPLETES_SEQUENCE,
    TriggerKind.JOINS_FORM,
    TriggerKind.CLICKS_LINK,
    TriggerKind.TAG_ADDED,
    TriggerKind.TAG_REMOVED,
    TriggerKind.PURCHASES,
)

_KINDS = {
    TriggerKind.TAG_ADDED: Kind.TAG,
    TriggerKind.TAG_REMOVED: Kind.TAG,
    TriggerKind.SUBSCRIBES_TO_SEQUENCE: Kind.SEQUENCE,
    TriggerKind.COMPLETES_SEQUENCE: Kind.SEQUENCE,
}


def read_entries(reading: Reading, node: Node | None) -> tuple[Trigger, ...]:
    """The entries of an automation; any of them starts it."""
    return _list(reading, node, "“entries”", "an entry", ENTRIES)


def read_triggers(reading: Reading, node: Node | None) -> tuple[Trigger, ...]:
    """The triggers of a rule; any of them fires it."""
    return _list(reading, node, "“when”", "a trigger of a rule", TRIGGERS)


def read_event(reading: Reading, node: Node | None) -> Trigger | None:
    """An event (goal); None when it is missing or wrong."""
    return None if node is None else _trigger(reading, node, "an event", EVENTS)


def _list(reading: Reading, node: Node | None, where: str, what: str, triggers: tuple[TriggerKind, ...]) -> tuple[Trigger, ...]:
    return tuple(found for item in reading.items(node, where) if (found := _trigger(reading, item, what, triggers)))


def _trigger(reading: Reading, node: Node, what: str, triggers: tuple[TriggerKind, ...]) -> Trigger | None:
    named = reading.single(node, what, triggers, "{tag_added: Customer}")
    if named is None:
        return None
    kind, value, place = TriggerKind(named[0]), named[1], reading.at(node)
    match kind:
        case TriggerKind.JOINS_FORM:
            if isinstance(value, Scalar) and value.text == "any":
                return Trigger(kind=kind, location=place)
            return _of(kind, reading.ref(value, Kind.FORM), place)
        case TriggerKind.PURCHASES:
            return _of(kind, reading.product(value), place)
        case TriggerKind.FIELD_CHANGED:
            return _field_changed(reading, value, place)
        case TriggerKind.DATE:
            return _told(kind, reading.date(value, "an event"), place)
        case TriggerKind.CLICKS_LINK:
            return _told(kind, reading.text(value, "the address of a link"), place)
        case TriggerKind.APP_EVENT:
            return _told(kind, reading.text(value, "the words of the app's event"), place)
        case TriggerKind.TAG_ADDED | TriggerKind.TAG_REMOVED | TriggerKind.SUBSCRIBES_TO_SEQUENCE | TriggerKind.COMPLETES_SEQUENCE:
            return _of(kind, reading.ref(value, _KINDS[kind]), place)


def _of(kind: TriggerKind, ref: Ref | None, place: Location) -> Trigger | None:
    return Trigger(kind=kind, ref=ref, location=place) if ref else None


def _told(kind: TriggerKind, value: str | None, place: Location) -> Trigger | None:
    return Trigger(kind=kind, value=value, location=place) if value else None


def _field_changed(reading: Reading, node: Node, place: Location) -> Trigger | None:
    example = "Write it as in field_changed: {field: country, to: Spain}; “to” may be left out."
    mapping = reading.mapping(node, "“field_changed”", ("field", "to"), ("field",), example)
    if mapping is None:
        return None
    field, to = reading.ref(mapping.values.get("field"), Kind.FIELD), mapping.values.get("to")
    value = None if to is None else reading.field_value(to, "the new value of the field")
    return Trigger(kind=TriggerKind.FIELD_CHANGED, ref=field, value=value, location=place) if field else None
