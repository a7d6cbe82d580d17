"""Every parser takes anything. A few inputs of each sort here; ``make fuzz`` takes many, and what it finds is kept in ``cases``."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.fuzz.__main__ import main
from tests.fuzz.mutate import WEIRD, mutated_json
from tests.fuzz.run import attempt, mutated_failures, random_failures, shrunk
from tests.fuzz.targets import TARGETS, Target, check

CASES = sorted((Path(__file__).parent / "cases").glob("*/*"))
FEW = {"audit": 12, "result": 8, "pull": 20}


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_broke_a_parser_once(case: Path, tmp_path: Path) -> None:
    check(TARGETS[case.parent.name], case.read_bytes(), tmp_path)


@pytest.mark.parametrize("name", TARGETS)
def test_valid_input_is_read(name: str, tmp_path: Path) -> None:
    for seed in TARGETS[name].seeds():
        TARGETS[name].read(seed, tmp_path)


@pytest.mark.parametrize("name", TARGETS)
def test_random_bytes(name: str) -> None:
    failures = list(random_failures(TARGETS[name], 30 if name == "pull" else 150, random.Random(f"some {name}")))
    assert failures == [], failures[0].told


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_files(name: str) -> None:
    failures = list(mutated_failures(TARGETS[name], FEW.get(name, 60), random.Random(f"some {name}")))
    assert failures == [], failures[0].told


def _breaks(data: bytes, _: Path) -> None:
    if b"z" in data and b"!" in data:
        raise ZeroDivisionError


BROKEN = Target("broken", _breaks, lambda: (b"azb!c",), ())


def test_a_failure_is_found_and_made_small(tmp_path: Path) -> None:
    failure = attempt(BROKEN, b"many words, a z, and more! and more", tmp_path)
    assert failure
    assert failure.where.startswith("ZeroDivisionError at test_fuzz.py:")
    assert shrunk(BROKEN, failure).data == b"z!"


def test_the_same_seed_gives_the_same_inputs() -> None:
    first, second = ([*random_failures(BROKEN, 3000, random.Random("x"))] for _ in range(2))
    assert [failure.data for failure in first] == [failure.data for failure in second] != []


def test_the_program_prints_its_seed_and_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--random", "5", "--mutated", "2", "--seed", "7", "key"]) == 0
    seed, told = capsys.readouterr().out.splitlines()
    assert seed == "seed 7"
    assert told.startswith("key: 5 random, 2 damaged, ")


def test_damage_to_one_file_does_not_reach_the_next() -> None:
    before, dice = repr(WEIRD), random.Random("damage")
    for _ in range(3000):
        mutated_json(dice, b'{"a": [1, {"b": [2, 3]}], "c": {"d": []}}')
    assert repr(WEIRD) == before
