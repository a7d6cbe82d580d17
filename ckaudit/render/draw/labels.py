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
from ckaudit.render.texts import Texts


def trigger_label(trigger: Trigger, texts: Texts) -> tuple[str, str]:
    """An entry or event: ``("Tag is added", "Customer")``."""
    name = trigger.ref.name if trigger.ref else ""
    match trigger.kind:
        case TriggerKind.JOINS_FORM if not name:
            return texts("step.joins_any_form"), ""
        case TriggerKind.FIELD_CHANGED if trigger.value is not None:
            return texts("step.field_changed"), texts("step.field_to", field=name, value=trigger.value)
        case TriggerKind.APP_EVENT | TriggerKind.DATE | TriggerKind.CLICKS_LINK:
            return texts(f"step.{trigger.kind}"), trigger.value or name
        case _:
            return texts(f"step.{trigger.kind}"), name


def step_label(step: AnyStep, texts: Texts) -> tuple[str, str]:
    """A step: ``("Add tag", "Customer")``."""
    match step:
        case AddTag() | RemoveTag():
            return texts("step.add_tag" if isinstance(step, AddTag) else "step.remove_tag"), step.tag.name
        case Enrol():
            return texts("step.sequence"), step.sequence.name
        case Delay():
            return texts("step.delay"), step.text
        case SetField():
            cleared = step.value is None
            return (texts("step.clear_field"), step.field.name) if cleared else _set_field(step, texts)
        case StartAutomation():
            return texts("step.start_automation"), step.automation.name
        case RemoveFromAutomation():
            return texts("step.remove_from_automation"), step.automation.name
        case Exit():
            return texts("step.exit"), ""
        case If():
            return test_label(step.test, texts)
        case Split():
            return texts("step.split"), ""
        case Event():
            return trigger_label(step.trigger, texts)
        case Events():
            return texts("step.events"), ""
        case _:
            assert_never(step)


def _set_field(step: SetField, texts: Texts) -> tuple[str, str]:
    return texts("step.set_field"), texts("step.field_to", field=step.field.name, value=step.value)


def test_label(test: Test, texts: Texts) -> tuple[str, str]:
    """A condition: ``("Has tag?", "Customer")``."""
    name = test.ref.name if test.ref else ""
    match test.kind:
        case ConditionKind.TAG:
            return texts("step.has_tag"), name
        case ConditionKind.FIELD:
            value = f" “{test.value}”" if test.value is not None else ""
            return texts("step.has_field"), f"{name} {texts(f'operator.{test.operator}')}{value}"
        case ConditionKind.FILTER:
            return texts("step.filter"), test.value or ""
        case ConditionKind.OPENED:
            return texts("step.opened"), texts("step.within", time=duration(test.seconds or 0))
        case _:
            assert_never(test.kind)
