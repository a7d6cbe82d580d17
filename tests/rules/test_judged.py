"""Passed means judged: no rule of ours passes where nothing has the role it looks at."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckaudit.model.result import Result
from ckaudit.model.rules import Need, Theme
from tests.engine.whole import audit_mini, mini_accounts, rules

ACCOUNTS = """
- account: {tags: [], forms: [], sequences: [], webhooks: []}
- account: {tags: [Customer], forms: [Newsletter], sequences: [Welcome]}
- account: {tags: [Blue, Green], sequences: [{name: Welcome, emails: [{subject: Hello}]}]}
  manifest:
    complete: true
    automations:
      - {name: Blue people, entries: [{tag_added: Blue}], steps: [{delay: 1 day}, {sequence: Welcome}, {add_tag: Green}]}
    offerings: [{name: Course A, stack: accessally}]
  events:
    - {tag: Blue, people: 40, at: "2026-10-01T10:00:00Z", every: 1 day}
    - {sequence: Welcome, people: 40, after: 1 day}
"""
NEEDS = {loaded.rule.code: loaded.rule.needs for loaded in rules()}
ROLES = {loaded.rule.code: loaded.rule.needs_roles for loaded in rules()}
THEMES = {loaded.rule.code: loaded.rule.theme for loaded in rules()}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, ...]:
    """An empty account, one without automations, one without roles; audited with every rule."""
    file = Path(tmp_path_factory.mktemp("accounts")) / "accounts.yaml"
    file.write_text(ACCOUNTS, encoding="utf-8")
    return tuple(audit_mini(node) for node in mini_accounts(file))


def passed(result: Result) -> set[str]:
    return {item.rule for item in result.passed}


def test_a_rule_that_passed_has_judged_at_least_one_object(results: tuple[Result, ...]) -> None:
    assert all(item.checked >= 1 for result in results for item in result.passed)


def test_every_rule_is_found_passed_not_evaluated_or_had_nothing_to_judge(results: tuple[Result, ...]) -> None:
    for result in results:
        found = {finding.rule for finding in result.findings} | {code for finding in result.findings for code in finding.covers}
        stays_open = {item.rule for item in (*result.not_evaluated, *result.not_applicable)}
        assert found | passed(result) | stays_open == set(NEEDS)


def test_on_an_empty_account_only_what_is_about_the_account_itself_passes(results: tuple[Result, ...]) -> None:
    assert {THEMES[code] for code in passed(results[0])} <= {Theme.ACCOUNT}


def test_without_automations_no_rule_about_automations_passes(results: tuple[Result, ...]) -> None:
    assert not {code for code in passed(results[1]) if Need.AUTOMATIONS in NEEDS[code]}


def test_without_roles_no_rule_passes_that_needs_one(results: tuple[Result, ...]) -> None:
    assert not {code for code in passed(results[2]) if ROLES[code]}


def test_without_roles_no_rule_about_access_passes(results: tuple[Result, ...]) -> None:
    assert not {code for code in passed(results[2]) if THEMES[code] is Theme.ACCESS}


def test_a_missing_role_is_named_with_the_line_that_supplies_it(results: tuple[Result, ...]) -> None:
    (answer,) = (item for item in results[2].not_evaluated if item.rule == "CK803")
    assert answer.reason.startswith("no purchase tag is known for “Course A”: add `purchase_tags: […]` to “Course A” under `offerings`")
