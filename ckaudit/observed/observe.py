"""What timestamps show of an account: worked out here, once, before any rule runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ckaudit.graph.graph import Graph
from ckaudit.model.links import MIN_CONFIDENCE
from ckaudit.observed.account import ObservedAccount
from ckaudit.observed.alternatives import alternatives

if TYPE_CHECKING:
    from ckaudit.model.evidence import Evidence


def observe(graph: Graph, evidence: Evidence | None, min_confidence: float = MIN_CONFIDENCE) -> ObservedAccount:
    """Mine the timestamps for links of this confidence at least, and compare them with what is declared. Without timestamps nothing is
    observed."""
    if evidence is None:
        return ObservedAccount(declared=graph, observed=graph, alternatives=alternatives(graph))
    # numpy is loaded only when there are timestamps
    from ckaudit.observed.from_timestamps import observe_timestamps

    return observe_timestamps(graph, evidence, min_confidence)
