"""The automations that timestamps show and nothing declared explains, and the account with them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import msgspec

from ckaudit.model.automations import Automation
from ckaudit.observed.links import compared_links, links_of

if TYPE_CHECKING:
    from ckaudit.graph.graph import Graph
    from ckaudit.graph.observed import SeenChain


class Seen(msgspec.Struct, frozen=True, eq=False):
    """What timestamps show beside the manifest.

    ``graph`` is the account with every observed link as an edge, and with the automations nothing declared explains; those alone are
    ``automations``, and ``chains`` what each was made of, by ``Automation.seen``. A complete manifest lists all automations: then there
    are none.
    """

    graph: Graph
    automations: tuple[Automation, ...] = ()
    chains: dict[str, SeenChain] = {}


@functools.lru_cache(maxsize=1)
def seen_in(graph: Graph) -> Seen:
    """What timestamps show; nothing without any. Worked out once for a graph, however many rules ask."""
    if graph.evidence is None:
        return Seen(graph)
    from ckaudit.graph.build import with_links
    from ckaudit.graph.declared_links import declared_links
    from ckaudit.graph.observed import as_automations, chains_in, durations
    from ckaudit.observed.unlisted import unlisted

    links = links_of(graph, graph.evidence)
    if graph.is_complete:
        return Seen(with_links(graph, links))
    found = unlisted(graph, graph.evidence, compared_links(graph, graph.evidence), declared_links(graph))
    pairs = {(link.source, link.target) for link in found}
    new = [link for link in links if (link.source.key, link.target.key) in pairs]
    chains = [chain for group in chains_in(new, durations(graph)) for chain in group]
    automations = as_automations(chains)
    return Seen(with_links(graph, links, automations), automations, {chain.id: chain for chain in chains})
