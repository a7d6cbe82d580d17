"""Where the files that ship with ckaudit lie: in a checkout and an editable install beside the package, in a wheel inside it."""

from __future__ import annotations

from pathlib import Path

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
