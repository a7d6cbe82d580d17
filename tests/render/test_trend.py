from __future__ import annotations

import re

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckaudit.model.trend import TrendPoint
from ckaudit.render.html import render_html
from ckaudit.render.options import RenderOptions
from ckaudit.render.trend import MAX_POINTS, WIDTH, make_trend
from tests.render import results


def point(at: str, score: int | None = 50, error: int = 1, warning: int = 0, info: int = 0, version: str = "1.0") -> TrendPoint:
    return TrendPoint(at, score, error, warning, info, 0, 40, version)


def test_one_audit_is_no_trend() -> None:
    assert make_trend([point("2026-05-01T00:00:00Z")]) is None


def test_two_audits_of_one_day_are_one() -> None:
    assert make_trend([point("2026-05-01T00:00:00Z"), point("2026-05-01T09:00:00Z")]) is None


def test_the_sentence_tells_first_and_last() -> None:
    trend = make_trend([point("2026-11-01T00:00:00Z", 71, 1), point("2026-05-20T00:00:00Z", 52, 6)])
    assert trend
    assert trend.sentence == "In 2 audits since 20 May 2026 the score went from 52 to 71, and urgent findings from 6 to 1."


def test_without_a_score_only_counts_are_told() -> None:
    trend = make_trend([point("2026-05-01T00:00:00Z", None, 3), point("2026-06-01T00:00:00Z", 9, 2)])
    assert trend
    assert "score" not in trend.sentence


def test_the_table_is_newest_first_and_names_a_version_where_it_changed() -> None:
    points = [point("2026-05-01T", version="1"), point("2026-06-01T", version="1"), point("2026-07-01T", version="2")]
    trend = make_trend(points)
    assert trend
    assert [row.version for row in trend.rows] == ["2", "", "1"]


def test_what_is_not_shown_is_counted() -> None:
    points = [point(f"{year}-{month:02}-01T00:00:00Z") for year in range(2000, 2010) for month in range(1, 13)]
    trend = make_trend(points)
    assert trend
    assert (len(trend.rows), trend.more) == (MAX_POINTS, 120 - MAX_POINTS)


@given(st.lists(st.tuples(st.dates(), st.none() | st.integers(0, 100), st.integers(0, 999)), min_size=2, max_size=70))
def test_everything_drawn_lies_inside_and_goes_on_to_the_right(raw: list[tuple[object, int | None, int]]) -> None:
    trend = make_trend([point(f"{day}T00:00:00Z", score, error) for day, score, error in raw])
    if trend is None:
        return
    bars = [float(x) for x in re.findall(r'<rect class="error" x="([\d.-]+)"', trend.svg)]
    assert bars == sorted(bars)
    assert all(0 <= x <= WIDTH - 7 for x in bars)
    assert all(float(height) >= 0 for height in re.findall(r'height="([\d.-]+)"', trend.svg))


@pytest.mark.parametrize("at", ["", "<script>", "nonsense"])
def test_a_damaged_time_is_shown_harmlessly(at: str) -> None:
    options = RenderOptions(history=(point(at), point("2026-05-01T00:00:00Z", version="<b>")))
    page = render_html(results.normal(), options)
    html5lib.HTMLParser(strict=True).parse(page)
    assert "<script>no" not in page
    assert "<b>" not in page


def test_a_report_without_a_history_has_no_such_chapter() -> None:
    assert 'id="trend"' not in render_html(results.normal())
