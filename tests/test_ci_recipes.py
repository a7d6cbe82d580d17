"""The recipes of docs/ci.md, the action and the hooks: their commands run as they stand."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
# The recipes fetch ckaudit and install it; here it is this checkout, installed already.
NO_INSTALL = "set -euo pipefail\ngit() { :; }\nsh() { :; }\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository as the recipes expect it: ``kit/`` with the demo account."""
    shutil.copytree(ROOT / "examples" / "demo", tmp_path / "kit")
    return tmp_path


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def run(script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(folder), **environment}
    return subprocess.run(["bash", "-c", NO_INSTALL + script], cwd=folder, env=env, capture_output=True, text=True, check=False)


def recipe(key: str) -> Any:
    return next(loaded for block in blocks("yaml") if key in (loaded := yaml.safe_load(block)))


def action_step(name: str) -> Any:
    steps = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"]
    return next(step for step in steps if step["name"] == name)


def test_the_shell_recipe_writes_its_reports_and_fails_on_errors(repository: Path) -> None:
    (script,) = blocks("sh")
    ran = run(script, repository)
    assert ran.returncode == 1, ran.stderr
    for name in ("report.html", "plan.csv", "result.json", "report.md"):
        assert (repository / name).stat().st_size > 500


def test_the_gitlab_recipe_writes_what_it_names_as_reports(repository: Path) -> None:
    job = recipe("kit-audit")["kit-audit"]
    ran = run("\n".join(job["script"]), repository)
    assert ran.returncode == 1, ran.stderr
    for name in (*job["artifacts"]["paths"], *job["artifacts"]["reports"].values()):
        assert (repository / name).is_file()


def test_the_action_annotates_writes_the_summary_and_keeps_the_status(repository: Path) -> None:
    folder = repository / "temp"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "ckaudit").symlink_to(BIN / "ckaudit")
    summary, output = repository / "summary.md", repository / "output"
    ran = run(
        action_step("Audit")["run"],
        repository,
        FOLDER=str(folder),
        SNAPSHOT="kit",
        MANIFEST="",
        CONFIG="",
        FAIL_ON="error",
        HTML="ckaudit-report.html",
        GITHUB_STEP_SUMMARY=str(summary),
        GITHUB_OUTPUT=str(output),
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("::error file=kit/")
    assert summary.read_text(encoding="utf-8").startswith("## Kit audit: Tidewater Watercolour")
    assert output.read_text(encoding="utf-8").splitlines() == ["status=1", f"sarif={folder}/ckaudit.sarif"]
    assert (repository / "ckaudit-report.html").is_file()


def test_the_action_reports_invalid_input_by_its_status(repository: Path) -> None:
    folder = repository / "temp"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "ckaudit").symlink_to(BIN / "ckaudit")
    output = repository / "output"
    files = {"FOLDER": str(folder), "GITHUB_STEP_SUMMARY": str(repository / "summary.md"), "GITHUB_OUTPUT": str(output)}
    ran = run(action_step("Audit")["run"], repository, SNAPSHOT="nowhere", MANIFEST="", CONFIG="", FAIL_ON="error", HTML="", **files)
    assert ran.returncode == 0, ran.stderr
    assert output.read_text(encoding="utf-8") == "status=2\n"


def test_the_action_uploads_no_accepted_finding(repository: Path) -> None:
    (repository / "bin").mkdir()
    (repository / "bin" / "python").symlink_to(sys.executable)
    log = {"runs": [{"results": [{"ruleId": "CK1"}, {"ruleId": "CK2", "suppressions": [{"kind": "external"}]}]}]}
    (repository / "all.sarif").write_text(json.dumps(log), encoding="utf-8")
    ran = run(action_step("Leave out what was accepted")["run"], repository, FOLDER=str(repository), SARIF="all.sarif")
    assert ran.returncode == 0, ran.stderr
    uploaded = json.loads((repository / "upload.sarif").read_text(encoding="utf-8"))
    assert uploaded == {"runs": [{"results": [{"ruleId": "CK1"}]}]}


def test_the_action_ends_with_the_status_of_the_audit(repository: Path) -> None:
    assert run(action_step("Decide")["run"], repository, STATUS="1").returncode == 1


def test_inputs_reach_the_action_through_the_environment_alone() -> None:
    for step in yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


def test_the_github_recipe_uses_inputs_the_action_has() -> None:
    inputs = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"]
    (step,) = [step for step in recipe("jobs")["jobs"]["audit"]["steps"] if "ckaudit@" in step["uses"]]
    assert set(step["with"]) <= set(inputs)
    assert all(f"`{name}`" in PAGE for name in inputs)


def test_the_hooks_of_the_recipe_exist_and_run(repository: Path) -> None:
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
    for used in recipe("repos")["repos"][0]["hooks"]:
        hook = hooks[used["id"]]
        for changed in ("automations.yaml", "automations.yml", "automations/rules.yaml", "account.json", "events.npz", "ckaudit.toml"):
            assert re.search(hook["files"], f"kit/{changed}")
        assert hook["pass_filenames"] is False
        ran = run(" ".join([hook["entry"], *used.get("args", [])]), repository)
        assert ran.returncode in (0, 1), ran.stderr


def test_the_hook_refuses_a_name_that_the_account_does_not_have(repository: Path) -> None:
    (used,) = [hook for hook in recipe("repos")["repos"][0]["hooks"] if hook["id"] == "ckaudit-manifest"]
    (hook,) = [hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")) if hook["id"] == "ckaudit-manifest"]
    manifest = repository / "kit" / "automations.yaml"
    command = " ".join([hook["entry"], *used["args"]])
    manifest.write_text(manifest.read_text("utf-8").replace("Workshop: atended", "Workshop: attended"), "utf-8")
    assert run(command, repository).returncode == 0
    manifest.write_text(manifest.read_text("utf-8").replace("AA: create login", "AA: make login"), "utf-8")
    assert run(command, repository).returncode == 1
