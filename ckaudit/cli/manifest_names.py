"""The names that commands about manifests look up: those of a snapshot, and the automations that its manifests list."""

from __future__ import annotations

from pathlib import Path

from ckaudit.model.account import Account
from ckaudit.model.errors import ManifestError
from ckaudit.sources.manifest import read_manifests
from ckaudit.sources.manifest.places import find_manifests, manifest_folders
from ckaudit.sources.snapshot import read_snapshot


def account_in(snapshot: Path | None) -> tuple[Account | None, tuple[tuple[int | None, str], ...]]:
    """The account of a snapshot and the automations (id and name) listed for it; nothing without a snapshot. A manifest that has problems
    names no automations: another command says what is wrong with it."""
    if snapshot is None:
        return None, ()
    account = read_snapshot(snapshot)
    try:
        listed = read_manifests(find_manifests(*manifest_folders(snapshot)), account).automations
    except ManifestError:
        return account, ()
    return account, tuple((item.id, item.name) for item in listed)
