"""A release: its tag, version and changelog agree, its bill of materials is that of the lock, and its image has no rights."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from release.check import problems
from release.sbom import bill
from tests.test_lock import pins

ROOT = Path(__file__).parents[1]
CHANGES = "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-12-24\n\n### Added\n- Something.\n"


def tree(folder: Path, *, version: str = "1.2.3", changes: str = CHANGES, project: str = "") -> Path:
    (folder / "ckaudit").mkdir()
    (folder / "ckaudit" / "version.py").write_text(f'__version__ = "{version}"\n', encoding="utf-8")
    (folder / "CHANGELOG.md").write_text(changes, encoding="utf-8")
    (folder / "pyproject.toml").write_text(project, encoding="utf-8")
    return folder


def test_a_tag_that_agrees_with_version_and_changelog_can_be_released(tmp_path: Path) -> None:
    assert problems("v1.2.3", tree(tmp_path)) == []


@pytest.mark.parametrize(
    ("tag", "change", "said"),
    [
        ("1.2.3", {}, "as in v1.2.3"),
        ("v1.2", {}, "as in v1.2.3"),
        ("v1.2.4", {}, "version.py says 1.2.3"),
        ("v1.2.3", {"changes": "## [Unreleased]\n"}, "no heading"),
        ("v1.2.3", {"changes": "## [1.2.3] - 2026-12-24\n"}, "lists nothing"),
        ("v1.2.3", {"changes": CHANGES.replace("[Unreleased]\n", "[Unreleased]\n- Left over.\n")}, "still has entries"),
        ("v1.2.3", {"project": 'Homepage = "https://github.com/OWNER/ckaudit"'}, "OWNER"),
    ],
)
def test_what_is_missing_is_said(tag: str, change: dict[str, str], said: str, tmp_path: Path) -> None:
    assert any(said in problem for problem in problems(tag, tree(tmp_path, **change)))


def test_the_bill_of_materials_names_what_the_lock_names_with_its_hashes() -> None:
    made = bill()
    named = {(item["name"], item["version"]) for item in made["components"]}
    assert named == {(name, version) for name, versions in pins(ROOT / "requirements" / "run.txt").items() for version in versions}
    assert all(item["hashes"] for item in made["components"])
    assert json.dumps(made) == json.dumps(bill())


def test_the_image_is_built_from_the_wheel_and_the_lock_and_runs_without_rights() -> None:
    text = (ROOT / "Containerfile").read_text(encoding="utf-8")
    assert "--require-hashes" in text
    assert "dist/*.whl" in text
    assert "USER 10001" in text.rpartition("FROM")[2]
    assert "COPY ." not in text
