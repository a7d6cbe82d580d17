"""The result of an audit: what every output is drawn from. ``schema`` is ``ckaudit.result/v1`` (JSON Schema: ``ckaudit schema result``)."""

from __future__ import annotations

import msgspec

from ckaudit.model.account import BadObject
from ckaudit.model.automations import Automation
from ckaudit.model.findings import Finding, NotEvaluated, Passed, Suppressed
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
    """The manifests that were read and whether they claim to list everything."""

    files: tuple[str, ...] = ()
    complete: bool = False


class EvidenceCoverage(msgspec.Struct, frozen=True):
    """How many time stamps were read, and since when (UTC)."""

    events: int = 0
    since: str | None = None


class SectionReason(msgspec.Struct, frozen=True):
    """Why a section is not complete."""

    section: str
    reason: str


class Coverage(msgspec.Struct, frozen=True):
    """What the audit could see. ``sections`` maps a section to complete, partial, refused or skipped."""

    sections: dict[str, str] = {}
    reasons: tuple[SectionReason, ...] = ()
    manifest: ManifestCoverage = ManifestCoverage()
    evidence: EvidenceCoverage = EvidenceCoverage()
    bad_objects: tuple[BadObject, ...] = ()
    not_looked_at: dict[str, int] = {}
    with_emails: bool = False


class Summary(msgspec.Struct, frozen=True):
    """Counts. ``score`` is 0 to 100, see ``ckaudit.engine.score``; None when hardly anything could be evaluated.

    ``hidden`` counts findings below the asked severity or confidence. With a baseline, ``unchanged`` counts findings it has too (they are
    left out), and ``fixed`` those of the baseline that are gone though their rule was judged.
    """

    error: int = 0
    warning: int = 0
    info: int = 0
    suppressed: int = 0
    passed: int = 0
    not_evaluated: int = 0
    score: int | None = None
    hidden: int = 0
    unchanged: int = 0
    fixed: int = 0


class Role(msgspec.Struct, frozen=True):
    """What a tag or sequence is taken for, and why. ``origin`` is ``declared`` or ``inferred``."""

    role: str
    object: ObjectRef
    offering: str
    origin: str
    reason: str


class Link(msgspec.Struct, frozen=True):
    """A direct cause between two objects. Delays are seconds; ``status`` is declared, observed or both."""

    source: ObjectRef
    target: ObjectRef
    support: int
    share: float
    delay_seconds: int | None
    delay_p10: int | None
    delay_p90: int | None
    status: str
    confidence: float | None = None


class Use(msgspec.Struct, frozen=True):
    """Where an object is used, in words (``adds it: Course A - release``)."""

    how: str
    where: str


class InventoryItem(msgspec.Struct, frozen=True):
    """An object of the account for the inventory. ``people`` is Kit's count of active people, when it gave one."""

    object: ObjectRef
    people: int | None = None
    detail: str = ""
    uses: tuple[Use, ...] = ()


class RuleText(msgspec.Struct, frozen=True):
    """A rule as reports explain it; the one text that ``explain``, SARIF, HTML and docs share."""

    code: str
    name: str
    title: str
    passing: str
    theme: str
    severity: str
    why: str
    fix: tuple[str, ...]
    effort_minutes: int
    docs: str


class Result(msgspec.Struct, frozen=True):
    """Everything an output needs; a renderer is a pure function of it."""

    schema: str
    tool: Tool
    generated_at: str
    account: AccountHead
    coverage: Coverage
    summary: Summary
    findings: tuple[Finding, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    passed: tuple[Passed, ...] = ()
    not_evaluated: tuple[NotEvaluated, ...] = ()
    links: tuple[Link, ...] = ()
    roles: tuple[Role, ...] = ()
    rules: tuple[RuleText, ...] = ()
    automations: tuple[Automation, ...] = ()
    inventory: tuple[InventoryItem, ...] = ()
    crashed: tuple[NotEvaluated, ...] = ()
