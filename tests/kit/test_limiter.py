"""The rolling window: the burst at once, never more than the limit in any window, nobody waits longer than that needs."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from ckaudit.kit.limiter import RateLimiter
from tests.fake_kit.clock import Clock


def entries(gaps: list[float], limit: int, seconds: float) -> tuple[list[float], list[float]]:
    """Arrival and entry times of requests that come one after another with these gaps."""
    clock = Clock()
    limiter = RateLimiter(limit, clock.timing, seconds)
    arrived: list[float] = []
    entered: list[float] = []

    async def run() -> None:
        for gap in gaps:
            clock.time += gap
            arrived.append(clock.time)
            await limiter.enter()
            entered.append(clock.time)

    asyncio.run(run())
    return arrived, entered


gaps = st.lists(st.one_of(st.just(0.0), st.floats(0, 30)), max_size=60)


@given(gaps, st.integers(1, 8), st.sampled_from([1.0, 10.0, 61.0]))
def test_no_window_ever_holds_more_than_the_limit(gaps: list[float], limit: int, seconds: float) -> None:
    _, entered = entries(gaps, limit, seconds)
    assert all(later - earlier >= seconds - 1e-9 for earlier, later in zip(entered, entered[limit:], strict=False))


@given(gaps, st.integers(1, 8))
def test_nobody_waits_longer_than_the_window_needs(gaps: list[float], limit: int) -> None:
    arrived, entered = entries(gaps, limit, 10.0)
    for index, came in enumerate(arrived):
        needed = entered[index - limit] + 10.0 if index >= limit else 0.0
        assert abs(entered[index] - max(came, needed)) < 1e-6


@given(st.integers(1, 40), st.integers(1, 10))
def test_requests_that_come_together_burst_and_then_pace(count: int, limit: int) -> None:
    clock = Clock()
    limiter = RateLimiter(limit, clock.timing, 60.0)
    entered: list[float] = []

    async def one() -> None:
        await limiter.enter()
        entered.append(clock.time)

    async def run() -> None:
        await asyncio.gather(*(one() for _ in range(count)))

    asyncio.run(run())
    assert entered == [1000.0 + 60.0 * (index // limit) for index in range(count)]


def test_a_cool_down_stops_everybody_and_the_longer_one_counts() -> None:
    clock = Clock()
    limiter = RateLimiter(100, clock.timing)

    async def run() -> list[float]:
        await limiter.enter()
        limiter.cool_down(30)
        limiter.cool_down(10)
        assert limiter.cooling
        await asyncio.gather(limiter.enter(), limiter.enter())
        return [clock.time]

    assert asyncio.run(run()) == [1030.0]
    assert not limiter.cooling


def test_a_cool_down_that_begins_while_somebody_waits_holds_that_one_too() -> None:
    clock = Clock()
    limiter = RateLimiter(1, clock.timing, 60.0)

    async def run() -> None:
        await limiter.enter()
        waiting = asyncio.create_task(limiter.enter())
        await asyncio.sleep(0)
        limiter.cool_down(100)
        await waiting

    asyncio.run(run())
    assert clock.time == 1100.0


def test_a_clock_that_goes_back_costs_one_window_and_no_more() -> None:
    clock = Clock()
    limiter = RateLimiter(2, clock.timing, 60.0)

    async def run() -> None:
        await limiter.enter()
        await limiter.enter()
        limiter.cool_down(500)
        clock.time = 400.0
        await limiter.enter()

    asyncio.run(run())
    assert clock.time == 460.0


def test_a_clock_that_leaps_forward_is_no_reason_to_wait() -> None:
    _, entered = entries([0, 0, 1e9, 0], 2, 60.0)
    assert entered[2:] == [1000.0 + 1e9] * 2


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 8))
def test_the_time_left_is_the_time_it_takes(before: int, count: int, limit: int) -> None:
    clock = Clock()
    limiter = RateLimiter(limit, clock.timing, 60.0)

    async def run() -> tuple[float, float]:
        for _ in range(before):
            await limiter.enter()
        said, began = limiter.seconds_for(count), clock.time
        for _ in range(count):
            await limiter.enter()
        return said, clock.time - began

    said, took = asyncio.run(run())
    assert abs(said - took) < 1e-6
