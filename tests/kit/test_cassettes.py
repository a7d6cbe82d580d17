"""Recorded conversations replay with the network blocked: the same requests, the same account. See ``cassettes/README.md``."""

from __future__ import annotations

import logging
import re
import socket
from pathlib import Path
from typing import Any

import pytest
from vcr.errors import CannotOverwriteExistingCassetteException

from cassettes.record import FOLDER, SCENES, paged_sample, recorder
from ckaudit.kit.credentials import Credential, CredentialKind
from ckaudit.kit.http import httpx
from ckaudit.model.account import SectionName, SectionStatus
from ckaudit.model.errors import CredentialsError
from ckaudit.sources.live import Pulled, pull
from ckaudit.sources.snapshot import snapshot_bytes
from tests.fake_kit.accounts import CANARIES
from tests.fake_kit.app import KEY, TOKEN, FakeKit
from tests.fake_kit.clock import Clock
from tests.fake_kit.server import Served

ORIGINAL = httpx.AsyncHTTPTransport.handle_async_request


@pytest.fixture(autouse=True)
def _no_sockets_and_no_stray_patch(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Any:
    """vcrpy leaves the HTTP library patched when it cannot save, and later requests then go elsewhere in silence."""
    caplog.set_level(logging.CRITICAL, logger="vcr")
    yield
    assert httpx.AsyncHTTPTransport.handle_async_request is ORIGINAL


def no_socket(*_arguments: object) -> None:
    raise AssertionError("a socket was opened during a replay")


def replay(name: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Pulled, Any]:
    with monkeypatch.context() as patch, recorder("none").use_cassette(name) as cassette:
        patch.setattr(socket.socket, "connect", no_socket)
        patch.setattr(socket.socket, "connect_ex", no_socket)
        pulled = pull(Credential(CredentialKind.KEY, "replayed"), timing=Clock().timing)
    return pulled, cassette


def test_a_whole_account_replays_request_by_request(kit: Served, key: Credential, monkeypatch: pytest.MonkeyPatch) -> None:
    pulled, cassette = replay("pull.yaml", monkeypatch)
    assert pulled.problem is None
    assert cassette.all_played
    assert pulled.requests == len(cassette)
    kit.kit = FakeKit(paged_sample())
    assert snapshot_bytes(pulled.account) == snapshot_bytes(pull(key, api_url=kit.url).account)


def test_a_refused_key_replays(monkeypatch: pytest.MonkeyPatch) -> None:
    pulled, cassette = replay("key-refused.yaml", monkeypatch)
    assert isinstance(pulled.problem, CredentialsError)
    assert cassette.all_played


def test_refused_webhook_endpoints_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    pulled, cassette = replay("endpoints-refused.yaml", monkeypatch)
    assert pulled.problem is None
    assert pulled.account.state(SectionName.WEBHOOK_ENDPOINTS).status is SectionStatus.REFUSED
    assert cassette.all_played


def test_faults_replay_and_are_weathered(monkeypatch: pytest.MonkeyPatch) -> None:
    pulled, cassette = replay("faults.yaml", monkeypatch)
    assert pulled.problem is None
    assert pulled.account.complete(*SectionName)
    assert {item["status"]["code"] for item in cassette.responses} == {200, 429, 500, 502}
    assert cassette.all_played


def test_a_request_that_was_not_recorded_is_an_error_and_goes_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ckaudit.sources.live.ACCOUNT_PATH", "/v4/elsewhere")
    with pytest.raises(CannotOverwriteExistingCassetteException):
        replay("pull.yaml", monkeypatch)


def test_every_scene_is_recorded_and_nothing_else() -> None:
    assert {path.name for path in FOLDER.glob("*.yaml")} == set(SCENES)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.name)
def test_a_cassette_holds_no_secret_and_no_person(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [canary for canary in (*CANARIES, KEY, TOKEN) if canary in text] == []
    assert set(re.findall(r"[\w.]+@[\w.]+", text)) <= {"owner@example.com", "hello@example.com", "somebody@example.com"}
    assert not re.search(r"api-key|authorization|set-cookie", text, re.IGNORECASE)
    assert "!!binary" not in text
