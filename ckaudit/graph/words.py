"""Entries, steps and conditions in the words of Kit's screens."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple, assert_never

from ckaudit.model.steps import (
    AddTag,
    AnyStep,
    AppAction,
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
    Test,
)
from ckaudit.model.triggers import Trigger, TriggerKind


class Label(NamedTuple):
    """What an entry, a step or a condition says: a box has a small line (``Tag is added``) above its ``name`` (``Customer``), a
    ``sentence`` has both (``Tag “Customer” is added``)."""

    verb: str
    name: str
    sentence: str


def describe(trigger: Trigger) -> str:
    """A trigger as a sentence."""
    return trigger_label(trigger).sentence


def describe_step(step: AnyStep) -> str:
    """A step as a sentence."""
    return step_label(step).sentence


def trigger_label(trigger: Trigger) -> Label:
    """What an entry or an event says."""
    name, value = trigger.ref.name if trigger.ref else "", trigger.value
    match trigger.kind:
        case TriggerKind.JOINS_FORM:
            return Label("Joins a form", name, f"Joins “{name}”") if name else _label("Joins any form")
        case TriggerKind.TAG_ADDED:
            return _label("Tag {} is added", name)
        case TriggerKind.TAG_REMOVED:
            return _label("Tag {} is removed", name)
        case TriggerKind.FIELD_CHANGED:
            to = "" if value is None else f" to “{value}”"
            return Label("Field changes", name + to, f"Field “{name}” changes{to}")
        case TriggerKind.PURCHASES:
            return _label("Purchases {}", name)
        case TriggerKind.APP_EVENT:
            return _label("App event {}", value or name)
        case TriggerKind.DATE:
            return Label("Date occurs", value or name, f"Date {value} occurs")
        case TriggerKind.SUBSCRIBES_TO_SEQUENCE:
            return _label("Subscribes to sequence {}", name)
        case TriggerKind.COMPLETES_SEQUENCE:
            return _label("Completes sequence {}", name)
        case TriggerKind.CLICKS_LINK:
            return Label("Clicks a link", value or name, "Clicks a link")
        case _:
            assert_never(trigger.kind)


def step_label(step: AnyStep) -> Label:
    """What a step says."""
    match step:
        case AddTag():
            return _label("Add tag {}", step.tag.name)
        case RemoveTag():
            return _label("Remove tag {}", step.tag.name)
        case Enrol():
            return _label("Email sequence {}", step.sequence.name)
        case Delay():
            return Label("Delay", step.text, f"Delay {step.text}")
        case SetField():
            if step.value is None:
                return _label("Clear field {}", step.field.name)
            return Label("Set field", f"{step.field.name} to “{step.value}”", f"Set field “{step.field.name}”")
        case StartAutomation():
            return _label("Start automation {}", step.automation.name)
        case RemoveFromAutomation():
            return _label("Remove from automation {}", step.automation.name)
        case AppAction():
            return _label("App action {}", step.app_action.name)
        case Exit():
            return _label("Exit this automation")
        case If():
            return test_label(step.test)
        case Split():
            return _label("Split by tag")
        case Event():
            return trigger_label(step.trigger)
        case Events():
            return _label("Whichever happens first")
        case _:
            assert_never(step)


def test_label(test: Test) -> Label:
    """What a condition asks."""
    name = test.ref.name if test.ref else ""
    match test.kind:
        case ConditionKind.TAG:
            return _label("Has tag {}?", name)
        case ConditionKind.FIELD:
            asked = _OPERATORS[test.operator] + (f" “{test.value}”" if test.value is not None else "")
            return Label("Field?", f"{name} {asked}", f"Field “{name}” {asked}?")
        case ConditionKind.FILTER:
            return _label("Matches filter {}?", test.value or "")
        case ConditionKind.OPENED:
            within = f"within {duration(test.seconds or 0)}"
            return Label("Opened an email?", within, f"Opened an email {within}?")
        case _:
            assert_never(test.kind)


_OPERATORS = {"is": "is", "contains": "contains", "above": "is above", "below": "is below", "blank": "is blank", "known": "is known"}


def _label(words: str, name: str = "") -> Label:
    """A label of words with a gap for the name."""
    return Label(words.replace(" {}", ""), name, words.replace("{}", f"“{name}”"))


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


def name_list(names: Iterable[str], most: int = 3, last: str = "and", more: int = 0) -> str:
    """Names in quotation marks, cut short: ``“A”, “B”, “C” and 2 more``. ``last`` stands before the last one: ``“A” or “B”``. ``more``
    are there beside the given ones."""
    every = list(names)
    hidden = more + max(0, len(every) - most)
    if hidden:
        return f"{', '.join(f'“{name}”' for name in every[:most])} and {hidden} more"
    quoted = [f"“{name}”" for name in every]
    return f" {last} ".join(part for part in (", ".join(quoted[:-1]), quoted[-1]) if part) if quoted else ""


def with_article(name: str) -> str:
    """A noun with its article: "a purchase tag", "an access tag"."""
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def headcount(number: int) -> str:
    """A number of people in words: ``1 person``, ``7 people``."""
    return "1 person" if number == 1 else f"{number} people"


def share_of(part: int, whole: int) -> str:
    """A part of some people in words: ``7 of the 41 people``, ``All 41 people``, ``The only person``."""
    if part == whole:
        return "The only person" if whole == 1 else f"All {whole} people"
    return f"{part} of the {whole} people"


# said at the end of a name, in front of what it is, or behind what makes it one: "Course A launch", "Sales emails", "Special offer inside"
_WORD = r"(?:pitch|sales?|launch|offer|promo|deal|discount|upsell|cart)(?:es|s)?"
_MAILS = r"(?:e-?mails?|mails?|sequence|series|campaign|funnel|weeks?)"
_SELLS = re.compile(
    rf"\b{_WORD}\s*(?:$|[-:–(]|{_MAILS}\s*(?:$|[-:–(\d]|for\b)|20\d\d\b|\d+\s*$)"
    rf"|\b(?:special|big|limited|final|last|flash|early[ -]?bird|black friday)\s+{_WORD}\b|\bcart\s+(?:open|clos)",
    re.IGNORECASE,
)
_TEACHES = re.compile(r"\b(?:how to|free|lead magnet|freebie)\b", re.IGNORECASE)


def is_pitch_name(name: str) -> bool:
    """True for the name of a sequence that says that it sells: `Course A launch`, `Big offer`, `Sales emails`."""
    return bool(_SELLS.search(name)) and not _TEACHES.search(name)
