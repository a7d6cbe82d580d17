"""The links of an account for a result: mined from time stamps and compared with the manifest."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import msgspec

from ckaudit.model.result import EvidenceCoverage, Link, Result

if TYPE_CHECKING:
    from ckaudit.evidence.declared import ComparedLink
    from ckaudit.graph.graph import Graph
    from ckaudit.model.evidence import Evidence


def compared_links(graph: Graph, evidence: Evidence) -> tuple[ComparedLink, ...]:
    """Every observed link and every declared one that should have left a trace."""
    from ckaudit.evidence.declared import compare
    from ckaudit.evidence.mine import links_in
    from ckaudit.graph.declared_links import declared_links

    return compare(links_in(evidence), declared_links(graph))


def with_evidence(result: Result, graph: Graph) -> Result:
    """The result with the links of the account, and what was read of its time stamps; as it is when none were read."""
    if graph.evidence is None:
        return result
    coverage = msgspec.structs.replace(result.coverage, evidence=evidence_coverage(graph.evidence))
    return msgspec.structs.replace(result, coverage=coverage, links=links_of(graph, graph.evidence))


def links_of(graph: Graph, evidence: Evidence) -> tuple[Link, ...]:
    """The links as results have them. Without an observation support is 0, and there is no delay and no confidence."""
    return tuple(_link(graph, item) for item in compared_links(graph, evidence))


def _link(graph: Graph, item: ComparedLink) -> Link:
    source, target, seen = graph.object(item.source), graph.object(item.target), item.observed
    if seen is None:
        return Link(source, target, 0, 0.0, None, None, None, item.status)
    return Link(source, target, seen.support, seen.share, seen.delay_seconds, seen.delay_p10, seen.delay_p90, item.status, seen.confidence)


def evidence_coverage(evidence: Evidence) -> EvidenceCoverage:
    """How many stamps there are, and since when every list was read (``2026-05-28T00:00:00Z``)."""
    since = evidence.since
    text = None if since is None else dt.datetime.fromtimestamp(since, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return EvidenceCoverage(len(evidence.events), text)
