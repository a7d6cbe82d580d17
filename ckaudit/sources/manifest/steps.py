"""The steps of an automation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from ckaudit.model.errors import Location
from ckaudit.model.refs import Kind, Ref
from ckaudit.model.steps import (
    AddTag,
    AnyStep,
    ConditionKind,
    Delay,
    Enrol,
    Event,
    EventPath,
    Events,
    Exit,
    If,
    RemoveFromAutomation,
    RemoveTag,
    SetField,
    Split,
    SplitPath,
    StartAutomation,
    Test,
)
from ckaudit.sources.manifest.tree import Mapping, Node, Scalar, ScalarKind
from ckaudit.sources.manifest.triggers import read_event
from ckaudit.sources.manifest.values import Reading

OPERATORS = ("is", "contains", "above", "below", "blank", "known")
_CONDITIONS = tuple(ConditionKind)
_TEST_KEYS = (*_CONDITIONS, *OPERATORS)
_BARE = ("blank", "known")  # operators that compare with nothing


class Common(TypedDict):
    """What every step has."""

    location: Location
    note: str
    waiting: int | None


def read_steps(reading: Reading, node: Node | None) -> tuple[AnyStep, ...]:
    """Steps in order. Those that are wrong are noted and left out."""
    return tuple(step for item in reading.items(node, "steps") if (step := _step(reading, item)))


def _step(reading: Reading, node: Node) -> AnyStep | None:
    mapping = reading.mapping(node, "a step", KEYS, hint="Write it as in “- add_tag: Customer”; leaving is “- exit: true”.")
    if mapping is None:
        return None
    names = [key for key in mapping.values if key in STEPS]
    if not names:
        _no_step(reading, mapping)
        return None
    if len(names) > 1:
        place = mapping.keys[names[1]]
        reading.fault(place, f"one step cannot be both “{names[0]}” and “{names[1]}”", "Begin each step with its own “- ”.")
    if names[0] != "if":
        for side in ("then", "else"):
            if side in mapping.values:
                reading.fault(mapping.keys[side], f"“{side}” belongs to a step with “if”")
    values = mapping.values
    common = Common(
        location=reading.at(node),
        note=reading.text(values["note"], "a note") if "note" in values else "",
        waiting=reading.whole(values["waiting"], "“waiting”", 0) if "waiting" in values else None,
    )
    return STEPS[names[0]](reading, mapping, values[names[0]], common)


def _no_step(reading: Reading, mapping: Mapping) -> None:
    """A step without a step's key; a key that is nobody's has been noted already."""
    sides = [key for key in ("then", "else") if key in mapping.values]
    if sides:
        reading.fault(mapping.keys[sides[0]], f"“{sides[0]}” belongs to a step with “if”", "Is it in the same column as its “if”?")
    elif all(key in KEYS for key in mapping.values):
        reading.fault(mapping, "this step does nothing", f"A step has one of {', '.join(STEPS)}.")


def _add_tag(reading: Reading, _: Mapping, value: Node, common: Common) -> AnyStep | None:
    ref = reading.ref(value, Kind.TAG)
    return AddTag(tag=ref, **common) if ref else None


def _remove_tag(reading: Reading, _: Mapping, value: Node, common: Common) -> AnyStep | None:
    ref = reading.ref(value, Kind.TAG)
    return RemoveTag(tag=ref, **common) if ref else None


def _sequence(reading: Reading, _: Mapping, value: Node, common: Common) -> AnyStep | None:
    ref = reading.ref(value, Kind.SEQUENCE)
    return Enrol(sequence=ref, **common) if ref else None


def _delay(reading: Reading, _: Mapping, value: Node, common: Common) -> AnyStep | None:
    seconds = reading.duration(value)
    return Delay(seconds=seconds, text=value.text, **common) if seconds and isinstance(value, Scalar) else None


def _set_field(reading: Reading, _: Mapping, value: Node, common: Common) -> AnyStep | None:
    field, text = read_set_field(reading, value)
    return SetField(field=field, value=text, **common) if field else None


def _start_automation(reading: Reading, _: Mapping, value: Node, common: Common) -> AnyStep | None:
    ref = reading.ref(value, Kind.AUTOMATION)
    return StartAutomation(automation=ref, **common) if ref else None


def _remove_from_automation(reading: Reading, _: Mapping, value: Node, common: Common) -> AnyStep | None:
    ref = reading.ref(value, Kind.AUTOMATION)
    return RemoveFromAutomation(automation=ref, **common) if ref else None


def _exit(reading: Reading, _: Mapping, value: Node, common: Common) -> AnyStep | None:
    reading.only_true(value, "exit")
    return Exit(**common)


def _event(reading: Reading, _: Mapping, value: Node, common: Common) -> AnyStep | None:
    trigger = read_event(reading, value)
    return Event(trigger=trigger, **common) if trigger else None


def _if(reading: Reading, mapping: Mapping, value: Node, common: Common) -> AnyStep | None:
    if "then" not in mapping.values and "else" not in mapping.values:
        hint = "Are they in the same column as “if”? When nothing hangs on it, write “then: []”."
        reading.fault(mapping, "a condition needs “then” or “else”", hint)
    test = _test(reading, value)
    then = read_steps(reading, mapping.values.get("then"))
    otherwise = read_steps(reading, mapping.values.get("else"))
    return If(test=test, then=then, otherwise=otherwise, **common) if test else None


def _test(reading: Reading, node: Node) -> Test | None:
    mapping = reading.mapping(node, "a condition", _TEST_KEYS, hint="Write it as in if: {tag: Customer}.")
    if mapping is None:
        return None
    named = [key for key in mapping.values if key in _CONDITIONS]
    if len(named) != 1:
        both = f"a condition looks at one thing, not both “{named[0]}” and “{named[1]}”" if named else "a condition looks at nothing"
        reading.fault(mapping.keys[named[1]] if named else mapping, both, f"It has one of {', '.join(_CONDITIONS)}.")
        return None
    kind, value, place = ConditionKind(named[0]), mapping.values[named[0]], reading.at(node)
    if kind is ConditionKind.FIELD:
        return _field_test(reading, mapping, value)
    for key in OPERATORS:
        if key in mapping.values:
            reading.fault(mapping.keys[key], f"“{key}” belongs to a condition on a field, not to “{kind}”")
    match kind:
        case ConditionKind.TAG:
            tag = reading.ref(value, Kind.TAG)
            return Test(kind=kind, ref=tag, location=place) if tag else None
        case ConditionKind.FILTER:
            text = reading.text(value, "the filter in words")
            return Test(kind=kind, value=text, location=place) if text else None
        case ConditionKind.OPENED:
            seconds = reading.duration(value)
            return Test(kind=kind, seconds=seconds, location=place) if seconds else None


def _field_test(reading: Reading, mapping: Mapping, value: Node) -> Test | None:
    field = reading.ref(value, Kind.FIELD)
    operators = [key for key in OPERATORS if key in mapping.values]
    if len(operators) != 1:
        message = f"a field is compared once, not with {' and '.join(operators)}" if operators else "the field is compared with nothing"
        reading.fault(mapping, message, f"Add one of {', '.join(OPERATORS)}.")
        return None
    operator = operators[0]
    compared, text = mapping.values[operator], None
    if operator in _BARE:
        reading.only_true(compared, operator)
    else:
        text = reading.field_value(compared, "the value to compare with")
    if field is None or (text is None and operator not in _BARE):
        return None
    return Test(kind=ConditionKind.FIELD, ref=field, operator=operator, value=text, location=reading.at(mapping))


def _split(reading: Reading, _: Mapping, value: Node, common: Common) -> AnyStep | None:
    paths: list[SplitPath] = []
    items = reading.items(value, "“split”")
    otherwise = [item for item in items if isinstance(item, Mapping) and "otherwise" in item.values]
    for item in items:
        if path := _split_path(reading, item):
            paths.append(path)
    for item in otherwise[1:]:
        reading.fault(item, "a split has one “otherwise” only")
    if otherwise and otherwise[0] is not items[-1] and len(otherwise) == 1:
        reading.fault(otherwise[0], "“otherwise” is the last path of a split")
    if not items:
        reading.expected(value, "the paths of a split", "Write it as in split: [{tag: VIP, steps: [...]}, {otherwise: [...]}].")
    return Split(paths=tuple(paths), **common) if paths else None


def _split_path(reading: Reading, node: Node) -> SplitPath | None:
    hint = "Write it as {tag: VIP, steps: [...]} or {otherwise: [...]}."
    mapping = reading.mapping(node, "a path of a split", ("tag", "steps", "otherwise"), hint=hint)
    if mapping is None:
        return None
    values = mapping.values
    if "otherwise" in values:
        for key in ("tag", "steps"):
            if key in values:
                reading.fault(mapping.keys[key], f"“{key}” cannot stand beside “otherwise”", hint)
        return SplitPath(tag=None, steps=read_steps(reading, values["otherwise"]), location=reading.at(node))
    if "tag" not in values:
        reading.fault(node, "a path of a split needs “tag” or “otherwise”", hint)
    tag, steps = reading.ref(values.get("tag"), Kind.TAG), read_steps(reading, values.get("steps"))
    return SplitPath(tag=tag, steps=steps, location=reading.at(node)) if tag else None


def _events(reading: Reading, _: Mapping, value: Node, common: Common) -> AnyStep | None:
    items = reading.items(value, "“events”")
    paths = tuple(path for item in items if (path := _event_path(reading, item)))
    if not items:
        reading.expected(value, "the events", "Write it as in events: [{event: {tag_added: Customer}, steps: [...]}].")
    return Events(paths=paths, **common) if paths else None


def _event_path(reading: Reading, node: Node) -> EventPath | None:
    hint = "Write it as {event: {tag_added: Customer}, steps: [...]}."
    mapping = reading.mapping(node, "one of several events", ("event", "steps"), ("event",), hint)
    if mapping is None:
        return None
    trigger, steps = read_event(reading, mapping.values.get("event")), read_steps(reading, mapping.values.get("steps"))
    return EventPath(trigger=trigger, steps=steps, location=reading.at(node)) if trigger else None


def read_set_field(reading: Reading, node: Node) -> tuple[Ref | None, str | None]:
    """``{field: FIELD, value: TEXT}`` of a step or a rule. The field is None when something is wrong; the text is None to clear it."""
    hint = "Write it as in set_field: {field: country, value: Spain}; “value: null” clears the field."
    mapping = reading.mapping(node, "“set_field”", ("field", "value"), ("field", "value"), hint)
    if mapping is None:
        return None, None
    field, value = reading.ref(mapping.values.get("field"), Kind.FIELD), mapping.values.get("value")
    if value is None or (isinstance(value, Scalar) and value.kind is ScalarKind.NOTHING):
        return field, None
    text = reading.field_value(value, "the value of a field")
    return (field if text is not None else None), text


STEPS: dict[str, Callable[[Reading, Mapping, Node, Common], AnyStep | None]] = {
    "sequence": _sequence,
    "delay": _delay,
    "add_tag": _add_tag,
    "remove_tag": _remove_tag,
    "set_field": _set_field,
    "start_automation": _start_automation,
    "remove_from_automation": _remove_from_automation,
    "exit": _exit,
    "if": _if,
    "split": _split,
    "event": _event,
    "events": _events,
}
KEYS = (*STEPS, "then", "else", "note", "waiting")
