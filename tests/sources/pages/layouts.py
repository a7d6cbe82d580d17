"""Reads the texts in ``tests/data/pastes``: what a person may copy from an automation's page. They were written before anything read them.

Sections follow ``=== NAME``: ``steps`` (shorthand), ``unknown`` (pieces that are not understood), ``labels`` (answers), ``unsure``
(something is) and ``empty`` (nothing is found).
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

FOLDER = Path(__file__).parents[2] / "data" / "pastes"


class Layout(msgspec.Struct, frozen=True):
    name: str
    text: str
    steps: str
    unknown: tuple[str, ...]
    labels: dict[str, str]
    unsure: bool
    empty: bool


def layouts() -> list[Layout]:
    return [_layout(path) for path in sorted(FOLDER.glob("*.txt"))]


def _layout(path: Path) -> Layout:
    text, *rest = re.split(r"(?m)^=== ", path.read_text(encoding="utf-8"))
    sections = dict(part.split("\n", 1) for part in rest)
    labels = dict(line.split(" = ") for line in sections.get("labels", "").splitlines() if line)
    return Layout(
        path.stem,
        text,
        sections["steps"],
        tuple(sections.get("unknown", "").splitlines()),
        labels,
        "unsure" in sections,
        "empty" in sections,
    )
