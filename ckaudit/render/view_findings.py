"""Findings as the report shows them: by theme, by rule, with their drawings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from ckaudit.model.findings import Harm, PathStep, ReportedFinding, Severity
from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import Result, RuleText
from ckaudit.model.rules import Theme
from ckaudit.render.draw.chart import Chart, Mark, make_chart, make_path_chart
from ckaudit.render.draw.excerpt import excerpt, sheets
from ckaudit.render.draw.outline import path_lines
from ckaudit.render.draw.svg import svg
from ckaudit.render.options import RenderOptions
from ckaudit.render.plain import cut
from ckaudit.render.since import is_new
from ckaudit.render.view import Drawn, FindingView, Group, Object, Picture, PlanPart
from ckaudit.render.vocabulary import THEMES, kind_name

MAX_NAME = 160
MAX_SAME = 200
MAX_RELATED = 12
MAX_STEPS = 40
MAX_DRAWINGS = 3
KIT_PAGES = {"automation": "https://app.kit.com/automations/{}/edit", "sequence": "https://app.kit.com/sequences/{}"}


def object_view(item: ObjectRef) -> Object:
    """An object of the account; its page in Kit where Kit's addresses are known (automations and sequences)."""
    pattern = KIT_PAGES.get(item.kind, "")
    url = pattern.format(item.id) if pattern and type(item.id) is int else ""
    return Object(kind_name(item.kind), cut(item.name, MAX_NAME), "" if item.id is None else cut(str(item.id), 40), url)


def anchor_of(finding: ReportedFinding) -> str:
    """A link to the finding that stays valid as long as its fingerprint does."""
    return "f-" + re.sub(r"[^0-9A-Za-z-]", "", finding.fingerprint)[:40]


def automation_anchor(number: int) -> str:
    """Where the automation with this number is drawn."""
    return f"automation-{number}"


PLAN = (
    ("error", "This week", "People are harmed or money is lost now."),
    ("warning", "This month", "Likely to harm people or cost money."),
    ("info", "Later", "Good to know. Nothing breaks if it waits."),
)
"""The three parts of the plan: a severity, a title, what it means."""


def plan_parts(groups: tuple[Group, ...]) -> tuple[PlanPart, ...]:
    """The groups in the order in which to work, without empty parts."""
    parts = []
    for severity, title, means in PLAN:
        ours = tuple(group for group in groups if group.severity == severity)
        minutes = sum(group.effort * len(group.findings) for group in ours)
        parts.append(PlanPart(severity, title, means, ours, minutes))
    return tuple(part for part in parts if part.groups)


def _weight(group: Group) -> tuple[int, bool, int, int]:
    return _rank(group.severity), not group.new, group.harm, -(group.people or 0)


def groups_of(result: Result, options: RenderOptions) -> tuple[Group, ...]:
    """The findings of each rule together: worst first, then what a baseline lacks, then by harm, then by people, then by code."""
    rules = {rule.code: rule for rule in result.rules}
    found: dict[str, list[ReportedFinding]] = {}
    for finding in result.findings:
        found.setdefault(finding.rule, []).append(finding)
    groups = [_group(result, code, rules.get(code), findings, options) for code, findings in found.items()]
    return tuple(sorted(groups, key=lambda group: (*_weight(group), group.code)))


def _rank(severity: str) -> int:
    return Severity(severity).rank


def _group(result: Result, code: str, rule: RuleText | None, findings: list[ReportedFinding], options: RenderOptions) -> Group:
    first = findings[0]
    titles, steps = {finding.title for finding in findings}, _shared_steps(rule, findings)
    views = tuple(sorted((_finding(result, finding, rule, steps) for finding in findings), key=lambda view: not view.is_new))
    severity = min((view.severity for view in views), key=_rank)
    theme = rule.theme if rule and rule.theme in set(Theme) else ""
    known = [finding.people for finding in findings if finding.people is not None]
    return Group(
        anchor="rule-" + re.sub(r"[^0-9A-Za-z-]", "", code),
        code=code,
        name=rule.name if rule else first.name,
        title=rule.title if rule and len(titles) > 1 else first.title,
        severity=severity,
        harm=min(view.harm for view in views if view.severity == severity),
        theme=theme,
        theme_title=THEMES.get(theme, "Other findings"),
        why=tuple(rule.why.split("\n\n")) if rule and rule.why else (),
        fix=steps,
        effort=rule.effort_minutes if rule else 0,
        docs=options.page(rule.docs if rule else first.docs),
        people=max(known) if known else None,
        findings=views,
        new=sum(view.is_new for view in views),
    )


def _shared_steps(rule: RuleText | None, findings: list[ReportedFinding]) -> tuple[str, ...]:
    """The steps that are given once below findings of one rule: the rule's where one of them has those, else those that several share."""
    used = Counter(finding.fix for finding in findings)
    if rule and rule.fix in used:
        return rule.fix
    ((steps, count),) = used.most_common(1)
    return steps if count > 1 or len(findings) == 1 else ()


def _finding(result: Result, finding: ReportedFinding, rule: RuleText | None, steps: tuple[str, ...]) -> FindingView:
    pictures = tuple(_pictures(result, finding))
    return FindingView(
        anchor=anchor_of(finding),
        severity=str(finding.severity),
        harm=finding.harm.rank,
        confidence=str(finding.confidence),
        rule=finding.rule,
        title=finding.title or finding.message,
        object=object_view(finding.object),
        message=finding.message,
        people=finding.people,
        people_who=cut(finding.people_who, MAX_NAME),
        price=cut(price_at_stake(result, finding), 60),
        same_cause=tuple(object_view(item) for item in finding.same_cause[:MAX_SAME]),
        more_same=max(0, len(finding.same_cause) - MAX_SAME),
        related=tuple(object_view(item) for item in finding.beside[:MAX_RELATED]),
        path=path_lines(finding.path[:MAX_STEPS]),
        pictures=pictures,
        whole="" if pictures else _whole(result, finding.object),
        fix=() if finding.fix == steps else finding.fix,
        covers=finding.covers,
        place=str(finding.location) if finding.location else "",
        effort=rule.effort_minutes if rule else 0,
        is_new=is_new(finding, result.since),
    )


_ABOUT_MONEY = (Harm.LOCKED_OUT, Harm.LEAK, Harm.MONEY)


def price_at_stake(result: Result, finding: ReportedFinding) -> str:
    """What one of the finding's people paid: the price of the one offering it is about; empty where that is not said, or not at stake."""
    if not result.prices or finding.harm not in _ABOUT_MONEY:
        return ""
    for items in ((finding.object,), finding.related):
        offerings = {role.offering for role in result.roles if role.object in items and role.offering}
        if offerings:
            return result.prices.get(offerings.pop(), "") if len(offerings) == 1 else ""
    return ""


def _whole(result: Result, item: ObjectRef) -> str:
    """Where the automation that a finding is about is drawn."""
    numbers = (number for number, automation in enumerate(result.automations) if automation.object == item)
    return next((automation_anchor(number) for number in numbers), "")


def _pictures(result: Result, finding: ReportedFinding) -> Iterable[Picture]:
    """One for each automation that the path touches, at most three; the path itself when it touches none."""
    automations = result.automations
    numbers = flagged_automations(finding.path, len(automations))
    for number in numbers:
        automation = automations[number]
        part = excerpt(make_chart(automation, marks_in(finding.path, number)))
        yield picture(part, f"The flagged path in “{cut(automation.name, MAX_NAME)}”", automation_anchor(number))
    if not numbers and len(finding.path) > 1:
        yield picture(make_path_chart(finding.path[:MAX_STEPS]), "The flagged path")


def flagged_automations(path: tuple[PathStep, ...], count: int) -> tuple[int, ...]:
    """The numbers of the automations that a path touches, at most three; ``count`` is how many there are."""
    numbers = [number for step in path if (number := step.automation) is not None and number < count]
    return tuple(dict.fromkeys(numbers))[:MAX_DRAWINGS]


def marks_in(path: tuple[PathStep, ...], number: int) -> dict[str, Mark]:
    """The places of one automation that a path flags. Numbers count within it; a place that comes twice keeps its first number."""
    marks: dict[str, Mark] = {}
    for step in path:
        if step.automation == number:
            marks.setdefault(step.place, Mark(len(marks) + 1, step.note))
    return marks


def marks_of(findings: Sequence[ReportedFinding], number: int) -> dict[str, Mark]:
    """Where in one automation each of its findings is, by its place among them from 1: at the last step of its path that says something,
    else at the last one. A box with several has the first."""
    marks: dict[str, Mark] = {}
    for place, finding in enumerate(findings, 1):
        steps = [step for step in finding.path if step.automation == number]
        if steps:
            at = next((step for step in reversed(steps) if step.note), steps[-1])
            marks.setdefault(at.place, Mark(place, is_step=False))
    return marks


def picture(chart: Chart, caption: str, link: str = "") -> Picture:
    """A chart in as many drawings as it needs."""
    parts = sheets(chart)
    drawn = []
    for number, sheet in enumerate(parts, 1):
        about = f"Part {number} of {len(parts)}" if len(parts) > 1 else ""
        if sheet.letter:
            about = f"{about}, side {sheet.letter}: {cut(sheet.about, MAX_NAME)}"
        drawn.append(Drawn(Markup(svg(sheet.chart, about=about)), about))  # noqa: S704  svg escapes every word
    return Picture(caption, tuple(drawn), link)
