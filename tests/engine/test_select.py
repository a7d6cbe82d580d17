from __future__ import annotations

from pathlib import Path

import pytest

from ckaudit.engine.load import LoadedRule, load_rules
from ckaudit.engine.select import find_rule, select_rules
from ckaudit.model.errors import UsageError
from tests.engine.planted import write_rule


@pytest.fixture
def rules(tmp_path: Path) -> tuple[LoadedRule, ...]:
    write_rule(tmp_path, "bad-tag", code="ACME601")
    write_rule(tmp_path, "worse-tag", code="ACME602")
    write_rule(tmp_path, "lost-buyer", code="ACME201", theme="ACCESS")
    return load_rules((tmp_path,))


def codes(rules: tuple[LoadedRule, ...]) -> list[str]:
    return [loaded.rule.code for loaded in rules]


@pytest.mark.parametrize(
    ("select", "ignore", "chosen"),
    [
        ([], [], ["ACME201", "ACME601", "ACME602"]),
        (["ACME601"], [], ["ACME601"]),
        (["acme601"], [], ["ACME601"]),
        (["ACME6"], [], ["ACME601", "ACME602"]),
        (["worse-tag", "access"], [], ["ACME201", "ACME602"]),
        ([], ["tags"], ["ACME201"]),
        (["ACME6"], ["bad-tag"], ["ACME602"]),
        (["ACME601"], ["ACME601"], []),
        (["forms"], [], []),
        (["ACME602", "ACME602", "ACME601"], [], ["ACME601", "ACME602"]),
    ],
)
def test_rules_are_chosen_by_code_prefix_name_and_theme(
    select: list[str], ignore: list[str], chosen: list[str], rules: tuple[LoadedRule, ...]
) -> None:
    assert codes(select_rules(rules, select, ignore)) == chosen


@pytest.mark.parametrize(("word", "near"), [("bad-tags", "bad-tag"), ("acces", "access"), ("ACME609", "ACME60"), ("CK601", "ACME601")])
def test_an_unknown_word_is_an_error_with_the_nearest(word: str, near: str, rules: tuple[LoadedRule, ...]) -> None:
    with pytest.raises(UsageError) as caught:
        select_rules(rules, [word])
    assert f"“{word}”" in str(caught.value)
    assert f"Did you mean “{near}" in str(caught.value)


@pytest.mark.parametrize("word", ["", "A", "acme", "tag"])
def test_a_word_that_is_only_part_of_a_name_means_nothing(word: str, rules: tuple[LoadedRule, ...]) -> None:
    with pytest.raises(UsageError):
        select_rules(rules, [], [word])


def test_a_rule_is_found_by_code_and_by_name(rules: tuple[LoadedRule, ...]) -> None:
    assert find_rule(rules, "acme201") is find_rule(rules, "lost-buyer")
    with pytest.raises(UsageError, match="Did you mean “lost-buyer”"):
        find_rule(rules, "lost-buyers")
