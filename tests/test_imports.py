"""What imports what: no cycles, late and type imports counted too, and nothing heavy for those who do not need it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import networkx as nx
import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = {
    ".".join((path.parent if path.name == "__init__.py" else path.with_suffix("")).relative_to(ROOT).parts): path
    for path in sorted((ROOT / "ckaudit").rglob("*.py"))
}


def imported(path: Path) -> set[str]:
    """The modules of the package that a file imports, wherever in the file and for whatever purpose."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (names & set(PACKAGE)) or {node.module}
    return found & set(PACKAGE)


def test_no_modules_import_each_other() -> None:
    net = nx.DiGraph((name, other) for name, path in PACKAGE.items() for other in imported(path) if other != name)
    assert [sorted(circle) for circle in nx.strongly_connected_components(net) if len(circle) > 1] == []


def loaded_by(code: str) -> set[str]:
    """The packages a process of its own has loaded when this code is done."""
    program = f"{code}\nimport sys; print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stderr.split()}


SCAN = """
from ckaudit.cli.main import main
status = main({arguments})
assert status in (0, 1), status
"""


@pytest.mark.parametrize(
    "code",
    [
        "import ckaudit.rule",
        "from ckaudit.engine.load import load_rules; from ckaudit.resources import rules_folder; load_rules((rules_folder(),))",
        SCAN.format(arguments=["scan", "--demo", "--no-evidence"]),
    ],
    ids=["a rule's imports", "loading every rule", "a scan without timestamps"],
)
def test_numpy_is_loaded_for_timestamps_alone(code: str) -> None:
    assert "numpy" not in loaded_by(code)


def test_a_scan_with_timestamps_loads_numpy() -> None:
    assert "numpy" in loaded_by(SCAN.format(arguments=["scan", "--demo"]))
