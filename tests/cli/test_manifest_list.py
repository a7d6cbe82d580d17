"""``ckaudit manifest list`` as a person uses it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ckaudit.sources import files
from tests.cli.running import DEMO, Here, run

PAGE = "Name\tStatus\nCourse A - release\tActive\nWelcome\tPaused\n"


def manifest(folder: Path) -> str:
    return (folder / "automations.yaml").read_text(encoding="utf-8")


def test_a_pasted_list_becomes_a_manifest(tmp_path: Path) -> None:
    ran = run("manifest", "list", cwd=tmp_path, stdin=PAGE)
    assert ran.status == 0, ran.err
    assert "2 automations found, 2 of them new" in ran.out
    assert ran.out.endswith("automations.yaml: 0 of 2 automations are described.\n")
    assert "- name: Course A - release\n  - name: Welcome\n    status: paused\n" in manifest(tmp_path)
    assert run("manifest", "check", cwd=tmp_path).status == 0


def test_page_after_page_is_added_and_nothing_twice(here: Here) -> None:
    (here.cwd / "1.txt").write_text(PAGE)
    (here.cwd / "2.html").write_text(
        "<table><tr><td><a href='/automations/9/edit'>Welcome</a><td>Paused<tr><td><a href='/automations/8/edit'>Newer</a><td>Draft</table>"
    )
    here("manifest", "list", "1.txt")
    ran = here("manifest", "list", "2.html", "1.txt")
    assert "  + Newer (inactive, number 8)" in ran.out
    assert "“Welcome” has the number 9" in ran.out
    assert manifest(here.cwd).count("- name:") == 3
    before = manifest(here.cwd)
    assert "0 of them new" in here("manifest", "list", "2.html", "1.txt").out
    assert manifest(here.cwd) == before


def test_what_is_described_stays_as_it_is(here: Here) -> None:
    shutil.copytree(DEMO, here.cwd / "a")
    before = (here.cwd / "a" / "automations.yaml").read_text(encoding="utf-8")
    (here.cwd / "1.txt").write_text("Coastal Light - release\tPaused\nNew one\tActive\n")
    ran = here("manifest", "list", "1.txt", "--snapshot", "a")
    assert "“Coastal Light - release” is paused in Kit's list and active in the manifest" in ran.out
    assert ran.out.endswith("a/automations.yaml: 10 of 11 automations are described.\n")
    assert manifest(here.cwd / "a").replace("  - name: New one\n", "") == before


def test_every_command_says_how_many_are_described_and_which_to_describe_next(here: Here) -> None:
    shutil.copytree(DEMO, here.cwd / "a")
    (here.cwd / "1.txt").write_text("Aardvark\tActive\nWorkshop - new\tActive\n")
    here("manifest", "list", "1.txt", "--snapshot", "a")
    said = "10 of 12 automations are described"
    for command in (("manifest", "check", "--snapshot", "a"), ("discover", "a"), ("scan", "a")):
        out = " ".join(here(*command).out.split())
        assert said in out
        assert "Worth describing next: “Workshop - new”, “Aardvark”" in out


def test_one_that_another_file_describes_is_not_added(here: Here) -> None:
    (here.cwd / "automations").mkdir()
    (here.cwd / "automations" / "w.yaml").write_text("version: 1\nautomations: [{name: Welcome, steps: [{add_tag: VIP}]}]\n")
    (here.cwd / "1.txt").write_text(PAGE)
    assert "2 automations found, 1 of them new" in here("manifest", "list", "1.txt").out
    assert "Welcome" not in manifest(here.cwd)


def test_the_list_is_complete_when_somebody_says_so(here: Here) -> None:
    (here.cwd / "automations.yaml").write_text("version: 1\ncomplete: false\nautomations:\n  - name: Gone\n")
    (here.cwd / "1.txt").write_text(PAGE)
    ran = here("manifest", "list", "1.txt", "--complete")
    assert "“Gone” (automations.yaml:4:5) is on none of these pages" in ran.out
    assert "complete: true" in manifest(here.cwd)
    assert "none of these" not in here("manifest", "list", "1.txt").out


def test_a_page_that_says_nothing_is_shown_and_changes_nothing(here: Here) -> None:
    (here.cwd / "1.txt").write_text("one\ntwo\n")
    ran = here("manifest", "list", "1.txt")
    assert (ran.status, "“one”" in ran.err, (here.cwd / "automations.yaml").exists()) == (2, True, False)


def test_a_manifest_that_cannot_be_added_to_is_left_alone(here: Here) -> None:
    text = "version: 1\nautomations: [{name: A}]\n"
    (here.cwd / "automations.yaml").write_text(text)
    (here.cwd / "1.txt").write_text(PAGE)
    ran = here("manifest", "list", "1.txt")
    assert (ran.status, manifest(here.cwd)) == (2, text)
    assert "- name: Welcome" in ran.err


def test_a_page_in_the_list_says_that_there_are_more(here: Here) -> None:
    (here.cwd / "1.txt").write_text(PAGE + "1–25 of 42\n")
    assert "The page says that there are 42, and 2 are listed: copy the next page, too." in here("manifest", "list", "1.txt").out


@pytest.mark.parametrize("name", ["none.txt", "d", "page.mhtml"])
def test_what_cannot_be_read_is_said(here: Here, name: str) -> None:
    (here.cwd / "d").mkdir()
    (here.cwd / "page.mhtml").write_text("From: x\nMIME-Version: 1.0\n\nA\tLive\n")
    ran = here("manifest", "list", name)
    assert (ran.status, name in ran.err) == (2, True)


def test_a_file_that_somebody_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "automations.yaml"
    path.write_bytes(b"new")
    for before in (b"old", None):
        with pytest.raises(files.OutputError, match="was changed meanwhile"):
            files.replace_unchanged(path, before, b"mine")
    files.replace_unchanged(path, b"new", b"mine")
    assert path.read_bytes() == b"mine"


def test_lines_of_counts_are_no_names(tmp_path: Path) -> None:
    ran = run("manifest", "list", cwd=tmp_path, stdin="Foo\nActive\n12 active · 344 completed\nBar\nPaused\n9 subscribers\n")
    assert ran.status == 0, ran.err
    assert "- name: Foo\n  - name: Bar\n    status: paused\n" in manifest(tmp_path)
