"""The action's shell steps, run as GitHub runs them, in a clone of a real repository: what a pull request is told of what it did."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
GIT = ("git", "-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
STEPS: dict[str, Any] = {
    step["name"]: step for step in yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"] if "run" in step
}
DELAY = '      - add_tag: "AA: create login"\n      - delay: 5 minutes\n      - sequence: "Coastal Light: welcome"\n'


def git(folder: Path, *arguments: str) -> None:
    subprocess.run([*GIT, *arguments], cwd=folder, check=True, capture_output=True)


@dataclass
class Job:
    """A job whose checkout is a clone; ``run`` uses the action in it once."""

    checkout: Path
    temp: Path

    def change(self, old: str, new: str, file: str = "kit/automations.yaml") -> None:
        path = self.checkout / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")

    def run(self, **inputs: str) -> dict[str, str]:
        """The outputs of the steps, with ``log`` and ``summary``."""
        folder = self.temp / "ckaudit"
        given = {"SNAPSHOT": "kit", "HTML": "ckaudit-report.html", "FAIL_ON_UNJUDGED": "true", "BASE": "main"} | inputs
        output, summary = self.temp / "output", self.temp / "summary"
        output.write_text("", "utf-8")
        log = ""
        for name in ("Audit the base", "Audit"):
            if name == "Audit the base" and not given["BASE"]:
                continue
            step = STEPS[name]
            env = {key: given.get(key, "") for key in step["env"]} | {"FOLDER": str(folder), "SOURCE": str(ROOT)}
            env |= {"PATH": os.environ["PATH"], "HOME": str(self.temp), "GITHUB_WORKSPACE": str(self.checkout)}
            env |= {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary)}
            script = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
            ran = subprocess.run(script, cwd=self.checkout, env=env, capture_output=True, text=True, check=False)
            log += ran.stdout
            if ran.returncode:
                return {"status": "", "log": log + ran.stderr}
        told = dict(line.split("=", 1) for line in output.read_text("utf-8").splitlines())
        return told | {"log": log, "summary": summary.read_text("utf-8") if summary.exists() else ""}


@pytest.fixture
def job(tmp_path: Path) -> Job:
    origin, checkout = tmp_path / "origin", tmp_path / "checkout"
    shutil.copytree(ROOT / "examples" / "demo", origin / "kit")
    git(origin, "init", "-q", "-b", "main", ".")
    git(origin, "add", "-A")
    git(origin, "commit", "-qm", "The account")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{origin}", str(checkout))
    git(checkout, "checkout", "-q", "-b", "change")
    folder = tmp_path / "temp" / "ckaudit"
    (folder / "bin").mkdir(parents=True)
    for name in ("python", "ckaudit"):
        (folder / "bin" / name).symlink_to(BIN / name)
    return Job(checkout, tmp_path / "temp")


def annotations(told: dict[str, str], kind: str = "") -> list[str]:
    return [line for line in told["log"].splitlines() if line.startswith(f"::{kind}") and "title=ckaudit::" not in line]


def test_a_pull_request_that_changes_nothing_passes_with_old_errors(job: Job) -> None:
    told = job.run()
    assert (told["status"], annotations(told)) == ("0", [])
    assert "0 new, 23 unchanged, 0 fixed" in told["summary"]


def test_what_the_pull_request_broke_is_shown_and_nothing_else(job: Job) -> None:
    job.change(DELAY, DELAY.replace("      - delay: 5 minutes\n", ""))
    told = job.run()
    assert told["status"] == "1"
    mail, times = annotations(told)  # the mail comes too early, and the timestamps of people say otherwise than the manifest now
    assert mail.startswith("::error file=kit/automations.yaml,line=") or mail.startswith("::warning file=kit/automations.yaml,line=")
    assert "CK202" in mail
    assert "CK8" in times
    assert told["summary"].index("### New (2)") < told["summary"].index("<summary>Unchanged (")


def test_what_the_pull_request_put_right_is_in_the_summary(job: Job) -> None:
    job.change("Workshop: atended", "Workshop: attended")
    told = job.run()
    assert told["status"] == "0"
    assert "<summary>Fixed (1)</summary>" in told["summary"]


def test_a_pull_request_that_takes_the_manifest_away_fails(job: Job) -> None:
    (job.checkout / "kit" / "automations.yaml").unlink()
    told = job.run(FAIL_ON="error")
    assert told["status"] == "1"
    assert all(line.startswith("::error title=Not confirmed::") for line in annotations(told, "error"))


def test_a_broken_manifest_is_annotated_and_uploads_nothing(job: Job) -> None:
    job.run(BASE="")
    job.change("- delay: 5 minutes", "- dealy: 5 minutes")
    told = job.run()
    assert (told["status"], "sarif" in told) == ("2", False)
    (shown,) = annotations(told)
    assert shown.startswith("::error file=kit/automations.yaml,line=")
    assert "nothing was audited" in told["summary"]


def test_a_second_use_in_one_job_has_nothing_of_the_first(job: Job) -> None:
    first = job.run(BASE="")
    assert "sarif" in first
    second = job.run(BASE="", SNAPSHOT="nowhere")
    assert (second["status"], "sarif" in second) == ("2", False)
    assert json.loads((job.temp / "ckaudit" / "ckaudit.sarif").read_text("utf-8"))["runs"][0]["results"] == []


def test_without_a_base_everything_counts(job: Job) -> None:
    told = job.run(BASE="", FAIL_ON="error")
    assert told["status"] == "1"
    assert len(annotations(told, "error")) == 10


def test_a_base_that_has_no_account_makes_everything_new(job: Job) -> None:
    origin = job.checkout.parent / "origin"
    git(origin, "checkout", "-q", "--orphan", "empty")
    git(origin, "rm", "-rqf", ".")
    git(origin, "commit", "-q", "--allow-empty", "-m", "Nothing")
    told = job.run(BASE="empty")
    assert told["status"] == "1"
    assert annotations(told, "error")


def test_a_base_that_is_not_there_ends_the_job(job: Job) -> None:
    told = job.run(BASE="nowhere")
    assert told["status"] == ""
    assert "fetch-depth: 0" in told["log"]


def test_the_configuration_decides_unless_the_action_is_told_otherwise(job: Job) -> None:
    (job.checkout / "ckaudit.toml").write_text('fail_on = "never"\n', "utf-8")
    assert job.run(BASE="", FAIL_ON_UNJUDGED="false")["status"] == "0"
    assert job.run(BASE="", FAIL_ON_UNJUDGED="false", FAIL_ON="error")["status"] == "1"


def test_a_pull_request_cannot_loosen_the_configuration_of_its_base(job: Job) -> None:
    job.change(DELAY, DELAY.replace("      - delay: 5 minutes\n", ""))
    (job.checkout / "kit" / "ckaudit.toml").write_text('ignore = ["CK2", "CK8"]\n', "utf-8")
    loosened = job.run()
    assert loosened["status"] == "0"
    assert "rules ignored by kit/ckaudit.toml" in loosened["log"]
    assert job.run(CONFIG_FROM_BASE="true")["status"] == "1"


def test_the_configuration_of_the_base_counts_with_its_suppressions(job: Job) -> None:
    origin = job.checkout.parent / "origin"
    (origin / "ckaudit.toml").write_text('ignore = ["CK4"]\n', "utf-8")
    git(origin, "add", "-A")
    git(origin, "commit", "-qm", "A configuration")
    git(job.checkout, "pull", "-q", "origin", "main")
    (job.checkout / "ckaudit.toml").unlink()
    told = job.run(CONFIG_FROM_BASE="true")
    assert told["status"] == "0"
    assert "rules ignored by ckaudit.base.toml" in told["log"]


def test_no_hook_of_the_repository_runs_and_nothing_is_left_in_it(job: Job) -> None:
    hook = job.checkout / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {job.temp}/ran\n", "utf-8")
    hook.chmod(0o755)
    job.run(HTML="")
    assert not (job.temp / "ran").exists()
    status = subprocess.run(["git", "status", "--porcelain"], cwd=job.checkout, capture_output=True, text=True, check=True)
    assert status.stdout == ""
    assert subprocess.run(["git", "worktree", "list"], cwd=job.checkout, capture_output=True, text=True, check=True).stdout.count("\n") == 1
