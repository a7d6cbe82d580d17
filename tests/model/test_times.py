"""Reading Kit's times."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckaudit.model.account import utc


@pytest.mark.parametrize(
    "text", [None, "", "yesterday", "2026-13-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-01-01T00:00:00+99:00"]
)
def test_text_that_is_no_time_in_utc_gives_none(text: str | None) -> None:
    assert utc(text) is None


def test_an_offset_is_taken_into_account() -> None:
    assert utc("2026-01-01T00:00:00-05:00") == dt.datetime(2026, 1, 1, 5, tzinfo=dt.UTC)


@given(st.text() | st.datetimes(timezones=st.timezones() | st.none(), allow_imaginary=False).map(dt.datetime.isoformat))
def test_no_text_raises(text: str) -> None:
    found = utc(text)
    assert found is None or found.tzinfo is dt.UTC
