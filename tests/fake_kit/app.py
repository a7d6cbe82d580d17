"""The fake Kit as an ASGI application. Bodies of errors are word for word those of Kit's documents."""

from __future__ import annotations

import asyncio
import base64
import json
import time
import zlib
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.fake_kit.faults import Fault, FaultPlan, no_faults

Json = dict[str, Any]
KEY = "kit_test_0123456789abcdef"
TOKEN = "oauth-test-token-0123456789"
INVALID = {"errors": ["The access token is invalid"]}
FORBIDDEN = {"errors": ["You do not have sufficient permissions to access this resource. Please contact support."]}
NOT_FOUND = {"errors": ["Not Found"]}
SLIM_LEAVES_OUT = {"content", "public_url", "email_address", "email_template", "subscriber_filter"}
SUBSCRIBER_STATES = {"active", "inactive", "bounced", "complained", "cancelled"}


@dataclass
class Seen:
    """A request as it came in, and how it was answered."""

    method: str
    path: str
    query: dict[str, str]
    raw_query: str
    credential: str
    at: float
    status: int = 0


WRITES: list[Seen] = []
"""Requests of this process that were no GET, to any fake Kit that did not expect them. ``tests/conftest.py`` lets none pass."""


@dataclass
class FakeKit:
    """Settings and memory of one fake Kit. ``account`` is plain data in the API's own shape, see ``accounts.py``.

    ``order`` of people: ``newest`` or ``oldest`` timestamp first, or by ``id``. Without ``counts`` no list tells its total; ``hide``: so
    many people are missing at the end of a list that counts them. A list that lags leaves out timestamps later than ``shown_until``.
    """

    account: Json
    limit: int = 120
    window: float = 60.0
    clock: Callable[[], float] = time.monotonic
    latency: float = 0.0
    slow_seconds: float = 1.0
    refuse: dict[str, int] = field(default_factory=dict)
    faults: FaultPlan = no_faults
    largest_page: int = 1000
    order: str = "newest"
    counts: bool = True
    hide: int = 0
    shown_until: str = "9"
    expects_writes: bool = False
    seen: list[Seen] = field(default_factory=list)
    _timestamps: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _app: Any = None

    def __post_init__(self) -> None:
        routes = [
            Route("/v4/account", self.get_account),
            Route("/v4/subscribers", self.subscribers),
            Route("/v4/sequences/{id:int}/emails", self.emails),
            *(Route(f"/v4/{kind}/{{id:int}}/subscribers", self.members) for kind in ("tags", "forms", "sequences")),
            *(Route(f"/v4/{name}", self.list_of) for name in LISTS),
            Route("/{rest:path}", self.nothing),
        ]
        self._app = GZipMiddleware(Starlette(routes=routes), minimum_size=500)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope)
        seen = self._note(request)
        fault = self.faults(len(self.seen) - 1, seen.path)
        if self.latency:
            await asyncio.sleep(self.latency)

        async def noting(message: Any) -> None:
            if message["type"] == "http.response.start":
                seen.status = message["status"]
            await send(message)

        response = self._early_answer(request, seen, fault)
        if fault is Fault.SLOW:
            await asyncio.sleep(self.slow_seconds)
        if fault in {Fault.RESET, Fault.TRUNCATED}:
            await _break_off(fault, send)
        elif fault in {Fault.REPEATED_CURSOR, Fault.NULL_CURSOR, Fault.LAGGING}:
            scope["spoil"] = fault
            await self._app(scope, receive, noting)
        else:
            await (response or self._app)(scope, receive, noting)

    # What a test asks afterwards.

    def count(self, path: str | None = None) -> int:
        """Requests that came in, to one path or in all."""
        return sum(path in {None, seen.path} for seen in self.seen)

    def methods(self) -> Counter[str]:
        """How often each method was used."""
        return Counter(seen.method for seen in self.seen)

    def statuses(self) -> Counter[int]:
        """How often each status was given."""
        return Counter(seen.status for seen in self.seen)

    # Before a request reaches an operation.

    def _note(self, request: Request) -> Seen:
        credential = request.headers.get("x-kit-api-key") or request.headers.get("authorization", "")
        seen = Seen(request.method, request.url.path, dict(request.query_params), request.url.query, credential, self.clock())
        self.seen.append(seen)
        if seen.method != "GET" and not self.expects_writes:
            WRITES.append(seen)
        return seen

    def _early_answer(self, request: Request, seen: Seen, fault: Fault | None) -> Response | None:
        if fault in BODIES:
            return BODIES[fault]()
        if seen.credential not in {KEY, f"Bearer {TOKEN}"}:
            return JSONResponse(INVALID, 401)
        if not self._let_in(seen):
            return PlainTextResponse("Retry later", 429)
        if seen.method != "GET":
            return JSONResponse(NOT_FOUND, 404)
        for path, status in self.refuse.items():
            if seen.path == path:
                return JSONResponse({401: INVALID, 403: FORBIDDEN, 404: NOT_FOUND}.get(status, {"errors": ["No"]}), status)
        if seen.path == "/v4/webhook_endpoints" and seen.credential == KEY and "/v4/webhook_endpoints" not in self.account.get("_open", ()):
            return JSONResponse(INVALID, 401)
        return None

    def _let_in(self, seen: Seen) -> bool:
        timestamps = self._timestamps[seen.credential]
        while timestamps and timestamps[0] <= seen.at - self.window:
            timestamps.popleft()
        if len(timestamps) >= self.limit:
            return False
        timestamps.append(seen.at)
        return True

    # Operations.

    async def nothing(self, _request: Request) -> Response:
        """Any other address."""
        return JSONResponse(NOT_FOUND, 404)

    async def get_account(self, _request: Request) -> Response:
        """``GET /v4/account``."""
        return JSONResponse({"user": self.account["user"], "account": self.account["account"]})

    async def list_of(self, request: Request) -> Response:
        """The plain lists."""
        name = request.url.path.removeprefix("/v4/")
        items = LISTS[name](self.account.get(name, []), request.query_params)
        if items is None:
            return JSONResponse({"errors": ["The status param is invalid"]}, 422)
        return self._page(request, name, sorted(items, key=lambda item: -item["id"]))

    async def emails(self, request: Request) -> Response:
        """``GET /v4/sequences/{id}/emails``, ordered by position."""
        sequence_id = request.path_params["id"]
        if all(sequence["id"] != sequence_id for sequence in self.account["sequences"]):
            return JSONResponse(NOT_FOUND, 404)
        query = request.query_params
        hidden = {"content"} - ({"content"} if query.get("include_content") == "true" else set())
        hidden |= {"stats"} - set(query.get("include", "").split(","))
        items = [_without(item, hidden) for item in self.account["emails"] if item["sequence_id"] == sequence_id]
        return self._page(request, "emails", sorted(items, key=lambda item: (item["position"] or 0, item["id"])))

    async def subscribers(self, request: Request) -> Response:
        """Everybody, active ones only unless asked: the ``subscribers`` of the account, or those under its tags, forms and sequences."""
        lists = [people for kind in self.account.get("members", {}).values() for people in kind.values()]
        everybody = self.account.get("subscribers") or list({person["id"]: person for people in lists for person in people}.values())
        status = request.query_params.get("status", "active")
        return self._page(request, "subscribers", [person for person in everybody if status in {"all", person["state"]}])

    async def members(self, request: Request) -> Response:
        """People under a tag, form or sequence; active ones only unless asked."""
        kind, number = request.url.path.split("/")[2], request.path_params["id"]
        if all(item["id"] != number for item in self.account[kind]):
            return JSONResponse(NOT_FOUND, 404)
        query = request.query_params
        status = query.get("status", "active")
        if status not in SUBSCRIBER_STATES | {"all"}:
            return JSONResponse({"errors": ["The status param is invalid"]}, 422)
        timestamp = "tagged_at" if kind == "tags" else "added_at"
        low, high = query.get(timestamp.replace("_at", "_after"), ""), query.get(timestamp.replace("_at", "_before"), "9")
        shown_until = self.shown_until if request.scope.get("spoil") is Fault.LAGGING else "9"
        people = [
            _without(person, {"fields"} if query.get("slim") == "true" and kind != "sequences" else set())
            for person in self.account.get("members", {}).get(kind, {}).get(number, [])
            if status in {"all", person["state"]} and low <= person[timestamp] < min(high, shown_until)
        ]
        by = (lambda person: person["id"]) if self.order == "id" else (lambda person: (person[timestamp], person["id"]))
        return self._page(request, "subscribers", sorted(people, key=by, reverse=self.order == "newest"), self.hide)

    def _page(self, request: Request, envelope: str, items: list[Json], hide: int = 0) -> Response:
        query = request.query_params
        size = query.get("per_page", "500")
        if not size.isdigit() or not 1 <= int(size) <= 1000:
            return JSONResponse({"errors": ["The per_page param must be between 1 and 1000"]}, 422)
        total, items = len(items), items[: len(items) - hide]
        cursors = [cursor_of(item) for item in items]
        start = 0
        if "after" in query:
            if query["after"] not in cursors:
                return JSONResponse({"errors": ["The after param is not a known cursor"]}, 422)
            start = cursors.index(query["after"]) + 1
        stop = start + min(int(size), self.largest_page)
        found = cursors[start:stop]
        pagination: Json = {
            "has_previous_page": start > 0,
            "has_next_page": stop < len(items),
            "start_cursor": found[0] if found else None,
            "end_cursor": found[-1] if found else None,
            "per_page": int(size),
        }
        if query.get("include_total_count") == "true" and self.counts:
            pagination["total_count"] = total
        spoil = request.scope.get("spoil")
        if spoil in {Fault.REPEATED_CURSOR, Fault.NULL_CURSOR}:
            pagination |= {"has_next_page": True, "end_cursor": query.get("after") if spoil is Fault.REPEATED_CURSOR else None}
        shown = [{key: value for key, value in item.items() if not key.startswith("_")} for item in items[start:stop]]
        number = zlib.crc32(str(request.url.replace(netloc="")).encode())
        return JSONResponse({envelope: shown, "pagination": pagination}, headers={"x-request-id": f"request-{number:08x}"})


def cursor_of(item: Json) -> str:
    """An opaque cursor with all the characters that must be percent-encoded: plus, slash and equals sign."""
    text = json.dumps([item.get("position"), item["id"]]).encode()
    return base64.b64encode(b"\xfb\xff\xbf" + text + b" " * ((1 - len(text)) % 3)).decode()


def _without(item: Json, keys: Iterable[str]) -> Json:
    return {key: value for key, value in item.items() if key not in keys}


def _plain(items: list[Json], _query: Any) -> list[Json]:
    return items


def _counted(items: list[Json], query: Any) -> list[Json]:
    return items if "subscriber_count" in query.get("include", "") else [_without(item, {"subscriber_count"}) for item in items]


def _forms(items: list[Json], query: Any) -> list[Json] | None:
    status = query.get("status", "active")
    if status not in {"active", "archived", "trashed", "all"}:
        return None
    return _counted([item for item in items if status in {"all", item.get("_state", "active")}], query)


def _sequences(items: list[Json], query: Any) -> list[Json]:
    return items if "stats" in query.get("include", "") else [_without(item, {"stats"}) for item in items]


def _snippets(items: list[Json], query: Any) -> list[Json]:
    archived = query.get("archived") == "true"
    hidden = set() if query.get("include_content") == "true" else {"content", "document"}
    return [_without(item, hidden) for item in items if item["archived"] is archived]


def _broadcasts(items: list[Json], query: Any) -> list[Json] | None:
    if query.get("status", "draft") not in {"draft", "scheduled", "sending", "completed", "aborted"}:
        return None
    hidden = SLIM_LEAVES_OUT if query.get("slim") == "true" else set()
    return [_without(item, hidden) for item in items if query.get("status") in {None, item["status"]}]


LISTS: dict[str, Callable[[list[Json], Any], list[Json] | None]] = {
    "tags": _counted,
    "forms": _forms,
    "sequences": _sequences,
    "custom_fields": _plain,
    "snippets": _snippets,
    "webhooks": _plain,
    "webhook_endpoints": _plain,
    "segments": _plain,
    "email_templates": _plain,
    "broadcasts": _broadcasts,
}

BODIES: dict[Fault | None, Callable[[], Response]] = {
    Fault.ERROR_500: lambda: Response(b"", 500),
    Fault.HTML_502: lambda: Response("<!DOCTYPE html><html><body>Bad gateway</body></html>", 502, media_type="text/html"),
    Fault.TEXT_200: lambda: PlainTextResponse("All is well"),
    Fault.JSON_200: lambda: JSONResponse({"hello": "from a captive portal"}),
    Fault.TOO_MANY: lambda: PlainTextResponse("Retry later", 429),
    Fault.TOO_MANY_WITH_RETRY_AFTER: lambda: PlainTextResponse("Retry later", 429, headers={"retry-after": "7"}),
    Fault.REDIRECT: lambda: Response(b"", 302, headers={"location": "http://127.0.0.1:9/elsewhere"}),
}


async def _break_off(fault: Fault, send: Send) -> None:
    """Cut the connection, in front of the answer or in the middle of it. ASGI has no word for that, so ask uvicorn's transport."""
    if fault is Fault.TRUNCATED:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"5000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"tags": [{"id": 1, "na', "more_body": True})
    transport = send.__self__.transport  # type: ignore[attr-defined]
    if fault is Fault.RESET:
        transport.abort()
    else:
        transport.close()
