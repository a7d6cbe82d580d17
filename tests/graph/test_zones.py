"""Zones by name, compared by their clocks."""

from __future__ import annotations

import datetime as dt

import pytest

from ckaudit.graph.zones import local_day, offsets, read_zone, spell_date
from ckaudit.model.account import Timezone
from tests.graph.accounts import account_of, graph_of, info


@pytest.mark.parametrize(
    "name",
    ["", None, "Nowhere/Land", "../../etc/passwd", "/etc/passwd", "America", "x" * 5000, "a\0b", "Eastern Time (US & Canada)", "\ud800"],
)
def test_a_name_that_is_no_zone_gives_none(name: str | None) -> None:
    assert read_zone(name) is None


@pytest.mark.parametrize(
    ("name", "january", "july"),
    [("Europe/London", 0, 1), ("America/New_York", -5, -4), ("America/Phoenix", -7, -7), ("Australia/Sydney", 11, 10), ("UTC", 0, 0)],
)
def test_offsets_are_those_of_winter_and_summer(name: str, january: int, july: int) -> None:
    zone = read_zone(name)
    assert zone is not None
    assert offsets(zone, 2026) == (january * 3600, july * 3600)


def test_half_hours_are_kept() -> None:
    zone = read_zone("Asia/Kolkata")
    assert zone is not None
    assert offsets(zone, 2026) == (19800, 19800)


def test_a_date_is_spelled_in_english_whatever_the_machine_speaks() -> None:
    assert spell_date(dt.date(2026, 12, 4)) == "4 December 2026"


@pytest.mark.parametrize(("zone", "day"), [("Pacific/Auckland", 21), ("America/New_York", 20), ("Nowhere/Land", 20)])
def test_the_day_is_that_of_the_accounts_zone(zone: str, day: int) -> None:
    graph = graph_of(account_of(head=info(timezone=Timezone(zone))))
    assert local_day(graph, dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)) == dt.date(2026, 11, day)


def test_the_day_is_utc_without_an_account() -> None:
    assert local_day(graph_of(), dt.datetime(2026, 11, 20, 23, 59, tzinfo=dt.UTC)) == dt.date(2026, 11, 20)


@pytest.mark.parametrize("when", [dt.datetime(1, 1, 1, tzinfo=dt.UTC), dt.datetime(9999, 12, 31, 23, tzinfo=dt.UTC)])
def test_the_ends_of_the_calendar_are_days_too(when: dt.datetime) -> None:
    for zone in ("Pacific/Auckland", "America/New_York"):
        graph = graph_of(account_of(head=info(timezone=Timezone(zone))))
        assert abs((local_day(graph, when) - when.date()).days) <= 1
