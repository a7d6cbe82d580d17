"""What is misspelt in the manifest is unknown: neither wrong nor in order."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckaudit.model.findings import ReportedFinding, Severity
from ckaudit.model.result import Result
from tests.engine.whole import Whole, audit_mini, mini_accounts

ACCOUNT = """
- account: {tags: [{name: "Course A: purchased"}, {name: "AA: login"}], absent: ["AA: logn"], sequences: [Welcome]}
  manifest:
    complete: true
    automations:
      - name: Release
        entries: [{tag_added: "Course A: purchased"}]
        steps: [{add_tag: "AA: logn"}, {delay: 1 day}, {remove_tag: "AA: logn"}]
    external: [{name: Shop, adds_tags: ["Course A: purchased"]}]
    offerings: [{name: Course A, stack: accessally, purchase_tags: ["Course A: purchased"], webhook_tags: {login: ["AA: logn"]}}]
  events:
    - {tag: "Course A: purchased", people: 9, at: "2026-10-01T10:00:00Z", every: 1 day}
    - {tag: "AA: login", people: 9, after: 1 minute}
"""


@pytest.fixture(scope="module")
def throughout(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A webhook tag that is typed wrong wherever the manifest names it."""
    file = Path(tmp_path_factory.mktemp("accounts")) / "accounts.yaml"
    file.write_text(ACCOUNT, encoding="utf-8")
    (node,) = mini_accounts(file)
    return audit_mini(node)


@pytest.fixture(scope="module")
def in_one_step(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The corrected guide, with a removal that names another tag than there is."""
    whole = Whole()
    step = next(step for step in whole.steps if step.get("remove_tag") == "AA: release Course A")
    step["remove_tag"] = "AA: relase Course A"
    return whole.audit(tmp_path_factory.mktemp("guide"))


def unknown_name(result: Result) -> ReportedFinding:
    (finding,) = (item for item in result.findings if item.rule == "CK901")
    return finding


def test_a_rule_whose_tag_is_typed_wrong_throughout_does_not_pass(throughout: Result) -> None:
    assert "CK801" not in {item.rule for item in throughout.passed}


def test_a_rule_that_is_not_evaluated_names_the_name_and_its_line(throughout: Result) -> None:
    (answer,) = (item for item in throughout.not_evaluated if item.rule == "CK801")
    assert answer.reason.startswith("the manifest names a tag “AA: logn” (")
    assert ".yaml:8), and this account has none" in answer.reason


def test_nothing_but_the_name_itself_is_found_about_what_is_typed_wrong(in_one_step: Result) -> None:
    assert [item.rule for item in in_one_step.findings] == ["CK901"]


def test_a_finding_that_touched_a_wrong_name_leaves_its_rule_not_evaluated(in_one_step: Result) -> None:
    assert "CK201" in {item.rule for item in in_one_step.not_evaluated}


def test_the_finding_about_the_name_says_which_rules_leave_it_out(in_one_step: Result) -> None:
    assert "That is left out of" in unknown_name(in_one_step).message
    assert "CK201" in unknown_name(in_one_step).message


def test_the_finding_about_the_name_weighs_as_much_as_the_worst_rule_that_leaves_it_out(in_one_step: Result) -> None:
    finding = unknown_name(in_one_step)
    assert (finding.severity, finding.covers_severity) == (Severity.WARNING, Severity.ERROR)
