"""What timestamps notice of mistakes in a manifest, at a small size; ``python -m bench manifest_mistakes`` measures it at length."""

from __future__ import annotations

import pytest

from bench.manifest_mistakes import BOUNDS, CHECKS, Measured, demo, measure
from ckaudit.engine.load import LoadedRule, load_rules
from ckaudit.resources import rules_folder
from tests.evidence.described import FAMILIES, Described

ACCOUNTS = (("first", "plain", 21), ("second", "tidy", 21), ("second", "default", 21), ("third", "usual", 21))
RIGHT = tuple(
    (family, profile, seed)
    for family, (_, profiles) in FAMILIES.items()
    for profile in profiles[:2]
    if family != "business"
    for seed in (4,)
)
SAMPLE = 20


def account(family: str, profile: str, seed: int) -> Described:
    return FAMILIES[family][0](seed, profile)


@pytest.fixture(scope="module")
def rules() -> list[LoadedRule]:
    return [rule for rule in load_rules((rules_folder(),)) if rule.rule.code in CHECKS]


def test_timestamps_notice_enough_of_every_kind_of_mistake(rules: list[LoadedRule]) -> None:
    measured = Measured()
    for place in ACCOUNTS:
        measure(account(*place), rules, measured, SAMPLE)
    assert {name: tally.share for name, tally in measured.groups.items() if name in BOUNDS and tally.share < BOUNDS[name]} == {}
    assert {name for name, tally in measured.groups.items() if tally.shown} >= BOUNDS.keys()


def test_right_manifests_of_simulated_accounts_have_no_finding(rules: list[LoadedRule]) -> None:
    measured = Measured()
    for place in RIGHT:
        measure(account(*place), rules, measured, 0)
    assert measured.false == []


def test_the_demos_delays_typed_wrong_are_noticed(rules: list[LoadedRule]) -> None:
    measured = Measured()
    measure(demo(), rules, measured, 20)
    assert measured.groups["delay"].share >= BOUNDS["delay"]
