"""ckaudit runs, with its rules and its demo, from a bare checkout, from an editable install and from a wheel."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import ckaudit

ROOT = Path(__file__).parents[1]
NOT_SOURCES = shutil.ignore_patterns(
    ".venv", ".git", "build", "dist", "out", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis", "tests", "cassettes"
)
VENDOR = sysconfig.get_path("purelib")  # what ckaudit depends on; nothing is fetched


def run(*command: str | Path, cwd: Path, expect: tuple[int, ...] = (0,)) -> str:
    """Run a command without this environment's PYTHONPATH and credentials; its standard output."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "KIT_", "COV"))}
    ran = subprocess.run(command, cwd=cwd, env=kept, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert ran.returncode in expect, f"{command} ended with {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout


def copy_sources(folder: Path) -> Path:
    """A checkout without anything earlier builds left in it."""
    shutil.copytree(ROOT, folder, ignore=NOT_SOURCES)
    return folder


def make_environment(folder: Path) -> Path:
    """A fresh environment that sees this one's libraries, but no ckaudit; its Python."""
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    purelib = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip())
    # A path in a .pth file: the .pth files over there, an editable ckaudit among them, are not followed.
    (purelib / "libraries.pth").write_text(f"{VENDOR}\n", encoding="utf-8")
    return python


def pip_install(python: Path, *what: str | Path) -> None:
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
        *what,
        cwd=ROOT,
    )


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built once for all test processes."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own
    with (shared / "wheel.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not list(shared.glob("dist/*.whl")):
            sources = copy_sources(shared / "sources")
            run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", shared / "dist", cwd=sources)
    (built,) = shared.glob("dist/*.whl")
    return built


def files_of(folder: str) -> set[str]:
    """Files under a folder of the repository, relative to it."""
    found = (path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(ROOT / folder)) for path in found}


@pytest.mark.parametrize(("folder", "inside"), [("rules", "rules"), ("reports", "reports"), ("examples/demo", "demo"), ("ckaudit", "")])
def test_the_wheel_holds_every_file_of(folder: str, inside: str, wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in files_of(folder) if f"ckaudit/{inside}/{name}".replace("//", "/") not in packed} == set()


def test_every_folder_of_data_is_a_package_so_that_a_build_warns_of_none() -> None:
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"])
    files = [*files_of("ckaudit"), *(f"{top}/{name}" for top in ("rules", "reports") for name in files_of(top))]
    assert listed == {".".join(("ckaudit", *Path(name).parent.parts)) for name in files} | {"ckaudit.demo", "ckaudit.rules"}


def test_the_wheel_is_typed_licensed_and_free_of_tests(wheel: Path) -> None:
    packed = zipfile.ZipFile(wheel).namelist()
    assert "ckaudit/py.typed" in packed
    assert f"ckaudit-{ckaudit.__version__}.dist-info/licenses/LICENSE" in packed
    own = f"ckaudit-{ckaudit.__version__}"
    assert {name.split("/")[0] for name in packed} == {"ckaudit", f"{own}.dist-info", f"{own}.data"}
    assert [name for name in packed if name.startswith(f"{own}.data")] == [f"{own}.data/data/share/man/man1/ckaudit.1"]


def from_checkout(folder: Path, wheel: Path) -> tuple[list[str | Path], Path]:
    sources = copy_sources(folder / "sources")
    return [make_environment(folder / "venv"), "-m", "ckaudit"], sources


def from_editable_install(folder: Path, wheel: Path) -> tuple[list[str | Path], Path]:
    python = make_environment(folder / "venv")
    pip_install(python, "--editable", copy_sources(folder / "sources"))
    return [python.with_name("ckaudit")], folder


def from_wheel(folder: Path, wheel: Path) -> tuple[list[str | Path], Path]:
    python = make_environment(folder / "venv")
    pip_install(python, wheel)
    return [python.with_name("ckaudit")], folder


def test_an_install_brings_the_manual_page(tmp_path: Path, wheel: Path) -> None:
    command, _ = from_wheel(tmp_path, wheel)
    page = Path(command[0]).parents[1] / "share" / "man" / "man1" / "ckaudit.1"
    assert page.read_bytes() == (ROOT / "docs" / "ckaudit.1").read_bytes()


@pytest.mark.parametrize("install", [from_checkout, from_editable_install, from_wheel])
def test_the_program_its_rules_and_its_demo_run(
    install: Callable[[Path, Path], tuple[list[str | Path], Path]], tmp_path: Path, wheel: Path
) -> None:
    command, cwd = install(tmp_path, wheel)
    assert ckaudit.__version__ in run(*command, "--version", cwd=cwd)
    listed = set(re.findall(r"\bCK\d{3}\b", run(*command, "rules", "list", cwd=cwd)))
    assert len(listed) == len([path for path in (ROOT / "rules").rglob("*.py") if path.name[0] != "_"])
    assert "complete -o nosort -F _ckaudit_completion ckaudit" in run(*command, "completion", "bash", cwd=cwd)
    result = json.loads(run(*command, "scan", "--demo", "--format", "json", cwd=cwd, expect=(1,)))
    assert {"CK201", "CK202", "CK203"} <= {finding["rule"] for finding in result["findings"]}


def test_the_source_archive_holds_every_file_the_tests_need(tmp_path: Path) -> None:
    sources = copy_sources(tmp_path / "sources")
    for folder in ("tests", "cassettes"):
        shutil.copytree(ROOT / folder, sources / folder, ignore=shutil.ignore_patterns("__pycache__"))
    run(sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", tmp_path, cwd=sources)
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
    for folder in ("bench", "cassettes", "ckaudit", "docs", "examples", "reports", "rules", "tests"):
        assert {f"{folder}/{name}" for name in files_of(folder)} - names == set()
    assert {"Makefile", "README.md", "CHANGELOG.md", "SECURITY.md", "pyproject.toml"} <= names
