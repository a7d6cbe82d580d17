"""What a pipeline finds when nothing could be audited, and where places point: in a real repository, from wherever the command runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import DEMO, Ran, run

NOW = ("--now", "2026-11-24")
FILES = ("r.sarif", "junit.xml", "gl-code-quality.json", "report.md", "report.html", "result.txt")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the demo account in ``clients/anna``."""
    shutil.copytree(DEMO, tmp_path / "clients" / "anna")
    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
    return tmp_path


def break_manifest(repository: Path) -> None:
    path = repository / "clients" / "anna" / "automations.yaml"
    lines = path.read_text("utf-8").splitlines()
    numbers = [number for number, line in enumerate(lines) if line.lstrip().startswith("- delay: ")]
    for number in numbers[:2]:
        lines[number] = lines[number].replace("delay", "dealy")
    path.write_text("\n".join(lines) + "\n", "utf-8")


def scan(repository: Path, *arguments: str, cwd: str = ".") -> Ran:
    outputs = [part for name in FILES for part in ("-o", name)]
    return run("scan", *arguments, *NOW, *outputs, cwd=repository / cwd)


def test_every_problem_is_an_annotation_at_its_place(repository: Path) -> None:
    break_manifest(repository)
    ran = scan(repository, "clients/anna", "--format", "github")
    lines = ran.out.splitlines()
    assert ran.status == 2
    assert len(lines) == 2
    assert all(line.startswith("::error file=clients/anna/automations.yaml,line=") for line in lines)


def test_every_file_says_why_nothing_was_audited(repository: Path) -> None:
    break_manifest(repository)
    scan(repository, "clients/anna")
    (invocation,) = json.loads((repository / "r.sarif").read_text("utf-8"))["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert len(invocation["toolConfigurationNotifications"]) == 2
    root = ET.parse(repository / "junit.xml").getroot()
    assert (root.get("errors"), len(list(root.iter("error")))) == ("2", 2)
    assert [issue["severity"] for issue in json.loads((repository / "gl-code-quality.json").read_text("utf-8"))] == ["blocker"] * 2
    for name in ("report.md", "report.html", "result.txt"):
        assert "dealy" in (repository / name).read_text("utf-8")


def test_an_older_report_does_not_stay_under_a_new_date(repository: Path) -> None:
    scan(repository, "clients/anna")
    break_manifest(repository)
    scan(repository, "clients/anna")
    assert "Nothing was audited" in (repository / "report.html").read_text("utf-8")


def test_a_result_is_not_replaced_as_it_may_be_the_baseline(repository: Path) -> None:
    run("scan", "clients/anna", *NOW, "-o", "base.json", cwd=repository)
    before = (repository / "base.json").read_bytes()
    break_manifest(repository)
    assert run("scan", "clients/anna", *NOW, "--baseline", "base.json", "-o", "base.json", cwd=repository).status == 2
    assert (repository / "base.json").read_bytes() == before


def test_configuration_and_manifest_are_told_in_one_go(repository: Path) -> None:
    break_manifest(repository)
    (repository / "ckaudit.toml").write_text('fail_onn = "error"\nselect = ["CK999"]\n[severity]\nCK998 = "info"\n', "utf-8")
    ran = scan(repository, "clients/anna", "--format", "github")
    for word in ("fail_onn", "CK999", "CK998", "dealy"):
        assert word in ran.out
        assert word in ran.err


def test_a_snapshot_that_is_not_there_is_told_in_every_file(repository: Path) -> None:
    ran = scan(repository, "clients/ben", "--format", "github")
    assert ran.out.startswith("::error title=ckaudit could not audit::")
    assert ran.status == 2
    assert all((repository / name).is_file() for name in FILES)


def test_no_key_is_in_what_is_left_behind(repository: Path) -> None:
    key = "kit_0123456789abcdef"
    (repository / "clients" / "anna" / "automations.yaml").write_text(f"automations:\n  - {key}: 1\n", "utf-8")
    ran = run("scan", "clients/anna", "--format", "github", "-o", "r.sarif", cwd=repository, KIT_API_KEY=key)
    assert ran.status == 2
    assert key not in ran.out + ran.err + (repository / "r.sarif").read_text("utf-8")


def places(repository: Path, name: str) -> set[str]:
    """Every file that a report names."""
    stored: Any = json.loads((repository / name).read_text("utf-8"))
    if isinstance(stored, list):
        return {issue["location"]["path"] for issue in stored}
    found = set()

    def look(value: Any) -> None:
        if isinstance(value, dict):
            if "artifactLocation" in value:
                found.add(value["artifactLocation"]["uri"])
            for item in value.values():
                look(item)
        elif isinstance(value, list):
            for item in value:
                look(item)

    look(stored)
    return found


@pytest.mark.parametrize(
    ("cwd", "snapshot"),
    [(".", "clients/anna"), ("clients", "anna"), ("clients/anna", "."), ("clients", "../clients/anna"), (".", "/clients/anna")],
)
def test_places_are_seen_from_the_root_of_the_repository(repository: Path, cwd: str, snapshot: str) -> None:
    named = f"{repository}{snapshot}" if snapshot.startswith("/") else snapshot
    ran = run("scan", named, *NOW, "--format", "github", "-o", "r.sarif", "-o", "gl-code-quality.json", cwd=repository / cwd)
    expected = {"clients/anna/account.json", "clients/anna/automations.yaml"}
    assert places(repository / cwd, "r.sarif") == expected
    assert places(repository / cwd, "gl-code-quality.json") == expected
    assert {line.partition("file=")[2].partition(",")[0] for line in ran.out.splitlines() if "file=" in line} == expected


def test_the_workspace_of_the_ci_system_is_the_root(repository: Path) -> None:
    outer = repository / "clients"
    run("scan", "anna", *NOW, "-o", "r.sarif", cwd=outer, GITHUB_WORKSPACE=str(outer))
    assert places(outer, "r.sarif") == {"anna/account.json", "anna/automations.yaml"}
    run("scan", "anna", *NOW, "-o", "r.sarif", cwd=outer, GITHUB_WORKSPACE=str(repository / "elsewhere"))
    assert places(outer, "r.sarif") == {"clients/anna/account.json", "clients/anna/automations.yaml"}


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_reports_have_the_permissions_that_the_umask_gives(repository: Path) -> None:
    before = os.umask(0o022)
    try:
        scan(repository, "clients/anna")
    finally:
        os.umask(before)
    assert {(repository / name).stat().st_mode & 0o777 for name in FILES} == {0o644}


def test_a_sending_address_is_pointed_at_where_it_stands(repository: Path) -> None:
    lines = (repository / "clients" / "anna" / "account.json").read_text("utf-8").splitlines()
    ran = run("scan", "clients/anna", *NOW, "--select", "CK104", "--format", "github", cwd=repository)
    line = int(ran.out.partition(",line=")[2].partition(",")[0])
    assert '"studio@tidewater.example"' in lines[line - 1]


def alerts(repository: Path, name: str) -> set[str]:
    """What GitHub knows the alerts by: rule and primaryLocationLineHash."""
    results = json.loads((repository / name).read_text("utf-8"))["runs"][0]["results"]
    return {f"{item['ruleId']} {item['partialFingerprints']['primaryLocationLineHash']}" for item in results}


def test_a_rename_and_a_new_line_close_no_alert_and_open_none(repository: Path) -> None:
    folder = repository / "clients" / "anna"
    run("scan", "clients/anna", *NOW, "-o", "before.sarif", cwd=repository)
    for file in ("account.json", "automations.yaml"):
        text = (folder / file).read_text("utf-8")
        for name in ("AA: create login", "Studio Circle: payment failed", "Workshop: reminders"):
            text = text.replace(name, f"{name} (2026)")
        (folder / file).write_text(("# A line more\n" if file.endswith("yaml") else "") + text, "utf-8")
    run("scan", "clients/anna", *NOW, "-o", "after.sarif", cwd=repository)
    assert alerts(repository, "before.sarif") == alerts(repository, "after.sarif")
    assert len(alerts(repository, "before.sarif")) == len(
        json.loads((repository / "before.sarif").read_text("utf-8"))["runs"][0]["results"]
    )
