"""A result as JSON: the contract's ``ckaudit.result/v1``. More keys may come; the ones that are there stay."""

from __future__ import annotations

from typing import Any

import msgspec

from ckaudit.model.result import RESULT_SCHEMA, Result
from ckaudit.render.plain import to_json


def render_json(result: Result) -> str:
    """The result as JSON, two-space indent, keys in the model's order; same result, same text. Ends in a newline."""
    return to_json(result)


def result_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a result. It allows keys it does not name."""
    (_, components) = msgspec.json.schema_components((Result,), ref_template="#/$defs/{name}")
    top = components["Result"]
    del components["ReportedFinding"]["properties"]["who"]  # the engine takes it away, a result never has it
    properties = {**top["properties"], "schema": {"const": RESULT_SCHEMA}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **top,
        "title": "ckaudit result",
        "properties": properties,
        "$defs": {name: part for name, part in components.items() if name != "Result"},
    }
