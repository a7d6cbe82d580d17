"""``ckaudit manifest draw`` as a user calls it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from tests.cli.running import run

TWO = """\
version: 1
automations:
  - name: Course A - release
    id: 7
    entries: [{tag_added: "Course A: purchased"}]
    steps: [{delay: 5 minutes}, {sequence: Welcome}]
  - name: "../../evil <name>"
    steps: [{add_tag: Customer}]
"""


def manifest(folder: Path) -> Path:
    path = folder / "automations.yaml"
    path.write_text(TWO)
    return path


def test_all_automations_are_drawn_as_mermaid(tmp_path: Path) -> None:
    ran = run("manifest", "draw", manifest(tmp_path), cwd=tmp_path)
    assert ran.status == 0
    assert ran.out.count("flowchart") == 2


def test_one_automation_is_drawn_as_svg(tmp_path: Path) -> None:
    ran = run("manifest", "draw", manifest(tmp_path), "--automation", "7", "--format", "svg", cwd=tmp_path)
    assert ran.status == 0
    assert ElementTree.fromstring(ran.out).tag == "{http://www.w3.org/2000/svg}svg"


def test_two_automations_do_not_fit_into_one_svg(tmp_path: Path) -> None:
    ran = run("manifest", "draw", manifest(tmp_path), "--format", "svg", cwd=tmp_path)
    assert ran.status == 2
    assert "Name one with --automation" in ran.err


def test_a_folder_gets_one_file_for_each_and_nothing_outside(tmp_path: Path) -> None:
    ran = run("manifest", "draw", manifest(tmp_path), "--format", "svg", "-o", "drawings", cwd=tmp_path)
    assert ran.status == 0
    assert sorted(path.name for path in (tmp_path / "drawings").iterdir()) == ["01-course-a-release.svg", "02-evil-name.svg"]


def test_an_unknown_name_is_told_with_the_nearest(tmp_path: Path) -> None:
    ran = run("manifest", "draw", manifest(tmp_path), "--automation", "Course A - relase", cwd=tmp_path)
    assert ran.status == 2
    assert "Did you mean “Course A - release”?" in ran.err
