"""The scores of parts of an account: of each theme, each automation and each offering, made of the findings about it alone.

A part has a score when enough of the rules about it were judged, by the bounds of the overall score, and says how many were. What touches a
name that the account does not have has none: a finding may be missing there for a typing mistake.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ckaudit.engine.judged import never_has
from ckaudit.engine.run import RuleRun
from ckaudit.engine.score import MIN_PERCENT, judged_percent, score
from ckaudit.graph.graph import Graph
from ckaudit.graph.membership import Membership
from ckaudit.graph.misspelt import unknown
from ckaudit.model.findings import ReportedFinding
from ckaudit.model.refs import Key, Kind
from ckaudit.model.result import Score
from ckaudit.model.roles import LOGIN_MAKERS, RoleName
from ckaudit.model.rules import Need, Theme

_OF_THE_MANIFEST = frozenset({Need.AUTOMATIONS, Need.MEMBERSHIP, Need.MANIFEST})


def sub_scores(graph: Graph, runs: Sequence[RuleRun], findings: Sequence[ReportedFinding]) -> tuple[Score, ...]:
    """Themes in the order of the catalogue, automations and offerings in that of the manifest."""
    applicable = [run for run in runs if run.findings or not run.not_applicable]
    touched = _touched(graph)
    return (
        *_of_themes(graph, applicable, findings),
        *_of_automations(graph, applicable, findings, touched),
        *_of_offerings(graph, applicable, findings, touched),
    )


def _of_themes(graph: Graph, runs: Sequence[RuleRun], findings: Sequence[ReportedFinding]) -> Iterator[Score]:
    themes = {run.rule.rule.code: run.rule.rule.theme for run in runs}
    is_lost = any(near is None for near in _misspelt(graph).values())
    for theme in Theme:
        mine = [run for run in runs if run.rule.rule.theme is theme]
        found = [finding for finding in findings if themes.get(finding.rule) is theme]
        is_unclear = theme is not Theme.AUDIT and any(_leaves_out(run, is_lost=is_lost) for run in mine)
        percent = _percent(mine, mine)
        yield Score("theme", str(theme), None if is_unclear else _points(found, percent), judged_percent=percent)


def _leaves_out(run: RuleRun, *, is_lost: bool) -> bool:
    """True of a rule that did not judge something for a name that the account does not have. ``is_lost``: the manifest has one that nothing
    has a name like, which may be about anything that the manifest says."""
    return any(not ref.known for ref in run.unresolved) or (is_lost and not _OF_THE_MANIFEST.isdisjoint(run.rule.rule.needs))


def _of_automations(graph: Graph, runs: Sequence[RuleRun], findings: Sequence[ReportedFinding], touched: frozenset[Key]) -> Iterator[Score]:
    mine = [run for run in runs if Need.AUTOMATIONS in run.rule.rule.needs]
    percent, about = _percent(mine, mine), _by_key(findings)
    for flow in graph.flows:
        is_unclear = flow.key in touched
        points = _points([findings[place] for place in about.get(flow.key, ())], percent)
        yield Score("automation", flow.name, None if is_unclear else points, judged_percent=percent)


def _of_offerings(graph: Graph, runs: Sequence[RuleRun], findings: Sequence[ReportedFinding], touched: frozenset[Key]) -> Iterator[Score]:
    about_access = [run for run in runs if run.rule.rule.theme in (Theme.ACCESS, Theme.EVIDENCE) and Need.MEMBERSHIP in run.rule.rule.needs]
    rules, about = {run.rule.rule.code for run in about_access}, _by_key(findings)
    for membership in graph.all_memberships:
        if membership.offering:
            places = sorted({place for key in _of(graph, membership) for place in about.get(key, ())})
            found = [findings[place] for place in places if findings[place].rule in rules]
            codes = {finding.rule for finding in found}
            concerned = [run for run in about_access if run.rule.rule.code in codes or not _is_foreign(run, membership)]
            judging = [run for run in concerned if run.rule.rule.code in codes or _judges(run, graph, membership)]
            percent = _percent(judging, concerned)
            is_judged = bool(found) or any(run.rule.rule.needs_roles and _is_judged(run) for run in judging)
            is_unclear = membership.object.key in touched or not is_judged
            points = None if is_unclear else _points(found, percent)
            yield Score("offering", membership.name, points, tuple(_lacks(graph, membership)), membership.location, percent)


def _is_judged(run: RuleRun) -> bool:
    return bool(run.findings or run.judged)


def _percent(judging: Sequence[RuleRun], concerned: Sequence[RuleRun]) -> int:
    judged = sum(_is_judged(run) for run in judging)
    return judged_percent(judged, len(concerned) - judged)


def _points(found: Sequence[ReportedFinding], percent: int) -> int | None:
    return score(found) if percent >= MIN_PERCENT else None


def _is_foreign(run: RuleRun, membership: Membership) -> bool:
    """True for a rule that has nothing to judge here: nobody buys what is free."""
    return any(never_has(membership, group) for group in run.rule.rule.needs_roles)


def _judges(run: RuleRun, graph: Graph, membership: Membership) -> bool:
    """True when a rule could judge this offering: somebody stated a role of every group it needs."""
    return membership in graph.memberships and all(membership.states(*group) for group in run.rule.rule.needs_roles)


def _misspelt(graph: Graph) -> dict[Key, Key | None]:
    """Each name that the account does not have, with what it may be a typing mistake for; None where nothing has a name like it."""
    near = {ref.key: graph.names.nearest(ref.kind, ref.name) if ref.id is None else None for ref in unknown(graph.manifest)}
    return {key: found.key if found else None for key, found in near.items()}


def _touched(graph: Graph) -> frozenset[Key]:
    """The automations and the offerings that a name the account does not have may be about: they name it or what it may be a typing mistake
    for, or something that one of these names. Where nothing has a name like it, whatever hangs together with them."""
    names = _misspelt(graph)
    reached = {key for pair in names.items() for key in pair if key}
    holders = {flow.key: {flow.key, *flow.acts_on, *flow.looks_at} for flow in graph.flows}
    holders |= {item.object.key: {item.object.key, *item.keys(*RoleName)} for item in graph.all_memberships}
    touched: set[Key] = set()
    for _ in range(len(holders) if None in names.values() else 2):
        more = {key for key, named in holders.items() if key not in touched and not reached.isdisjoint(named)}
        reached |= {key for holder in more for key in holders[holder]}
        touched |= more
        if not more:
            break
    return frozenset(touched)


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
