"""How many requests one pull may send. Where a person can be asked, more are sent only when they say so."""

from __future__ import annotations

from collections.abc import Callable

from ckaudit.model.errors import TooManyRequestsError

DEFAULT_MAX_REQUESTS = 10_000
"""An hour and a half with an API key; a quarter of an hour with OAuth."""

_GO_ON = "What was read is kept: run the same command again to go on, or allow more with --max-requests."


def format_time(seconds: float) -> str:
    """A duration for people."""
    if seconds < 90:
        return f"about {round(seconds)} s"
    return f"about {round(seconds / 60)} min" if seconds < 90 * 60 else f"about {round(seconds / 3600)} h"


def say_no(_: str) -> bool:
    """Nobody is there who could be asked."""
    return False


class RequestBudget:
    """Counts the requests of one pull. ``ask`` is asked, in a whole sentence, whether to send more than ``most``."""

    def __init__(self, most: int = DEFAULT_MAX_REQUESTS, ask: Callable[[str], bool] = say_no) -> None:
        self.sent = 0
        self._most = most
        self._ask = ask
        self._ended: TooManyRequestsError | None = None

    def spend(self) -> None:
        """One more request is about to be sent.

        Raises:
            TooManyRequestsError: it would be one too many, and nobody allows more.
        """
        if self._ended:
            raise self._ended
        if self.sent >= self._most:
            said = f"{self.sent:,} requests were sent, and Kit has more to show"
            if not self._ask(f"{said}. Send as many again?"):
                self._ended = TooManyRequestsError(f"{said}. More are not sent without being asked for", hint=_GO_ON)
                raise self._ended
            self._most += self.sent
        self.sent += 1

    def foresee(self, count: int, what: str, taking: str) -> None:
        """So many requests will be needed, ``taking`` so long: better to say so now than after the last one that may be sent.

        Raises:
            TooManyRequestsError: they are too many, and nobody allows them.
        """
        if self.sent + count <= self._most:
            return
        said = f"{what} take about {count:,} requests ({taking})"
        if not self._ask(f"{said}. Read them?"):
            hint = f"{_GO_ON.partition(':')[0]}. Read less, or allow them: --max-requests {self.sent + count + count // 10}."
            raise TooManyRequestsError(f"{said}, and {max(self._most - self.sent, 0):,} may still be sent", hint=hint)
        self._most = self.sent + 2 * count
