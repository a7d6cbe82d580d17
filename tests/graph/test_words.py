"""Durations and steps in words."""

from __future__ import annotations

import pytest

from ckaudit.graph.words import duration, step_label, trigger_label, with_article
from ckaudit.model.refs import Kind, Ref
from ckaudit.model.steps import AddTag, AnyStep, ConditionKind, Delay, Exit, If, SetField
from ckaudit.model.steps import Test as Condition
from ckaudit.model.triggers import Trigger, TriggerKind

VIP = Ref(Kind.TAG, "VIP")


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
        (AddTag(tag=VIP), "Add tag", "VIP", "Add tag “VIP”"),
        (Delay(seconds=300, text="5 minutes"), "Delay", "5 minutes", "Delay 5 minutes"),
        (SetField(field=VIP, value="yes"), "Set field", "VIP to “yes”", "Set field “VIP”"),
        (SetField(field=VIP, value=None), "Clear field", "VIP", "Clear field “VIP”"),
        (If(test=Condition(kind=ConditionKind.TAG, ref=VIP)), "Has tag?", "VIP", "Has tag “VIP”?"),
        (Exit(), "Exit this automation", "", "Exit this automation"),
    ],
)
def test_a_step_says_the_same_in_a_box_and_in_a_sentence(step: AnyStep, verb: str, name: str, sentence: str) -> None:
    assert step_label(step) == (verb, name, sentence)


@pytest.mark.parametrize(
    ("test", "sentence"),
    [
        (Condition(kind=ConditionKind.FIELD, ref=VIP, operator="above", value="5"), "Field “VIP” is above “5”?"),
        (Condition(kind=ConditionKind.FIELD, ref=VIP, operator="blank"), "Field “VIP” is blank?"),
        (Condition(kind=ConditionKind.OPENED, seconds=86400), "Opened an email within 1 day?"),
    ],
)
def test_a_condition_is_a_question(test: Condition, sentence: str) -> None:
    assert step_label(If(test=test)).sentence == sentence


@pytest.mark.parametrize(
    ("trigger", "verb", "name", "sentence"),
    [
        (Trigger(kind=TriggerKind.JOINS_FORM), "Joins any form", "", "Joins any form"),
        (Trigger(kind=TriggerKind.JOINS_FORM, ref=VIP), "Joins a form", "VIP", "Joins “VIP”"),
        (Trigger(kind=TriggerKind.TAG_ADDED, ref=VIP), "Tag is added", "VIP", "Tag “VIP” is added"),
        (
            Trigger(kind=TriggerKind.FIELD_CHANGED, ref=VIP, value="1"),
            "Field changes",
            "VIP to “1”",
            "Field “VIP” changes to “1”",
        ),
        (Trigger(kind=TriggerKind.DATE, value="2026-12-01"), "Date occurs", "2026-12-01", "Date 2026-12-01 occurs"),
    ],
)
def test_a_trigger_says_the_same_in_a_box_and_in_a_sentence(trigger: Trigger, verb: str, name: str, sentence: str) -> None:
    assert trigger_label(trigger) == (verb, name, sentence)


def test_a_noun_has_its_article() -> None:
    assert [with_article(name) for name in ("purchase tag", "access tag", "early contact tag")] == [
        "a purchase tag",
        "an access tag",
        "an early contact tag",
    ]
