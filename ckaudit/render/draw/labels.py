"""What stands in a box: a verb and a name, in the words of Kit's screens."""

from __future__ import annotations

from typing import assert_never

from ckaudit.graph.words import duration
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
    Test,
    Trigger,
    TriggerKind,
)

_TRIGGERS = {
    TriggerKind.JOINS_FORM: "Joins a form",
    TriggerKind.TAG_ADDED: "Tag is added",
    TriggerKind.TAG_REMOVED: "Tag is removed",
    TriggerKind.FIELD_CHANGED: "Field changes",
    TriggerKind.PURCHASES: "Purchases",
    TriggerKind.APP_EVENT: "App event",
    TriggerKind.DATE: "Date occurs",
    TriggerKind.CLICKS_LINK: "Clicks a link",
    TriggerKind.SUBSCRIBES_TO_SEQUENCE: "Subscribes to sequence",
    TriggerKind.COMPLETES_SEQUENCE: "Completes sequence",
}
_OPERATORS = {"is": "is", "contains": "contains", "above": "is above", "below": "is below", "blank": "is blank", "known": "is known"}


def trigger_label(trigger: Trigger) -> tuple[str, str]:
    """An entry or event: ``("Tag is added", "Customer")``."""
    name = trigger.ref.name if trigger.ref else ""
    match trigger.kind:
        case TriggerKind.JOINS_FORM if not name:
            return "Joins any form", ""
        case TriggerKind.FIELD_CHANGED if trigger.value is not None:
            return "Field changes", f"{name} to “{trigger.value}”"
        case TriggerKind.APP_EVENT | TriggerKind.DATE | TriggerKind.CLICKS_LINK:
            return _TRIGGERS[trigger.kind], trigger.value or name
        case _:
            return _TRIGGERS[trigger.kind], name


def step_label(step: AnyStep) -> tuple[str, str]:
    """A step: ``("Add tag", "Customer")``."""
    match step:
        case AddTag() | RemoveTag():
            return "Add tag" if isinstance(step, AddTag) else "Remove tag", step.tag.name
        case Enrol():
            return "Email sequence", step.sequence.name
        case Delay():
            return "Delay", step.text
        case SetField():
            cleared = step.value is None
            return ("Clear field", step.field.name) if cleared else _set_field(step)
        case StartAutomation():
            return "Start automation", step.automation.name
        case RemoveFromAutomation():
            return "Remove from automation", step.automation.name
        case Exit():
            return "Exit this automation", ""
        case If():
            return test_label(step.test)
        case Split():
            return "Split by tag", ""
        case Event():
            return trigger_label(step.trigger)
        case Events():
            return "Whichever happens first", ""
        case _:
            assert_never(step)


def _set_field(step: SetField) -> tuple[str, str]:
    return "Set field", f"{step.field.name} to “{step.value}”"


def test_label(test: Test) -> tuple[str, str]:
    """A condition: ``("Has tag?", "Customer")``."""
    name = test.ref.name if test.ref else ""
    match test.kind:
        case ConditionKind.TAG:
            return "Has tag?", name
        case ConditionKind.FIELD:
            value = f" “{test.value}”" if test.value is not None else ""
            return "Field?", f"{name} {_OPERATORS[test.operator]}{value}"
        case ConditionKind.FILTER:
            return "Matches filter?", test.value or ""
        case ConditionKind.OPENED:
            return "Opened an email?", f"within {duration(test.seconds or 0)}"
        case _:
            assert_never(test.kind)
