"""``ckaudit diff``: two results, or two snapshots."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ckaudit.cli.options import loudness
from ckaudit.cli.terminal import Outcome, Terminal
from ckaudit.model.errors import UsageError

if TYPE_CHECKING:
    from ckaudit.engine.baseline import ResultDiff
    from ckaudit.engine.diff import SnapshotDiff
    from ckaudit.model.account import Account
    from ckaudit.model.automations import Manifest

ACCOUNT_FILE = "account.json"


@click.command("diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", help="Default: text.")
@loudness
@click.pass_obj
def command(terminal: Terminal, old: Path, new: Path, form: str) -> Outcome:
    """What changed from OLD to NEW. Two results (result.json): findings new, fixed and unchanged. Two snapshots (folders): objects
    added, removed, renamed and changed; automations step by step where a manifest lies in both folders.

    \b
    Examples:
      ckaudit diff october.json november.json
      ckaudit diff my-account-october my-account --format markdown
    """
    from ckaudit.render.diff import render_diff

    if _is_snapshot(old) != _is_snapshot(new):
        raise UsageError("one of these is a snapshot and the other is not", hint="Compare two snapshots, or two results.")
    return Outcome(render_diff(_snapshots(old, new) if _is_snapshot(old) else _results(old, new), form))


def _is_snapshot(path: Path) -> bool:
    return path.is_dir() or path.name == ACCOUNT_FILE


def _results(old: Path, new: Path) -> ResultDiff:
    from ckaudit.engine.baseline import compare_results
    from ckaudit.sources.results import read_result

    return compare_results(read_result(old), read_result(new))


def _snapshots(old: Path, new: Path) -> SnapshotDiff:
    from ckaudit.engine.diff import compare_snapshots
    from ckaudit.sources.snapshot import read_snapshot

    first, second = read_snapshot(old), read_snapshot(new)
    return compare_snapshots(first, second, _manifest(old, first), _manifest(new, second))


def _manifest(place: Path, account: Account) -> Manifest | None:
    """The manifest that lies inside a snapshot's folder; one beside it says nothing about which of the two it belongs to."""
    from ckaudit.sources.manifest import read_manifests
    from ckaudit.sources.manifest.places import MANIFEST_FILE, MANIFEST_FOLDER
    from ckaudit.sources.stacks import read_stacks

    folder = place if place.is_dir() else place.parent
    paths = (*folder.glob(MANIFEST_FILE), *sorted((folder / MANIFEST_FOLDER).glob("*.yaml")))
    return read_manifests(paths, account, read_stacks()) if paths else None
