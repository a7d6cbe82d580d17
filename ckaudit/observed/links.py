"""The links of an account as results have them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from ckaudit.evidence.timeline import begin_of
from ckaudit.graph.declared_links import integrations_giving
from ckaudit.graph.graph import Graph
from ckaudit.model.account import SectionStatus
from ckaudit.model.evidence import Evidence
from ckaudit.model.links import ComparedLink, DeclaredLink, Mined
from ckaudit.model.refs import Key
from ckaudit.model.result import Link, LooksLinked, WithoutCause
from ckaudit.observed.compare import over_steps

MAX_CAUSES = 6
"""Automations, rules or forms that are named behind one link."""


def links_for_result(
    graph: Graph, evidence: Evidence, compared: tuple[ComparedLink, ...], declared: Iterable[DeclaredLink]
) -> tuple[Link, ...]:
    """Every observed link and every declared one that should have left a trace. Without an observation support is 0, and there is no delay
    and no confidence."""
    reached = over_steps(declared)
    gone_past = {
        (between, item.target)
        for item in compared
        if item.status == "observed" and item.target in reached.get(item.source, ())
        for between in reached[item.source]
    }
    return tuple(_link(graph, evidence, item, _is_indirect(item, reached, gone_past)) for item in compared)


def looks_for_result(graph: Graph, mined: Mined, links: Iterable[Link]) -> tuple[LooksLinked, ...]:
    """What looks like a link and is probably none, but for what is declared."""
    known = {(link.source.key, link.target.key) for link in links if link.status != "observed"}
    return tuple(
        LooksLinked(
            source=graph.object(look.source),
            target=graph.object(look.target),
            support=look.support,
            delay_seconds=look.delay_seconds,
            delay_p10=look.delay_p10,
            delay_p90=look.delay_p90,
            why=str(look.why),
        )
        for look in mined.look_linked
        if (look.source, look.target) not in known
    )


def without_cause_for_result(graph: Graph, mined: Mined, declared: Iterable[DeclaredLink]) -> tuple[WithoutCause, ...]:
    """Sequences and tags that people have and neither a link nor a declared one leads to; in their order."""
    explained = {link.target for link in declared}
    return tuple(
        WithoutCause(graph.object(item.object), item.people, None if item.why is None else str(item.why))
        for item in mined.without_cause
        if item.object not in explained and not integrations_giving(graph, item.object)
    )


def _is_indirect(item: ComparedLink, reached: Mapping[Key, Set[Key]], gone_past: Set[tuple[Key, Key]]) -> bool:
    if item.status == "observed":
        return item.target in reached.get(item.source, ())
    return item.status == "declared" and (item.source, item.target) in gone_past


def _link(graph: Graph, evidence: Evidence, item: ComparedLink, is_indirect: bool) -> Link:
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
        causes=tuple(graph.object(cause) for cause in causes)[:MAX_CAUSES],
        planned_seconds=min(planned, default=None),
        indirect=is_indirect,
        source_people=None if seen else _people_with(evidence, item.source),
        rivals=tuple(graph.object(rival) for rival in seen.rivals)[:MAX_CAUSES] if seen else (),
        condition=graph.object(seen.condition) if seen and seen.condition else None,
    )


def _people_with(evidence: Evidence, key: Key) -> int | None:
    """How many got this in the time that is looked at; None when its list was not read."""
    if evidence.lists and evidence.of(key).status in (SectionStatus.REFUSED, SectionStatus.SKIPPED):
        return None
    begin = begin_of(evidence.now, max(evidence.since or 0, evidence.of(key).since or 0))
    return len(evidence.holders(key).since(begin))
