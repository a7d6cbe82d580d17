"""What came of several accounts, in every format: its name, and the function that makes it."""

from __future__ import annotations

from ckaudit.model.branding import Branding
from ckaudit.model.fleet import AccountRow, FleetResult
from ckaudit.render.formats import FLEET_FORMATS, imported


def render_fleet(result: FleetResult, form: str, branding: Branding | None = None, *, width: int = 80, colour: bool = False) -> str:
    """The result in a format. ``width`` and ``colour`` are for text, ``branding`` is for the page."""
    function = imported(FLEET_FORMATS[form])
    match form:
        case "text":
            made: str = function(result, width=width, colour=colour)
        case "html":
            made = function(result, branding or Branding())
        case _:
            made = function(result)
    return made


def little_judged(row: AccountRow) -> str:
    """``31 % of the checks could be judged`` where that is too little to rely on; else empty."""
    return f"{row.summary.judged_percent} % of the checks could be judged" if row.is_partial else ""


def judged_share(row: AccountRow) -> str:
    """``92 % judged`` beside a score that does not speak of everything; else empty."""
    percent = row.summary.judged_percent
    return f"{percent} % judged" if row.summary.score is not None and percent < 100 else ""


def set_aside(row: AccountRow) -> str:
    """``23 known before, 14 accepted``: findings that the counts of the account leave out; empty when there are none."""
    counts = row.summary
    parts = ((counts.unchanged, "known before"), (counts.suppressed, "accepted"), (counts.hidden, "below the chosen level"))
    return ", ".join(f"{number:,} {what}" for number, what in parts if number)


def nothing_found(row: AccountRow) -> str:
    """What is said of an account without findings: never that nothing was found where something was, or where little was judged."""
    where = " in what could be judged" if row.is_partial else ""
    aside = set_aside(row)
    return f"Nothing else was found{where}: {aside}." if aside else f"Nothing was found{where}."


def audited_rows(result: FleetResult) -> tuple[AccountRow, ...]:
    """The accounts that could be audited, at least in part, in order of need."""
    return tuple(row for row in result.accounts if row.is_audited)


def lost_rows(result: FleetResult) -> tuple[AccountRow, ...]:
    """The accounts that were not audited."""
    return tuple(row for row in result.accounts if not row.is_audited)
