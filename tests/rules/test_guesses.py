"""Nothing that rests on a guess is certain."""

from __future__ import annotations

import pytest

from ckaudit.model.findings import Confidence
from ckaudit.model.result import Result
from ckaudit.model.roles import WEBHOOK_ROLES
from ckaudit.model.rules import Need
from ckaudit.resources import rules_folder
from ckaudit.testing.cases import Case, case_account, run_case
from ckaudit.testing.check import collect_cases
from tests.engine.whole import Whole, rules

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


@pytest.fixture(scope="module")
def webhook_tags_alone(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The corrected guide with an offering that names only its webhook tags."""
    whole = Whole()
    whole.manifest["offerings"] = [{"name": "Course A", "stack": "accessally", "webhook_tags": whole.offering["webhook_tags"]}]
    return whole.audit(tmp_path_factory.mktemp("guide"))


@pytest.mark.parametrize("code", [loaded.rule.code for loaded in rules() if Need.MEMBERSHIP in loaded.rule.needs])
def test_no_rule_about_access_passes_by_a_role_that_is_only_guessed(code: str, webhook_tags_alone: Result) -> None:
    (rule,) = (loaded.rule for loaded in rules() if loaded.rule.code == code)
    by_webhooks = code == _READS_WEBHOOKS or (rule.needs_roles and all(set(group) & set(WEBHOOK_ROLES) for group in rule.needs_roles))
    assert by_webhooks or code not in {item.rule for item in webhook_tags_alone.passed}
