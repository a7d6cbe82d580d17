"""Results as JSON: the contract's ``ckaudit.result/v1`` and ``ckaudit.fleet/v1``. More keys may come; the ones that are there stay."""

from __future__ import annotations

from typing import Any

import msgspec

from ckaudit.model.fleet import FLEET_SCHEMA, FleetResult
from ckaudit.model.result import RESULT_SCHEMA, Result
from ckaudit.render.plain import to_json


def render_json(result: Result | FleetResult) -> str:
    """The result as JSON, two-space indent, keys in the model's order; same result, same text. Ends in a newline."""
    return to_json(result)


def result_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a result. It allows keys it does not name."""
    schema = _schema(Result, "ckaudit result", RESULT_SCHEMA)
    del schema["$defs"]["ReportedFinding"]["properties"]["who"]  # the engine takes it away, a result never has it
    return schema


def fleet_result_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a fleet result. It allows keys it does not name."""
    return _schema(FleetResult, "ckaudit fleet result", FLEET_SCHEMA)


def _schema(kind: type[Result | FleetResult], title: str, version: str) -> dict[str, Any]:
    (_, components) = msgspec.json.schema_components((kind,), ref_template="#/$defs/{name}")
    top = components.pop(kind.__name__)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:ckaudit:{version.removeprefix('ckaudit.').replace('/', ':')}",
        **top,
        "title": title,
        "properties": {**top["properties"], "schema": {"const": version}},
        "$defs": components,
    }
