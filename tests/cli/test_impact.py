"""``ckaudit impact``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ckaudit.model.account import Account, AccountInfo, SectionName, SectionState, SectionStatus
from ckaudit.sources.snapshot import write_snapshot
from tests.cli.running import DEMO, Here, run


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
    assert "What no longer happens without it\n  - the webhook to " in said
    assert " is called" in said


def test_a_misspelt_name_that_may_mean_it_is_named(tmp_path: Path) -> None:
    assert "“Workshop: atended”" in run("impact", "Workshop: attended", "--demo", cwd=tmp_path).out


@pytest.mark.parametrize("status", ["active", "paused", "inactive"])
def test_of_an_automation_known_by_name_alone_it_says_that_its_steps_are_not_known(here: Here, status: str) -> None:
    (here.cwd / "names.yaml").write_text(f"version: 1\ncomplete: true\nautomations:\n  - {{name: Welcome, status: {status}}}\n")
    words = ("impact", "automation:Welcome", DEMO, "--manifest", "names.yaml")
    said = " ".join(here(*words).out.split())
    assert "What it does is not known" in said
    assert "Nothing that ckaudit knows of" not in said
    assert json.loads(here(*words, "--format", "json").out)["is_described"] is False


def test_an_automation_that_nobody_listed_is_not_known_either(here: Here) -> None:
    (here.cwd / "none.yaml").write_text("version: 1\nautomations: []\n")
    assert "What it does is not known" in here("impact", "automation:Welcome", DEMO, "--manifest", "none.yaml").out


def test_a_described_automation_and_a_tag_are_not_called_unknown(here: Here) -> None:
    for name in ("automation:Coastal Light - release", "tag:VIP"):
        assert "What it does is not known" not in here("impact", name, DEMO).out


def test_with_arguments_the_wrong_way_round_it_says_the_right_command(here: Here) -> None:
    ran = here("impact", DEMO, "Coastal Light: purchased")
    assert (ran.status, ran.out) == (2, "")
    assert f"`ckaudit impact 'Coastal Light: purchased' {DEMO}`" in " ".join(ran.err.split())
    assert f"`ckaudit impact OBJECT {DEMO}`" in " ".join(here("impact", DEMO).err.split())


def test_a_folder_that_is_no_snapshot_may_have_the_name_of_an_object(here: Here) -> None:
    (here.cwd / "VIP").mkdir()
    assert here("impact", "VIP", DEMO).status == 0


def test_what_a_tag_is_taken_for_is_said_in_plain_words(tmp_path: Path) -> None:
    said = run("impact", "Studio Circle: cancelled", "--demo", cwd=tmp_path).out
    assert "It is taken for: tag of people who cancelled (“Studio Circle”)." in said
    assert "cancel_tags" not in said


def test_a_tag_of_an_account_without_tags_is_an_error_too(here: Here) -> None:
    (here.cwd / "m.yaml").write_text("version: 1\nautomations:\n  - {name: A, entries: [{joins_form: B}], steps: [{sequence: C}]}\n")
    sections = dict.fromkeys(SectionName, SectionState(SectionStatus.COMPLETE))
    empty = write_snapshot(here.cwd, Account(info=AccountInfo(27, "Empty"), sections=sections))
    for snapshot in ((), (empty,)):
        ran = here("impact", "tag:Foo", *snapshot, "--manifest", "m.yaml")
        assert (ran.status, ran.out) == (2, "")
        assert "there is no tag “Foo”, nor any other tag" in ran.err
