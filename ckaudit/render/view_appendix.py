"""Everything behind the findings: automations, inventory, checks, links, roles, versions."""

from __future__ import annotations

from collections.abc import Sequence

from ckaudit.model.automations import Automation, Origin
from ckaudit.model.findings import Finding
from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import InventoryItem, Result, Role
from ckaudit.render.draw.chart import make_chart
from ckaudit.render.draw.words import outline
from ckaudit.render.plain import cut
from ckaudit.render.texts import Texts
from ckaudit.render.view import (
    Appendix,
    AutomationView,
    Item,
    NotEvaluatedView,
    PassedView,
    RoleView,
    Shelf,
    Strip,
    SuppressedView,
    UseView,
)
from ckaudit.render.view_evidence import links_page, strips
from ckaudit.render.view_findings import Source, anchor_of, automation_anchor, kind_word, object_view, picture

MOST_ITEMS = 1000
MOST_USES = 8
MOST_ROLES = 300


def appendix(source: Source) -> Appendix:
    """The appendix, with long lists capped."""
    result, texts = source.result, source.texts
    seen, findings = strips(source), _findings_of(result)
    return Appendix(
        automations=tuple(
            _automation(source, number, automation, seen.get(number), findings[number])
            for number, automation in enumerate(result.automations)
        ),
        shelves=_shelves(result.inventory, texts),
        passed=tuple(PassedView(item.rule, item.title, item.checked) for item in result.passed),
        suppressed=_suppressed(result, texts),
        not_evaluated=_not_evaluated(result),
        links=links_page(source),
        roles=tuple(_role(role, texts) for role in result.roles[:MOST_ROLES]),
        more_roles=max(0, len(result.roles) - MOST_ROLES),
        versions=_versions(result, texts),
        privacy=_privacy(result, texts),
    )


def _findings_of(result: Result) -> Sequence[Sequence[Finding]]:
    """For each automation the findings about it, and those whose path goes through it."""
    named: dict[ObjectRef, list[int]] = {}
    for number, automation in enumerate(result.automations):
        named.setdefault(automation.object, []).append(number)
    passed = {str(number): number for number in range(len(result.automations))}
    found: list[list[Finding]] = [[] for _ in result.automations]
    for finding in result.findings:
        places = (step.node.partition("/") for step in finding.path)
        on_path = (passed[number] for number, slash, _ in places if slash and number in passed)
        for number in {*named.get(finding.object, ()), *on_path}:
            found[number].append(finding)
    return found


def _automation(source: Source, number: int, automation: Automation, strip: Strip | None, findings: Sequence[Finding]) -> AutomationView:
    texts = source.texts
    chart = make_chart(automation, texts)
    return AutomationView(
        anchor=automation_anchor(number),
        object=object_view(automation.object, texts),
        status=texts("status.observed") if automation.origin is Origin.OBSERVED else texts(f"status.{automation.status}"),
        note=automation.note,
        picture=picture(chart, "", texts),
        words=outline(chart, texts),
        findings=tuple(dict.fromkeys((anchor_of(finding), finding.title) for finding in findings)),
        strip=strip,
    )


def _shelves(items: Sequence[InventoryItem], texts: Texts) -> tuple[Shelf, ...]:
    kinds = dict.fromkeys(item.object.kind for item in items)
    shelves = []
    for kind in kinds:
        ours = [item for item in items if item.object.kind == kind]
        shown = tuple(_item(item, texts) for item in ours[:MOST_ITEMS])
        shelves.append(Shelf(_plural(kind, texts), shown, len(ours) - len(shown)))
    return tuple(shelves)


def _plural(kind: str, texts: Texts) -> str:
    return texts(f"kinds.{kind}") if f"kinds.{kind}" in texts else kind_word(kind, texts)


def _item(item: InventoryItem, texts: Texts) -> Item:
    uses: dict[str, list[str]] = {}
    for use in item.uses[:MOST_USES]:
        uses.setdefault(use.how, []).append(cut(use.where, 120))
    grouped = tuple(UseView(cut(how, 60), tuple(where)) for how, where in uses.items())
    return Item(object_view(item.object, texts), item.people, item.detail, grouped, max(0, len(item.uses) - MOST_USES))


def _suppressed(result: Result, texts: Texts) -> tuple[SuppressedView, ...]:
    return tuple(
        SuppressedView(
            item.finding.rule,
            item.finding.title,
            object_view(item.finding.object, texts),
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


def _role(role: Role, texts: Texts) -> RoleView:
    origin = texts("role.declared") if role.origin == "declared" else texts("role.inferred")
    return RoleView(cut(role.role.replace("_", " "), 60), object_view(role.object, texts), cut(role.offering, 120), origin, role.reason)


def _versions(result: Result, texts: Texts) -> tuple[tuple[str, str], ...]:
    coverage = result.coverage
    evidence = texts("versions.no_evidence")
    if coverage.evidence.events:
        evidence = texts("versions.events", n=f"{coverage.evidence.events:,}", since=coverage.evidence.since or "?")
    rows = (
        (texts("versions.tool"), f"{result.tool.name} {result.tool.version}"),
        (texts("versions.format"), result.schema),
        (texts("versions.date"), result.generated_at),
        (texts("versions.account"), "" if result.account.id is None else str(result.account.id)),
        (texts("versions.plan"), result.account.plan_type or ""),
        (texts("versions.time_zone"), result.account.time_zone or ""),
        (texts("versions.manifest"), ", ".join(coverage.manifest.files)),
        (texts("versions.evidence"), evidence),
        (texts("versions.checks"), f"{len(result.rules):,}"),
    )
    return tuple((name, value) for name, value in rows if value)


def _privacy(result: Result, texts: Texts) -> tuple[str, ...]:
    return (texts("privacy.with_emails") if result.coverage.with_emails else texts("privacy.without_emails"), texts("privacy.json"))
