"""What feeds a sequence, and what waits behind it."""

from __future__ import annotations

from ckaudit.graph.feeding import feeders, holds_on_arrival, in_several_places, in_use, steps_next
from ckaudit.model.account import Sequence
from ckaudit.model.automations import (
    AddTag,
    AnyStep,
    Automation,
    AutomationStatus,
    Delay,
    Enrol,
    Event,
    Exit,
    ExternalWriter,
    KitRule,
    RemoveTag,
    RuleAction,
    RuleActionKind,
    StartAutomation,
    Trigger,
    TriggerKind,
)
from ckaudit.model.refs import Key, Kind, Ref
from tests.graph.accounts import account_of, automation, graph_of, has_tag, mail, seq

TAG = Ref(Kind.TAG, "Customer", 1)
FIVE = Key(Kind.SEQUENCE, 5)
GOAL = Event(trigger=Trigger(kind=TriggerKind.TAG_ADDED, ref=TAG))
ENTRY = (Trigger(kind=TriggerKind.TAG_ADDED, ref=TAG),)


def test_active_and_paused_automations_rules_and_outside_writers_feed() -> None:
    graph = graph_of(
        account_of(Sequence(5, "S")),
        automations=(
            automation(Enrol(sequence=seq(5))),
            automation(Enrol(sequence=seq(5)), name="P", status=AutomationStatus.PAUSED),
            automation(Enrol(sequence=seq(5)), name="I", status=AutomationStatus.INACTIVE),
        ),
        rules=(KitRule(when=ENTRY, do=(RuleAction(kind=RuleActionKind.SUBSCRIBE_SEQUENCE, ref=seq(5)),)),),
        external=(ExternalWriter(name="Zapier", adds_to_sequences=(seq(5),)),),
    )
    assert [cause.object.name for cause in feeders(graph, FIVE)] == ["Automation", "P", "rule 1", "Zapier"]


def test_a_step_behind_a_holding_sequence_feeds_nobody() -> None:
    steps = (Enrol(sequence=seq(4)), Enrol(sequence=seq(5)))
    graph = graph_of(account_of(Sequence(4, "H", hold=True), Sequence(5, "S")), automations=(automation(*steps),))
    assert feeders(graph, FIVE) == ()


def test_a_goal_pulls_people_past_a_holding_sequence() -> None:
    steps = (Enrol(sequence=seq(4)), GOAL, Enrol(sequence=seq(5)))
    graph = graph_of(account_of(Sequence(4, "H", hold=True), Sequence(5, "S")), automations=(automation(*steps),))
    assert len(feeders(graph, FIVE)) == 1


def test_a_sequence_nobody_is_in_and_nothing_feeds_is_not_in_use() -> None:
    assert not in_use(graph_of(account_of(Sequence(5, "S", subscriber_count=0))), FIVE)
    assert in_use(graph_of(account_of(Sequence(5, "S", subscriber_count=1))), FIVE)


def test_a_sequence_without_a_count_may_be_in_use() -> None:
    assert in_use(graph_of(account_of(Sequence(5, "S"))), FIVE)


def test_steps_next_stop_at_a_goal_and_leave_out_what_does_nothing() -> None:
    question = has_tag(TAG, AddTag(tag=TAG), Exit(), otherwise=(Delay(seconds=60, text="1 minute"),))
    steps = (Enrol(sequence=seq(5)), question, RemoveTag(tag=TAG), GOAL, AddTag(tag=TAG))
    graph = graph_of(account_of(Sequence(5, "S"), mails=(mail(5, 1),)), automations=(automation(*steps),))
    flow = graph.flows[0]
    assert [node.id for node in steps_next(flow, flow.enrolling(FIVE)[0])] == ["0/s1/then/s0", "0/s2"]


WAIT = Delay(seconds=300, text="5 minutes")
JOINS = (Trigger(kind=TriggerKind.JOINS_FORM, ref=Ref(Kind.FORM, "F", 1)),)
ENROL = Enrol(sequence=seq(5))


def holds(*steps: AnyStep, entries: tuple[Trigger, ...] = ENTRY, others: tuple[Automation, ...] = (), **manifest: object) -> bool:
    graph = graph_of(account_of(Sequence(5, "S")), automations=(automation(*steps, entries=entries), *others), **manifest)
    flow = graph.flows[0]
    return holds_on_arrival(graph, flow, flow.enrolling(FIVE)[0], TAG.key)


def test_the_tag_that_starts_an_automation_is_held() -> None:
    assert holds(ENROL)
    assert holds(WAIT, GOAL, ENROL, entries=JOINS)
    assert holds(AddTag(tag=TAG), ENROL, entries=JOINS)


def test_another_entry_or_another_automation_brings_people_without_it() -> None:
    assert not holds(ENROL, entries=(*ENTRY, *JOINS))
    starter = automation(StartAutomation(automation=Ref(Kind.AUTOMATION, "Automation")), name="Other")
    assert not holds(ENROL, others=(starter,))
    assert not holds(ENROL, entries=())


def test_it_must_be_added_on_every_way() -> None:
    vip = Ref(Kind.TAG, "VIP", 2)
    assert not holds(has_tag(vip, AddTag(tag=TAG)), ENROL, entries=JOINS)
    assert holds(has_tag(vip, AddTag(tag=TAG), otherwise=(AddTag(tag=TAG),)), ENROL, entries=JOINS)


def test_a_goal_may_pull_people_past_the_step_that_adds_it() -> None:
    goal = Event(trigger=Trigger(kind=TriggerKind.TAG_ADDED, ref=Ref(Kind.TAG, "VIP", 2)))
    assert not holds(WAIT, AddTag(tag=TAG), goal, ENROL, entries=JOINS)


def test_whatever_takes_it_off_makes_it_doubtful() -> None:
    assert not holds(RemoveTag(tag=TAG), ENROL)
    assert holds(RemoveTag(tag=TAG), AddTag(tag=TAG), ENROL)
    assert holds(ENROL, RemoveTag(tag=TAG))
    assert not holds(ENROL, external=(ExternalWriter(name="Site", removes_tags=(TAG,)),))
    assert not holds(has_tag(TAG, Exit()), ENROL)


def several(*automations: Automation, **manifest: object) -> bool:
    return in_several_places(graph_of(account_of(Sequence(5, "S")), automations=automations, **manifest), FIVE)


def test_two_branches_are_one_place_two_steps_on_one_way_are_two() -> None:
    assert not several(automation(ENROL))
    assert not several(automation(has_tag(TAG, ENROL, otherwise=(WAIT, ENROL))))
    assert several(automation(ENROL, WAIT, ENROL))


def test_different_things_are_several_places_unless_switched_off() -> None:
    assert several(automation(ENROL), automation(ENROL, name="B"))
    assert several(automation(ENROL), external=(ExternalWriter(name="Zapier", adds_to_sequences=(seq(5),)),))
    assert not several(automation(ENROL), automation(ENROL, name="B", status=AutomationStatus.INACTIVE))
