"""What is repeated, how often, how long it waits, and what is said in the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckaudit.kit.budget import RequestBudget
from ckaudit.kit.client import COOL_DOWNS, MAX_OUTAGE, MAX_WAITED, WAITS, Client, UnexpectedResponseError
from ckaudit.kit.credentials import Credential, CredentialKind
from ckaudit.kit.http import Params, Response, TransportError
from ckaudit.kit.limiter import RateLimiter
from ckaudit.model.errors import (
    CredentialsError,
    IncompleteError,
    KitRefusedError,
    KitUnreachableError,
    RateLimitedError,
    TooManyRequestsError,
)
from tests.fake_kit.clock import Clock

OK = Response(200, b"{}")
STORM = Response(429, b"Retry later", "text/plain")
SECRET = "kit_canary_0123456789"


class Script:
    """A transport that gives these answers in order, the last one forever."""

    def __init__(self, *answers: Response | TransportError) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, path: str, params: Params) -> Response | TransportError:
        self.asked += 1
        await asyncio.sleep(0)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def read_json(body: bytes) -> str:
    if not body.startswith(b"{"):
        raise UnexpectedResponseError("is not the JSON that Kit sends")
    return body.decode()


def client_of(script: Script, clock: Clock) -> Client:
    return Client(script, Credential(CredentialKind.KEY, SECRET), RateLimiter(120, clock.timing), clock.timing)


def ask(
    *answers: Response | TransportError, chance: float = 0.5, answered_before: bool = True
) -> tuple[Script, Clock, str | IncompleteError]:
    """One request against a script: what was asked, what was waited, and the outcome."""
    clock, script = Clock(chance), Script(*([OK] if answered_before else []), *answers)
    client = client_of(script, clock)

    async def run() -> str | IncompleteError:
        if answered_before:
            await client.get("/v4/account", (), read_json)
        script.asked = 0
        try:
            return await client.get("/v4/tags", (), read_json)
        except IncompleteError as error:
            return error

    return script, clock, asyncio.run(run())


def test_a_good_answer_is_not_asked_twice() -> None:
    script, clock, outcome = ask(OK)
    assert (script.asked, clock.slept, outcome) == (1, [], "{}")


REPEATED = [
    Response(500, b""),
    Response(502, b"<html></html>", "text/html"),
    Response(503, b""),
    Response(599, b""),
    Response(200, b"Hello"),
    Response(200, b""),
    Response(201, b"<html>"),
    TransportError("the answer took too long"),
    TransportError("the connection broke in the middle of the answer"),
]


@pytest.mark.parametrize("bad", REPEATED)
def test_a_passing_fault_is_waited_out(bad: Response | TransportError) -> None:
    script, clock, outcome = ask(bad, bad, OK)
    assert (script.asked, clock.slept, outcome) == (3, [1.0, 2.0], "{}")


@pytest.mark.parametrize("bad", REPEATED)
def test_a_lasting_fault_ends_after_the_budget(bad: Response | TransportError) -> None:
    script, clock, outcome = ask(bad)
    assert isinstance(outcome, KitUnreachableError)
    assert script.asked == 1 + len(WAITS)
    assert clock.slept == list(WAITS)
    assert outcome.hint


@pytest.mark.parametrize("bad", REPEATED)
def test_while_kit_has_not_answered_at_all_patience_is_short(bad: Response | TransportError) -> None:
    script, clock, outcome = ask(bad, answered_before=False)
    assert isinstance(outcome, KitUnreachableError)
    assert (script.asked, clock.slept) == (3, [1.0, 2.0])


@pytest.mark.parametrize("status", [400, 402, 403, 404, 405, 409, 410, 413, 422, 451])
def test_a_refusal_is_never_asked_again(status: int) -> None:
    script, clock, outcome = ask(Response(status, b'{"errors": ["Not Found"]}'))
    assert isinstance(outcome, KitRefusedError)
    assert (outcome.status, script.asked, clock.slept) == (status, 1, [])


def test_a_refused_credential_is_never_asked_again_and_says_what_to_do() -> None:
    script, _, outcome = ask(Response(401, b'{"errors": ["The access token is invalid"]}', "application/json", "req-1"))
    assert isinstance(outcome, CredentialsError)
    assert script.asked == 1
    assert outcome.message == "Kit answered 401 to GET /v4/tags: “The access token is invalid”"
    assert "v3 API secret is not a v4 key" in outcome.hint


@pytest.mark.parametrize("status", [201, 204, 206])
def test_part_of_an_answer_is_none(status: int) -> None:
    script, _, outcome = ask(Response(status, b'{"tags": []}'))
    assert isinstance(outcome, KitUnreachableError)
    assert f"answered with {status}" in outcome.message
    assert script.asked > 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_not_repeated(status: int) -> None:
    script, clock, outcome = ask(Response(status, b""))
    assert isinstance(outcome, KitUnreachableError)
    assert (script.asked, clock.slept) == (1, [])


def test_a_429_cools_the_credential_down_and_then_goes_on() -> None:
    script, clock, outcome = ask(STORM, STORM, OK)
    assert (script.asked, clock.slept, outcome) == (3, [15.0, 30.0], "{}")


def test_a_429_that_does_not_end_uses_up_its_budget() -> None:
    script, clock, outcome = ask(STORM)
    assert isinstance(outcome, RateLimitedError)
    assert script.asked == 1 + len(COOL_DOWNS)
    assert clock.slept == list(COOL_DOWNS)


@pytest.mark.parametrize(("said", "waits"), [("7", 7.0), ("0", 1.0), ("100000", 120.0), ("soon", 15.0), ("-5", 15.0), ("²", 15.0)])
def test_a_retry_after_is_honoured_within_reason(said: str, waits: float) -> None:
    _, clock, outcome = ask(Response(429, b"Retry later", retry_after=said), OK)
    assert (clock.slept, outcome) == ([waits], "{}")


@pytest.mark.parametrize(("chance", "factor"), [(0.0, 0.75), (1.0, 1.25)])
def test_waits_are_jittered_by_a_quarter(chance: float, factor: float) -> None:
    _, clock, _ = ask(Response(500, b""), chance=chance)
    assert clock.slept == [wait * factor for wait in WAITS]


@given(st.lists(st.sampled_from([STORM, Response(500, b""), Response(200, b"x"), TransportError("broken"), OK]), max_size=40))
def test_whatever_comes_a_request_ends_within_its_budget(answers: list[Response | TransportError]) -> None:
    script, clock, _ = ask(*answers, STORM)
    assert script.asked <= 1 + len(WAITS) + len(COOL_DOWNS)
    assert sum(clock.slept) <= sum(WAITS) + sum(COOL_DOWNS)


def many(script: Script, clock: Clock, count: int) -> list[str | IncompleteError]:
    """So many requests at the same time, after a first one that was answered."""
    client = client_of(script, clock)

    async def one() -> str | IncompleteError:
        try:
            return await client.get("/v4/tags", (), read_json)
        except IncompleteError as error:
            return error

    async def run() -> list[str | IncompleteError]:
        await one()
        return list(await asyncio.gather(*(one() for _ in range(count))))

    return asyncio.run(run())


def test_429s_of_requests_under_way_together_are_one_cool_down() -> None:
    clock = Clock()
    outcomes = many(Script(OK, *[STORM] * 8, OK), clock, 8)
    assert outcomes == ["{}"] * 8
    assert clock.time == 1015.0


def test_when_the_network_is_gone_the_others_stop_too() -> None:
    clock, script = Clock(), Script(OK, TransportError("no connection"))
    outcomes = many(script, clock, 500)
    assert all(isinstance(outcome, KitUnreachableError) for outcome in outcomes)
    assert clock.time <= 1000 + MAX_OUTAGE + 2 * max(WAITS)


def test_when_the_rate_limit_does_not_let_up_the_others_stop_too() -> None:
    clock, script = Clock(), Script(OK, STORM)
    outcomes = many(script, clock, 500)
    assert all(isinstance(outcome, RateLimitedError) for outcome in outcomes)
    assert clock.time == 1000 + sum(COOL_DOWNS)


@pytest.mark.parametrize(
    "bad", [Response(503, b"", retry_after="120"), Response(429, b"Retry later", retry_after="120"), TransportError("too slow")]
)
def test_without_any_progress_a_pull_ends_within_a_quarter_of_an_hour(bad: Response | TransportError) -> None:
    clock = Clock()
    client = client_of(Script(OK, bad), clock)
    tries = 0

    async def slow(_path: str, _params: Params) -> Response | TransportError:
        nonlocal tries
        tries += 1
        clock.time += 110
        return OK if tries == 1 else bad

    client._wire = slow

    async def run() -> float:
        await client.get("/v4/account", (), read_json)
        begin = clock.time
        for _ in range(40):
            with pytest.raises(IncompleteError):
                await client.get("/v4/tags", (), read_json)
        return clock.time - begin

    assert asyncio.run(run()) <= 900


def test_a_clock_that_jumps_is_no_standstill() -> None:
    clock, script = Clock(), Script(OK, Response(500, b""), Response(500, b""), OK)
    client = client_of(script, clock)

    async def run() -> str:
        await client.get("/v4/account", (), read_json)
        clock.time += 5000
        return await client.get("/v4/tags", (), read_json)

    assert asyncio.run(run()) == "{}"


def test_a_broken_endpoint_does_not_stop_the_others() -> None:
    clock = Clock()

    async def transport(path: str, params: Params) -> Response | TransportError:
        return Response(500, b"") if path == "/v4/snippets" else OK

    client = Client(transport, Credential(CredentialKind.KEY, SECRET), RateLimiter(120, clock.timing), clock.timing)

    async def run() -> str:
        with pytest.raises(KitUnreachableError):
            await client.get("/v4/snippets", (), read_json)
        return await client.get("/v4/tags", (), read_json)

    assert asyncio.run(run()) == "{}"


@pytest.mark.parametrize(
    "echo",
    [
        lambda: Response(403, f'{{"errors": ["key {SECRET} of canary@private.example at https://a.b/c?token=tttt is bad"]}}'.encode()),
        lambda: Response(500, f"{SECRET} canary@private.example".encode()),
        lambda: Response(429, f"{SECRET}".encode(), "text/plain", f"id {SECRET}@x"),
        lambda: Response(200, f"<html>{SECRET} canary@private.example".encode()),
        lambda: Response(302, f"{SECRET}".encode()),
    ],
)
def test_no_error_echoes_the_credential_an_address_or_a_query_value(echo: Callable[[], Response]) -> None:
    _, _, outcome = ask(echo())
    text = f"{outcome} {outcome!r}"
    assert isinstance(outcome, IncompleteError)
    assert "canary@private" not in text
    assert "tttt" not in text
    if echo().request_id == "":
        assert SECRET not in text


def test_a_server_that_asks_for_a_pause_after_each_answer_is_left_after_an_hour() -> None:
    clock = Clock()
    pause = Response(429, b"Retry later", retry_after="7200")
    client = client_of(Script(OK, *[pause, OK] * 500), clock)

    async def run() -> tuple[int, str]:
        for number in range(500):
            try:
                await client.get("/v4/tags", (), read_json)
            except RateLimitedError as error:
                return number, error.hint
        return 500, ""

    answered, hint = asyncio.run(run())
    assert answered < 500
    assert "more than an hour" in hint
    assert sum(clock.slept) <= MAX_WAITED


def test_a_pause_of_a_minute_is_announced_and_a_short_one_is_not(caplog: pytest.LogCaptureFixture) -> None:
    ask(Response(429, b"", retry_after="7"), OK)
    assert [record for record in caplog.records if record.levelname == "WARNING"] == []
    ask(Response(429, b"", retry_after="7200"), OK)
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == ["Kit asks to slow down; waiting 120 s"]


def test_more_requests_than_may_be_sent_are_not_sent() -> None:
    script, clock = Script(OK), Clock()
    credential = Credential(CredentialKind.KEY, SECRET)
    client = Client(script, credential, RateLimiter(120, clock.timing), clock.timing, RequestBudget(3))

    async def run() -> None:
        await asyncio.gather(*(client.get("/v4/tags", (), read_json) for _ in range(20)))

    with pytest.raises(TooManyRequestsError):
        asyncio.run(run())
    assert script.asked == 3
