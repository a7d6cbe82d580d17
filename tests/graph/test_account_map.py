"""The map of an account: who stands on which part, what is an arrow and what a line."""

from __future__ import annotations

import pytest
from hypothesis import given

from ckaudit.graph.account_map import MAX_ACTORS, account_map
from ckaudit.model.account_map import AccountMap, MapPart
from ckaudit.model.automations import AutomationStatus, KitRule, Manifest, RuleAction, RuleActionKind
from ckaudit.model.integrations import Integration
from ckaudit.model.offerings import Offering
from ckaudit.model.refs import Kind, Ref
from ckaudit.model.steps import AddTag, Delay, Enrol, RemoveTag, StartAutomation
from ckaudit.model.triggers import Trigger, TriggerKind
from tests.graph.accounts import automation, graph_of
from tests.graph.random_accounts import manifests

WAIT = Delay(seconds=300, text="5 minutes")


def tag(name: str) -> Ref:
    return Ref(Kind.TAG, name)


def on(name: str, kind: TriggerKind = TriggerKind.TAG_ADDED) -> Trigger:
    return Trigger(kind=kind, ref=tag(name))


def arrows(part: MapPart) -> list[str]:
    boxes = part.boxes
    return [f"{boxes[wire.source].object.name} {wire.words} {boxes[wire.target].object.name}" for wire in part.wires]


def lines(part: MapPart) -> dict[str, list[str]]:
    said = {
        box.object.name: [f"{line.words} {line.object.name if line.object else ''}".strip() for line in box.lines] for box in part.boxes
    }
    return {name: found for name, found in said.items() if found}


def map_of(*automations: object, **more: object) -> AccountMap:
    return account_map(graph_of(automations=tuple(automations), **more))


FIRST = automation(AddTag(tag=tag("B")), AddTag(tag=tag("Alone")), name="First", entries=(on("A"),))
SECOND = automation(Enrol(sequence=Ref(Kind.SEQUENCE, "Letters")), name="Second", entries=(on("B"),))


def test_a_tag_that_one_automation_adds_and_another_waits_for_connects_them() -> None:
    (part,) = map_of(FIRST, SECOND).parts
    assert arrows(part) == ["First adds B", "B starts Second"]


def test_what_nothing_waits_for_is_a_line_in_the_box_of_who_does_it() -> None:
    (part,) = map_of(FIRST, SECOND).parts
    assert lines(part) == {"First": ["starts with A", "adds Alone"], "Second": ["puts into Letters"]}


def test_a_removal_that_nothing_waits_for_is_no_arrow() -> None:
    cleans = automation(RemoveTag(tag=tag("B")), name="Cleans", entries=(on("C"),))
    parts = map_of(FIRST, SECOND, cleans).parts
    assert not any("takes off" in arrow for part in parts for arrow in arrows(part))


def test_a_removal_that_something_waits_for_is_one() -> None:
    cleans = automation(RemoveTag(tag=tag("B")), name="Cleans", entries=(on("C"),))
    waits = automation(AddTag(tag=tag("D")), name="Waits", entries=(on("B", TriggerKind.TAG_REMOVED),))
    (part,) = map_of(cleans, waits).parts
    assert arrows(part) == ["Cleans takes off B", "B taken off, starts Waits"]


def test_one_automation_that_starts_another_directly() -> None:
    starts = automation(StartAutomation(automation=SECOND.ref), name="Starts", entries=(on("X"),))
    (part,) = map_of(starts, SECOND).parts
    assert arrows(part) == ["Starts starts Second"]


def test_two_that_wait_for_the_same_tag_stand_together() -> None:
    other = automation(AddTag(tag=tag("Z")), name="Other", entries=(on("A"),))
    (part,) = map_of(FIRST, other).parts
    assert arrows(part) == ["A starts First", "A starts Other"]


def test_two_that_add_the_same_tag_which_nothing_waits_for_do_not_stand_together() -> None:
    one, two = (automation(AddTag(tag=tag("Customer")), name=name, entries=(on(name),)) for name in ("One", "Two"))
    (part,) = map_of(one, two).parts
    assert part.loose
    assert not part.wires


def test_a_tag_that_everybody_gets_connects_nothing_and_stands_on_every_part() -> None:
    many = [automation(AddTag(tag=tag("Everybody")), AddTag(tag=tag(f"{n}b")), name=f"In {n}", entries=(on(f"{n}a"),)) for n in range(12)]
    more = [automation(AddTag(tag=tag("x")), name=f"Then {n}", entries=(on(f"{n}b"),)) for n in range(12)]
    hears = automation(AddTag(tag=tag("y")), name="Hears", entries=(on("Everybody"),))
    parts = map_of(*many, *more, hears).parts
    assert sum("Everybody" in (box.object.name for box in part.boxes) for part in parts) >= 12


def test_an_integration_stands_on_every_part_it_writes_to_and_joins_none() -> None:
    one, two = (automation(AddTag(tag=tag(f"{name} done")), name=name, entries=(on(f"Bought {name}"),)) for name in ("Course", "Club"))
    shop = Integration(name="Shop", adds_tags=(tag("Bought Course"), tag("Bought Club")))
    found = map_of(one, two, external=(shop,))
    assert [arrows(part) for part in found.parts] == [
        ["Bought Course starts Course", "Shop adds Bought Course"],
        ["Bought Club starts Club", "Shop adds Bought Club"],
    ]
    assert [box.elsewhere for part in found.parts for box in part.boxes if box.object.name == "Shop"] == [(2,), (1,)]


def test_each_offering_has_its_part_and_the_tag_between_them_is_on_both() -> None:
    course = automation(AddTag(tag=tag("Finished")), name="Course", entries=(on("Bought course"),))
    club = automation(AddTag(tag=tag("Club access")), name="Invitation", entries=(on("Finished"),))
    offerings = (
        Offering(name="Course", stack="accessally", purchase_tags=(tag("Bought course"),)),
        Offering(name="Club", stack="accessally", access_tags=(tag("Club access"),)),
    )
    found = map_of(course, club, offerings=offerings)
    assert [(part.title, part.offerings) for part in found.parts] == [("“Course”", ("Course",)), ("“Club”", ("Club",))]
    assert [box.elsewhere for part in found.parts for box in part.boxes if box.object.name == "Finished"] == [(2,), (1,)]


def test_what_is_switched_off_says_so() -> None:
    off = automation(AddTag(tag=tag("B")), name="Off", entries=(on("A"),), status=AutomationStatus.INACTIVE)
    (part,) = map_of(off, SECOND).parts
    assert {box.object.name: box.live for box in part.boxes} == {"Off": False, "Second": True, "B": True}
    assert [wire.live for wire in part.wires] == [False, True]


def test_a_click_has_no_box() -> None:
    rule = KitRule(
        name="Clicks",
        when=(Trigger(kind=TriggerKind.CLICKS_LINK, value="https://example.com"),),
        do=(RuleAction(kind=RuleActionKind.ADD_TAG, ref=tag("Likes")),),
    )
    (part,) = map_of(rules=(rule,)).parts
    assert lines(part) == {"Clicks": ["starts: Clicks a link", "adds Likes"]}


def test_automations_known_by_name_only_are_counted_and_not_drawn() -> None:
    found = map_of(FIRST, automation(name="Only a name"))
    assert found.undescribed == 1
    assert [box.object.name for part in found.parts for box in part.boxes] == ["First"]


def test_nothing_known_is_no_part() -> None:
    assert account_map(graph_of()).parts == ()


@pytest.mark.parametrize("count", [40, 120])
def test_a_long_chain_is_cut_into_parts_that_can_be_read(count: int) -> None:
    chain = [automation(AddTag(tag=tag(str(n + 1))), name=f"Step {n}", entries=(on(str(n)),)) for n in range(count)]
    parts = map_of(*chain).parts
    assert max(sum(box.object.kind == "automation" for box in part.boxes) for part in parts) <= MAX_ACTORS
    assert len(parts) <= count / MAX_ACTORS + 1


@given(manifests)
def test_every_automation_rule_and_form_stands_on_exactly_one_part(manifest: Manifest) -> None:
    graph = graph_of(automations=manifest.automations, rules=manifest.rules, form_links=manifest.form_links)
    found = account_map(graph)
    stands = [box.object for part in found.parts for box in part.boxes if box.object.kind in ("automation", "rule")]
    expected = [flow.object for flow in graph.flows] + [cause.object for cause in graph.causes.all if cause.rule]
    assert len([item for item in stands if item.kind == "automation"]) == len(graph.flows)
    assert set(stands) == set(expected)


@given(manifests)
def test_everything_that_sets_something_off_is_an_arrow_somewhere(manifest: Manifest) -> None:
    graph = graph_of(automations=manifest.automations, rules=manifest.rules, form_links=manifest.form_links)
    drawn = {
        (part.boxes[wire.source].object.key, part.boxes[wire.target].object.key) for part in account_map(graph).parts for wire in part.wires
    }
    for cause in graph.causes.all:
        for unit, trigger in graph.reactions.to(cause):
            named = unit.kind is not Kind.FORM and trigger is not None and trigger.ref is not None
            if named and (cause.unit or cause.source) != unit:
                assert (cause.object.key, cause.target) in drawn
