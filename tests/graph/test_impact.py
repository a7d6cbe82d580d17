"""What breaks if something is switched off, renamed or deleted."""

from __future__ import annotations

from ckaudit.graph.consequences import MAX_UNITS
from ckaudit.graph.graph import Graph
from ckaudit.graph.impact import MAX_ENDS, MAX_OBJECTS, impact, impacts
from ckaudit.model.account import Account, Tag
from ckaudit.model.automations import AutomationStatus
from ckaudit.model.impact import Ends
from ckaudit.model.refs import Kind, ObjectRef, Ref
from ckaudit.model.steps import AddTag, Delay, RemoveTag
from ckaudit.model.triggers import Trigger, TriggerKind
from tests.graph.accounts import automation, graph_of

X, Y, Z = (Ref(Kind.TAG, name, number) for number, name in enumerate("XYZ", 1))
ON_X, ON_Y = (Trigger(kind=TriggerKind.TAG_ADDED, ref=tag) for tag in (X, Y))
FIRST = automation(Delay(seconds=300, text="5 minutes"), AddTag(tag=Y), name="First", entries=(ON_X,))
SECOND = automation(AddTag(tag=Z), name="Second", entries=(ON_Y,))


def ends(graph: Graph, item: ObjectRef) -> list[str]:
    return [said(end) for end in impact(graph, item).ends]


def said(end: Ends) -> str:
    return f"{' > '.join(step.name for step in end.steps)} {end.what} {end.after}"


def test_what_follows_from_a_tag_over_two_automations_ends_with_it() -> None:
    graph = graph_of(automations=(FIRST, SECOND))
    assert ends(graph, ObjectRef("tag", "X", 1)) == ["First adds “Y” (300, 300)", "First > Second adds “Z” (300, 300)"]


def test_what_stands_in_front_of_the_object_does_not_end() -> None:
    assert ends(graph_of(automations=(FIRST, SECOND)), ObjectRef("tag", "Y", 2)) == ["Second adds “Z” (0, 0)"]


def test_a_tag_that_nothing_listens_to_ends_nothing() -> None:
    assert ends(graph_of(automations=(FIRST, SECOND)), ObjectRef("tag", "Z", 3)) == []


def test_an_automation_ends_with_what_it_sets_off() -> None:
    assert ends(graph_of(automations=(FIRST, SECOND)), FIRST.object) == ["First adds “Y” (0, 0)", "Second adds “Z” (0, 0)"]


def test_what_is_switched_off_already_ends_nothing() -> None:
    off = automation(AddTag(tag=Y), name="Off", entries=(ON_X,), status=AutomationStatus.INACTIVE)
    assert ends(graph_of(automations=(off,)), ObjectRef("tag", "X", 1)) == []


def test_who_does_the_same_for_other_reasons_is_named() -> None:
    other = automation(AddTag(tag=Y), name="Other", entries=(Trigger(kind=TriggerKind.TAG_ADDED, ref=Z),))
    first, *_ = impact(graph_of(automations=(FIRST, other)), ObjectRef("tag", "X", 1)).ends
    assert [item.name for item in first.others] == ["Other"]


def test_who_removes_is_not_who_adds() -> None:
    other = automation(RemoveTag(tag=Y), name="Other", entries=(Trigger(kind=TriggerKind.TAG_ADDED, ref=Z),))
    first, *_ = impact(graph_of(automations=(FIRST, other)), ObjectRef("tag", "X", 1)).ends
    assert first.others == ()


def test_what_names_the_object_is_listed() -> None:
    found = impact(graph_of(automations=(FIRST, SECOND)), ObjectRef("tag", "Y", 2))
    assert [(use.how, use.where) for use in found.uses] == [("added by", "First"), ("starts", "Second")]


def test_automations_in_a_circle_end_once() -> None:
    back = automation(AddTag(tag=X), name="Back", entries=(ON_Y,))
    assert len(ends(graph_of(automations=(FIRST, back)), ObjectRef("tag", "X", 1))) == 2


def test_a_report_has_what_hangs_on_every_object_that_something_hangs_on() -> None:
    found = impacts(graph_of(automations=(FIRST, SECOND)))
    assert [one.object.name for one in found.found] == ["First", "Second"]
    assert found.more == 0


def test_a_long_list_of_what_would_end_is_cut_and_counted() -> None:
    many = automation(*(AddTag(tag=Ref(Kind.TAG, f"tag {n}")) for n in range(40)), name="Many", entries=(ON_X,))
    (one,) = impacts(graph_of(automations=(many,))).found
    assert (len(one.ends), one.more) == (MAX_ENDS, 40 - MAX_ENDS)


def test_of_more_objects_than_are_looked_at_the_rest_is_counted() -> None:
    many = tuple(automation(AddTag(tag=Y), name=f"Automation {n}", entries=(ON_X,)) for n in range(MAX_OBJECTS + 5))
    assert impacts(graph_of(automations=many)).more == 5


def test_an_object_on_which_more_hangs_than_is_followed_is_counted_and_not_passed_over() -> None:
    many = tuple(automation(AddTag(tag=Y), name=f"Automation {n}", entries=(ON_X,)) for n in range(MAX_UNITS + 1))
    found = impacts(graph_of(Account(tags=(Tag(1, "X"),)), automations=many))
    assert "X" not in [one.object.name for one in found.found]
    assert len(found.found) + found.more == len(many) + 1
