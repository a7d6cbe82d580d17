"""Drafts of simulated accounts against the automations that these really have: four of five membership releases come out whole."""

from __future__ import annotations

import pytest

from tests.evidence.judge_drafts import Tally, grey_of, judged
from tests.evidence.true_automations import known

RELEASES = [("business", "membership", 940), ("business", "membership", 945), ("courses", "academy", 941), ("second", "tidy", 942)]
"""Accounts with several memberships each."""


@pytest.fixture(scope="module")
def tally() -> Tally:
    counted = Tally()
    for family, profile, seed in RELEASES:
        judged(known(family, profile, seed), grey_of(family, profile, seed), counted)
    return counted


def test_four_of_five_membership_releases_are_whole(tally: Tally) -> None:
    states = tally.states["membership release"]
    assert states.total() >= 8
    assert states["whole"] >= 0.8 * states.total()


def test_four_of_five_automations_of_all_kinds_are_whole(tally: Tally) -> None:
    whole = sum(states["whole"] for states in tally.states.values())
    assert whole >= 0.8 * sum(states.total() for states in tally.states.values())


def test_few_steps_are_untrue_and_few_delays_invented(tally: Tally) -> None:
    assert tally.drafts["steps false"] <= 0.05 * tally.drafts["steps"]
    assert tally.drafts["delays invented"] <= 0.05 * tally.drafts["delays"]
    assert tally.drafts["drafts all false"] <= 0.05 * tally.drafts["drafts"]


PROFILES = {"first": "plain", "second": "tidy", "third": "usual", "business": "shop", "courses": "store"}


@pytest.mark.parametrize("family", PROFILES)
def test_every_family_says_what_its_automations_are(family: str) -> None:
    account = known(family, PROFILES[family], 3)
    visible = [true for true in (item.visible(account.truth) for item in account.automations) if true.steps]
    assert len(visible) > 3
    assert all(step.at is None or step.at >= step.waited for true in visible for step in true.steps if not true.completes)
