"""What holds ids or addresses of people is never committed with a snapshot, whatever the folder ignores already."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ckaudit.sources.resume import keep_out_of_git

PRIVATE = ("pull.partial.jsonl", "evidence.partial.jsonl", "people.json")


def committed(folder: Path) -> set[str]:
    """What `git add -A` takes."""
    for name in (*PRIVATE, "account.json", "counts.json", "events.npz"):
        (folder / name).write_text("x")
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "add", "-A"], cwd=folder, check=True)
    return set(subprocess.run(["git", "ls-files"], cwd=folder, check=True, capture_output=True, text=True).stdout.split())


@pytest.mark.parametrize("before", [None, b"", b"*.bak", b"*.bak\n", b"*.partial.jsonl\n", b"\xff\n"])
def test_people_stay_out_of_git(tmp_path: Path, before: bytes | None) -> None:
    if before is not None:
        (tmp_path / ".gitignore").write_bytes(before)
    keep_out_of_git(tmp_path)
    assert committed(tmp_path) == {".gitignore", "account.json", "counts.json", "events.npz"}
    assert (tmp_path / ".gitignore").read_bytes().startswith(before or b"")


def test_a_second_pull_adds_nothing(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.bak\n")
    keep_out_of_git(tmp_path)
    once = (tmp_path / ".gitignore").read_bytes()
    keep_out_of_git(tmp_path)
    assert (tmp_path / ".gitignore").read_bytes() == once
