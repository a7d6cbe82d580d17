"""The result of an audit: what every output is drawn from. ``schema`` is ``ckaudit.result/v1`` (JSON Schema: ``ckaudit schema result``)."""

from __future__ import annotations

import enum

import msgspec

from ckaudit.model.account import BadObject
from ckaudit.model.account_map import AccountMap
from ckaudit.model.automations import Automation
from ckaudit.model.baseline import SinceBaseline, Unresolved
from ckaudit.model.configured import Configured
from ckaudit.model.errors import Location
from ckaudit.model.findings import NotApplicable, NotEvaluated, Passed, ReportedFinding, Suppressed
from ckaudit.model.impact import Impacts
from ckaudit.model.inventory import InventoryItem
from ckaudit.model.refs import ObjectRef

RESULT_SCHEMA = "ckaudit.result/v1"


class Tool(msgspec.Struct, frozen=True):
    """Who made the result."""

    name: str
    version: str


class AccountHead(msgspec.Struct, frozen=True):
    """The audited account; all None when a manifest alone was audited."""

    id: int | None = None
    name: str = ""
    plan_type: str | None = None
    time_zone: str | None = None


class ManifestCoverage(msgspec.Struct, frozen=True):
    """The manifests that were read, and whether they claim to list everything. ``described`` counts automations whose steps are known;
    ``undescribed`` are those of which only the name is known, the ones worth describing next first. ``drafts`` are automations that were
    not compared with Kit's screens yet: no rule looked at them."""

    files: tuple[str, ...] = ()
    complete: bool = False
    described: int = 0
    undescribed: tuple[str, ...] = ()
    drafts: tuple[str, ...] = ()


class EvidenceCoverage(msgspec.Struct, frozen=True):
    """How many timestamps were read, and since when (UTC)."""

    events: int = 0
    since: str | None = None


class SectionReason(msgspec.Struct, frozen=True):
    """Why a section is not complete."""

    section: str
    reason: str


class Coverage(msgspec.Struct, frozen=True):
    """What the audit could see. ``sections`` maps a section to complete, partial, refused or skipped; ``reasons`` say why.

    ``bad_objects`` could not be read and are left out. ``not_looked_at`` counts, in words, what no rule judges (``archived snippets``).
    ``with_emails``: subscribers' addresses lie beside the snapshot; the result holds none. ``read_on``: the day the account was read
    (``YYYY-MM-DD``, UTC), None when nobody wrote it down or a manifest alone was audited; ``generated_at`` is when it was audited.
    """

    sections: dict[str, str] = {}
    reasons: tuple[SectionReason, ...] = ()
    manifest: ManifestCoverage = ManifestCoverage()
    evidence: EvidenceCoverage = EvidenceCoverage()
    bad_objects: tuple[BadObject, ...] = ()
    not_looked_at: dict[str, int] = {}
    with_emails: bool = False
    read_on: str | None = None


class Grade(enum.StrEnum):
    """What a score means. ``partial``: less than 80 % of the rules could be judged, whatever the number is."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    PARTIAL = "partial"


class Score(msgspec.Struct, frozen=True):
    """The score of a part of the account. ``kind`` is ``theme``, ``automation`` or ``offering``; None when too little of it was judged.

    ``judged_percent`` is the share of rules about it that were judged, of all that had something to judge or may have had: below 80 the
    score is partial, below 20 there is none. What touches a name of the manifest that the account does not have has none either.
    Of an offering, ``lacks`` are the keys of the manifest that checks of people's access need and it does not state, and ``location`` is
    where it stands. One without a score that lacks something could not be judged.
    """

    kind: str
    name: str
    score: int | None
    lacks: tuple[str, ...] = ()
    location: Location | None = None
    judged_percent: int = 100


class Summary(msgspec.Struct, frozen=True):
    """Counts. ``score`` is 0 to 100, see ``ckaudit.engine.score``; None when hardly anything could be judged.

    ``judged_percent`` is the share of rules that were judged, of all that had something to judge or may have had; ``grade`` what both mean.

    ``hidden`` counts findings below the asked severity or confidence. With a baseline, ``unchanged`` counts findings it has too (they are
    left out), ``fixed`` those of the baseline that are gone though their rule was judged, and ``not_confirmed`` those of which nobody knows
    because their rule was not.
    """

    error: int = 0
    warning: int = 0
    info: int = 0
    suppressed: int = 0
    passed: int = 0
    not_evaluated: int = 0
    not_applicable: int = 0
    score: int | None = None
    judged_percent: int = 0
    grade: Grade = Grade.PARTIAL
    hidden: int = 0
    unchanged: int = 0
    fixed: int = 0
    not_confirmed: int = 0


class Role(msgspec.Struct, frozen=True):
    """What a tag or sequence is taken for, and why. ``origin`` is ``declared`` or ``inferred``."""

    role: str
    object: ObjectRef
    offering: str
    origin: str
    reason: str = ""


class Link(msgspec.Struct, frozen=True):
    """A direct cause between two objects; ``status`` is declared, observed or both.

    ``support`` people got the target because of the source, the ``share`` (0 to 1) of those who could. Delays are seconds (median, 10 % and
    90 % of these people), None without a trace. ``confidence`` (0 to 1) says how sure an observed link is, None when nobody was seen.

    ``causes`` are the automations, rules and forms that declare it, or else the integrations that are known to write its target.
    ``planned_seconds`` is the least delay the manifest plans, None when nobody says. ``indirect`` is True for an observed link that the
    manifest declares over several steps, and for declared links that such an observed one goes past. ``source_people`` is given where there
    was no trace: how many people got the source in the time looked at. ``rivals`` may be the source instead: they come with it, at a
    distance as steady. ``condition`` is a tag that all of these people had, and few of the source's others.
    """

    source: ObjectRef
    target: ObjectRef
    support: int
    share: float
    delay_seconds: int | None
    delay_p10: int | None
    delay_p90: int | None
    status: str
    confidence: float | None = None
    causes: tuple[ObjectRef, ...] = ()
    planned_seconds: int | None = None
    indirect: bool = False
    source_people: int | None = None
    rivals: tuple[ObjectRef, ...] = ()
    condition: ObjectRef | None = None


class LooksLinked(msgspec.Struct, frozen=True):
    """``target`` comes at a regular distance after ``source``, but probably no automation does it: ``why`` is ``the same writer``,
    ``one event``, ``by hand`` or ``nightly``. People and seconds as in ``Link``."""

    source: ObjectRef
    target: ObjectRef
    support: int
    delay_seconds: int
    delay_p10: int
    delay_p90: int
    why: str


class WithoutCause(msgspec.Struct, frozen=True):
    """A sequence or tag that ``people`` have and no link leads to. ``why``: how it came to them (``in bulk``, ``one event``, ``nightly``),
    where the times say so."""

    object: ObjectRef
    people: int
    why: str | None = None


GAP_EDGES = (
    0, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 43200,
    86400, 2 * 86400, 3 * 86400, 5 * 86400, 7 * 86400, 14 * 86400, 30 * 86400, 90 * 86400,
)  # fmt: skip
"""Where the bins of gap distributions begin, in seconds; the last one is open."""


class GapBin(msgspec.Struct, frozen=True):
    """People who went on after at least ``seconds``, one of ``GAP_EDGES``, and less than the edge after it."""

    seconds: int
    people: int


class ObservedWeeks(msgspec.Struct, frozen=True):
    """One number per week. ``first`` is the Monday of the first (``YYYY-MM-DD``, UTC); the first and the last week may not be whole.

    ``people`` came in; of them ``went_on`` got anything the automation gives, and ``on_the_way`` did not yet, but came too recently to say.
    """

    first: str
    people: tuple[int, ...] = ()
    went_on: tuple[int, ...] = ()
    on_the_way: tuple[int, ...] = ()


class ObservedStep(msgspec.Struct, frozen=True):
    """From one visible timestamp of an automation to the next: the people of the time looked at.

    ``people`` got the source long enough ago and did not have the target before; ``went_on`` of them got the target. Beside them
    ``on_the_way`` came too recently to say, ``had_before`` had the target already, and of those who did not go on ``not_mailed`` get no
    mail from Kit any more. Delays are seconds (median, 10 % and 90 % of the people who went on). ``planned_min`` and
    ``planned_max`` are what the manifest plans, None when nobody can say. ``partial``: the target's list was not read whole, so that
    more may have gone on. ``bounded``: it was read from a day on, so that who had the target before counts among those who did not go on.
    ``conditional``: not everybody is meant to go this way. ``gaps`` are the people who went on, by how long it took. ``status`` is
    declared, observed or both: whether mining found a direct link here.
    """

    source: ObjectRef
    target: ObjectRef
    status: str
    people: int = 0
    went_on: int = 0
    on_the_way: int = 0
    had_before: int = 0
    not_mailed: int = 0
    delay_seconds: int | None = None
    delay_p10: int | None = None
    delay_p90: int | None = None
    planned_min: int | None = None
    planned_max: int | None = None
    partial: bool = False
    bounded: bool = False
    conditional: bool = False
    gaps: tuple[GapBin, ...] = ()


class ObservedAutomation(msgspec.Struct, frozen=True):
    """What the timestamps show of one automation; ``number`` is its place in ``Result.automations``.

    Looked at is the time from ``since`` on (UTC), from which all its lists were read. ``entries`` have timestamps and are counted:
    ``people``
    came in within that time, the ``last`` of them at that moment (UTC), without ``at_once``, who came many in one minute (an import or bulk
    work); ``weeks`` counts them by week. The last of those who went on at all came in at ``last_went_on``; ``stuck`` came in after that,
    long enough ago, and did not. ``hidden`` are tags of it that something takes off again: who lost one left no trace. ``partial`` are
    objects of it whose lists were not read whole. ``more_steps`` counts steps left out.
    """

    number: int
    automation: ObjectRef
    since: str
    entries: tuple[ObjectRef, ...] = ()
    people: int = 0
    at_once: int = 0
    last: str | None = None
    last_went_on: str | None = None
    stuck: int = 0
    weeks: ObservedWeeks | None = None
    steps: tuple[ObservedStep, ...] = ()
    more_steps: int = 0
    hidden: tuple[ObjectRef, ...] = ()
    partial: tuple[ObjectRef, ...] = ()


class Observed(msgspec.Struct, frozen=True):
    """What was seen of the automations between ``since`` and ``until`` (UTC); of some from a later day on only."""

    since: str
    until: str
    automations: tuple[ObservedAutomation, ...] = ()


class VariantText(msgspec.Struct, frozen=True):
    """One of the ways in which a rule fails; ``fix`` is empty where the steps are those of the rule."""

    name: str
    title: str
    severity: str
    fix: tuple[str, ...] = ()


class RuleText(msgspec.Struct, frozen=True):
    """A rule as reports explain it; the one text that ``explain``, SARIF, HTML and docs share.

    ``docs`` is its page in ckaudit's repository, empty for rules of one's own. ``confidence`` is that of its findings where they say
    nothing else; ``exposure`` as in ``ckaudit.model.rules.Rule``.
    """

    code: str
    name: str
    title: str = ""
    passing: str = ""
    theme: str = ""
    severity: str = ""
    why: str = ""
    fix: tuple[str, ...] = ()
    effort_minutes: int = 0
    docs: str = ""
    variants: tuple[VariantText, ...] = ()
    confidence: str = ""
    exposure: float | None = None


class Result(msgspec.Struct, frozen=True):
    """Everything an output needs; a renderer is a pure function of it.

    ``known`` are findings left out because a baseline has them, ``since`` says what became of the others. ``unresolved`` are names that the
    account does not have. ``present`` are the ids of all objects of the kinds that were read completely, so that a later audit can say
    what is gone. ``hidden`` are the fingerprints of findings below the asked severity or confidence. ``configured`` says what a
    configuration changed. ``prices`` are what offerings cost, by their names. ``map`` is how things set each
    other off, ``impacts`` what breaks without them.
    """

    schema: str
    tool: Tool
    generated_at: str
    account: AccountHead
    coverage: Coverage
    summary: Summary
    findings: tuple[ReportedFinding, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    passed: tuple[Passed, ...] = ()
    not_evaluated: tuple[NotEvaluated, ...] = ()
    not_applicable: tuple[NotApplicable, ...] = ()
    scores: tuple[Score, ...] = ()
    links: tuple[Link, ...] = ()
    look_linked: tuple[LooksLinked, ...] = ()
    without_cause: tuple[WithoutCause, ...] = ()
    observed: Observed | None = None
    roles: tuple[Role, ...] = ()
    rules: tuple[RuleText, ...] = ()
    automations: tuple[Automation, ...] = ()
    inventory: tuple[InventoryItem, ...] = ()
    crashed: tuple[NotEvaluated, ...] = ()
    known: tuple[ReportedFinding, ...] = ()
    since: SinceBaseline | None = None
    unresolved: tuple[Unresolved, ...] = ()
    present: dict[str, tuple[int | str, ...]] = {}
    hidden: tuple[str, ...] = ()
    configured: Configured = Configured()
    prices: dict[str, str] = {}
    map: AccountMap = AccountMap()
    impacts: Impacts = Impacts()
