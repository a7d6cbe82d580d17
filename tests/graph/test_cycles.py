"""Cycles of automations and rules: which there are, which run again and again, and what keeps them from closing."""

from __future__ import annotations

from typing import Any

from ckaudit.graph.cycles import Cycle
from ckaudit.graph.graph import Graph
from ckaudit.model.account import Sequence
from ckaudit.model.automations import Automation, AutomationStatus, Integration, KitRule, RuleAction, RuleActionKind
from ckaudit.model.refs import Kind, Ref
from ckaudit.model.steps import AddTag, AnyStep, Delay, Enrol, Event, Exit, RemoveTag, SetField, Split, SplitPath, StartAutomation
from ckaudit.model.triggers import Trigger, TriggerKind
from tests.graph.accounts import account_of, automation, graph_of, has_tag, mail, seq

X, Y, DONE = (Ref(Kind.TAG, name, number) for number, name in enumerate(("X", "Y", "Done"), 1))
FORM = Ref(Kind.FORM, "Form", 1)
FIELD = Ref(Kind.FIELD, "stage", 1)
WAIT = Delay(seconds=3600, text="1 hour")
LATER = Delay(seconds=7 * 86400, text="1 week")


def on(tag: Ref) -> Trigger:
    return Trigger(kind=TriggerKind.TAG_ADDED, ref=tag)


def off(tag: Ref) -> Trigger:
    return Trigger(kind=TriggerKind.TAG_REMOVED, ref=tag)


def changes(value: str | None) -> Trigger:
    return Trigger(kind=TriggerKind.FIELD_CHANGED, ref=FIELD, value=value)


def joins(form: Ref | None) -> Trigger:
    return Trigger(kind=TriggerKind.JOINS_FORM, ref=form)


def add(tag: Ref) -> AddTag:
    return AddTag(tag=tag)


def remove(tag: Ref) -> RemoveTag:
    return RemoveTag(tag=tag)


def start(name: str) -> StartAutomation:
    return StartAutomation(automation=Ref(Kind.AUTOMATION, name))


def write(value: str) -> SetField:
    return SetField(field=FIELD, value=value)


def va(name: str, entry: Trigger | tuple[Trigger, ...], *steps: AnyStep, **fields: Any) -> Automation:
    return automation(*steps, name=name, entries=entry if isinstance(entry, tuple) else (entry,), **fields)


def rule(when: Trigger, *actions: tuple[RuleActionKind, Ref], enabled: bool = True) -> KitRule:
    return KitRule(when=(when,), do=tuple(RuleAction(kind=kind, ref=ref) for kind, ref in actions), enabled=enabled)


def plus(tag: Ref) -> tuple[RuleActionKind, Ref]:
    return RuleActionKind.ADD_TAG, tag


def minus(tag: Ref) -> tuple[RuleActionKind, Ref]:
    return RuleActionKind.REMOVE_TAG, tag


def of(*automations: Automation, **parts: Any) -> Graph:
    return graph_of(automations=automations, **parts)


def one(*automations: Automation, **parts: Any) -> Cycle:
    found = of(*automations, **parts).cycles
    assert len(found) == 1, found
    return found[0]


def none(*automations: Automation, **parts: Any) -> bool:
    return of(*automations, **parts).cycles == ()


def units(cycle: Cycle) -> list[str]:
    return [str(hop.unit) for hop in cycle.hops]


# -- one automation -----------------------------------------------------------------------------------------------------------------


def test_an_automation_that_takes_its_entry_tag_off_and_adds_it_again_has_no_end() -> None:
    cycle = one(va("A", on(X), remove(X), WAIT, add(X)))
    assert (cycle.runs_again, cycle.seconds, cycle.instant) == (True, 3600, False)
    assert [cause.node.label for cause in cycle.undoing if cause.node] == ["Remove tag “X”"]


def test_adding_the_entry_tag_that_is_held_fires_nothing() -> None:
    cycle = one(va("A", on(X), add(X)))
    assert (cycle.runs_again, cycle.runs_twice, cycle.instant) == (False, False, True)


def test_taking_the_tag_off_afterwards_is_too_late() -> None:
    assert not one(va("A", on(X), add(X), remove(X))).runs_again


def test_a_removal_long_after_the_next_round_is_too_late() -> None:
    later = va("A", on(X), add(Y), LATER, remove(X))
    assert not one(later, va("B", on(Y), remove(Y), add(X))).runs_again
    assert one(later, va("B", on(Y), remove(Y), LATER, LATER, add(X))).runs_again


def test_a_removal_right_behind_each_step_needs_another_entry() -> None:
    second = va("B", on(Y), WAIT, add(X), remove(X))
    assert not one(va("A", on(X), WAIT, add(Y), remove(Y)), second).runs_again
    assert one(va("A", (on(X), joins(FORM)), WAIT, add(Y), remove(Y)), second).runs_again


def test_a_slow_clean_up_elsewhere_is_too_late() -> None:
    assert not one(va("A", on(X), add(X)), va("Clean-up", on(X), LATER, remove(X))).runs_again
    assert one(va("A", on(X), LATER, add(X)), va("Clean-up", on(X), WAIT, remove(X))).runs_again


def test_who_comes_by_a_form_goes_round_once_more() -> None:
    cycle = one(va("A", (on(X), joins(FORM)), add(X)))
    assert (cycle.runs_again, cycle.runs_twice) == (False, True)


def test_who_is_started_by_another_automation_goes_round_once_more() -> None:
    assert one(va("A", on(X), add(X)), va("B", joins(FORM), start("A"))).runs_twice


def test_an_automation_that_starts_itself_has_no_end() -> None:
    cycle = one(va("A", joins(FORM), start("A")))
    assert cycle.runs_again
    assert cycle.hops[0].trigger is None


def test_a_removal_in_another_branch_is_not_on_the_cycle() -> None:
    assert not one(va("A", on(X), has_tag(Y, remove(X), otherwise=(add(X),)))).runs_again


def test_a_rule_on_the_entry_tag_takes_it_off() -> None:
    assert one(va("A", on(X), add(X)), rules=(rule(on(X), minus(X)),)).runs_again


def test_a_tool_elsewhere_takes_it_off() -> None:
    assert one(va("A", on(X), add(X)), external=(Integration(name="Site", removes_tags=(X,)),)).runs_again


def test_a_removal_nobody_on_the_cycle_comes_to_does_not_count() -> None:
    assert not one(va("A", on(X), add(X)), va("Refund", on(Y), remove(X))).runs_again


def test_a_field_that_is_written_again_changes_once() -> None:
    cycle = one(va("A", changes(None), write("new")))
    assert (cycle.runs_again, cycle.runs_twice) == (False, True)


def test_a_field_that_goes_to_and_fro_has_no_end() -> None:
    assert one(va("A", changes("1"), write("2")), va("B", changes("2"), write("1"))).runs_again


def test_a_field_that_one_automation_writes_to_and_fro_turns_at_the_pace_of_its_waits() -> None:
    cycle = one(va("A", changes(None), write("1"), WAIT, write("2")))
    assert (cycle.runs_again, cycle.seconds) == (True, 3600)


def test_another_value_than_the_entry_waits_for_closes_nothing() -> None:
    assert none(va("A", changes("1"), write("2")))


def test_a_step_behind_a_holding_sequence_closes_nothing() -> None:
    account = account_of(Sequence(5, "S", hold=True), mails=(mail(5, 1),))
    assert graph_of(account, automations=(va("A", on(X), remove(X), Enrol(sequence=seq(5)), add(X)),)).cycles == ()


def test_delays_and_sequences_make_the_time_of_a_round() -> None:
    account = account_of(Sequence(5, "S"), mails=(mail(5, 1), mail(5, 2, delay_value=3)))
    graph = graph_of(account, automations=(va("A", on(X), remove(X), LATER, Enrol(sequence=seq(5)), add(X)),))
    assert graph.cycles[0].seconds == 10 * 86400


# -- several ------------------------------------------------------------------------------------------------------------------------


def test_two_automations_that_start_each_other_by_tags_stop_at_a_tag_that_is_held() -> None:
    cycle = one(va("A", on(X), add(Y)), va("B", on(Y), add(X)))
    assert units(cycle) == ["automation:0", "automation:1"]
    assert (cycle.runs_again, cycle.runs_twice) == (False, False)


def test_they_have_no_end_when_each_takes_its_entry_tag_off() -> None:
    cycle = one(va("A", on(X), remove(X), WAIT, add(Y)), va("B", on(Y), remove(Y), LATER, add(X)))
    assert cycle.runs_again
    assert cycle.seconds == 3600 + 7 * 86400
    assert not cycle.instant


def test_one_tag_that_stays_ends_the_cycle() -> None:
    assert not one(va("A", on(X), remove(X), add(Y)), va("B", on(Y), add(X))).runs_again


def test_two_automations_that_start_each_other_directly_have_no_end() -> None:
    assert one(va("A", on(X), start("B")), va("B", (), start("A"))).runs_again


def test_a_direct_start_and_a_tag_that_stays_end() -> None:
    assert not one(va("A", on(X), start("B")), va("B", (), add(X))).runs_again


def test_two_rules_that_undo_each_other_have_no_end() -> None:
    cycle = one(rules=(rule(on(X), minus(X)), rule(off(X), plus(X))))
    assert units(cycle) == ["rule:0", "rule:1"]
    assert (cycle.runs_again, cycle.instant) == (True, True)


def test_an_automation_and_a_rule() -> None:
    cycle = one(va("A", on(X), remove(X), add(Y)), rules=(rule(on(Y), minus(Y), plus(X)),))
    assert units(cycle) == ["automation:0", "rule:0"]
    assert cycle.runs_again


def test_a_rule_that_joins_a_form_and_an_automation_on_that_form() -> None:
    cycle = one(va("A", joins(FORM), add(X)), rules=(rule(on(X), (RuleActionKind.SUBSCRIBE_FORM, FORM)),))
    assert units(cycle) == ["automation:0", "rule:0"]
    assert not cycle.runs_again


def test_any_form_listens_to_every_form() -> None:
    assert one(va("A", joins(None), add(X)), rules=(rule(on(X), (RuleActionKind.SUBSCRIBE_FORM, FORM)),))


def test_a_form_that_is_left_again_can_be_joined_again() -> None:
    leaves = rule(on(X), minus(X), (RuleActionKind.UNSUBSCRIBE_FORM, FORM), (RuleActionKind.SUBSCRIBE_FORM, FORM))
    assert one(va("A", joins(FORM), add(X)), rules=(leaves,)).runs_again


def test_a_sequence_that_may_be_repeated_and_begins_again_when_it_ends() -> None:
    ends = Trigger(kind=TriggerKind.COMPLETES_SEQUENCE, ref=seq(5))
    again = rule(ends, (RuleActionKind.SUBSCRIBE_SEQUENCE, seq(5)))
    for repeat in (True, False):
        cycle = graph_of(account_of(Sequence(5, "S", repeat=repeat)), rules=(again,)).cycles[0]
        assert (cycle.runs_again, cycle.instant) == (repeat, False)


def test_inactive_and_disabled_members_make_no_cycle() -> None:
    assert none(va("A", on(X), add(Y)), va("B", on(Y), add(X), status=AutomationStatus.INACTIVE))
    assert none(va("A", on(X), add(Y)), rules=(rule(on(Y), plus(X), enabled=False),))
    assert none(va("A", on(X), start("B")), va("B", (), start("A"), status=AutomationStatus.INACTIVE))


def test_a_paused_member_counts() -> None:
    assert one(va("A", on(X), add(Y)), va("B", on(Y), add(X), status=AutomationStatus.PAUSED))


def test_cycles_that_share_a_member_are_found_each() -> None:
    found = of(va("A", on(X), add(Y)), va("B", on(Y), add(X), add(DONE)), va("C", on(DONE), add(Y)), va("D", joins(FORM), add(X))).cycles
    assert [units(cycle) for cycle in found] == [["automation:0", "automation:1"], ["automation:1", "automation:2"]]


def test_three_in_a_row() -> None:
    cycle = one(va("A", on(X), add(Y)), va("B", on(Y), add(DONE)), va("C", on(DONE), add(X)))
    assert units(cycle) == ["automation:0", "automation:1", "automation:2"]


def test_a_chain_is_no_cycle() -> None:
    assert none(va("A", on(X), add(Y)), va("B", on(Y), add(DONE)), va("C", on(DONE), remove(X)))


def test_automations_of_the_same_name_are_kept_apart() -> None:
    assert none(va("A", on(X), add(Y)), va("A", on(Y), add(DONE)))


# -- what keeps a cycle from closing -----------------------------------------------------------------------------------------------


def test_who_has_been_here_before_leaves() -> None:
    assert none(va("A", on(X), has_tag(DONE, Exit()), add(DONE), remove(X), add(X)))


def test_a_guard_that_is_set_right_behind() -> None:
    assert none(va("A", on(X), has_tag(DONE, Exit()), remove(X), add(X), add(DONE)))


def test_a_guard_that_is_set_after_a_wait_comes_too_late() -> None:
    assert one(va("A", on(X), has_tag(DONE, Exit()), remove(X), add(X), WAIT, add(DONE)))


def test_a_guard_that_is_taken_off_again_guards_nothing() -> None:
    assert one(va("A", on(X), has_tag(DONE, Exit()), add(DONE), remove(X), WAIT, remove(DONE), add(X))).runs_again


def test_a_guard_nothing_sets_guards_nothing() -> None:
    cycle = one(va("A", on(X), has_tag(DONE, Exit()), remove(X), add(X)))
    assert [node.label for node in cycle.conditions] == ["Has tag “Done”?"]


def test_a_guard_that_one_way_goes_round_guards_nothing() -> None:
    assert one(va("A", on(X), has_tag(Y, otherwise=(has_tag(DONE, Exit()),)), add(DONE), remove(X), add(X)))


def test_a_guard_in_another_automation_of_the_cycle() -> None:
    assert none(va("A", on(X), remove(X), add(DONE), add(Y)), va("B", on(Y), remove(Y), has_tag(DONE, otherwise=(add(X),))))


def test_a_tag_that_has_to_be_there_and_is_used_up() -> None:
    assert none(va("A", on(X), remove(X), has_tag(DONE, remove(DONE), add(X))))


def test_a_tag_that_has_to_be_there_and_is_given_back() -> None:
    assert one(va("A", on(X), remove(X), has_tag(DONE, remove(DONE), add(X)), add(DONE)))


def test_the_other_path_of_a_split_guards() -> None:
    split = Split(paths=(SplitPath(tag=DONE, steps=(Exit(),)), SplitPath(tag=None, steps=(add(DONE), remove(X), add(X)))))
    assert none(va("A", on(X), split))


def test_a_split_whose_paths_join_guards_nothing() -> None:
    split = Split(paths=(SplitPath(tag=DONE), SplitPath(tag=None)))
    assert one(va("A", on(X), split, add(DONE), remove(X), add(X)))


def test_a_goal_that_pulls_over_the_guard_opens_it() -> None:
    steps = (remove(X), LATER, has_tag(DONE, Exit()), add(DONE), Event(trigger=on(Y)), add(X))
    assert of(va("A", on(X), add(Y), *steps)).cycles


def test_a_goal_that_nothing_on_the_cycle_brings_about_stops_it() -> None:
    assert none(va("A", on(X), remove(X), Event(trigger=on(Y)), add(X)), external=(Integration(name="Shop", adds_tags=(Y,)),))


def test_a_goal_beside_another_way_stops_nothing() -> None:
    assert one(va("A", on(X), remove(X), has_tag(DONE, Event(trigger=on(Y))), add(X)))


def test_a_date_stops_nothing() -> None:
    assert one(va("A", on(X), remove(X), Event(trigger=Trigger(kind=TriggerKind.DATE, value="2027-01-01")), add(X)))


def test_a_second_step_without_a_guard_closes_the_cycle() -> None:
    cycle = one(va("A", on(X), remove(X), has_tag(DONE, otherwise=(add(DONE), add(X))), WAIT, add(X)))
    assert cycle.runs_again
    assert cycle.seconds == 3600


def test_the_way_that_runs_again_is_shown_before_a_quicker_one_that_ends() -> None:
    cycle = one(va("A", on(X), remove(X), add(Y), WAIT, start("B")), va("B", on(Y), add(X)))
    assert cycle.runs_again
    assert cycle.hops[0].trigger is None


def test_of_very_many_cycles_some_are_listed_and_each_says_among_how_many() -> None:
    tags = [Ref(Kind.TAG, f"T{number}", number) for number in range(1, 26)]
    flows = [va(tag.name, on(tag), *(add(other) for other in tags)) for tag in tags]
    found = of(*flows).cycles
    assert 0 < len(found) <= 20
    assert {cycle.among for cycle in found} == {25}


def test_a_few_cycles_are_all_listed() -> None:
    assert [cycle.among for cycle in of(va("A", on(X), add(Y)), va("B", on(Y), add(X))).cycles] == [0]
