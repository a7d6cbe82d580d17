"""Durations and steps in words."""

from __future__ import annotations

import pytest

from ckaudit.graph.words import duration, step_label, trigger_label
from ckaudit.model.automations import AddTag, AnyStep, ConditionKind, Delay, Exit, If, SetField, Test, Trigger, TriggerKind
from ckaudit.model.refs import Kind, Ref

CUSTOMER = Ref(Kind.TAG, "Customer")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "no time"),
        (45, "45 seconds"),
        (60, "1 minute"),
        (300, "5 minutes"),
        (3600, "1 hour"),
        (5400, "90 minutes"),
        (86400, "1 day"),
        (129600, "36 hours"),
        (172800, "2 days"),
        (604800, "1 week"),
        (605100, "about 7 days"),
        (59, "59 seconds"),
    ],
)
def test_a_duration_is_said_in_the_largest_whole_unit(seconds: int, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("step", "verb", "name", "sentence"),
    [
        (AddTag(tag=CUSTOMER), "Add tag", "Customer", "Add tag “Customer”"),
        (Delay(seconds=300, text="5 minutes"), "Delay", "5 minutes", "Delay 5 minutes"),
        (SetField(field=CUSTOMER, value="yes"), "Set field", "Customer to “yes”", "Set field “Customer”"),
        (SetField(field=CUSTOMER, value=None), "Clear field", "Customer", "Clear field “Customer”"),
        (If(test=Test(kind=ConditionKind.TAG, ref=CUSTOMER)), "Has tag?", "Customer", "Has tag “Customer”?"),
        (Exit(), "Exit this automation", "", "Exit this automation"),
    ],
)
def test_a_step_says_the_same_in_a_box_and_in_a_sentence(step: AnyStep, verb: str, name: str, sentence: str) -> None:
    assert step_label(step) == (verb, name, sentence)


@pytest.mark.parametrize(
    ("test", "sentence"),
    [
        (Test(kind=ConditionKind.FIELD, ref=CUSTOMER, operator="above", value="5"), "Field “Customer” is above “5”?"),
        (Test(kind=ConditionKind.FIELD, ref=CUSTOMER, operator="blank"), "Field “Customer” is blank?"),
        (Test(kind=ConditionKind.OPENED, seconds=86400), "Opened an email within 1 day?"),
    ],
)
def test_a_condition_is_a_question(test: Test, sentence: str) -> None:
    assert step_label(If(test=test)).sentence == sentence


@pytest.mark.parametrize(
    ("trigger", "verb", "name", "sentence"),
    [
        (Trigger(kind=TriggerKind.JOINS_FORM), "Joins any form", "", "Joins any form"),
        (Trigger(kind=TriggerKind.JOINS_FORM, ref=CUSTOMER), "Joins a form", "Customer", "Joins “Customer”"),
        (Trigger(kind=TriggerKind.TAG_ADDED, ref=CUSTOMER), "Tag is added", "Customer", "Tag “Customer” is added"),
        (
            Trigger(kind=TriggerKind.FIELD_CHANGED, ref=CUSTOMER, value="a"),
            "Field changes",
            "Customer to “a”",
            "Field “Customer” changes to “a”",
        ),
        (Trigger(kind=TriggerKind.DATE, value="2026-12-01"), "Date occurs", "2026-12-01", "Date 2026-12-01 occurs"),
    ],
)
def test_a_trigger_says_the_same_in_a_box_and_in_a_sentence(trigger: Trigger, verb: str, name: str, sentence: str) -> None:
    assert trigger_label(trigger) == (verb, name, sentence)
