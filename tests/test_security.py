"""What SECURITY.md says and a machine can check: what may run, what is pinned, what the page points at."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
SOURCES = sorted(path for folder in ("ckaudit", "rules") for path in (ROOT / folder).rglob("*.py"))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
WITH_ACTIONS = (*WORKFLOWS, ROOT / "action.yml", *sorted((ROOT / "docs").glob("*.md")))

# What makes code or commands of data, or data of code.
RUNNING = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "pty.spawn", "runpy.run_path", "code.interact"}
UNSAFE_MODULES = {"pickle", "marshal", "shelve", "subprocess", "dill", "joblib", "xmlrpc", "webbrowser", "ctypes"}
UNSAFE_CALLS = {"yaml.load", "yaml.unsafe_load", "yaml.full_load", "np.load", "numpy.load", "tempfile.mktemp"}
# The one job that may write, after a person approved it.
MAY_WRITE = {("release.yml", "Publish"): {"contents", "id-token", "attestations"}}
MAY_RUN_FILES = {"ckaudit/engine/load.py"}


def name_of(node: ast.expr) -> str:
    """``os.system`` for a call of it."""
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def modules(node: ast.AST) -> Iterator[str]:
    """The first names of what a statement imports."""
    if isinstance(node, ast.Import):
        yield from (alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield (node.module or "").partition(".")[0]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_in_the_program_runs_data(path: Path) -> None:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    names = {name_of(call.func) for call in calls}
    assert names & (RUNNING | UNSAFE_CALLS) == set()
    assert {name for node in nodes for name in modules(node)} & UNSAFE_MODULES == set()
    runs_files = any(name.endswith((".exec_module", "spec_from_file_location")) for name in names)
    assert not runs_files or str(path.relative_to(ROOT)) in MAY_RUN_FILES
    for call in calls:
        given = {word.arg: word.value for word in call.keywords}
        assert not ("shell" in given and getattr(given["shell"], "value", False)), call.lineno
        assert "autoescape" not in given or getattr(given["autoescape"], "value", None) is True, call.lineno
        assert "allow_pickle" not in given or getattr(given["allow_pickle"], "value", None) is False, call.lineno


def test_templates_let_nothing_through_unescaped() -> None:
    for path in (ROOT / "reports").rglob("*.j2"):
        assert not re.search(r"\|\s*safe\b|autoescape\s+false", path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize("path", WITH_ACTIONS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_action_is_pinned_to_a_commit(path: Path) -> None:
    used = re.findall(r"^\s*-?\s*uses:\s*(\S+)(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    for action, comment in used:
        if action.startswith(("./", "OWNER/")):  # of this repository
            continue
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
        assert re.search(r"#\s*v\d", comment), f"{action}: which version is that?"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_have_no_rights_they_do_not_need(path: Path) -> None:
    workflow: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {}
    assert "pull_request_target" not in workflow[True]  # YAML 1.1 reads “on” as a boolean
    for job in workflow["jobs"].values():
        assert {name for name, right in job["permissions"].items() if right != "read"} <= MAY_WRITE.get((path.name, job["name"]), set())
        assert job["timeout-minutes"]
        for step in job["steps"]:
            assert "checkout" not in step.get("uses", "") or step["with"]["persist-credentials"] is False
            assert "${{" not in step.get("run", "") or "matrix." in step["run"]


def test_the_page_names_files_that_exist() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:tests|ckaudit|docs)/[\w/.]+)`", text)
    assert len(named) > 5
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_nights_run_the_fuzzer_as_often_as_the_page_says() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    program = (ROOT / "tests" / "fuzz" / "__main__.py").read_text(encoding="utf-8")
    assert "200,000 random and 20,000 damaged" in text
    assert "default=200_000" in program
    assert "default=20_000" in program
    assert any("make fuzz" in path.read_text(encoding="utf-8") for path in WORKFLOWS)
