"""Runs a fake Kit on a free port of this machine."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

from tests.fake_kit.app import FakeKit


@dataclass
class Served:
    """A running server. ``kit`` may be exchanged for another one between two tests."""

    kit: FakeKit
    url: str = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.kit(scope, receive, send)


@contextmanager
def serve(kit: FakeKit, port: int = 0) -> Iterator[Served]:
    """Real HTTP on 127.0.0.1, in a thread, until the block ends."""
    served = Served(kit)
    config = uvicorn.Config(
        served, port=port, log_level="critical", ws="none", lifespan="off", http="h11", timeout_graceful_shutdown=1, timeout_keep_alive=120
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise OSError(f"the fake Kit could not listen on port {port}")
        time.sleep(0.005)
    served.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield served
    finally:
        server.should_exit = True
        thread.join(10)
