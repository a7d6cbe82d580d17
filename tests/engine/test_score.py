"""The score tells the truth: its ceilings, and that knowing more of what is wrong never raises it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckaudit.engine.score import grade, judged_percent, overall, score
from ckaudit.model.findings import Confidence, ReportedFinding, Severity
from ckaudit.model.result import Grade
from tests.engine.planted import finding

FINDINGS = st.lists(
    st.builds(
        finding,
        st.integers(1, 9),
        rule=st.sampled_from([f"ACME60{n}" for n in range(1, 6)]),
        severity=st.sampled_from(Severity),
        confidence=st.sampled_from(Confidence),
        covers_severity=st.none() | st.sampled_from(Severity),
    ),
    max_size=30,
)


def test_nothing_found_is_a_hundred() -> None:
    assert score(()) == 100


@given(FINDINGS, FINDINGS)
def test_a_problem_that_becomes_known_never_raises_it(known: list[ReportedFinding], new: list[ReportedFinding]) -> None:
    assert score([*known, *new]) <= score(known)


@given(FINDINGS)
def test_it_is_never_above_59_while_an_error_stands(found: list[ReportedFinding]) -> None:
    assert score([*found, finding(1, severity=Severity.ERROR, confidence=Confidence.POSSIBLE)]) <= 59


@given(FINDINGS)
def test_it_is_never_100_while_a_warning_stands(found: list[ReportedFinding]) -> None:
    assert score([*found, finding(1, severity=Severity.WARNING, confidence=Confidence.POSSIBLE)]) < 100


@given(FINDINGS)
def test_it_stays_between_0_and_100(found: list[ReportedFinding]) -> None:
    assert 0 <= score(found) <= 100


@given(FINDINGS)
def test_what_a_finding_covers_weighs_on(found: list[ReportedFinding]) -> None:
    light, heavy = finding(1, severity=Severity.INFO), finding(1, severity=Severity.ERROR)
    joined = finding(1, severity=Severity.INFO, covers_severity=Severity.ERROR)
    assert score([*found, joined]) <= score([*found, heavy]) <= score([*found, light])


def test_many_findings_of_one_rule_cost_more_than_one() -> None:
    assert score([finding(n) for n in range(24)]) < score([finding(1)])


def test_the_order_does_not_matter() -> None:
    found = [finding(1), finding(2, severity=Severity.ERROR), finding(3, confidence=Confidence.POSSIBLE)]
    assert score(found) == score(found[::-1])


def test_where_hardly_anything_was_judged_there_is_no_score() -> None:
    assert overall((), 6, judged_percent(6, 91)) is None


def test_fewer_than_five_judged_rules_give_no_score() -> None:
    assert (overall((), 4, 100), overall((), 5, 100)) == (None, 100)


@pytest.mark.parametrize(("judged", "left_open", "percent"), [(0, 0, 0), (0, 9, 0), (79, 21, 79), (2, 1, 66), (9, 0, 100)])
def test_the_share_that_was_judged_is_rounded_down(judged: int, left_open: int, percent: int) -> None:
    assert judged_percent(judged, left_open) == percent


@pytest.mark.parametrize(
    ("value", "percent", "expected"),
    [(100, 79, Grade.PARTIAL), (None, 100, Grade.PARTIAL), (90, 80, Grade.GOOD), (89, 80, Grade.FAIR), (59, 100, Grade.POOR)],
)
def test_a_grade_says_what_the_score_means(value: int | None, percent: int, expected: Grade) -> None:
    assert grade(value, percent) is expected
