"""Time and chance as data, so that tests decide about both."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

import msgspec


class Timing(msgspec.Struct, frozen=True):
    """``now`` counts seconds and never goes back, ``sleep`` waits that many, ``chance`` draws from 0 to 1 for jitter."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random
