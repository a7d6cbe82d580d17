"""What a rule declares about itself."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping

import msgspec

from ckaudit.model.findings import Confidence, Harm, Severity
from ckaudit.model.refs import Kind
from ckaudit.model.roles import RoleName


class Theme(enum.StrEnum):
    """The themes of the catalogue, by the first digit of the code. Values are the folders of ``rules/``."""

    ACCOUNT = "account"
    ACCESS = "access"
    AUTOMATIONS = "automations"
    SEQUENCES = "sequences"
    EMAILS = "emails"
    TAGS = "tags"
    FORMS = "forms"
    EVIDENCE = "evidence"
    AUDIT = "audit"

    @property
    def digit(self) -> str:
        """First digit of the theme's codes."""
        return str(tuple(Theme).index(self) + 1)


class Need(enum.StrEnum):
    """Data a rule cannot work without. Missing data makes it *not evaluated*, with the reason.

    Names of sections need that section complete. ``automations`` needs automations, declared or observed. ``membership`` needs a known
    membership: an offering with a stack, a visible webhook of a known stack, or declared webhook tags. ``evidence`` needs timestamps.
    ``products`` needs a known product. ``suppressions`` needs to know which of them are stale: such a rule runs when all others are done.
    """

    ACCOUNT = "account"
    TAGS = "tags"
    FORMS = "forms"
    SEQUENCES = "sequences"
    SEQUENCE_EMAILS = "sequence_emails"
    CUSTOM_FIELDS = "custom_fields"
    SNIPPETS = "snippets"
    WEBHOOKS = "webhooks"
    WEBHOOK_ENDPOINTS = "webhook_endpoints"
    SEGMENTS = "segments"
    EMAIL_TEMPLATES = "email_templates"
    BROADCASTS = "broadcasts"
    AUTOMATIONS = "automations"
    MANIFEST = "manifest"
    MEMBERSHIP = "membership"
    PRODUCTS = "products"
    EVIDENCE = "evidence"
    SUPPRESSIONS = "suppressions"


class ObservedUse(enum.StrEnum):
    """What a rule does with automations that timestamps show and no manifest lists.

    ``ignored``: it never sees them. ``silences``: what they do can take a finding away, never bring one. ``judged``: it judges them like
    declared ones; the engine marks what it finds, lowers the confidence and says how many people showed it. A rule that judges must not
    rest on what leaves no timestamp: removed tags, conditions, goals, fields, purchases, what is not done, and which of the objects is the
    entry, for what comes before may have left no timestamp.
    """

    IGNORED = "ignored"
    SILENCES = "silences"
    JUDGED = "judged"


class NotEvaluatedError(Exception):
    """A rule raises it when it finds out while running that it cannot judge. Findings it gave before stay.

    ``reason`` is a sentence, ``needs`` names the missing data.
    """

    def __init__(self, reason: str, needs: tuple[Need, ...] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.needs = needs


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule's options. A rule that has some makes a class of this one: every field has a default and a description
    (``Annotated[int, msgspec.Meta(description=…)]``)."""


class Variant(msgspec.Struct, frozen=True):
    """One of the ways in which a rule can fail: its title, and what differs from the rule.

    Without ``severity`` and ``harm`` they are the rule's; without ``fix`` the steps are those of the rule's documentation. What
    ``yields_to`` names counts in addition to what the rule names.
    """

    title: str
    severity: Severity | None = None
    fix: tuple[str, ...] = ()
    yields_to: tuple[str, ...] = ()
    harm: Harm | None = None


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Metadata of a rule. ``title`` is the failing state as the owner reads it, ``passing`` the passing one; both are plain sentences.

    ``harm`` is what it does to people and business; findings of one severity come in its order.
    ``variants`` are the ways in which it can fail, by the name its findings give them; a rule with only one has none.

    How it relates to other rules, each named by its code (``CK311``) or with one of its variants (``CK202 too-late``):
    ``yields_to`` are the rules that win over it: where one has a finding with the same cause, this rule's finding is joined into it.
    ``observed_yields_to`` are those that win over what rests on observed links alone. ``people_from`` are the rules about evidence that
    count its people, the best first. With ``counts_passers_by`` whoever came by in the last 90 days is who it happens to. ``unsure_beside``
    are the rules beside whose findings this one never passes: they take the ground from under it. For a rule that needs roles these are
    findings about something that has a role.

    ``exposure`` is for rules whose findings lay open what must not be seen (passwords, people's data): how bad that is, from 0.1 to 10 as
    in CVSS. Code scanning then shows all its findings as security alerts (``security-severity``), so no variant may be harmless. None for
    all others.

    ``passes_with`` are sections of the account that it looks at besides what it needs: while one of them is not complete it may find
    something, and never passes.

    ``needs_roles`` are groups of roles; a rule that finds nothing has judged a membership only if one role of every group is known for
    it. ``checks`` is the kind of object the rule looks at: the report counts them ("12 sequences checked"); the rule's ``judged`` says
    which of them have the role it judges. ``nothing`` says what it means that there are none, as a sentence without its full stop:
    "No automation adds a module tag". ``unseen`` says why timestamps alone cannot answer, as the end of a sentence: "links were seen in
    timestamps, but …".
    """

    code: str
    name: str
    title: str
    passing: str
    severity: Severity
    theme: Theme
    confidence: Confidence = Confidence.CERTAIN
    needs: tuple[Need, ...] = ()
    passes_with: tuple[Need, ...] = ()
    needs_roles: tuple[tuple[RoleName, ...], ...] = ()
    checks: Kind = Kind.ACCOUNT
    since: str = "0.1.0"
    effort_minutes: int = 5
    options: type[Options] = Options
    observed: ObservedUse = ObservedUse.IGNORED
    unseen: str = ""
    nothing: str = ""
    variants: Mapping[str, Variant] = {}
    yields_to: tuple[str, ...] = ()
    observed_yields_to: tuple[str, ...] = ()
    people_from: tuple[str, ...] = ()
    unsure_beside: tuple[str, ...] = ()
    counts_passers_by: bool = False
    harm: Harm = Harm.ANNOYANCE
    exposure: float | None = None

    def __post_init__(self) -> None:
        problems = []
        if not re.fullmatch(r"[A-Z]{2,4}\d{3}", self.code):
            problems.append("code must be letters and three digits, such as CK202")
        if self.code.startswith("CK") and self.code[2:3] != self.theme.digit:
            problems.append(f"codes of the theme “{self.theme}” begin with CK{self.theme.digit}")
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", self.name):
            problems.append("name must be kebab-case, such as login-email-without-delay")
        if not (10 <= len(self.title) <= 110 and 10 <= len(self.passing) <= 110):
            problems.append("title and passing must be sentences of 10 to 110 characters")
        if self.exposure is not None and not 0 < self.exposure <= 10:
            problems.append("exposure must be above 0 and at most 10")
        problems += [
            f"the title of “{name}” must be a sentence of 10 to 110 characters"
            for name, variant in self.variants.items()
            if not 10 <= len(variant.title) <= 110
        ]
        if problems:
            raise ValueError("; ".join(problems))


def winning_names(rule: Rule, variant: str, *, observed: bool) -> tuple[str, ...]:
    """The names of the rules, or of their variants, that win over a finding of this variant."""
    own = rule.variants[variant].yields_to if variant in rule.variants else ()
    return (*(rule.observed_yields_to if observed else ()), *own, *rule.yields_to)


def is_named(name: str, code: str, variant: str) -> bool:
    """True when a name such as ``CK802`` or ``CK802 too-late`` means a finding with this code and variant."""
    named, _, which = name.partition(" ")
    return named == code and which in ("", variant)
