from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import DEMO, Here


@pytest.fixture
def pair(here: Here) -> tuple[str, str]:
    """Two results: the later one has everything, the earlier one lacks those of themes 2 and 8 (one of 8 joins one of 2)."""
    here("scan", DEMO, "--ignore", "CK2,CK8", "-o", "old.json", "-q")
    here("scan", DEMO, "-o", "new.json", "-q")
    return "old.json", "new.json"


@pytest.mark.parametrize(("fail_on", "status"), [("never", 0), ("error", 1), ("warning", 1)])
def test_what_is_new_can_fail_a_job(here: Here, pair: tuple[str, str], fail_on: str, status: int) -> None:
    assert here("diff", *pair, "--fail-on", fail_on).status == status


def test_what_is_fixed_fails_nothing(here: Here, pair: tuple[str, str]) -> None:
    assert here("diff", *reversed(pair), "--fail-on", "info").status == 0


def test_what_weighs_more_than_before_can_fail_a_job(here: Here, pair: tuple[str, str]) -> None:
    stored = json.loads((here.cwd / "new.json").read_text("utf-8"))
    worst = next(finding for finding in stored["findings"] if finding["severity"] == "error")
    worst["severity"] = "info"
    (here.cwd / "milder.json").write_text(json.dumps(stored), "utf-8")
    assert here("diff", "milder.json", "new.json", "--fail-on", "error").status == 1
    assert here("diff", "new.json", "milder.json", "--fail-on", "error").status == 0


def test_every_format_is_written_by_the_name_of_its_file(here: Here, pair: tuple[str, str]) -> None:
    ran = here("diff", *pair, "-o", "c.html", "-o", "c.md", "-o", "c.json", "-o", "c.txt")
    assert ran.out == (here.cwd / "c.txt").read_text("utf-8")
    assert (here.cwd / "c.html").read_text("utf-8").startswith("<!doctype html>")
    assert json.loads((here.cwd / "c.json").read_text("utf-8"))["of"] == "results"
    assert (here.cwd / "c.md").read_text("utf-8").startswith("## New")


@pytest.mark.parametrize("name", ["changes.docx", "changes"])
def test_a_name_that_tells_no_format_is_told_before_anything_is_read(here: Here, name: str) -> None:
    ran = here("diff", "no.json", "no.json", "-o", name)
    assert ran.status == 2
    assert ".html" in ran.err


def test_the_page_carries_the_name_of_the_configuration(here: Here, pair: tuple[str, str]) -> None:
    (here.cwd / "ckaudit.toml").write_text('[report]\nname = "Dana Reed"\n', "utf-8")
    assert "Dana Reed" in here("diff", *pair, "--format", "html").out


def test_a_snapshot_and_a_result_cannot_be_compared(here: Here, pair: tuple[str, str]) -> None:
    assert here("diff", DEMO, Path(pair[0])).status == 2
