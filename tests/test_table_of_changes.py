"""The table of changes that ``python -m bench.gate`` prints can be made: every change finds what it changes in the demo."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bench.gate import CHANGES, DEMO


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("name", [name for name in CHANGES if name != "nothing"])
def test_a_change_changes_something(tmp_path: Path, name: str) -> None:
    shutil.copytree(DEMO, tmp_path / "kit")
    CHANGES[name](tmp_path)
    assert content(tmp_path / "kit") != content(DEMO)
