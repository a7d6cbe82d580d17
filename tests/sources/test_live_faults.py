"""With faults injected at random a pull ends with the right snapshot, or with exit 3 and a folder that can be resumed. Never wrong."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec
import pytest

from ckaudit.kit.client import COOL_DOWNS, LONGEST_DARKNESS, WAITS
from ckaudit.kit.credentials import Credential
from ckaudit.kit.http import Patience
from ckaudit.model.errors import ExitStatus
from ckaudit.sources.live import pull
from tests.fake_kit.accounts import big, sample
from tests.fake_kit.app import FakeKit, Json
from tests.fake_kit.clock import Clock
from tests.fake_kit.faults import Fault, at_random
from tests.fake_kit.server import Served

ALL = (
    Fault.RESET,
    Fault.TRUNCATED,
    Fault.ERROR_500,
    Fault.HTML_502,
    Fault.REPEATED_CURSOR,
    Fault.NULL_CURSOR,
    Fault.TEXT_200,
    Fault.JSON_200,
    Fault.TOO_MANY,
    Fault.TOO_MANY_WITH_RETRY_AFTER,
)
# No request waits longer than this in all; pacing by the window comes on top.
BUDGET = 1.25 * (sum(WAITS) + sum(COOL_DOWNS)) + LONGEST_DARKNESS
QUICK = Patience(connect=5, read=0.25, whole=0.5)


def an_account() -> Json:
    return sample() | {"tags": big(tags=9)["tags"]}


def calm(kit: Served, clock: Clock, key: Credential, folder: Path) -> bytes:
    kit.kit = FakeKit(an_account(), largest_page=2)
    pull(key, api_url=kit.url, folder=folder, timing=clock.timing)
    return (folder / "account.json").read_bytes()


def weather_it(kit: Served, clock: Clock, key: Credential, folder: Path, rate: float, seed: int, kinds: tuple[Fault, ...]) -> int:
    """Pull until there is a snapshot; how often it had to be resumed."""
    kit.kit = FakeKit(an_account(), largest_page=2, clock=clock.now, faults=at_random(rate, seed, kinds), slow_seconds=0.5)
    for attempt in range(50):
        pulled = pull(key, api_url=kit.url, folder=folder, timing=clock.timing, patience=QUICK if Fault.SLOW in kinds else None)
        if pulled.problem is None:
            return attempt
        assert pulled.problem.exit_status is ExitStatus.INCOMPLETE
        assert pulled.snapshot is None
        assert not (folder / "account.json").exists()
    raise AssertionError("50 pulls were not enough")


@pytest.mark.parametrize("fault", [*ALL, Fault.SLOW])
def test_each_fault_at_ten_percent_changes_nothing(kit: Served, clock: Clock, key: Credential, tmp_path: Path, fault: Fault) -> None:
    expected = calm(kit, clock, key, tmp_path / "calm")
    for seed in range(1 if fault is Fault.SLOW else 3):
        weather_it(kit, clock, key, tmp_path / str(seed), 0.1, seed, (fault,))
        assert (tmp_path / str(seed) / "account.json").read_bytes() == expected


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.6])
def test_all_faults_together_change_nothing(kit: Served, clock: Clock, key: Credential, tmp_path: Path, rate: float) -> None:
    expected = calm(kit, clock, key, tmp_path / "calm")
    for seed in range(3):
        weather_it(kit, clock, key, tmp_path / str(seed), rate, seed, ALL)
        assert (tmp_path / str(seed) / "account.json").read_bytes() == expected


def test_an_ordinary_amount_of_faults_needs_no_resuming(kit: Served, clock: Clock, key: Credential, tmp_path: Path) -> None:
    assert [weather_it(kit, clock, key, tmp_path / str(seed), 0.1, seed, ALL) for seed in range(3)] == [0] * 3


@pytest.mark.parametrize("fault", ALL)
def test_a_fault_that_never_ends_uses_no_more_than_the_stated_budget(kit: Served, clock: Clock, key: Credential, fault: Fault) -> None:
    kit.kit = FakeKit(big(tags=5, sequences=40), clock=clock.now)
    kit.kit.faults = lambda number, _path: fault if number > 5 else None
    pulled = pull(key, api_url=kit.url, timing=clock.timing)
    assert pulled.problem is not None
    assert clock.time - 1000 <= BUDGET


def test_a_clock_that_jumps_changes_nothing(kit: Served, clock: Clock, key: Credential, tmp_path: Path) -> None:
    expected = calm(kit, clock, key, tmp_path / "calm")
    dice = random.Random(3)
    jumps = 0.0

    def jumping() -> float:
        nonlocal jumps
        if dice.random() < 0.1:
            jumps += dice.uniform(-3600, 3600)
        return clock.time + jumps

    kit.kit = FakeKit(an_account(), largest_page=2, faults=at_random(0.1, 1, ALL))
    timing = msgspec.structs.replace(clock.timing, now=jumping)
    pulled = pull(key, api_url=kit.url, folder=tmp_path / "jumping", timing=timing)
    assert pulled.problem is None
    assert (tmp_path / "jumping" / "account.json").read_bytes() == expected
