"""The possible causes of one object: what its people got before, at a distance too regular for chance, or nearly all of them soon after.

However many timestamps lie between does not matter: all that the people of the effect have is looked at.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ckaudit.evidence.before import histogram, what_came_before
from ckaudit.evidence.bins import BINS, bins, edge
from ckaudit.evidence.causes import Cause, Look, divided
from ckaudit.evidence.clock import DAY, clock_of
from ckaudit.evidence.parents import Floats, Mixture, Times
from ckaudit.evidence.peaks import peaks, windows, with_slopes
from ckaudit.evidence.search import Effect, Search
from ckaudit.model.events import ObjectKind

MAX_CAUSES = 24
"""Causes at most that are weighed for one object."""
MAX_GAP = 400 * DAY
"""Gaps longer than this, in seconds, are nobody's delay."""
AROUND = DAY
"""Seconds before and after a timestamp in which its like show how often it happens without a cause."""
MOST = 0.35
"""Share of an object's people who get the effect within an hour: then it may be the cause, however the gaps are spread, up to a day."""
BEHIND = 6.0
"""Nats that count against a cause when another possible one is always nearer: steps of one automation far outnumber twins."""
UNSTEADY = 150.0
"""Nats that count against one that keeps no fixed delay, unless most of its people go on within the hour: then ``HARDLY``."""
HARDLY = 15.0
REVERSED = 4.0
"""Nats that each person counts against a cause who got the effect shortly before it."""
WITHIN_AN_HOUR, WITHIN_A_DAY = (int(np.searchsorted([edge(number) for number in range(BINS)], time)) for time in (3600, DAY))


def possible_codes(search: Search, effect: Effect) -> npt.NDArray[np.int64]:
    """Objects that may be the cause of the effect."""
    theirs = effect.theirs
    count = len(theirs.codes)
    if not count or len(effect.row) < search.min_support:
        return theirs.codes[:0]
    lag = effect.moment[theirs.place] - search.timestamps.second[theirs.row]
    local = np.repeat(np.arange(count), np.diff(theirs.first))
    before = (lag >= 0) & (lag <= MAX_GAP)
    local, lag = local[before], lag[before]
    people = _counted(local, bins(lag), count)
    fits = (people * peaks(people, effect.few)).sum(axis=1)
    soon = people[:, :WITHIN_AN_HOUR].sum(axis=1)
    eligible = _eligible(search, effect)
    fits = np.where(soon >= np.maximum(MOST * eligible, effect.few), np.maximum(fits, soon), fits)
    fits = np.maximum(fits, _by_days(search, effect, before))
    best = np.argsort(-fits, kind="stable")[:MAX_CAUSES]
    return np.sort(theirs.codes[best[fits[best] >= effect.few]])


def _counted(local: Times, place: Times, count: int) -> npt.NDArray[np.int32]:
    histogram = np.bincount(local * BINS + place, minlength=count * BINS).reshape(-1, BINS).astype(np.int32)
    return np.asarray(histogram)


def _eligible(search: Search, effect: Effect) -> Floats:
    """How many people of the sample's size got each object one by one."""
    timestamps, codes = search.timestamps, effect.theirs.codes
    return np.asarray((timestamps.first[codes + 1] - timestamps.first[codes] - timestamps.bulks[codes]) * effect.part)


def _by_days(search: Search, effect: Effect, before: npt.NDArray[np.bool_]) -> Times:
    """People of each object at a regular number of days, where the effects keep an hour."""
    theirs, second = effect.theirs, search.timestamps.second
    clock = effect.clock
    found = np.zeros(len(theirs.codes), dtype=np.int64)
    if clock is not None:
        local = np.repeat(np.arange(len(found)), np.diff(theirs.first))[before]
        days = clock.day(effect.moment[theirs.place]) - clock.day(second[theirs.row].astype(np.int64))
        people = _counted(local, bins(np.maximum(days[before], 0)), len(found))
        return np.asarray((people * peaks(people, effect.few)).sum(axis=1))
    for number in np.flatnonzero(search.timestamps.kind[theirs.codes] == ObjectKind.SEQUENCE):
        part = slice(theirs.first[number], theirs.first[number + 1])
        moment = effect.moment[theirs.place[part]]
        lag = moment - second[theirs.row[part]]
        late = (lag > 3 * 3600) & (lag <= MAX_GAP)
        own = clock_of(moment[late]) if np.count_nonzero(late) >= effect.few else None
        if own is not None:
            days = own.day(moment[late]) - own.day((moment - lag)[late])
            people = _counted(np.zeros(len(days), dtype=np.int64), bins(np.maximum(days, 0)), 1)
            found[number] = (people * peaks(people, effect.few)).sum()
    return found


def find_causes(search: Search, effect: Effect, codes: npt.NDArray[np.int64]) -> list[Cause]:
    """Those of the objects that may be causes, in their order."""
    if not len(codes):
        return []
    seen = what_came_before(search, effect, codes)
    looks = [Look(effect, int(code), seen, number) for number, code in enumerate(codes)]
    people = histogram([look.gaps for look in looks])
    inside = with_slopes(people, peaks(people, effect.few))
    most = seen.soon >= MOST
    inside[most, :WITHIN_A_DAY] |= people[most, :WITHIN_A_DAY] > 0
    regular = []
    for look, peak in zip(looks, inside, strict=True):
        if peak.any():
            found = windows(look.gaps, peak, effect.few)
            chosen = [window for window in found if look.is_regular(search, window) and not look.is_twin(window)]
            if chosen:
                regular.append((look, chosen))
    borders = iter(divided([look.within(window) for look, chosen in regular for window in chosen if look.clock is None]))
    return [look.cause(search, chosen, [next(borders) for _ in chosen] if look.clock is None else []) for look, chosen in regular]


class Weight(NamedTuple):
    """What a cause says of the people in the sample, whatever other causes there are: see ``Mixture``."""

    cause: Cause
    place: Times
    share: Floats
    width: Floats
    most: Floats
    scale: Floats
    against: float


def weight(cause: Cause, effect: Effect) -> Weight:
    """One of the causes."""
    place, share = cause.places(cause.row, cause.since, effect.moment)
    scale, width = cause.scale(effect.moment), cause.widths
    share = share if cause.clock is None else share * np.exp(scale)
    return Weight(cause, place, share, width, np.bincount(place, minlength=len(width) + 1)[1:] / width, scale, _against(cause))


def weigh(weights: list[Weight], alone: Floats) -> Mixture:
    """What is known of the people in the sample. ``alone``: see there, at their moments."""
    own = np.stack([weight.place for weight in weights])
    sizes = np.array([len(weight.width) for weight in weights])
    held = own > 0
    place = np.where(held, own + (np.cumsum(sizes) - sizes)[:, None], 0)
    width = np.concatenate([[1.0], *(weight.width for weight in weights)])
    most = np.concatenate([[0.0], *(weight.most for weight in weights)])
    owner = np.concatenate([[-1], np.repeat(np.arange(len(weights)), sizes)])
    lag = np.stack([weight.cause.lag for weight in weights])
    handicap = BEHIND * _behind(held, lag) + np.array([weight.against for weight in weights])
    share, scale = np.stack([weight.share for weight in weights]), np.stack([weight.scale for weight in weights])
    return Mixture(place, held, held.astype(np.float32), share, width, owner, most, alone, handicap, scale)


def _against(cause: Cause) -> float:
    """Nats that speak against a cause beforehand."""
    against = REVERSED * cause.reversed
    if cause.clock is not None and cause.kind != ObjectKind.SEQUENCE:
        return against + UNSTEADY + float(np.count_nonzero(cause.lag >= 0))
    if not cause.unsteady:
        return against
    return against + (HARDLY if cause.soon >= MOST else UNSTEADY)


def unseen(search: Search, cause: Cause, moment: Times) -> npt.NDArray[np.bool_]:
    """Which effects come so early that the timestamp of this cause might not be there."""
    begins = int(search.since[cause.code])
    return np.asarray(moment < begins + cause.longest) if begins else np.zeros(len(moment), dtype=bool)


def alone(search: Search, effect: Effect, moment: Times) -> Floats:
    """Effects per person and second around each moment, as if nothing caused them."""
    near = effect.second.searchsorted(moment + AROUND, side="right") - effect.second.searchsorted(moment - AROUND, side="left")
    rate: Floats = near / (2 * AROUND * len(search.timestamps.lot))
    return rate if effect.clock is None else rate * effect.clock.denser(moment)


def _behind(held: npt.NDArray[np.bool_], lag: Times) -> Floats:
    """Share of each cause's people for whom another possible cause is nearer; of two in one second the one listed later."""
    near = np.where(held, lag, np.iinfo(np.int64).max)
    nearest = len(lag) - 1 - near[::-1].argmin(axis=0)
    first = np.bincount(nearest[held.any(axis=0)], minlength=len(lag))
    return np.asarray(1 - first / np.maximum(held.sum(axis=1), 1))
