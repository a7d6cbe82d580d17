"""How sure a link is: the share of links of its sort that are real."""

from __future__ import annotations

import math

from ckaudit.evidence.features import Features, Habits
from ckaudit.evidence.rivals import is_round
from ckaudit.model.events import ObjectKind

FORM, TAG, SEQUENCE = ObjectKind
HOURLY = 0.3
"""What a job that looks every hour does is no more of a link: Kit has no such step."""


def confidence(link: Features, usual: Habits) -> float:
    """0 to 1. A logistic regression fitted on simulated accounts (``python -m bench.evidence --fit``), on none of the family of agencies:
    by these it is checked."""
    score = sum(weight * term for weight, term in zip(WEIGHTS, terms(link, usual), strict=True))
    return min(1 / (1 + math.exp(-score)), HOURLY if link.hourly else 1.0)


def terms(link: Features, usual: Habits) -> tuple[float, ...]:
    """What ``WEIGHTS`` weigh."""
    return (
        *_people(link),
        *_kinds(link),
        *_times(link),
        *_gaps(link, usual),
        *_writers(link, usual),
        *_order(link, usual),
        *_bulk(link),
        *_steps(link, usual),
    )


def _people(link: Features) -> tuple[float, ...]:
    """Whom the link explains, and how much is unexplained without it."""
    return (
        1.0,
        math.log(link.share + 0.02),
        math.log(link.cover + 0.02),
        link.clear - 0.5,
        math.log(max(link.gain, 0.02)),
        min(link.gain, 3.0),
        math.log1p(max(link.margin, 0.0)),
    )


def _kinds(link: Features) -> tuple[float, ...]:
    """What leads to what. A tag soon after a sequence for few of its people is a click in a mail."""
    source, target = link.kinds
    clicked = float(source is SEQUENCE and target is TAG and link.delay < 3600)
    return (
        _soon(link),
        float(target is FORM),
        float(target is SEQUENCE),
        float(source is FORM),
        float(source is SEQUENCE),
        (1 - link.share) * clicked,
        math.log(link.share + 0.02) * clicked,
    )


def _times(link: Features) -> tuple[float, ...]:
    """Times of day, and events: jobs at night, webinars."""
    few_hours = math.log((link.hours + 1) / (min(link.cause_hours, link.people / 2) + 1))
    return (
        float(link.daily),
        float(link.daily and link.kinds[0] is not SEQUENCE),
        float(link.daily and link.delay < 86400),
        float(link.daily) * link.rest * (1 - link.cover),
        min(few_hours, 0.0),
        float(link.hours < 8),
    )


def _gaps(link: Features, usual: Habits) -> tuple[float, ...]:
    """How the gaps are spread, and whether more of them are exactly 0 s than when Kit does it."""
    source, target = link.kinds
    excess = min(max(_odds(link.ties) - _odds(usual.ties) - 0.5, 0.0), 4.0) * _soon(link)
    return (
        math.log(link.core + 1) / 5,
        min(link.loose / (link.delay + 60), 4.0),
        math.log1p(link.loose) / 5,
        excess * (source is TAG is target),
        excess * (source is FORM and target is TAG),
    )


def _writers(link: Features, usual: Habits) -> tuple[float, ...]:
    """Who else writes two tags: a shop at once, a site at another pace than Kit's, a person when it suits."""
    source, target = link.kinds
    both = source is TAG is target
    shop = float(both and link.delay <= 5 and link.ties >= usual.ties + 0.25)
    too_few = link.ties < usual.ties / 3 and usual.ties * link.people >= 5
    site = float(both and _soon(link) and (too_few or link.quick + link.spread < usual.late / 3))
    loose = float(source is TAG and link.delay >= 180 and link.core > 0.25 * link.delay and not link.daily)
    return shop, site, site * (1 - link.cover), site * (1 - link.share), loose, loose * (link.share < 0.85)


def _order(link: Features, usual: Habits) -> tuple[float, ...]:
    """Effects before causes, scripts without any jitter, hands that take their time, and people who did not go on."""
    soon, partial = _soon(link), 1 - link.share
    source, target = link.kinds
    by_hand = soon * min(max(math.log((link.quick + 1) / (usual.quick + 1)), 0.0), 3.0)
    return (
        min(link.reversed, 0.2) * 10,
        min(link.reversed * 20, 1.0),
        float(link.exact > 0.95 and link.delay >= 10 and link.hours < 8),
        by_hand,
        by_hand * partial,
        partial * soon,
        partial * soon * (target is TAG and source is not FORM),
        partial * min(link.loose / (link.delay + 60), 4.0),
    )


def _bulk(link: Features) -> tuple[float, ...]:
    """How much of the target is explained, how many people there are, in how many bulk actions, and whether the delay is round."""
    return (
        link.explained,
        math.log(link.people / 20),
        link.bulk,
        link.bulk / max(link.bursts, 1),
        float(link.bulk > 0.5 and link.bursts >= 3),
        float(bool(_soon(link)) or is_round(link.quick) or link.kinds[0] is SEQUENCE),
    )


def _steps(link: Features, usual: Habits) -> tuple[float, ...]:
    """Another pace than Kit's, or a part of it; jobs every hour; people who take their time and do not all go on; sequences to their end;
    and shares without those whose first time was overwritten."""
    source, target = link.kinds
    both = source is TAG is target
    nats = min(usual.strange(link) * link.people, 40.0) / 10 * _soon(link) * both
    at_once = link.quick <= usual.quick + 1
    missing = min(usual.missing(link), 30.0) / 10 * _soon(link) * at_once
    wide = float(link.spread > 60 and not link.daily)
    even = 3 - min(math.log((link.quick + link.spread + 1) / (link.quick + 1)), 3.0)
    next_day = float(link.daily and link.delay < 86400 and source is SEQUENCE and link.cover > 0.8 and link.share > 0.8)
    late = float(source is SEQUENCE and link.delay > 3600)
    return (
        nats * at_once,
        nats * (link.cover < 0.7),
        float(link.hourly),
        max(0.75 - link.share, 0.0) * wide * (source is not SEQUENCE),
        (1 - link.share) * wide * even * (source is not SEQUENCE),
        next_day,
        next_day * min(math.log(link.awake), 0.0),
        late * (300 <= link.spread <= 1000) * (link.share > 0.9),
        late * (link.share > 0.9) * (link.cover > 0.9),
        math.log((link.kept + 0.02) / (link.share + 0.02)),
        (link.kept - link.share) * both,
        missing * both,
        missing * (source is FORM and target is TAG),
    )


def _soon(link: Features) -> float:
    return float(link.delay + link.core <= 120)


def _odds(share: float) -> float:
    return math.log((share + 0.02) / (1.02 - share))


WEIGHTS = (
    -2.07, 1.12, 0.48, 0.31, 0.84, -0.88, 0.84,
    0.57, -5.4, 0.37, 0.38, -1.35, -0.44, 0.05,
    2.57, -1.67, -4.14, -1.13, 0.12, 0.12,
    -1.81, 0.07, 1.05, -0.11, -0.95,
    -0.31, 0.42, -2.06, 2.71, -2.73, -0.37,
    0.31, -1.12, -6.68, -0.57, -0.01, 0.26, -0.73, -0.76,
    1.07, 0.03, 0.08, -0.77, 0.52, 1.97,
    -0.58, -0.73, -3.46, 1.1, -0.12, 0.78, 1.18, 1.87, 1.08, 0.41, 2.26, -1.43, -0.4,
)  # fmt: skip
"""A line for each of the functions above."""
