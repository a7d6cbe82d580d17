"""What no automation did, by name: what looks like a link, and objects that came in one of these ways without a cause."""

from __future__ import annotations

import numpy as np

from ckaudit.evidence.clock import clock_of
from ckaudit.evidence.features import Features, evenly
from ckaudit.evidence.search import Search
from ckaudit.model.events import ObjectKind
from ckaudit.model.links import Why

FEW_HOURS = 12
"""Hours, as if evenly spread over them, in which what happens at set moments lies."""
FEWER = 0.25
"""Such are so few, compared with the hours of the cause."""
AT_ONCE = 120
ALIKE = 0.95
"""Share of gaps of one length from which a program wrote both."""
PART = 0.8
"""Share of people below which not everybody went on."""


def why_not(link: Features) -> Why | None:
    """What else than an automation explains the regular distance; None when nothing speaks for one of these."""
    source, target = link.kinds
    if (link.daily and source is not ObjectKind.SEQUENCE) or (link.daily and link.delay < 86400):
        return Why.NIGHTLY
    if link.hourly:
        return Why.HOURLY
    if link.hours < FEW_HOURS and link.hours < FEWER * min(link.cause_hours, link.people / 2):
        return Why.ONE_EVENT
    soon = link.quick + link.spread <= AT_ONCE
    if link.exact >= ALIKE and (link.ties > 0.5 or link.hours < FEW_HOURS):
        return Why.SAME_WRITER
    if link.share < PART and (not soon or link.quick > 2):
        return Why.BY_HAND
    if soon and target is not ObjectKind.SEQUENCE:
        return Why.SAME_WRITER
    return None


def pattern(search: Search, code: int) -> Why | None:
    """How an object without a cause came to its people, if the times say so."""
    timestamps = search.timestamps
    rows = timestamps.rows(code)
    second = timestamps.second[rows].astype(np.int64)
    if np.mean(timestamps.bulk[rows]) > 0.5:
        return Why.BULK
    if evenly(second) < FEW_HOURS:
        return Why.ONE_EVENT
    return Why.NIGHTLY if clock_of(second) is not None else None
