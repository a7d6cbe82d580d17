"""The third simulator took no part in the making of the miner: floors for accounts that it has not seen.

The floors lie below the targets (precision 0.95, recall 0.85), since four accounts scatter; ``tests.evidence.third_run`` measures many.
"""

from __future__ import annotations

import numpy as np
import pytest

from ckaudit.evidence.mine import mine
from tests.evidence.third_run import Tally, named
from tests.evidence.third_simulator import HARD, USUAL, Profile, make


def test_the_same_seed_makes_the_same_account() -> None:
    one, other = make(3, USUAL), make(3, USUAL)
    for column in ("person", "kind", "id", "second", "state"):
        assert np.array_equal(getattr(one.events, column), getattr(other.events, column))


@pytest.mark.parametrize(("profile", "precision", "recall"), [(USUAL, 0.93, 0.83), (HARD, 0.9, 0.78)], ids=["usual", "hard"])
def test_links_of_accounts_nobody_tuned_on_are_found(profile: Profile, precision: float, recall: float) -> None:
    tally = Tally()
    for seed in range(200, 204):
        world = make(seed, profile)
        links = named(mine(world.events, now=world.now))
        tally.add(world, {pair: float(link.delay_seconds) for pair, link in links.items()}, {})
    assert tally.found / (tally.found + tally.wrong) >= precision
    assert tally.found / (tally.found + tally.missed) >= recall
