from __future__ import annotations

import json

import jsonschema
import msgspec
import pytest

from ckaudit.model.result import Result
from ckaudit.render.json import render_json, result_schema
from tests.render.canonical import HOSTILE, NORMAL, RESULTS

# Every key of the contract, with an example from the canonical result.
CONTRACT = {
    ("schema",): "ckaudit.result/v1",
    ("tool", "name"): "ckaudit",
    ("generated_at",): "2026-11-20T12:00:00Z",
    ("account", "id"): 27,
    ("account", "name"): "Tidewater Watercolour",
    ("account", "plan_type"): "creator",
    ("coverage", "sections", "tags"): "complete",
    ("coverage", "manifest", "files", 0): "automations.yaml",
    ("coverage", "manifest", "complete"): True,
    ("coverage", "evidence", "events"): 0,
    ("coverage", "evidence", "since"): None,
    ("summary", "error"): 1,
    ("summary", "suppressed"): 1,
    ("summary", "passed"): 1,
    ("summary", "not_evaluated"): 2,
    ("summary", "score"): 64,
    ("findings", 0, "rule"): "CK202",
    ("findings", 0, "name"): "login-email-without-delay",
    ("findings", 0, "severity"): "error",
    ("findings", 0, "confidence"): "likely",
    ("findings", 0, "object", "kind"): "automation",
    ("findings", 0, "object", "id"): 1982218,
    ("findings", 0, "path", 1, "note"): "asks for the login",
    ("findings", 0, "people"): 41,
    ("findings", 0, "location", "line"): 12,
    ("findings", 0, "location", "column"): 7,
    ("findings", 0, "fix", 3): "Set 5 minutes.",
    ("findings", 0, "docs"): "docs/rules/CK202.md",
    ("findings", 0, "fingerprint"): "0123456789abcdef",
    ("findings", 1, "related"): [],
    ("suppressed", 0, "reason"): "The footer has it",
    ("passed", 0, "checked"): 1,
    ("not_evaluated", 0, "needs"): ["evidence"],
    ("not_evaluated", 0, "reason"): "the timestamps of people were not read",
    ("links",): [],
}


@pytest.mark.parametrize("path", list(CONTRACT), ids=lambda path: ".".join(str(part) for part in path))
def test_the_contract_is_kept(path: tuple[str | int, ...]) -> None:
    value = json.loads(render_json(NORMAL))
    for part in path:
        value = value[part]
    assert value == CONTRACT[path]


@pytest.mark.parametrize("name", list(RESULTS))
def test_a_result_fits_its_schema_and_comes_back_equal(name: str) -> None:
    text = render_json(RESULTS[name])
    jsonschema.validate(json.loads(text), result_schema())
    assert msgspec.json.decode(text, type=Result) == RESULTS[name]
    assert render_json(RESULTS[name]) == text


def test_hostile_text_is_escaped_by_json_alone() -> None:
    text = render_json(HOSTILE)
    assert "\x1b" not in text
    assert "\x00" not in text
    assert json.loads(text)["findings"][0]["object"]["name"] == HOSTILE.findings[0].object.name


def test_more_keys_are_allowed() -> None:
    document = json.loads(render_json(NORMAL)) | {"new": 1}
    document["findings"][0]["new"] = 2
    jsonschema.validate(document, result_schema())


def test_a_result_without_findings_key_does_not_fit() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema": "ckaudit.result/v1"}, result_schema())
