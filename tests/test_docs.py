"""The guides and the manual page name everything there is: commands, options, exit statuses, formats, keys of the configuration."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import sys
import typing
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
import pytest

from ckaudit.cli.main import cli
from ckaudit.cli.terminal import Terminal
from ckaudit.model.config import ConfigFile, ReportTable
from ckaudit.model.errors import ExitStatus
from ckaudit.model.fleet_file import FleetFile
from ckaudit.render.formats import LISTED

ROOT = Path(__file__).parents[1]
COMMANDS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
MAN_PAGE = ROOT / "docs" / "ckaudit.1"


def walk(context: click.Context) -> Iterator[click.Context]:
    """The contexts of all commands that are no mere group."""
    if not isinstance(context.command, click.Group):
        yield context
        return
    for name in context.command.list_commands(context):
        found = context.command.get_command(context, name)
        assert found
        if not found.hidden:
            yield from walk(click.Context(found, info_name=name, parent=context, help_option_names=["-h", "--help"]))


EVERY = list(walk(click.Context(cli, info_name="ckaudit", obj=Terminal({}))))
PATHS = [context.command_path for context in EVERY]


def options_of(context: click.Context) -> list[str]:
    """The options of a command as people write them."""
    return [name for param in context.command.get_params(context) if isinstance(param, click.Option) for name in param.opts]


def section(title: str) -> str:
    """What docs/commands.md says below a heading; empty when there is none."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", COMMANDS, re.DOTALL | re.MULTILINE)
    return found[1] if found else ""


SHARED = section("What every command has") + section("What several commands have") + COMMANDS.partition("## ")[0]


def names(option: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text) is not None


@pytest.mark.parametrize("path", PATHS)
def test_every_command_stands_in_the_table_and_has_a_section(path: str) -> None:
    assert re.search(rf"^\| `{re.escape(path)}[` ]", COMMANDS, re.MULTILINE)
    assert section(f"`{path}`")


@pytest.mark.parametrize("context", EVERY, ids=PATHS)
def test_every_option_is_explained_in_the_guide(context: click.Context) -> None:
    text = section(f"`{context.command_path}`") + SHARED
    assert [option for option in options_of(context) if not names(option, text)] == []


@pytest.mark.parametrize("context", EVERY, ids=PATHS)
def test_every_command_has_help_with_examples_and_says_what_each_option_does(context: click.Context) -> None:
    text = context.command.help or ""
    assert re.search(rf"^\s+(\S+=\S+ )?(\S+ \| )?{re.escape(context.command_path)}", text, re.MULTILINE), "no example"
    silent = [param.name for param in context.command.params if isinstance(param, click.Option) and not param.help]
    assert silent == []


@pytest.mark.parametrize("context", EVERY, ids=PATHS)
def test_the_manual_page_has_every_command_with_its_options(context: click.Context) -> None:
    text = MAN_PAGE.read_text(encoding="ascii").replace("\\-", "-").replace("\\fB", " ")
    assert f'.SS "{context.command_path} ' in text
    below = text.partition(f'.SS "{context.command_path} ')[2].partition(".SS ")[0].partition(".SH ")[0]
    everywhere = text.partition(".SH COMMANDS")[0]
    assert [option for option in options_of(context) if not names(option, below + everywhere)] == []


def test_the_manual_page_is_valid() -> None:
    groff = shutil.which("groff")
    if groff is None:
        pytest.skip("groff is not installed")
    ran = subprocess.run([groff, "-ww", "-z", "-man", "-Tutf8", MAN_PAGE], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("status", list(ExitStatus))
def test_every_exit_status_is_explained_wherever_statuses_are(status: ExitStatus) -> None:
    assert f"\n| {int(status)} | " in section("Exit statuses")
    assert re.search(rf"\b{int(status)} \w", (ROOT / "README.md").read_text(encoding="utf-8").partition("Exit statuses:")[2])
    assert re.search(rf"\b{int(status)} \w", (cli.help or "").partition("Exit status:")[2])
    assert f"\\fB{int(status)}\\fR" in MAN_PAGE.read_text(encoding="ascii").partition("EXIT STATUS")[2]


@pytest.mark.parametrize("form", LISTED)
def test_every_format_is_named(form: str) -> None:
    assert f"`{form}`" in section("`ckaudit scan`")


def test_every_variable_of_the_environment_is_named() -> None:
    read = set()
    for path in (ROOT / "ckaudit").rglob("*.py"):
        read |= set(re.findall(r'"((?:KIT|CKAUDIT)_[A-Z_]+|NO_COLOR|FORCE_COLOR|FORCE_HYPERLINK|TERM)"', path.read_text(encoding="utf-8")))
    page = MAN_PAGE.read_text(encoding="ascii")
    assert read >= {"KIT_API_KEY", "NO_COLOR"}
    assert [name for name in sorted(read) if name not in COMMANDS] == []
    assert [name for name in sorted(read) if f"\\fB{name}\\fR" not in page] == []


def keys(kind: type[msgspec.Struct]) -> Iterator[str]:
    """Every key of a table and of the tables in it."""
    for field in msgspec.structs.fields(kind):
        yield field.encode_name
        for inner in tables(field.type):
            yield from keys(inner)


def tables(kind: object) -> Iterator[type[msgspec.Struct]]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
    for part in typing.get_args(kind):
        yield from tables(part)


@pytest.mark.parametrize("key", sorted(set(keys(FleetFile))))
def test_every_key_of_a_fleet_file_is_in_its_guide(key: str) -> None:
    guide = (ROOT / "docs" / "fleet.md").read_text(encoding="utf-8")
    explained_there = key in set(keys(ReportTable)) and "[report]" in guide  # the same table as in the configuration
    assert explained_there or re.search(rf"`\[*{key}[\].`]|^\[*{key}[\].]|^{key} =|[{{ ]{key} =", guide, re.MULTILINE)


@pytest.mark.parametrize("key", sorted(set(keys(ConfigFile))))
def test_every_key_of_the_configuration_is_in_the_guide(key: str) -> None:
    assert re.search(rf"`\[*{key}[\].`]|^\[*{key}[\].]|^{key} =|[{{ ]{key} =", CONFIGURATION, re.MULTILINE)


def test_the_guides_name_no_command_and_no_option_that_does_not_exist() -> None:
    known = {option for context in EVERY for option in options_of(context)} | {"--version", "-V"}
    words = {name for context in EVERY for name in context.command_path.split()[1:2]}
    faults = []
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "examples").rglob("*.md")):
        for line in page.read_text(encoding="utf-8").splitlines():
            for called in re.findall(r"\bckaudit ((?:[a-z]+)\b[^`|>&]*)", line):
                command, *rest = called.split()
                if command in words:
                    faults += [f"{page.name}: {word}" for word in rest if re.fullmatch(r"--[a-z-]+", word) and word not in known]
                elif f"`ckaudit {command}" in line:
                    faults.append(f"{page.name}: ckaudit {command}")
    assert faults == []


def test_the_manual_page_is_that_of_the_commands() -> None:
    ran = subprocess.run([sys.executable, "docs/make_man_page.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_page_of_the_manifest_is_that_of_its_keys() -> None:
    ran = subprocess.run([sys.executable, "docs/make_manifest_page.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_manual_page_has_no_words_of_clicks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release of click may word its help in another way; the page stays the same."""

    def other(*_: object) -> typing.Any:
        raise AssertionError("asked click for its words")

    for kind, name in (
        (click.Command, "collect_usage_pieces"),
        (click.Option, "get_help_record"),
        (click.Parameter, "make_metavar"),
    ):
        monkeypatch.setattr(kind, name, other)
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    assert importlib.import_module("make_man_page").page() == MAN_PAGE.read_text(encoding="ascii")


def test_the_readme_shows_a_picture_of_the_report_that_is_there() -> None:
    (name,) = re.findall(r"!\[[^\]]+\]\(([^)]+\.png)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert (ROOT / name).read_bytes().startswith(b"\x89PNG")
