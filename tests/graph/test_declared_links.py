"""Which timestamp follows which, as the manifest declares it."""

from __future__ import annotations

import datetime as dt

from ckaudit.graph.build import build_graph
from ckaudit.graph.declared_links import declared_links
from ckaudit.graph.graph import Graph
from ckaudit.model.account import Account, Form, SectionName, SectionState, SectionStatus, Sequence, SequenceEmail, Tag
from ckaudit.sources.manifest import parse_manifest

NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
DAY = 86400
SECTIONS = {name: SectionState(SectionStatus.COMPLETE) for name in SectionName}
ACCOUNT = Account(
    tags=tuple(Tag(number, name) for number, name in enumerate("ABCDXYZ", 1)),
    forms=(Form(21, "F"), Form(22, "G")),
    sequences=(Sequence(31, "S"), Sequence(32, "T"), Sequence(33, "H", hold=True), Sequence(34, "N")),
    sequence_emails=(
        SequenceEmail(1, 31, published=True, position=0, delay_value=0, delay_unit="days"),
        SequenceEmail(2, 31, published=True, position=1, delay_value=2, delay_unit="days"),
        SequenceEmail(3, 32, published=True, position=0, delay_value=1, delay_unit="days"),
        SequenceEmail(4, 33, published=True, position=0, delay_value=1, delay_unit="days"),
    ),
    sections=SECTIONS,
)


def graph(text: str) -> Graph:
    manifest = parse_manifest("version: 1\n" + text, "a.yaml", ACCOUNT, ("accessally",))
    return build_graph(ACCOUNT, manifest, {}, NOW)


def links(text: str) -> list[str]:
    """``A>B 60`` for each link; ``~`` when it may leave no trace, ``-X`` for each removed tag it goes past."""
    found = graph(text)
    told = []
    for link in declared_links(found):
        source, target = found.object(link.source).name, found.object(link.target).name
        time = (
            "?"
            if link.min_seconds is None
            else str(link.min_seconds)
            if link.min_seconds == link.max_seconds
            else f"{link.min_seconds}..{link.max_seconds}"
        )
        told.append(f"{source}>{target} {time}" + "".join(f" -{found.object(key).name}" for key in link.past) + " ~" * link.unsure)
    return sorted(told)


def steps(*lines: str, entry: str = "tag_added: A") -> str:
    return "automations:\n  - name: One\n    entries: [{" + entry + "}]\n    steps: [" + ", ".join(lines) + "]\n"


def test_steps_form_a_chain_and_not_a_star() -> None:
    assert links(steps("{add_tag: B}", "{sequence: S}", entry="joins_form: F")) == ["B>S 0", "F>B 0"]


def test_delays_between_two_timestamps_add_up_and_belong_to_the_second() -> None:
    assert links(steps("{delay: 5 minutes}", "{add_tag: B}", "{delay: 1 hours}", "{delay: 1 days}", "{add_tag: C}")) == [
        "A>B 300",
        f"B>C {DAY + 3600}",
    ]


def test_what_follows_a_sequence_waits_until_its_last_published_email() -> None:
    assert links(steps("{sequence: S}", "{delay: 1 hours}", "{add_tag: B}")) == ["A>S 0", f"S>B {2 * DAY + 3600}"]


def test_nothing_follows_a_holding_sequence() -> None:
    assert links(steps("{sequence: H}", "{add_tag: B}")) == ["A>H 0"]


def test_steps_without_timestamp_are_passed_over() -> None:
    assert links(steps("{set_field: {field: x, value: y}}", "{remove_tag: Z}", "{add_tag: B}")) == ["A>B 0"]


def test_a_removed_tag_is_gone_past_and_its_own_links_may_leave_no_trace() -> None:
    assert links(steps("{add_tag: X}", "{delay: 5 minutes}", "{sequence: S}", "{remove_tag: X}")) == [
        "A>S 300 -X",
        "A>X 0 ~",
        "X>S 300 ~",
    ]


def test_a_tag_that_somebody_outside_removes_is_gone_past_too() -> None:
    outside = "external: [{name: AccessAlly, removes_tags: [X]}]\n"
    assert "A>B 0 -X" in links(steps("{add_tag: X}", "{add_tag: B}") + outside)


def test_two_removed_tags_in_a_row_are_both_gone_past() -> None:
    outside = "external: [{name: AccessAlly, removes_tags: [X, Y]}]\n"
    assert links(steps("{add_tag: X}", "{add_tag: Y}", "{add_tag: B}") + outside) == [
        "A>B 0 -X -Y",
        "A>X 0 ~",
        "A>Y 0 -X ~",
        "X>B 0 -Y ~",
        "X>Y 0 ~",
        "Y>B 0 ~",
    ]


def test_both_sides_of_a_condition_follow_and_so_does_what_stands_behind_it() -> None:
    block = "{if: {tag: Z}, then: [{add_tag: B}, {delay: 1 days}], else: [{delay: 2 days}]}"
    assert links(steps(block, "{add_tag: C}")) == ["A>B 0", f"A>C {2 * DAY}", f"B>C {DAY}"]


def test_an_empty_side_makes_a_span_of_times() -> None:
    assert links(steps("{if: {tag: Z}, then: [{delay: 2 days}]}", "{add_tag: C}")) == [f"A>C 0..{2 * DAY}"]


def test_a_goal_with_a_tag_starts_the_next_chain() -> None:
    assert links(steps("{add_tag: B}", "{delay: 7 days}", "{event: {tag_added: C}}", "{add_tag: D}")) == ["A>B 0", "C>D 0"]


def test_behind_a_goal_without_timestamp_the_time_is_unknown() -> None:
    assert links(steps("{event: {purchases: P}}", "{add_tag: B}")) == ["A>B ?"]


def test_goals_side_by_side_each_lead_to_their_own_side() -> None:
    block = "{events: [{event: {tag_added: B}, steps: [{add_tag: X}]}, {event: {tag_added: C}, steps: [{add_tag: Y}]}]}"
    assert links(steps(block)) == ["B>X 0", "C>Y 0"]


def test_every_entry_leads_to_the_first_step() -> None:
    assert links("automations: [{name: One, entries: [{tag_added: A}, {joins_form: F}], steps: [{sequence: S}]}]\n") == ["A>S 0", "F>S 0"]


def test_any_form_is_every_form() -> None:
    assert links(steps("{add_tag: B}", entry="joins_form: any")) == ["F>B 0", "G>B 0"]


def test_an_entry_without_timestamp_gives_no_link() -> None:
    assert links(steps("{add_tag: B}", entry="purchases: P")) == []


def test_who_is_put_into_another_automation_goes_on_in_both() -> None:
    more = "  - {name: Two, steps: [{delay: 1 hours}, {sequence: S}]}\n"
    assert links(steps("{add_tag: B}", "{start_automation: Two}", "{add_tag: C}") + more) == ["A>B 0", "B>C 0", "B>S 3600"]


def test_automations_that_start_each_other_without_end_do_not_hang() -> None:
    more = "  - {name: Two, steps: [{delay: 1 hours}, {start_automation: One}]}\n"
    assert links(steps("{start_automation: Two}") + more) == []


def test_rules_and_forms_link_too() -> None:
    text = (
        "automations: []\n"
        "rules: [{when: [{tag_added: A}], do: [{subscribe_sequence: S}, {subscribe_form: G}, {unsubscribe_sequence: T}]},"
        " {when: [{completes_sequence: S}], do: [{add_tag: B}]}, {when: [{subscribes_to_sequence: T}], do: [{add_tag: C}]}]\n"
        "form_links: [{form: F, sequence: T, adds_tags: [D]}]\n"
    )
    assert links(text) == ["A>G 0", "A>S 0", "F>D 0", "F>T 0", f"S>B {2 * DAY}", "T>C 0"]


def test_an_object_never_follows_itself() -> None:
    assert links(steps("{add_tag: A}", "{add_tag: B}")) == ["A>B 0"]


def test_no_manifest_declares_nothing() -> None:
    assert declared_links(build_graph(ACCOUNT, None, {}, NOW)) == ()
