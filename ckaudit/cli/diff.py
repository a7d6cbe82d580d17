"""``ckaudit diff``: two results, or two snapshots."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ckaudit.cli.configuration import configuration, open_config
from ckaudit.cli.options import unjudged, verbosity
from ckaudit.cli.terminal import Outcome, Terminal, write_bytes
from ckaudit.graph.snapshot_diff import compare_snapshots
from ckaudit.model.errors import ExitStatus, UsageError
from ckaudit.render.branding import branding_of
from ckaudit.render.coverage import format_score, when_read
from ckaudit.render.vocabulary import format_date
from ckaudit.sources.files import near_path
from ckaudit.sources.manifest import read_manifests
from ckaudit.sources.manifest.places import find_manifests
from ckaudit.sources.results import read_result
from ckaudit.sources.snapshot import read_snapshot
from ckaudit.sources.stacks import read_stacks

if TYPE_CHECKING:
    from ckaudit.engine.baseline import ResultDiff
    from ckaudit.engine.exit_status import FailOn
    from ckaudit.graph.snapshot_diff import SnapshotDiff
    from ckaudit.model.account import Account
    from ckaudit.model.automations import Manifest
    from ckaudit.model.branding import Branding
    from ckaudit.render.diff_html import Side

ACCOUNT_FILE = "account.json"
SUFFIXES = {"text": ".txt", "json": ".json", "markdown": ".md", "html": ".html"}


@click.command("diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(tuple(SUFFIXES)), default="text", help="What standard output gets (default: text).")
@click.option(
    "-o", "outputs", type=click.Path(path_type=Path), multiple=True, metavar="FILE", help="Also write it here: .html, .md, .json or .txt."
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "info", "never"]),
    default="never",
    help="Two results: what, when it is new or weighs more than before, gives exit status 1 (default: never).",
)
@unjudged
@click.option("--exit-code", is_flag=True, help="Exit status 1 when anything differs; counts of people are no difference.")
@configuration
@verbosity
@click.pass_context
def command(context: click.Context, /, **options: Any) -> Outcome:
    """What changed from OLD to NEW. Two results (result.json): findings new, fixed and unchanged. Two snapshots (folders): objects
    added, removed, renamed and changed; automations step by step where a manifest lies in both folders.

    \b
    Examples:
      ckaudit diff october.json november.json
      ckaudit diff october.json november.json --fail-on error
      ckaudit diff my-account-october my-account -o changes.html
    """
    from ckaudit.engine.exit_status import FailOn

    terminal: Terminal = context.obj
    old, new = options["old"], options["new"]
    targets = {path: _form_of(path) for path in options["outputs"]}
    for path in (old, new):
        if not path.exists():
            raise UsageError(f"{path} does not exist", hint=near_path(path))
    if _is_snapshot(old) != _is_snapshot(new):
        raise UsageError("one of these is a snapshot and the other is not", hint="Compare two snapshots, or two results.")
    branding = branding_of(open_config(options, terminal))
    found = _snapshots(old, new) if _is_snapshot(old) else _results(old, new)
    for path, form in targets.items():
        write_bytes(path, _rendered(found, form, (old, new), branding).encode("utf-8", "replace"), shared=True)
        terminal.note(f"Written: {path}")
    status = _status(found, FailOn(options["fail_on"]), options["fail_on_unjudged"])
    if options["exit_code"] and found.differs:
        status = max(status, ExitStatus.FINDINGS)
    return Outcome(_rendered(found, options["form"], (old, new), branding), status)


def _status(found: ResultDiff | SnapshotDiff, fail_on: FailOn, asked: bool | None) -> ExitStatus:
    from ckaudit.engine.baseline import ResultDiff
    from ckaudit.engine.exit_status import diff_status, fails_unjudged

    if not isinstance(found, ResultDiff):
        return ExitStatus.CLEAN
    return diff_status(found, fail_on, unjudged=fails_unjudged(asked, fail_on, has_baseline=True))


def _form_of(path: Path) -> str:
    """The format a file's name asks for."""
    form = next((form for form, suffix in SUFFIXES.items() if suffix == path.suffix.lower()), None)
    if form is None:
        raise UsageError(f"-o: the file name {path.name} names no format", hint=f"Possible are {', '.join(SUFFIXES.values())}.")
    if path.is_dir():
        raise UsageError(f"-o: {path} is a folder", hint="Name a file, such as changes.html.")
    return form


def _rendered(found: ResultDiff | SnapshotDiff, form: str, places: tuple[Path, Path], branding: Branding) -> str:
    from ckaudit.render.diff import render_diff
    from ckaudit.render.diff_html import render_diff_html

    if form == "html":
        return render_diff_html(found, (_side(places[0]), _side(places[1])), branding)
    return render_diff(found, form)


def _side(place: Path) -> Side:
    """A result or snapshot for readers elsewhere: without the folders it lies in."""
    from ckaudit.render.diff_html import Side

    if _is_snapshot(place):
        account = read_snapshot(place)
        name = place.resolve().name if place.is_dir() else place.resolve().parent.name
        return Side(name, account.info.name if account.info else "", format_date(account.read_on.isoformat()) if account.read_on else "")
    result = read_result(place)
    return Side(place.name, result.account.name, when_read(result), format_score(result))


def _is_snapshot(path: Path) -> bool:
    return path.is_dir() or path.name == ACCOUNT_FILE


def _results(old: Path, new: Path) -> ResultDiff:
    from ckaudit.engine.baseline import compare_results

    first, second = read_result(old), read_result(new)
    times = [(result.coverage.read_on or result.generated_at[:10], result.generated_at) for result in (first, second)]
    _check_order((old, new), is_reversed=times[0] > times[1])
    return compare_results(first, second)


def _snapshots(old: Path, new: Path) -> SnapshotDiff:
    first, second = read_snapshot(old), read_snapshot(new)
    _check_order((old, new), is_reversed=first.read_on is not None and second.read_on is not None and first.read_on > second.read_on)
    return compare_snapshots(first, second, _manifest(old, first), _manifest(new, second))


def _check_order(places: tuple[Path, Path], *, is_reversed: bool) -> None:
    """Raise UsageError when the first of two is the later one: what was fixed would be new."""
    if is_reversed:
        old, new = places
        raise UsageError(f"{old} is later than {new}", hint=f"Name the earlier one first: `ckaudit diff {new} {old}`.")


def _manifest(place: Path, account: Account) -> Manifest | None:
    """The manifest that lies inside a snapshot's folder; one beside it says nothing about which of the two it belongs to."""
    paths = find_manifests(place if place.is_dir() else place.parent)
    return read_manifests(paths, account, read_stacks()) if paths else None
