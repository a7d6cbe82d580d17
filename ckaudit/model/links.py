"""A link as the manifest declares it: what visible timestamp follows which, and after how long."""

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
