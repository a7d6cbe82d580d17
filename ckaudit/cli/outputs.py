"""Results on their way out: which format, with which options, to standard output or into files."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ckaudit.cli.terminal import Terminal, width, write_bytes
from ckaudit.model.errors import UsageError
from ckaudit.render.formats import FORMATS, format_for, render_bytes
from ckaudit.render.options import DEFAULT_OPTIONS, RenderOptions
from ckaudit.render.text import render_text
from ckaudit.sources.snapshot_lines import lines_in

if TYPE_CHECKING:
    from ckaudit.model.branding import Branding
    from ckaudit.model.result import Result

SNAPSHOT_FILES = ("account.json", "people.json", "events.npz")


def targets_of(paths: tuple[Path, ...], reads: Iterable[Path] = ()) -> dict[Path, str]:
    """The format of each file, by its name. ``reads`` are files the command reads.

    Raises:
        UsageError: a name names no format, or the path is a folder, a file of a snapshot, or one that is read.
    """
    for path in paths:
        if path.is_dir():
            raise UsageError(f"-o: {path} is a folder", hint="Name a file, such as report.html or result.json.")
        keep_input(path, "-o", reads)
    return {path: format_for(path).name for path in paths}


def keep_input(path: Path, option: str, reads: Iterable[Path]) -> None:
    """Raise UsageError when writing here would destroy a snapshot's file or something that is read."""
    of_a_snapshot = path.name in SNAPSHOT_FILES and (path.parent / SNAPSHOT_FILES[0]).exists()
    if of_a_snapshot or (path.exists() and any(other.exists() and path.samefile(other) for other in reads)):
        what = "belongs to a snapshot" if of_a_snapshot else "is read"
        raise UsageError(f"{option}: {path} {what} and would be lost", hint="Name another file.")


def render_options(place: Path | None, branding: Branding | None = None, baseline: Result | None = None) -> RenderOptions:
    """Options for renderers. ``place`` is the snapshot the result comes from: formats that point at lines point into it."""
    file, lines = DEFAULT_OPTIONS.account_file, DEFAULT_OPTIONS.account_lines
    if place is not None:
        file, lines = lines_in(place)
    return RenderOptions(branding=branding or DEFAULT_OPTIONS.branding, baseline=baseline, account_file=file, account_lines=lines)


def write_targets(result: Result, targets: Mapping[Path, str], options: RenderOptions, terminal: Terminal) -> None:
    """Write each file whole or not at all. Raises OutputError."""
    for path, form in targets.items():
        write_bytes(path, render_bytes(_shown(result, form), form, options))
        terminal.note(f"Written: {path}")


def _shown(result: Result, form: str) -> Result:
    """What a format shows of a result that a baseline was taken from."""
    from ckaudit.engine.baseline import whole

    return whole(result) if FORMATS[form].is_whole else result


def for_stdout(result: Result, form: str, options: RenderOptions, terminal: Terminal) -> str:
    """The result for standard output: text as the terminal likes it, other formats as they are."""
    if form == "text":
        return render_text(result, width=width(sys.stdout), colour=terminal.has_colour(sys.stdout), verbose=terminal.verbosity)
    return render_bytes(_shown(result, form), form, options).decode("utf-8", "replace")
