"""How long a pull waits for Kit's rate limit, against what the limit itself takes.

The limit's own time for n requests is what a client that never idles needs: ``(n - 1) // 120`` windows of 60 s. Measured twice: with a
clock that only sleeping moves (nothing but pacing counts), and in real time over HTTP with a window that is six times shorter.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import msgspec

from ckaudit.kit.client import Client
from ckaudit.kit.credentials import Credential, CredentialKind
from ckaudit.kit.http import open_transport
from ckaudit.kit.limiter import MARGIN_SECONDS, WINDOW_SECONDS, RateLimiter
from ckaudit.kit.timing import Timing
from ckaudit.sources.live import read_account
from tests.fake_kit.accounts import big
from tests.fake_kit.app import KEY, FakeKit
from tests.fake_kit.clock import Clock
from tests.fake_kit.server import serve

LIMIT = 120
OTHER_REQUESTS = 12
SHORTER = 6.0
CREDENTIAL = Credential(CredentialKind.KEY, KEY)


class Run(msgspec.Struct, frozen=True):
    """Seconds a pull took, and how often it waited or was refused."""

    requests: int
    seconds: float
    waits: int
    refused: int


def main() -> None:
    """Print one line per size."""
    for line in lines():
        print(line)


def lines() -> Iterator[str]:
    """The measurements as text."""
    for requests in (20, LIMIT, LIMIT + 1, 5 * LIMIT):
        yield line_of("virtual clock", virtual(requests), WINDOW_SECONDS)
    calm = real(LIMIT)
    yield line_of("real HTTP", calm, WINDOW_SECONDS / SHORTER)
    yield line_of("real HTTP", real(300), WINDOW_SECONDS / SHORTER)
    yield f"pull, real HTTP: {1000 * calm.seconds / calm.requests:.1f} ms a request inside the window, server included"


def line_of(how: str, run: Run, window: float) -> str:
    """One measurement as a ratio to the limit's own time."""
    own = (run.requests - 1) // LIMIT * window
    ratio = "no window to wait for" if own == 0 else f"{run.seconds / own:.3f} x the limit's own {own:g} s"
    return f"pull, {how}, {run.requests} requests: {run.seconds:.2f} s, {ratio}; {run.waits} waits, {run.refused} refused"


def virtual(requests: int) -> Run:
    """Pacing alone."""
    clock = Clock()
    kit = FakeKit(account_for(requests), clock=clock.now)
    with serve(kit) as served:
        asyncio.run(_pull(served.url, clock.timing, WINDOW_SECONDS + MARGIN_SECONDS, clock))
    return Run(kit.count(), clock.time - 1000.0, len(clock.slept), kit.statuses()[429])


def real(requests: int) -> Run:
    """Everything, with the window and its margin made shorter."""
    waits = 0

    async def sleep(seconds: float) -> None:
        nonlocal waits
        waits += 1
        await asyncio.sleep(seconds)

    kit = FakeKit(account_for(requests), window=WINDOW_SECONDS / SHORTER)
    with serve(kit) as served:
        began = time.perf_counter()
        asyncio.run(_pull(served.url, Timing(sleep=sleep), (WINDOW_SECONDS + MARGIN_SECONDS) / SHORTER, None))
        return Run(kit.count(), time.perf_counter() - began, waits, kit.statuses()[429])


def account_for(requests: int) -> dict[str, Any]:
    """An account whose pull takes so many requests."""
    return big(tags=100, sequences=max(requests - OTHER_REQUESTS, 0)) | {"_open": ("/v4/webhook_endpoints",)}


async def _pull(url: str, timing: Timing, window: float, clock: Clock | None) -> None:
    async with (clock.open_transport if clock else open_transport)(CREDENTIAL, url) as transport:
        pulled = await read_account(Client(transport, CREDENTIAL, RateLimiter(LIMIT, timing, window), timing))
    if pulled.problem:
        raise pulled.problem


if __name__ == "__main__":
    main()
