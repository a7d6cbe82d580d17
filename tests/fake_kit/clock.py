"""A clock that tests move: sleeping costs no time, it moves the clock."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from ckaudit.kit.http import Params, Response, Transport, TransportError, open_transport
from ckaudit.kit.timing import Timing


class Clock:
    """``slept`` lists every wait asked for. ``chance`` is the jitter's dice: 0.5 means the nominal wait.

    The clock does not move while requests are under way, as those take no time in it.
    """

    def __init__(self, chance: float = 0.5) -> None:
        self.time = 1000.0
        self.slept: list[float] = []
        self.under_way = 0
        self._sleepers: list[tuple[float, int]] = []
        self.timing = Timing(now=self.now, sleep=self.sleep, chance=lambda: chance)

    def now(self) -> float:
        """The time, also for a fake Kit on the same clock."""
        return self.time

    async def sleep(self, seconds: float) -> None:
        """Come back when it is that much later: after everybody who is to wake earlier, and when nothing else is going on."""
        self.slept.append(seconds)
        me = (self.time + seconds, len(self.slept))
        heapq.heappush(self._sleepers, me)
        try:
            await self._turn(me)
            self.time = max(self.time, me[0])
        finally:
            self._sleepers.remove(me)
            heapq.heapify(self._sleepers)

    async def _turn(self, me: tuple[float, int]) -> None:
        calm = 0
        while calm < 5:  # a task that was just woken needs some rounds until it sends or sleeps again
            await asyncio.sleep(0.001 if self.under_way else 0)
            calm = calm + 1 if not self.under_way and self._sleepers[0] == me else 0

    @asynccontextmanager
    async def open_transport(self, *arguments: Any) -> AsyncIterator[Transport]:
        """Stands in for ``open_transport``: the same, and this clock knows which requests are under way."""
        async with open_transport(*arguments) as transport:

            async def watched(path: str, params: Params) -> Response | TransportError:
                self.under_way += 1
                try:
                    return await transport(path, params)
                finally:
                    self.under_way -= 1

            yield watched
