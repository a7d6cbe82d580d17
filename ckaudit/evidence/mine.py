"""Finds the links that automations leave in the timestamps.

For every object that people got, ``candidates`` looks for what they got before at a distance too regular for chance, and ``parents``
decides which of these explains whom; what is left for a cause is a link if at least half of its people have no other timestamp between.

What the reading hides: a timestamp that was removed or overwritten hides its step, and the link goes past it. Steps that always share a
second
are put in the order of their kinds. What two causes that always come together did cannot be told apart; then the nearer one is named. Of
two effects of one unseen moment, such as the end of a sequence, the later looks like the effect of the earlier. Whom a bulk action gave
both cause and effect proves nothing. In an account of more than 200,000 timestamps, links are weighed on samples of people.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ckaudit.evidence.candidates import alone, find_causes, possible_codes, unseen, weigh
from ckaudit.evidence.causes import Cause, holding
from ckaudit.evidence.confidence import Features, confidence
from ckaudit.evidence.parents import Explained, Flags, Times, explain
from ckaudit.evidence.search import Effect, Search, as_effect, begin
from ckaudit.evidence.timestamp_index import index
from ckaudit.model.events import Events
from ckaudit.model.evidence import Evidence
from ckaudit.model.links import ObservedLink
from ckaudit.model.refs import Key

MIN_SUPPORT = 20
"""People at least that make a link."""
MIN_CONFIDENCE = 0.6
"""Confidence at least with which a link is reported."""
CLEAR = 0.5
"""Share of a link's people who must have no other timestamp between."""
SHARE = 0.02
"""A cause that so few of its people go through is a coincidence."""


def mine(
    events: Events,
    *,
    now: int,
    min_support: int = MIN_SUPPORT,
    min_confidence: float = MIN_CONFIDENCE,
    since: Mapping[Key, int] | None = None,
) -> tuple[ObservedLink, ...]:
    """The direct links with at least ``min_support`` people and a confidence of at least ``min_confidence``, ordered by source and target.

    ``now`` is the Unix second of the reading. ``since``: from which second on an object's timestamps are there, where it is later than
    for the others; then only who got a cause after that is asked whether the effect followed.
    """
    if len(events) < min_support:
        return ()
    first, timestamps = int(events.second.min()), index(events)
    begins = np.array([max((since or {}).get(key, first) - first, 0) for key in timestamps.keys], dtype=np.int64)
    search = begin(timestamps, now - first, min_support, begins)
    targets = np.unique(search.pairs.target[(search.fits >= search.half) & (search.pairs.clear >= search.half)])
    links = [link for target in targets for link, _ in links_to(search, int(target)) if link.confidence >= min_confidence]
    return tuple(sorted(links, key=lambda link: (link.source, link.target)))


def links_in(evidence: Evidence) -> tuple[ObservedLink, ...]:
    """The links of an account, in the time for which all its lists were read."""
    return mine(evidence.recent(), now=evidence.now, since=evidence.shorter)


def links_to(search: Search, target: int) -> list[tuple[ObservedLink, Features]]:
    """The links into one object, with what their confidence is made of."""
    codes = possible_codes(search, target)
    effect = as_effect(search, target, codes)
    causes = find_causes(search, effect, codes)
    if max((cause.clear for cause in causes), default=0) < effect.few:
        return []
    explained = explain(weigh(search, effect, causes))
    winner, rows, lags = assign(search, effect, causes, explained)
    found = []
    for place, cause in enumerate(explained.rows):
        mine_ = np.flatnonzero(winner == place)
        if len(mine_) >= search.min_support:
            link, features = _link(search, effect, causes[cause], mine_, rows[place], lags[place], cause, explained)
            if features.clear >= CLEAR and link.share >= SHARE:
                found.append((link, features))
    return found


def assign(search: Search, effect: Effect, causes: list[Cause], explained: Explained) -> tuple[Times, list[Times], list[Times]]:
    """Each person's likeliest cause (its place in ``explained.rows``, -1 for none); the rows of each cause, and the gaps to the effect."""
    people = search.timestamps.person[effect.row]
    first = np.cumsum([1, *(len(cause.widths) for cause in causes)])
    best, winner = explained.alone * alone(search, effect, effect.second), np.full(len(people), -1)
    rows, lags = [], []
    for place, at in enumerate(explained.rows):
        row = search.rows_of(causes[at].code, people)
        lag = effect.second - search.timestamps.second[row]
        number, share = causes[at].places(row, lag)
        rate = np.concatenate([[0.0], explained.rate[first[at] : first[at + 1]]])[number] * share
        winner[rate > best] = place
        best = np.maximum(best, rate)
        rows.append(row)
        lags.append(lag)
    for place, at in enumerate(explained.rows):
        hidden = (rows[place] < 0) & unseen(search, causes[at], effect.second)
        if hidden.any():
            _leave_to_hidden(winner, place, hidden, rows, lags)
    return winner, rows, lags


def _leave_to_hidden(winner: Times, place: int, hidden: Flags, rows: list[Times], lags: list[Times]) -> None:
    """Take people from the other causes that mostly lose to this one, whose timestamp would not be seen in them."""
    for other in range(len(rows)):
        both = (rows[place] >= 0) & (rows[other] >= 0) & (lags[other] >= 0)
        if other != place and np.count_nonzero(both & (winner == place)) > np.count_nonzero(both & (winner == other)):
            winner[hidden & (winner == other)] = -1


def _link(
    search: Search, effect: Effect, cause: Cause, mine_: Times, row: Times, lag: Times, place: int, explained: Explained
) -> tuple[ObservedLink, Features]:
    timestamps, count = search.timestamps, len(mine_)
    gaps = np.sort(lag[mine_])
    p10, median, p90 = (int(gaps[int(part * (count - 1))]) for part in (0.1, 0.5, 0.9))
    asked = max(
        int(holding(search, cause.code, row[mine_], int(search.since[effect.code])).searchsorted(search.now - p90, side="right")), count
    )
    seen = int(search.since[cause.code])
    effects = max(int(np.count_nonzero(effect.second >= seen + p90)) if seen else len(effect.row), count)
    features = Features(
        people=count,
        share=count / asked,
        cover=count / effects,
        clear=float(np.mean(timestamps.rank[effect.row[mine_]] - timestamps.rank[row[mine_]] <= 1)),
        width=(p90 - p10) / (median + 60),
        gain=explained.gain[place] * len(effect.row) / (count * len(effect.sample)),
        margin=explained.margin[place],
        soon=median < 600,
    )
    sure = round(confidence(features), 3)
    return ObservedLink(
        timestamps.keys[cause.code], timestamps.keys[effect.code], count, round(count / asked, 4), median, p10, p90, sure
    ), features
