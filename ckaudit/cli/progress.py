"""A progress bar on standard error, for terminals only."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ckaudit.cli.terminal import Terminal, is_terminal, write_error
from ckaudit.kit.budget import format_time

if TYPE_CHECKING:
    from ckaudit.fleet.run import State

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
    """How far it is: ``Reading the account: 12 requests answered, at least 28 to go, about 1 min``. How many are needed in all shows only
    as lists are read, so no total and no share of one is drawn."""
    return f"Reading the account: {_requests(done, expected, seconds_left)}"


def _requests(done: int, expected: int, seconds_left: float) -> str:
    answered = f"{done} request{'' if done == 1 else 's'} answered"
    left = f", {format_time(seconds_left)} or more" if seconds_left >= 1 else ""
    return f"{answered}, at least {expected - done} to go{left}" if expected > done else answered


class FleetBar(Bar):
    """The same for several accounts. What a Ctrl-C does is said once, also where no bar is drawn."""

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(terminal)
        self._terminal = terminal
        self._told = False

    def watch(self, state: State) -> None:
        """Accounts done, and how far those are that are being read."""
        if state.ending and not self._told:
            self._told = True
            self.end()
            self._terminal.note("Interrupted: the accounts under way are finished. Ctrl-C again stops at once.")
        if self.shown:
            write_error(f"\r\x1b[K{fleet_line(state)}")


def fleet_line(state: State) -> str:
    """``Auditing [#####.....] 12/40 accounts, reading 3: 310 requests answered, at least 110 to go, about 2 min or more``."""
    filled = BAR * state.done // max(state.accounts, 1)
    text = f"Auditing [{'#' * filled}{'.' * (BAR - filled)}] {state.done}/{state.accounts} accounts"
    if not state.reading:
        return text
    done = sum(item[0] for item in state.reading.values())
    expected = sum(item[1] for item in state.reading.values())
    seconds = max(item[2] for item in state.reading.values())
    return f"{text}, reading {len(state.reading)}: {_requests(done, expected, seconds)}"
