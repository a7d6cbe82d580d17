"""Feeds inputs to a parser, shrinks what breaks it."""

from __future__ import annotations

import random
import signal
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from tests.fuzz.mutate import random_bytes
from tests.fuzz.targets import Target, check

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Where the inputs are written: a disk takes longer than the parsers."""
SECONDS = 10.0
"""An input that keeps a parser busy for longer is a failure, too."""


class Failure(NamedTuple):
    """An input, and how the parser failed. ``where`` is the same for failures with one cause."""

    data: bytes
    where: str
    told: str


class TookTooLongError(BaseException):
    """No parser catches it."""


@contextmanager
def _limited() -> Iterator[None]:
    def stop(_: int, __: FrameType | None) -> None:
        raise TookTooLongError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def attempt(target: Target, data: bytes, folder: Path) -> Failure | None:
    """One input; None when the parser did as it should."""
    try:
        with _limited():
            check(target, data, folder)
    except (Exception, TookTooLongError) as error:  # noqa: BLE001  whatever it is, it is what we look for
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "ckaudit" in frame.filename or "/rules/" in frame.filename] or list(frames)
        where = f"{type(error).__name__} at {Path(ours[-1].filename).name}:{ours[-1].lineno}"
        return Failure(data, where, "".join(traceback.format_exception(error)))
    return None


def random_failures(target: Target, count: int, dice: random.Random) -> Iterator[Failure]:
    """What random bytes break."""
    yield from _failures(target, (random_bytes(dice) for _ in range(count)))


def mutated_failures(target: Target, count: int, dice: random.Random) -> Iterator[Failure]:
    """What valid files with something wrong in them break."""
    seeds = target.seeds()
    yield from _failures(target, (dice.choice(target.mutators)(dice, dice.choice(seeds)) for _ in range(count)))


def _failures(target: Target, inputs: Iterator[bytes]) -> Iterator[Failure]:
    """One failure for each place that fails."""
    known: set[str] = set()
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        for data in inputs:
            failure = attempt(target, data, Path(folder))
            if failure and failure.where not in known:
                known.add(failure.where)
                yield failure


def shrunk(target: Target, failure: Failure, most: int = 600) -> Failure:
    """The same failure with as few bytes as can be found in so many tries."""
    tries = 0

    def fails(data: bytes) -> Failure | None:
        nonlocal tries
        tries += 1
        with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
            found = attempt(target, data, Path(folder))
        return found if found and found.where == failure.where else None

    best = failure
    length = max(1, len(best.data) // 2)
    while length >= 1 and tries < most:
        best = _without_pieces(best, length, fails, lambda: tries < most)
        length //= 2
    return best


def _without_pieces(best: Failure, length: int, fails: Callable[[bytes], Failure | None], more: Callable[[], bool]) -> Failure:
    at = 0
    while at < len(best.data) and more():
        smaller = fails(best.data[:at] + best.data[at + length :])
        if smaller:
            best = smaller
        else:
            at += length
    return best
