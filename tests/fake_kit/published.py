"""Kit's published OpenAPI document and its examples, when ``KIT_OPENAPI`` names a copy of the document."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

Json = dict[str, Any]


def document_path() -> Path:
    """Where the document is; skips the test when there is none."""
    path = Path(os.environ.get("KIT_OPENAPI", ""))
    if not path.is_file():
        pytest.skip("KIT_OPENAPI does not name a copy of Kit's OpenAPI document")
    return path


def examples() -> dict[str, str]:
    """The documented answers beside the document, file name -> text."""
    folder = document_path().parent / "examples"
    if not folder.is_dir():
        pytest.skip("there is no folder examples beside the OpenAPI document")
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir())}


def schema_of(path: str, status: int) -> Json | None:
    """JSON Schema of an answer to GET; None when the document does not know the operation or the status."""
    operation = _paths(document_path()).get(path, {}).get("get", {})
    content = operation.get("responses", {}).get(str(status), {}).get("content", {})
    found = content.get("application/json", {}).get("schema")
    return None if found is None else _as_json_schema(found)


@cache
def _paths(path: Path) -> dict[str, Json]:
    found: dict[str, Json] = json.loads(path.read_text(encoding="utf-8"))["paths"]
    return found


def _as_json_schema(value: Any) -> Any:
    """OpenAPI 3.0 says ``nullable``, JSON Schema a list of types."""
    if isinstance(value, list):
        return [_as_json_schema(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {key: _as_json_schema(item) for key, item in value.items() if key not in {"nullable", "example"}}
    if value.get("nullable") and isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
    return found
