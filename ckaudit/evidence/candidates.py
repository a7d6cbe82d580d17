"""The possible causes of one object: objects its people got before, at a distance too regular for chance."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ckaudit.evidence.causes import Cause, Look
from ckaudit.evidence.pairs import BINS, bins
from ckaudit.evidence.parents import Floats, Mixture, Times
from ckaudit.evidence.peaks import peaks, windows, with_slopes
from ckaudit.evidence.search import Effect, Search

MAX_NEAR = 24
"""Causes at most, next to the effect, that are weighed for one object."""
MAX_FAR = 6
"""Further causes at most: ones that have other timestamps between, which explain what looks like a link and is none."""
FURTHER = 3
"""As many causes of the strongest causes are weighed, too."""
AROUND = 86400
"""Seconds before and after a timestamp in which its like show how often it happens without a cause."""
BEHIND = 6.0
"""Nats that count against a cause when another possible one is always nearer: steps of one automation far outnumber twins."""
UNSTEADY = 150.0
"""Nats that count against one that is not a sequence and yet keeps no fixed delay."""


def possible_codes(search: Search, target: int) -> list[int]:
    """Objects that may be the cause of ``target``: those that often come shortly before it, and what in turn comes before these."""
    near = _before(search, target)
    clear = search.pairs.clear
    beside = [pair for pair in near if clear[pair] >= search.half][:MAX_NEAR]
    behind = [pair for pair in near if clear[pair] < search.half][:MAX_FAR]
    codes = {int(search.pairs.source[pair]) for pair in beside + behind}
    for pair in beside[:FURTHER] + behind[:FURTHER]:
        codes |= {int(search.pairs.source[before]) for before in _before(search, int(search.pairs.source[pair]))[:FURTHER]}
    return sorted(codes - {target})


def _before(search: Search, target: int) -> list[int]:
    """The pairs into an object, those first that may be links to most people."""
    into = np.flatnonzero((search.pairs.target == target) & (search.fits >= search.half))
    weight = np.minimum(search.fits[into], 2 * search.pairs.clear[into])
    return [int(pair) for pair in into[np.lexsort((search.pairs.source[into], -weight))]]


def find_causes(search: Search, effect: Effect, codes: list[int]) -> list[Cause]:
    """Those of the objects that may be causes, in their order."""
    looks = [Look(search, effect, code) for code in codes]
    if not looks:
        return []
    histogram = np.stack([np.bincount(bins(look.gaps), minlength=BINS) for look in looks])
    inside = with_slopes(histogram, peaks(histogram, effect.few))
    causes = []
    for look, peak in zip(looks, inside, strict=True):
        if peak.any():
            found = windows(look.gaps, peak, effect.few)
            chosen = [window for window in found if look.is_regular(search, window) and not look.is_twin(window)]
            if chosen:
                causes.append(look.cause(search, chosen))
    return causes


def weigh(search: Search, effect: Effect, causes: list[Cause]) -> Mixture:
    """What is known of the people in the sample."""
    first = np.cumsum([0, *(len(cause.widths) for cause in causes)])
    places, shares = zip(*(cause.places(cause.row, cause.lag) for cause in causes), strict=True)
    own = np.stack(places)
    place = np.where(own > 0, own + first[:-1, None], 0)
    width = np.concatenate([[1.0], *(cause.widths for cause in causes)])
    owner = np.concatenate([[-1], np.repeat(np.arange(len(causes)), np.diff(first))])
    lag = np.stack([cause.lag for cause in causes])
    handicap = BEHIND * _behind(place > 0, lag) + UNSTEADY * np.array([cause.unsteady for cause in causes])
    return Mixture(place, np.stack(shares), width, owner, alone(search, effect, effect.moment), handicap)


def unseen(search: Search, cause: Cause, moment: Times) -> npt.NDArray[np.bool_]:
    """Which effects come so early that the timestamp of this cause might not be there."""
    begins = int(search.since[cause.code])
    return np.asarray(moment < begins + cause.longest) if begins else np.zeros(len(moment), dtype=bool)


def alone(search: Search, effect: Effect, moment: Times) -> Floats:
    """Effects per person and second around each moment, as if nothing caused them."""
    near = effect.second.searchsorted(moment + AROUND, side="right") - effect.second.searchsorted(moment - AROUND, side="left")
    rate: Floats = near / (2 * AROUND * len(search.timestamps.lot))
    return rate


def _behind(held: npt.NDArray[np.bool_], lag: Times) -> Floats:
    """Share of each cause's people for whom another possible cause is nearer; of two in one second the one listed later."""
    near = np.where(held, lag, np.iinfo(np.int64).max)
    nearest = len(lag) - 1 - near[::-1].argmin(axis=0)
    first = np.bincount(nearest[held.any(axis=0)], minlength=len(lag))
    return np.asarray(1 - first / np.maximum(held.sum(axis=1), 1))
