"""A release: its tag, version and changelog agree, its bill of materials is that of the lock, and its image has no rights."""

from __future__ import annotations

import json
import os
import tarfile
from pathlib import Path

import pytest

from release.check import problems
from release.repack import repack
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


def test_a_source_archive_has_the_same_bytes_whenever_it_was_made(tmp_path: Path) -> None:
    made = []
    for number, names in enumerate((("a.py", "b.sh"), ("b.sh", "a.py"))):
        folder = tmp_path / str(number) / "ckaudit-1"
        folder.mkdir(parents=True)
        archive = tmp_path / f"{number}.tar.gz"
        with tarfile.open(archive, "w:gz") as packed:
            for name in names:
                (folder / name).write_text(name, encoding="utf-8")
                os.utime(folder / name, (number * 1000, number * 1000))
                packed.add(folder / name, f"ckaudit-1/{name}")
        repack(archive, 1_790_000_000)
        made.append(archive.read_bytes())
    assert made[0] == made[1]
    with tarfile.open(tmp_path / "0.tar.gz") as packed:
        assert packed.getnames() == ["ckaudit-1/a.py", "ckaudit-1/b.sh"]
