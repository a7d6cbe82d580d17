"""A field that could not be read is unknown: no rule claims what rests on it, and none passes because of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ckaudit.audit import AuditRequest, run_audit
from ckaudit.kit.decode import decode_list
from ckaudit.model.account import SectionName
from ckaudit.sources.snapshot import read_snapshot, write_snapshot
from tests.cli.running import DEMO

Json = dict[str, Any]


def audited(folder: Path, section: str, field: str, value: object, *, only: int | None = None) -> tuple[set[str], set[str], dict[str, str]]:
    """The rules that find something, pass, and are not evaluated in the demo with this value in all objects of a section, or in one."""
    document: Json = json.loads((DEMO / "account.json").read_text("utf-8"))
    for number, item in enumerate(document["sections"][section]["objects"]):
        if only in (None, number):
            item[field] = value
    (folder / "account.json").write_text(json.dumps(document))
    shutil.copy(DEMO / "counts.json", folder)
    result = run_audit(AuditRequest(source=folder, manifests=(DEMO / "automations.yaml",), evidence=False)).result
    found, passed = {item.rule for item in result.findings}, {item.rule for item in result.passed}
    return found, passed, {item.rule: item.reason for item in result.not_evaluated}


def test_no_email_is_called_a_draft_because_its_state_was_lost(tmp_path: Path) -> None:
    found, passed, reasons = audited(tmp_path, "sequence_emails", "published", "maybe", only=0)
    assert "CK403" not in found | passed
    assert reasons["CK403"].startswith("sequence_emails[0].published (“")
    assert "CK401" in found, "what does not rest on it is judged"


@pytest.mark.parametrize(
    ("section", "field", "rule"),
    [
        ("sequences", "hold", "CK401"),
        ("sequences", "repeat", "CK410"),
        ("sequences", "exclude_subscriber_sources", "CK503"),
        ("sequence_emails", "delay_value", "CK407"),
        ("sequence_emails", "published", "CK405"),
        ("snippets", "archived", "CK511"),
    ],
)
def test_a_rule_neither_finds_nor_passes_what_rests_on_a_lost_field(tmp_path: Path, section: str, field: str, rule: str) -> None:
    found, passed, reasons = audited(tmp_path, section, field, ["maybe"])
    assert rule not in found | passed
    assert f"[0].{field}" in reasons[rule]


@pytest.mark.parametrize(("field", "value"), [("stats", "none"), ("created_at", 7.5), ("hold", "true"), ("email_count", "x")])
def test_what_nothing_rests_on_changes_no_finding(tmp_path: Path, field: str, value: object) -> None:
    (tmp_path / "as-it-is").mkdir()
    (tmp_path / "odd").mkdir()
    expected = audited(tmp_path / "as-it-is", "sequences", "name", "x", only=99)[0]
    assert audited(tmp_path / "odd", "sequences", field, value, only=7)[0] == expected


def test_a_number_is_not_what_an_email_says(tmp_path: Path) -> None:
    found, passed, reasons = audited(tmp_path, "sequence_emails", "content", 7.5)
    assert "CK501" not in found | passed
    assert ".content" in reasons["CK501"]


def test_a_unit_that_nobody_has_described_is_not_taken_for_days(tmp_path: Path) -> None:
    found, passed, reasons = audited(tmp_path, "sequence_emails", "delay_unit", "weeks")
    assert "CK412" not in found | passed
    assert "“weeks”" in reasons["CK412"]


def test_a_lost_field_stays_lost_in_the_snapshot(tmp_path: Path) -> None:
    text = b'{"id": 5, "name": "Welcome", "hold": "maybe"}'
    decoded = decode_list(SectionName.SEQUENCES, [msgspec.Raw(text)], "sequences")
    account = msgspec.structs.replace(read_snapshot(DEMO), sequences=decoded.objects, bad_objects=decoded.bad)
    write_snapshot(tmp_path, account)
    (bad,) = read_snapshot(tmp_path).bad_objects
    assert (bad.path, bad.id) == ("sequences[0].hold", 5)
