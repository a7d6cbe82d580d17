"""One GET, repeated until it is answered or the budget for it is used up.

What is repeated: 429, 5xx, broken connections, timeouts, and a 200 whose body is not what Kit sends (cut off, HTML, another shape).
Any other 4xx is an answer and is never repeated. A 429 concerns the credential, so everything that uses it cools down together.

The budget: a request is repeated 6 times after waits of 1, 2, 4 … 32 s. The credential cools down 5 times in a row, for 15, 30, 60, 60
and 60 s, with no answer in between; as long as answers come in between, waiting helps. Every wait may be a quarter longer or shorter.
While Kit has not answered at all yet, there are 2 repeats: a wrong address should not take minutes to say so. When nothing came back
for 80 s, the fifth cool-down in a row did not help, or no request of all got a usable answer for 10 min, all other requests stop as well.
A single try takes at most 120 s (``Timeouts.total``) and no wait is longer, so nothing goes on for more than 15 min without progress.
Waits that Kit asks for end the pull when they are more than an hour together; a wait of a minute or more is announced. How many requests
are sent in all is limited as well (``budget``).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

import msgspec

from ckaudit.kit.budget import RequestBudget
from ckaudit.kit.credentials import Credential
from ckaudit.kit.http import CONNECTIONS, DEFAULT_API_URL, Params, Response, Timeouts, Transport, TransportError, open_transport
from ckaudit.kit.limiter import RateLimiter
from ckaudit.kit.messages import describe, request_id
from ckaudit.kit.screens import API_KEYS
from ckaudit.kit.timing import Timing
from ckaudit.model.errors import CredentialsError, IncompleteError, KitRefusedError, KitUnreachableError, RateLimitedError

WAITS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
WAITS_BEFORE_FIRST_RESPONSE = WAITS[:2]
COOL_DOWNS = (15.0, 30.0, 60.0, 60.0, 60.0)
MAX_RETRY_AFTER = 120.0
MAX_WAITED = 3600.0
ANNOUNCED = 60.0
MAX_OUTAGE = 80.0
MAX_STANDSTILL = 600.0
MIN_FAILURES_OF_A_STANDSTILL = 3  # a clock that jumps is none

T = TypeVar("T")
_LOG = logging.getLogger(__name__)


class UnexpectedResponseError(ValueError):
    """Raised by a reader of bodies: this is not what Kit sends, ask again. The text completes "Kit's answer …"."""


class _Success(msgspec.Struct, Generic[T], frozen=True):
    value: T


class _RateLimited(msgspec.Struct, frozen=True):
    """429: the credential has to cool down."""

    error: RateLimitedError
    seconds: float | None


class _Retry(msgspec.Struct, frozen=True):
    """Worth another try, after so many seconds if the response says so."""

    error: KitUnreachableError
    seconds: float | None = None


class Client:
    """Reads from Kit with one credential. ``budget`` counts what was sent, repeats included, and ends it."""

    def __init__(
        self, transport: Transport, credential: Credential, limiter: RateLimiter, timing: Timing, budget: RequestBudget | None = None
    ) -> None:
        self.budget = budget or RequestBudget()
        self.limiter = limiter
        self.credential = credential
        self._transport = transport
        self._timing = timing
        self._connections = asyncio.Semaphore(CONNECTIONS)
        self._answered = False
        self._cool_downs = 0
        self._unreachable_since: float | None = None
        self._given_up: IncompleteError | None = None
        self._progress_at = timing.now()
        self._failures = 0
        self._waited = 0.0

    async def get(self, path: str, params: Params, read: Callable[[bytes], T]) -> T:
        """GET a path; ``read`` turns the body into what is wanted, or raises UnexpectedResponseError to have it asked again.

        Raises:
            CredentialsError: 401. KitRefusedError: another 4xx. RateLimitedError: 429 until the budget was used up.
            KitUnreachableError: no usable answer within the budget. TooManyRequestsError: more may not be sent.
        """
        waits = 0
        while True:
            outcome = await self._attempt(path, params, read)
            if isinstance(outcome, _Success):
                self._progress_at, self._failures = self._timing.now(), 0
                return outcome.value
            self._end_standstill(outcome)
            if isinstance(outcome, _RateLimited):
                if not self._cool_down(outcome):
                    raise outcome.error
                continue
            plan = WAITS if self._answered else WAITS_BEFORE_FIRST_RESPONSE
            if waits >= len(plan) or self._given_up:
                raise outcome.error
            seconds = self._jittered(plan[waits]) if outcome.seconds is None else outcome.seconds
            if not self._may_wait(seconds, outcome.error):
                raise outcome.error
            await self._timing.sleep(seconds)
            waits += 1

    async def _attempt(self, path: str, params: Params, read: Callable[[bytes], T]) -> _Success[T] | _RateLimited | _Retry:
        async with self._connections:
            self._raise_if_given_up()
            await self.limiter.enter()
            self._raise_if_given_up()
            self.budget.spend()
            response = await self._transport(path, params)
        _LOG.debug("GET %s: %s", path, response.reason if isinstance(response, TransportError) else response.status)
        if isinstance(response, TransportError):
            return self._no_response(path, response)
        self._unreachable_since = None
        return self._judge(response, f"GET {path}", read)

    def _end_standstill(self, outcome: _RateLimited | _Retry) -> None:
        self._failures += 1
        if self._failures >= MIN_FAILURES_OF_A_STANDSTILL and self._timing.now() - self._progress_at > MAX_STANDSTILL:
            self._given_up = outcome.error
            raise self._given_up

    def _raise_if_given_up(self) -> None:
        if self._given_up:
            raise self._given_up

    def _no_response(self, path: str, failure: TransportError) -> _Retry:
        sentence = f"Kit could not be reached for GET {path}: {failure.reason}"
        error = KitUnreachableError(sentence, hint="Check the network and run it again.")
        now = self._timing.now()
        self._unreachable_since = now if self._unreachable_since is None else self._unreachable_since
        if now - self._unreachable_since > MAX_OUTAGE:
            self._given_up = error
        return _Retry(error)

    def _judge(self, response: Response, endpoint: str, read: Callable[[bytes], T]) -> _Success[T] | _RateLimited | _Retry:
        if response.status == 200:
            return self._read(response, endpoint, read)
        if response.status < 300:  # 206 and the like: part of an answer, or none
            sentence = f"{endpoint} was answered with {response.status}, which is not a whole answer"
            return _Retry(KitUnreachableError(sentence, hint="Is there a proxy or cache in between? Run it again later."))
        sentence = describe(response, endpoint, self.credential)
        if number := request_id(response, self.credential):
            _LOG.info("Kit answered %d to %s, request id %s", response.status, endpoint, number)
        if response.status == 429:
            hint = "Another program may be using the same key. Wait some minutes and run it again."
            return _RateLimited(RateLimitedError(sentence, hint=hint), _seconds(response.retry_after))
        if response.status >= 500:
            error = KitUnreachableError(sentence, hint="The problem is on Kit's side. Run it again later.")
            return _Retry(error, _seconds(response.retry_after))
        if response.status == 401:
            raise CredentialsError(sentence, hint=_HINT_401)
        if response.status >= 400:
            raise KitRefusedError(sentence, status=response.status)
        hint = "The credential is not sent on to another address. Check the API address and the proxy settings."
        raise KitUnreachableError(f"{endpoint} was answered with a redirect ({response.status})", hint=hint)

    def _read(self, response: Response, endpoint: str, read: Callable[[bytes], T]) -> _Success[T] | _Retry:
        try:
            value = read(response.body)
        except UnexpectedResponseError as error:
            hint = "Something between here and Kit may be answering in its place, such as a proxy or a login page."
            return _Retry(KitUnreachableError(f"Kit's answer to {endpoint} {error}", hint=hint))
        self._answered = True
        self._cool_downs = 0
        return _Success(value)

    def _cool_down(self, limited: _RateLimited) -> bool:
        """Cool down, once per storm: the 429s of requests that were under way together count as one. False when it is hopeless."""
        if self.limiter.cooling:
            return True
        if self._cool_downs == len(COOL_DOWNS):
            self._given_up = limited.error
            return False
        seconds = self._jittered(COOL_DOWNS[self._cool_downs]) if limited.seconds is None else limited.seconds
        if not self._may_wait(seconds, limited.error):
            return False
        self._cool_downs += 1
        _LOG.log(logging.WARNING if seconds >= ANNOUNCED else logging.INFO, "Kit asks to slow down; waiting %.0f s", seconds)
        self.limiter.cool_down(seconds)
        return True

    def _may_wait(self, seconds: float, error: IncompleteError) -> bool:
        """False when all waits together would be longer than anybody waits for: a server may ask for one after each answer."""
        self._waited += seconds
        if self._waited > MAX_WAITED:
            error.hint = "Kit, or something in its place, made this take more than an hour longer. Run it again later."
            self._given_up = error
        return not self._given_up

    def _jittered(self, seconds: float) -> float:
        return seconds * (0.75 + 0.5 * self._timing.chance())


_HINT_401 = (
    "The key is wrong or expired, or this account's plan has no API access. A v3 API secret is not a v4 key: "
    f"make one in Kit under {API_KEYS}."
)


def _seconds(retry_after: str) -> float | None:
    """A Retry-After in seconds, between 1 and the cap; anything else is ignored."""
    return min(max(float(retry_after), 1.0), MAX_RETRY_AFTER) if retry_after.isascii() and retry_after.isdigit() else None


@asynccontextmanager
async def open_client(
    credential: Credential,
    api_url: str = DEFAULT_API_URL,
    timing: Timing | None = None,
    timeouts: Timeouts | None = None,
    limiter: RateLimiter | None = None,
    budget: RequestBudget | None = None,
) -> AsyncIterator[Client]:
    """A client for one credential. ``limiter`` is the limiter it shares with other clients of the same credential, else it has its own;
    ``budget`` says how many requests it may send.

    Raises:
        UsageError: a credential may not be sent to this address.
    """
    timing = timing or Timing()
    async with open_transport(credential, api_url, timeouts) as transport:
        yield Client(transport, credential, limiter or RateLimiter(credential.requests_per_minute, timing), timing, budget)
