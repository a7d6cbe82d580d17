"""Runs the program: as a process of its own with a scrubbed environment, or in this one."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from ckaudit.cli.main import main

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "examples" / "demo"
NOW = "2026-11-20T12:00:00Z"
SCRUBBED = ("KIT_", "CKAUDIT_", "PYTHON", "NO_COLOR", "FORCE_", "COLUMNS", "TERM", "LC_", "LANG", "COV", "CI")


@dataclass
class Ran:
    """What came of a command."""

    status: int
    out: str
    err: str


def environment(**more: str) -> dict[str, str]:
    """This environment without what would change the outcome."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(SCRUBBED)}
    return kept | {"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"} | more


def command(*arguments: str | Path) -> list[str]:
    """The command line of a process of its own."""
    return [sys.executable, "-m", "ckaudit", *(str(argument) for argument in arguments)]


def run(*arguments: str | Path, cwd: Path, stdin: str = "", **env: str) -> Ran:
    """Run ckaudit in a process of its own."""
    ran = subprocess.run(
        command(*arguments), cwd=cwd, env=environment(**env), input=stdin.encode(), capture_output=True, check=False, timeout=60
    )
    return Ran(ran.returncode, ran.stdout.decode(), ran.stderr.decode())


class Here:
    """Run ckaudit in this process, in the folder ``cwd``."""

    def __init__(self, cwd: Path, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.cwd, self.capsys, self.patch = cwd, capsys, patch
        patch.chdir(cwd)

    def __call__(self, *arguments: str | Path, **env: str) -> Ran:
        for name, value in env.items():
            self.patch.setenv(name, value)
        status = main([str(argument) for argument in arguments])
        captured = self.capsys.readouterr()
        return Ran(status, captured.out, captured.err)
