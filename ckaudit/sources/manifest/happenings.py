"""Entries, events and triggers of rules: the things that happen to people."""

from __future__ import annotations

from ckaudit.model.automations import Happening, Trigger
from ckaudit.model.errors import Location
from ckaudit.model.refs import Kind, Ref
from ckaudit.sources.manifest.tree import Node, Scalar
from ckaudit.sources.manifest.values import Reading

ENTRIES = (Trigger.JOINS_FORM, Trigger.TAG_ADDED, Trigger.FIELD_CHANGED, Trigger.PURCHASES, Trigger.APP_EVENT)
EVENTS = (Trigger.TAG_ADDED, Trigger.TAG_REMOVED, Trigger.PURCHASES, Trigger.FIELD_CHANGED, Trigger.DATE, Trigger.APP_EVENT)
TRIGGERS = (
    Trigger.SUBSCRIBES_TO_SEQUENCE,
    Trigger.COMPLETES_SEQUENCE,
    Trigger.JOINS_FORM,
    Trigger.CLICKS_LINK,
    Trigger.TAG_ADDED,
    Trigger.TAG_REMOVED,
    Trigger.PURCHASES,
)

_KINDS = {
    Trigger.TAG_ADDED: Kind.TAG,
    Trigger.TAG_REMOVED: Kind.TAG,
    Trigger.SUBSCRIBES_TO_SEQUENCE: Kind.SEQUENCE,
    Trigger.COMPLETES_SEQUENCE: Kind.SEQUENCE,
}


def read_entries(reading: Reading, node: Node | None) -> tuple[Happening, ...]:
    """The entries of an automation; any of them starts it."""
    return _list(reading, node, "“entries”", "an entry", ENTRIES)


def read_triggers(reading: Reading, node: Node | None) -> tuple[Happening, ...]:
    """The triggers of a rule; any of them fires it."""
    return _list(reading, node, "“when”", "a trigger of a rule", TRIGGERS)


def read_event(reading: Reading, node: Node | None) -> Happening | None:
    """An event (goal); None when it is missing or wrong."""
    return None if node is None else _happening(reading, node, "an event", EVENTS)


def _list(reading: Reading, node: Node | None, where: str, what: str, triggers: tuple[Trigger, ...]) -> tuple[Happening, ...]:
    return tuple(found for item in reading.items(node, where) if (found := _happening(reading, item, what, triggers)))


def _happening(reading: Reading, node: Node, what: str, triggers: tuple[Trigger, ...]) -> Happening | None:
    named = reading.single(node, what, triggers, "{tag_added: Customer}")
    if named is None:
        return None
    trigger, value, place = Trigger(named[0]), named[1], reading.at(node)
    match trigger:
        case Trigger.JOINS_FORM:
            if isinstance(value, Scalar) and value.text == "any":
                return Happening(trigger=trigger, location=place)
            return _of(trigger, reading.ref(value, Kind.FORM), place)
        case Trigger.PURCHASES:
            return _of(trigger, reading.product(value), place)
        case Trigger.FIELD_CHANGED:
            return _field_changed(reading, value, place)
        case Trigger.DATE:
            return _told(trigger, reading.date(value, "an event"), place)
        case Trigger.CLICKS_LINK:
            return _told(trigger, reading.text(value, "the address of a link"), place)
        case Trigger.APP_EVENT:
            return _told(trigger, reading.text(value, "the words of the app's event"), place)
        case Trigger.TAG_ADDED | Trigger.TAG_REMOVED | Trigger.SUBSCRIBES_TO_SEQUENCE | Trigger.COMPLETES_SEQUENCE:
            return _of(trigger, reading.ref(value, _KINDS[trigger]), place)


def _of(trigger: Trigger, ref: Ref | None, place: Location) -> Happening | None:
    return Happening(trigger=trigger, ref=ref, location=place) if ref else None


def _told(trigger: Trigger, value: str | None, place: Location) -> Happening | None:
    return Happening(trigger=trigger, value=value, location=place) if value else None


def _field_changed(reading: Reading, node: Node, place: Location) -> Happening | None:
    example = "Write it as in field_changed: {field: country, to: Spain}; “to” may be left out."
    mapping = reading.mapping(node, "“field_changed”", ("field", "to"), ("field",), example)
    if mapping is None:
        return None
    field, to = reading.ref(mapping.values.get("field"), Kind.FIELD), mapping.values.get("to")
    value = None if to is None else reading.field_value(to, "the new value of the field")
    return Happening(trigger=Trigger.FIELD_CHANGED, ref=field, value=value, location=place) if field else None
