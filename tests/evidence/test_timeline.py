"""People per week, who went on, and after how long."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckaudit.evidence.timeline import WEEKS, after_entry, begin_of, course, entered, gap_bins, monday, passage
from ckaudit.model.holders import Gaps, Holders, PersonState
from ckaudit.model.result import GAP_EDGES

NOW = int(dt.datetime(2026, 11, 24, 8, tzinfo=dt.UTC).timestamp())  # a Tuesday
MINUTE, HOUR, DAY, WEEK = 60, 3600, 86400, 7 * 86400
BEGIN = begin_of(NOW, None)


def held(timestamps: dict[int, int], lost: tuple[int, ...] = ()) -> Holders:
    """Holders by person; those in ``lost`` cancelled."""
    people = sorted(timestamps)
    states = [PersonState.CANCELLED if who in lost else PersonState.ACTIVE for who in people]
    return Holders(
        np.array(people, dtype=np.int64), np.array([timestamps[who] for who in people], dtype=np.int64), np.array(states, dtype=np.int8)
    )


def gaps(*seconds: int) -> Gaps:
    return Gaps(np.arange(len(seconds)), np.zeros(len(seconds), dtype=np.int64), np.array(seconds, dtype=np.int64))


@given(st.integers(0, 2**33))
def test_weeks_begin_on_monday(second: int) -> None:
    start = dt.datetime.fromtimestamp(monday(second), dt.UTC)
    assert (start.weekday(), start.hour, start.minute, start.second) == (0, 0, 0, 0)
    assert 0 <= second - monday(second) < WEEK


def test_the_time_looked_at_is_26_weeks_or_what_was_read() -> None:
    assert monday(NOW) - BEGIN == (WEEKS - 1) * WEEK
    assert begin_of(NOW, NOW - 9 * DAY) == NOW - 9 * DAY
    assert begin_of(NOW, NOW - 900 * DAY) == BEGIN


def test_people_are_counted_once_at_their_first_time() -> None:
    came, at_once = entered([held({1: NOW - 50, 2: NOW - 9}), held({1: NOW - 70, 3: NOW - 5})], BEGIN, NOW)
    assert (came.person.tolist(), came.second.tolist(), at_once) == ([1, 2, 3], [NOW - 70, NOW - 9, NOW - 5], 0)


def test_who_came_before_the_time_looked_at_is_left_out() -> None:
    assert len(entered([held({1: BEGIN - 1, 2: BEGIN})], BEGIN, NOW)[0]) == 1


def test_an_import_is_left_out_and_counted() -> None:
    at = monday(NOW) - WEEK
    came, at_once = entered([held({who: at + who % 50 for who in range(40)} | {99: at + DAY})], BEGIN, NOW)
    assert (came.person.tolist(), at_once) == ([99], 40)


def test_who_went_on_who_did_not_and_who_cannot_be_judged() -> None:
    source = held({1: NOW - DAY, 2: NOW - DAY, 3: NOW - DAY, 4: NOW - 60, 5: NOW - DAY}, lost=(3,))
    target = held({1: NOW - DAY + 300, 5: NOW - 2 * DAY})
    seen = passage(source, target, 300, NOW)
    assert (seen.people, seen.went_on, seen.on_the_way, seen.had_before, seen.not_mailed) == (3, 1, 1, 1, 1)
    assert (seen.delay_p10, seen.delay_seconds, seen.delay_p90) == (300, 300, 300)


def test_the_same_second_counts_as_going_on() -> None:
    assert passage(held({1: NOW - DAY}), held({1: NOW - DAY}), 0, NOW).went_on == 1


@pytest.mark.parametrize(("ago", "judged"), [(7 * DAY, 0), (7 * DAY + 23 * HOUR, 0), (8 * DAY + HOUR, 1)])
def test_a_plan_of_a_week_gives_people_a_day_more(ago: int, judged: int) -> None:
    seen = passage(held({1: NOW - ago}), held({}), 7 * DAY, NOW)
    assert (seen.people, seen.on_the_way) == (judged, 1 - judged)


def test_without_a_plan_people_may_take_as_long_as_nine_in_ten_did() -> None:
    source = held(dict.fromkeys(range(10), NOW - 30 * DAY) | {90: NOW - 3 * DAY})
    target = held(dict.fromkeys(range(10), NOW - 26 * DAY))
    assert passage(source, target, None, NOW).on_the_way == 1


def test_nobody_has_no_delay() -> None:
    seen = passage(held({}), held({}), None, NOW)
    assert (seen.people, seen.delay_seconds, seen.gaps) == (0, None, ())


def test_a_timestamp_from_before_coming_in_is_another_story() -> None:
    came = held({1: NOW - DAY, 2: NOW - DAY})
    assert after_entry(came, held({1: NOW - 9 * DAY, 2: NOW - DAY, 3: NOW})).person.tolist() == [2]


@given(st.lists(st.integers(0, 10**9), max_size=80))
def test_every_gap_is_in_one_bin(seconds: list[int]) -> None:
    found = gap_bins(gaps(*seconds))
    assert sum(item.people for item in found) == len(seconds)
    for item in found:
        after = GAP_EDGES.index(item.seconds) + 1
        below = GAP_EDGES[after] if after < len(GAP_EDGES) else 10**12
        assert item.people == sum(item.seconds <= gap < below for gap in seconds)


def test_weeks_tell_who_came_and_what_became_of_them() -> None:
    week = monday(NOW)
    came = held({1: week - WEEK, 2: week - WEEK + DAY, 3: week + 5, 4: NOW - 30})
    fared = course(came, [held({1: week - WEEK + 9}), held({3: week + 9})], HOUR, BEGIN, NOW)
    assert fared.weeks.people[-3:] == (0, 2, 2)
    assert fared.weeks.went_on[-3:] == (0, 1, 1)
    assert fared.weeks.on_the_way[-3:] == (0, 0, 1)
    assert fared.weeks.first == "2026-06-01"
    assert (fared.last_went_on, fared.stuck) == (week + 5, 0)


def test_since_the_last_who_went_on_people_are_stuck() -> None:
    start = NOW - 10 * DAY
    came = held({who: start + who * HOUR for who in range(12)})
    fared = course(came, [held({who: start + who * HOUR + 2 for who in range(7)})], HOUR, BEGIN, NOW)
    assert (fared.last_went_on, fared.stuck) == (start + 6 * HOUR, 5)


def test_nobody_ever_went_on() -> None:
    fared = course(held({1: NOW - DAY, 2: NOW - DAY}), [held({})], HOUR, BEGIN, NOW)
    assert (fared.last_went_on, fared.stuck) == (None, 2)


@given(
    st.dictionaries(st.integers(0, 200), st.tuples(st.integers(BEGIN, NOW), st.integers(-5, 9 * DAY)), max_size=60),
    st.integers(1, 300),
)
def test_the_numbers_add_up_and_neither_people_nor_the_calendar_matter(people: dict[int, tuple[int, int]], weeks: int) -> None:
    came = held({who: second for who, (second, _) in people.items()})
    reached = held({who: second + gap for who, (second, gap) in people.items() if gap % 3})
    fared = course(came, [reached], HOUR, BEGIN, NOW)
    assert sum(fared.weeks.people) == len(came)
    assert all(a >= b + c for a, b, c in zip(fared.weeks.people, fared.weeks.went_on, fared.weeks.on_the_way, strict=True))
    seen = passage(came, reached, None, NOW)
    assert seen.people + seen.on_the_way + seen.had_before == len(came)
    assert sum(item.people for item in seen.gaps) == seen.went_on
    off = weeks * WEEK
    later = course(
        held({1000 - who: second + off for who, (second, _) in people.items()}),
        [held({1000 - who: second + gap + off for who, (second, gap) in people.items() if gap % 3})],
        HOUR,
        BEGIN + off,
        NOW + off,
    )
    assert (later.weeks.people, later.weeks.went_on, later.weeks.on_the_way) == (
        fared.weeks.people,
        fared.weeks.went_on,
        fared.weeks.on_the_way,
    )
    assert later.stuck == fared.stuck
