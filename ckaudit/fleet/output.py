"""The folder of a run: ``fleet.json`` and ``index.html`` beside the folders of the accounts."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ckaudit.fleet.jobs import Job
from ckaudit.model.branding import Branding
from ckaudit.model.errors import OutputError
from ckaudit.model.fleet import AccountRow, FleetResult
from ckaudit.render.fleet import render_fleet
from ckaudit.sources.files import remove, write_atomically
from ckaudit.sources.fleet_result import FLEET_FILE

PAGE = "index.html"


def write_summary(out: Path, result: FleetResult, branding: Branding) -> tuple[Path, ...]:
    """Write the summary; returns what was written. Raises OutputError."""
    written = {out / FLEET_FILE: render_fleet(result, "json"), out / PAGE: render_fleet(result, "html", branding)}
    for path, text in written.items():
        write_atomically(path, text.encode("utf-8", "replace"), shared=True)
    return tuple(written)


def without_old_reports(job: Job, row: AccountRow) -> AccountRow:
    """Remove the reports of an earlier run that this one was to write and did not: whoever finds one would take it for today's.

    Returns the row, which says when one could not be removed. Files that this run was not to write are left alone.
    """
    problems = []
    for path in (job.folder / name for name in job.reports if name not in row.reports) if job.folder else ():
        if path.is_file() or path.is_symlink():
            try:
                remove(path)
            except OutputError as error:
                problems.append(error)
    if not problems:
        return row
    words = f"; an old report is still there ({problems[0].message})"
    return msgspec.structs.replace(row, reason=row.reason + words, exit_status=max(row.exit_status, problems[0].exit_status))
