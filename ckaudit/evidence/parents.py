"""Which of several possible causes explains whom.

Every person who has the effect got it from one of the causes, or of their own accord. After each cause the effect happens at some rate (per
person and second; a histogram over the gap); what happens of its own accord has a rate, too. A person's timestamp belongs to each cause in
proportion to the rates at that moment, and the rates follow from whom each cause explains: the EM algorithm for competing risks.

A cause enters only if it makes the timestamps so much likelier that its own freedom is paid for, leaves when others have made it
superfluous,
and gives way to one that does better in its place. That tells a parent from its sibling and from the grandparent: after the parent the
gaps are steadiest, the delays of a chain add up, the sibling is often missing or comes too late, and nobody is explained twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Times = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

ENTRY = 8.0
"""Nats (units of log-likelihood) a cause must gain to be one, besides ``FREEDOM`` and ``Mixture.handicap``."""
FREEDOM = 0.5
"""Nats per bin of its histogram, which is what a bin gains by fitting chance."""
TRIES = 2
"""Steps of the EM algorithm when a cause is tried."""
STEPS = 4
"""Steps when it is in."""
SWAPS = 6
"""How often one cause may be replaced by another."""
SEVERAL = 2
"""Other causes at least that may stand for one."""
FAR_BEHIND = 30.0
"""Nats by which a rival may be behind and still be looked at."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """What is known of the people who have the effect (columns) and of the possible causes (rows).

    ``bin``: the place of a person's gap in the histogram of each cause, 0 where the cause is out of the question; the bins of all causes
    are numbered through. ``held``: whether it is not 0; ``ones``: the same as 0 and 1. ``share``: one by the number of people who at that
    gap might still get the effect. ``width``: of each bin in seconds; ``owner``: its cause; ``most``: people per second in it. ``alone``:
    rate at which the effect would happen at each person's moment if it had no cause. ``handicap``: nats each cause must gain on top, for
    what speaks against it beforehand. ``scale``: log of how dense a bin is at each person's moment, 0 but where gaps are counted in days.
    """

    bin: Times
    held: Flags
    ones: npt.NDArray[np.float32]
    share: Floats
    width: Floats
    owner: Times
    most: Floats
    alone: Floats
    handicap: Floats
    scale: Floats


@dataclass(frozen=True, slots=True)
class Explained:
    """The causes that remain (``rows``) with the ``rate`` of every bin, and the share of the effects that need no cause (``alone``).

    ``gain``: nats by which the timestamps become unlikelier without the cause; ``margin``: nats by which it beats the next best in its
    place, ``FAR_BEHIND`` at most.
    """

    rows: list[int]
    rate: Floats
    alone: float
    gain: dict[int, float]
    margin: dict[int, float]


@dataclass(frozen=True, slots=True)
class _Fit:
    """``total``: rate at which each person's effect happens. Worked out so far: ``less`` and ``more``, the fits without one of the rows and
    with one of the others, and ``gains``, what others would gain."""

    rows: list[int]
    rate: Floats
    alone: float
    likely: float
    total: Floats
    less: dict[int, _Fit] = field(default_factory=dict)
    more: dict[int, _Fit] = field(default_factory=dict)
    gains: dict[int, float] = field(default_factory=dict)


def gains_alone(mixture: Mixture) -> Floats:
    """What each cause would gain if it were the only one, whatever the others are."""
    return _try(mixture, _nothing(mixture), mixture.bin, mixture.share)


def explain(mixture: Mixture, gains: Floats) -> Explained:
    """Choose the causes, one at a time, the one that gains most first. ``gains``: see ``gains_alone``."""
    price = ENTRY + mixture.handicap + FREEDOM * np.bincount(mixture.owner[1:], minlength=len(mixture.bin))
    single = gains - price
    hopeful = [int(row) for row in np.flatnonzero(single > 0)]
    nothing = _nothing(mixture)
    nothing.gains.update(enumerate(gains.tolist()))
    fit = _grow(mixture, nothing, price, hopeful, single)
    fit = _several(mixture, fit, price, single)
    for turn in range(SWAPS + 1):
        better, gain, margin = _swap(mixture, fit, price, single)
        if better is None or turn == SWAPS:
            break
        fit = better
    return Explained(fit.rows, fit.rate, fit.alone, gain, margin)


def _grow(mixture: Mixture, fit: _Fit, price: Floats, hopeful: list[int], net: Floats) -> _Fit:
    """Add one cause after the other, the one that gains most (``net``) first, as long as one of the ``hopeful`` is worth its price."""
    while hopeful:
        best = max(hopeful, key=lambda row: net[row])
        if net[best] <= 0:
            break
        grown = _with(mixture, fit, best)
        if grown.likely - fit.likely > price[best]:
            fit = _thin(mixture, grown, price)
        hopeful = [row for row in hopeful if row not in fit.rows and row != best and net[row] > 0]
        if hopeful:
            net = np.full(len(price), -np.inf)
            net[hopeful] = _tries(mixture, fit, hopeful) - price[hopeful]
    return fit


def _several(mixture: Mixture, fit: _Fit, price: Floats, single: Floats) -> _Fit:
    """Several causes instead of one that comes with each of them: products and what every buyer has. The first to enter is what most have,
    even where all the others explain its people and more."""
    for row in list(fit.rows):
        others = [int(other) for other in np.flatnonzero(single > 0) if other != row]
        if len(others) < SEVERAL:
            break
        if row in fit.rows:
            less = _without(mixture, fit, row)
            hopeful = [other for other in others if other not in less.rows]
            net = np.full(len(price), -np.inf)
            if hopeful:
                net[hopeful] = _tries(mixture, less, hopeful) - price[hopeful]
            if _at_best(mixture, [*less.rows, *np.flatnonzero(net > 0).tolist()]) <= fit.likely - price[fit.rows].sum():
                continue
            grown = _grow(mixture, less, price, hopeful, net)
            if grown.likely - price[grown.rows].sum() > fit.likely - price[fit.rows].sum():
                fit = grown
    return fit


def _at_best(mixture: Mixture, rows: list[int]) -> float:
    """No less than what causes can explain together, whatever their rates: each would explain all it can, and nobody would need none."""
    most = mixture.most.take(mixture.bin[rows])
    return float(np.log((most * mixture.share[rows]).sum(axis=0) + mixture.alone).sum()) + 1e-6


def _nothing(mixture: Mixture) -> _Fit:
    """Nobody's effect has a cause."""
    return _Fit([], np.zeros(len(mixture.width)), 1.0, float(np.log(mixture.alone).sum()), mixture.alone)


def _fit(mixture: Mixture, rows: list[int], rate: Floats, alone: float) -> _Fit:
    """The rates that explain best, in a few steps from these."""
    people, place, share = len(mixture.alone), mixture.bin[rows], mixture.share[rows]
    for _ in range(STEPS):
        own = rate.take(place)
        own *= share
        free = alone * mixture.alone
        total = own.sum(axis=0) + free
        own /= total
        rate = _rates(mixture, place, own)
        alone = max(float((free / total).sum()), 0.5) / people
    own = rate.take(place)
    own *= share
    total = own.sum(axis=0) + alone * mixture.alone
    return _Fit(rows, rate, alone, float(np.log(total).sum()), total)


def _rates(mixture: Mixture, place: Times, part: Floats) -> Floats:
    count = np.bincount(place.ravel(), weights=part.ravel(), minlength=len(mixture.width))
    count[0] = 0
    rate: Floats = count / mixture.width
    return rate


def _with(mixture: Mixture, fit: _Fit, row: int) -> _Fit:
    """Add a cause, at first as if it explained all it can."""
    if row not in fit.more:
        grown = _fit(mixture, [*fit.rows, row], np.where(mixture.owner == row, mixture.most, fit.rate), fit.alone)
        if not fit.rows:
            grown.less[row] = fit
        fit.more[row] = grown
    return fit.more[row]


def _without(mixture: Mixture, fit: _Fit, row: int) -> _Fit:
    if row not in fit.less:
        rows = [other for other in fit.rows if other != row]
        kept = np.where(mixture.owner == row, 0.0, fit.rate)
        fit.less[row] = _fit(mixture, rows, kept, fit.alone) if rows else _nothing(mixture)
    return fit.less[row]


def _tries(mixture: Mixture, fit: _Fit, rows: list[int]) -> Floats:
    """What each of these causes would gain beside those chosen."""
    new = [row for row in rows if row not in fit.gains]
    if new:
        fit.gains.update(zip(new, _try(mixture, fit, mixture.bin[new], mixture.share[new]).tolist(), strict=True))
    return np.array([fit.gains[row] for row in rows])


def _try(mixture: Mixture, fit: _Fit, place: Times, share: Floats) -> Floats:
    """What causes with these places and shares would gain beside those chosen, whose rates all shrink by one factor to make room."""
    before, rate = fit.total, mixture.most
    room = np.ones((len(place), 1))
    for _ in range(TRIES):
        own = rate.take(place)
        own *= share
        own /= own + room * before
        rate = _rates(mixture, place, own)
        room = np.maximum(1 - own.mean(axis=1, keepdims=True), 1e-3)
    own = rate.take(place)
    own *= share
    own /= before
    own += room
    gains: Floats = np.log(own, out=own).sum(axis=1)
    return gains


def _thin(mixture: Mixture, fit: _Fit, price: Floats) -> _Fit:
    """Drop causes that are not worth their price any more; the last one has just paid."""
    while len(fit.rows) > 1:
        less = {row: _without(mixture, fit, row) for row in fit.rows[:-1]}
        worst = min(less, key=lambda row: fit.likely - less[row].likely - price[row])
        if fit.likely - less[worst].likely > price[worst]:
            break
        fit = less[worst]
    return fit


def _swap(mixture: Mixture, fit: _Fit, price: Floats, single: Floats) -> tuple[_Fit | None, dict[int, float], dict[int, float]]:
    """Replace a cause by a better one, if there is one; else what each cause gains, and by how much it beats the next best."""
    gain: dict[int, float] = {}
    margin: dict[int, float] = {}
    for row in fit.rows:
        less = _without(mixture, fit, row)
        gain[row] = fit.likely - less.likely
        net = gain[row] - price[row]
        margin[row] = min(net, FAR_BEHIND)
        rivals = [int(other) for other in np.flatnonzero(single > max(net - FAR_BEHIND, 0.0)) if other not in fit.rows]
        if not rivals:
            continue
        nets = _tries(mixture, less, rivals) - price[rivals]
        rival, best = rivals[int(nets.argmax())], float(nets.max())
        if best > net - 3:
            other = _with(mixture, less, rival)
            best = other.likely - less.likely - float(price[rival])
            if best > net + 1e-3:
                return other, gain, margin
        margin[row] = min(net - max(best, 0.0), FAR_BEHIND)
    return None, gain, margin
