"""The rules of the catalogue clear the bar that outside rules are held to, too."""

from __future__ import annotations

import pytest

from ckaudit.resources import rules_folder
from ckaudit.testing import LoadedRule, load_rules, read_cases, shortfalls

RULES = load_rules((rules_folder(),))


@pytest.mark.parametrize("loaded", RULES, ids=[loaded.rule.code for loaded in RULES])
def test_a_rule_lacks_nothing(loaded: LoadedRule) -> None:
    assert [f"{item.file}: {item.missing}. {item.todo}" for item in shortfalls(loaded, read_cases(loaded))] == []
