"""Which tags and sequences a pull reads all the timestamps of: those that mean something for people's access, and tags of testers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from pathlib import Path

from ckaudit.graph.build import build_graph
from ckaudit.model.account import Account
from ckaudit.model.refs import Key, Kind
from ckaudit.model.roles import RoleName
from ckaudit.sources.manifest import read_manifests
from ckaudit.sources.stacks import read_stacks


def read_whole(
    account: Account, manifests: Sequence[Path], now: dt.datetime, stack: str | None, test_tags: Collection[str] = ()
) -> frozenset[Key]:
    """The tags and sequences with a role in any membership, as rules say of somebody that they never got them; and the tags of people who
    only test, by name. Raises ManifestError."""
    stacks = read_stacks()
    manifest = read_manifests(manifests, account, stacks) if manifests else None
    graph = build_graph(account, manifest, stacks, now, stack)
    in_a_role = {key for key in graph.keys(*RoleName) if key.kind in (Kind.TAG, Kind.SEQUENCE)}
    return frozenset(in_a_role | {Key(Kind.TAG, tag.id) for tag in account.tags if tag.name in test_tags})
