"""A clock that tests move: sleeping costs no time, it moves the clock."""

from __future__ import annotations

import asyncio

from ckaudit.kit.timing import Timing


class Clock:
    """``slept`` lists every wait asked for. ``chance`` is the jitter's dice: 0.5 means the nominal wait."""

    def __init__(self, chance: float = 0.5) -> None:
        self.time = 1000.0
        self.slept: list[float] = []
        self.timing = Timing(now=lambda: self.time, sleep=self.sleep, chance=lambda: chance)

    def now(self) -> float:
        """The time, for a fake Kit on the same clock."""
        return self.time

    async def sleep(self, seconds: float) -> None:
        """Let others run, then it is that much later (or later still, if others slept longer)."""
        self.slept.append(seconds)
        until = self.time + seconds
        await asyncio.sleep(0)
        self.time = max(self.time, until)
