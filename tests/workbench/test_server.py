"""Who gets an answer: the page of this start, on this machine, and nobody else."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ckaudit.workbench.server import ADDRESS, MAX_BODY, TOKEN_HEADER, Workbench
from tests.workbench.benches import demo, session


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """A workbench that listens."""
    with Workbench(session(demo(tmp_path_factory.mktemp("bench")))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ask(
    bench: Workbench, path: str = "/ask/list", body: bytes = b"{}", method: str = "POST", **headers: str
) -> tuple[int, Any, dict[str, str]]:
    """One request as the page makes it; an empty header is left away."""
    given = {"Host": bench.hosts[0], TOKEN_HEADER: bench.token, "Content-Type": "application/json", "Content-Length": str(len(body))}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection(ADDRESS, bench.server_port, timeout=10)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in given.items():
        if value:
            connection.putheader(name, value)
    connection.endheaders(body if method == "POST" else None)
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    said = json.loads(data) if answer.headers.get_content_type() == "application/json" and data else data.decode()
    return answer.status, said, dict(answer.headers)


def test_the_page_of_this_start_gets_an_answer(bench: Workbench) -> None:
    status, said, _ = ask(bench, Origin=f"http://{bench.hosts[0]}", Sec_Fetch_Site="same-origin")
    assert (status, len(said["rows"])) == (200, 10)


@pytest.mark.parametrize("token", ["", "wrong", "ü"])
def test_without_the_token_nothing_is_said(bench: Workbench, token: str) -> None:
    status, said, _ = ask(bench, **{TOKEN_HEADER: token})
    assert (status, list(said)) == (403, ["error"])


def test_every_start_has_another_token(tmp_path: Path, bench: Workbench) -> None:
    with Workbench(session(demo(tmp_path))) as other:
        assert other.token != bench.token
        assert len(other.token) >= 40


@pytest.mark.parametrize("host", ["", "evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example", "0.0.0.0"])
@pytest.mark.parametrize(("method", "path"), [("POST", "/ask/list"), ("GET", "/"), ("GET", "/workbench.js")])
def test_under_another_name_nobody_is_there(bench: Workbench, host: str, method: str, path: str) -> None:
    status, said, _ = ask(bench, path, method=method, Host=host)
    assert (status, list(said)) == (421, ["error"])


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1", "http://localhost:1", "file://"])
def test_another_site_gets_no_answer_even_with_the_token(bench: Workbench, origin: str) -> None:
    status, said, headers = ask(bench, Origin=origin)
    assert (status, list(said)) == (403, ["error"])
    assert not [name for name in headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_the_browser_calls_another_site_gets_no_answer(bench: Workbench, site: str) -> None:
    assert ask(bench, Sec_Fetch_Site=site)[0] == 403
    assert ask(bench, "/", method="GET", Sec_Fetch_Site=site)[0] == 403


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "DELETE", "HEAD", "PATCH", "TRACE"])
def test_other_methods_are_not_known(bench: Workbench, method: str) -> None:
    assert ask(bench, method=method)[0] == 501


@pytest.mark.parametrize("path", ["/../pyproject.toml", "/%2e%2e/", "/report.html.j2", "/ask/list", "/workbench.html", "/workbench.js?x"])
def test_only_the_three_files_of_the_page_are_there(bench: Workbench, path: str) -> None:
    assert ask(bench, path, method="GET")[0] == 404


@pytest.mark.parametrize("path", ["/ask/", "/ask/kept", "/ask/__init__", "/list", "/ask/list/x"])
def test_only_what_the_page_asks_is_answered(bench: Workbench, path: str) -> None:
    assert ask(bench, path)[0] == 404


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"key": 1}', b'{"key": "a", "more": 1}', b"\xff", b'{"key": "' + b"x" * 5000 + b'"}', b"[" * 100_000],
    ids=["empty", "half", "a list", "a number", "another key", "no text", "a long key", "deep"],
)
def test_what_the_page_would_not_ask_is_refused(bench: Workbench, body: bytes) -> None:
    assert ask(bench, "/ask/open", body)[0] == 400


def test_too_much_is_refused_before_it_is_read(bench: Workbench) -> None:
    assert ask(bench, Content_Length=str(MAX_BODY + 1))[0] == 413
    assert ask(bench, Content_Length="9" * 40)[0] == 413
    assert ask(bench, Content_Length="-1")[0] == 411
    assert ask(bench, Transfer_Encoding="chunked")[0] == 411


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_form_of_another_site_cannot_ask(bench: Workbench, kind: str) -> None:
    assert ask(bench, Content_Type=kind)[0] == 415


@pytest.mark.parametrize("path", ["/", "/workbench.js", "/workbench.css"])
def test_the_page_may_load_nothing_from_elsewhere(bench: Workbench, path: str) -> None:
    _, text, headers = ask(bench, path, method="GET")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert "://" not in text.replace("http://www.w3.org", "")


def test_the_page_itself_says_nothing_of_the_account(bench: Workbench) -> None:
    _, text, _ = ask(bench, "/", method="GET", **{TOKEN_HEADER: ""})
    assert "Tidewater" not in text
    assert bench.token not in text


def test_what_went_wrong_is_a_sentence(bench: Workbench) -> None:
    status, said, _ = ask(bench, "/ask/open", b'{"key": "name:Gone"}')
    assert (status, said["error"].split("\n")[0]) == (409, "this automation is no longer there")


def test_it_listens_on_this_machine_alone(bench: Workbench) -> None:
    assert bench.server_address[0] == "127.0.0.1"


def test_the_token_is_where_no_browser_sends_it(bench: Workbench) -> None:
    before, token = bench.url.split("#")
    assert token == bench.token
    assert before == f"http://127.0.0.1:{bench.server_port}/"


def test_the_code_of_a_started_browser_is_taken_for_the_token_once(tmp_path: Path) -> None:
    server, thread = started(tmp_path)
    code = server.url_for_once.rpartition("#once-")[2]
    assert server.token not in server.url_for_once
    assert ask(server, **{TOKEN_HEADER: code})[0] == 403
    assert ask(server, "/ask/token", **{TOKEN_HEADER: code})[:2] == (200, {"token": server.token})
    assert ask(server, "/ask/token", **{TOKEN_HEADER: code})[0] == 403
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("guess", ["", "wrong"])
def test_a_wrong_code_is_no_code_and_uses_none_up(tmp_path: Path, guess: str) -> None:
    with Workbench(session(demo(tmp_path))) as server:
        assert not server.take_code(guess)
        assert server.take_code(server.code)
        assert not server.take_code(server.code)


def started(folder: Path, **given: Any) -> tuple[Workbench, threading.Thread]:
    server = Workbench(session(demo(folder)), **given)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    return server, thread


def test_it_ends_when_it_is_told(tmp_path: Path) -> None:
    server, thread = started(tmp_path)
    assert ask(server, "/ask/end")[0] == 200
    thread.join(10)
    assert (thread.is_alive(), server.ended) == (False, "asked")
    server.server_close()


def test_nobody_else_can_end_it(bench: Workbench) -> None:
    assert ask(bench, "/ask/end", **{TOKEN_HEADER: "wrong"})[0] == 403
    assert ask(bench)[0] == 200


def test_it_ends_when_nobody_asks_for_long(tmp_path: Path) -> None:
    now = [0.0]
    server, thread = started(tmp_path, idle=60, clock=lambda: now[0])
    now[0] = 59
    assert ask(server)[0] == 200
    now[0] = 200
    thread.join(10)
    assert (thread.is_alive(), server.ended) == (False, "idle")
    server.server_close()


def test_refused_requests_do_not_keep_it_awake(tmp_path: Path) -> None:
    now = [0.0]
    with Workbench(session(demo(tmp_path)), idle=60, clock=lambda: now[0]) as server:
        assert server.last_asked == 0.0
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        now[0] = 30
        thread.start()
        ask(server, **{TOKEN_HEADER: "wrong"})
        assert server.last_asked == 0.0
        server.shutdown()
        thread.join()
