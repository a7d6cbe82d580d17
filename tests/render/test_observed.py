"""What was seen of automations, in words, in small charts and as a page of links."""

from __future__ import annotations

import html
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckaudit.model.result import GAP_EDGES, EvidenceCoverage, GapBin, Link, ManifestCoverage, Result
from ckaudit.render.draw.links_svg import MAX_LINKS_OF_ONE, MAX_OBJECTS, Arrow, groups, identity, links_svg
from ckaudit.render.draw.timeline import WIDTH, gaps_svg, position
from ckaudit.render.evidence_text import by_status, format_delay, format_duration, pace, step_notes, step_sentence
from ckaudit.render.html import render_html
from ckaudit.render.markdown import render_markdown
from ckaudit.render.text import render_text
from ckaudit.render.view_evidence import links_page
from tests.render import observed, results


def words_of(result: Result) -> str:
    """The page as plain words."""
    page = re.sub(r"<(style|script|desc).*?</\1>", "", render_html(result), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (59, "1 minute"),
        (45, "45 seconds"),
        (100, "100 seconds"),
        (320, "5 minutes"),
        (5400, "90 minutes"),
        (3700, "1 hour"),
        (86_419, "1 day"),
        (97_200, "27 hours"),
        (604_820, "7 days"),
    ],
)
def test_times_are_rounded_as_people_say_them(seconds: int, words: str) -> None:
    assert format_duration(seconds) == words


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ((0, 0, 0), " in the same second"),
        ((2, 0, 3), ", nine in ten of them within 3 seconds"),
        ((320, 302, 338), ", usually after 5 minutes"),
        ((9000, 600, 100_000), ", usually after 2 hours, nine in ten of them within 28 hours"),
        ((None, None, None), ""),
    ],
)
def test_how_long_it_took_is_said_by_what_most_people_saw(times: tuple[int | None, int | None, int | None], words: str) -> None:
    assert format_delay(*times) == words


def test_a_step_is_one_sentence_with_its_people() -> None:
    told = observed.step(observed.tag("Course A: purchased"), observed.sequence("Course A welcome"))
    assert step_sentence(told) == (
        "412 of 430 people who got the tag “Course A: purchased” came into the sequence “Course A welcome”, "
        "nine in ten of them within 3 seconds."
    )


@pytest.mark.parametrize(
    ("people", "went_on", "words"),
    [
        (5, 0, "None of the 5 people who joined the form “F” got the tag “T”."),
        (1, 0, "The only person who joined the form “F” did not go on: nobody got the tag “T”."),
        (1, 1, "The only person who joined the form “F” got the tag “T”."),
        (0, 0, "Nobody joined the form “F”, so nobody could go on to “T”."),
    ],
)
def test_few_people_are_told_in_words_of_their_own(people: int, went_on: int, words: str) -> None:
    assert step_sentence(observed.step(observed.form("F"), observed.tag("T"), people=people, went_on=went_on)) == words


@pytest.mark.parametrize(
    ("median", "planned", "said"),
    [
        (2, 300, "early"),
        (302, 300, "planned"),
        (250, 300, "planned"),
        (900, 300, "planned"),
        (9000, 300, "late"),
        (0, 0, ""),
        (7200, 0, "late"),
    ],
)
def test_the_usual_time_is_compared_with_the_plan(median: int, planned: int, said: str) -> None:
    told = observed.step(observed.tag("A"), observed.tag("B"), delay_seconds=median, planned_min=planned, planned_max=planned)
    assert pace(told) == said


def test_nothing_is_compared_when_nobody_knows_the_plan() -> None:
    assert pace(observed.step(observed.tag("A"), observed.tag("B"))) == ""


def test_a_condition_explains_who_did_not_go_on() -> None:
    told = observed.step(observed.tag("A"), observed.tag("B"), conditional=True, not_mailed=4)
    assert step_notes(told) == ("There is a condition in between, so not everybody is meant to.",)


def test_a_list_that_was_read_from_a_day_on_does_not_prove_who_stayed_behind() -> None:
    told = observed.step(observed.tag("A"), observed.tag("B"), bounded=True)
    assert step_notes(told) == ("18 did not go on, or had it before the time that was read.",)


def test_notes_say_what_cannot_be_judged() -> None:
    notes = " ".join(step_notes(observed.automations().automations[0].steps[1]))
    assert notes == (
        "2 did not go on. 1 of them gets no mail from Kit any more. 3 more came too recently to say. "
        "2 had it before and are left out. At least: not everybody was read who has “Course A: module 2”."
    )


def test_the_report_tells_what_was_seen_of_an_automation() -> None:
    words = words_of(observed.observed())
    for said in (
        "44 people got the tag “Course A: purchased” since 12 October 2026, the last of them on 18 November 2026.",  # on New York's clock
        "Since 16 November 2026 nobody went on: 6 people came in after that and are still at the beginning.",
        "At most 14 came in one week (from 26 October 2026), 8 in a usual one.",
        "Planned are 5 minutes: most people did not wait that long.",
        "30 people came many in one minute (an import or bulk work) and are left out.",
        "“AA: create login”: something takes it off again, and who lost a tag left no trace of it.",
        "Not everybody was read who has “Course A: module 2”. The numbers are at least this high.",
        "2 further steps are in the data inside this file.",
        "Kit keeps no timestamp of how people come in here, so nobody could be counted at the entry.",
        "Nobody joined the form “Old form” or got the tag “Old tag” since 12 October 2026.",
    ):
        assert said in words


def test_charts_have_their_numbers_as_words_too() -> None:
    page = render_html(observed.observed())
    assert "26 October 2026: 14, went on: 14" in page
    assert "202 after 2 seconds or more; planned: 5 minutes" in page
    assert re.search(r"<th scope=\"row\">26 October 2026</th><td class=\"n\">14</td>", page)


def test_a_step_that_does_not_wait_is_drawn_in_another_colour() -> None:
    page = render_html(observed.observed())
    assert 'class="timeline gaps early"' in page
    assert page.count('<li class="off-plan">') == 1


def test_results_without_timestamps_have_neither_strips_nor_links() -> None:
    page = render_html(msgspec.structs.replace(results.normal(), links=()))
    assert 'class="timeline' not in page
    assert 'id="links"' not in page


def test_timestamps_without_links_say_so() -> None:
    words = words_of(msgspec.structs.replace(observed.observed(), links=()))
    assert "No links were found. A link takes at least 20 people who went the same way." in words


def test_links_stand_by_what_is_to_be_done_and_by_people() -> None:
    page = links_page(observed.observed())
    assert page
    assert [(group.key, [row.people for row in group.rows]) for group in page.groups] == [
        ("observed", [25]),
        ("declared", [None, None, None]),
        ("both", [1200, 412, 380, 44]),
    ]
    missing = {row.source.name: row.what for row in page.groups[1].rows}
    assert missing == {
        "Lead": "44 people got the first, and this was not seen.",
        "VIP": "3 people got the first: too few to say.",
        "Gone": "Nobody got the first.",
    }
    known = {row.target.name: row.known for row in page.groups[2].rows}
    assert known == {
        "Customer": "your list, over several steps",
        "Course A welcome": "“Course A - release”",
        "Course A: module 2": "“Course A - release”",
        "Lead": "ThriveCart, outside Kit",
    }
    assert [row.sure for group in page.groups for row in group.rows if row.sure] == [
        "maybe (71%)",
        "sure (97%)",
        "sure (99%)",
        "likely (84%)",
        "sure (96%)",
    ]


def test_declared_links_that_an_observed_one_goes_past_are_not_called_missing() -> None:
    past = Link(observed.tag("A"), observed.tag("B"), 0, 0.0, None, None, None, "declared", indirect=True, source_people=99)
    assert by_status([past]) == ((), (), ())


def test_without_a_list_of_automations_no_link_is_called_missing_in_it() -> None:
    told = observed.observed()
    bare = msgspec.structs.replace(told, automations=(), coverage=msgspec.structs.replace(told.coverage, manifest=ManifestCoverage()))
    assert "No list of automations was given, so nothing could be compared" in words_of(bare)
    assert "in no automation that was named" not in render_text(bare)
    assert "No list of automations was given" not in words_of(told)


def test_hundreds_of_links_are_capped_and_counted() -> None:
    many = tuple(Link(observed.tag(f"A{n}", n), observed.tag(f"B{n}", 1000 + n), 30 + n, 1.0, 0, 0, 0, "observed", 0.9) for n in range(250))
    words = words_of(msgspec.structs.replace(observed.observed(), links=many))
    assert "And 50 more." in words
    assert "238 links are not drawn. They stand in the tables." in words


def test_names_of_a_hostile_account_stay_words() -> None:
    page = render_html(observed.hostile())
    assert page.count("<script") == 2
    assert "<img" not in page
    assert "\u202e" not in page
    svgs = re.findall(r"<svg class=\"(?:timeline|flow links).*?</svg>", page, re.DOTALL)
    assert len(svgs) > 3
    assert {tag for svg in svgs for tag in re.findall(r"<(\w+)", svg)} <= {
        "svg",
        "title",
        "desc",
        "path",
        "rect",
        "text",
        "g",
        "a",
        "circle",
    }


def test_markdown_has_a_short_section() -> None:
    told = render_markdown(observed.observed())
    section = told.split("### What people’s timestamps show")[1].split("\n### ")[0]
    assert "5 links were found in the timestamps of people." in section
    assert "**Course A**: Since 16 November 2026 nobody went on: 6 people" in section
    assert "25 of 125 people who were put into the sequence “Course A welcome” got the tag “Course A: invited”" in section
    assert len(section) < 1200


def test_text_has_one_sentence() -> None:
    told = " ".join(render_text(observed.observed()).split())
    assert "8,412 timestamps of people show 5 links, 1 of them in no automation that was named (ckaudit discover)." in told
    none = msgspec.structs.replace(
        observed.observed(), coverage=msgspec.structs.replace(observed.observed().coverage, evidence=EvidenceCoverage())
    )
    assert "timestamps of people" not in render_text(none)


@given(st.integers(0, 10**10), st.integers(0, 10**10))
def test_the_axis_runs_from_soon_to_late(one: int, other: int) -> None:
    first, second = sorted((one, other))
    assert 6 <= position(first) <= position(second) <= WIDTH


def test_a_bar_begins_at_the_planned_time_when_everybody_waited() -> None:
    for edge in GAP_EDGES:
        told = observed.step(observed.tag("A"), observed.tag("B"), gaps=(GapBin(edge, 9),), planned_min=edge, planned_max=edge)
        drawn = gaps_svg(told, "n", "d", "planned")
        bar, plan = re.search(r'class="on" x="([\d.]+)"', drawn), re.search(r'class="plan" d="M([\d.]+)', drawn)
        assert bar
        assert plan
        assert float(bar[1]) - float(plan[1]) == pytest.approx(1, abs=0.06)


def test_a_plan_at_the_end_of_the_axis_keeps_its_words_inside() -> None:
    told = observed.step(observed.tag("A"), observed.tag("B"), planned_min=90 * 86400, planned_max=90 * 86400)
    assert 'text-anchor="end">planned: 90 days' in gaps_svg(told, "n", "d", "planned: 90 days")


LINKS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(1, 500)), min_size=1, max_size=60)


def linked(pairs: list[tuple[int, int, int]]) -> list[Link]:
    """One link for each pair of numbers."""
    people = {(one, other): count for one, other, count in pairs}
    return [
        Link(observed.tag(f"t{one}", one), observed.tag(f"t{other}", other), count, 1.0, 0, 0, 0, "both")
        for (one, other), count in people.items()
    ]


@given(LINKS)
def test_groups_are_bounded_and_hold_each_link_once(pairs: list[tuple[int, int, int]]) -> None:
    links = linked(pairs)
    made = groups(links)
    drawn = [(identity(link.source), identity(link.target)) for group in made for link in group]
    assert len(drawn) == len(set(drawn))
    for group in made:
        assert len({identity(item) for link in group for item in (link.source, link.target)}) <= MAX_OBJECTS
    for end in (0, 1):
        ends = [pair[end] for pair in drawn]
        assert max((ends.count(item) for item in ends), default=0) <= MAX_LINKS_OF_ONE


@given(LINKS)
def test_boxes_of_a_drawing_never_lie_on_each_other(pairs: list[tuple[int, int, int]]) -> None:
    links = linked(pairs)
    for group in groups(links):
        drawn = links_svg([Arrow(link, "9 · at once") for link in group], "n", "d")
        boxes = [(float(x), float(y)) for x, y in re.findall(r'<g class="thing"><rect x="([-\d.]+)" y="([-\d.]+)"', drawn)]
        assert len(boxes) == len({identity(item) for link in group for item in (link.source, link.target)})
        assert all(x >= 0 for x, _ in boxes)
        for number, (x, y) in enumerate(boxes):
            assert all(abs(x - a) >= 172 or abs(y - b) >= 52 for a, b in boxes[number + 1 :])


@pytest.mark.parametrize("make", [render_html, render_markdown])
def test_the_same_result_gives_the_same_bytes(make: object) -> None:
    assert callable(make)
    assert make(observed.observed()) == make(observed.observed())
