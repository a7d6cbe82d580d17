"""Looking things up in timestamps gives what a plain scan over all timestamps gives."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ckaudit.model.events import Events, ObjectKind, make_events
from ckaudit.model.evidence import Evidence, holders, joined
from ckaudit.model.holders import Holders
from ckaudit.model.refs import Key, Kind

NUMBERS = st.sampled_from([0, 1, 2, 3, 2**40, 2**62 + 1, 2**63 - 1])
PERSON = st.integers(0, 6) | st.just(2**33)
ROWS = st.lists(
    st.tuples(
        st.integers(0, 6) | st.just(2**33), st.sampled_from(ObjectKind), NUMBERS, st.integers(0, 5) | st.just(2**33), st.integers(0, 4)
    )
)
PEOPLE = st.dictionaries(PERSON, st.tuples(st.integers(0, 5), st.integers(0, 4)))


def events_of(rows: list[tuple[int, int, int, int, int]]) -> Events:
    return make_events(*np.array(rows, dtype=np.int64).reshape(-1, 5).T)


def crowd(people: dict[int, tuple[int, int]]) -> Holders:
    order = sorted(people)
    second, state = ([people[person][column] for person in order] for column in (0, 1))
    return Holders(np.array(order, dtype=np.int64), np.array(second, dtype=np.int64), np.array(state, dtype=np.int8))


def table(found: Holders) -> list[tuple[int, int, int]]:
    return list(zip(found.person.tolist(), found.second.tolist(), found.state.tolist(), strict=True))


@given(ROWS, st.sampled_from(ObjectKind), NUMBERS)
def test_holders_are_those_a_scan_finds(rows: list[tuple[int, int, int, int, int]], kind: ObjectKind, number: int) -> None:
    events = events_of(rows)
    scanned: dict[int, tuple[int, int, int]] = {}
    for row in np.flatnonzero((events.kind == kind) & (events.id == number)):
        scanned[int(events.person[row])] = int(events.person[row]), int(events.second[row]), int(events.state[row])
    key = Key(kind.kind, number)
    assert table(holders(events, key)) == [scanned[person] for person in sorted(scanned)]
    assert table(Evidence(events).holders(key)) == table(holders(events, key))


@given(ROWS)
def test_keys_are_the_objects_of_the_rows_in_order(rows: list[tuple[int, int, int, int, int]]) -> None:
    events = events_of(rows)
    pairs = sorted({(int(kind), int(number)) for _, kind, number, _, _ in rows})
    assert events.keys() == tuple(Key(ObjectKind(kind).kind, number) for kind, number in pairs)
    assert sorted(row for key in events.objects.numbers for row in events.objects.of(key).tolist()) == list(range(len(events)))


def test_many_objects_are_told_apart() -> None:
    count = 2**15
    events = make_events(
        np.arange(2 * count), np.repeat([1, 2], count), np.tile(np.arange(count), 2), np.arange(2 * count), np.zeros(2 * count)
    )
    assert [holders(events, Key(kind, count - 1)).who for kind in (Kind.FORM, Kind.TAG, Kind.SEQUENCE)] == [
        (),
        (count - 1,),
        (2 * count - 1,),
    ]


@given(st.lists(PEOPLE, max_size=4), st.booleans())
def test_joined_has_everybody_once_with_the_latest_or_first_timestamp(parts: list[dict[int, tuple[int, int]]], first: bool) -> None:
    kept: dict[int, tuple[int, int]] = {}
    for part in parts:
        for person, (second, state) in part.items():
            old = kept.get(person)
            if old is None or (second < old[0] if first else second >= old[0]):
                kept[person] = second, state
    assert table(joined([crowd(part) for part in parts], first=first)) == [(person, *kept[person]) for person in sorted(kept)]


@given(PEOPLE, PEOPLE)
def test_people_between_are_those_who_have_both(one: dict[int, tuple[int, int]], other: dict[int, tuple[int, int]]) -> None:
    gaps = crowd(one).gaps_to(crowd(other))
    both = sorted(one.keys() & other.keys())
    assert gaps.who == tuple(both)
    assert gaps.second.tolist() == [one[person][0] for person in both]
    assert gaps.gap.tolist() == [other[person][0] - one[person][0] for person in both]


@given(st.lists(st.integers(0, 300), max_size=30), st.integers(1, 4))
def test_who_came_one_by_one_is_who_shared_the_minute_with_few(seconds: list[int], more_than: int) -> None:
    found = crowd({person: (second, 0) for person, second in enumerate(seconds)}).one_by_one(more_than)
    minutes = [second // 60 for second in seconds]
    assert found.who == tuple(person for person, minute in enumerate(minutes) if minutes.count(minute) <= more_than)


@given(PEOPLE, PEOPLE, st.floats(0, 1))
def test_a_quantile_is_the_gap_that_so_many_do_not_exceed(
    one: dict[int, tuple[int, int]], other: dict[int, tuple[int, int]], part: float
) -> None:
    gaps = crowd(one).gaps_to(crowd(other))
    if len(gaps):
        assert gaps.quantile(part) == sorted(gaps.gap.tolist())[max(int(np.ceil(part * len(gaps))) - 1, 0)]
