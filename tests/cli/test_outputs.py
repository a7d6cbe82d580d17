"""Every format reaches the user: by file name, on standard output, and from a stored result."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from ckaudit.render.formats import FORMATS, LISTED
from ckaudit.resources import demo_folder
from tests.cli.running import NOW, Here, run

DEMO = "--demo"

FILES = ("report.html", "result.json", "result.sarif", "junit.xml", "plan.csv", "report.md", "gl-code-quality.json", "result.txt")


def test_the_command_line_offers_every_format_that_is_text_and_lists_findings() -> None:
    assert set(FORMATS) - set(LISTED) == {"pdf", "tags", "handover", "handover-html"}


def test_the_format_follows_the_name_of_the_file(tmp_path: Path) -> None:
    ran = run("scan", DEMO, *(word for name in FILES for word in ("-o", name)), cwd=tmp_path)
    assert ran.status == 1
    assert all((tmp_path / name).stat().st_size > 200 for name in FILES)


def test_a_name_that_tells_no_format_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    ran = run("scan", DEMO, "-o", "result.docx", cwd=tmp_path)
    assert ran.status == 2
    assert "names no format" in ran.err


@pytest.mark.parametrize("form", [name for name in LISTED if name not in ("text", "json")])
def test_a_stored_result_renders_as_the_scan_did(tmp_path: Path, form: str) -> None:
    scanned = run("scan", DEMO, "--now", "2026-11-24", "--format", form, "-o", "result.json", cwd=tmp_path)
    again = run("report", "result.json", "--format", form, "--snapshot", demo_folder(), cwd=tmp_path)
    assert (again.status, again.out) == (0, scanned.out)


def test_a_report_of_something_else_says_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text(json.dumps({"hello": 1}))
    ran = run("report", "other.json", cwd=tmp_path)
    assert ran.status == 2
    assert "it names no schema" in ran.err


def test_machine_formats_of_the_demo_point_at_its_own_lines(here: Here) -> None:
    log = json.loads(here("scan", "--demo", "--now", NOW, "--format", "sarif").out)
    places = [result["locations"][0]["physicalLocation"] for result in log["runs"][0]["results"]]
    in_account = [place["region"]["startLine"] for place in places if place["artifactLocation"]["uri"].endswith("account.json")]
    assert in_account
    assert 1 not in in_account  # an address has a line of its own, too


def test_a_pipe_or_a_device_is_not_replaced_by_a_file(here: Here) -> None:
    pipe = here.cwd / "pipe.json"
    os.mkfifo(pipe)
    ran = here("scan", DEMO, "--now", NOW, "-q", "-o", "pipe.json")
    assert "a device or a pipe" in ran.err
    assert stat.S_ISFIFO(pipe.stat().st_mode)
