"""The links of an account for a result: mined from timestamps and compared with the manifest."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping, Set
from typing import TYPE_CHECKING

import msgspec

from ckaudit.model.account import SectionStatus
from ckaudit.model.result import EvidenceCoverage, Link, Result

if TYPE_CHECKING:
    from ckaudit.evidence.declared import ComparedLink
    from ckaudit.graph.graph import Graph
    from ckaudit.model.evidence import Evidence
    from ckaudit.model.refs import Key

MOST_CAUSES = 6
"""Automations, rules or forms that are named behind one link."""


@functools.lru_cache(maxsize=1)
def compared_links(graph: Graph, evidence: Evidence) -> tuple[ComparedLink, ...]:
    """Every observed link and every declared one that should have left a trace."""
    from ckaudit.evidence.declared import compare
    from ckaudit.evidence.mine import links_in
    from ckaudit.graph.declared_links import declared_links

    return compare(links_in(evidence), declared_links(graph))


def with_evidence(result: Result, graph: Graph) -> Result:
    """The result with the links of the account, what was seen of its automations, and what was read of its timestamps; as it is when none
    were read."""
    if graph.evidence is None:
        return result
    from ckaudit.observed.automations import seen_in
    from ckaudit.observed.timelines import observed

    seen, compared = seen_in(graph), compared_links(graph, graph.evidence)
    statuses = {(link.source, link.target): link.status for link in compared}
    return msgspec.structs.replace(
        result,
        coverage=msgspec.structs.replace(result.coverage, evidence=evidence_coverage(graph.evidence)),
        automations=(*result.automations, *seen.automations),
        links=_links(graph, compared),
        observed=observed(seen.graph, graph.evidence, statuses),
    )


def links_of(graph: Graph, evidence: Evidence) -> tuple[Link, ...]:
    """The links as results have them. Without an observation support is 0, and there is no delay and no confidence."""
    return _links(graph, compared_links(graph, evidence))


def _links(graph: Graph, compared: tuple[ComparedLink, ...]) -> tuple[Link, ...]:
    from ckaudit.evidence.declared import over_steps
    from ckaudit.graph.declared_links import declared_links

    reached = over_steps(declared_links(graph))
    gone_past = {
        (between, item.target)
        for item in compared
        if item.status == "observed" and item.target in reached.get(item.source, ())
        for between in reached[item.source]
    }
    return tuple(_link(graph, item, _is_indirect(item, reached, gone_past)) for item in compared)


def _is_indirect(item: ComparedLink, reached: Mapping[Key, Set[Key]], gone_past: Set[tuple[Key, Key]]) -> bool:
    if item.status == "observed":
        return item.target in reached.get(item.source, ())
    return item.status == "declared" and (item.source, item.target) in gone_past


def _link(graph: Graph, item: ComparedLink, is_indirect: bool) -> Link:
    from ckaudit.graph.declared_links import integrations_giving

    seen = item.observed
    planned = [link.min_seconds for link in item.declared if link.min_seconds is not None]
    causes = dict.fromkeys(link.cause for link in item.declared) or integrations_giving(graph, item.target)
    return Link(
        source=graph.object(item.source),
        target=graph.object(item.target),
        support=seen.support if seen else 0,
        share=seen.share if seen else 0.0,
        delay_seconds=seen.delay_seconds if seen else None,
        delay_p10=seen.delay_p10 if seen else None,
        delay_p90=seen.delay_p90 if seen else None,
        status=item.status,
        confidence=seen.confidence if seen else None,
        causes=tuple(graph.object(cause) for cause in causes)[:MOST_CAUSES],
        planned_seconds=min(planned, default=None),
        indirect=is_indirect,
        source_people=None if seen else _people_with(graph, item.source),
    )


def _people_with(graph: Graph, key: Key) -> int | None:
    """How many got this in the time that is looked at; None when its list was not read."""
    from ckaudit.evidence.facts import lists_of
    from ckaudit.evidence.strips import begin_of

    evidence = graph.evidence
    if evidence is None or (evidence.lists and evidence.of(key).status in (SectionStatus.REFUSED, SectionStatus.SKIPPED)):
        return None
    begin = begin_of(evidence.now, max(evidence.since or 0, evidence.of(key).since or 0))
    return len(lists_of(evidence.events).of(key).since(begin))


def evidence_coverage(evidence: Evidence) -> EvidenceCoverage:
    """How many timestamps there are, and since when every list was read (``2026-05-28T00:00:00Z``)."""
    since = evidence.since
    text = None if since is None else dt.datetime.fromtimestamp(since, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return EvidenceCoverage(len(evidence.events), text)
