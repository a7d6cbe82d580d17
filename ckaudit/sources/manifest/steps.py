"""Entries, steps and what happens to people: the part of a manifest that describes automations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from msgspec import structs

from ckaudit.model.automations import (
    AddTag,
    AnyStep,
    Automation,
    AutomationStatus,
    ConditionKind,
    Delay,
    Enrol,
    Event,
    EventPath,
    Events,
    Exit,
    Happening,
    If,
    RemoveFromAutomation,
    RemoveTag,
    SetField,
    Split,
    SplitPath,
    StartAutomation,
    Test,
    Trigger,
)
from ckaudit.model.errors import Location
from ckaudit.model.refs import Kind, Ref
from ckaudit.sources.manifest.fields import Reader
from ckaudit.sources.manifest.tree import Node

ENTRIES = (Trigger.JOINS_FORM, Trigger.TAG_ADDED, Trigger.FIELD_CHANGED, Trigger.PURCHASES, Trigger.APP_EVENT)
EVENTS = (Trigger.TAG_ADDED, Trigger.TAG_REMOVED, Trigger.PURCHASES, Trigger.FIELD_CHANGED, Trigger.DATE, Trigger.APP_EVENT)
RULE_TRIGGERS = (
    Trigger.SUBSCRIBES_TO_SEQUENCE,
    Trigger.COMPLETES_SEQUENCE,
    Trigger.JOINS_FORM,
    Trigger.CLICKS_LINK,
    Trigger.TAG_ADDED,
    Trigger.TAG_REMOVED,
    Trigger.PURCHASES,
)
AUTOMATION_KEYS = ("name", "id", "status", "notes", "recurring", "evergreen", "entries", "steps")
STEP_KEYS = (
    "sequence",
    "delay",
    "add_tag",
    "remove_tag",
    "set_field",
    "start_automation",
    "remove_from_automation",
    "exit",
    "if",
    "split",
    "event",
    "events",
)
# keys that may stand beside the step itself
BESIDE = ("note", "waiting")
_REFERS: Mapping[Trigger, Kind] = {
    Trigger.JOINS_FORM: Kind.FORM,
    Trigger.TAG_ADDED: Kind.TAG,
    Trigger.TAG_REMOVED: Kind.TAG,
    Trigger.SUBSCRIBES_TO_SEQUENCE: Kind.SEQUENCE,
    Trigger.COMPLETES_SEQUENCE: Kind.SEQUENCE,
}
_OPERATORS = ("is", "contains", "above", "below", "blank", "known")


def read_automation(read: Reader, node: Node) -> Automation | None:
    """One automation. None when it has no usable name."""
    keys = read.mapping(node, "an automation", AUTOMATION_KEYS)
    name = read.text(keys.get("name"), "the name of the automation").strip()
    if not name:
        if isinstance(node.value, dict) and not isinstance(getattr(keys.get("name"), "value", None), bool | int | float):
            read.problems.add(node.location, "an automation needs a name", "Give it the name it has in Kit.")
        return None
    steps = keys.get("steps")
    return Automation(
        name=name,
        id=read.number(keys.get("id"), "the id of the automation", 1),
        status=read.choice(keys.get("status"), AutomationStatus, "status") or AutomationStatus.ACTIVE,
        note=read.text(keys.get("notes"), "the notes"),
        recurring=read.flag(keys.get("recurring"), "recurring"),
        evergreen=read.flag(keys.get("evergreen"), "evergreen"),
        entries=read_happenings(read, keys.get("entries"), ENTRIES, "an entry"),
        steps=read_steps(read, steps) if steps else (),
        location=node.location,
    )


def read_happenings(read: Reader, node: Node | None, allowed: Collection[Trigger], what: str) -> tuple[Happening, ...]:
    """A list of entries or triggers."""
    found = (read_happening(read, item, allowed, what) for item in read.items(node, "entries" if what == "an entry" else "triggers"))
    return tuple(happening for happening in found if happening)


def read_happening(read: Reader, node: Node, allowed: Collection[Trigger], what: str) -> Happening | None:
    """An entry, an event or a rule's trigger: a mapping with one key."""
    table = {str(trigger): _reader(read, trigger) for trigger in allowed}
    found = read.one_of(node, what, table, ("note",))
    if found is None:
        return None
    note = read.text(node.value.get("note"), "a note") if isinstance(node.value, dict) else ""
    return structs.replace(found, location=node.location, note=note)


def _reader(read: Reader, trigger: Trigger) -> Callable[[Node], Happening | None]:
    def happening(node: Node) -> Happening | None:
        match trigger:
            case Trigger.FIELD_CHANGED:
                return _field_changed(read, node)
            case Trigger.PURCHASES:
                name = read.text(node, "the name of a product").strip()
                return Happening(trigger=trigger, ref=product(read, name, node.location)) if name else None
            case Trigger.DATE:
                day = read.date(node, "a date")
                return Happening(trigger=trigger, value=day) if day else None
            case Trigger.APP_EVENT | Trigger.CLICKS_LINK:
                text = read.text(node, "text").strip()
                return Happening(trigger=trigger, value=text) if text else None
            case Trigger.JOINS_FORM if node.value == "any":
                return Happening(trigger=trigger)
            case _:
                ref = read.ref(_REFERS[trigger], node)
                return Happening(trigger=trigger, ref=ref) if ref else None

    return happening


def product(read: Reader, name: str, where: Location) -> Ref:
    """A product is a name: the API lists none."""
    ref = Ref(Kind.PRODUCT, name, location=where)
    read.resolver.references.append(ref)
    return ref


def _field_changed(read: Reader, node: Node) -> Happening | None:
    keys = read.mapping(node, "field_changed", ("field", "to"))
    ref = read.ref(Kind.FIELD, keys.get("field"))
    if ref is None and "field" not in keys and isinstance(node.value, dict):
        read.problems.add(node.location, "field_changed needs a field", 'Write {field: Last order, to: "2026"}; “to” may be left out.')
    return Happening(trigger=Trigger.FIELD_CHANGED, ref=ref, value=read.value(keys.get("to"), "the new value")) if ref else None


def read_steps(read: Reader, node: Node | None) -> tuple[AnyStep, ...]:
    """The steps of an automation or a branch."""
    found = (_step(read, item) for item in read.items(node, "steps"))
    return tuple(step for step in found if step)


def _step(read: Reader, node: Node) -> AnyStep | None:
    if not isinstance(node.value, dict):
        read.wrong(node, "a step as a mapping", "For example: add_tag: Customer")
        return None
    extra = (*BESIDE, "then", "else") if "if" in node.value else BESIDE
    table: dict[str, Callable[[Node], AnyStep | None]] = {key: _step_reader(read, key, node) for key in STEP_KEYS}
    if "if" not in node.value:
        for key in ("then", "else"):
            if key in node.value:
                read.problems.add(node.keys[key], f"“{key}” belongs to an “if”", "Put it under the same “- ” as its “if”.")
        extra = (*extra, "then", "else")
    step = read.one_of(node, "a step", table, extra)
    if step is None:
        return None
    note = read.text(node.value.get("note"), "a note")
    return structs.replace(step, location=node.location, note=note, waiting=read.number(node.value.get("waiting"), "waiting"))


def _step_reader(read: Reader, key: str, whole: Node) -> Callable[[Node], AnyStep | None]:
    def step(node: Node) -> AnyStep | None:
        match key:
            case "add_tag" | "remove_tag":
                tag = read.ref(Kind.TAG, node)
                return (AddTag if key == "add_tag" else RemoveTag)(tag=tag) if tag else None
            case "sequence":
                sequence = read.ref(Kind.SEQUENCE, node)
                return Enrol(sequence=sequence) if sequence else None
            case "delay":
                seconds, text = read.duration(node, "a delay")
                return Delay(seconds=seconds, text=text) if seconds else None
            case "set_field":
                return _set_field(read, node)
            case "start_automation" | "remove_from_automation":
                other = read.ref(Kind.AUTOMATION, node)
                return (StartAutomation if key == "start_automation" else RemoveFromAutomation)(automation=other) if other else None
            case "exit":
                if node.value is not True:
                    read.wrong(node, "“exit: true”")
                return Exit()
            case "if":
                return _if(read, node, whole)
            case "split":
                return _split(read, node)
            case "event":
                happening = read_happening(read, node, EVENTS, "an event")
                return Event(happening=happening) if happening else None
            case _:
                return _events(read, node)

    return step


def _set_field(read: Reader, node: Node) -> SetField | None:
    keys = read.mapping(node, "set_field", ("field", "value"))
    for key in ("field", "value"):
        if isinstance(node.value, dict) and key not in keys:
            read.problems.add(
                node.location, f"set_field needs “{key}”", "Write {field: Status, value: member}; “value: null” clears the field."
            )
    field = read.ref(Kind.FIELD, keys.get("field"))
    return SetField(field=field, value=read.value(keys.get("value"), "the new value")) if field else None


def _if(read: Reader, node: Node, whole: Node) -> If | None:
    test = _test(read, node)
    sides = whole.value if isinstance(whole.value, dict) else {}
    if "then" not in sides and "else" not in sides:
        read.problems.add(
            whole.location, "an “if” without “then” and “else” decides nothing", "Add the steps of the yes side under “then:”."
        )
    then, otherwise = read_steps(read, sides.get("then")), read_steps(read, sides.get("else"))
    return If(test=test, then=then, otherwise=otherwise) if test else None


def _test(read: Reader, node: Node) -> Test | None:
    table: dict[str, Callable[[Node], Test | None]] = {
        "tag": lambda value: Test(kind=ConditionKind.TAG, ref=ref) if (ref := read.ref(Kind.TAG, value)) else None,
        "field": lambda value: _field_test(read, value, node),
        "filter": lambda value: Test(kind=ConditionKind.FILTER, value=read.text(value, "the filter in words")),
        "opened_within": lambda value: Test(kind=ConditionKind.OPENED, seconds=read.duration(value, "opened_within")[0]),
    }
    extra = _OPERATORS if isinstance(node.value, dict) and "field" in node.value else ()
    test = read.one_of(node, "a test", table, extra)
    return structs.replace(test, location=node.location) if test else None


def _field_test(read: Reader, value: Node, node: Node) -> Test | None:
    sides = node.value if isinstance(node.value, dict) else {}
    chosen = [key for key in _OPERATORS if key in sides]
    ref = read.ref(Kind.FIELD, value)
    if len(chosen) != 1:
        read.problems.add(
            node.location,
            "a test of a field needs one of is, contains, above, below, blank, known",
            "For example: {field: Status, is: member}",
        )
        return None
    operator = chosen[0]
    if operator in ("blank", "known"):
        if sides[operator].value is not True:
            read.wrong(sides[operator], f"“{operator}: true”")
        return Test(kind=ConditionKind.FIELD, ref=ref, operator=operator) if ref else None
    return Test(kind=ConditionKind.FIELD, ref=ref, operator=operator, value=read.value(sides[operator], "a value")) if ref else None


def _split(read: Reader, node: Node) -> Split | None:
    paths = []
    items = read.items(node, "paths")
    for number, item in enumerate(items):
        keys = read.mapping(item, "a path of a split", ("tag", "steps", "otherwise", "note"))
        note = read.text(keys.get("note"), "a note")
        if "otherwise" in keys:
            if number != len(items) - 1:
                read.problems.add(item.location, "“otherwise” must be the last path", "Nobody gets past it.")
            if "tag" in keys or "steps" in keys:
                read.problems.add(item.location, "“otherwise” stands alone", "Write {otherwise: [steps]}.")
            paths.append(SplitPath(tag=None, steps=read_steps(read, keys["otherwise"]), location=item.location, note=note))
        elif tag := read.ref(Kind.TAG, keys.get("tag")):
            paths.append(SplitPath(tag=tag, steps=read_steps(read, keys.get("steps")), location=item.location, note=note))
        elif "tag" not in keys and isinstance(item.value, dict):
            read.problems.add(item.location, "a path of a split needs a tag or “otherwise”", "Write {tag: VIP, steps: [...]}.")
    if not items:
        read.problems.add(node.location, "a split needs paths", "Write [{tag: VIP, steps: [...]}, {otherwise: [...]}].")
    return Split(paths=tuple(paths)) if paths else None


def _events(read: Reader, node: Node) -> Events | None:
    paths = []
    items = read.items(node, "events")
    for item in items:
        keys = read.mapping(item, "one of several events", ("event", "steps", "note"))
        if "event" not in keys:
            if isinstance(item.value, dict):
                read.problems.add(
                    item.location, "one of several events needs “event”", "Write {event: {tag_added: Customer}, steps: [...]}."
                )
            continue
        happening = read_happening(read, keys["event"], EVENTS, "an event")
        steps = read_steps(read, keys.get("steps"))
        if happening:
            paths.append(EventPath(happening=happening, steps=steps, location=item.location, note=read.text(keys.get("note"), "a note")))
    if not items:
        read.problems.add(node.location, "“events” needs at least one event", "Write [{event: {tag_added: Customer}, steps: [...]}].")
    return Events(paths=tuple(paths)) if paths else None
