"""Facts about people: joins, gaps, clusters."""

from __future__ import annotations

import numpy as np
import pytest

from ckaudit.model.events import Events, make_events
from ckaudit.model.evidence import holders
from ckaudit.model.holders import Holders, PersonState
from ckaudit.model.refs import Key, Kind

PAID, ACCESS, LOGIN = Key(Kind.TAG, 11), Key(Kind.TAG, 2**40), Key(Kind.SEQUENCE, 11)


@pytest.fixture
def events() -> Events:
    rows = [
        (3, 1, 11, 1000, 0),
        (1, 1, 11, 2000, 4),
        (2, 1, 11, 1500, 0),
        (1, 1, 2**40, 2300, 4),
        (3, 1, 2**40, 900, 0),
        (1, 2, 11, 2004, 4),
    ]
    return make_events(*np.array(rows).T)


def test_holders_are_ordered_by_person_and_keep_their_state(events: Events) -> None:
    paid = holders(events, PAID)
    assert paid.person.tolist() == [1, 2, 3]
    assert paid.second.tolist() == [2000, 1500, 1000]
    assert paid.state.tolist() == [PersonState.CANCELLED, PersonState.ACTIVE, PersonState.ACTIVE]


def test_a_tag_and_a_sequence_with_one_id_are_two_things(events: Events) -> None:
    assert len(holders(events, LOGIN)) == 1


def test_a_kind_without_timestamps_has_nobody(events: Events) -> None:
    assert len(holders(events, Key(Kind.SEGMENT, 11))) == 0
    assert holders(events, Key(Kind.TAG, 99)).newest is None


def test_of_two_timestamps_of_a_merged_person_the_later_one_counts() -> None:
    both = holders(make_events([1, 1], [1, 1], [11, 11], [5, 9], [0, 0]), PAID)
    assert both.second.tolist() == [9]


def test_who_has_one_and_not_the_other(events: Events) -> None:
    paid, access = holders(events, PAID), holders(events, ACCESS)
    assert paid.lacking(access).person.tolist() == [2]
    assert paid.having(access).person.tolist() == [1, 3]


def test_since_and_until_include_their_second(events: Events) -> None:
    paid = holders(events, PAID)
    assert paid.since(1500).person.tolist() == [1, 2]
    assert paid.until(1500).person.tolist() == [2, 3]
    assert paid.newest == 2000


def test_gaps_may_be_negative_and_after_drops_these(events: Events) -> None:
    gaps = holders(events, PAID).gaps_to(holders(events, ACCESS))
    assert gaps.person.tolist() == [1, 3]
    assert gaps.gap.tolist() == [300, -100]
    assert gaps.after().gap.tolist() == [300]


def test_quantiles_are_gaps_somebody_had(events: Events) -> None:
    gaps = holders(events, PAID).gaps_to(holders(events, ACCESS))
    assert [gaps.quantile(part) for part in (0.0, 0.05, 0.5, 0.51, 1.0)] == [-100, -100, -100, 300, 300]
    with pytest.raises(ValueError, match="no people"):
        gaps.after().after().__class__(gaps.person[:0], gaps.second[:0], gaps.gap[:0]).quantile(0.5)


@pytest.mark.parametrize(("people", "kept"), [(20, 22), (21, 2)])
def test_more_than_twenty_people_in_one_minute_are_dropped(people: int, kept: int) -> None:
    second = np.append(np.full(people, 600), [30, 99_999])
    crowd = Holders(np.arange(len(second)), second, np.zeros(len(second), dtype=np.int8))
    assert len(crowd.one_by_one()) == kept
