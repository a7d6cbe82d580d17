"""What every built-in rule must have."""

from __future__ import annotations

from collections import Counter

import pytest

from ckaudit.engine.load import LoadedRule, load_rules
from ckaudit.model.rules import Need, ObservedUse, Theme
from ckaudit.resources import rules_folder
from ckaudit.testing.cases import CaseKind, read_cases

RULES = load_rules((rules_folder(),))


@pytest.fixture(params=RULES, ids=[loaded.rule.code for loaded in RULES])
def loaded(request: pytest.FixtureRequest) -> LoadedRule:
    """Each rule in turn."""
    found: LoadedRule = request.param
    return found


def test_a_rule_has_bad_cases_and_more_that_must_be_silent(loaded: LoadedRule) -> None:
    kinds = Counter(case.kind for case in read_cases(loaded))
    assert kinds[CaseKind.BAD] >= 1
    assert kinds[CaseKind.GOOD] + kinds[CaseKind.NEAR_MISS] >= 2
    assert kinds[CaseKind.NEAR_MISS] >= 1


def test_a_rule_that_needs_data_has_a_case_without_it(loaded: LoadedRule) -> None:
    if loaded.rule.needs:
        assert any(case.kind is CaseKind.MISSING_DATA for case in read_cases(loaded))


def test_expected_messages_are_sentences(loaded: LoadedRule) -> None:
    for case in read_cases(loaded):
        for item in case.expect:
            assert item.message.rstrip().endswith((".", "?", "!")), case.id


def test_titles_are_sentences_without_a_full_stop(loaded: LoadedRule) -> None:
    for title in (loaded.rule.title, loaded.rule.passing):
        assert title[0].isupper()
        assert not title.endswith(".")


def test_a_rule_about_automations_says_what_it_does_with_those_that_only_timestamps_show(loaded: LoadedRule) -> None:
    rule = loaded.rule
    if rule.theme in (Theme.ACCESS, Theme.AUTOMATIONS) and Need.AUTOMATIONS in rule.needs:
        assert (rule.observed is ObservedUse.JUDGED) != bool(rule.unseen)


def test_a_rule_that_judges_automations_only_timestamps_show_has_cases_of_it(loaded: LoadedRule) -> None:
    cases = [case for case in read_cases(loaded) if "events" in case.node.mapping("a case") and "timestamp" in case.name]
    kinds = Counter(case.kind for case in cases)
    if loaded.rule.observed is ObservedUse.JUDGED:
        assert 0 < kinds[CaseKind.BAD] < kinds[CaseKind.NEAR_MISS] + 1
    elif loaded.rule.observed is ObservedUse.SILENCES:
        assert kinds[CaseKind.NEAR_MISS] > 0
        assert kinds[CaseKind.BAD] == 0
