"""What an account uses that the free plan does not have."""

from __future__ import annotations

import pytest

from ckaudit.graph.plan import PaidFeature, is_trial, plan_facts
from ckaudit.model.account import AccountInfo, Plan, Sequence
from ckaudit.model.automations import AutomationStatus
from ckaudit.model.refs import Kind, Ref
from ckaudit.model.steps import Event, If
from ckaudit.model.triggers import Trigger, TriggerKind
from tests.graph.accounts import NOW, account_of, automation, graph_of, has_tag

VIP = Ref(Kind.TAG, "VIP")
GOAL = Event(trigger=Trigger(kind=TriggerKind.TAG_ADDED, ref=VIP))
QUESTION = has_tag(VIP)


@pytest.mark.parametrize(
    ("name", "free", "paid", "title"),
    [
        ("free", True, False, "Newsletter"),
        ("creator", False, True, "Creator"),
        ("creator_pro", False, True, "Pro"),
        ("Pro", False, True, "Pro"),
        ("enterprise", False, False, "enterprise"),
        (" ", False, False, ""),
        (None, False, False, ""),
    ],
)
def test_a_plan_is_known_by_its_name(name: str | None, free: bool, paid: bool, title: str) -> None:
    plan = plan_facts(AccountInfo(1, plan_type=name), NOW)
    assert (plan.is_free, plan.is_paid, plan.title) == (free, paid, title)


def test_the_nested_plan_counts_before_the_old_field() -> None:
    assert plan_facts(AccountInfo(1, plan_type="creator", plan=Plan(plan_type="free")), NOW).is_free


def test_no_account_has_no_plan() -> None:
    assert plan_facts(None, NOW).name == ""


def features(**parts: object) -> list[PaidFeature]:
    sequences = parts.pop("sequences", ())
    return [use.feature for use in graph_of(account_of(*sequences), **parts).paid_uses()]  # type: ignore[misc]


def test_one_basic_automation_and_one_sequence_are_free() -> None:
    assert features(sequences=(Sequence(1, "S", active=True),), automations=(automation(),)) == []


def test_a_second_automation_counts_only_while_active() -> None:
    paused = automation(name="B", status=AutomationStatus.PAUSED)
    assert features(automations=(automation(), paused)) == []
    assert features(automations=(automation(), automation(name="B"))) == [PaidFeature.SEVERAL_AUTOMATIONS]


@pytest.mark.parametrize("step", [GOAL, QUESTION])
def test_events_and_conditions_count_unless_the_automation_is_inactive(step: Event | If) -> None:
    assert features(automations=(automation(step),)) == [PaidFeature.EVENTS_OR_CONDITIONS]
    assert features(automations=(automation(step, status=AutomationStatus.INACTIVE),)) == []


def test_sequences_count_only_when_kit_says_that_they_are_active() -> None:
    assert features(sequences=(Sequence(1, "S", active=True), Sequence(2, "T"), Sequence(3, "U", active=False))) == []
    two = (Sequence(1, "S", active=True), Sequence(2, "T", active=True, hold=True))
    assert features(sequences=two) == [PaidFeature.SEVERAL_SEQUENCES, PaidFeature.HOLD]


SOON, PAST = "2026-12-04T00:00:00Z", "2026-03-04T00:00:00Z"


@pytest.mark.parametrize(
    ("plan", "trial"),
    [
        (Plan(on_trial=True), True),
        (Plan(on_trial=True, trial_lapse_date=SOON), True),
        (Plan(on_trial=False, trial_lapse_date=SOON, cancels_at=SOON), True),
        (Plan(on_trial=False, trial_lapse_date=SOON), True),
        (Plan(on_trial=False, trial_lapse_date=SOON, renews_at=SOON), False),
        (Plan(on_trial=False, trial_lapse_date=SOON, cancels_at="2027-01-01T00:00:00Z"), False),
        (Plan(on_trial=True, trial_lapse_date=PAST), False),
        (Plan(on_trial=False, trial_lapse_date=PAST, cancels_at=PAST), False),
        (Plan(on_trial=False), False),
        (Plan(trial_lapse_date="soon"), False),
    ],
)
def test_a_trial_shows_in_its_dates_not_only_in_its_switch(plan: Plan, trial: bool) -> None:
    assert is_trial(plan, NOW) is trial
