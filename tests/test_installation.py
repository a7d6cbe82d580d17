"""Hints name a command that works: ckaudit is on no package index, and people install it with pip, pipx and uv."""

from __future__ import annotations

import json
import sys
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from ckaudit import installation

FILE = {"url": "file:///srv/ckaudit-1.0-py3-none-any.whl", "archive_info": {}}
GIT = {"url": "https://user:secret@example.com/ckaudit.git", "vcs_info": {"vcs": "git", "commit_id": "a" * 40}}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment of its own, with a Python that nobody finds by its name."""
    made = tmp_path / "ckaudit"
    made.mkdir()
    monkeypatch.setattr(sys, "prefix", str(made))
    monkeypatch.setattr(sys, "executable", "/opt/my tools/python")
    return made


def installed(folder: Path, patch: pytest.MonkeyPatch, source: object = None) -> None:
    info = folder / "ckaudit-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text('Name: ckaudit\nVersion: 1.0\nRequires-Dist: weasyprint>=68; extra == "pdf"\nRequires-Dist: click>=8\n')
    if source:
        (info / "direct_url.json").write_text(json.dumps(source))
    patch.setattr(installation, "distribution", lambda _: PathDistribution(info))


def test_pip_installs_the_package_itself(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(home, monkeypatch, FILE)
    monkeypatch.setattr(installation.importlib.util, "find_spec", lambda _: object())
    assert installation.adding("pdf", "weasyprint") == "'/opt/my tools/python' -m pip install 'weasyprint>=68'"


def test_an_environment_without_pip_is_uv_s(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(home, monkeypatch, FILE)
    monkeypatch.setattr(installation.importlib.util, "find_spec", lambda _: None)
    assert installation.adding("pdf", "weasyprint") == "uv pip install --python '/opt/my tools/python' 'weasyprint>=68'"


@pytest.mark.parametrize(
    ("mark", "adding", "upgrading"),
    [
        ("pipx_metadata.json", "pipx inject ckaudit 'weasyprint>=68'", "`pipx upgrade ckaudit`"),
        ("uv-receipt.toml", "uv pip install --python '/opt/my tools/python' 'weasyprint>=68'", "`uv tool upgrade ckaudit`"),
    ],
)
def test_pipx_and_uv_are_known_by_what_they_leave(
    home: Path, monkeypatch: pytest.MonkeyPatch, mark: str, adding: str, upgrading: str
) -> None:
    installed(home, monkeypatch, FILE)
    (home / mark).touch()
    assert installation.adding("pdf", "weasyprint") == adding
    assert upgrading in installation.upgrading()


def test_an_environment_of_one_run_is_made_with_more_next_time(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", "/srv/.cache/uv/archive-v0/x3")
    assert installation.adding("pdf", "weasyprint").startswith("uvx --with ")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (FILE, "--upgrade /srv/ckaudit-1.0-py3-none-any.whl"),
        (GIT, "--upgrade 'ckaudit @ git+https://example.com/ckaudit.git'"),
        (None, "Upgrade: install the newer ckaudit from where you got this one."),
        ({"url": 3}, "Upgrade: install the newer ckaudit from where you got this one."),
    ],
)
def test_a_newer_one_comes_from_where_this_one_came(home: Path, monkeypatch: pytest.MonkeyPatch, source: object, words: str) -> None:
    installed(home, monkeypatch, source)
    assert words in installation.upgrading()
    assert "secret" not in installation.upgrading()


def test_a_checkout_that_nobody_installed_names_the_package(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> PathDistribution:
        raise installation.PackageNotFoundError

    monkeypatch.setattr(installation, "distribution", missing)
    assert installation.adding("pdf", "weasyprint").endswith(" weasyprint")
