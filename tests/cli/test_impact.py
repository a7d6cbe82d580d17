"""``ckaudit impact``."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.running import run


def test_what_hangs_on_a_purchase_tag_of_the_demo(tmp_path: Path) -> None:
    ran = run("impact", "Coastal Light: purchased", "--demo", cwd=tmp_path)
    said = " ".join(ran.out.split())
    assert ran.status == 0
    assert "starts “Coastal Light - release”" in said
    assert "“Coastal Light - release” puts people into “Coastal Light: welcome”, after 5 minutes" in said
    assert "“Studio Circle - release” still does that" in said


def test_as_json_for_programs(tmp_path: Path) -> None:
    found = json.loads(run("impact", "tag:VIP", "--demo", "--format", "json", cwd=tmp_path).out)
    assert found["object"]["name"] == "VIP"
    assert found["uses"]


def test_a_name_that_is_not_there_is_an_error_that_says_how_to_write_one(tmp_path: Path) -> None:
    ran = run("impact", "Coastal Light: purchase", "--demo", cwd=tmp_path)
    assert (ran.status, ran.out) == (2, "")
    assert "Did you mean “Coastal Light: purchased”?" in ran.err


def test_it_always_says_what_cannot_be_seen(tmp_path: Path) -> None:
    for words in (("Coastal Light: purchased", "--demo"), ("VIP", "--demo")):
        assert "nobody can see that here" in " ".join(run("impact", *words, cwd=tmp_path).out.split())


def test_a_webhook_that_is_not_called_any_more_is_named(tmp_path: Path) -> None:
    said = run("impact", "AA: update user", "--demo", cwd=tmp_path).out
    assert "What is not told any more" in said


def test_a_misspelt_name_that_may_mean_it_is_named(tmp_path: Path) -> None:
    assert "“Workshop: atended”" in run("impact", "Workshop: attended", "--demo", cwd=tmp_path).out
