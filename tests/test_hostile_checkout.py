"""A checkout runs no code: what the action, the hooks, the recipes and install.sh start loads no module of the working directory.

Each command runs in a folder with a file for every module of the standard library and of others that ckaudit loads,
and each of these files leaves a mark when it runs.
"""

from __future__ import annotations

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
MODULES = (
    *sorted(sys.stdlib_module_names),
    "pip",
    "setuptools",
    "wheel",
    "ckaudit",
    "rules",
    "click",
    "httpx",
    "networkx",
    "yaml",
    "numpy",
)
MARK = "a-file-of-the-checkout-ran"

# A distribution that builds without any other: install.sh must bring it into its environment, offline.
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
BACKEND = """
import zipfile
def build_wheel(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(folder + "/planted-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("planted.py", "")
        wheel.writestr("planted-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: planted\\nVersion: 1\\n")
        wheel.writestr("planted-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("planted-1.dist-info/RECORD", "")
    return "planted-1-py3-none-any.whl"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with the demo account, and with a trap for every module that a command might load from it."""
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT / "examples" / "demo", folder / "kit")
    for module in MODULES:
        (folder / f"{module}.py").write_text(f"import os\nos.open({str(tmp_path / MARK)!r}, os.O_CREAT)\n", encoding="utf-8")
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """install.sh beside something small to install."""
    folder = tmp_path / "source"
    (folder / "requirements").mkdir(parents=True)
    (folder / "requirements" / "run.txt").touch()
    (folder / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "backend.py").write_text(BACKEND, encoding="utf-8")
    for script in ROOT.glob("*.sh"):
        shutil.copy(script, folder)
    return folder


def run(script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(folder.parent), "PIP_NO_INDEX": "1", **environment}
    return subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=folder, env=env, capture_output=True, text=True, check=False)


def steps() -> list[Any]:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    return [step for step in action["runs"]["steps"] if "run" in step]


def test_the_trap_springs_where_python_looks_into_the_working_directory(checkout: Path) -> None:
    run("python3 -c 'import json'", checkout)
    assert (checkout.parent / MARK).exists()


@pytest.mark.parametrize("step", steps(), ids=lambda step: step["name"])
def test_no_step_of_the_action_runs_a_file_of_the_checkout(step: Any, checkout: Path, source: Path) -> None:
    folder = checkout.parent / "folder"
    if step["name"] != "Install ckaudit":
        (folder / "bin").mkdir(parents=True)
        for name in ("python", "ckaudit"):
            (folder / "bin" / name).symlink_to(BIN / name)
    (checkout.parent / "all.sarif").write_text('{"runs": []}', encoding="utf-8")
    values = {"FOLDER": folder, "SOURCE": source, "PYTHON": sys.executable, "SNAPSHOT": "kit", "FAIL_ON": "never", "STATUS": "0"}
    values |= {"SARIF": checkout.parent / "all.sarif", "HTML": "report.html", "BASE": "main", "CONFIG_FROM_BASE": "true"}
    author = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-qm", "The account")):
        subprocess.run(["git", *author, *words], cwd=checkout, check=True)
    files = {"GITHUB_OUTPUT": str(checkout.parent / "output"), "GITHUB_STEP_SUMMARY": str(checkout.parent / "summary")}
    ran = run(step["run"], checkout, **{name: str(values.get(name, "")) for name in step.get("env", {})}, **files)
    assert ran.returncode == 0, ran.stderr
    assert not (checkout.parent / MARK).exists()
    assert step["name"] != "Install ckaudit" or list(folder.rglob("planted.py"))  # it did install


def test_no_hook_runs_a_file_of_the_checkout(checkout: Path) -> None:
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")):
        ran = run(f"{hook['entry']} kit", checkout)
        assert ran.returncode in (0, 1), ran.stderr
    assert not (checkout.parent / MARK).exists()


def test_every_python_that_starts_beside_a_checkout_is_isolated() -> None:
    """``python -m`` and ``python -`` put the working directory first on the module path; a script does not."""
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    texts = [step["run"] for step in steps()] + [(ROOT / "install.sh").read_text(encoding="utf-8")]
    texts += re.findall(r"^```\w*\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    started = [line for text in texts for line in text.splitlines() if re.search(r"python[\d.]*\"? +-", line, re.IGNORECASE)]
    assert started
    assert [line for line in started if not re.search(r"python[\d.]*\"? +-I ", line)] == []
