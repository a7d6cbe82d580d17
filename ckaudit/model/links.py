"""Links: what visible timestamp follows which, and after how long, as the manifest declares it and as timestamps show it."""

from __future__ import annotations

import msgspec

from ckaudit.model.refs import Key


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
    and 90 % of the people); ``confidence``: 0 to 1, calibrated, see ``ckaudit.evidence.confidence``.
    """

    source: Key
    target: Key
    support: int
    share: float
    delay_seconds: int
    delay_p10: int
    delay_p90: int
    confidence: float


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
