"""The search for the nearest name ends: a file full of misspelt names must not keep anybody waiting."""

from __future__ import annotations

from ckaudit.model.names import MAX_SEARCHES, Names


def test_after_very_many_searches_only_the_same_words_are_found() -> None:
    names = Names(("Course A: purchased", "Newsletter"))
    assert names.closest("Newslettre") == "Newsletter"
    for number in range(MAX_SEARCHES):
        names.closest(f"qqqq {number}")
    assert names.exhausted
    assert names.closest("Newslettre") == ""
    assert names.closest("newsletter!") == "Newsletter"


def test_names_with_the_same_words_are_no_search() -> None:
    names = Names(("Newsletter",))
    for _ in range(2 * MAX_SEARCHES):
        names.closest("NEWSLETTER")
    assert not names.exhausted
