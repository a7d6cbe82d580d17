"""What feeds a sequence, and what waits behind it."""

from __future__ import annotations

from ckaudit.model.account import Sequence
from ckaudit.model.automations import AutomationStatus, Integration, KitRule, RuleAction, RuleActionKind
from ckaudit.model.refs import Key, Kind, Ref
from ckaudit.model.steps import AddTag, Delay, Enrol, Event, Exit, RemoveTag
from ckaudit.model.triggers import Trigger, TriggerKind
from tests.graph.accounts import account_of, automation, graph_of, has_tag, mail, seq

TAG = Ref(Kind.TAG, "Customer", 1)
FIVE = Key(Kind.SEQUENCE, 5)
GOAL = Event(trigger=Trigger(kind=TriggerKind.TAG_ADDED, ref=TAG))
ENTRY = (Trigger(kind=TriggerKind.TAG_ADDED, ref=TAG),)


def test_active_and_paused_automations_rules_and_integrations_feed() -> None:
    graph = graph_of(
        account_of(Sequence(5, "S")),
        automations=(
            automation(Enrol(sequence=seq(5))),
            automation(Enrol(sequence=seq(5)), name="P", status=AutomationStatus.PAUSED),
            automation(Enrol(sequence=seq(5)), name="I", status=AutomationStatus.INACTIVE),
        ),
        rules=(KitRule(when=ENTRY, do=(RuleAction(kind=RuleActionKind.SUBSCRIBE_SEQUENCE, ref=seq(5)),)),),
        external=(Integration(name="Zapier", adds_to_sequences=(seq(5),)),),
    )
    assert [cause.object.name for cause in graph.feeders(FIVE)] == ["Automation", "P", "rule 1", "Zapier"]


def test_a_step_behind_a_holding_sequence_feeds_nobody() -> None:
    steps = (Enrol(sequence=seq(4)), Enrol(sequence=seq(5)))
    graph = graph_of(account_of(Sequence(4, "H", hold=True), Sequence(5, "S")), automations=(automation(*steps),))
    assert graph.feeders(FIVE) == ()


def test_a_goal_pulls_people_past_a_holding_sequence() -> None:
    steps = (Enrol(sequence=seq(4)), GOAL, Enrol(sequence=seq(5)))
    graph = graph_of(account_of(Sequence(4, "H", hold=True), Sequence(5, "S")), automations=(automation(*steps),))
    assert len(graph.feeders(FIVE)) == 1


def test_a_sequence_nobody_is_in_and_nothing_feeds_is_not_fed() -> None:
    assert not graph_of(account_of(Sequence(5, "S", subscriber_count=0))).may_be_fed(FIVE)
    assert graph_of(account_of(Sequence(5, "S", subscriber_count=1))).may_be_fed(FIVE)


def test_a_sequence_without_a_count_may_be_fed() -> None:
    assert graph_of(account_of(Sequence(5, "S"))).may_be_fed(FIVE)


def test_steps_next_stop_at_a_goal_and_leave_out_what_does_nothing() -> None:
    question = has_tag(TAG, AddTag(tag=TAG), Exit(), otherwise=(Delay(seconds=60, text="1 minute"),))
    steps = (Enrol(sequence=seq(5)), question, RemoveTag(tag=TAG), GOAL, AddTag(tag=TAG))
    graph = graph_of(account_of(Sequence(5, "S"), mails=(mail(5, 1),)), automations=(automation(*steps),))
    flow = graph.flows[0]
    assert [node.id for node in flow.steps_next(flow.enrolling(FIVE)[0])] == ["0/s1/then/s0", "0/s2"]
