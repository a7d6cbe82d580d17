"""What happens next and what set this off, over any number of hops."""

from __future__ import annotations

import pytest

from ckaudit.graph import consequences
from ckaudit.graph.consequences import Consequence
from ckaudit.graph.graph import Graph
from ckaudit.graph.signals import Signal
from ckaudit.model.account import Account, Sequence
from ckaudit.model.automations import AutomationStatus, FormLink, Integration, KitRule, RuleAction, RuleActionKind
from ckaudit.model.refs import Kind, Ref
from ckaudit.model.rules import NotEvaluatedError
from ckaudit.model.steps import AddTag, AnyStep, Delay, Enrol, Event, Exit, SetField, StartAutomation
from ckaudit.model.triggers import Trigger, TriggerKind
from tests.graph.accounts import account_of, automation, graph_of, has_tag, mail, seq

X, Y, Z, VIP = (Ref(Kind.TAG, name, number) for number, name in enumerate(("X", "Y", "Z", "VIP"), 1))
FORM = Ref(Kind.FORM, "Form", 1)
COUNTRY = Ref(Kind.FIELD, "country", 1)
LOGIN = seq(9, "Login")
ON_X, ON_Y, ON_Z = (Trigger(kind=TriggerKind.TAG_ADDED, ref=tag) for tag in (X, Y, Z))
JOINS = Trigger(kind=TriggerKind.JOINS_FORM, ref=FORM)
HOUR = Delay(seconds=3600, text="1 hour")
X_ADDED = Signal(X.key, TriggerKind.TAG_ADDED)


def rule(when: Trigger, kind: RuleActionKind, ref: Ref, value: str | None = None) -> KitRule:
    return KitRule(name="Rule", when=(when,), do=(RuleAction(kind=kind, ref=ref, value=value),))


def on(trigger: Trigger, *steps: AnyStep, name: str = "Automation", **fields: AutomationStatus) -> object:
    return automation(*steps, name=name, entries=(trigger,), **fields)


MAILS_ON_Y = on(ON_Y, Enrol(sequence=LOGIN), name="Mails")


def login(graph: Graph, *starts: Signal, goals: bool = False, sure: bool = False) -> Consequence | None:
    found = graph.reactions.what_follows(*(starts or (X_ADDED,)), goals=goals, sure=sure)
    return next((item for item in found if item.cause.target == LOGIN.key), None)


@pytest.mark.parametrize(
    "parts",
    [
        {"automations": (on(ON_X, AddTag(tag=Y)), MAILS_ON_Y)},
        {"automations": (MAILS_ON_Y,), "rules": (rule(ON_X, RuleActionKind.ADD_TAG, Y),)},
        {
            "automations": (
                on(ON_X, StartAutomation(automation=Ref(Kind.AUTOMATION, "Mails"))),
                automation(Enrol(sequence=LOGIN), name="Mails"),
            ),
        },
        {
            "automations": (on(JOINS, Enrol(sequence=LOGIN)),),
            "rules": (rule(ON_X, RuleActionKind.SUBSCRIBE_FORM, FORM),),
        },
        {
            "form_links": (FormLink(form=FORM, adds_tags=(Y,)),),
            "automations": (MAILS_ON_Y,),
            "rules": (rule(ON_X, RuleActionKind.SUBSCRIBE_FORM, FORM),),
        },
        {
            "form_links": (FormLink(form=FORM, sequence=LOGIN),),
            "rules": (rule(ON_X, RuleActionKind.SUBSCRIBE_FORM, FORM),),
        },
        {
            "automations": (
                on(ON_X, SetField(field=COUNTRY, value="Spain")),
                on(Trigger(kind=TriggerKind.FIELD_CHANGED, ref=COUNTRY, value="Spain"), Enrol(sequence=LOGIN)),
            )
        },
    ],
    ids=["tag", "rule", "started directly", "form", "form that tags", "form with a sequence", "field"],
)
def test_a_hand_over_is_followed(parts: dict[str, object]) -> None:
    graph = graph_of(**parts)
    found = login(graph)
    assert found is not None
    assert found.span.max_seconds == 0
    assert login(graph, sure=True) is not None


@pytest.mark.parametrize(
    "parts",
    [
        {"automations": (on(ON_X, AddTag(tag=Z)), MAILS_ON_Y)},
        {"automations": (on(ON_X, AddTag(tag=Y)), on(ON_Y, Enrol(sequence=LOGIN), status=AutomationStatus.INACTIVE))},
        {
            "automations": (
                on(ON_X, SetField(field=COUNTRY, value="Peru")),
                on(Trigger(kind=TriggerKind.FIELD_CHANGED, ref=COUNTRY, value="Spain"), Enrol(sequence=LOGIN)),
            )
        },
        {"automations": (on(ON_X, Exit(), AddTag(tag=Y)), MAILS_ON_Y)},
    ],
    ids=["another tag", "switched off", "another value", "behind an exit"],
)
def test_what_leads_nowhere_is_not_followed(parts: dict[str, object]) -> None:
    assert login(graph_of(**parts)) is None


def test_delays_of_all_hops_add_up() -> None:
    found = login(graph_of(automations=(on(ON_X, HOUR, AddTag(tag=Y)), on(ON_Y, HOUR, Enrol(sequence=LOGIN)))))
    assert found is not None
    assert (found.span.min_seconds, found.span.max_seconds) == (7200, 7200)


def test_the_least_and_the_greatest_delay_are_over_all_ways() -> None:
    first = on(ON_X, HOUR, AddTag(tag=Y))
    found = login(graph_of(automations=(first, MAILS_ON_Y), rules=(rule(ON_X, RuleActionKind.ADD_TAG, Y),)))
    assert found is not None
    assert (found.span.min_seconds, found.span.max_seconds) == (0, 3600)


def test_whoever_completes_a_sequence_was_in_it_first() -> None:
    lesson = seq(5)
    graph = graph_of(
        account_of(Sequence(5, "Lesson"), mails=(mail(5, 1, delay_value=2),)),
        automations=(on(ON_X, Enrol(sequence=lesson)),),
        rules=(rule(Trigger(kind=TriggerKind.COMPLETES_SEQUENCE, ref=lesson), RuleActionKind.SUBSCRIBE_SEQUENCE, LOGIN),),
    )
    found = login(graph)
    assert found is not None
    assert found.span.min_seconds == 2 * 86400


def test_what_was_asked_about_has_happened_and_starts_nothing_again() -> None:
    graph = graph_of(automations=(on(ON_X, HOUR, AddTag(tag=Y)), on(ON_Y, AddTag(tag=X), Enrol(sequence=LOGIN))))
    found = login(graph)
    assert found is not None
    assert not found.span.open_ended


def test_a_condition_is_named_and_makes_it_unsure() -> None:
    graph = graph_of(automations=(on(ON_X, has_tag(VIP, AddTag(tag=Y))), MAILS_ON_Y))
    found = login(graph)
    assert found is not None
    assert [node.label for node in found.conditions] == ["Has tag “VIP”?"]
    assert [(demand.tag, demand.held) for demand in found.demands] == [(VIP.key, True)]
    assert login(graph, sure=True) is None


def test_goals_count_only_when_asked_for() -> None:
    waits = automation(Event(trigger=ON_X), Enrol(sequence=LOGIN), entries=(JOINS,))
    graph = graph_of(automations=(waits,))
    assert login(graph) is None
    found = login(graph, goals=True)
    assert found is not None
    assert found.waits


def test_a_way_that_waits_for_nothing_comes_first() -> None:
    waits = on(ON_X, Event(trigger=ON_Z), Enrol(sequence=LOGIN), name="Waits")
    later = on(ON_X, HOUR, AddTag(tag=Y), name="Later")
    found = [
        item for item in graph_of(automations=(waits, later, MAILS_ON_Y)).reactions.what_follows(X_ADDED) if item.cause.target == LOGIN.key
    ]
    assert [(item.cause.object.name, item.waits) for item in found] == [("Mails", False), ("Waits", True)]


def test_the_path_names_every_hop() -> None:
    found = login(graph_of(automations=(on(ON_X, AddTag(tag=Y), name="Sorts"), MAILS_ON_Y)))
    assert found is not None
    assert [(step.name, step.note) for step in found.path] == [("Add tag “Y”", "in “Sorts”"), ("Email sequence “Login”", "in “Mails”")]


def test_branches_of_one_condition_exclude_each_other() -> None:
    parts = has_tag(VIP, AddTag(tag=Y), otherwise=(AddTag(tag=Z),))
    other = on(ON_Z, Enrol(sequence=seq(8)), name="Others")
    found = graph_of(automations=(on(ON_X, parts), MAILS_ON_Y, other)).reactions.what_follows(X_ADDED)
    one, two = (item for item in found if item.cause.effect == "enrols")
    assert one.excludes(two)
    assert two.excludes(one)


def test_conditions_in_two_automations_can_exclude_each_other() -> None:
    graph = graph_of(
        automations=(
            on(ON_X, has_tag(VIP, Enrol(sequence=LOGIN))),
            on(ON_X, has_tag(VIP, otherwise=(Enrol(sequence=seq(8)),)), name="Other"),
        )
    )
    one, two = graph.reactions.what_follows(X_ADDED)
    assert one.excludes(two)


def test_steps_one_behind_the_other_do_not_exclude_each_other() -> None:
    graph = graph_of(automations=(on(ON_X, AddTag(tag=Y), AddTag(tag=Z)), MAILS_ON_Y, on(ON_Z, Enrol(sequence=seq(8)))))
    one, two = (item for item in graph.reactions.what_follows(X_ADDED) if item.cause.effect == "enrols")
    assert not one.excludes(two)


def test_what_led_to_something_goes_back_to_the_first_signal() -> None:
    graph = graph_of(
        automations=(MAILS_ON_Y,),
        rules=(rule(JOINS, RuleActionKind.ADD_TAG, Y), rule(ON_X, RuleActionKind.SUBSCRIBE_FORM, FORM)),
        external=(Integration(name="Shop", adds_tags=(X,)),),
    )
    (mails,) = graph.uses_of(LOGIN.key)
    assert [signal.key for signal in graph.reactions.what_led_to(mails) if signal.kind] == [Y.key, FORM.key, X.key]


def test_too_much_to_follow_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consequences, "MAX_UNITS", 1)
    graph = graph_of(Account(), automations=(on(ON_X, AddTag(tag=Y)), MAILS_ON_Y))
    with pytest.raises(NotEvaluatedError, match="not all of them were followed"):
        graph.reactions.what_follows(X_ADDED)


def _asked(tag: Ref, *otherwise: AnyStep) -> Graph:
    """People with the tag go on at once, the others come through these steps."""
    return graph_of(automations=(on(ON_X, has_tag(tag, otherwise=otherwise), Enrol(sequence=LOGIN)),))


def test_who_need_not_wait_on_one_side_of_a_condition_comes_without_waiting() -> None:
    found = login(_asked(VIP, Event(trigger=ON_Z)), X_ADDED)
    assert found is not None
    assert (found.waits, found.span.min_seconds, found.span.open_ended) == (False, 0, True)


def test_the_soonest_way_is_one_without_waiting_though_it_takes_longer() -> None:
    graph = graph_of(automations=(on(ON_X, has_tag(VIP, HOUR, otherwise=(Event(trigger=ON_Z),)), Enrol(sequence=LOGIN)),))
    found = login(graph, X_ADDED)
    assert found is not None
    assert (found.waits, found.span.min_seconds) == (False, 3600)


def test_where_every_side_waits_people_wait() -> None:
    graph = graph_of(automations=(on(ON_X, has_tag(VIP, Event(trigger=ON_Y), otherwise=(Event(trigger=ON_Z),)), Enrol(sequence=LOGIN)),))
    found = login(graph, X_ADDED)
    assert found is not None
    assert found.waits
