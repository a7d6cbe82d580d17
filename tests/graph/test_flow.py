from __future__ import annotations

from ckaudit.graph.flow import Flow
from ckaudit.graph.nodes import SequenceTiming
from ckaudit.model.automations import AutomationStatus
from ckaudit.model.refs import Key, Kind
from ckaudit.sources.manifest import parse_manifest

TIMINGS = {"Holds": SequenceTiming(passes=False), "Two days": SequenceTiming(172800), "Empty": SequenceTiming()}


def flow(steps: str, entries: str = "[{tag_added: Bought}]", status: str = "active") -> Flow:
    """The flow of the only automation with these steps (YAML, one line)."""
    text = f"version: 1\nautomations:\n  - {{name: A, status: {status}, entries: {entries}, steps: {steps}}}\n"
    automation = parse_manifest(text, "automations.yaml", None, ()).automations[0]
    return Flow(automation, 0, lambda key: TIMINGS.get(str(key.id), SequenceTiming()))


def edges(found: Flow) -> dict[tuple[str, str], str]:
    return {(source, target): branch for source, lines in found.lines.items() for target, branch in lines.items()}


def test_nodes_are_named_by_their_place() -> None:
    found = flow("[{add_tag: X}, {if: {tag: V}, then: [{add_tag: Y}]}, {split: [{tag: V, steps: [{add_tag: Z}]}]}]")
    assert set(found.nodes) == {"0/e0", "0/start", "0/s0", "0/s1", "0/s1/then/s0", "0/s2", "0/s2/path0/s0", "0/end"}


def test_a_condition_has_a_yes_and_a_no_side() -> None:
    found = edges(flow("[{if: {tag: V}, then: [{add_tag: Y}], else: [{add_tag: N}]}, {add_tag: Z}]"))
    assert found["0/s0", "0/s0/then/s0"] == "yes"
    assert found["0/s0", "0/s0/else/s0"] == "no"
    assert ("0/s0/then/s0", "0/s1") in found
    assert ("0/s0/else/s0", "0/s1") in found


def test_a_missing_side_goes_straight_on() -> None:
    assert edges(flow("[{if: {tag: V}, then: [{add_tag: Y}]}, {add_tag: Z}]"))["0/s0", "0/s1"] == "no"


def test_people_who_match_no_path_of_a_split_go_on_behind_it() -> None:
    assert edges(flow("[{split: [{tag: V, steps: [{add_tag: Y}]}]}, {add_tag: Z}]"))["0/s0", "0/s1"] == "none"


def test_an_otherwise_path_leaves_nobody_behind_a_split() -> None:
    assert ("0/s0", "0/s1") not in edges(flow("[{split: [{tag: V, steps: [{add_tag: Y}]}, {otherwise: [{add_tag: N}]}]}, {add_tag: Z}]"))


def test_an_exit_leads_to_the_end_and_nowhere_else() -> None:
    found = edges(flow("[{if: {tag: V}, then: [{exit: true}]}, {add_tag: Z}]"))
    assert [target for source, target in found if source == "0/s0/then/s0"] == ["0/end"]


def test_nobody_walks_to_a_step_behind_branches_that_all_exit() -> None:
    found = flow("[{if: {tag: V}, then: [{exit: true}], else: [{exit: true}]}, {add_tag: Z}]")
    assert not any("0/s1" in lines for lines in found.lines.values())


def test_a_goal_behind_branches_that_all_exit_is_drawn_below_them() -> None:
    found = flow("[{delay: 2 days}, {if: {tag: V}, then: [{exit: true}], else: [{exit: true}]}, {event: {tag_added: R}}, {add_tag: Z}]")
    assert found.pulls["0/s0"] == ("0/s2",)


def test_goals_side_by_side_are_two_nodes_and_both_pull() -> None:
    found = flow("[{delay: 2 days}, {events: [{event: {tag_added: R}, steps: [{add_tag: X}]}, {event: {purchases: P}, steps: []}]}]")
    assert [node.id for node in found.events] == ["0/s1/path0", "0/s1/path1"]
    assert found.pulls["0/s0"] == ("0/s1/path0", "0/s1/path1")


def test_a_goal_does_not_pull_from_below_itself() -> None:
    assert flow("[{event: {tag_added: R}}, {delay: 2 days}]").pulls == {"0/s0": (), "0/s1": ()}


def test_a_holding_sequence_keeps_people_where_a_goal_can_fetch_them() -> None:
    found = flow("[{sequence: Holds}, {event: {tag_added: R}}]")
    node = found.nodes["0/s0"]
    assert (node.passes, node.waits) == (False, True)
    assert found.pulls["0/s0"] == ("0/s1",)


def test_a_sequence_takes_its_planned_time_and_an_empty_one_none() -> None:
    found = flow("[{sequence: Two days}, {sequence: Empty}]")
    assert [(node.seconds, node.waits) for node in found.steps] == [(172800, True), (0, False)]


def test_an_automation_without_entries_begins_at_its_start() -> None:
    found = flow("[{add_tag: X}]", entries="[]")
    assert [node.id for node in found.roots] == ["0/start"]


def test_steps_are_found_by_what_they_do() -> None:
    found = flow("[{add_tag: X}, {remove_tag: X}, {sequence: Two days}]", status="paused")
    tag = Key(Kind.TAG, "X")
    assert [node.id for node in found.adding(tag)] == ["0/s0"]
    assert [node.id for node in found.removing(tag)] == ["0/s1"]
    assert [node.id for node in found.enrolling()] == ["0/s2"]
    assert found.automation.status is AutomationStatus.PAUSED


def test_every_node_stands_in_front_of_those_behind_it() -> None:
    found = flow("[{if: {tag: V}, then: [{add_tag: Y}]}, {delay: 1 day}, {event: {tag_added: R}}]")
    place = {node.id: number for number, node in enumerate(found.order)}
    assert all(place[source] < place[target] for source, target in edges(found))


def test_a_step_nobody_reaches_does_not_keep_a_block_of_exits_open() -> None:
    """The tag behind the inner goal's exit is never added; who waits in front of that goal is still pulled to the one below."""
    found = flow(
        "[{if: {tag: V}, then: [{events: [{event: {tag_added: Q}, steps: [{exit: true}]}]}, {add_tag: Y}], else: [{exit: true}]},"
        " {event: {tag_added: R}}, {add_tag: Z}]"
    )
    assert found.pulls["0/s0/then/s0/path0"] == ("0/s1",)
