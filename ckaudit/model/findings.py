"""Findings: what a rule saw, where, and how sure it is."""

from __future__ import annotations

import enum

import msgspec

from ckaudit.model.errors import Location
from ckaudit.model.refs import ObjectRef


class Severity(enum.StrEnum):
    """``error``: people are harmed or money is lost now. ``warning``: likely to. ``info``: worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return tuple(Severity).index(self)


class Confidence(enum.StrEnum):
    """``certain``: read from the API or a complete manifest. ``likely``: observed links, inferred roles. ``possible``: a hint."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"

    @property
    def rank(self) -> int:
        """0 for the surest."""
        return tuple(Confidence).index(self)


class Harm(enum.StrEnum):
    """What findings do to people and business, the worst first. It decides the order among findings of one severity.

    ``locked-out``: somebody paid and cannot get in. ``leak``: access for those who did not pay or no longer do, and customers' data in
    the hands of others. ``money``: sales, refunds and fees that are lost. ``annoyance``: the rest.
    """

    LOCKED_OUT = "locked-out"
    LEAK = "leak"
    MONEY = "money"
    ANNOYANCE = "annoyance"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return tuple(Harm).index(self)


class PathStep(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One step of the flagged path. ``kind`` is ``entry``, ``step``, ``event``, ``condition``, ``object`` or ``end``.

    ``object`` is what the step acts on (its id makes the fingerprint), ``node`` the step's node in the account graph. ``part`` is the key
    of the finding's object in the snapshot that the step is about (``content``, ``subject``, ``preview_text``).
    """

    kind: str = ""
    name: str = ""
    note: str = ""
    object: ObjectRef | None = None
    node: str = ""
    location: Location | None = None
    part: str = ""

    @property
    def automation(self) -> int | None:
        """The number of the automation whose node it is. A result comes from a file: text that is no such node gives None."""
        number, _, place = self.node.partition("/")
        return int(number) if place and number.isdecimal() and number.isascii() and len(number) < 7 else None

    @property
    def place(self) -> str:
        """Where the node is in its automation, as drawings name it (``s3/then/s0``)."""
        return self.node.partition("/")[2]


class Finding(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What a rule yields. The rest of what is reported comes from the rule: its variant's title, and what is left out here.

    ``variant`` is the way the rule failed, one of ``Rule.variants``; empty when it has none. ``severity``, ``confidence`` and ``fix`` are
    given where this finding differs from its variant and its rule. ``people`` counts those affected, None when the data does not say;
    ``people_who`` says who they are, in the past tense, to be put behind "41 people who", and ``who`` are the numbers that timestamps know
    them by.

    Findings of one rule and variant with the same ``cause`` are one finding that lists their objects. It is a word for what stays the same
    when the cause comes to one more object, such as a field's key; never a text with a secret or a person in it.
    """

    object: ObjectRef
    message: str
    variant: str = ""
    severity: Severity | None = None
    confidence: Confidence | None = None
    related: tuple[ObjectRef, ...] = ()
    path: tuple[PathStep, ...] = ()
    people: int | None = None
    people_who: str = ""
    who: tuple[int, ...] = ()
    location: Location | None = None
    fix: tuple[str, ...] = ()
    cause: str = ""


class ReportedFinding(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One finding of a result.

    ``people`` counts those affected, None when the data does not say; ``people_who`` says who they are, in the past tense, to be put behind
    "41 people who". ``observed`` marks what rests on links that timestamps show and no manifest states. ``covers`` names the codes of
    findings with the same root cause that were joined into this one, ``covers_severity`` is the worst of theirs. ``same_cause`` are further
    objects to which the same cause does the same; ``related`` names them too. ``cause`` is the rule's word for it until they are folded
    into one (``ckaudit.engine.fold``); no result has it. ``who`` are the people
    counted, as the numbers that timestamps know them by; the engine takes it away (``ckaudit.engine.anonymise``), so that no result has it.
    """

    object: ObjectRef
    message: str = ""
    variant: str = ""
    severity: Severity
    confidence: Confidence
    title: str
    related: tuple[ObjectRef, ...] = ()
    path: tuple[PathStep, ...] = ()
    people: int | None = None
    people_who: str = ""
    observed: bool = False
    who: tuple[int, ...] | msgspec.UnsetType = msgspec.UNSET
    location: Location | None = None
    fix: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    covers_severity: Severity | None = None
    same_cause: tuple[ObjectRef, ...] = ()
    cause: str | msgspec.UnsetType = msgspec.UNSET
    harm: Harm = Harm.ANNOYANCE
    rule: str
    name: str
    docs: str = ""
    fingerprint: str

    @property
    def beside(self) -> tuple[ObjectRef, ...]:
        """Related objects that are not listed in ``same_cause``."""
        listed = set(self.same_cause)
        return tuple(item for item in self.related if item not in listed)


class NotEvaluated(msgspec.Struct, frozen=True):
    """A rule that could not be judged. ``needs`` names the missing data, ``reason`` is a sentence."""

    rule: str
    name: str
    needs: tuple[str, ...]
    reason: str


class NotApplicable(msgspec.Struct, frozen=True):
    """A rule that had nothing to judge: everything it needs is known, and no object has the role it judges. ``reason`` is a sentence."""

    rule: str
    name: str
    reason: str


class Passed(msgspec.Struct, frozen=True):
    """A rule that judged ``checked`` objects, at least one, and found nothing."""

    rule: str
    name: str
    title: str
    checked: int


class Suppressed(msgspec.Struct, frozen=True):
    """A finding somebody accepted: why, whose decision it was, the last day it holds (``YYYY-MM-DD`` or empty), where it stands."""

    finding: ReportedFinding
    reason: str
    owner: str = ""
    until: str = ""
    location: Location | None = None
