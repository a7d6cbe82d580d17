"""An old snapshot says so: the day of reading is in every head, and what is counted does not depend on the day of the audit."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ckaudit.render.formats import LISTED
from tests.cli.running import DEMO, Here, run
from tests.cli.test_fleet import fleet

LATER = "2027-03-01"
WORDS = {
    "json": '"read_on": "2026-11-24"',
    "sarif": '"readOn": "2026-11-24"',
    "junit": 'value="2026-11-24"',
    "csv": ",2026-11-24",
    "baseline": '"read_on": "2026-11-24"',
}


@pytest.mark.parametrize("form", [name for name in LISTED if name != "gitlab"])
def test_the_day_of_reading_is_in_every_head(here: Here, form: str) -> None:
    out = here("scan", DEMO, "--now", LATER, "--format", form).out
    assert WORDS.get(form, "ead on 24 November 2026, audited on 1 March 2027") in " ".join(out.split())


def test_nobody_says_twice_what_is_one_day(here: Here) -> None:
    assert "read on 24 November 2026\n" in here("scan", DEMO, "--now", "2026-11-24T23:00:00Z").out


def test_an_unknown_day_is_said(here: Here) -> None:
    shutil.copy(DEMO / "account.json", here.cwd)
    ran = here("scan", "--now", LATER, "--format", "json")
    found = json.loads(ran.out)
    assert found["coverage"]["read_on"] is None
    assert "CK905" in {item["rule"] for item in found["not_evaluated"]}
    assert "a day that nobody wrote down" in " ".join(here("scan", "--now", LATER).out.split())


def test_the_clock_of_the_audit_changes_nothing_that_is_counted(here: Here) -> None:
    def people(now: str) -> dict[str, object]:
        found = json.loads(here("scan", DEMO, "--now", now, "--format", "json", "--select", "CK2,CK3,CK4,CK8").out)
        return {item["fingerprint"]: (item["people"], item["message"]) for item in found["findings"]}

    assert people("2026-11-10") == people("2026-11-24T10:00:00Z") == people("2027-11-24")


def test_an_old_snapshot_is_a_finding(here: Here) -> None:
    for now, expected in (("2026-12-24", set()), (LATER, {"CK905"})):
        found = json.loads(here("scan", DEMO, "--now", now, "--format", "json", "--select", "CK905").out)
        assert {item["rule"] for item in found["findings"]} == expected


def test_a_fleet_names_the_day_of_each_account(tmp_path: Path) -> None:
    path = fleet(tmp_path, f'[account.ada]\nsnapshot = "{DEMO}"\n')
    for form, words in (
        ("text", "2026-11-24"),
        ("markdown", "| 24 November 2026 |"),
        ("csv", "2026-11-24"),
        ("html", "Read on 24 November 2026"),
    ):
        assert words in run("fleet", path, "--format", form, "--now", LATER, cwd=tmp_path).out
