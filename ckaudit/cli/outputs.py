"""Results on their way out: which format, with which options, to standard output or into files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ckaudit.cli.terminal import Outcome, Terminal, width
from ckaudit.model.errors import CkauditError, ExitStatus, UsageError
from ckaudit.outputs import shown_in, write_outputs
from ckaudit.render.concise import render_statistics
from ckaudit.render.formats import FORMATS, format_for, render_bytes, why_not
from ckaudit.render.text import Detail, render_text

if TYPE_CHECKING:
    from ckaudit.model.result import Result
    from ckaudit.render.options import RenderOptions

SNAPSHOT_FILES = ("account.json", "people.json", "events.npz", "reading.json", "counts.json")


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


def possible(targets: Mapping[Path, str], terminal: Terminal) -> tuple[dict[Path, str], ExitStatus]:
    """The files that can be made here, and the exit status for the others: what is not installed for them is said before anything is read,
    and everything else goes on."""
    missing = {form: problem for form in dict.fromkeys(targets.values()) if (problem := why_not(form))}
    for path, form in targets.items():
        if problem := missing.get(form):
            terminal.error(UsageError(f"{path} will not be written: {problem.message}", hint=problem.hint))
    status = max((problem.exit_status for problem in missing.values()), default=ExitStatus.CLEAN)
    return {path: form for path, form in targets.items() if form not in missing}, status


def keep_input(path: Path, option: str, reads: Iterable[Path]) -> None:
    """Raise UsageError when writing here would destroy a snapshot's file or something that is read."""
    of_a_snapshot = path.name in SNAPSHOT_FILES and (path.parent / SNAPSHOT_FILES[0]).exists()
    if of_a_snapshot or (path.exists() and any(other.exists() and path.samefile(other) for other in reads)):
        what = "belongs to a snapshot" if of_a_snapshot else "is read"
        raise UsageError(f"{option}: {path} {what} and would be lost", hint="Name another file.")


def write_targets(result: Result, targets: Mapping[Path, str], options: RenderOptions, terminal: Terminal) -> ExitStatus:
    """Write each file whole or not at all, and say so. One that cannot be written leaves the others alone; returns the worst of it."""
    written = write_outputs(result, targets, options)
    for path in written.files:
        terminal.note(f"Written: {path}")
    for problem in written.problems:
        terminal.error(problem)
    return max((problem.exit_status for problem in written.problems), default=ExitStatus.CLEAN)


def said(write: Callable[[], None], terminal: Terminal) -> ExitStatus:
    """Write something. When it cannot be written that is said, and everything else goes on."""
    try:
        write()
    except CkauditError as error:
        terminal.error(error)
        return error.exit_status
    return ExitStatus.CLEAN


def for_stdout(result: Result, asked: Mapping[str, Any], options: RenderOptions, terminal: Terminal, status: ExitStatus) -> Outcome:
    """What standard output gets of a result, as ``--format``, ``--full`` and ``--statistics`` ask for. Where files are written and nothing
    is asked for, they have the findings, and the terminal gets a summary. ``--open`` opens the HTML file among them."""
    if asked["is_opened"]:
        _open_report(asked["outputs"], terminal)
    form: str | None = asked["form"]
    if asked["statistics"]:
        return Outcome(render_statistics(result), status)
    if form not in (None, "text"):
        return Outcome(
            render_bytes(shown_in(form, result), form, options).decode("utf-8", "replace"), status, gives_orders=FORMATS[form].gives_orders
        )
    loud = terminal.verbosity
    detail = Detail.FULL if asked["full"] or loud > 0 else Detail.SUMMARY if asked["outputs"] and form is None else Detail.SHORT
    colour, repository = terminal.has_colour(sys.stdout), options.repository if terminal.has_links(sys.stdout) else ""
    text = render_text(result, width=width(sys.stdout), colour=colour, verbose=loud, detail=detail, repository=repository)
    return Outcome(text, status)


def check_open(asked: Mapping[str, Any]) -> None:
    """Raise UsageError when ``--open`` has no HTML file to open."""
    if asked["is_opened"] and not any(format_for(path).name == "html" for path in asked["outputs"]):
        raise UsageError("--open needs an HTML report", hint="Name its file: -o report.html --open.")


def _open_report(paths: Iterable[Path], terminal: Terminal) -> None:
    report = next(path for path in paths if format_for(path).name == "html")
    if not report.exists():
        return  # it could not be written, and that was said
    if click.launch(report.resolve().as_uri()) != 0:
        terminal.note(f"No browser could be started. Open {report} in yours.")
