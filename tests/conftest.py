"""What holds for every test: no network beyond this machine, no credentials, no colours or widths from outside."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest

LOCAL = {"127.0.0.1", "::1", "localhost", "0.0.0.0", ""}
LEAKING = ("CKAUDIT_CONFIG", "KIT_API_KEY", "KIT_ACCESS_TOKEN", "KIT_API_URL", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "GITHUB_ACTIONS")

# Examples that fail in CI must fail again on the next run; on a developer's machine new ones are tried each time.
hypothesis.settings.register_profile("ckaudit", deadline=None, derandomize=bool(os.environ.get("CI") or os.environ.get("CI_BROWSER")))
hypothesis.settings.load_profile("ckaudit")


def _is_local(address: Any) -> bool:
    host = address[0] if isinstance(address, tuple) else ""  # an AF_UNIX address is a path
    return str(host or "") in LOCAL


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Connections beyond this machine fail at once; names beyond it are not looked up."""
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if not _is_local(address):
            raise ConnectionRefusedError(f"tests have no network: {address}")
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        if not _is_local(address):
            raise ConnectionRefusedError(f"tests have no network: {address}")
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if not _is_local((name,)):
            raise socket.gaierror(socket.EAI_NONAME, f"tests have no network: {name}")
        return getaddrinfo(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
        yield


@pytest.fixture(scope="session", autouse=True)
def _read_only() -> Iterator[None]:
    """Whatever a test did: no request that a fake Kit received was anything but a GET."""
    yield
    kit = sys.modules.get("tests.fake_kit.app")
    writes = [f"{seen.method} {seen.path}" for seen in kit.WRITES] if kit else []
    assert writes == [], "ckaudit must never change an account"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LEAKING:
        monkeypatch.delenv(name, raising=False)
