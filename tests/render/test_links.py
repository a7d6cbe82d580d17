"""Links in words, as a table and as a chart."""

from __future__ import annotations

import msgspec
import pytest

from ckaudit.graph.words import in_whole_units
from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import EvidenceCoverage, Link, LooksLinked, WithoutCause
from ckaudit.render.links import chains, format_confidence, format_delay, links_mermaid, render_links
from ckaudit.render.plain import columns

COVERAGE = EvidenceCoverage(5120, "2026-05-28T00:00:00Z")


def link(delay: int | None = 300, low: int = 300, high: int = 303, *, name: str = "Customer", sure: float | None = 0.97) -> Link:
    source, target = ObjectRef("tag", name, 11), ObjectRef("sequence", "Welcome", 5)
    if delay is None:
        return Link(source, target, 0, 0.0, None, None, None, "declared")
    return Link(source, target, 412, 0.96, delay, low, high, "both", sure)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "at once"),
        (29, "at once"),
        (30, "1 minute"),
        (300, "5 minutes"),
        (303, "5 minutes"),
        (3600, "1 hour"),
        (5400, "90 minutes"),
        (7205, "2 hours"),
        (86400, "1 day"),
        (129600, "36 hours"),
        (259300, "3 days"),
        (-5, "at once"),
    ],
)
def test_a_delay_is_said_in_the_largest_unit_that_fits(seconds: int, words: str) -> None:
    assert in_whole_units(seconds)[1] == words


@pytest.mark.parametrize(
    ("delay", "low", "high", "words"),
    [(300, 300, 330, "5 minutes"), (0, 0, 3, "at once"), (86400, 3600, 200000, "0 to 3 days"), (900, 120, 1800, "2 to 30 minutes")],
)
def test_a_delay_that_varies_is_a_span(delay: int, low: int, high: int, words: str) -> None:
    assert format_delay(link(delay, low, high)) == words


def test_nobody_is_ever_100_percent_sure() -> None:
    assert [format_confidence(link(sure=sure)) for sure in (0.999, 0.72, None)] == ["99%", "72%", "-"]


def test_a_table_has_a_row_per_link_and_says_what_it_rests_on() -> None:
    lines = render_links([link(), link(None)], COVERAGE, width=120).splitlines()
    assert [line.split() for line in lines[2:5]] == [
        ["tag", "“Customer”"],
        ["→", "sequence", "“Welcome”", "-", "-", "-", "-", "declared"],
        ["→", "sequence", "“Welcome”", "412", "96%", "5", "minutes", "97%", "both"],
    ]
    assert "Found in 5120 timestamps since 2026-05-28." in lines
    assert lines[-2].startswith("Not seen: a tag that was removed")


def to(source: str, target: str, people: int, **more: object) -> Link:
    one, other = ObjectRef("tag", source, source), ObjectRef("tag", target, target)  # type: ignore[arg-type]
    return msgspec.structs.replace(Link(one, other, people, 1.0, 300, 300, 303, "observed", 0.97), **more)


def test_chains_follow_from_what_starts_them_the_most_people_first() -> None:
    links = [to("c", "d", 60), to("b", "c", 70), to("x", "y", 90), to("a", "b", 80)]
    assert [(depth, item.name) for depth, item, _ in chains(links)] == [
        (0, "x"), (1, "y"), (0, "a"), (1, "b"), (2, "c"), (3, "d"),
    ]  # fmt: skip


def test_every_link_comes_once_and_a_circle_ends() -> None:
    links = [to("a", "b", 80), to("b", "a", 70), to("b", "b2", 60), to("c", "b", 50)]
    assert [link for _, _, link in chains(links) if link] == [links[3], links[1], links[0], links[2]]


def test_what_may_as_well_be_the_cause_is_named() -> None:
    found = to("a", "b", 80, rivals=(ObjectRef("tag", "Other", 9),))
    assert "or after “Other”" in render_links([found], COVERAGE, width=120)


def test_the_condition_that_decides_is_named() -> None:
    found = to("a", "b", 80, condition=ObjectRef("tag", "Type 2", 9))
    assert "only with tag “Type 2”" in render_links([found], COVERAGE, width=120)


@pytest.mark.parametrize(("share", "late", "few"), [(0.07, 4, True), (0.07, 90_000, False), (0.9, 4, False)])
def test_a_tag_that_few_have_at_once_may_be_taken_off_again(share: float, late: int, few: bool) -> None:
    found = Link(ObjectRef("tag", "Purchased", 1), ObjectRef("tag", "Create login", 2), 29, share, 2, 0, late, "observed", 0.9)
    assert ("few have it now: it may be taken off again" in render_links([found], COVERAGE, width=120)) is few


def test_without_a_manifest_to_compare_with_there_is_no_status() -> None:
    assert "status" not in render_links([to("a", "b", 80)], COVERAGE)
    assert "status" in render_links([link()], COVERAGE)


def test_what_starts_a_chain_without_a_cause_says_so() -> None:
    found = to("a", "b", 80)
    text = render_links([found], COVERAGE, (), [WithoutCause(found.source, 90), WithoutCause(ObjectRef("tag", "c", 3), 30)])
    assert "  tag “a”: 90 people, starts a chain above\n  tag “c”: 30 people\n" in text


def test_the_delay_behind_a_sequence_has_its_emails_in_it() -> None:
    behind = msgspec.structs.replace(link(), source=ObjectRef("sequence", "Course", 6))
    assert "its emails are part of it" in render_links([behind], COVERAGE, width=120)
    assert "its emails are part of it" not in render_links([link()], COVERAGE, width=120)


def test_many_hours_are_days() -> None:
    assert format_delay(link(457200, 457000, 457300)) == "5.3 days"
    assert format_delay(link(129600, 129500, 129700)) == "36 hours"


def test_seconds_are_printed_where_a_hand_may_have_been() -> None:
    assert format_delay(link(23, 12, 52)) == "12 to 52 seconds"
    assert format_delay(link(3, 0, 9)) == "at once"


def test_what_looks_alike_and_what_has_no_cause_is_listed() -> None:
    tag, other = ObjectRef("tag", "Bought", 1), ObjectRef("tag", "Client", 2)
    looks = [LooksLinked(tag, other, 300, 0, 0, 1, "the same writer")]
    text = render_links([link()], COVERAGE, looks, [WithoutCause(tag, 300, "in bulk"), WithoutCause(other, 40)], width=120)
    assert "  tag “Bought” and tag “Client”: the same writer (300 people, at once)\n" in text
    assert "  tag “Bought”: 300 people, in bulk\n  tag “Client”: 40 people\n" in text


@pytest.mark.parametrize("width", [60, 80, 100, 120])
@pytest.mark.parametrize("name", ["Name " * 30, "x" * 300, "日本" * 40])
def test_long_names_wrap_so_that_the_table_fits(width: int, name: str) -> None:
    rival, tag = ObjectRef("tag", name, 7), ObjectRef("tag", name, 8)
    longest = msgspec.structs.replace(link(86400 * 100, 86400 * 98, 86400 * 130, name=name), rivals=(rival,), condition=tag)
    assert max(columns(line) for line in render_links([longest, link(None)], COVERAGE, width=width).splitlines()) <= width


def test_no_links_are_said_in_words() -> None:
    assert render_links([], COVERAGE, least=0.99).startswith("No links that are at least 99% sure were found in 5120 timestamps")
    assert render_links([], EvidenceCoverage(1)) == "No links were found in 1 timestamp. A link needs at least 20 people who took it.\n"


@pytest.mark.parametrize("draw", [lambda links: render_links(links, COVERAGE), links_mermaid])
def test_a_hostile_name_moves_nothing(draw: object) -> None:
    text = draw([link(name='\x1b[31m"] --> <b>\u202e')])  # type: ignore[operator]
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_a_chart_has_each_object_once_and_markup_in_names_is_text() -> None:
    text = links_mermaid([link(name='a"]; <b>'), link(None, name='a"]; <b>')])
    assert text.splitlines()[1] == '  n0["tag<br>a#34;#93;#59; #60;b#62;"]'
    assert text.count("<br>") == 2
    assert "  n0 -.-> n1" in text
