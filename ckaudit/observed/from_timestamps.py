"""Observes an account from its timestamps: links, the automations nobody listed, and how people fared in each automation."""

from __future__ import annotations

import msgspec

from ckaudit.evidence.mine import mined_in
from ckaudit.graph.build import with_links
from ckaudit.graph.declared_links import declared_links
from ckaudit.graph.graph import Graph
from ckaudit.graph.neighbours import TimedLinks
from ckaudit.graph.step_neighbours import step_neighbours
from ckaudit.graph.timestamps import Timestamps
from ckaudit.model.evidence import Evidence
from ckaudit.model.links import MIN_CONFIDENCE, ComparedLink, DeclaredLink, Mined, ObservedLink
from ckaudit.model.result import EvidenceCoverage, Link
from ckaudit.observed.account import ObservedAccount
from ckaudit.observed.alternatives import alternatives
from ckaudit.observed.chains import ObservedChain, as_automations, chains_in, durations
from ckaudit.observed.compare import compare, unexplained
from ckaudit.observed.links import links_for_result, looks_for_result, without_cause_for_result
from ckaudit.observed.timelines import timelines, utc_text
from ckaudit.observed.unlisted import unlisted


def observe_timestamps(graph: Graph, evidence: Evidence, min_confidence: float) -> ObservedAccount:
    """Everything the timestamps show, see ``ObservedAccount``."""
    mined = _at_least(mined_in(evidence, min(min_confidence, MIN_CONFIDENCE)), min_confidence)
    declared = declared_links(graph)
    compared = compare(mined.links, declared)
    account = _with_timestamps(graph, evidence, declared, compared)
    links = links_for_result(account, evidence, compared, declared)
    chains = () if graph.is_complete else _chains(account, declared, links)
    automations = as_automations(chains)
    observed = with_links(account, links, automations)
    statuses = {(link.source, link.target): link.status for link in compared}
    return ObservedAccount(
        declared=account,
        observed=observed,
        alternatives=alternatives(graph, lambda other: with_links_of(other, evidence, mined.links)),
        automations=automations,
        chains={chain.id: chain for chain in chains},
        links=links,
        look_linked=looks_for_result(account, mined, links),
        without_cause=without_cause_for_result(account, mined, declared),
        timelines=timelines(observed, evidence, statuses),
        coverage=EvidenceCoverage(len(evidence.events), None if evidence.since is None else utc_text(evidence.since)),
    )


def _at_least(mined: Mined, min_confidence: float) -> Mined:
    """Without the links that are less sure. What is left out for that does not look like something else, nor is it without a cause."""
    return msgspec.structs.replace(mined, links=tuple(link for link in mined.links if link.confidence >= min_confidence))


def _with_timestamps(graph: Graph, evidence: Evidence, declared: tuple[DeclaredLink, ...], compared: tuple[ComparedLink, ...]) -> Graph:
    unknown = unexplained(compared, declared, graph.given_by_integrations())
    found = (link.observed for link in compared if link.observed)
    return graph.with_timestamps(Timestamps(evidence, found), TimedLinks(declared, unknown, tuple(step_neighbours(graph))))


def with_links_of(graph: Graph, evidence: Evidence, found: tuple[ObservedLink, ...]) -> Graph:
    """A graph with the timestamps of its account, and the links that were found in them."""
    declared = declared_links(graph)
    return _with_timestamps(graph, evidence, declared, compare(found, declared))


def _chains(account: Graph, declared: tuple[DeclaredLink, ...], links: tuple[Link, ...]) -> tuple[ObservedChain, ...]:
    """The links that may count as automations of their own, as chains."""
    pairs = {(link.source, link.target) for link in unlisted(account, declared)}
    new = [link for link in links if (link.source.key, link.target.key) in pairs]
    return tuple(chain for group in chains_in(new, durations(account)) for chain in group)
