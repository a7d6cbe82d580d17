"""The names that commands about manifests look up: those of a snapshot, and the automations that its manifests list."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ckaudit.model.account import Account
from ckaudit.model.errors import ManifestError
from ckaudit.sources.manifest import read_manifests
from ckaudit.sources.manifest.places import find_manifests, manifest_folders
from ckaudit.sources.snapshot import ACCOUNT_FILE, read_snapshot


class Named(NamedTuple):
    """An account, its automations (id and name), and the names of those that nobody has described yet."""

    account: Account | None = None
    automations: tuple[tuple[int | None, str], ...] = ()
    undescribed: tuple[str, ...] = ()


def here() -> Path | None:
    """The working directory, where it is a snapshot."""
    return Path() if Path(ACCOUNT_FILE).is_file() else None


def account_in(snapshot: Path | None) -> Named:
    """The account of a snapshot and the automations listed for it; nothing without a snapshot. A manifest that has problems names no
    automations: another command says what is wrong with it."""
    if snapshot is None:
        return Named()
    account = read_snapshot(snapshot)
    try:
        manifest = read_manifests(find_manifests(*manifest_folders(snapshot)), account)
    except ManifestError:
        return Named(account)
    listed = tuple((item.id, item.name) for item in manifest.automations if not item.has_made_up_name)
    return Named(account, listed, tuple(item.name for item in manifest.undescribed))
