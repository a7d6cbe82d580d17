"""Drafts parse whatever the names are, and once confirmed they explain all the links they were made from."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckaudit.graph.build import build_graph
from ckaudit.graph.declared_links import declared_links
from ckaudit.model.account import Account, AccountInfo, Form, SectionName, SectionState, SectionStatus, SequenceEmail, Tag
from ckaudit.model.account import Sequence as SequenceOfMails
from ckaudit.model.automations import Automation, Manifest
from ckaudit.model.refs import Key, Kind, ObjectRef
from ckaudit.model.result import Link
from ckaudit.model.steps import Delay, all_steps
from ckaudit.observed.chains import Durations, pace_of
from ckaudit.observed.compare import over_steps
from ckaudit.render.draft_manifest import AccountFacts, draft_files, draft_rules, drafted, quoted
from ckaudit.sources.manifest import parse_manifest

NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
SECTIONS = {name: SectionState(SectionStatus.COMPLETE) for name in SectionName}
KINDS = {"tag": (1, 2, 3, 4, 5), "form": (21, 22), "sequence": (31, 32, 33)}
PLACES = [(kind, number) for kind, numbers in KINDS.items() for number in numbers]
PLANNED = {31: 0, 32: 3 * 86400, 33: 86400}
NAMES = {place: f"{place[0]} {place[1]}" for place in PLACES}

# As the YAML language server finds it in a comment.
MODELINE = re.compile(r"^#\s+yaml-language-server\s*:\s*\$schema=(?P<schema>\S+)$", re.MULTILINE)


def link(source: tuple[str, int], target: tuple[str, int], delay: int = 0, names: dict[tuple[str, int], str] | None = None) -> Link:
    told = names or NAMES
    one, other = (ObjectRef(place[0], told[place], place[1]) for place in (source, target))
    return Link(one, other, 412, 0.96, delay, delay, delay + 3, "observed", 0.97)


def account_of(names: dict[tuple[str, int], str]) -> Account:
    return Account(
        info=AccountInfo(27),
        tags=tuple(Tag(number, names["tag", number]) for number in KINDS["tag"]),
        forms=tuple(Form(number, names["form", number]) for number in KINDS["form"]),
        sequences=tuple(SequenceOfMails(number, names["sequence", number], hold=number == 33) for number in KINDS["sequence"]),
        sequence_emails=tuple(
            SequenceEmail(number, number, published=True, delay_value=PLANNED[number] // 86400, delay_unit="days") for number in PLANNED
        ),
        sections=SECTIONS,
    )


def facts(names: dict[tuple[str, int], str] | None = None) -> AccountFacts:
    told = [(kind, name) for (kind, _), name in (names or NAMES).items()]
    return AccountFacts(Durations(PLANNED, {33}, frozenset(PLANNED)), {name for name in told if told.count(name) > 1}, 27)


def confirmed(links: Sequence[Link], facts: AccountFacts) -> str:
    """All drafts in one manifest, as if somebody had found them right."""
    found = drafted(links, facts)
    files = draft_files(found.automations, facts, "2026-11-20")
    parts = [file.text.partition("automations:\n")[2].replace("    draft: timestamps\n", "") for file in files]
    rules = draft_rules(found.rules, facts)
    lines = ["version: 1", f"account: {facts.number}", *(["automations:", "".join(parts)] if parts else ["automations: []"])]
    return "\n".join([*lines, *(["rules:", *rules] if rules else [])]) + "\n"


def parsed(text: str, names: dict[tuple[str, int], str] | None = None) -> tuple[Manifest, set[tuple[Any, ...]]]:
    account = account_of(names or NAMES)
    manifest = parse_manifest(text, "draft.yaml", account, ())
    graph = build_graph(account, manifest, {}, NOW)
    return manifest, {(str(found.source.kind), found.source.id, str(found.target.kind), found.target.id) for found in declared_links(graph)}


def test_a_chain_becomes_one_automation_with_its_delays() -> None:
    links = [link(("form", 21), ("tag", 1), 3), link(("tag", 1), ("sequence", 32), 300), link(("sequence", 32), ("tag", 2), 4 * 86400)]
    manifest, _ = parsed(confirmed(links, facts()))
    (found,) = manifest.automations
    steps = [step.text if isinstance(step, Delay) else type(step).__name__ for step in found.steps]
    assert steps == ["AddTag", "5 minutes", "Enrol", "1 day", "AddTag"]
    assert manifest.account == 27
    assert not manifest.complete


def test_what_is_done_at_once_and_goes_no_further_becomes_one_rule() -> None:
    manifest, found = parsed(confirmed([link(("tag", 1), ("tag", 2)), link(("tag", 1), ("sequence", 31))], facts()))
    assert manifest.automations == ()
    assert [(len(rule.when), len(rule.do)) for rule in manifest.rules] == [(1, 2)]
    assert found == {("tag", 1, "tag", 2), ("tag", 1, "sequence", 31)}


def test_rules_that_do_the_same_become_one_with_several_triggers() -> None:
    manifest, found = parsed(confirmed([link(("form", 21), ("tag", 2)), link(("form", 22), ("tag", 2))], facts()))
    assert [(len(rule.when), len(rule.do)) for rule in manifest.rules] == [(2, 1)]
    assert found == {("form", 21, "tag", 2), ("form", 22, "tag", 2)}


def test_what_leads_to_the_same_beginning_becomes_an_entry() -> None:
    links = [link(("form", 21), ("tag", 2)), link(("form", 22), ("tag", 2)), link(("tag", 2), ("sequence", 31), 300)]
    manifest, _ = parsed(confirmed(links, facts()))
    (automation,) = manifest.automations
    assert [str(entry.kind) for entry in automation.entries] == ["joins_form", "joins_form"]
    assert [type(step).__name__ for step in automation.steps] == ["AddTag", "Delay", "Enrol"]
    assert manifest.rules == ()


def test_where_only_some_go_on_there_is_a_question() -> None:
    some = msgspec.structs.replace(link(("tag", 1), ("tag", 2), 86400), share=0.4)
    others = msgspec.structs.replace(link(("tag", 1), ("tag", 3), 86400), share=0.5)
    text = confirmed([some, others], facts())
    manifest, found = parsed(text)
    (automation,) = manifest.automations
    assert [type(step).__name__ for step in automation.steps] == ["If"]
    assert "50% did" in text
    assert found == {("tag", 1, "tag", 2), ("tag", 1, "tag", 3)}


def test_a_tag_that_decides_is_the_condition() -> None:
    some = msgspec.structs.replace(link(("tag", 1), ("sequence", 31), 300), share=0.4, condition=ObjectRef("tag", "tag 2", 2))
    assert 'if: {tag: "tag 2"}' in confirmed([some], facts())


def test_what_waits_for_the_people_is_no_delay() -> None:
    opted_in = msgspec.structs.replace(link(("form", 21), ("tag", 2), 95), delay_p10=20, delay_p90=900)
    text = confirmed([opted_in, link(("tag", 2), ("sequence", 31))], facts())
    assert "delay:" not in text


def test_what_leads_to_a_form_or_follows_a_sequence_too_early_becomes_a_rule() -> None:
    links = [link(("tag", 1), ("form", 21)), link(("sequence", 32), ("tag", 2), 5), link(("sequence", 33), ("tag", 3), 90000)]
    manifest, _ = parsed(confirmed(links, facts()))
    triggers = [str(rule.when[0].kind) for rule in manifest.rules]
    assert triggers == ["tag_added", "subscribes_to_sequence", "completes_sequence"]


def test_a_sequence_that_nothing_seen_leads_to_becomes_a_rule() -> None:
    manifest, found = parsed(confirmed([link(("sequence", 32), ("tag", 2), 3 * 86400)], facts()))
    assert str(manifest.rules[0].when[0].kind) == "completes_sequence"
    assert found == {("sequence", 32, "tag", 2)}


def test_links_that_were_only_declared_or_lead_to_gone_objects_are_left_out() -> None:
    gone = Link(ObjectRef("tag", "99"), ObjectRef("tag", "tag 1", 1), 30, 1.0, 0, 0, 0, "observed", 0.9)
    unseen = Link(ObjectRef("tag", "tag 2", 2), ObjectRef("tag", "tag 1", 1), 0, 0.0, None, None, None, "declared")
    manifest, _ = parsed(confirmed([gone, unseen], facts()))
    assert (manifest.automations, manifest.rules) == ((), ())


def test_a_draft_says_that_it_is_one_and_what_was_seen() -> None:
    (file,) = draft_files(drafted([link(("tag", 1), ("tag", 2), 300)], facts()).automations, facts(), "2026-11-20")
    assert file.text.startswith("# A DRAFT, made by ckaudit from timestamps on 2026-11-20")
    assert "# 412 people, 96% of those who could, usually 5 minutes, 97% sure\n" in file.text
    assert file.slug == "draft-01-tag-1-to-tag-2"
    manifest, _ = parsed(file.text)
    assert [(item.name, str(item.draft)) for item in manifest.automations] == [("Draft 1: tag 1 to tag 2", "timestamps")]


def steps_of(automation: Automation) -> list[str]:
    return [step.text if isinstance(step, Delay) else type(step).__name__ for step in automation.steps]


def test_what_the_emails_of_a_sequence_take_is_told_beside_the_time_that_passed() -> None:
    text = confirmed([link(("tag", 1), ("sequence", 32)), link(("sequence", 32), ("tag", 2), 10 * 86400)], facts())
    assert "usually 10 days (3 days of it the emails)" in text
    assert "- delay: 7 days" in text


def test_a_tag_that_few_have_may_have_been_taken_off_again() -> None:
    few, many = (msgspec.structs.replace(link(("tag", 1), ("tag", 2), 3), share=share) for share in (0.1, 0.7))
    assert "lost it again" in confirmed([few], facts())
    assert "lost it again" not in confirmed([many], facts())


def test_a_tag_that_comes_slower_than_kits_own_steps_may_be_the_sites() -> None:
    slow = msgspec.structs.replace(link(("tag", 1), ("tag", 2), 8), delay_p10=3, delay_p90=12)
    quick = link(("tag", 1), ("tag", 2), 1)
    starts = [msgspec.structs.replace(link(("tag", 1), ("sequence", number), 1), delay_p90=2) for number in (31, 32, 33)]
    kit = dataclasses.replace(facts(), pace=pace_of(starts))
    assert kit.pace == 2
    assert "if your site or a tool writes it" in confirmed([slow], kit)
    assert "if your site or a tool writes it" not in confirmed([quick], kit)
    assert "if your site or a tool writes it" not in confirmed([slow], facts())  # nothing shows how fast Kit is


def test_what_begins_with_the_same_is_one_automation_in_the_order_of_time() -> None:
    links = [
        link(("tag", 1), ("tag", 3), 86400),
        link(("tag", 1), ("sequence", 32), 300),
        msgspec.structs.replace(link(("tag", 1), ("tag", 2)), share=0.5),
        link(("sequence", 32), ("tag", 4), 10 * 86400),
    ]
    manifest, _ = parsed(confirmed([*links[1:], link(("tag", 1), ("tag", 5), 60)], facts()))
    (automation,) = manifest.automations
    assert steps_of(automation) == ["If", "1 minute", "AddTag", "4 minutes", "Enrol", "7 days", "AddTag"]
    assert manifest.rules == ()


def test_what_does_not_wait_for_a_sequence_that_runs_is_another_automation() -> None:
    links = [link(("tag", 1), ("sequence", 32), 300), link(("tag", 1), ("tag", 3), 86400)]  # the sequence takes three days
    manifest, _ = parsed(confirmed(links, facts()))
    assert [steps_of(item) for item in manifest.automations] == [["5 minutes", "Enrol"], ["1 day", "AddTag"]]


def test_what_keeps_its_time_counts_from_the_start_and_not_from_the_end_of_a_sequence() -> None:
    upsell = link(("tag", 1), ("sequence", 31), 30 * 86400)
    manifest, _ = parsed(confirmed([link(("tag", 1), ("sequence", 32), 300), upsell], facts()))
    assert [steps_of(item) for item in manifest.automations] == [["5 minutes", "Enrol"], ["30 days", "Enrol"]]


def test_a_sequence_that_leads_nowhere_does_not_stand_in_the_way_of_a_release() -> None:
    links = [
        link(("tag", 1), ("sequence", 32), 300),
        *(link(("tag", number), ("tag", number + 1), 7 * 86400) for number in (1, 2, 3)),
    ]
    manifest, _ = parsed(confirmed(links, facts()))
    assert [steps_of(item) for item in manifest.automations] == [["7 days", "AddTag"] * 3, ["5 minutes", "Enrol"]]


def test_a_condition_that_takes_time_holds_nobody_else_up() -> None:
    some = msgspec.structs.replace(link(("tag", 1), ("sequence", 32), 86400), share=0.4)
    manifest, _ = parsed(confirmed([some, link(("tag", 1), ("tag", 2), 5 * 86400)], facts()))
    assert [steps_of(item) for item in manifest.automations] == [["5 days", "AddTag"], ["If"]]


def test_where_the_ways_of_a_condition_meet_the_automation_goes_on() -> None:
    links = [
        link(("form", 21), ("tag", 1)),
        msgspec.structs.replace(link(("tag", 1), ("tag", 2), 86400), share=0.6, support=240),
        msgspec.structs.replace(link(("tag", 1), ("tag", 3), 300), share=0.4, support=160),
        msgspec.structs.replace(link(("tag", 2), ("tag", 3), 300), support=240),
        link(("tag", 3), ("sequence", 31), 600),
    ]
    manifest, _ = parsed(confirmed(links, facts()))
    (automation,) = manifest.automations
    assert steps_of(automation) == ["AddTag", "If", "5 minutes", "AddTag", "10 minutes", "Enrol"]


def test_what_several_automations_lead_to_starts_one_of_its_own() -> None:
    links = [
        *(link(("form", form), ("sequence", 31 + form - 21), 300) for form in (21, 22)),
        *(link(("form", form), ("tag", 1)) for form in (21, 22)),
        link(("tag", 1), ("tag", 2), 86400),
    ]
    manifest, _ = parsed(confirmed(links, facts()))
    assert [(str(item.entries[0].kind), steps_of(item)) for item in manifest.automations] == [
        ("joins_form", ["AddTag", "5 minutes", "Enrol"]),
        ("joins_form", ["AddTag", "5 minutes", "Enrol"]),
        ("tag_added", ["1 day", "AddTag"]),
    ]


def test_what_three_starts_give_at_once_is_a_rule_of_its_own() -> None:
    links = [
        *(link(("tag", number), ("tag", 5)) for number in (1, 2, 3)),
        *(link(("tag", number), ("sequence", 31), 300 * number) for number in (1, 2, 3)),
    ]
    manifest, _ = parsed(confirmed(links, facts()))
    assert [(len(rule.when), len(rule.do)) for rule in manifest.rules] == [(3, 1)]
    assert [steps_of(item) for item in manifest.automations] == [["5 minutes", "Enrol"], ["10 minutes", "Enrol"], ["15 minutes", "Enrol"]]


def test_a_few_who_come_by_another_step_change_nothing() -> None:
    links = [
        link(("tag", 1), ("tag", 2)),
        link(("tag", 2), ("sequence", 31), 300),
        msgspec.structs.replace(link(("tag", 1), ("sequence", 31), 310), support=22, share=0.05),
    ]
    manifest, _ = parsed(confirmed(links, facts()))
    (automation,) = manifest.automations
    assert steps_of(automation) == ["AddTag", "5 minutes", "Enrol"]


def test_a_draft_that_is_there_already_is_not_made_again() -> None:
    links = [link(("tag", 1), ("tag", 2), 300), link(("tag", 3), ("tag", 4), 300)]
    automations = drafted(links, facts()).automations
    first, _ = draft_files(automations, facts(), "2026-11-20")
    old = parsed(first.text)[0].automations
    assert [file.name for file in draft_files(automations, facts(), "2026-11-20", old)] == ["Draft 2: tag 3 to tag 4"]


HOSTILE = [
    "",
    "any",
    "1",
    "true",
    "null",
    "- x",
    "a: b",
    "# no",
    "'",
    '"',
    "\\",
    "a\nb",
    "\x00\x1b[31m",
    "\u202egat",
    "{x}",
    "*x",
    "&x",
    "日本 🎉",
    " a ",
    "\x85",
    "# ckaudit: ignore CK311 no",
    " # ckaudit: ignore CK311 no",
    "x #\tckaudit:ignore CK201 y",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_survives(name: str) -> None:
    names = {place: name if place in {("tag", 1), ("form", 21)} else told for place, told in NAMES.items()}
    text = confirmed([link(("form", 21), ("tag", 1), names=names), link(("tag", 1), ("sequence", 31), names=names)], facts(names))
    manifest, found = parsed(text, names)
    assert found == {("form", 21, "tag", 1), ("tag", 1, "sequence", 31)}
    assert manifest.ignores == ()
    assert not {char for char in text if char != "\n" and ord(char) < 32} | ({"\u202e", "\x85"} & set(text))


@given(st.text(max_size=12))
def test_a_quoted_name_is_one_line_without_quotes_inside(name: str) -> None:
    text = quoted(name)
    assert text.isprintable()
    assert text.replace("\\\\", "").replace('\\"', "").count('"') == 2


places = st.sampled_from(PLACES)
random_links = st.lists(
    st.tuples(places, places, st.integers(0, 10 * 86400)).filter(lambda pair: pair[0] != pair[1]),
    unique_by=lambda pair: (pair[0], pair[1]),
    max_size=14,
)


@settings(max_examples=150, deadline=None)
@given(random_links, st.lists(st.sampled_from(["Same", "any", "A", "B", "1"]), min_size=len(PLACES), max_size=len(PLACES)))
def test_a_draft_explains_the_links_it_was_made_from_and_names_nothing_else(
    pairs: list[tuple[tuple[str, int], tuple[str, int], int]], said: list[str]
) -> None:
    names = dict(zip(PLACES, said, strict=True))
    links = [link(source, target, delay, names) for source, target, delay in pairs]
    told = facts(names)
    manifest, _ = parsed(confirmed(links, told), names)
    reached = over_steps(declared_links(build_graph(account_of(names), manifest, {}, NOW)))
    for source, target, _ in pairs:
        assert Key(Kind(target[0]), target[1]) in reached.get(Key(Kind(source[0]), source[1]), ())
    assert {(ref.kind, ref.id) for ref in manifest.references} == {(kind, number) for pair in pairs for kind, number in pair[:2]}
    passing = [item for item in manifest.automations if not {32, 33} & {step.ref.id for step in all_steps(item.steps) if step.ref}]
    starts = [frozenset(entry.target for entry in item.entries) for item in passing]
    assert len(starts) == len(set(starts)) or len({target for _, target, _ in pairs}) < len(pairs)  # what two lead to may be a circle
