"""Line and column of an error are those of the fault: planted where we know, looked up by other means than the parser's."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckaudit.model.errors import CkauditError, Location
from ckaudit.sources.config import read_config
from ckaudit.sources.fleet_file import read_fleet
from ckaudit.sources.manifest import check_manifest
from ckaudit.sources.snapshot import read_snapshot
from ckaudit.sources.stacks import read_stacks
from tests.fuzz.targets import DEMO, SEEDS

MANIFEST = (DEMO / "automations.yaml").read_text("utf-8")
SNAPSHOT = (SEEDS / "account.json").read_text("utf-8")
CONFIG = (SEEDS / "ckaudit.toml").read_text("utf-8")
FLEET = (SEEDS / "FLEET.toml").read_text("utf-8")
# Between the tokens of the JSON text, outside of quotes.
GAPS = [
    match.start()
    for match in re.finditer(
        r"(?<=[,:{\[])\s*(?=[\"{\[\dntf])", re.sub(r'"[^"]*"', lambda text: '"' + "x" * (len(text[0]) - 2) + '"', SNAPSHOT)
    )
]


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column, counted by hand."""
    line = column = 1
    for char in text[:offset]:
        line, column = (line + 1, 1) if char == "\n" else (line, column + 1)
    return line, column


def told(error: CkauditError) -> list[tuple[int, int]]:
    places = [error.location, *(problem.location for problem in error.problems)]
    return [(where.line, where.column) for where in places if isinstance(where, Location)]


@settings(max_examples=60)
@given(st.sampled_from(GAPS), st.sampled_from(["@", "'", "=", "\\", ")"]))
def test_the_first_byte_of_a_snapshot_that_is_no_json(tmp_path_factory: pytest.TempPathFactory, gap: int, char: str) -> None:
    text = SNAPSHOT[:gap] + char + SNAPSHOT[gap:]
    with pytest.raises(json.JSONDecodeError) as other:
        json.loads(text)
    assert other.value.pos == gap
    path = tmp_path_factory.mktemp("bad") / "account.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CkauditError) as caught:
        read_snapshot(path)
    assert told(caught.value) == [place(text, gap)]


KEYS_OF_STEPS = [match.start(1) for match in re.finditer(r"(?m)^\s+- (add_tag|remove_tag|sequence|delay)(?=:)", MANIFEST)]


@pytest.mark.parametrize("offset", KEYS_OF_STEPS[:: max(1, len(KEYS_OF_STEPS) // 12)])
@pytest.mark.parametrize("breaks", ["\n", "\r\n"])
def test_a_key_of_a_manifest_that_nobody_knows(tmp_path: Path, offset: int, breaks: str) -> None:
    text = MANIFEST[:offset] + "zz" + MANIFEST[offset:]
    path = tmp_path / "automations.yaml"
    path.write_bytes(text.replace("\n", breaks).encode())
    problems = check_manifest([path], None, read_stacks())
    assert place(text, offset) in [(problem.location.line, problem.location.column) for problem in problems if problem.location]


def keys(text: str) -> list[int]:
    """Where keys of a TOML file stand, at the beginning of a line. Options of rules are left out: what they may be, the rules say later."""
    return [match.start(1) for match in re.finditer(r"(?m)^([a-z_]+) *=", text) if match[1] != "days"]


@pytest.mark.parametrize("offset", keys(CONFIG))
@pytest.mark.parametrize("before", ["", "# ä 日本 🎉\n\n"])
def test_a_key_of_a_configuration_that_nobody_knows(tmp_path: Path, offset: int, before: str) -> None:
    text = before + CONFIG[:offset] + "zz" + CONFIG[offset:]
    (tmp_path / "ckaudit.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CkauditError) as caught:
        read_config(tmp_path / "ckaudit.toml")
    assert place(text, offset + len(before)) in told(caught.value)


@pytest.mark.parametrize("offset", keys(FLEET))
def test_a_key_of_a_fleet_file_that_nobody_knows(tmp_path: Path, offset: int) -> None:
    text = FLEET[:offset] + "zz" + FLEET[offset:]
    (tmp_path / "FLEET.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CkauditError) as caught:
        read_fleet(tmp_path / "FLEET.toml")
    assert place(text, offset) in told(caught.value)
