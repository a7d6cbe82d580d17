"""Which tags and sequences mean something for people's access: a pull reads all the time stamps of these."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from ckaudit.graph.build import build_graph
from ckaudit.graph.roles import RoleName
from ckaudit.model.account import Account
from ckaudit.model.refs import Key, Kind
from ckaudit.sources.manifest import read_manifests
from ckaudit.sources.stacks import read_stacks


def objects_in_a_role(account: Account, manifests: Sequence[Path], now: dt.datetime, stack: str | None) -> frozenset[Key]:
    """The tags and sequences with a role in any membership: rules say of somebody that he never got them. Raises ManifestError."""
    stacks = read_stacks()
    manifest = read_manifests(manifests, account, stacks) if manifests else None
    graph = build_graph(account, manifest, stacks, now, stack)
    return frozenset(key for key in graph.keys(*RoleName) if key.kind in (Kind.TAG, Kind.SEQUENCE))
