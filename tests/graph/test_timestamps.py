"""The guards that rules share."""

from __future__ import annotations

import datetime as dt

import pytest

from ckaudit.graph.build import build_graph
from ckaudit.graph.timestamps import Timestamps
from ckaudit.model.account import SectionStatus
from ckaudit.model.events import ObjectKind, make_events
from ckaudit.model.evidence import Evidence, ListRead
from ckaudit.model.findings import Severity
from ckaudit.model.holders import PersonState
from ckaudit.model.refs import Key, Kind, ObjectRef
from ckaudit.model.rules import NotEvaluatedError

DAY = 86400
END = 1000 * DAY
NOW = dt.datetime.fromtimestamp(END, dt.UTC)
TAG, OTHER = Key(Kind.TAG, 1), Key(Kind.TAG, 2)


def people(*rows: tuple[int, Key, int], states: dict[int, PersonState] | None = None, lists: tuple[ListRead, ...] = ()) -> Timestamps:
    states = states or {}
    events = make_events(
        [person for person, _, _ in rows],
        [int(ObjectKind.TAG) for _ in rows],
        [key.id for _, key, _ in rows],
        [second for _, _, second in rows],
        [int(states.get(person, PersonState.ACTIVE)) for person, _, _ in rows],
    )
    return Timestamps(Evidence(events, lists, END))


def test_the_window_is_ninety_days() -> None:
    found = people((1, TAG, END - 91 * DAY), (2, TAG, END - 89 * DAY))
    assert found.recent(TAG).person.tolist() == [2]
    assert found.of(TAG).person.tolist() == [1, 2]


def test_bulk_work_is_left_out_of_the_window() -> None:
    found = people(*((person, TAG, END - DAY) for person in range(21)), (50, TAG, END - 2 * DAY))
    assert found.recent(TAG).person.tolist() == [50]


def test_the_window_ends_with_the_reading() -> None:
    found = people((1, TAG, END + DAY), (2, TAG, END - 90 * DAY))
    assert (found.now, found.recent(TAG).person.tolist()) == (END + DAY, [1])


def test_of_two_tags_the_later_timestamp_counts_and_everybody_once() -> None:
    found = people((1, TAG, 10), (1, OTHER, 20), (2, OTHER, 5)).of(TAG, OTHER)
    assert (found.person.tolist(), found.second.tolist()) == ([1, 2], [20, 5])


def test_no_objects_have_nobody() -> None:
    assert not len(people((1, TAG, 10)).of())


def test_a_list_read_from_a_day_on_is_not_whole() -> None:
    complete = SectionStatus.COMPLETE
    found = people((1, TAG, 10), lists=(ListRead(TAG, complete), ListRead(OTHER, complete, since=5)))
    assert found.whole(TAG)
    assert not found.whole(TAG, OTHER)


def test_a_list_read_from_a_day_on_speaks_for_the_time_since() -> None:
    complete, partial = SectionStatus.COMPLETE, SectionStatus.PARTIAL
    third = Key(Kind.TAG, 3)
    found = people((1, TAG, 10), lists=(ListRead(TAG, complete), ListRead(OTHER, complete, since=5), ListRead(third, partial, since=5)))
    assert (found.since(TAG), found.since(OTHER), found.since(TAG, OTHER)) == (0, 5, 5)
    assert found.since(TAG, third) is None
    found.insist([ObjectRef("tag", "Other", 2)], recent=True)
    with pytest.raises(NotEvaluatedError, match="tag “Other”"):
        found.insist([ObjectRef("tag", "Other", 2)])
    with pytest.raises(NotEvaluatedError, match="tag “Third”"):
        found.insist([ObjectRef("tag", "Third", 3)], recent=True)


def test_lists_of_which_nothing_is_known_are_not_whole() -> None:
    assert not people((1, TAG, 10)).whole(TAG)


def test_missing_lists_end_the_rule_with_their_names() -> None:
    with pytest.raises(NotEvaluatedError, match="tag “Bought”"):
        people((1, TAG, 10)).insist([ObjectRef("tag", "Bought", 1)])


def test_no_further_pull_is_promised_for_what_the_account_does_not_have() -> None:
    found = people((1, TAG, 10))
    with pytest.raises(NotEvaluatedError) as caught:
        found.insist([ObjectRef("sequence", "Welcom")])
    assert caught.value.reason == "the account has no sequence “Welcom”; correct the name in the manifest"
    with pytest.raises(NotEvaluatedError) as caught:
        found.insist([ObjectRef("tag", "Bought", 1), ObjectRef("sequence", "Welcom")])
    assert caught.value.reason == (
        "not everybody was read who is in tag “Bought”; one more `ckaudit pull` reads them all; "
        "the account has no sequence “Welcom”; correct the name in the manifest"
    )


def test_a_graph_without_timestamps_ends_the_rule() -> None:
    with pytest.raises(NotEvaluatedError, match="not read"):
        _ = build_graph(None, None, {}, NOW).timestamps


def test_states_part_the_people() -> None:
    states = {1: PersonState.CANCELLED, 2: PersonState.INACTIVE, 3: PersonState.OTHER}
    found = people(*((person, TAG, person) for person in range(5)), states=states).of(TAG)
    assert found.active.person.tolist() == [0, 4]
    assert found.unreachable.person.tolist() == [1]


def test_few_people_never_make_an_error() -> None:
    four, five = (people(*((person, TAG, 10) for person in range(count))).of(TAG) for count in (4, 5))
    assert four.severity() is Severity.WARNING
    assert five.severity() is Severity.ERROR
    assert five.severity(of=1000) is Severity.WARNING


def test_nobody_has_no_dates() -> None:
    with pytest.raises(ValueError, match="no dates"):
        _ = people((1, TAG, 10)).of(OTHER).dates
