"""Declared links against observed ones."""

from __future__ import annotations

import random

from ckaudit.model.links import DeclaredLink, ObservedLink
from ckaudit.model.refs import Key, Kind
from ckaudit.observed.compare import compare

A, B, C, X = (Key(Kind.TAG, number) for number in (1, 2, 3, 10))
ONE = Key(Kind.AUTOMATION, "One")


def seen(source: Key, target: Key) -> ObservedLink:
    return ObservedLink(source, target, 30, 0.9, 0, 0, 3, 0.95)


def said(source: Key, target: Key, *past: Key, unsure: bool = False) -> DeclaredLink:
    return DeclaredLink(source, target, ONE, 0, 0, past, unsure)


def statuses(observed: list[ObservedLink], declared: list[DeclaredLink]) -> list[tuple[int | str, int | str, str]]:
    return [(link.source.id, link.target.id, link.status) for link in compare(observed, declared)]


def test_each_pair_says_who_knows_of_it() -> None:
    assert statuses([seen(A, B), seen(B, C)], [said(A, B), said(C, A)]) == [(1, 2, "both"), (2, 3, "observed"), (3, 1, "declared")]


def test_the_other_direction_is_another_link() -> None:
    assert statuses([seen(A, B)], [said(B, A)]) == [(1, 2, "observed"), (2, 1, "declared")]


def test_two_automations_that_declare_the_same_are_one_link_with_two_causes() -> None:
    (link,) = compare([seen(A, B)], [said(A, B), said(A, B, X)])
    assert (link.status, len(link.declared)) == ("both", 2)


def test_a_link_to_a_removed_tag_need_not_leave_a_trace() -> None:
    declared = [said(A, X, unsure=True), said(X, B, unsure=True), said(A, B, X)]
    assert statuses([], declared) == [(1, 2, "declared")]
    assert statuses([seen(A, B)], declared) == [(1, 2, "both")]


def test_timestamps_of_a_removed_tag_that_are_there_replace_the_link_past_it() -> None:
    declared = [said(A, X, unsure=True), said(X, B, unsure=True), said(A, B, X)]
    assert statuses([seen(A, X), seen(X, B)], declared) == [(1, 10, "both"), (10, 2, "both")]


def test_the_order_of_the_input_does_not_matter() -> None:
    observed, declared = [seen(A, B), seen(B, C), seen(A, C)], [said(C, B), said(A, B), said(X, A)]
    expected = statuses(observed, declared)
    dice = random.Random(3)
    for _ in range(5):
        dice.shuffle(observed)
        dice.shuffle(declared)
        assert statuses(observed, declared) == expected


def test_nothing_against_nothing_is_nothing() -> None:
    assert compare([], []) == ()
