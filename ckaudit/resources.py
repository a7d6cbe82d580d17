"""Where the files that ship with ckaudit lie: in a checkout and an editable install beside the package, in a wheel inside it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

DEMO_CLOCK = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)
"""When the demo account was read: its timestamps end here, and its audit says the same every day."""
_PACKAGE = Path(__file__).resolve().parent


def rules_folder() -> Path:
    """The built-in rules."""
    return _folder("rules", "rules")


def reports_folder() -> Path:
    """Templates, style sheet and script of the reports."""
    return _folder("reports", "reports")


def demo_folder() -> Path:
    """The demo account: a snapshot and its manifest."""
    return _folder("demo", "examples/demo")


def _folder(in_wheel: str, in_checkout: str) -> Path:
    inside = _PACKAGE / in_wheel
    return inside if inside.is_dir() else _PACKAGE.parent / in_checkout
