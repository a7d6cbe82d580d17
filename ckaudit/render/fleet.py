"""What came of several accounts, in every format: its name, and the function that makes it."""

from __future__ import annotations

from ckaudit.model.branding import Branding
from ckaudit.model.fleet import AccountRow, FleetResult, RowStatus
from ckaudit.render.formats import FLEET_FORMATS, imported

LOST = (RowStatus.FAILED, RowStatus.NOT_RUN)


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


def audited_rows(result: FleetResult) -> tuple[AccountRow, ...]:
    """The accounts that could be audited, at least in part, in order of need."""
    return tuple(row for row in result.accounts if row.status not in LOST)


def lost_rows(result: FleetResult) -> tuple[AccountRow, ...]:
    """The accounts that were not audited."""
    return tuple(row for row in result.accounts if row.status in LOST)
