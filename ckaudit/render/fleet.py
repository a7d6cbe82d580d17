"""What came of several accounts, in every format: its name, and the function that makes it."""

from __future__ import annotations

from typing import Any

import msgspec

from ckaudit.model.branding import Branding
from ckaudit.model.fleet import FLEET_SCHEMA, AccountRow, FleetResult, RowStatus
from ckaudit.render.formats import FLEET_FORMATS, imported
from ckaudit.render.plain import to_json

LOST = (RowStatus.FAILED, RowStatus.NOT_RUN)


def render_fleet(form: str, result: FleetResult, branding: Branding | None = None, *, width: int = 80, colour: bool = False) -> str:
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


def render_fleet_json(result: FleetResult) -> str:
    """The result as JSON, two-space indent; same result, same text. Ends in a newline."""
    return to_json(result)


def fleet_result_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a fleet result. It allows keys it does not name."""
    (_, components) = msgspec.json.schema_components((FleetResult,), ref_template="#/$defs/{name}")
    top = components["FleetResult"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **top,
        "title": "ckaudit fleet result",
        "properties": {**top["properties"], "schema": {"const": FLEET_SCHEMA}},
        "$defs": {name: part for name, part in components.items() if name != "FleetResult"},
    }


def audited_rows(result: FleetResult) -> tuple[AccountRow, ...]:
    """The accounts that could be audited, at least in part, in order of need."""
    return tuple(row for row in result.accounts if row.status not in LOST)


def lost_rows(result: FleetResult) -> tuple[AccountRow, ...]:
    """The accounts that were not audited."""
    return tuple(row for row in result.accounts if row.status in LOST)
