"""Nothing that rests on a guess is certain."""

from __future__ import annotations

import pytest

from ckaudit.model.findings import Confidence
from ckaudit.model.rules import Need
from ckaudit.resources import rules_folder
from ckaudit.testing.cases import Case, case_account, run_case
from ckaudit.testing.check import collect_cases

# it judges the addresses of webhooks as Kit lists them, which are no guess
_READS_WEBHOOKS = "CK226"

CASES = [
    case
    for case in collect_cases(rules_folder())
    if case.expect and Need.MEMBERSHIP in case.rule.rule.needs and case.rule.rule.code != _READS_WEBHOOKS
]


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_no_finding_about_a_membership_that_nobody_stated_is_certain(case: Case) -> None:
    stated = any(membership.offering for membership in case_account(case).declared.memberships)
    certain = [finding.message for finding in run_case(case).findings if finding.confidence is Confidence.CERTAIN]
    assert stated or certain == []
