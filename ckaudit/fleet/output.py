"""The folder of a run: ``fleet.json`` and ``index.html`` beside the folders of the accounts."""

from __future__ import annotations

from pathlib import Path

from ckaudit.model.branding import Branding
from ckaudit.model.fleet import FleetResult
from ckaudit.render.fleet import render_fleet
from ckaudit.sources.files import write_atomically
from ckaudit.sources.fleet_result import FLEET_FILE

PAGE = "index.html"


def write_summary(out: Path, result: FleetResult, branding: Branding) -> tuple[Path, ...]:
    """Write the summary; returns what was written. Raises OutputError."""
    written = {out / FLEET_FILE: render_fleet(result, "json"), out / PAGE: render_fleet(result, "html", branding)}
    for path, text in written.items():
        write_atomically(path, text.encode("utf-8", "replace"), shared=True)
    return tuple(written)
