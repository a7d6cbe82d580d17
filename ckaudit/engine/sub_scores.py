"""The scores of parts of an account: of each theme, each automation and each offering, made of the findings about it alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ckaudit.engine.score import score
from ckaudit.graph.graph import Graph
from ckaudit.graph.membership import Membership
from ckaudit.model.findings import ReportedFinding
from ckaudit.model.refs import Key, Kind
from ckaudit.model.result import Score
from ckaudit.model.roles import LOGIN_MAKERS, RoleName
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
    about = _by_key(findings)
    for flow in graph.flows:
        yield Score("automation", flow.name, score(findings[place] for place in about.get(flow.key, ())) if looked else None)


def _of_offerings(graph: Graph, judged: Sequence[Rule], findings: Sequence[ReportedFinding]) -> Iterator[Score]:
    rules = {rule.code: rule for rule in judged if rule.theme in (Theme.ACCESS, Theme.EVIDENCE) and Need.MEMBERSHIP in rule.needs}
    about = _by_key(findings)
    for membership in graph.all_memberships:
        if membership.offering:
            mine = _of(graph, membership)
            places = sorted({place for key in mine for place in about.get(key, ())})
            found = [findings[place] for place in places if findings[place].rule in rules]
            is_judged = bool(found) or any(_judges(rule, graph, membership) for rule in rules.values())
            lacks = tuple(_lacks(graph, membership))
            yield Score("offering", membership.name, score(found) if is_judged else None, lacks, membership.location)


def _judges(rule: Rule, graph: Graph, membership: Membership) -> bool:
    """True when a rule that judged something could judge this offering: somebody stated a role of every group it needs."""
    stated = all(membership.states(*group) for group in rule.needs_roles)
    return bool(rule.needs_roles) and stated and membership in graph.memberships


def _lacks(graph: Graph, membership: Membership) -> Iterator[str]:
    """The keys of the manifest that every offering of its kind can state, and this one does not."""
    if membership not in graph.memberships:
        yield "webhook_tags, access_tags or module_tags (or its site as stack)"
    elif membership.needs_login_webhook and not membership.states(*LOGIN_MAKERS):
        yield "webhook_tags: {login: […]}"
    if not membership.is_free and not membership.states(RoleName.PURCHASE, RoleName.PRODUCT):
        yield "purchase_tags"
    if membership.revoked_by_kit and not membership.never_revoked and not membership.states(RoleName.REVOKE, RoleName.CANCEL):
        yield "revoke_tags"


def _of(graph: Graph, membership: Membership) -> frozenset[Key]:
    """The offering, what has a role in it and in no other, and the automations that give access to it."""
    roles = {item.key for item in membership.assigned} - membership.shared
    return frozenset({membership.object.key, *roles, *(flow.key for flow in graph.flows_of(membership) if membership.is_release(flow))})


def _by_key(findings: Iterable[ReportedFinding]) -> dict[Key, list[int]]:
    """Object -> the places of the findings that name it, in order."""
    about: dict[Key, list[int]] = {}
    for place, finding in enumerate(findings):
        for key in _keys(finding):
            about.setdefault(key, []).append(place)
    return about


def _keys(finding: ReportedFinding) -> frozenset[Key]:
    named = (finding.object, *finding.related, *(step.object for step in finding.path if step.object))
    return frozenset(item.key for item in named if item.kind in set(Kind))
