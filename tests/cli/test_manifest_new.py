"""``ckaudit manifest new`` as a person uses it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.cli.running import DEMO, NOW, Here
from tests.cli.test_discover import snapshot as seen

GUIDE = DEMO.parent / "accessally-guide"


@pytest.fixture
def snapshot(here: Here) -> Path:
    """The demo account without its manifest."""
    (here.cwd / "a").mkdir()
    shutil.copy(DEMO / "account.json", here.cwd / "a")
    return Path("a")


@pytest.mark.parametrize("account", [DEMO, GUIDE / "as-written", GUIDE / "corrected"])
def test_manifest_check_is_content_with_it(here: Here, account: Path) -> None:
    (here.cwd / "a").mkdir()
    shutil.copy(account / "account.json", here.cwd / "a")
    assert here("manifest", "new", "a", "-o", "a/automations.yaml").status == 0
    ran = here("manifest", "check", "--snapshot", "a")
    assert (ran.status, ran.out) == (0, "a/automations.yaml: valid\n")


def test_an_audit_with_it_still_says_that_no_automations_are_known(here: Here, snapshot: Path) -> None:
    here("manifest", "new", snapshot, "-o", "a/automations.yaml")
    assert "the manifest lists none" in here("scan", snapshot, "--now", NOW, "--format", "json").out


def test_it_goes_to_standard_output_or_to_a_file_that_is_not_there(here: Here, snapshot: Path) -> None:
    shown = here("manifest", "new", snapshot, "--now", NOW)
    assert shown.out.startswith("# What moves people in this account")
    assert (here("manifest", "new", snapshot, "-o", "x.yaml", "--now", NOW).out, (here.cwd / "x.yaml").read_text()) == ("", shown.out)
    again = here("manifest", "new", snapshot, "-o", "x.yaml")
    assert (again.status, "x.yaml is there already" in again.err, "--force" in again.err) == (2, True, True)
    assert here("manifest", "new", snapshot, "-o", "x.yaml", "--force").status == 0


def test_beside_a_manifest_only_offerings_are_written_and_automations_are_never_lost(here: Here) -> None:
    shutil.copytree(DEMO, here.cwd / "a")
    ran = here("manifest", "new", "a")
    assert "automations:" not in ran.out
    assert "offerings:" in ran.out
    lost = here("manifest", "new", "a", "-o", "a/automations.yaml", "--force")
    assert (lost.status, "they would be lost" in lost.err) == (2, True)
    assert (here.cwd / "a/automations.yaml").read_bytes() == (DEMO / "automations.yaml").read_bytes()


def test_what_was_seen_becomes_drafts(here: Here) -> None:
    seen(here.cwd / "a")
    ran = here("manifest", "new", "a", "--now", "2026-11-24", "-o", "a/automations.yaml")
    assert (ran.status, "Draft 1: Free guide to Welcome" in (here.cwd / "a/automations.yaml").read_text()) == (0, True)
    assert here("manifest", "check", "--snapshot", "a").status == 0


def test_drafts_do_not_count_before_their_hash_is_gone(here: Here) -> None:
    seen(here.cwd / "a")
    path = here.cwd / "a/automations.yaml"
    here("manifest", "new", "a", "--now", "2026-11-24", "-o", "a/automations.yaml")
    automations = json.loads(here("scan", "a", "--format", "json").out)["automations"]
    assert {item["origin"] for item in automations} == {"observed"}
    before, head, rest = path.read_text().partition("\nautomations:\n")
    drafts, rules, after = rest.partition("\n# Kit's Rules screen")
    path.write_text(before + head + re.sub(r"(?m)^#", "", drafts) + rules + after)
    automations = json.loads(here("scan", "a", "--format", "json").out)["automations"]
    assert "Draft 1: Free guide to Welcome" in {item["name"] for item in automations if item.get("origin", "declared") == "declared"}


def test_without_an_account_there_are_no_names(here: Here) -> None:
    ran = here("manifest", "new")
    assert (ran.status, "KIT_API_KEY" in ran.err) == (3, True)
    alone = here("manifest", "new", DEMO / "automations.yaml")
    assert (alone.status, "no account whose names" in alone.err) == (3, True)
