"""``ckaudit graph -o``: the format follows the name of the file, and nothing is destroyed."""

from __future__ import annotations

import os
import shutil
import stat

import pytest

from tests.cli.running import DEMO, Here


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.svg", "svg"), ("a.html", "html"), ("a.graphml", "graphml"), ("a.dot", "dot"), ("a.mmd", "mermaid"), ("A.JSON", "json")],
)
def test_the_file_is_what_standard_output_gets(here: Here, name: str, form: str) -> None:
    ran = here("graph", DEMO, "-o", name)
    assert (ran.status, ran.out) == (0, "")
    assert f"Written: {name}" in ran.err
    assert (here.cwd / name).read_text(encoding="utf-8") == here("graph", DEMO, "--format", form).out


def test_the_name_and_the_format_may_not_contradict_each_other(here: Here) -> None:
    ran = here("graph", DEMO, "-o", "a.svg", "--format", "dot")
    assert ran.status == 2
    assert "-o a.svg is a file for svg, and --format says dot" in ran.err
    assert not (here.cwd / "a.svg").exists()


def test_any_other_name_needs_a_format(here: Here) -> None:
    ran = here("graph", DEMO, "-o", "a.xml")
    assert ran.status == 2
    assert "names no format" in ran.err
    assert here("graph", DEMO, "-o", "a.xml", "--format", "graphml").status == 0
    assert "<graphml" in (here.cwd / "a.xml").read_text(encoding="utf-8")


def test_without_both_it_is_graphml_on_standard_output(here: Here) -> None:
    assert "<graphml" in here("graph", DEMO).out


@pytest.mark.parametrize("arguments", [("mine/account.json",), ("mine/automations.yaml", "--format", "dot")])
def test_what_is_read_is_not_written_over(here: Here, arguments: tuple[str, ...]) -> None:
    shutil.copytree(DEMO, here.cwd / "mine")
    before = (here.cwd / arguments[0]).read_bytes()
    ran = here("graph", "mine", "-o", *arguments)
    assert ran.status == 2
    assert "would be lost" in ran.err
    assert (here.cwd / arguments[0]).read_bytes() == before


def test_a_folder_or_a_pipe_is_not_replaced(here: Here) -> None:
    (here.cwd / "a.svg").mkdir()
    assert here("graph", DEMO, "-o", "a.svg").status == 2
    os.mkfifo(here.cwd / "pipe.dot")
    assert here("graph", DEMO, "-o", "pipe.dot").status != 0
    assert stat.S_ISFIFO((here.cwd / "pipe.dot").stat().st_mode)
