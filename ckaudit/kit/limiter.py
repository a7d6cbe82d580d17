"""Kit's rate limit: so many requests in any 60 seconds, counted per credential.

A true rolling window: leaky and token buckets let almost twice the limit through after a pause, a window of the last N timestamps never
more than N. The burst is used at once, then requests are let through as old ones leave the window.
"""

from __future__ import annotations

import asyncio
from collections import deque

from ckaudit.kit.timing import Timing

WINDOW_SECONDS = 60.0
# A request is timestamped when it is sent and counted by Kit when it arrives; the margin covers the difference.
MARGIN_SECONDS = 1.0


class RateLimiter:
    """One limiter per credential, shared by everything that uses it."""

    def __init__(self, limit: int, timing: Timing, seconds: float = WINDOW_SECONDS + MARGIN_SECONDS) -> None:
        self._limit = limit
        self._seconds = seconds
        self._timing = timing
        self._timestamps: deque[float] = deque(maxlen=limit)
        self._cool_until = float("-inf")
        self._turn = asyncio.Lock()

    async def enter(self) -> None:
        """Wait for a place in the window and take it. First come, first served."""
        async with self._turn:
            while (wait := self._wait()) > 0:
                await self._timing.sleep(wait)
            self._timestamps.append(self._timing.now())

    def cool_down(self, seconds: float) -> None:
        """Let nobody in for this long."""
        self._cool_until = max(self._cool_until, self._timing.now() + seconds)

    @property
    def cooling(self) -> bool:
        """True while a cool-down lasts."""
        return self._timing.now() < self._cool_until

    def seconds_for(self, count: int) -> float:
        """How long until this many further requests have been let in."""
        now = self._timing.now()
        cool = max(self._cool_until - now, 0.0)
        recent = [timestamp for timestamp in self._timestamps if timestamp + self._seconds > now]
        late = count - (self._limit - len(recent))
        if late <= 0:
            return cool if count else 0.0
        rounds, index = divmod(late - 1, self._limit)
        taken = recent[index] if index < len(recent) else now
        return max(cool, taken - now + (rounds + 1) * self._seconds)

    def _wait(self) -> float:
        now = self._timing.now()
        if self._timestamps and now < self._timestamps[-1]:
            # The clock went back: count the window from now on, rather than wait for the old time to return.
            self._timestamps = deque([now] * len(self._timestamps), maxlen=self._limit)
            self._cool_until = min(self._cool_until, now + self._seconds)
        full = len(self._timestamps) == self._limit
        return max(self._cool_until - now, self._timestamps[0] + self._seconds - now if full else 0.0)
