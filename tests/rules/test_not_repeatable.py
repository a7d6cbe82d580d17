"""When a sequence is filled from several places, another rule tells the story."""

from __future__ import annotations

from typing import Any

from ckaudit.model.account import Sequence
from ckaudit.model.automations import Automation, AutomationStatus, Integration
from ckaudit.model.refs import Kind, Ref
from ckaudit.model.steps import AnyStep, Delay, Enrol
from tests.graph.accounts import account_of, automation, graph_of, has_tag, seq
from tests.rules.one_rule import variants

TAG = Ref(Kind.TAG, "Customer", 1)
ENROL = Enrol(sequence=seq(5))
WAIT = Delay(seconds=300, text="5 minutes")


def recurring(*steps: AnyStep, **fields: Any) -> Automation:
    return automation(*steps, recurring=True, **fields)


def several(*automations: Automation, **manifest: object) -> bool:
    """True when the sequence is filled from several places, so that this rule leaves it to another."""
    graph = graph_of(account_of(Sequence(5, "S")), automations=automations, **manifest)
    return variants("sequences/not_repeatable", graph) != ["recurring"]


def test_two_branches_are_one_place_two_steps_on_one_path_are_two() -> None:
    assert not several(recurring(ENROL))
    assert not several(recurring(has_tag(TAG, ENROL, otherwise=(WAIT, ENROL))))
    assert several(recurring(ENROL, WAIT, ENROL))


def test_different_things_are_several_places_unless_switched_off() -> None:
    assert several(recurring(ENROL), recurring(ENROL, name="B"))
    assert several(recurring(ENROL), external=(Integration(name="Zapier", adds_to_sequences=(seq(5),)),))
    assert not several(recurring(ENROL), recurring(ENROL, name="B", status=AutomationStatus.INACTIVE))
