from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckaudit.engine.score import score
from ckaudit.model.findings import Confidence, Severity
from ckaudit.model.rules import Rule, Theme
from tests.engine.planted import finding

RULES = [
    Rule(
        code=f"ACME60{n}", name=f"rule-{n}", title="A tag is bad", passing="All tags are good", severity=Severity.WARNING, theme=Theme.TAGS
    )
    for n in range(1, 6)
]


def test_nothing_found_is_a_hundred() -> None:
    assert score(RULES, ()) == 100


def test_fewer_than_five_evaluated_rules_give_no_score() -> None:
    assert score(RULES[:4], ()) is None


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([finding(1)], 80),  # one of five equal rules is lost
        ([finding(1), finding(2), finding(3)], 80),  # by rule, not by finding
        ([finding(1, confidence=Confidence.LIKELY)], 88),
        ([finding(1, severity=Severity.INFO)], 93),
        ([finding(1, severity=Severity.ERROR)], 55),  # 10 of 10 + 4 × 3
        ([finding(1, rule=f"ACME60{n}") for n in range(1, 6)], 0),
        ([finding(1, rule="ACME699")], 100),  # its rule was not evaluated
    ],
)
def test_the_score_is_what_is_not_lost(findings: list[object], expected: int) -> None:
    assert score(RULES, findings) == expected  # type: ignore[arg-type]


FINDINGS = st.builds(
    finding,
    rule=st.sampled_from([rule.code for rule in RULES]),
    severity=st.sampled_from(Severity),
    confidence=st.sampled_from(Confidence),
)


@given(st.lists(FINDINGS, max_size=12))
def test_the_score_stays_between_0_and_100(findings: list[object]) -> None:
    found = score(RULES, findings)  # type: ignore[arg-type]
    assert found is not None
    assert 0 <= found <= 100
