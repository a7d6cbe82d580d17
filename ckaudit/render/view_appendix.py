"""Everything behind the findings: automations, inventory, checks, links, roles, versions."""

from __future__ import annotations

from collections.abc import Sequence

from ckaudit.engine.fingerprint import object_key
from ckaudit.model.automations import Automation, Origin
from ckaudit.model.findings import ReportedFinding
from ckaudit.model.inventory import InventoryItem
from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import Result, Role
from ckaudit.render.draw.chart import make_chart
from ckaudit.render.draw.outline import outline
from ckaudit.render.plain import count, cut
from ckaudit.render.scores import format_part, what_it_lacks
from ckaudit.render.view import (
    Appendix,
    AutomationView,
    InventorySection,
    Item,
    NotEvaluatedView,
    NothingView,
    PassedView,
    RoleView,
    ScoreView,
    SuppressedView,
    Timeline,
    UseView,
)
from ckaudit.render.view_evidence import links_page, timelines
from ckaudit.render.view_findings import anchor_of, automation_anchor, marks_of, object_view, picture
from ckaudit.render.view_map import map_page, object_anchor
from ckaudit.render.vocabulary import KINDS_IN_PLURAL, kind_name

MAX_ITEMS = 1000
MAX_USES = 8
MAX_ROLES = 300
MAX_UNRESOLVED = 3


def appendix(result: Result) -> Appendix:
    """The appendix, with long lists capped."""
    seen, findings = timelines(result), _findings_of(result)
    return Appendix(
        map=map_page(result),
        automations=tuple(_automation(result, number, seen.get(number), findings[number]) for number in range(len(result.automations))),
        inventory=_inventory(result.inventory),
        passed=tuple(PassedView(item.rule, item.title, item.checked) for item in result.passed),
        suppressed=_suppressed(result),
        not_evaluated=_not_evaluated(result),
        not_applicable=_not_applicable(result),
        scores=tuple(
            ScoreView(item.kind, cut(item.name, 120), format_part(item), what_it_lacks(item)) for item in result.scores[:MAX_ITEMS]
        ),
        links=links_page(result),
        roles=tuple(_role(role) for role in result.roles[:MAX_ROLES]),
        more_roles=max(0, len(result.roles) - MAX_ROLES),
        versions=_versions(result),
        privacy=_privacy(result),
    )


def _findings_of(result: Result) -> Sequence[Sequence[ReportedFinding]]:
    """For each automation the findings about it, and those whose path goes through it."""
    named: dict[ObjectRef, list[int]] = {}
    for number, automation in enumerate(result.automations):
        named.setdefault(automation.object, []).append(number)
    found: list[list[ReportedFinding]] = [[] for _ in result.automations]
    for finding in result.findings:
        on_path = {step.automation for step in finding.path} & set(range(len(found)))
        for number in {*named.get(finding.object, ()), *on_path}:
            found[number].append(finding)
    return found


def _automation(result: Result, number: int, timeline: Timeline | None, findings: Sequence[ReportedFinding]) -> AutomationView:
    automation = result.automations[number]
    distinct = tuple({anchor_of(finding): finding for finding in findings}.values())
    chart = make_chart(automation, marks_of(distinct, number))
    return AutomationView(
        anchor=automation_anchor(number),
        object=object_view(automation.object),
        status="Seen in timestamps, on no list" if automation.origin is Origin.OBSERVED else automation.status.capitalize(),
        note=automation.note,
        picture=picture(chart, ""),
        words=outline(chart),
        findings=tuple((anchor_of(finding), finding.title) for finding in distinct),
        nothing=nothing_found(result, automation),
        timeline=timeline,
    )


def nothing_found(result: Result, automation: Automation) -> str:
    """What it means that nothing was found in an automation: only what could be judged is in order."""
    if automation.origin is Origin.OBSERVED:
        return "Nothing was found in what timestamps show of it; nobody described it."
    if not automation.is_described:
        return "Only its name is known, so nothing in it could be judged."
    key = object_key(automation.object)
    names = dict.fromkeys(f"“{cut(item.name, 80)}”" for item in result.unresolved if key in item.objects)
    if names:
        return f"Nothing was found here, but what hangs on {', '.join(list(names)[:MAX_UNRESOLVED])} could not be judged."
    unjudged = len(result.not_evaluated) + len(result.crashed)
    if unjudged:
        return f"Nothing was found here in what could be judged; {count(unjudged, 'check')} of this audit could not be."
    return "Nothing was found here."


def _inventory(items: Sequence[InventoryItem]) -> tuple[InventorySection, ...]:
    kinds = dict.fromkeys(item.object.kind for item in items)
    inventory = []
    for kind in kinds:
        ours = [item for item in items if item.object.kind == kind]
        shown = tuple(_item(item) for item in ours[:MAX_ITEMS])
        inventory.append(InventorySection(_plural(kind), shown, len(ours) - len(shown)))
    return tuple(inventory)


def _plural(kind: str) -> str:
    return KINDS_IN_PLURAL.get(kind) or kind_name(kind)


def _item(item: InventoryItem) -> Item:
    uses: dict[str, list[str]] = {}
    for use in item.uses[:MAX_USES]:
        uses.setdefault(use.how, []).append(cut(use.where, 120))
    grouped = tuple(UseView(cut(how, 60), tuple(where)) for how, where in uses.items())
    return Item(object_anchor(item.object), object_view(item.object), item.people, item.detail, grouped, max(0, len(item.uses) - MAX_USES))


def _suppressed(result: Result) -> tuple[SuppressedView, ...]:
    return tuple(
        SuppressedView(
            item.finding.rule,
            item.finding.title,
            object_view(item.finding.object),
            item.reason,
            item.owner,
            item.until,
            str(item.location) if item.location else "",
        )
        for item in result.suppressed
    )


def _not_evaluated(result: Result) -> tuple[NotEvaluatedView, ...]:
    titles = {rule.code: rule.passing for rule in result.rules}
    return (
        *(NotEvaluatedView(item.rule, titles.get(item.rule, item.name), item.reason, broken=True) for item in result.crashed),
        *(NotEvaluatedView(item.rule, titles.get(item.rule, item.name), item.reason) for item in result.not_evaluated),
    )


def _not_applicable(result: Result) -> tuple[NothingView, ...]:
    titles = {rule.code: rule.passing for rule in result.rules}
    return tuple(NothingView(item.rule, titles.get(item.rule, item.name), item.reason) for item in result.not_applicable)


def _role(role: Role) -> RoleView:
    origin = "stated" if role.origin == "declared" else "inferred"
    return RoleView(cut(role.role.replace("_", " "), 60), object_view(role.object), cut(role.offering, 120), origin, role.reason)


def _versions(result: Result) -> tuple[tuple[str, str], ...]:
    coverage = result.coverage
    evidence = "none read"
    if coverage.evidence.events:
        evidence = f"{coverage.evidence.events:,} since {coverage.evidence.since or '?'}"
    rows = (
        ("Program", f"{result.tool.name} {result.tool.version}"),
        ("Data format", result.schema),
        ("Account read on (UTC)", coverage.read_on or ("a day that nobody wrote down" if coverage.sections else "")),
        ("Audited at (UTC)", result.generated_at),
        ("Account number", "" if result.account.id is None else str(result.account.id)),
        ("Plan", result.account.plan_type or ""),
        ("Time zone", result.account.time_zone or ""),
        ("Automations from", ", ".join(coverage.manifest.files)),
        ("Timestamps", evidence),
        ("Checks run", f"{len(result.rules):,}"),
    )
    return tuple((name, value) for name, value in rows if value)


def _privacy(result: Result) -> tuple[str, ...]:
    return (
        "The data behind this report holds addresses of subscribers. Handle this file accordingly."
        if result.coverage.with_emails
        else "This file holds names of tags, sequences, forms and automations, and numbers of people. "
        "It holds no name and no address of a subscriber.",
        "The whole result lies inside this file as data, so that it can be drawn again or compared with a later one.",
    )
