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


# -- Where the repository can be read ---------------------------------------------------------------------------------------------------

ACTION = {"CKAUDIT_REPOSITORY": "anna/ckaudit", "CKAUDIT_REF": "v1.2.3"}


def published(folder: Path, patch: pytest.MonkeyPatch, owner: str, source: object = None) -> None:
    installed(folder, patch, source)
    metadata = folder / "ckaudit-1.0.dist-info" / "METADATA"
    metadata.write_text(
        "Name: ckaudit\nVersion: 1.0\n"
        f"Project-URL: Issues, https://github.com/{owner}/ckaudit/issues\nProject-URL: Homepage, https://github.com/{owner}/ckaudit\n"
    )


def git_source(url: str, commit: object = "a" * 40) -> dict[str, object]:
    return {"url": url, "vcs_info": {"vcs": "git", "commit_id": commit}}


def test_a_published_package_says_where_it_is(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published(home, monkeypatch, "anna", git_source("https://github.com/ben/ckaudit"))
    assert installation.repository(ACTION) == "https://github.com/anna/ckaudit/blob/main/"


def test_before_it_is_published_nobody_knows_where_it_is(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published(home, monkeypatch, "OWNER", FILE)
    assert installation.repository({}) == ""


def test_this_checkout_names_no_address_that_does_not_exist() -> None:
    assert "OWNER" not in installation.repository({})


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://github.com/anna/ckaudit.git", "https://github.com/anna/ckaudit/blob/"),
        ("https://user:secret@github.com/anna/kit-audit", "https://github.com/anna/kit-audit/blob/"),
        ("ssh://git@github.com/anna/ckaudit.git", "https://github.com/anna/ckaudit/blob/"),
        ("https://gitlab.com/anna/ckaudit", "https://gitlab.com/anna/ckaudit/-/blob/"),
        ("https://git.example.com/anna/ckaudit", ""),
        ("https://github.com.example.com/anna/ckaudit", ""),
        ("https://github.com/anna/ckaudit/tree/x", ""),
        ("https://github.com/an%20na/ckaudit", ""),
        ("https://github.com/../ckaudit", ""),
        ("file:///srv/ckaudit", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_a_git_installation_leads_to_its_commit(home: Path, monkeypatch: pytest.MonkeyPatch, url: str, address: str) -> None:
    published(home, monkeypatch, "OWNER", git_source(url))
    assert installation.repository({}) == (f"{address}{'a' * 40}/" if address else "")


@pytest.mark.parametrize(
    "source", [git_source("https://github.com/anna/ckaudit", "main"), git_source("https://github.com/anna/ckaudit", 3), []]
)
def test_a_note_of_git_that_names_no_commit_leads_nowhere(home: Path, monkeypatch: pytest.MonkeyPatch, source: object) -> None:
    published(home, monkeypatch, "OWNER", source)
    assert installation.repository({}) == ""


@pytest.mark.parametrize(
    ("more", "address"),
    [
        ({}, "https://github.com/anna/ckaudit/blob/v1.2.3/"),
        ({"CKAUDIT_REF": "release/1"}, "https://github.com/anna/ckaudit/blob/release/1/"),
        ({"CKAUDIT_REPOSITORY": "anna/another-action"}, ""),
        ({"CKAUDIT_REPOSITORY": ""}, ""),
        ({"CKAUDIT_REF": ""}, ""),
        ({"CKAUDIT_REF": "../../x"}, ""),
        ({"CKAUDIT_REF": "a b"}, ""),
        ({"CKAUDIT_REPOSITORY": "an<na/ckaudit"}, ""),
        ({"GITHUB_SERVER_URL": "https://github.com"}, "https://github.com/anna/ckaudit/blob/v1.2.3/"),
        ({"GITHUB_SERVER_URL": "https://github.example.com"}, ""),
    ],
)
def test_the_action_says_where_it_was_run_from(home: Path, monkeypatch: pytest.MonkeyPatch, more: dict[str, str], address: str) -> None:
    published(home, monkeypatch, "OWNER", FILE)
    assert installation.repository(ACTION | more) == address
