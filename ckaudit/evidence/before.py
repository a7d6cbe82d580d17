"""What the people of a sample got before an effect, all objects at once: what numpy takes for one is hardly less than for all."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ckaudit.evidence.bins import BINS, SHORTLY, bins
from ckaudit.evidence.parents import Flags, Floats, Times
from ckaudit.evidence.search import RIPE, Effect, Search

LATER = 3 * 3600
"""Seconds from which a gap may be one in days."""


class Before(NamedTuple):
    """For each object (rows) and person of the sample (columns): the ``row`` of it (-1: none), the second (``since``) and the seconds to
    the effect (``lag``); whether the person has it (``held``), had it before the effect (``possible``), and got it one by one (``single``).

    For each object: the seconds from which a gap counts (``min_lag``: 0 where those in the same second read as cause before effect);
    how many got the effect before it (``early``), and so much later that it may be a matter of days (``late``); the share of the people
    who got it one by one, and had not the effect before, who get the effect within an hour (``soon``).
    Where most came in bulk, these count, too.
    """

    row: Times
    since: Times
    lag: Times
    held: Flags
    possible: Flags
    single: Flags
    min_lag: Times
    early: Times
    late: Times
    soon: Floats


def what_came_before(search: Search, effect: Effect, codes: npt.NDArray[np.int64]) -> Before:
    """Look at some objects."""
    timestamps = search.timestamps
    row = np.stack([effect.rows_of(int(code)) for code in codes])
    since = timestamps.second[row].astype(np.int64)
    lag = effect.moment - since
    held = row >= 0
    back = held & (lag < 0)
    early = back.sum(axis=1)
    min_lag = np.where(_ties_count(search, effect, codes, lag, held, back), 0, 1)
    possible = held & (lag >= min_lag[:, None])
    single = possible & ~timestamps.bulk[row]
    size = timestamps.first[codes + 1] - timestamps.first[codes]
    crowds = 2 * timestamps.bulks[codes] > size
    ripe = np.where(crowds, size, [search.moments(int(code)).ripe for code in codes]) * effect.part - early
    within = ((single | (possible & crowds[:, None])) & (lag <= RIPE)).sum(axis=1)
    soon = np.minimum(within / np.maximum(np.maximum(ripe, within), 1), 1.0)
    return Before(row, since, lag, held, possible, single, min_lag, early, (possible & (lag > LATER)).sum(axis=1), soon)


def _ties_count(search: Search, effect: Effect, codes: npt.NDArray[np.int64], lag: Times, held: Flags, back: Flags) -> Flags:
    """Whether cause and effect in the same second read as cause before effect.

    People whose timestamps are a few seconds apart show the order. Where there are none, a form precedes a tag and a tag a sequence,
    because that is how Kit's forms and automations work; two of a kind stay undecided, and then their ties say nothing.
    """
    kind = search.timestamps.kind
    shortly = held & (lag <= SHORTLY)
    behind = (back & (lag >= -SHORTLY)).sum(axis=1)
    ahead = (shortly & (lag > 0)).sum(axis=1)
    not_behind = (shortly & (lag >= 0)).sum(axis=1)
    shown = (ahead >= 3) & (ahead >= 10 * behind)
    return np.asarray(shown | ((kind[codes] < kind[effect.code]) & (10 * behind <= not_behind)))


def histogram(gaps: list[Times]) -> Times:
    """How many gaps of each list are in each bin."""
    row = np.repeat(np.arange(len(gaps)), [len(part) for part in gaps])
    return np.bincount(row * BINS + bins(np.concatenate(gaps)), minlength=len(gaps) * BINS).reshape(-1, BINS)
