"""With faults injected at random a pull ends with the right snapshot, or with exit 3 and a folder that can be resumed. Never wrong.

``CKAUDIT_FAULT_SEEDS=100`` tries more seeds than the three of every run.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ckaudit.kit.client import COOL_DOWNS, MAX_OUTAGE, WAITS
from ckaudit.kit.credentials import Credential
from ckaudit.kit.http import Timeouts
from ckaudit.model.errors import ExitStatus
from ckaudit.model.refs import Key, Kind
from ckaudit.sources.evidence_plan import EvidenceRequest
from ckaudit.sources.live import pull
from tests.fake_kit.accounts import big, person, sample
from tests.fake_kit.app import FakeKit, Json
from tests.fake_kit.clock import Clock
from tests.fake_kit.faults import Fault, FaultPlan, after, at_random, no_faults
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
    Fault.LAGGING,
)
LASTING = tuple(fault for fault in ALL if fault is not Fault.LAGGING)
# No request waits longer than this in all; pacing by the window comes on top.
BUDGET = 1.25 * (sum(WAITS) + sum(COOL_DOWNS)) + MAX_OUTAGE
QUICK = Timeouts(connect=5, read=0.25, total=0.5)
NOW = dt.datetime(2026, 6, 1, 15, tzinfo=dt.UTC)
# Five minutes before the reading: what came later a list that lags does not show.
SHOWN_UNTIL = "2026-06-01T14:55:00Z"
FILES = {"account.json", "counts.json", "reading.json", "events.npz"}
SEEDS = int(os.environ.get("CKAUDIT_FAULT_SEEDS", "3"))


def an_account() -> Json:
    """Lists of several pages, a long one, and people who came just now."""
    found = sample() | {"tags": big(tags=9)["tags"]}
    found["tags"][2]["subscriber_count"] = 40
    members = found["members"]["tags"] = {}
    members[1] = [person(n, "tagged_at", f"2026-05-0{n % 9 + 1}T10:00:00Z") for n in range(1, 6)]
    members[2] = [person(n, "tagged_at", f"2026-06-01T14:{n % 10 + 50}:{n + 10}Z", "inactive") for n in range(4, 14)]
    members[3] = [person(n, "tagged_at", f"2026-{n % 5 + 1:02d}-0{n % 7 + 1}T10:00:00Z") for n in range(40)]
    return found


def a_kit(**settings: Any) -> FakeKit:
    return FakeKit(an_account(), largest_page=2, shown_until=SHOWN_UNTIL, **settings)


def asking() -> EvidenceRequest:
    return EvidenceRequest(now=NOW, max_people=9, whole=lambda _: frozenset({Key(Kind.TAG, 1), Key(Kind.TAG, 2)}))


def calm(kit: Served, clock: Clock, key: Credential, folder: Path) -> dict[str, bytes]:
    kit.kit = a_kit()
    pull(key, api_url=kit.url, folder=folder, timing=clock.timing, evidence=asking())
    return files(folder)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def weather_it(
    kit: Served, clock: Clock, key: Credential, folder: Path, faults: FaultPlan, timeouts: Timeouts | None = None, **timing: Any
) -> int:
    """Pull until all is there; how often it had to be resumed. Every pull ends within its budget, and keeps no half or wrong file."""
    for attempt in range(50):
        kit.kit = a_kit(clock=clock.now, faults=faults, slow_seconds=0.5)
        chosen = msgspec.structs.replace(clock.timing, **timing)
        pulled = pull(key, api_url=kit.url, folder=folder, timing=chosen, timeouts=timeouts, evidence=asking())
        if pulled.problem is None:
            assert set(files(folder)) == FILES
            return attempt
        assert pulled.problem.exit_status is ExitStatus.INCOMPLETE
        assert not (folder / "events.npz").exists()
        assert (folder / "pull.partial.jsonl").exists() or not folder.exists(), "the folder can be resumed"
    raise AssertionError("50 pulls were not enough")


@pytest.mark.parametrize("fault", ALL)
def test_each_fault_at_ten_percent_changes_nothing(kit: Served, clock: Clock, key: Credential, tmp_path: Path, fault: Fault) -> None:
    expected = calm(kit, clock, key, tmp_path / "calm")
    for seed in range(SEEDS):
        weather_it(kit, clock, key, tmp_path / str(seed), at_random(0.1, seed, (fault,)))
        assert files(tmp_path / str(seed)) == expected


def test_slow_answers_at_ten_percent_change_nothing(kit: Served, clock: Clock, key: Credential, tmp_path: Path) -> None:
    expected = calm(kit, clock, key, tmp_path / "calm")
    weather_it(kit, clock, key, tmp_path / "slow", at_random(0.1, 1, (Fault.SLOW,)), QUICK)
    assert files(tmp_path / "slow") == expected


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.6])
def test_all_faults_together_change_nothing(kit: Served, clock: Clock, key: Credential, tmp_path: Path, rate: float) -> None:
    expected = calm(kit, clock, key, tmp_path / "calm")
    for seed in range(SEEDS):
        weather_it(kit, clock, key, tmp_path / str(seed), at_random(rate, seed, ALL))
        assert files(tmp_path / str(seed)) == expected


@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_fault_with_ten_percent_of_its_own_changes_nothing(
    kit: Served, clock: Clock, key: Credential, tmp_path: Path, seed: int
) -> None:
    expected = calm(kit, clock, key, tmp_path / "calm")
    dice = random.Random(seed)

    def each(_number: int, _path: str) -> Fault | None:
        return next((fault for fault in ALL if dice.random() < 0.1), None)

    weather_it(kit, clock, key, tmp_path / "all", each)
    assert files(tmp_path / "all") == expected


def test_an_ordinary_amount_of_faults_needs_no_resuming(kit: Served, clock: Clock, key: Credential, tmp_path: Path) -> None:
    plans = [at_random(0.1, seed, ALL) for seed in range(3)]
    assert [weather_it(kit, clock, key, tmp_path / str(seed), plan) for seed, plan in enumerate(plans)] == [0] * 3


@pytest.mark.parametrize("begins", [5, 60])
@pytest.mark.parametrize("fault", LASTING)
def test_a_fault_that_never_ends_uses_no_more_than_the_stated_budget(
    kit: Served, clock: Clock, key: Credential, fault: Fault, begins: int
) -> None:
    kit.kit = FakeKit(big(tags=50, sequences=40), clock=clock.now)
    kit.kit.faults = lambda number, _path: fault if number > begins else None
    pulled = pull(key, api_url=kit.url, timing=clock.timing, evidence=asking())
    assert pulled.problem is not None
    assert clock.time - 1000 <= BUDGET + 61


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_clock_that_jumps_changes_nothing(kit: Served, clock: Clock, key: Credential, tmp_path: Path, seed: int) -> None:
    expected = calm(kit, clock, key, tmp_path / "calm")
    dice = random.Random(seed)
    jumps = 0.0

    def jumping() -> float:
        nonlocal jumps
        if dice.random() < 0.1:
            jumps += dice.uniform(-3600, 3600)
        return clock.time + jumps

    weather_it(kit, clock, key, tmp_path / "jumping", at_random(0.1, seed, ALL), now=jumping)
    assert files(tmp_path / "jumping") == expected


@pytest.mark.parametrize("jump", [-40 * 86400, -60, 60, 86000, 40 * 86400])
def test_a_wall_clock_that_jumps_between_two_pulls_changes_nothing(
    kit: Served, clock: Clock, key: Credential, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: int
) -> None:
    expected = calm(kit, clock, key, tmp_path / "calm")
    kit.kit = a_kit(faults=after(30, Fault.RESET))
    assert pull(key, api_url=kit.url, folder=tmp_path / "jumped", timing=clock.timing, evidence=asking()).problem is not None
    real = time.time
    monkeypatch.setattr("ckaudit.sources.resume.time.time", lambda: real() + jump)
    weather_it(kit, clock, key, tmp_path / "jumped", no_faults)
    assert files(tmp_path / "jumped") == expected
