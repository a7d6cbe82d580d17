"""``ckaudit manifest new`` as a person uses it: the one way in."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import DEMO, NOW, Here
from tests.cli.test_discover import snapshot as seen

GUIDE = DEMO.parent / "accessally-guide"
FILES = ["a/automations.yaml", "a/automations/offerings.yaml", "a/automations/rules.yaml"]
DRAFT = "a/automations/draft-01-free-guide-to-welcome.yaml"


@pytest.fixture
def snapshot(here: Here) -> Path:
    """The demo account with its timestamps, without its manifest."""
    (here.cwd / "a").mkdir()
    for name in ("account.json", "events.npz", "reading.json"):
        shutil.copy(DEMO / name, here.cwd / "a")
    return Path("a")


def written(here: Here) -> list[str]:
    return sorted(str(path.relative_to(here.cwd)) for path in here.cwd.rglob("*.yaml"))


def scanned(here: Here) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(here("scan", "a", "--now", NOW, "--format", "json").out)
    return result


def found(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(item["rule"], item["severity"], item["message"]) for item in result["findings"]]


@pytest.mark.parametrize("account", [DEMO, GUIDE / "as-written", GUIDE / "corrected"])
def test_manifest_check_is_content_with_all_files(here: Here, account: Path) -> None:
    (here.cwd / "a").mkdir()
    shutil.copy(account / "account.json", here.cwd / "a")
    assert here("manifest", "new", "a").status == 0
    assert written(here) == FILES
    ran = here("manifest", "check", "--snapshot", "a")
    assert (ran.status, ran.out) == (0, "".join(f"{name}: valid\n" for name in FILES))


def test_an_audit_with_untouched_files_finds_what_it_finds_without(here: Here, snapshot: Path) -> None:
    before = scanned(here)
    assert here("manifest", "new", snapshot, "--now", NOW).status == 0
    after = scanned(here)
    assert len(after["coverage"]["manifest"]["drafts"]) == 5
    assert found(after) == found(before)
    assert "CK214" not in {rule for rule, _, _ in found(after)}
    assert [item["rule"] for item in after["passed"]] == [item["rule"] for item in before["passed"]]
    assert after["summary"]["score"] == before["summary"]["score"]


def test_an_audit_says_that_there_are_only_drafts(here: Here, snapshot: Path) -> None:
    here("manifest", "new", snapshot, "--now", NOW)
    told = here("scan", snapshot, "--now", NOW, COLUMNS="300").out
    assert "5 automations in the manifest are drafts: nothing was concluded from them." in told
    assert "list none but drafts" in told


def test_it_says_what_it_wrote_and_what_to_do_next(here: Here, snapshot: Path) -> None:
    ran = here("manifest", "new", snapshot, "--now", NOW)
    for line in (
        "automations.yaml: the list",
        "offerings.yaml: guesses",
        "draft-*.yaml: 5 automations",
        "Next:\n",
        "manifest list --snapshot a ",
        "ckaudit scan a -o",
    ):
        assert line in ran.out


def test_each_start_is_one_draft(here: Here, snapshot: Path) -> None:
    here("manifest", "new", snapshot, "--now", NOW)
    drafts = sorted((here.cwd / "a/automations").glob("draft-*.yaml"))
    entries = [line for path in drafts for line in path.read_text().splitlines() if line.startswith("    entries:")]
    assert len(entries) == len(set(entries)) == len(drafts) == 5


def test_what_is_there_stays_as_it_is(here: Here, snapshot: Path) -> None:
    here("manifest", "new", snapshot, "--now", NOW)
    mine = {path: (here.cwd / path).read_text() + "# mine\n" for path in written(here)}
    for path, text in mine.items():
        (here.cwd / path).write_text(text)
    ran = here("manifest", "new", snapshot, "--now", NOW)
    assert (ran.status, ran.out.count("is there already and stays as it is"), "draft-" in ran.out) == (0, 3, False)
    assert {path: (here.cwd / path).read_text() for path in written(here)} == mine


def test_nothing_is_drafted_beside_a_complete_manifest(here: Here) -> None:
    shutil.copytree(DEMO, here.cwd / "a")
    before = (here.cwd / "a/automations.yaml").read_bytes()
    assert here("manifest", "new", "a", "--now", NOW).status == 0
    assert written(here) == FILES
    assert (here.cwd / "a/automations.yaml").read_bytes() == before
    assert "offerings:\n#  - name" in (here.cwd / "a/automations/offerings.yaml").read_text()


def test_what_was_seen_becomes_a_draft_that_counts_once_its_line_is_gone(here: Here) -> None:
    seen(here.cwd / "a")
    assert here("manifest", "new", "a", "--now", "2026-11-24").status == 0
    assert written(here) == [FILES[0], DRAFT, *FILES[1:]]
    assert {item["origin"] for item in scanned(here)["automations"]} == {"observed"}
    path = here.cwd / DRAFT
    path.write_text(path.read_text().replace("    draft: timestamps\n", ""))
    assert [item["name"] for item in scanned(here)["automations"]] == ["Draft 1: Free guide to Welcome"]


@pytest.mark.parametrize("name", ["Lead magnet", '"]: - x', "any", "\u202egat\x1b[0m", "12", "# ckaudit: ignore CK311 no"])
def test_a_confirmed_draft_explains_what_was_seen_whatever_the_names(name: str, here: Here) -> None:
    seen(here.cwd / "a", name)
    here("manifest", "new", "a", "--now", "2026-11-24")
    path = here.cwd / DRAFT
    path.write_text(path.read_text().replace("    draft: timestamps\n", ""))
    assert here("manifest", "check", "--snapshot", "a").status == 0
    links = json.loads(here("discover", "a", "--format", "json", "--now", "2026-11-24").out)["links"]
    assert [link["status"] for link in links] == ["both", "both"]


def test_another_folder_can_be_named_and_a_file_cannot(here: Here, snapshot: Path) -> None:
    assert here("manifest", "new", snapshot, "-o", "b/c", "--now", NOW).status == 0
    assert (here.cwd / "b/c/automations.yaml").exists()
    assert written(here)[0].startswith("b/c/")
    ran = here("manifest", "new", snapshot, "-o", "b/c/automations.yaml")
    assert (ran.status, "b/c/automations.yaml is a file" in ran.err) == (2, True)


def test_the_demo_needs_a_folder(here: Here) -> None:
    ran = here("manifest", "new", "--demo")
    assert (ran.status, "Name a folder" in ran.err) == (2, True)
    assert here("manifest", "new", "--demo", "-o", "a").status == 0
    assert written(here) == FILES


def test_without_an_account_there_are_no_names(here: Here) -> None:
    ran = here("manifest", "new")
    assert (ran.status, "KIT_API_KEY" in ran.err) == (3, True)
    alone = here("manifest", "new", DEMO / "automations.yaml")
    assert (alone.status, "no account whose names" in alone.err) == (3, True)
    assert written(here) == []


def test_there_is_one_way_in(here: Here, snapshot: Path) -> None:
    ran = here("discover", snapshot, "--as", "manifest")
    assert (ran.status, "--as" in ran.err) == (2, True)
