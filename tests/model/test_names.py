"""Which name somebody may have meant, and how names differ that look alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckaudit.model.names import Names, difference, is_dated, is_slip, sameness, visible, years

NAMES = Names(
    [
        "coupon_code",
        "first_name",
        "Course A: purchased",
        "Course B: purchased",
        "purchased Type Advanced",
        "🎁 Gift",
        "Workshop  2026",
        "Maker’s Club",
        "Newsletter",
        "Customers",
        "WC: Membership bought",
        "Module 1",
        "Module 2",
    ]
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("coupon_cod", "coupon_code"),
        ("First-Name", "first_name"),
        ("Type Advanced purchased", "purchased Type Advanced"),
        ("advanced type purchase", "purchased Type Advanced"),
        ("Gift", "🎁 Gift"),
        ("workshop 2026 ", "Workshop  2026"),
        ("Makers Club", "Maker’s Club"),
        ("news letter", "Newsletter"),
        ("Customer", "Customers"),
        ("Kustomer", "Customers"),
        ("Membership bought", "WC: Membership bought"),
        ("Course A - purchse", "Course A: purchased"),
        ("Modul 2", "Module 2"),
    ],
)
def test_the_nearest_name(typed: str, meant: str) -> None:
    assert NAMES.closest(typed) == meant


@pytest.mark.parametrize("typed", ["zebra", "", "  ", "purchased", "🎁", "x" * 10_000])
def test_what_is_like_nothing_or_like_several_has_no_nearest_name(typed: str) -> None:
    assert NAMES.closest(typed) == ""


@given(st.lists(st.text(max_size=12), max_size=8), st.text(max_size=12))
def test_the_nearest_is_one_of_the_names_whatever_their_order(names: list[str], typed: str) -> None:
    found = Names(names).closest(typed)
    assert found in (*names, "")
    assert found == Names(reversed(names)).closest(typed)


@pytest.mark.parametrize(
    ("name", "other", "told"),
    [
        ("VIP", "vip", "They differ in capital letters: “VIP” is not “vip”."),
        ("Workshop  2026", "Workshop 2026", "They differ in spaces: “Workshop··2026” is not “Workshop·2026” (· is a space)."),
        ("Customer ", "customer", "They differ in spaces and capital letters: “Customer·” is not “customer” (· is a space)."),
        ("A\u00a0b", "A b", "They differ in spaces: “A‹U+00A0›b” is not “A·b” (· is a space)."),
        ("Maker’s Club", "Maker's Club", "They differ in quotes: “Maker’s Club” is not “Maker's Club”."),
        ("Cafe\u0301", "Caf\u00e9", "They differ in the way its accents are stored: “Cafe\u0301” is not “Caf\u00e9”."),
    ],
)
def test_a_difference_that_nobody_sees_is_shown(name: str, other: str, told: str) -> None:
    assert difference(name, other) == told


@pytest.mark.parametrize(("name", "other"), [("A", "A"), ("Customer", "Customers"), ("A: b", "A - b"), ("Gift", "🎁 Gift")])
def test_a_difference_that_everybody_sees_needs_no_words(name: str, other: str) -> None:
    assert difference(name, other) == ""


@given(st.text(max_size=20), st.text(max_size=20))
def test_two_different_names_are_never_shown_the_same(name: str, other: str) -> None:
    assert name == other or visible(name) != visible(other) or "·" in name + other or "‹" in name + other


@pytest.mark.parametrize(
    ("name", "other", "same"),
    [
        ("Workshop: attended", "workshop - Attended", [True, True, True]),
        ("news letter", "Newsletter", [True, False, False]),
        ("Course guests", "guest course", [False, True, True]),
        ("Challenge 2025", "Challenge 2026", [False, False, True]),
        ("Module 1", "Module 2", [False, False, False]),
        ("Workshop", "Workshop: attended", [False, False, False]),
    ],
)
def test_names_are_the_same_by_spelling_words_or_year(name: str, other: str, same: list[bool]) -> None:
    assert [mine == theirs for mine, theirs in zip(sameness(name), sameness(other), strict=True)] == same


def test_years_alone_are_no_common_name() -> None:
    assert sameness("2025")[2] == ""
    assert years("Challenge 2026, for those of 2024") == (2024, 2026)


@pytest.mark.parametrize(
    ("name", "other"),
    [("Big Corse", "Big Course"), ("big-course", "Big Course"), ("Big Coruse", "Big Course"), ("Watercolor basics", "Watercolour basics")],
)
def test_a_typing_mistake_is_one(name: str, other: str) -> None:
    assert is_slip(name, other)
    assert is_slip(other, name)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Big Course", "Big Course"),
        ("Course A", "Course B"),
        ("Module 1", "Module 11"),
        ("Painting class", "Printing class"),
        ("Big Course", "Big Course and coaching"),
        ("Gold", "Silver"),
        ("", "Course"),
    ],
)
def test_another_name_is_no_typing_mistake(name: str, other: str) -> None:
    assert not is_slip(name, other)
    assert not is_slip(other, name)


def test_a_name_is_dated_by_a_later_year() -> None:
    assert is_dated("Launch bundle 2025", "launch bundle 2026")
    assert not is_dated("Launch bundle 2026", "Launch bundle 2025")
    assert not is_dated("Launch bundle", "Launch bundle 2026")
    assert not is_dated("2025", "2026")
