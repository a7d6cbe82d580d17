"""The Python API: what `import ckaudit` gives, and every example of docs/api.md, run in its order."""

from __future__ import annotations

import ast
import asyncio
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

import ckaudit
from ckaudit.render.formats import FORMATS, BinaryFormat, TextFormat
from tests.cli.running import DEMO
from tests.fake_kit.app import KEY
from tests.fake_kit.clock import Clock
from tests.fake_kit.server import Served

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
NAMES = [name for name in ckaudit.__all__ if name != "__version__"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kit: Served, clock: Clock) -> Path:
    """A folder with what the examples read, and a Kit to be read."""
    shutil.copytree(DEMO, tmp_path / "my-account")
    (tmp_path / "ckaudit.toml").write_text('fail_on = "error"\n', encoding="utf-8")
    earlier = ckaudit.run_audit(ckaudit.AuditRequest(source=tmp_path / "my-account", select=("access",)))
    (tmp_path / "october.json").write_text(ckaudit.render_result(earlier.result, "json"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KIT_API_KEY", KEY)
    monkeypatch.setenv("KIT_API_URL", kit.url)
    return tmp_path


def test_every_example_of_the_guide_runs(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    for example in EXAMPLES:
        exec(compile(example, "docs/api.md", "exec"), names)
    printed = capsys.readouterr().out
    assert "Score 21, " in printed
    assert "no-such-folder" in printed
    assert (here / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert (here / "live-account" / "account.json").exists()


def test_the_guide_names_everything_there_is() -> None:
    assert [name for name in NAMES if f"`{name}" not in GUIDE] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_where_it_is_said_to_be(name: str) -> None:
    assert getattr(ckaudit, name).__name__ == name


def test_no_name_is_that_of_a_module() -> None:
    modules = {module.name for module in pkgutil.iter_modules(ckaudit.__path__)}
    assert modules & set(NAMES) == set()


def test_type_checkers_see_the_same_names_as_programs() -> None:
    tree = ast.parse((ROOT / "ckaudit" / "__init__.py").read_text(encoding="utf-8"))
    typed = {
        alias.name: node.module
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert typed == ckaudit._MODULES
    assert sorted(typed) == sorted(NAMES)


def test_type_checkers_know_which_format_is_text() -> None:
    assert get_args(TextFormat) == tuple(name for name, form in FORMATS.items() if not form.is_binary)
    assert get_args(BinaryFormat) == tuple(name for name, form in FORMATS.items() if form.is_binary)


def test_a_name_that_is_not_there_is_an_error() -> None:
    with pytest.raises(AttributeError, match="run_audits"):
        getattr(ckaudit, "run_audits")  # noqa: B009  mypy knows that it is not there


def test_the_import_loads_none_of_it() -> None:
    code = "import sys, ckaudit; print(sorted(name for name in sys.modules if name.startswith('ckaudit.')))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "['ckaudit.version']"


def test_an_account_is_read_where_an_event_loop_is_running_as_in_a_notebook(here: Path) -> None:
    async def cell() -> int:
        return len(ckaudit.pull_account(ckaudit.PullRequest(evidence=False)).account.tags)

    assert asyncio.run(cell()) > 0


def test_a_request_shows_no_key(here: Path) -> None:
    from ckaudit.kit.credentials import Credential, CredentialKind

    assert KEY not in repr(ckaudit.PullRequest(credential=Credential(CredentialKind.KEY, KEY)))
