"""Entries, steps and conditions in the words of Kit's screens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from ckaudit.model.automations import (
    AddTag,
    AnyStep,
    ConditionKind,
    Delay,
    Enrol,
    Event,
    Events,
    Exit,
    If,
    RemoveFromAutomation,
    RemoveTag,
    SetField,
    Split,
    StartAutomation,
    Trigger,
    TriggerKind,
)


def describe(trigger: Trigger) -> str:
    """A trigger in Kit's words."""
    name = f"“{trigger.ref.name}”" if trigger.ref else ""
    match trigger.kind:
        case TriggerKind.JOINS_FORM:
            return f"Joins {name}" if name else "Joins any form"
        case TriggerKind.TAG_ADDED:
            return f"Tag {name} is added"
        case TriggerKind.TAG_REMOVED:
            return f"Tag {name} is removed"
        case TriggerKind.FIELD_CHANGED:
            return f"Field {name} changes" + (f" to “{trigger.value}”" if trigger.value is not None else "")
        case TriggerKind.PURCHASES:
            return f"Purchases {name}"
        case TriggerKind.APP_EVENT:
            return f"App event “{trigger.value}”"
        case TriggerKind.DATE:
            return f"Date {trigger.value} occurs"
        case TriggerKind.SUBSCRIBES_TO_SEQUENCE:
            return f"Subscribes to sequence {name}"
        case TriggerKind.COMPLETES_SEQUENCE:
            return f"Completes sequence {name}"
        case TriggerKind.CLICKS_LINK:
            return "Clicks a link"
        case _:
            assert_never(trigger.kind)


def describe_step(step: AnyStep) -> str:
    """A step in Kit's words."""
    match step:
        case AddTag():
            return f"Add tag “{step.tag.name}”"
        case RemoveTag():
            return f"Remove tag “{step.tag.name}”"
        case Enrol():
            return f"Email sequence “{step.sequence.name}”"
        case Delay():
            return f"Delay {step.text}"
        case SetField():
            return f"Set field “{step.field.name}”" if step.value is not None else f"Clear field “{step.field.name}”"
        case StartAutomation():
            return f"Start automation “{step.automation.name}”"
        case RemoveFromAutomation():
            return f"Remove from automation “{step.automation.name}”"
        case Exit():
            return "Exit this automation"
        case If():
            return describe_test(step)
        case Split():
            return "Split by tag"
        case Event():
            return describe(step.trigger)
        case Events():
            return "Whichever happens first"
        case _:
            assert_never(step)


def describe_test(step: If) -> str:
    """A condition in words."""
    test = step.test
    name = f"“{test.ref.name}”" if test.ref else ""
    if test.kind is ConditionKind.TAG:
        return f"Has tag {name}?"
    if test.kind is ConditionKind.FIELD:
        return f"Field {name} {test.operator} “{test.value}”?" if test.value is not None else f"Field {name} is {test.operator}?"
    if test.kind is ConditionKind.FILTER:
        return f"Matches filter “{test.value}”?"
    return f"Opened an email within {(test.seconds or 0) // 86400} days?"


def duration(seconds: float) -> str:
    """Seconds in words: ``5 minutes``, ``1 day``, ``36 hours``, ``about 7 days``. What is no whole unit is rounded and says so."""
    units = ((7 * 86400, "week"), (86400, "day"), (3600, "hour"), (60, "minute"))
    for size, unit in units:
        if seconds >= size and seconds % size == 0 and seconds <= 120 * size:
            return _count(int(seconds // size), unit)
    for size, unit in units[1:]:
        if seconds >= 2 * size:
            return f"about {_count(round(seconds / size), unit)}"
    return "no time" if seconds == 0 else _count(int(seconds), "second")


def in_whole_units(seconds: int) -> tuple[int, str]:
    """An observed delay as somebody would have planned it: whole minutes, hours or days, ``(300, "5 minutes")`` for 302 seconds.

    Below 30 seconds there was no delay: ``(0, "at once")``. The largest unit that says it within a twentieth or a minute is taken.
    """
    if seconds < 30:
        return 0, "at once"
    size, unit = next((found for found in _UNITS if _says(seconds, found[0])), _UNITS[-1])
    number = max(1, round(seconds / size))
    return number * size, _count(number, unit)


_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"))


def _says(seconds: int, size: int) -> bool:
    count = round(seconds / size)
    return count >= 1 and abs(seconds - count * size) <= max(60, seconds // 20)


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" + ("" if number == 1 else "s")


def name_list(names: Iterable[str], most: int = 3, last: str = "and") -> str:
    """Names in quotation marks, cut short: ``“A”, “B”, “C” and 2 more``. ``last`` stands before the last one: ``“A” or “B”``."""
    every = list(names)
    if len(every) > most:
        return f"{', '.join(f'“{name}”' for name in every[:most])} and {len(every) - most} more"
    quoted = [f"“{name}”" for name in every]
    return f" {last} ".join(part for part in (", ".join(quoted[:-1]), quoted[-1]) if part) if quoted else ""


def headcount(number: int) -> str:
    """A number of people in words: ``1 person``, ``7 people``."""
    return "1 person" if number == 1 else f"{number} people"


def share_of(part: int, whole: int) -> str:
    """A part of some people in words: ``7 of the 41 people``, ``All 41 people``, ``The only person``."""
    if part == whole:
        return "The only person" if whole == 1 else f"All {whole} people"
    return f"{part} of the {whole} people"
