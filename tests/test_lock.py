"""The lock: what the action, the image, CI and make install is named by version and hash."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins(lock: Path) -> dict[str, set[str]]:
    """Package to its versions (more than one where the Python decides)."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==([^ ;\\]+)", lock.read_text(encoding="utf-8"), re.MULTILINE):
        found.setdefault(normal(name), set()).add(version)
    return found


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def named(requirements: list[str]) -> set[str]:
    return {normal(re.match(r"[\w.-]+", item)[0]) for item in requirements}  # type: ignore[index]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_every_package_has_a_version_and_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    requirements = [part for part in text.replace("\\\n", " ").splitlines() if part.strip() and not part.startswith("#")]
    assert requirements
    assert [part for part in requirements if "==" not in part or "--hash=sha256:" not in part] == []
    assert "://" not in text


def test_no_two_files_of_the_lock_name_two_versions_of_one_package() -> None:
    run = pins(ROOT / "requirements" / "run.txt")
    for lock in LOCKS:
        assert {name: found for name, found in pins(lock).items() if run.get(name, found) != found} == {}, lock.name


def test_the_lock_holds_whatever_pyproject_asks_for() -> None:
    groups, extras = PROJECT["dependency-groups"], PROJECT["project"]["optional-dependencies"]
    run = [*PROJECT["project"]["dependencies"], *groups["build"]]
    asked = {"run": run, "test": run + groups["test"], "lint": run + groups["test"] + groups["lint"]}
    asked["ci"] = run + groups["test"] + groups["ci"]
    asked["browser"] = run + groups["test"] + groups["browser"] + extras["pdf"]
    assert {lock.stem: named(asked[lock.stem]) - set(pins(lock)) for lock in LOCKS} == {lock.stem: set() for lock in LOCKS}
