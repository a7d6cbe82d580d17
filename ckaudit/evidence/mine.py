"""Finds the links that automations leave in the time stamps."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import msgspec
import numpy as np

from ckaudit.evidence.candidates import Cause, Effect, Search, as_effect, begin, find_causes, sample
from ckaudit.evidence.confidence import Features, confidence
from ckaudit.evidence.parents import Flags, Scores, Times, assign, weigh
from ckaudit.evidence.stamps import index
from ckaudit.model.events import Events
from ckaudit.model.evidence import Evidence
from ckaudit.model.refs import Key

FEWEST = 20
"""People at least that make a link."""
LEAST = 0.7
"""Confidence at least with which a link is reported."""
CLEAR = 0.52
"""Share of a link's people who must have no other stamp between; a little over one half, because slow people are missed more often."""
SHARE = 0.02
"""A cause that so few of its people go through is a coincidence."""


class ObservedLink(msgspec.Struct, frozen=True):
    """``target`` follows ``source`` directly.

    ``support``: people for whom it did; ``share``: their part of all who got the source long enough ago; delays in seconds (median, 10 %
    and 90 % of the people); ``confidence``: 0 to 1, calibrated, see ``confidence.py``.
    """

    source: Key
    target: Key
    support: int
    share: float
    delay_seconds: int
    delay_p10: int
    delay_p90: int
    confidence: float


def mine(
    events: Events, *, now: int, fewest: int = FEWEST, least: float = LEAST, since: Mapping[Key, int] | None = None
) -> tuple[ObservedLink, ...]:
    """The direct links with at least ``fewest`` people and a confidence of at least ``least``, ordered by source and target.

    ``now`` is the Unix second of the reading. ``since``: from which second on an object's stamps are there, where it is later than for the
    others; then only who got a cause after that is asked whether the effect followed. What cannot be seen: a stamp that was removed or
    overwritten hides its step, and the link goes past it; the order of two stamps that always share a second is taken from their kinds; two
    causes that always come together cannot be told apart, then the nearer one is named.
    """
    if len(events) < fewest:
        return ()
    first, stamps = int(events.second.min()), index(events)
    begins = np.array([max((since or {}).get(key, first) - first, 0) for key in stamps.keys], dtype=np.int64)
    search = begin(stamps, now - first, fewest, begins)
    targets = np.unique(search.pairs.target[(search.fits >= search.half) & (search.pairs.clear >= search.half)])
    links = [link for target in targets for link, _ in links_to(search, int(target)) if link.confidence >= least]
    return tuple(sorted(links, key=lambda link: (link.source, link.target)))


@functools.lru_cache(maxsize=1)
def links_in(evidence: Evidence) -> tuple[ObservedLink, ...]:
    """The links of an account, in the time for which all its lists were read. Mined once, however many ask for the same evidence."""
    return mine(evidence.recent(), now=evidence.now, since=evidence.shorter)


def links_to(search: Search, target: int) -> list[tuple[ObservedLink, Features]]:
    """The links into one object, with what their confidence is made of."""
    effect = as_effect(search, target)
    causes = find_causes(search, effect)
    if max((cause.clear for cause in causes), default=0) < search.half:
        return []
    scores = weigh(sample(search, effect, causes))
    fits = np.stack([cause.fits for cause in causes])
    time = np.stack([search.stamps.second[cause.row] for cause in causes])
    winner = assign(fits, time, scores)
    _leave_to_hidden(search, effect, causes, scores, winner)
    found = []
    for code in sorted({cause.code for cause in causes}):
        places = [place for place, cause in enumerate(causes) if cause.code == code]
        parts = [place for place in places if _explains(search, effect, causes[place], winner == place, time, winner)]
        mine_ = np.isin(winner, parts)
        if parts and np.count_nonzero(mine_) >= search.fewest:
            found.append(_link(search, effect, causes, scores, fits, winner, places, mine_))
    return [(link, features) for link, features in found if link.share >= SHARE]


def _leave_to_hidden(search: Search, effect: Effect, causes: list[Cause], scores: Scores, winner: Times) -> None:
    """Take people from a cause when a better one, whose stamps begin later, would not be seen in them."""
    for place, cause in enumerate(causes):
        begins = search.since[cause.code]
        if begins:
            unseen = (winner >= 0) & (effect.second < begins + cause.window[1])
            winner[unseen & (cause.row < 0) & (scores[place, winner] > 0)] = -1


def _explains(search: Search, effect: Effect, cause: Cause, part: Flags, time: Times, winner: Times) -> bool:
    """Whether the people left to a cause make a link: more than an earlier cause took away, and mostly nothing between."""
    count = np.count_nonzero(part)
    if count < 5:
        return False
    other = np.flatnonzero(cause.fits & ~part)
    earlier = time[winner[other], other] < search.stamps.second[cause.row[other]]
    if np.count_nonzero(earlier) > count:
        return False
    rank = search.stamps.rank
    return bool(np.count_nonzero(rank[effect.row[part]] - rank[cause.row[part]] <= 1) >= CLEAR * count)


def _link(
    search: Search, effect: Effect, causes: list[Cause], scores: Scores, fits: Flags, winner: Times, places: list[int], mine_: Flags
) -> tuple[ObservedLink, Features]:
    stamps, cause = search.stamps, causes[places[0]]
    count = int(np.count_nonzero(mine_))
    gaps = np.sort(effect.second[mine_] - stamps.second[cause.row[mine_]])
    p10, median, p90 = (int(gaps[int(part * (count - 1))]) for part in (0.1, 0.5, 0.9))
    got, begins, seen = stamps.second[stamps.rows(cause.code)], search.since[effect.code], search.since[cause.code]
    asked = max(int(np.count_nonzero((got + p90 <= search.now) & (got >= begins))), count)
    effects = max(int(np.count_nonzero(effect.second >= seen + p90)) if seen else len(effect.row), count)
    features = Features(
        people=count,
        share=count / asked,
        cover=count / effects,
        clear=float(np.mean(stamps.rank[effect.row[mine_]] - stamps.rank[cause.row[mine_]] <= 1)),
        width=(p90 - p10) / (median + 60),
        margin=_margin(scores, fits, winner, places),
        soon=median < 600,
    )
    sure = round(confidence(features), 3)
    return ObservedLink(stamps.keys[cause.code], stamps.keys[effect.code], count, round(count / asked, 4), median, p10, p90, sure), features


def _margin(scores: Scores, fits: Flags, winner: Times, places: list[int]) -> float:
    """Log-odds per person by which the link beats the strongest rival that fits most of its people; 9 without one."""
    worst = 9.0
    for place in places:
        part = winner == place
        for other in range(len(fits)):
            if other not in places and 2 * np.count_nonzero(part & fits[other]) > np.count_nonzero(part) > 0:
                worst = min(worst, scores[place, other] / max(int(np.count_nonzero(fits[place] & fits[other])), 1))
    return worst
