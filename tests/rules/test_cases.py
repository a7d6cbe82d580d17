"""Every case beside a built-in rule, one test each."""

from __future__ import annotations

import pytest

from ckaudit.resources import rules_folder
from ckaudit.testing.cases import Case
from ckaudit.testing.check import check_case, collect_cases

CASES = collect_cases(rules_folder())


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_a_case_comes_out_as_it_says(case: Case) -> None:
    failure = check_case(case)
    assert failure is None, "\n".join((str(failure.location), *failure.reasons, "found:", failure.actual))
