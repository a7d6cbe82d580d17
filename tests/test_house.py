"""The house rules that a machine can check: sizes, layers, nothing happens at import, no words that only one machine understands."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ckaudit.cli.main import COMMANDS

ROOT = Path(__file__).parents[1]
SOURCES = sorted(path for folder in ("ckaudit", "rules", "examples", "bench") for path in (ROOT / folder).rglob("*.py"))
NAMES = [str(path.relative_to(ROOT)) for path in SOURCES]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

# Put together here so that this file does not find itself.
FORBIDDEN = {
    "a path of one machine": re.compile("|".join(["/wo" + "rk/", "/ro" + "ot/", "/ho" + r"me/\w"])),
    "a folder beside the repository": re.compile(r"\.\./(sha" + "red|refer" + "ence|kit-" + "api)"),
    "a package registry's host": re.compile("|".join(["py" + r"pi\.(org|python)", "python" + "hosted", r"registry\.npm" + "js"])),
}
# The one place that may look beside the checkout: it does without when nothing is there.
MAY_LOOK_OUTSIDE = {".ci/run"}
UNREAD = {".npz", ".png", ".jpg", ".gz", ".woff2"}


def tracked_files() -> list[Path]:
    """Every file of the repository that git knows or would take up."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and length in lines of every function, without decorators, nested ones too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def imports(path: Path) -> set[str]:
    """Absolute names of every module a file imports, wherever in the file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_no_module_is_longer_than_400_lines(name: str) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("name", NAMES)
def test_no_function_is_longer_than_50_lines(name: str) -> None:
    assert [(function, lines) for function, lines in functions(ROOT / name) if lines > 50] == []


def test_imports_follow_the_layers() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_httpx_is_imported_in_one_module() -> None:
    importers = [str(path.relative_to(ROOT)) for path in SOURCES if any(name.partition(".")[0] == "httpx" for name in imports(path))]
    assert importers in ([], ["ckaudit/kit/http.py"])


def test_only_the_kit_client_may_speak_to_a_network() -> None:
    speakers = {"httpx", "socket", "ssl", "urllib.request", "http.client", "ftplib", "smtplib", "requests"}
    found = {str(path.relative_to(ROOT)) for path in SOURCES if imports(path) & speakers}
    assert {name for name in found if not name.startswith(("ckaudit/kit/", "bench/"))} == set()


def test_only_the_workbench_listens() -> None:
    # The page for people who write no YAML needs somebody to answer it. It speaks to nobody: it waits to be asked, on 127.0.0.1
    # (tests/workbench/test_server.py).
    listeners = {"http.server", "socketserver", "wsgiref.simple_server", "xmlrpc.server"}
    found = {str(path.relative_to(ROOT)) for path in SOURCES if imports(path) & listeners}
    assert {name for name in found if not name.startswith("bench/")} == {"ckaudit/workbench/server.py"}


def test_a_rule_imports_from_ckaudit_only_the_rule_module() -> None:
    for path in sorted((ROOT / "rules").rglob("*.py")):
        ours = {name for name in imports(path) if name.startswith((".", "ckaudit", "rules"))}
        assert ours <= {"ckaudit.rule"}, path


PROGRAM = [name for name in NAMES if name.startswith("ckaudit/")]


def texts(path: Path) -> Iterator[str]:
    """Every string of a file, docstrings and the fixed parts of f-strings too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("name", PROGRAM)
def test_the_program_knows_no_rule_by_its_code(name: str) -> None:
    assert [text for text in texts(ROOT / name) if re.fullmatch(r"CK\d+( [a-z-]+)?", text)] == []


def test_the_codes_in_examples_for_people_are_those_of_rules() -> None:
    named = {code for name in PROGRAM for text in texts(ROOT / name) for code in re.findall(r"\bCK\d{3}\b", text)}
    there = {
        match[1] for path in (ROOT / "rules").rglob("*.py") if (match := re.search(r'code="(CK\d{3})"', path.read_text(encoding="utf-8")))
    }
    assert named - there == set()


def test_every_package_folder_is_listed_for_the_wheel() -> None:
    setuptools = PYPROJECT["tool"]["setuptools"]
    placed = sorted(setuptools["package-dir"].items(), reverse=True)  # ckaudit.rules before ckaudit
    listed = set()
    for name in setuptools["packages"]:
        top, folder = next(item for item in placed if f"{name}.".startswith(f"{item[0]}."))
        listed.add(folder + name.removeprefix(top).replace(".", "/"))
    tops = [ROOT / name for name in ("ckaudit", "rules", "reports")]
    there = {str(path.parent.relative_to(ROOT)) for path in tracked_files() if any(path.is_relative_to(top) for top in tops)}
    assert listed == there | {"rules", "examples/demo"}


def test_no_file_says_what_only_one_machine_understands() -> None:
    found = []
    for path in tracked_files():
        name = str(path.relative_to(ROOT))
        if path.suffix in UNREAD or name in MAY_LOOK_OUTSIDE:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")  # among the cases of the fuzzer are files that are no text
        for what, pattern in FORBIDDEN.items():
            found += [f"{name}: {what}: {match[0]}" for match in pattern.finditer(text)]
    assert found == []


def test_links_between_the_guides_lead_somewhere() -> None:
    broken = []
    for page in [path for path in tracked_files() if path.suffix == ".md"]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []


def test_the_readme_begins_with_commands_that_exist() -> None:
    block = (ROOT / "README.md").read_text(encoding="utf-8").split("```")[1]
    commands = [line.partition("#")[0].split() for line in block.strip().splitlines()]
    assert commands == [["make", "demo"], ["make", "test"]]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for _, target in commands)


def test_every_command_stands_in_the_guide() -> None:
    guide = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert [command for command in COMMANDS if f"`ckaudit {command}" not in guide] == []


def test_the_rule_to_copy_exists() -> None:
    named = re.findall(r"^cp (\S+)", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


IMPORT_EVERYTHING = r"""
import importlib, logging, os, pkgutil, sys

import ckaudit

home = os.path.dirname(ckaudit.__file__)
forbidden = ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.mkdir", "os.remove", "os.rename")


def opened_by_us():
    # From the innermost frame outwards: the import machinery opens modules, that is its work.
    frame = sys._getframe(2)
    while frame:
        file = frame.f_code.co_filename
        if "importlib" in file:
            return False
        if file.startswith(home):
            return True
        frame = frame.f_back
    return False


def hook(event, args):
    if event in forbidden or (event == "open" and opened_by_us()):
        raise SystemExit(f"{event} {args!r} while importing")


environment = dict(os.environ)
names = [module.name for module in pkgutil.walk_packages(ckaudit.__path__, "ckaudit.") if not module.name.endswith("__main__")]
names = [name for name in names if not name.startswith(("ckaudit.rules", "ckaudit.reports", "ckaudit.demo"))]
sys.addaudithook(hook)
for name in names:
    importlib.import_module(name)
assert dict(os.environ) == environment, "the environment was changed"
assert not logging.getLogger("ckaudit").handlers and not logging.getLogger().handlers, "logging was set up"
print(len(names))
"""


def test_nothing_happens_when_the_modules_are_imported() -> None:
    ran = subprocess.run([sys.executable, "-B", "-c", IMPORT_EVERYTHING], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > 10


def test_the_prose_of_the_guides_is_wrapped() -> None:
    made = re.compile(r"docs/(rules/|rule-api\.md|manifest-reference\.md)")  # from code
    long = []
    for page in [path for path in tracked_files() if path.suffix == ".md" and not made.match(str(path.relative_to(ROOT)))]:
        prose = re.sub(r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
        lines = [line for line in prose.splitlines() if not line.startswith(("|", "!["))]
        long += [f"{page.relative_to(ROOT)}: {line}" for line in lines if len(line) > 140 and " " in line.strip()]
    assert long == []


# ``pip install ckaudit`` and its kin; a folder, a file or an address may be installed.
AS_IF_PUBLISHED = re.compile(
    r"\b(?:pipx?|uv(?: tool| pip)?)\s+(?:install|run)\b(?:\s+-[\w-]+)*\s+['\"]?ckaudit(?![\w/-])|\buvx\s+ckaudit\b"
)


def test_nothing_says_pip_install_ckaudit_before_it_is_published() -> None:
    """The name is free until somebody claims it: whoever followed such a line would run a stranger's code."""
    kinds = {".md", ".py", ".yml", ".yaml", ".toml", ".j2", ".sh", ".1"}
    texts = {path: path.read_text(encoding="utf-8") for path in tracked_files() if path.suffix in kinds and path != Path(__file__)}
    assert {str(path): match[0] for path, text in texts.items() if (match := AS_IF_PUBLISHED.search(text))} == {}
    assert all(AS_IF_PUBLISHED.search(text) for text in ("pip install --quiet ckaudit", "`pip install 'ckaudit[keyring]'`", "uvx ckaudit"))
