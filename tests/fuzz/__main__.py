"""``make fuzz``: every parser gets random bytes and damaged files. What breaks one is made small and kept in ``tests/fuzz/cases``.

    python -m tests.fuzz [--random 200000] [--mutated 20000] [--seed N] [PARSER ...]

The seed is printed; the same seed gives the same inputs. Exit status 1 when something broke.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
from pathlib import Path

from tests.fuzz.run import Failure, mutated_failures, random_failures, shrunk
from tests.fuzz.targets import TARGETS, Target

CASES = Path(__file__).parent / "cases"
SLOW = {"audit": 20, "result": 10, "pull": 20}
"""Parsers whose damaged inputs are worked through to the end, formats and all: they get so many times fewer. A pull asks ten lists."""


def main(arguments: list[str] | None = None) -> int:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("parsers", nargs="*", metavar="PARSER", help=f"{', '.join(TARGETS)}; all of them when none is named")
    parser.add_argument("--random", type=int, default=200_000, help="random inputs for each parser")
    parser.add_argument("--mutated", type=int, default=20_000, help="damaged files for each parser")
    parser.add_argument("--seed", type=int, default=None, help="repeats a run")
    chosen = parser.parse_args(arguments)
    seed = random.SystemRandom().randrange(2**32) if chosen.seed is None else chosen.seed
    print(f"seed {seed}", flush=True)
    broken = 0
    for name in chosen.parsers or TARGETS:
        target, started = TARGETS[name], time.monotonic()
        unread = chosen.random // (SLOW["pull"] if name == "pull" else 1)
        damaged = chosen.mutated // SLOW.get(name, 1)
        failures = [
            *random_failures(target, unread, random.Random(f"{seed} {name} random")),
            *mutated_failures(target, damaged, random.Random(f"{seed} {name} mutated")),
        ]
        for failure in failures:
            keep(target, shrunk(target, failure))
        broken += len(failures)
        print(f"{name}: {unread} random, {damaged} damaged, {time.monotonic() - started:.0f} s, {len(failures)} failures", flush=True)
    return 1 if broken else 0


def keep(target: Target, failure: Failure) -> None:
    """Store the input where the test of known cases finds it, and say what happened."""
    path = CASES / target.name / hashlib.sha256(failure.data).hexdigest()[:12]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(failure.data)
    print(f"{target.name}: {failure.where}, kept as {path.relative_to(CASES.parents[2])}\n{failure.told}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
