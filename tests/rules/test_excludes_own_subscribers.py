"""Who has the tag that a sequence excludes when they come to it."""

from __future__ import annotations

from ckaudit.model.account import Exclusion, Sequence
from ckaudit.model.automations import Automation, Integration
from ckaudit.model.refs import Kind, Ref
from ckaudit.model.steps import AddTag, AnyStep, Delay, Enrol, Event, Exit, RemoveTag, StartAutomation
from ckaudit.model.triggers import Trigger, TriggerKind
from tests.graph.accounts import account_of, automation, graph_of, has_tag, seq
from tests.rules.one_rule import variants

TAG, VIP = Ref(Kind.TAG, "Customer", 1), Ref(Kind.TAG, "VIP", 2)
ENTRY = (Trigger(kind=TriggerKind.TAG_ADDED, ref=TAG),)
JOINS = (Trigger(kind=TriggerKind.JOINS_FORM, ref=Ref(Kind.FORM, "F", 1)),)
ENROL = Enrol(sequence=seq(5))
WAIT = Delay(seconds=300, text="5 minutes")
GOAL = Event(trigger=Trigger(kind=TriggerKind.TAG_ADDED, ref=TAG))


def holds(*steps: AnyStep, entries: tuple[Trigger, ...] = ENTRY, others: tuple[Automation, ...] = (), **manifest: object) -> bool:
    """True when everybody has the tag on arrival, so that the sequence mails nobody."""
    account = account_of(Sequence(5, "S", exclude_subscriber_sources=(Exclusion("tag", (1,)),)))
    graph = graph_of(account, automations=(automation(*steps, entries=entries), *others), **manifest)
    return bool(variants("sequences/excludes_own_subscribers", graph))


def test_the_tag_that_starts_an_automation_is_held() -> None:
    assert holds(ENROL)
    assert holds(WAIT, GOAL, ENROL, entries=JOINS)
    assert holds(AddTag(tag=TAG), ENROL, entries=JOINS)


def test_another_entry_or_another_automation_brings_people_without_it() -> None:
    assert not holds(ENROL, entries=(*ENTRY, *JOINS))
    starter = automation(StartAutomation(automation=Ref(Kind.AUTOMATION, "Automation")), name="Other")
    assert not holds(ENROL, others=(starter,))
    assert not holds(ENROL, entries=())


def test_it_must_be_added_on_every_path() -> None:
    assert not holds(has_tag(VIP, AddTag(tag=TAG)), ENROL, entries=JOINS)
    assert holds(has_tag(VIP, AddTag(tag=TAG), otherwise=(AddTag(tag=TAG),)), ENROL, entries=JOINS)


def test_a_goal_may_pull_people_past_the_step_that_adds_it() -> None:
    goal = Event(trigger=Trigger(kind=TriggerKind.TAG_ADDED, ref=VIP))
    assert not holds(WAIT, AddTag(tag=TAG), goal, ENROL, entries=JOINS)


def test_whatever_takes_it_off_makes_it_doubtful() -> None:
    assert not holds(RemoveTag(tag=TAG), ENROL)
    assert holds(RemoveTag(tag=TAG), AddTag(tag=TAG), ENROL)
    assert holds(ENROL, RemoveTag(tag=TAG))
    assert not holds(ENROL, external=(Integration(name="Site", removes_tags=(TAG,)),))
    assert not holds(has_tag(TAG, Exit()), ENROL)
