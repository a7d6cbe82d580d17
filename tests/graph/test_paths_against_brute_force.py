"""Each path query gives what enumerating every way gives."""

from __future__ import annotations

from itertools import islice

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ckaudit.graph.flow import Flow
from ckaudit.graph.nodes import FlowNode
from ckaudit.graph.paths import Move, path_not_undone, reachable
from ckaudit.model.automations import Automation
from ckaudit.model.steps import ConditionKind, Delay, Event, Exit, If, RemoveTag
from ckaudit.model.steps import Test as Question
from ckaudit.model.triggers import Trigger, TriggerKind
from tests.graph.brute_force import local, places, ways
from tests.graph.random_automations import automations, tag, timing

LIMIT = 4000
quick = settings(max_examples=150, deadline=None)


def everything(automation: Automation, start: str, **options: object) -> list[tuple[str, ...]]:
    found = list(islice(ways(places(automation), start, **options), LIMIT + 1))  # type: ignore[arg-type]
    assume(len(found) <= LIMIT)
    return found


def removes_b(node: FlowNode) -> bool:
    return node.removes == tag("b").key


def adds_a(node: FlowNode) -> bool:
    return node.adds == tag("a").key


def enrols(node: FlowNode) -> bool:
    return node.enrols is not None


def pick(flow: Flow, data: st.DataObject) -> FlowNode:
    """A start that somebody comes to: behind a block that lets nobody through there is no right answer to compare with."""
    reached = [node for node in flow.steps if node.id in flow.reached]
    return data.draw(st.sampled_from([*flow.roots, *reached]), label="start")


@quick
@given(automations, st.data())
def test_a_way_avoids_exactly_when_some_enumerated_way_does(automation: Automation, data: st.DataObject) -> None:
    flow = Flow(automation, 0, timing)
    start = pick(flow, data)
    marked = {local(flow, node.id) for node in flow.nodes.values() if removes_b(node)}
    avoiding = [way for way in everything(automation, local(flow, start.id)) if not marked & set(way[1:])]
    assert (flow.path_avoiding(start, removes_b) is not None) is bool(avoiding)


@quick
@given(automations, st.data())
def test_the_shown_way_is_one_of_the_enumerated_ways(automation: Automation, data: st.DataObject) -> None:
    flow = Flow(automation, 0, timing)
    start = pick(flow, data)
    way = flow.path_avoiding(start, removes_b)
    assume(way is not None)
    assert way is not None
    shown = [local(flow, node.id) for node, move in zip(way.nodes, way.moves, strict=True) if move is not Move.WAITS]
    enumerated = {tuple(name for name in other if name.islower()) for other in everything(automation, local(flow, start.id))}
    assert tuple(shown) in enumerated


@quick
@given(automations, st.data())
def test_a_way_to_the_first_wanted_place_avoids_exactly_when_some_enumerated_way_does(automation: Automation, data: st.DataObject) -> None:
    flow = Flow(automation, 0, timing)
    start = pick(flow, data)
    marked = {local(flow, node.id) for node in flow.nodes.values() if removes_b(node)}
    wanted = {local(flow, node.id) for node in flow.nodes.values() if enrols(node)}
    expected = False
    for way in everything(automation, local(flow, start.id)):
        first = next((place for place, name in enumerate(way) if place and name in wanted), None)
        expected = expected or (first is not None and not marked & set(way[1 : first + 1]))
    assert (flow.path_avoiding(start, removes_b, until=enrols) is not None) is expected


@quick
@given(automations, st.data())
def test_the_firsts_are_those_of_the_enumerated_ways(automation: Automation, data: st.DataObject) -> None:
    flow = Flow(automation, 0, timing)
    start = pick(flow, data)
    wanted = {local(flow, node.id) for node in flow.nodes.values() if enrols(node)}
    expected = set()
    for way in everything(automation, local(flow, start.id)):
        expected |= set(next(([name] for name in way[1:] if name in wanted), []))
    assert {local(flow, node.id) for node in flow.first_after(start, enrols)} == expected


@quick
@given(automations, st.data())
def test_undone_before_next_is_what_enumeration_says(automation: Automation, data: st.DataObject) -> None:
    flow = Flow(automation, 0, timing)
    adders = [node for node in flow.steps if adds_a(node)]
    assume(adders)
    start = data.draw(st.sampled_from(adders))
    again = {local(flow, node.id) for node in adders}
    undo = {local(flow, node.id) for node in flow.nodes.values() if removes_b(node)}
    left = False
    for way in everything(automation, local(flow, start.id)):
        verdict = next((name in again for name in way[1:] if name in again | undo), True)
        left = left or verdict
    assert (path_not_undone(flow, start, adds_a, removes_b) is not None) is left


@quick
@given(automations, st.data())
def test_the_time_between_two_points_is_the_minimum_and_the_maximum_enumerated(automation: Automation, data: st.DataObject) -> None:
    flow = Flow(automation, 0, timing)
    start, target = pick(flow, data), pick(flow, data)
    table = places(automation)
    sums = []
    for way in everything(automation, local(flow, start.id), pulled=False):
        if local(flow, target.id) in way[1:]:
            between = way[1 : way.index(local(flow, target.id), 1)]
            sums.append((sum(table[name].seconds for name in between), any(table[name].kind == "goal" for name in between)))
    span = flow.time_between(start, target)
    if not sums:
        assert span is None
    else:
        assert span is not None
        assert (span.min_seconds, span.max_seconds) == (min(time for time, _ in sums), max(time for time, _ in sums))
        assert span.open_ended is any(goal for _, goal in sums)


@quick
@given(automations)
def test_the_reachable_places_are_those_of_the_enumerated_ways(automation: Automation) -> None:
    flow = Flow(automation, 0, timing)
    start = flow.roots[0]
    expected = {name for way in everything(automation, local(flow, start.id), guard=0) for name in way if name.islower()}
    assert {local(flow, node.id) for node in reachable(flow, [start])} == expected


def test_a_goal_behind_a_block_that_everybody_leaves_still_pulls_people_out_of_it() -> None:
    branches = If(
        test=Question(kind=ConditionKind.TAG, ref=tag("a")),
        then=(Delay(seconds=604800, text="7 days"), Exit()),
        otherwise=(Exit(),),
    )
    goal = Event(trigger=Trigger(kind=TriggerKind.TAG_ADDED, ref=tag("c")))
    flow = Flow(Automation(name="Release", steps=(branches, goal, RemoveTag(tag=tag("b")))), 0, timing)
    assert "0/s2" in flow.reached
