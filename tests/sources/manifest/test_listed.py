"""The list of automations in one file, descriptions in others: one automation each."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckaudit.model.automations import Automation, AutomationStatus
from ckaudit.model.errors import ManifestError
from ckaudit.sources.manifest import read_manifests

DESCRIBED = "name: A, steps: [{add_tag: VIP}]"


def read(folder: Path, *files: str) -> tuple[Automation, ...]:
    """The automations of files, each given as the items of its list."""
    paths = [folder / f"{number}.yaml" for number in range(len(files))]
    for path, items in zip(paths, files, strict=True):
        path.write_text(f"version: 1\nautomations: [{items}]\n", encoding="utf-8")
    return read_manifests(paths).automations


def named(automations: tuple[Automation, ...]) -> list[tuple[str, int | None, bool]]:
    return [(item.name, item.id, item.is_described) for item in automations]


@pytest.mark.parametrize("order", [0, 1])
def test_a_name_in_the_list_is_the_automation_that_another_file_describes(tmp_path: Path, order: int) -> None:
    files = ["{name: A}, {name: B}", f"{{{DESCRIBED}}}"]
    assert sorted(named(read(tmp_path, *files[:: -1 if order else 1]))) == [("A", None, True), ("B", None, False)]


def test_the_list_says_the_number_and_the_status(tmp_path: Path) -> None:
    (found,) = read(tmp_path, "{name: A, id: 7, status: paused, notes: x}", f"{{{DESCRIBED}}}")
    assert (found.id, found.status, found.note, found.is_described) == (7, AutomationStatus.PAUSED, "x", True)


def test_two_with_one_name_are_told_apart_by_their_numbers(tmp_path: Path) -> None:
    found = read(tmp_path, "{name: A, id: 7}, {name: A, id: 8}", f"{{id: 8, {DESCRIBED}}}")
    assert sorted(named(found)) == [("A", 7, False), ("A", 8, True)]


def test_two_with_one_name_are_not_both_described_by_one(tmp_path: Path) -> None:
    assert sorted(named(read(tmp_path, "{name: A}, {name: A}", f"{{{DESCRIBED}}}"))) == [("A", None, False), ("A", None, True)]


def test_two_in_one_file_are_two(tmp_path: Path) -> None:
    assert len(read(tmp_path, f"{{name: A}}, {{{DESCRIBED}}}")) == 2


def test_a_draft_describes_nothing(tmp_path: Path) -> None:
    found = read(tmp_path, "{name: A}", f"{{draft: timestamps, {DESCRIBED}}}", "{name: C, steps: [{start_automation: A}]}")
    assert named(found) == [("A", None, False), ("A", None, True), ("C", None, True)]


def test_a_step_means_the_one_automation(tmp_path: Path) -> None:
    found = read(tmp_path, "{name: A, id: 7}, {name: C, steps: [{start_automation: A}]}", f"{{{DESCRIBED}}}")
    assert found[0].steps[0].ref is not None
    assert found[0].steps[0].ref.id == 7


def test_a_list_that_says_something_else_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"“A” is “status: paused” here and “status: active” at .*1.yaml:2:"):
        read(tmp_path, "{name: A, status: paused}", f"{{status: active, {DESCRIBED}}}")


@pytest.mark.parametrize("other", ["{name: a, steps: [{add_tag: VIP}]}", "{name: A, id: 9, steps: [{add_tag: VIP}]}", "{name: A}"])
def test_another_automation_is_another(tmp_path: Path, other: str) -> None:
    assert len(read(tmp_path, "{name: A, id: 7}", other)) == 2
