"""Names, numbers and statuses from pages in any layout; nothing is guessed, and hostile pages cost no time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckaudit.model.automations import AutomationStatus
from ckaudit.sources.automation_list import Listed, read_page
from ckaudit.sources.automation_list.words import STATUSES, is_furniture, status_of
from tests.sources.automation_list.layouts import LINKED, TEXTS, Row, rows

Layout = Callable[[random.Random, list[Row]], str]


def name_of(row: Row, layout: Layout) -> str:
    """The name as that layout can show it."""
    return row.name.replace("<b>", "").replace("</b>", "") if layout.__name__ == "markdown" else row.name


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("layout", LINKED, ids=lambda layout: layout.__name__)
def test_links_give_names_numbers_and_statuses(layout: Layout, seed: int) -> None:
    dice = random.Random(seed)
    listed = rows(dice, dice.randint(1, 60))
    page = read_page(layout(dice, listed))
    assert [(item.name, item.id, item.status) for item in page.found] == [(name_of(row, layout), row.number, row.status) for row in listed]
    assert page.unclear == ()


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("layout", TEXTS, ids=lambda layout: layout.__name__)
def test_plain_text_gives_names_and_statuses(layout: Layout, seed: int) -> None:
    dice = random.Random(seed)
    listed = rows(dice, dice.randint(2, 60))
    page = read_page(layout(dice, listed))
    assert [(item.name, item.status) for item in page.found] == [(row.name, row.status) for row in listed]


@pytest.mark.parametrize("seed", range(25))
def test_no_status_goes_to_another_automation_when_the_layout_is_unknown(seed: int) -> None:
    """Lines in any order: a name has its own status, or none; a pair that stands nowhere together is never made."""
    dice = random.Random(seed)
    listed = rows(dice, 12)
    lines = [line for row in listed for line in dice.sample([row.name, row.word, "Details of it", f"by {row.name[:5]}"], 4)]
    said = {row.name: row.status for row in listed}
    for item in read_page("\n".join(lines)).found:
        assert said.get(item.name) == item.status


@pytest.mark.parametrize(
    "text",
    [
        "Course A\nCourse B\nCourse C",  # no status, no link
        "Course A\nfor beginners\nLive\nCourse B\nfor others\nPaused\nCourse C\nfor all\nLive",  # which of the two lines is the name?
        "My shop\nCourse A\nLive\nCourse B\nLive\nFeedback",  # nothing tells whether names stand above or below
        "Course A\tfor beginners\tLive\nCourse B\tfor others\tLive",
        "", "Active\nPaused\nInactive", "<html></html>", "<a href='/automations/7/edit'>Edit</a>",
    ],
)  # fmt: skip
def test_what_is_not_clear_is_printed_and_not_guessed(text: str) -> None:
    page = read_page(text)
    assert page.found == ()
    for line in text.splitlines():
        for cell in line.split("\t"):
            assert "Course" not in cell or any(cell in what for what in page.unclear)


def test_a_button_on_every_row_is_no_name() -> None:
    page = read_page("".join(f"Course {letter}\tLive\tManage it\n" for letter in "ABCDE"))
    assert [item.name for item in page.found] == [f"Course {letter}" for letter in "ABCDE"]


def test_a_badge_inside_a_link_is_no_part_of_the_name() -> None:
    page = read_page(
        "<a href='/automations/7/edit'>Course <b>A</b> <span class=badge>Live</span></a><a href='/automations/8/edit'><span>B</span> 2</a>"
    )
    assert page.found == (Listed("Course A", 7, AutomationStatus.ACTIVE), Listed("B 2", 8))


def test_one_automation_is_listed_once() -> None:
    page = read_page("<a href='/automations/7/edit'>A</a><a href='/automations/7/edit'>Edit</a><a href='/automations/7'>A</a>")
    assert page.found == (Listed("A", 7),)


def test_links_to_other_things_are_none_to_automations() -> None:
    assert (
        read_page("<a href='/automations/new'>New</a><a href='/sequences/7/edit'>A</a><a href='/automations/7/reports'>B</a>").found == ()
    )


def test_the_page_says_how_many_there_are() -> None:
    assert read_page("A\tLive\n1–25 of 42").total == 42
    assert read_page("A\tLive\n42 automations").total == 42
    assert read_page("A\tLive\nPage 2 of 3\nthe best of 9 lives").total == 0


def test_a_name_that_is_cut_off_says_so() -> None:
    assert [item.is_cut for item in read_page("Course A – rel…\tLive\nCourse B\tLive").found] == [True, False]


@pytest.mark.parametrize(
    "text",
    [
        "1,204 subscribers",
        "12",
        "Jan 3, 2026",
        "3 days ago",
        "Edit",
        "Created on 2026-01-03",
        "⋯",
        "Logged in as anna@example.com",
        "1-25 of 42",
        "12 active · 344 completed",
        "1,204 subscribers, 5 in progress",
        "12 active | 3 paused | 1.2k total",
        "9 – 3 completed",
        "12 active ·",
    ],
)
def test_furniture(text: str) -> None:
    assert is_furniture(text)


@pytest.mark.parametrize(
    "text",
    [
        "Added to cart",
        "Started the workshop",
        "Black Friday 2025",
        "Created for VIPs",
        "7 days to launch",
        "Live workshop",
        "Today only",
        "3 emails - welcome",
        "Course 1 · 12 active",
        "Launch, 5 emails",
        "5 paused people | 2",
        "30 Days · Active customers",
    ],
)
def test_names_are_no_furniture(text: str) -> None:
    assert not is_furniture(text)
    assert status_of(text) is None


@pytest.mark.parametrize("word", STATUSES)
def test_words_for_a_status(word: str) -> None:
    assert status_of(f"● {word.title()}") is STATUSES[word]
    assert status_of(f"Status: {word}") is STATUSES[word]


@pytest.mark.parametrize(
    "evil",
    ["<!--" * 50_000, '<a "' * 50_000, "<div>" * 40_000 + "</x>" * 40_000, "<" * 200_000, "<script>" * 30_000,
     "<b>" * 30_000 + "</i>" * 30_000, "&" * 200_000, "<td>" * 40_000, "\t" * 200_000 + "a", "Live\n" * 40_000, "A\nLive\n" * 20_000,
     "[" * 100_000, "[a](" * 50_000, "<![" * 50_000],
    ids=lambda evil: evil[:6],
)  # fmt: skip
def test_hostile_pages_take_no_time(evil: str) -> None:
    begin = time.process_time()
    read_page(f"<html>{evil}")
    read_page(evil)
    assert time.process_time() - begin < 5


def test_nothing_in_a_page_is_run_or_shown_that_people_do_not_see() -> None:
    page = read_page("<a href='/automations/7/edit'>A<script>document.write('B')</script><style>C</style><template>D</template></a>")
    assert page.found == (Listed("A", 7),)


@given(
    st.lists(
        st.sampled_from(
            [
                "<a href='/automations/7/edit'>",
                "</a>",
                "<tr>",
                "<td>",
                "</table>",
                "<table>",
                "Live",
                "Course A",
                "\n",
                "\t",
                "<!--",
                "-->",
                "&lt;",
                "<",
                "\x00",
                '"',
            ]
        ),
        max_size=40,
    ).map("".join)
)
@settings(max_examples=300)
def test_any_text_is_read(text: str) -> None:
    for item in read_page(text).found:
        assert item.name
    read_page(f"<html>{text}")


def test_two_automations_with_one_name_are_told_and_stay_where_the_first_stood() -> None:
    page = read_page("Foo\nActive\nBar\nPaused\nFoo\nPaused\n")
    assert [item.name for item in page.found] == ["Foo", "Bar"]
    assert page.unclear == ("“Foo” stands there 2 times and is taken once: are there 2 automations with this name?",)
