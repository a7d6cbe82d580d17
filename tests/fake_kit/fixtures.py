"""Fixtures around the fake Kit; a ``conftest.py`` imports those its folder uses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ckaudit.kit.credentials import Credential, CredentialKind
from tests.fake_kit.accounts import sample
from tests.fake_kit.app import KEY, FakeKit
from tests.fake_kit.clock import Clock
from tests.fake_kit.server import Served, serve


@pytest.fixture(scope="session")
def kit_server() -> Iterator[Served]:
    """One server for the whole process; take ``kit`` instead."""
    with serve(FakeKit(sample())) as served:
        yield served


@pytest.fixture
def kit(kit_server: Served) -> Served:
    """A fake Kit with the sample account, without faults; ``kit.kit`` may be exchanged."""
    kit_server.kit = FakeKit(sample())
    return kit_server


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that waits for nobody, for clients opened in this test."""
    found = Clock()
    monkeypatch.setattr("ckaudit.kit.client.open_transport", found.open_transport)
    return found


@pytest.fixture
def key() -> Credential:
    """The API key the fake Kit knows."""
    return Credential(CredentialKind.KEY, KEY)
