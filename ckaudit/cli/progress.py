"""A progress bar on standard error, for terminals only."""

from __future__ import annotations

import sys

from ckaudit.cli.terminal import Terminal, is_terminal, write_error

BAR = 24


class Bar:
    """Draws one line again and again. Draws nothing in a pipe, on a dumb terminal or with ``-q``."""

    def __init__(self, terminal: Terminal) -> None:
        self.shown = is_terminal(sys.stderr) and terminal.verbosity >= 0 and terminal.environ.get("TERM") != "dumb"

    def update(self, done: int, expected: int, seconds_left: float) -> None:
        """Requests answered, requests known to be needed, and how long the rate limit makes the rest take."""
        if self.shown:
            write_error(f"\r\x1b[K{line(done, expected, seconds_left)}")

    def end(self) -> None:
        """Take the line away."""
        if self.shown:
            write_error("\r\x1b[K")


def line(done: int, expected: int, seconds_left: float) -> str:
    """The bar in words: ``Reading the account [#####·····] 12/40 requests, about 1 min left``."""
    filled = BAR * done // max(expected, 1)
    left = f", {time_words(seconds_left)} left" if seconds_left >= 1 else ""
    return f"Reading the account [{'#' * filled}{'.' * (BAR - filled)}] {done}/{expected} requests{left}"


def time_words(seconds: float) -> str:
    """A duration for people."""
    return f"about {round(seconds)} s" if seconds < 90 else f"about {round(seconds / 60)} min"
