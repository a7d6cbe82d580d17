"""Zones by name, compared by their clocks."""

from __future__ import annotations

import datetime as dt

import pytest

from ckaudit.graph.zones import read_zone, spell_date
from ckaudit.model.account import Timezone
from tests.graph.accounts import account_of, graph_of, info


@pytest.mark.parametrize(
    "name",
    ["", None, "Nowhere/Land", "../../etc/passwd", "/etc/passwd", "America", "x" * 5000, "a\0b", "Eastern Time (US & Canada)", "\ud800"],
)
def test_a_name_that_is_no_zone_gives_none(name: str | None) -> None:
    assert read_zone(name) is None


def test_a_date_is_spelled_in_english_whatever_the_machine_speaks() -> None:
    assert spell_date(dt.date(2026, 12, 4)) == "4 December 2026"


@pytest.mark.parametrize(("zone", "day"), [("Pacific/Auckland", 21), ("America/New_York", 20), ("Nowhere/Land", 20)])
def test_the_day_is_that_of_the_accounts_zone(zone: str, day: int) -> None:
    graph = graph_of(account_of(head=info(timezone=Timezone(zone))))
    assert graph.day(dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)) == dt.date(2026, 11, day)


def test_the_day_is_utc_without_an_account() -> None:
    assert graph_of().day(dt.datetime(2026, 11, 20, 23, 59, tzinfo=dt.UTC)) == dt.date(2026, 11, 20)


@pytest.mark.parametrize("when", [dt.datetime(1, 1, 1, tzinfo=dt.UTC), dt.datetime(9999, 12, 31, 23, tzinfo=dt.UTC)])
def test_the_ends_of_the_calendar_are_days_too(when: dt.datetime) -> None:
    for zone in ("Pacific/Auckland", "America/New_York"):
        graph = graph_of(account_of(head=info(timezone=Timezone(zone))))
        assert abs((graph.day(when) - when.date()).days) <= 1
