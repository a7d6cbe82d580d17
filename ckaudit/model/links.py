"""Links: what visible timestamp follows which, and after how long, as the manifest declares it and as timestamps show it."""

from __future__ import annotations

import enum

import msgspec

from ckaudit.model.refs import Key

MIN_CONFIDENCE = 0.6
"""Confidence at least with which a link is reported."""


class DeclaredLink(msgspec.Struct, frozen=True):
    """``target`` gets its timestamp directly after ``source`` because of ``cause`` (an automation, a rule or a form).

    ``min_seconds`` and ``max_seconds`` are the planned time between the two; None when nobody can say (a goal, a choice of days).
    ``past`` are the tags that lie between and lose their timestamp because something removes them. ``unsure`` is True when the source or
    the target is such a tag, or the cause is paused or switched off: then the link may leave no trace.
    """

    source: Key
    target: Key
    cause: Key
    min_seconds: int | None
    max_seconds: int | None
    past: tuple[Key, ...] = ()
    unsure: bool = False


class ObservedLink(msgspec.Struct, frozen=True):
    """``target`` follows ``source`` directly.

    ``support``: people for whom it did; ``share``: their part of all who got the source long enough ago; delays in seconds (median, 10 %
    and 90 % of the people); ``confidence``: 0 to 1, calibrated, see ``ckaudit.evidence.confidence``. ``rivals``: objects that may be the
    cause instead, since nearly everybody has them, too, at a distance as steady: then it is one of these. ``condition``: a tag that all of
    these people had before, and few of the source's others.
    """

    source: Key
    target: Key
    support: int
    share: float
    delay_seconds: int
    delay_p10: int
    delay_p90: int
    confidence: float
    rivals: tuple[Key, ...] = ()
    condition: Key | None = None


class Why(enum.StrEnum):
    """What else than an automation gives timestamps a regular distance, or many people the same thing."""

    SAME_WRITER = "the same writer"
    ONE_EVENT = "one event"
    BY_HAND = "by hand"
    NIGHTLY = "nightly"
    HOURLY = "once an hour"
    BULK = "in bulk"


class LooksLinked(msgspec.Struct, frozen=True):
    """``target`` comes at a regular distance after ``source``, but ``why`` it does is probably no automation. Seconds as for links."""

    source: Key
    target: Key
    support: int
    delay_seconds: int
    delay_p10: int
    delay_p90: int
    why: Why


class WithoutCause(msgspec.Struct, frozen=True):
    """A sequence or tag that many have and no link leads to. ``why``: how it came to them, where the times say so."""

    object: Key
    people: int
    why: Why | None = None


class Mined(msgspec.Struct, frozen=True):
    """What timestamps show: links, ordered by source and target; what looks like one; and what people have without a visible cause."""

    links: tuple[ObservedLink, ...] = ()
    look_linked: tuple[LooksLinked, ...] = ()
    without_cause: tuple[WithoutCause, ...] = ()


class ComparedLink(msgspec.Struct, frozen=True):
    """One pair of objects: who says that the second follows the first. At least one of the two is there."""

    source: Key
    target: Key
    observed: ObservedLink | None = None
    declared: tuple[DeclaredLink, ...] = ()

    @property
    def status(self) -> str:
        """``declared``, ``observed`` or ``both``."""
        return ("both" if self.declared else "observed") if self.observed else "declared"
