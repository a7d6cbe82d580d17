from __future__ import annotations

import datetime as dt

from ckaudit.model.findings import Confidence, Severity
from ckaudit.model.refs import Kind
from ckaudit.model.rules import Theme
from ckaudit.render import vocabulary


def test_every_kind_of_object_has_a_name() -> None:
    assert set(vocabulary.KINDS) == {kind for kind in Kind if not kind.startswith("va_")}


def test_a_kind_from_elsewhere_is_named_as_it_is() -> None:
    assert vocabulary.kind_name("landing_page") == "landing page"


def test_every_theme_severity_and_confidence_has_a_name() -> None:
    assert set(vocabulary.THEMES) == set(Theme)
    assert set(vocabulary.SEVERITIES) == set(vocabulary.SEVERITY_MEANINGS) == set(Severity)
    assert set(vocabulary.CONFIDENCES) == set(vocabulary.CONFIDENCE_MEANINGS) == set(Confidence)


def test_months_have_their_english_names() -> None:
    assert [vocabulary.month_name(dt.date(2026, month, 1)) for month in (1, 5, 12)] == ["January", "May", "December"]


def test_a_moment_is_told_as_a_day() -> None:
    assert vocabulary.format_date("2026-11-20T09:30:00Z") == "20 November 2026"


def test_what_is_no_moment_stays() -> None:
    assert vocabulary.format_date("soon") == "soon"
