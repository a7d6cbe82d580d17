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
NO_INSTALL = f"""set -euo pipefail
git() {{ case "$1" in clone | -C) ;; *) command git "$@" ;; esac; }}
ckaudit() {{ if [ "$1" = pull ]; then eval "$PULL"; else command ckaudit "$@"; fi; }}
sh() {{ case "$1" in *install.sh) ;; *) command sh "{ROOT}/$(basename "$1")" "${{@:2}}" ;; esac; }}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository as the recipes expect it: ``kit/`` with the demo account."""
    shutil.copytree(ROOT / "examples" / "demo", tmp_path / "kit")
    commit(tmp_path, "init", "-q", "-b", "main")
    commit(tmp_path, "add", "-A")
    commit(tmp_path, "commit", "-qm", "The account")
    return tmp_path


def commit(folder: Path, *words: str) -> str:
    """Run git as somebody, and return what it prints."""
    author = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *author, *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def change(repository: Path, old: str, new: str, file: str = "automations.yaml") -> None:
    path = repository / "kit" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def break_it(repository: Path) -> None:
    """What nobody sees among 23 older findings: the login email goes out before there is a login."""
    change(repository, '      - delay: 5 minutes\n      - sequence: "Coastal Light: welcome"', '      - sequence: "Coastal Light: welcome"')


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


def test_the_shell_recipe_writes_its_reports_and_fails_on_what_is_new(repository: Path) -> None:
    (script,) = blocks("sh")
    ran = run(script, repository)
    assert ran.returncode == 0, ran.stderr
    for name in ("report.html", "plan.csv", "result.json", "report.md"):
        assert (repository / name).stat().st_size > 100
    break_it(repository)
    assert run(script, repository).returncode == 1
    (repository / "kit" / "automations.yaml").unlink()
    assert run(script, repository).returncode == 1


def gitlab(repository: Path) -> subprocess.CompletedProcess[str]:
    job = recipe("kit-audit")["kit-audit"]
    return run("\n".join(job["script"]), repository, CI_MERGE_REQUEST_DIFF_BASE_SHA=commit(repository, "rev-parse", "main"))


def test_the_gitlab_recipe_writes_what_it_names_as_reports(repository: Path) -> None:
    job = recipe("kit-audit")["kit-audit"]
    ran = gitlab(repository)
    assert ran.returncode == 0, ran.stderr
    for name in (*job["artifacts"]["paths"], *job["artifacts"]["reports"].values()):
        assert (repository / name).is_file()
    issues = json.loads((repository / "gl-code-quality-report.json").read_text("utf-8"))
    assert {issue["location"]["path"] for issue in issues} == {"kit/account.json", "kit/automations.yaml"}


def test_the_gitlab_recipe_fails_on_what_is_new_and_not_as_the_change_likes(repository: Path) -> None:
    break_it(repository)
    (repository / "ckaudit.toml").write_text('ignore = ["CK2"]\n', "utf-8")
    assert gitlab(repository).returncode == 1


def nightly(repository: Path, pull: str) -> subprocess.CompletedProcess[str]:
    steps = next(loaded for block in blocks("yaml") if "pull" in (loaded := yaml.safe_load(block)).get("jobs", {}))["jobs"]["pull"]["steps"]
    script = "\n".join(step["run"] for step in steps if "run" in step)
    return run(script, repository, PULL=pull, KIT_API_KEY="kit_0123456789abcdef")


def with_origin(repository: Path) -> None:
    origin = repository / ".git" / "origin.git"
    commit(repository, "clone", "-q", "--bare", str(repository), str(origin))
    commit(repository, "remote", "add", "origin", str(origin))
    commit(repository, "push", "-qu", "origin", "main")


def test_a_quiet_night_says_so_and_leaves_the_account_as_it_was(repository: Path) -> None:
    with_origin(repository)
    ran = nightly(repository, 'sed -i \'s/"subscriber_count": 1/"subscriber_count": 2/\' kit/counts.json')
    assert ran.returncode == 0, ran.stderr
    assert commit(repository, "log", "-1", "--format=%B", "origin/main") == "Read again: nobody changed anything"
    assert commit(repository, "show", "--name-only", "--format=", "HEAD") == "kit/counts.json"


def test_a_night_whose_snapshot_cannot_be_compared_fails_and_commits_nothing(repository: Path) -> None:
    before = commit(repository, "rev-parse", "HEAD")
    assert nightly(repository, "echo '{}' > kit/account.json").returncode == 2
    assert commit(repository, "rev-parse", "HEAD") == before


def test_a_night_with_a_change_commits_it_and_says_what_it_was(repository: Path) -> None:
    with_origin(repository)
    ran = nightly(repository, "sed -i 's/Workshop: attended/Workshop: was there/' kit/account.json")
    assert ran.returncode == 0, ran.stderr
    assert "Workshop: was there" in commit(repository, "log", "-1", "--format=%B", "origin/main")
    assert commit(repository, "show", "--name-only", "--format=", "HEAD") == "kit/account.json"


def test_the_action_uploads_no_accepted_finding(repository: Path) -> None:
    (repository / "bin").mkdir()
    (repository / "bin" / "python").symlink_to(sys.executable)
    log = {"runs": [{"results": [{"ruleId": "CK1"}, {"ruleId": "CK2", "suppressions": [{"kind": "external"}]}]}]}
    (repository / "all.sarif").write_text(json.dumps(log), encoding="utf-8")
    ran = run(action_step("Leave out what was accepted")["run"], repository, FOLDER=str(repository), SARIF="all.sarif")
    assert ran.returncode == 0, ran.stderr
    uploaded = json.loads((repository / "upload.sarif").read_text(encoding="utf-8"))
    assert uploaded == {"runs": [{"results": [{"ruleId": "CK1"}]}]}


def test_the_action_ends_with_the_status_of_the_audit_and_fails_without_one(repository: Path) -> None:
    assert run(action_step("Decide")["run"], repository, STATUS="0").returncode == 0
    assert run(action_step("Decide")["run"], repository, STATUS="1").returncode == 1
    assert run(action_step("Decide")["run"], repository, STATUS="").returncode == 2


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
        for changed in (
            "automations.yaml",
            "automations.yml",
            "automations/rules.yaml",
            "account.json",
            "counts.json",
            "events.npz",
            "ckaudit.toml",
        ):
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
