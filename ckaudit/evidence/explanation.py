"""Who got an object because of what: the causes that remain, and each person's likeliest one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ckaudit.evidence.candidates import alone, find_causes, possible_codes, unseen, weigh, weight
from ckaudit.evidence.causes import Cause
from ckaudit.evidence.parents import Explained, Flags, Times, explain, gains_alone
from ckaudit.evidence.rivals import nested, outdone, rivals, undecided, winners
from ckaudit.evidence.search import Effect, Search, as_effect
from ckaudit.model.events import ObjectKind

TURNS = 8
"""How often a cause that stands for another one is dropped, and the rest weighed anew."""

PARTIAL, DECIDES = 0.8, 0.9
"""Where so few of a cause's people went on, a tag decides that so many of them had, and so many of whose people went on."""


class Explanation(NamedTuple):
    """``causes`` with their number of nats in ``explained``. ``winner``: the likeliest cause (its place in ``causes``, -1 for none) of each
    row of the effect; ``rows`` and ``lags``: each cause's row in that person (-1: none), and the seconds to the effect. ``instead``: codes
    of other objects that may as well be the cause; ``conditions``: code of a tag that decides who goes on.
    """

    effect: Effect
    causes: list[Cause]
    explained: Explained
    winner: Times
    rows: list[Times]
    lags: list[Times]
    instead: list[tuple[int, ...]]
    conditions: list[int | None]


def explanation(search: Search, target: int) -> Explanation | None:
    """Look for the causes of one object; None when nothing can be one."""
    effect = as_effect(search, target)
    codes = possible_codes(search, effect)
    if search.since[codes].any() or search.since[target]:
        effect = as_effect(search, target, codes)
    causes = find_causes(search, effect, codes)
    if not causes:
        return None
    possible = causes
    weights, nobody = [weight(cause, effect) for cause in causes], alone(search, effect, effect.moment)
    mixture = weigh(weights, nobody)
    gains = gains_alone(mixture)
    for turn in range(TURNS + 1):
        explained = explain(mixture, gains)
        won = winners(mixture, explained)
        others = {row: rivals(mixture, causes, won, row, search.steps) for row in explained.rows}
        drop = outdone(explained, won, others)
        drop = nested(mixture, explained, causes, won) if drop is None else drop
        if drop is None or turn == TURNS:
            break
        causes, weights = [*causes[:drop], *causes[drop + 1 :]], [*weights[:drop], *weights[drop + 1 :]]
        mixture, gains = weigh(weights, nobody), np.delete(gains, drop)
    instead = [tuple(causes[row].code for row in undecided(found)) for found in others.values()]
    chosen = [causes[row] for row in explained.rows]
    winner, rows, lags = _assign(search, effect, causes, explained)
    conditions = [_condition(possible, causes[row], np.flatnonzero(won == row)) for row in explained.rows]
    return Explanation(effect, chosen, explained, winner, rows, lags, instead, conditions)


def _condition(possible: list[Cause], cause: Cause, people: Times) -> int | None:
    """A tag that nearly all of these people had before, and whose people nearly all went on, where most of the cause's did not."""
    if cause.reach > PARTIAL or not len(people):
        return None
    for other in sorted(possible, key=lambda other: -other.reach):
        had = (other.row[people] >= 0) & (other.lag[people] >= 0)
        if other.kind == ObjectKind.TAG and other.code != cause.code and other.reach >= DECIDES and had.mean() >= DECIDES:
            return other.code
    return None


def _assign(search: Search, effect: Effect, causes: list[Cause], explained: Explained) -> tuple[Times, list[Times], list[Times]]:
    people = search.timestamps.person[effect.row]
    first = np.cumsum([1, *(len(cause.widths) for cause in causes)])
    best, winner = explained.alone * alone(search, effect, effect.second), np.full(len(people), -1)
    rows, lags = [], []
    for place, at in enumerate(explained.rows):
        row = search.rows_of(causes[at].code, people)
        since = search.timestamps.second[row].astype(np.int64)
        number, share = causes[at].places(row, since, effect.second)
        share = share * np.exp(causes[at].scale(effect.second))
        rate = np.concatenate([[0.0], explained.rate[first[at] : first[at + 1]]])[number] * share
        winner[rate > best] = place
        best = np.maximum(best, rate)
        rows.append(row)
        lags.append(effect.second - since)
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
