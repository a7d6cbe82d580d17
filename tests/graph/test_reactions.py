"""What an automation sets off elsewhere."""

from __future__ import annotations

from ckaudit.graph.causes import Cause
from ckaudit.graph.graph import Graph
from ckaudit.model.account import Sequence
from ckaudit.model.automations import AutomationStatus, Integration, KitRule, RuleAction, RuleActionKind
from ckaudit.model.refs import Kind, Ref
from ckaudit.model.steps import AddTag, Enrol, RemoveTag, StartAutomation
from ckaudit.model.triggers import Trigger, TriggerKind
from tests.graph.accounts import account_of, automation, graph_of, seq

X, Y, Z = (Ref(Kind.TAG, name, number) for number, name in enumerate("XYZ", 1))
FORM = Ref(Kind.FORM, "Form", 1)
ON_X, ON_Y, ON_Z = (Trigger(kind=TriggerKind.TAG_ADDED, ref=tag) for tag in (X, Y, Z))
JOINS = Trigger(kind=TriggerKind.JOINS_FORM, ref=FORM)
FIRST = automation(AddTag(tag=Y), name="First", entries=(ON_X,))
CLEANS = automation(RemoveTag(tag=Y), name="Cleans", entries=(ON_Y,))


def rule(when: Trigger, kind: RuleActionKind, ref: Ref, *, enabled: bool = True) -> KitRule:
    return KitRule(name="Rule", enabled=enabled, when=(when,), do=(RuleAction(kind=kind, ref=ref),))


def names(graph: Graph) -> list[str]:
    return stated(graph.reactions.of_flow(graph.flows[0]))


def stated(causes: tuple[Cause, ...]) -> list[str]:
    return [f"{cause.object.name} {cause.effect} {cause.target.id}" for cause in causes]


def test_an_automation_on_a_tag_it_adds() -> None:
    assert names(graph_of(automations=(FIRST, CLEANS))) == ["Cleans removes 2"]


def test_a_rule_on_a_tag_it_adds() -> None:
    assert names(graph_of(automations=(FIRST,), rules=(rule(ON_Y, RuleActionKind.REMOVE_TAG, Y),))) == ["Rule removes 2"]


def test_a_rule_on_its_own_entry() -> None:
    assert names(graph_of(automations=(FIRST,), rules=(rule(ON_X, RuleActionKind.REMOVE_TAG, Y),))) == ["Rule removes 2"]


def test_what_these_set_off_in_turn() -> None:
    passes_on = automation(AddTag(tag=Z), name="Passes on", entries=(ON_Y,))
    graph = graph_of(automations=(FIRST, passes_on), rules=(rule(ON_Z, RuleActionKind.REMOVE_TAG, Y),))
    assert names(graph) == ["Passes on applies 3", "Rule removes 2"]


def test_an_automation_it_starts_directly() -> None:
    starter = automation(StartAutomation(automation=Ref(Kind.AUTOMATION, "Other")), name="Starter", entries=(ON_X,))
    assert names(graph_of(automations=(starter, automation(AddTag(tag=Z), name="Other")))) == ["Other applies 3"]


def test_the_end_of_its_sequence() -> None:
    ends = Trigger(kind=TriggerKind.COMPLETES_SEQUENCE, ref=seq(5))
    mails = automation(Enrol(sequence=seq(5)), name="Mails", entries=(ON_X,))
    graph = graph_of(account_of(Sequence(5, "S")), automations=(mails,), rules=(rule(ends, RuleActionKind.ADD_TAG, Z),))
    assert names(graph) == ["Rule applies 3"]


def test_any_form_listens_to_the_form_a_rule_joins() -> None:
    anything = automation(AddTag(tag=Z), name="Any", entries=(Trigger(kind=TriggerKind.JOINS_FORM),))
    graph = graph_of(automations=(FIRST, anything), rules=(rule(ON_Y, RuleActionKind.SUBSCRIBE_FORM, FORM),))
    assert "Any applies 3" in names(graph)


def test_switched_off_listeners_do_nothing() -> None:
    asleep = automation(RemoveTag(tag=Y), name="Asleep", entries=(ON_Y,), status=AutomationStatus.INACTIVE)
    graph = graph_of(automations=(FIRST, asleep), rules=(rule(ON_Y, RuleActionKind.REMOVE_TAG, Y, enabled=False),))
    assert names(graph) == []


def test_a_step_behind_a_holding_sequence_does_nothing() -> None:
    held = automation(Enrol(sequence=seq(5)), RemoveTag(tag=Y), name="Held", entries=(ON_Y,))
    graph = graph_of(account_of(Sequence(5, "S", hold=True)), automations=(FIRST, held))
    assert names(graph) == ["Held enrols 5"]


def test_listeners_to_something_else_have_no_part() -> None:
    other = automation(RemoveTag(tag=Y), name="Other", entries=(ON_Z,))
    graph = graph_of(automations=(FIRST, other), rules=(rule(JOINS, RuleActionKind.REMOVE_TAG, Y),))
    assert names(graph) == []
    assert not graph.removed_elsewhere(graph.flows[0], Y.key)


def test_a_cycle_comes_to_an_end() -> None:
    back = automation(AddTag(tag=X), name="Back", entries=(ON_Y,))
    assert names(graph_of(automations=(FIRST, back))) == ["Back applies 1"]


def test_single_causes_can_be_asked() -> None:
    graph = graph_of(automations=(FIRST, CLEANS))
    steps = [cause for cause in graph.causes.all if cause.flow is graph.flows[0]]
    assert stated(graph.reactions.of_causes(steps)) == ["Cleans removes 2"]
    assert graph.reactions.of_causes([]) == ()


def test_single_causes_may_come_back_to_themselves() -> None:
    back = automation(AddTag(tag=X), name="Back", entries=(ON_Y,))
    graph = graph_of(automations=(FIRST, back))
    steps = [cause for cause in graph.causes.all if cause.flow is graph.flows[0]]
    assert stated(graph.reactions.of_causes(steps)) == ["First applies 2", "Back applies 1"]


def test_a_tag_taken_off_by_a_site_or_by_what_is_set_off_is_removed_elsewhere() -> None:
    for graph in (
        graph_of(automations=(FIRST,), external=(Integration(name="Site", removes_tags=(Y,)),)),
        graph_of(automations=(FIRST, CLEANS)),
    ):
        assert graph.removed_elsewhere(graph.flows[0], Y.key)


def test_its_own_removal_is_not_elsewhere() -> None:
    graph = graph_of(automations=(automation(AddTag(tag=Y), RemoveTag(tag=Y), name="First", entries=(ON_X,)),))
    assert not graph.removed_elsewhere(graph.flows[0], Y.key)


def test_one_of_several_tags_is_enough_to_be_added_elsewhere() -> None:
    graph = graph_of(automations=(FIRST,), rules=(rule(ON_Y, RuleActionKind.ADD_TAG, Z),))
    assert graph.added_elsewhere(graph.flows[0], (X.key, Z.key))
    assert not graph.added_elsewhere(graph.flows[0], (X.key, Y.key))
