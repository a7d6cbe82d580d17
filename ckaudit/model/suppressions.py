"""What of the suppressions is stale: known when every rule but those about suppressions has run."""

from __future__ import annotations

import datetime as dt

import msgspec

from ckaudit.model.errors import Location
from ckaudit.model.refs import ObjectRef


class StaleSuppression(msgspec.Struct, frozen=True):
    """An entry ``[[suppress]]`` of the configuration, or a comment of the manifest, and where it is.

    ``rules`` are the words by which it names rules. ``object`` is what an entry means; a comment covers
    lines, so its object is the comment itself.
    """

    rules: tuple[str, ...]
    object: ObjectRef
    location: Location
    reason: str = ""
    until: dt.date | None = None
    is_comment: bool = False


class StaleSuppressions(msgspec.Struct, frozen=True):
    """``unused`` match no finding of a rule that ran to its end. Of those that are ``expired`` the last day is over, and what they covered
    is still there. ``count`` is how many suppressions there are in all."""

    unused: tuple[StaleSuppression, ...] = ()
    expired: tuple[StaleSuppression, ...] = ()
    count: int = 0
