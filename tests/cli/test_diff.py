from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.running import DEMO, NOW, Here


@pytest.fixture
def pair(here: Here) -> tuple[str, str]:
    """Two results: the later one has everything, the earlier one lacks those of themes 2 and 8 (one of 8 joins one of 2)."""
    here("scan", DEMO, "--ignore", "CK2,CK8", "-o", "old.json", "-q", "--now", NOW)
    here("scan", DEMO, "-o", "new.json", "-q", "--now", NOW)
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


def test_a_reversed_pair_of_results_is_refused(here: Here, pair: tuple[str, str]) -> None:
    here("scan", DEMO, "-o", "later.json", "-q", "--now", "2026-11-28T12:00:00Z")
    ran = here("diff", "later.json", pair[1])
    assert ran.status == 2
    assert "later.json is later than new.json" in ran.err
    assert "`ckaudit diff new.json later.json`" in ran.err
    assert here("diff", pair[1], "later.json").status == 0


def test_a_reversed_pair_of_snapshots_is_refused(here: Here) -> None:
    for name, day in (("october", "2026-10-20"), ("november", "2026-11-20")):
        shutil.copytree(DEMO, here.cwd / name)
        (here.cwd / name / "reading.json").write_text(json.dumps({"schema": "ckaudit.reading/v1", "day": day}), "utf-8")
    ran = here("diff", "november", "october")
    assert ran.status == 2
    assert "november is later than october" in ran.err
    assert here("diff", "october", "november").status == 0


def test_the_page_says_whose_account_it_is_the_days_in_their_order_and_both_scores(here: Here, pair: tuple[str, str]) -> None:
    page = here("diff", *pair, "--format", "html").out
    assert "<h1>Tidewater Watercolour</h1>" in page
    assert page.index("Earlier: old.json, read on ") < page.index("Later: new.json, read on ")
    assert page.count(", score ") == 2


def test_a_corrected_name_and_another_meaning_of_a_tag_are_not_called_fixed(here: Here) -> None:
    shutil.copytree(DEMO, here.cwd / "shop")
    manifest = here.cwd / "shop" / "automations.yaml"
    here("scan", "shop", "-o", "old.json", "-q", "--now", NOW)
    text = manifest.read_text("utf-8")
    here.cwd.joinpath("shop", "automations.yaml").write_text(text.replace("Workshop: atended", "Workshop: attended"), "utf-8")
    here("scan", "shop", "-o", "new.json", "-q", "--now", NOW)
    found = json.loads(here("diff", "old.json", "new.json", "--format", "json").out)
    assert {finding["rule"] for finding in found["fixed"]} == {"CK901"}  # the file itself was wrong, and is right now
