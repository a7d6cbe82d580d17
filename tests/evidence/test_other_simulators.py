"""The third simulator and those written from documents: the same seed makes the same account, every cause is there before its effect, and
links of the families that came last are found."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from ckaudit.evidence.mine import mine
from tests.evidence import business_simulator, course_simulator
from tests.evidence.agency import simulator as agency
from tests.evidence.creators import simulator as creators
from tests.evidence.judge import FAMILIES, Tally, judge
from tests.evidence.judge import make as account
from tests.evidence.shops import simulator as shops
from tests.evidence.third_simulator import USUAL, make
from tests.evidence.truth import Obj, World

COLUMNS = ("person", "kind", "id", "second", "state")
OTHERS = [
    (family, kind) for family, kinds in (("shops", shops.KINDS), ("creators", creators.KINDS), ("agency", agency.KINDS)) for kind in kinds
]


def test_the_same_seed_makes_the_same_account() -> None:
    one, other = make(3, USUAL), make(3, USUAL)
    for column in COLUMNS:
        assert np.array_equal(getattr(one.events, column), getattr(other.events, column))


@pytest.mark.parametrize("kind", business_simulator.KINDS)
def test_the_same_seed_makes_the_same_business(kind: str) -> None:
    one, other = business_simulator.simulate(kind, 3), business_simulator.simulate(kind, 3)
    assert one.truth == other.truth
    assert np.array_equal(one.events.second, other.events.second)


@pytest.mark.parametrize("kind", business_simulator.KINDS)
def test_no_effect_comes_before_its_cause(kind: str) -> None:
    world = business_simulator.simulate(kind, 4)
    assert len(world.causal()) > 10
    assert min(min(pair.gaps) for pair in world.truth.values()) >= 0


@pytest.mark.parametrize("kind", course_simulator.KINDS)
def test_the_same_seed_makes_the_same_courses(kind: str) -> None:
    one, other = course_simulator.simulate(kind, 3), course_simulator.simulate(kind, 3)
    assert one.truth == other.truth
    assert np.array_equal(one.events.second, other.events.second)


@pytest.mark.parametrize("kind", course_simulator.KINDS)
def test_no_effect_of_courses_comes_before_its_cause(kind: str) -> None:
    world = course_simulator.simulate(kind, 4)
    assert len(world.causal()) > 10
    assert min(min(pair.gaps) for pair in world.truth.values()) >= 0


@pytest.mark.parametrize(("family", "kind"), OTHERS)
def test_the_same_seed_makes_the_same_account_of_a_family(family: str, kind: str) -> None:
    one, other = account(family, kind, 3), account(family, kind, 3)
    assert (one.truth, one.grey, one.now) == (other.truth, other.grey, other.now)
    for column in COLUMNS:
        assert np.array_equal(getattr(one.events, column), getattr(other.events, column))


def held(world: World, obj: Obj) -> dict[int, int]:
    """When each person got it."""
    its = (world.events.kind == obj[0]) & (world.events.id == obj[1])
    return dict(zip(world.events.person[its].tolist(), world.events.second[its].tolist(), strict=True))


@pytest.mark.parametrize(("family", "kind"), OTHERS)
def test_every_gap_of_the_truth_lies_between_two_timestamps_that_are_there(family: str, kind: str) -> None:
    world = account(family, kind, 4)
    assert len(world.causal()) > 10
    for (cause, effect), pair in world.truth.items():
        first, then = held(world, cause), held(world, effect)
        there = Counter(then[person] - first[person] for person in first.keys() & then.keys())
        assert min(pair.gaps) >= 0
        assert Counter(pair.gaps) <= there
        assert pair.clear <= len(pair.gaps)
    assert world.events.second.max() <= world.now


# A few points below what is measured (``python -m tests.evidence.judge shops creators agency``): room for the chance of a few small
# accounts, not for a worse method.
@pytest.mark.parametrize(
    ("family", "precision", "recall"),
    [("shops", 0.88, 0.86), ("creators", 0.85, 0.82), ("agency", 0.90, 0.86)],
)
def test_links_of_a_family_are_found_by_cause(family: str, precision: float, recall: float) -> None:
    total = Tally()
    for kind in FAMILIES[family][1]:
        for seed in (500, 501):
            world = account(family, kind, seed)
            total += judge(world, mine(world.events, now=world.now))
    assert total.precision >= precision
    assert total.recall >= recall
    assert total.timed >= 0.95 * total.found
