"""What the HTML report shows, in the order it shows it: plain values, so that templates only print."""

from __future__ import annotations

import msgspec
from markupsafe import Markup

from ckaudit.render.draw.outline import Line
from ckaudit.render.trend import Trend


class Picture(msgspec.Struct, frozen=True):
    """One or more drawings of a thing. ``caption`` says what is drawn; ``link`` is the anchor of the whole."""

    caption: str
    drawings: tuple[Drawn, ...]
    link: str = ""


class Drawn(msgspec.Struct, frozen=True):
    """One drawing, with what it is a part of when there are several."""

    svg: Markup
    caption: str = ""


class Object(msgspec.Struct, frozen=True):
    """An object of the account: ``url`` leads to it in Kit when its address is known."""

    kind: str
    name: str
    id: str
    url: str = ""


class FindingView(msgspec.Struct, frozen=True):
    """One finding. ``people`` is None when the data does not say, ``people_who`` says who they are, ``price`` what
    each of them paid, where that is known and at stake. ``same_cause`` lists the further
    objects of one cause; ``more_same`` counts those left out.

    ``is_new``: a baseline does not have it, or it weighs more than there. ``fix`` is empty when the group's steps hold. ``whole`` is the
    anchor of the automation it is about, when no path of it is drawn here.
    """

    anchor: str
    severity: str
    harm: int
    confidence: str
    rule: str
    title: str
    object: Object
    message: str
    people: int | None
    people_who: str
    price: str
    same_cause: tuple[Object, ...]
    more_same: int
    related: tuple[Object, ...]
    path: tuple[str, ...]
    pictures: tuple[Picture, ...]
    whole: str
    fix: tuple[str, ...]
    covers: tuple[str, ...]
    place: str
    effort: int
    is_new: bool = False


class Group(msgspec.Struct, frozen=True):
    """All findings of one rule: what is wrong, why it matters, how to put it right. ``people`` is the most that one finding reaches;
    ``harm`` is the rank of the worst harm among its worst findings, ``new`` how many a baseline does not have."""

    anchor: str
    code: str
    name: str
    title: str
    severity: str
    harm: int
    theme: str
    theme_title: str
    why: tuple[str, ...]
    fix: tuple[str, ...]
    effort: int
    docs: str
    people: int | None
    findings: tuple[FindingView, ...]
    new: int = 0


class PlanPart(msgspec.Struct, frozen=True):
    """What to do in one stretch of time. ``minutes`` is what all of it takes, each place counted."""

    key: str
    title: str
    means: str
    groups: tuple[Group, ...]
    minutes: int


class SubScore(msgspec.Struct, frozen=True):
    """The score of an area or an offering, with its grade, and how much of it was judged where that is not everything."""

    name: str
    score: int
    grade: str
    judged: str


class Count(msgspec.Struct, frozen=True):
    """How many findings have a severity."""

    severity: str
    number: int


class Change(msgspec.Struct, frozen=True):
    """What changed since the baseline. ``unclear`` counts findings that are gone and may not be fixed, ``put_right`` names the first of
    those that are."""

    date: str
    new: int
    fixed: int
    still: int
    unclear: int
    score_before: int | None
    put_right: tuple[str, ...] = ()


class FrontPage(msgspec.Struct, frozen=True):
    """The page for the owner of the account. ``nothing`` stands in the place of ``actions`` where there are none. ``asked`` counts findings
    that are questions here."""

    scope: tuple[str, ...]
    score: int | None
    grade: str
    judged_percent: int
    sentences: tuple[str, ...]
    harms: tuple[str, ...]
    counts: tuple[Count, ...]
    asked: int
    actions: tuple[Group, ...]
    nothing: str
    areas: tuple[SubScore, ...]
    offerings: tuple[SubScore, ...]
    gaps: tuple[str, ...]
    questions: tuple[str, ...]
    more_questions: int
    change: Change | None
    trend: Trend | None


class Week(msgspec.Struct, frozen=True):
    """The people of one week, and what became of them."""

    day: str
    people: int
    went_on: int
    not_gone: int
    on_the_way: int


class TimelineStep(msgspec.Struct, frozen=True):
    """From one timestamp to the next. ``is_off`` when it does not go as planned."""

    sentence: str
    notes: tuple[str, ...]
    svg: Markup | None
    is_off: bool


class Timeline(msgspec.Struct, frozen=True):
    """What was seen of one automation."""

    sentences: tuple[str, ...]
    weeks: Markup | None
    rows: tuple[Week, ...]
    has_lost: bool
    has_waiting: bool
    steps: tuple[TimelineStep, ...]
    notes: tuple[str, ...]


class AutomationView(msgspec.Struct, frozen=True):
    """One automation, drawn and in words. ``findings`` are the anchors and titles of what was found in it, ``nothing`` stands for none."""

    anchor: str
    object: Object
    status: str
    note: str
    picture: Picture
    words: tuple[Line, ...]
    findings: tuple[tuple[str, str], ...]
    nothing: str
    timeline: Timeline | None = None


class UseView(msgspec.Struct, frozen=True):
    """Where an object is used; all of a kind together."""

    how: str
    where: tuple[str, ...]


class Item(msgspec.Struct, frozen=True):
    """A line of the inventory. ``more`` counts uses that are not shown."""

    anchor: str
    object: Object
    people: int | None
    detail: str
    uses: tuple[UseView, ...]
    more: int


class InventorySection(msgspec.Struct, frozen=True):
    """All objects of a kind; ``more`` counts those that are not shown."""

    kind: str
    items: tuple[Item, ...]
    more: int


class PassedView(msgspec.Struct, frozen=True):
    """A check that found nothing."""

    code: str
    title: str
    checked: int


class SuppressedView(msgspec.Struct, frozen=True):
    """A finding that somebody accepted."""

    code: str
    title: str
    object: Object
    reason: str
    owner: str
    until: str
    place: str


class NotEvaluatedView(msgspec.Struct, frozen=True):
    """A check that could not be judged. ``broken`` when that is the program's own problem."""

    code: str
    title: str
    reason: str
    broken: bool = False


class NothingView(msgspec.Struct, frozen=True):
    """A check that had nothing to judge."""

    code: str
    title: str
    reason: str


class ScoreView(msgspec.Struct, frozen=True):
    """The score of a theme, an automation or an offering, in words. ``what`` is what an offering lacks, in words."""

    kind: str
    name: str
    score: str
    what: str


class LinkRow(msgspec.Struct, frozen=True):
    """A link between two objects, in words. ``people`` is None where it was not seen; then ``what`` says why that may be."""

    source: Object
    target: Object
    people: int | None
    share: str
    when: str
    sure: str
    known: str
    what: str


class LinkGroup(msgspec.Struct, frozen=True):
    """Links of one status (``both``, ``observed``, ``declared``), the most people first; ``more`` counts those that are not shown."""

    key: str
    title: str
    means: str
    caption: str
    sentences: tuple[str, ...]
    rows: tuple[LinkRow, ...]
    more: int


class LinksPage(msgspec.Struct, frozen=True):
    """The links that were found, and what to do about them."""

    span: str
    found: int
    is_list_given: bool
    pictures: tuple[Drawn, ...]
    not_drawn: int
    groups: tuple[LinkGroup, ...]


class RoleView(msgspec.Struct, frozen=True):
    """What an object is taken for."""

    role: str
    object: Object
    offering: str
    origin: str
    reason: str


class MapPartView(msgspec.Struct, frozen=True):
    """One part of the map: a drawing, and the same in words."""

    anchor: str
    number: int
    title: str
    svg: Markup
    words: tuple[str, ...]


class ImpactView(msgspec.Struct, frozen=True):
    """What breaks without an object, in sentences; ``more`` counts those left out."""

    object: Object
    people: int | None
    ends: tuple[str, ...]
    more: int


class MapPage(msgspec.Struct, frozen=True):
    """How things set each other off. ``notes`` say what is not on the map; ``more_impacts`` counts objects that were not looked at."""

    parts: tuple[MapPartView, ...]
    notes: tuple[str, ...]
    impacts: tuple[ImpactView, ...]
    more_impacts: int


class Appendix(msgspec.Struct, frozen=True):
    """Everything behind the findings. The ``more_`` numbers count what is not shown."""

    map: MapPage | None
    automations: tuple[AutomationView, ...]
    inventory: tuple[InventorySection, ...]
    passed: tuple[PassedView, ...]
    suppressed: tuple[SuppressedView, ...]
    not_evaluated: tuple[NotEvaluatedView, ...]
    not_applicable: tuple[NothingView, ...]
    scores: tuple[ScoreView, ...]
    links: LinksPage | None
    roles: tuple[RoleView, ...]
    more_roles: int
    versions: tuple[tuple[str, str], ...]
    privacy: tuple[str, ...]


class Brand(msgspec.Struct, frozen=True):
    """What a consultant put on the report. ``logo`` is a data address or empty."""

    name: str
    logo: str
    contact: str
    introduction: Markup
    closing: Markup
    tool: bool


class Report(msgspec.Struct, frozen=True):
    """The whole report."""

    title: str
    account: str
    date: str
    brand: Brand
    front: FrontPage
    plan: tuple[PlanPart, ...]
    findings: int
    appendix: Appendix
    is_for_client: bool

    @property
    def groups(self) -> tuple[Group, ...]:
        """Every group of findings, the most important first."""
        return tuple(group for part in self.plan for group in part.groups)

    @property
    def listed(self) -> tuple[FindingView, ...]:
        """Every finding, the most important first: by severity, then by harm, then by people."""
        worst = ("error", "warning", "info")
        every = (finding for group in self.groups for finding in group.findings)
        return tuple(sorted(every, key=lambda finding: (worst.index(finding.severity), finding.harm, -(finding.people or 0), finding.rule)))

    @property
    def themes(self) -> tuple[tuple[str, str], ...]:
        """The themes with findings: name and title."""
        return tuple(dict.fromkeys((group.theme, group.theme_title) for group in self.groups))
