"""The third simulator, that of businesses and that of courses: the same seed makes the same account, and every cause is there."""

from __future__ import annotations

import numpy as np
import pytest

from tests.evidence import business_simulator, course_simulator
from tests.evidence.third_simulator import USUAL, make


def test_the_same_seed_makes_the_same_account() -> None:
    one, other = make(3, USUAL), make(3, USUAL)
    for column in ("person", "kind", "id", "second", "state"):
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
