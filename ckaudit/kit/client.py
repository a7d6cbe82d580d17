"""One GET, repeated until it is answered or the budget for it is used up.

What is repeated: 429, 5xx, broken connections, timeouts, and a 200 whose body is not what Kit sends (cut off, HTML, another shape).
Any other 4xx is an answer and is never repeated. A 429 concerns the credential, so everything that uses it cools down together.

The budget: a request is repeated 6 times after waits of 1, 2, 4 … 32 s. The credential cools down 5 times in a row, for 15, 30, 60, 60
and 60 s, with no answer in between; as long as answers come in between, waiting helps. Every wait may be a quarter longer or shorter.
While Kit has not answered at all yet, there are 2 repeats: a wrong address should not take minutes to say so. When nothing came back
for 80 s, the fifth cool-down in a row did not help, or no request of all got a usable answer for 10 min, all other requests stop as well.
A single try takes at most 120 s (``Patience.whole``) and no wait is longer, so nothing goes on for more than 15 min without progress.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

import msgspec

from ckaudit.kit.credentials import Credential
from ckaudit.kit.http import CONNECTIONS, DEFAULT_API_URL, Answer, Fault, Params, Patience, Wire, open_wire
from ckaudit.kit.limiter import Window
from ckaudit.kit.messages import describe
from ckaudit.kit.screens import API_KEYS
from ckaudit.kit.timing import Timing
from ckaudit.model.errors import CredentialsError, IncompleteError, KitRefusedError, KitUnreachableError, RateLimitedError

WAITS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
WAITS_BEFORE_FIRST_ANSWER = WAITS[:2]
COOL_DOWNS = (15.0, 30.0, 60.0, 60.0, 60.0)
LONGEST_RETRY_AFTER = 120.0
LONGEST_DARKNESS = 80.0
LONGEST_STANDSTILL = 600.0
FAULTS_OF_A_STANDSTILL = 3  # a clock that jumps is none

T = TypeVar("T")
_LOG = logging.getLogger(__name__)


class NotKitsAnswerError(ValueError):
    """Raised by a reader of bodies: this is not what Kit sends, ask again. The text completes "Kit's answer …"."""


class _Good(msgspec.Struct, Generic[T], frozen=True):
    value: T


class _Slower(msgspec.Struct, frozen=True):
    """429: the credential has to cool down."""

    error: RateLimitedError
    seconds: float | None


class _Again(msgspec.Struct, frozen=True):
    """Worth another try, after so many seconds if the answer says so."""

    error: KitUnreachableError
    seconds: float | None = None


class Client:
    """Reads from Kit with one credential. ``requests`` counts what was sent, repeats included."""

    def __init__(self, wire: Wire, credential: Credential, window: Window, timing: Timing) -> None:
        self.requests = 0
        self.window = window
        self.credential = credential
        self._wire = wire
        self._timing = timing
        self._places = asyncio.Semaphore(CONNECTIONS)
        self._answered = False
        self._strikes = 0
        self._dark_since: float | None = None
        self._gone: IncompleteError | None = None
        self._moved_at = timing.now()
        self._faults = 0

    async def get(self, path: str, params: Params, read: Callable[[bytes], T]) -> T:
        """GET a path; ``read`` turns the body into what is wanted, or raises NotKitsAnswerError to have it asked again.

        Raises:
            CredentialsError: 401. KitRefusedError: another 4xx. RateLimitedError: 429 until the budget was used up.
            KitUnreachableError: no usable answer within the budget.
        """
        waits = 0
        while True:
            outcome = await self._attempt(path, params, read)
            if isinstance(outcome, _Good):
                self._moved_at, self._faults = self._timing.now(), 0
                return outcome.value
            self._stop_a_standstill(outcome)
            if isinstance(outcome, _Slower):
                if not self._cool_down(outcome):
                    raise outcome.error
                continue
            plan = WAITS if self._answered else WAITS_BEFORE_FIRST_ANSWER
            if waits >= len(plan) or self._gone:
                raise outcome.error
            await self._timing.sleep(self._jittered(plan[waits]) if outcome.seconds is None else outcome.seconds)
            waits += 1

    async def _attempt(self, path: str, params: Params, read: Callable[[bytes], T]) -> _Good[T] | _Slower | _Again:
        async with self._places:
            self._give_up_with_the_others()
            await self.window.enter()
            self._give_up_with_the_others()
            self.requests += 1
            answer = await self._wire(path, params)
        _LOG.debug("GET %s: %s", path, answer.reason if isinstance(answer, Fault) else answer.status)
        if isinstance(answer, Fault):
            return self._nothing_came(path, answer)
        self._dark_since = None
        return self._judge(answer, f"GET {path}", read)

    def _stop_a_standstill(self, outcome: _Slower | _Again) -> None:
        self._faults += 1
        if self._faults >= FAULTS_OF_A_STANDSTILL and self._timing.now() - self._moved_at > LONGEST_STANDSTILL:
            self._gone = outcome.error
            raise self._gone

    def _give_up_with_the_others(self) -> None:
        if self._gone:
            raise self._gone

    def _nothing_came(self, path: str, fault: Fault) -> _Again:
        sentence = f"Kit could not be reached for GET {path}: {fault.reason}"
        error = KitUnreachableError(sentence, hint="Check the network and run it again.")
        now = self._timing.now()
        self._dark_since = now if self._dark_since is None else self._dark_since
        if now - self._dark_since > LONGEST_DARKNESS:
            self._gone = error
        return _Again(error)

    def _judge(self, answer: Answer, endpoint: str, read: Callable[[bytes], T]) -> _Good[T] | _Slower | _Again:
        if 200 <= answer.status < 300:
            return self._read(answer, endpoint, read)
        sentence = describe(answer, endpoint, self.credential)
        if answer.status == 429:
            hint = "Another program may be using the same key. Wait some minutes and run it again."
            return _Slower(RateLimitedError(sentence, hint=hint), _seconds(answer.retry_after))
        if answer.status >= 500:
            error = KitUnreachableError(sentence, hint="The fault is on Kit's side. Run it again later.")
            return _Again(error, _seconds(answer.retry_after))
        if answer.status == 401:
            raise CredentialsError(sentence, hint=_HINT_401)
        if answer.status >= 400:
            raise KitRefusedError(sentence, status=answer.status)
        hint = "The credential is not sent on to another address. Check the API address and the proxy settings."
        raise KitUnreachableError(f"{endpoint} was answered with a redirect ({answer.status})", hint=hint)

    def _read(self, answer: Answer, endpoint: str, read: Callable[[bytes], T]) -> _Good[T] | _Again:
        try:
            value = read(answer.body)
        except NotKitsAnswerError as error:
            hint = "Something between here and Kit may be answering in its place, such as a proxy or a login page."
            return _Again(KitUnreachableError(f"Kit's answer to {endpoint} {error}", hint=hint))
        self._answered = True
        self._strikes = 0
        return _Good(value)

    def _cool_down(self, slower: _Slower) -> bool:
        """Cool down, once per storm: the 429s of requests that were under way together count as one. False when it is hopeless."""
        if self.window.cooling:
            return True
        if self._strikes == len(COOL_DOWNS):
            self._gone = slower.error
            return False
        seconds = self._jittered(COOL_DOWNS[self._strikes]) if slower.seconds is None else slower.seconds
        self._strikes += 1
        _LOG.info("Kit asks to slow down; waiting %.0f s", seconds)
        self.window.cool_down(seconds)
        return True

    def _jittered(self, seconds: float) -> float:
        return seconds * (0.75 + 0.5 * self._timing.chance())


_HINT_401 = (
    "The key is wrong or expired, or this account's plan has no API access. A v3 API secret is not a v4 key: "
    f"make one in Kit under {API_KEYS}."
)


def _seconds(retry_after: str) -> float | None:
    """A Retry-After in seconds, between 1 and the cap; anything else is ignored."""
    return min(max(float(retry_after), 1.0), LONGEST_RETRY_AFTER) if retry_after.isascii() and retry_after.isdigit() else None


@asynccontextmanager
async def open_client(
    credential: Credential,
    api_url: str = DEFAULT_API_URL,
    timing: Timing | None = None,
    patience: Patience | None = None,
    window: Window | None = None,
) -> AsyncIterator[Client]:
    """A client for one credential. ``window`` is the limiter it shares with other clients of the same credential, else it has its own.

    Raises:
        UsageError: a credential may not be sent to this address.
    """
    timing = timing or Timing()
    async with open_wire(credential, api_url, patience) as wire:
        yield Client(wire, credential, window or Window(credential.requests_per_minute, timing), timing)
