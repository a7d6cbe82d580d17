"""The transport: GET to one origin and nothing else; whatever comes back is an answer or a fault."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ckaudit.kit import http
from ckaudit.kit.credentials import Credential, CredentialKind
from ckaudit.kit.http import GetOnly, Response, Timeouts, TransportError, check_api_url, open_transport
from ckaudit.model.errors import BugError, UsageError
from tests.fake_kit.accounts import big, sample
from tests.fake_kit.app import KEY, TOKEN, FakeKit
from tests.fake_kit.faults import Fault as Spoiled
from tests.fake_kit.faults import always
from tests.fake_kit.server import Served

QUICK = Timeouts(connect=5, read=0.3, total=0.3)


def get(kit: Served, key: Credential, path: str = "/v4/tags", timeouts: Timeouts | None = None) -> Response | TransportError:
    async def run() -> Response | TransportError:
        async with open_transport(key, kit.url, timeouts) as transport:
            return await transport(path, (("after", "+/=="),) if path != "/v4/tags" else ())

    return asyncio.run(run())


def test_an_answer_carries_status_body_and_request_id(kit: Served, key: Credential) -> None:
    answer = get(kit, key)
    assert isinstance(answer, Response)
    assert answer.status == 200
    assert answer.body.startswith(b'{"tags"')
    assert answer.request_id.startswith("request-")


def test_a_compressed_answer_is_unpacked(kit: Served, key: Credential) -> None:
    kit.kit = FakeKit(big(tags=400))
    answer = get(kit, key)
    assert isinstance(answer, Response)
    assert answer.body.endswith(b"}")


def test_parameters_are_percent_encoded(kit: Served, key: Credential) -> None:
    get(kit, key, "/v4/forms")
    assert kit.kit.seen[0].raw_query == "after=%2B%2F%3D%3D"
    assert kit.kit.seen[0].query == {"after": "+/=="}


@pytest.mark.parametrize(("kind", "secret"), [(CredentialKind.KEY, KEY), (CredentialKind.OAUTH, TOKEN)])
def test_both_kinds_of_credential_are_accepted(kit: Served, kind: CredentialKind, secret: str) -> None:
    answer = get(kit, Credential(kind, secret))
    assert isinstance(answer, Response)
    assert answer.status == 200


@pytest.mark.parametrize(
    ("spoiled", "expected"),
    [(Spoiled.RESET, "connection broke"), (Spoiled.TRUNCATED, "connection broke"), (Spoiled.SLOW, "took too long")],
)
def test_what_breaks_on_the_way_is_a_fault(kit: Served, key: Credential, spoiled: Spoiled, expected: str) -> None:
    kit.kit = FakeKit(sample(), faults=always(spoiled), slow_seconds=0.6)
    fault = get(kit, key, timeouts=QUICK)
    assert isinstance(fault, TransportError)
    assert expected in fault.reason


def test_a_redirect_is_not_followed(kit: Served, key: Credential) -> None:
    kit.kit = FakeKit(sample(), faults=always(Spoiled.REDIRECT))
    answer = get(kit, key)
    assert isinstance(answer, Response)
    assert answer.status == 302
    assert kit.kit.count() == 1


def test_an_answer_that_does_not_end_is_cut_off(kit: Served, key: Credential, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_BODY", 100)
    fault = get(kit, key)
    assert isinstance(fault, TransportError)
    assert "larger" in fault.reason


@pytest.mark.parametrize(("url", "expected"), [("http://127.0.0.1:1", "no connection"), ("https://nobody.invalid", "host name is unknown")])
def test_an_unreachable_host_is_a_fault_with_a_reason(key: Credential, url: str, expected: str) -> None:
    fault = get(Served(FakeKit(sample()), url), key)
    assert isinstance(fault, TransportError)
    assert expected in fault.reason


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "get"])
def test_nothing_but_get_reaches_a_socket(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_socket(*_args: object, **_keywords: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", no_socket)
    monkeypatch.setattr(socket.socket, "connect_ex", no_socket)
    transport = GetOnly(http.httpx.AsyncHTTPTransport(), "http://127.0.0.1:9")
    request = http.httpx.Request("GET", "http://127.0.0.1:9/v4/tags")
    request.method = method
    with pytest.raises(BugError, match="may only read"):
        asyncio.run(transport.handle_async_request(request))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8/v4/tags", "https://127.0.0.1:9/v4/tags", "http://localhost:9/v4/tags", "http://evil.example/"]
)
def test_the_credential_goes_to_no_other_origin(url: str) -> None:
    transport = GetOnly(http.httpx.AsyncHTTPTransport(), "http://127.0.0.1:9")
    with pytest.raises(BugError):
        asyncio.run(transport.handle_async_request(http.httpx.Request("GET", url)))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.kit.com", "https://api.kit.com"),
        (" https://api.kit.com/v4/ ", "https://api.kit.com"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ("http://[::1]:80", "http://[::1]:80"),
        ("http://localhost", "http://localhost"),
        ("https://gateway.example/kit/", "https://gateway.example/kit"),
        ("https://gateway.example/kit/v4", "https://gateway.example/kit"),
    ],
)
def test_an_api_address_may_be(url: str, expected: str) -> None:
    assert check_api_url(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.kit.com",
        "http://api.kit.com",
        "ftp://api.kit.com",
        "https://api.kit.com/v3",
        "https://gateway.example/a/../b",
        "https://gateway.example/a//b",
        "https://gateway.example/a b",
        "https://u:p@api.kit.com",
        "https://[::1",
        "https://a:99999",
    ],
)
def test_an_api_address_may_not_be(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_api_url(url)
    assert caught.value.hint
    assert "u:p" not in str(caught.value)


@pytest.fixture
def self_signed(tmp_path: Path) -> Iterator[str]:
    """A server on this machine whose certificate nobody vouches for."""
    certificate = tmp_path / "server.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    if not shutil.which("openssl"):
        pytest.skip("openssl is needed to make a certificate")
    subprocess.run([*made, "-keyout", certificate, "-out", tmp_path / "c.pem"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "c.pem", certificate)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with contextlib.suppress(OSError), connection:
                context.wrap_socket(connection, server_side=True).recv(4096)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{server.getsockname()[1]}"
        thread.join(5)


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(self_signed: str, key: Credential) -> None:
    fault = get(Served(FakeKit(sample()), self_signed), key)
    assert isinstance(fault, TransportError)
    assert "certificate could not be verified" in fault.reason


@pytest.fixture
def stubborn_proxy() -> Iterator[str]:
    """A proxy that answers every CONNECT with an HTML page."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://user:canarypassword@127.0.0.1:{server.getsockname()[1]}"
        thread.join(5)


def test_a_proxy_of_the_environment_is_used_and_its_refusal_is_a_fault(
    stubborn_proxy: str, key: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", stubborn_proxy)
    fault = get(Served(FakeKit(sample()), "https://api.kit.invalid"), key)
    assert fault == TransportError("the proxy of the environment refused the connection")


def test_this_machine_is_never_asked_through_a_proxy(kit: Served, key: Credential, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert isinstance(get(kit, key), Response)


def test_a_proxy_setting_that_makes_no_sense_is_named_without_its_password(key: Credential, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "gopher://user:canarypassword@proxy.invalid")
    with pytest.raises(UsageError) as caught:
        get(Served(FakeKit(sample()), "https://api.kit.invalid"), key)
    assert "HTTPS_PROXY" in str(caught.value)
    assert "canarypassword" not in str(caught.value)


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_certificates_that_cannot_be_read_are_named_by_their_variable(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: Credential
) -> None:
    named = tmp_path / "certificates.pem"
    if content is not None:
        named.write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(named))

    async def run() -> None:
        async with open_transport(key, "https://api.kit.com"):
            pass

    with pytest.raises(UsageError, match="SSL_CERT_FILE"):
        asyncio.run(run())


def test_a_cursor_that_is_too_long_for_an_address_is_told(kit: Served, key: Credential) -> None:
    async def run() -> Response | TransportError:
        async with open_transport(key, kit.url) as transport:
            return await transport("/v4/tags", (("after", "x" * 70_000),))

    answer = asyncio.run(run())
    assert isinstance(answer, TransportError)
    assert "too long" in answer.reason
