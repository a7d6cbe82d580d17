"""An account as it would be if every unknown name of its manifest were the nearest known one.

Steps and triggers of Kit choose from what is there, so a name that is not there is a typing mistake of the manifest, or was renamed or
deleted since. A tool outside Kit may really write a name that is not there: it counts as a typing mistake only while people are on the
object with the nearest name.
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.graph.build import build_graph
from ckaudit.graph.graph import Graph
from ckaudit.graph.misspelt import KITS_OWN, unknown, unknown_in, with_names
from ckaudit.model.refs import Key, Ref


def as_meant(graph: Graph) -> Graph | None:
    """The graph of the same account with these names instead; None when no unknown name has a near one."""
    meant = dict(_meant(graph))
    if not meant:
        return None
    account = graph.account if graph.has_account else None
    return build_graph(account, with_names(graph.manifest, meant), graph.stacks, graph.now)


def _meant(graph: Graph) -> Iterator[tuple[Key, Ref]]:
    certain = {ref.key for ref in unknown_in(graph.manifest, *KITS_OWN, "offerings")}
    for ref in unknown(graph.manifest):
        near = graph.names.nearest(ref.kind, ref.name) if ref.id is None else None
        if near and (ref.key in certain or near.people != 0):
            yield ref.key, Ref(near.key.kind, near.name, near.key.id if isinstance(near.key.id, int) else None)
