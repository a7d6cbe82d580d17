"""Timestamps as columns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckaudit.model.events import ObjectKind, make_events, pseudonyms
from ckaudit.model.holders import PersonState
from ckaudit.model.refs import Key, Kind

FAR = st.just(2**62)
rows = st.lists(
    st.tuples(st.integers(0, 3) | FAR, st.integers(0, 2), st.sampled_from([1, 2**40]), st.integers(0, 2) | FAR, st.integers(0, 5)),
    max_size=30,
)


@given(rows)
def test_rows_are_ordered_without_doubles_and_lose_nothing(given_rows: list[tuple[int, ...]]) -> None:
    events = make_events(*(np.array(given_rows, dtype=np.int64).reshape(-1, 5).T))
    made = list(zip(events.person.tolist(), events.second.tolist(), events.kind.tolist(), events.id.tolist(), strict=True))
    assert made == sorted({(person, second, kind, number) for person, kind, number, second, _ in given_rows})


@given(rows)
def test_rows_that_come_list_by_list_give_the_same_as_shuffled_ones(given_rows: list[tuple[int, ...]]) -> None:
    listed = sorted(given_rows, key=lambda row: (row[1], row[2], row[0]))
    one, other = (make_events(*(np.array(order, dtype=np.int64).reshape(-1, 5).T)) for order in (listed, given_rows))
    assert all((getattr(one, name) == getattr(other, name)).all() for name in ("person", "kind", "id", "second", "state"))


@given(rows)
def test_making_events_again_changes_nothing(given_rows: list[tuple[int, ...]]) -> None:
    events = make_events(*(np.array(given_rows, dtype=np.int64).reshape(-1, 5).T))
    again = make_events(events.person, events.kind, events.id, events.second, events.state)
    assert all((getattr(events, name) == getattr(again, name)).all() for name in ("person", "kind", "id", "second", "state"))


def test_where_doubles_disagree_the_state_that_gets_less_mail_stays() -> None:
    events = make_events([1, 1], [1, 1], [5, 5], [9, 9], [PersonState.CANCELLED, PersonState.ACTIVE])
    assert events.state.tolist() == [PersonState.CANCELLED]


def test_objects_are_listed_by_kind_and_id() -> None:
    events = make_events([1, 2, 3], [2, 1, 1], [1, 2**40, 7], [1, 1, 1], [0, 0, 0])
    assert events.keys() == (Key(Kind.TAG, 7), Key(Kind.TAG, 2**40), Key(Kind.SEQUENCE, 1))


@pytest.mark.parametrize(
    ("word", "state"),
    [("active", PersonState.ACTIVE), ("complained", PersonState.COMPLAINED), ("snoozed", PersonState.OTHER), (None, PersonState.OTHER)],
)
def test_states_are_read_by_name_and_unknown_ones_kept_apart(word: str | None, state: PersonState) -> None:
    assert PersonState.of(word) is state


def test_kinds_are_the_graphs_kinds() -> None:
    assert [kind.kind for kind in ObjectKind] == [Kind.FORM, Kind.TAG, Kind.SEQUENCE]


def test_a_pseudonym_stands_for_one_subscriber_and_is_not_the_id() -> None:
    numbers = pseudonyms([2**50, 17, 2**50])
    assert numbers.tolist() == [1, 0, 1]
