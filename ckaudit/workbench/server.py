"""Answers the page of the workbench, and nobody else: on this machine only, with a token that is new each time.

The page, its script and its style sheet are the same for everybody and say nothing of the account; whatever does needs the token, which is
behind the # of the address that was printed, so that no browser sends it anywhere by itself. A browser that is started is given a code in
its place that works once: other users of the machine may see how programs were called. A site that is open in the same browser is
refused by its Origin, and one that gave its own name this machine's address by the Host.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from ckaudit.model.errors import CkauditError
from ckaudit.resources import reports_folder
from ckaudit.workbench.messages import Answer, Edit, Paste, Which
from ckaudit.workbench.session import Session

ADDRESS = "127.0.0.1"
TOKEN_HEADER = "X-Workbench-Token"  # noqa: S105  the name of a header
ONCE = "once-"
MAX_BODY = 2_000_000
_TIMEOUT = 30  # seconds for one request to arrive
_SENT = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
)
_PAGE: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "/": ("text/html; charset=utf-8", ("workbench.html",)),
        "/workbench.js": ("text/javascript; charset=utf-8", ("workbench.js",)),
        "/workbench.css": ("text/css; charset=utf-8", ("report.css", "draw.css", "workbench.css")),
    }
)
_NO_TOKEN = "Open the page with the address that `ckaudit manifest edit` printed: it has a token behind the #."  # noqa: S105
_FOR_A_CODE = "/ask/token"
_ASKS: Mapping[str, tuple[Any, Callable[[Session, Any], Any]]] = MappingProxyType(
    {
        "start": (None, lambda session, _: session.start()),
        "list": (None, lambda session, _: session.list()),
        "open": (Which, Session.open),
        "begin": (Edit, Session.begin),
        "check": (Edit, Session.check),
        "judge": (Edit, Session.judge),
        "save": (Edit, Session.save),
        "paste": (Paste, Session.paste),
        "discard": (Which, Session.discard),
        "answer": (Answer, Session.answer),
    }
)


class Refused(msgspec.Struct, frozen=True):
    """What the page gets in place of an answer: a sentence."""

    error: str


class Token(msgspec.Struct, frozen=True):
    """What a browser gets for its code."""

    token: str


class Workbench(ThreadingHTTPServer):
    """The server. ``idle`` seconds without a request end it, 0 never does."""

    daemon_threads = True
    allow_reuse_address = False

    def __init__(self, session: Session, *, port: int = 0, idle: float = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self.session = session
        self.token = secrets.token_urlsafe(32)
        self.code = secrets.token_urlsafe(32)
        self.idle = idle
        self.clock = clock
        self.last_asked = clock()
        self.ended = "asked"
        super().__init__((ADDRESS, port), _Handler)

    @property
    def url(self) -> str:
        """The address to open."""
        return f"http://{ADDRESS}:{self.server_port}/#{self.token}"

    @property
    def url_for_once(self) -> str:
        """An address for one browser: its code is taken for the token once."""
        return f"http://{ADDRESS}:{self.server_port}/#{ONCE}{self.code}"

    def take_code(self, code: str) -> bool:
        """Whether this is the code, and for the first time."""
        if not self.code or not hmac.compare_digest(code.encode("utf-8", "replace"), self.code.encode()):
            return False
        self.code = ""
        return True

    @property
    def hosts(self) -> tuple[str, ...]:
        """What a browser on this machine may call it."""
        return f"{ADDRESS}:{self.server_port}", f"localhost:{self.server_port}"

    def service_actions(self) -> None:
        """Called twice a second: ends the server when nobody asked for long."""
        if self.idle and self.clock() - self.last_asked > self.idle:
            self.end("idle")

    def end(self, why: str) -> None:
        """Stop answering, from whichever thread."""
        self.ended = why
        threading.Thread(target=self.shutdown, daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that went away in the middle of an answer is nothing to report."""


class _Handler(BaseHTTPRequestHandler):
    """One request. Whoever is not the page of this start learns nothing."""

    server: Workbench
    server_version = "ckaudit"
    sys_version = ""
    timeout = _TIMEOUT
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """The page, its script and its style sheet."""
        if not self._is_ours():
            return
        found = _PAGE.get(self.path)
        if found is None:
            self._refuse(HTTPStatus.NOT_FOUND, "There is nothing here.")
            return
        kind, names = found
        self._send(HTTPStatus.OK, kind, b"".join(_read(reports_folder() / name) for name in names))

    def do_POST(self) -> None:
        """What the page asks."""
        if not self._is_ours():
            return
        given = self.headers.get(TOKEN_HEADER, "")
        has_token = hmac.compare_digest(given.encode("utf-8", "replace"), self.server.token.encode())
        if not has_token and self.path != _FOR_A_CODE:
            self._refuse(HTTPStatus.FORBIDDEN, _NO_TOKEN)
        elif self.headers.get_content_type() != "application/json":
            self._refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Only JSON is understood.")
        elif (body := self._body()) is not None:
            self._asked(self.path, given, body)

    def _asked(self, path: str, given: str, body: bytes) -> None:
        """``given`` is the token, or a code in its place."""
        name = path.removeprefix("/ask/")
        if path == _FOR_A_CODE:
            if self.server.take_code(given):
                self._json(HTTPStatus.OK, Token(self.server.token))
            else:
                self._refuse(HTTPStatus.FORBIDDEN, _NO_TOKEN)
            return
        self.server.last_asked = self.server.clock()
        if path == "/ask/end":
            self._json(HTTPStatus.OK, Refused(""))
            self.server.end("asked")
        elif name in _ASKS and path.startswith("/ask/"):
            self._answer(*_ASKS[name], body)
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "There is nothing here.")

    def _answer(self, kind: Any, ask: Callable[[Session, Any], Any], body: bytes) -> None:
        try:
            given = None if kind is None else msgspec.json.decode(body, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self._refuse(HTTPStatus.BAD_REQUEST, "This is too long, or nothing that the page would ask.")
            return
        try:
            answer = ask(self.server.session, given)
        except CkauditError as error:
            self._refuse(HTTPStatus.CONFLICT, str(error))
            return
        except Exception as bug:  # noqa: BLE001  the page gets a sentence, and goes on
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, f"ckaudit has a bug here ({type(bug).__name__}). Your text is kept.")
            return
        self._json(HTTPStatus.OK, answer)

    def _is_ours(self) -> bool:
        """Whether the request comes from this machine's browser and from our own page, as far as a server can tell."""
        hosts = self.server.hosts
        host = self.headers.get_all("Host") or []
        origin = self.headers.get_all("Origin") or []
        site = self.headers.get("Sec-Fetch-Site", "none")
        if len(host) != 1 or host[0] not in hosts:
            self._refuse(HTTPStatus.MISDIRECTED_REQUEST, "This is not the name of the workbench.")
        elif any(name not in [f"http://{known}" for known in hosts] for name in origin) or site not in ("same-origin", "none"):
            self._refuse(HTTPStatus.FORBIDDEN, "Other sites get no answer here.")
        else:
            return True
        return False

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or not length.isascii() or self.headers.get("Transfer-Encoding"):
            self._refuse(HTTPStatus.LENGTH_REQUIRED, "How long is this?")
        elif len(length) > 9 or int(length) > MAX_BODY:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This is too long for an automation.")
        else:
            return self.rfile.read(int(length))
        return None

    def _json(self, status: HTTPStatus, value: object) -> None:
        self._send(status, "application/json", msgspec.json.encode(value))

    def _refuse(self, status: HTTPStatus, words: str) -> None:
        self.close_connection = True  # what it sent was perhaps not read
        self._json(status, Refused(words))

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        for name, value in _SENT.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  its name in the standard library
        """Nobody reads a log of their own clicks."""


def _read(path: Path) -> bytes:
    return path.read_bytes()
