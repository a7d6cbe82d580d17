"""The scores of parts of an account: of each theme, each automation and each offering, made of the findings about it alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ckaudit.engine.score import score
from ckaudit.graph.graph import Graph
from ckaudit.graph.membership import Membership
from ckaudit.model.findings import ReportedFinding
from ckaudit.model.refs import Key, Kind
from ckaudit.model.result import Score
from ckaudit.model.rules import Need, Rule, Theme


def sub_scores(graph: Graph, judged: Sequence[Rule], findings: Sequence[ReportedFinding]) -> tuple[Score, ...]:
    """Themes in the order of the catalogue, automations and offerings in that of the manifest."""
    return (*_of_themes(judged, findings), *_of_automations(graph, judged, findings), *_of_offerings(graph, judged, findings))


def _of_themes(judged: Sequence[Rule], findings: Sequence[ReportedFinding]) -> Iterator[Score]:
    themes = {rule.code: rule.theme for rule in judged}
    known = set(themes.values())
    for theme in Theme:
        found = [finding for finding in findings if themes.get(finding.rule) is theme]
        yield Score("theme", str(theme), score(found) if theme in known else None)


def _of_automations(graph: Graph, judged: Sequence[Rule], findings: Sequence[ReportedFinding]) -> Iterator[Score]:
    looked = any(Need.AUTOMATIONS in rule.needs for rule in judged)
    about = [(finding, _keys(finding)) for finding in findings]
    for flow in graph.flows:
        found = [finding for finding, keys in about if flow.key in keys]
        yield Score("automation", flow.name, score(found) if looked else None)


def _of_offerings(graph: Graph, judged: Sequence[Rule], findings: Sequence[ReportedFinding]) -> Iterator[Score]:
    codes = {rule.code for rule in judged if rule.theme in (Theme.ACCESS, Theme.EVIDENCE) and Need.MEMBERSHIP in rule.needs}
    about = [(finding, _keys(finding)) for finding in findings if finding.rule in codes]
    for membership in graph.memberships:
        if membership.offering:
            mine = _of(graph, membership)
            found = [finding for finding, keys in about if not mine.isdisjoint(keys)]
            yield Score("offering", membership.name, score(found) if codes else None)


def _of(graph: Graph, membership: Membership) -> frozenset[Key]:
    """The offering, what has a role in it and in no other, and the automations that give access to it."""
    roles = {item.key for item in membership.assigned} - membership.shared
    return frozenset({membership.object.key, *roles, *(flow.key for flow in graph.flows if membership.is_release(flow))})


def _keys(finding: ReportedFinding) -> frozenset[Key]:
    named = (finding.object, *finding.related, *(step.object for step in finding.path if step.object))
    return frozenset(item.key for item in named if item.kind in set(Kind))
