"""The membership stacks ckaudit knows, read from ``ckaudit/stacks/*.toml``."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from ckaudit.model.stack import Stack


def read_stacks() -> dict[str, Stack]:
    """Every stack by its name, in alphabetical order."""
    folder = Path(__file__).resolve().parent.parent / "stacks"
    stacks = [msgspec.convert(tomllib.loads(path.read_text("utf-8")), Stack) for path in folder.glob("*.toml")]
    return {stack.name: stack for stack in sorted(stacks, key=lambda stack: stack.name)}
