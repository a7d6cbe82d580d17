"""Which of several possible causes is the one.

A→X→B and A→X with A→B look alike: in both B keeps its distance from A and from X. What tells them apart is what happens when one of them is
missing or late. For a chain (X causes B): who got A without X does not get B, who got X another way does; when X is late, B is late; B
never comes before X. For siblings (A causes both) it is the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Times = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]

NOISE = 0.02
"""Share of people for whom something happens at the right moment by chance."""
DISORDER = 0.005
"""Share of people whose stamps are out of order though one caused the other (stamped again, merged)."""
NEAREST = 3.0
"""Log-odds that the nearer of two causes is the one, before looking: the steps of one automation far outnumber twins."""
RESOLUTION = 1.0
"""Seconds added to every spread, as stamps are whole seconds."""
TOGETHER = 5
"""So many people must show two causes side by side before they are weighed against each other."""


@dataclass(frozen=True, slots=True)
class Cases:
    """The possible causes (rows) of one effect, and people (columns).

    ``code``: the object of each cause; one object may stand in several rows, one for each range of distances. ``held``: has its stamp;
    ``time``: when; ``fits``: the effect follows at a distance within the range; ``ripe``: got it so long ago that the effect would have
    followed, and not before the effect's stamps begin. ``reach`` is the end of each range in seconds, ``effect`` the time of the effect for
    those who have it (``has``), ``since`` when each cause's stamps begin.
    """

    code: Times
    held: Flags
    time: Times
    fits: Flags
    ripe: Flags
    reach: Times
    has: Flags
    effect: Times
    since: Times


def weigh(cases: Cases) -> Scores:
    """Log-odds by which each cause (row) beats each other one (column); 0 where they never meet."""
    count = len(cases.reach)
    scores = np.zeros((count, count))
    alone, last = _alone(cases)
    meet = cases.fits.astype(np.float32) @ cases.fits.T.astype(np.float32)
    for one, other in zip(*np.nonzero(np.triu(meet >= TOGETHER, 1)), strict=True):
        if cases.code[one] == cases.code[other]:
            continue
        both = cases.fits[one] & cases.fits[other]
        forward = (cases.time[other] - cases.time[one])[both].sum() >= 0
        first, later = (one, other) if forward else (other, one)
        score = NEAREST + sharper(cases, first, later) + in_order(cases, first, later) + necessary(cases, first, later, alone, last)
        scores[later, first], scores[first, later] = score, -score
    return scores


def sharper(cases: Cases, first: int, later: int) -> float:
    """Evidence of the gaps: a Laplace likelihood, whose scale is the mean distance from the median. Positive for the later cause.

    People whom only one of the two fits count as well, as long as they have both at the usual distance: a gap of -1 s tells as much as
    one of 1 s.
    """
    wait = cases.time[later] - cases.time[first]
    both = cases.fits[first] & cases.fits[later]
    room = 2 * np.abs(wait[both]).max() + 60
    near = (cases.fits[first] | cases.fits[later]) & cases.held[first] & cases.held[later] & (np.abs(wait) <= room)
    wide, narrow = (_spread(cases.effect[near] - cases.time[cause][near]) for cause in (first, later))
    return np.count_nonzero(near) * float(np.log(wide / narrow))


def _spread(gaps: Times) -> float:
    middle = np.partition(gaps, len(gaps) // 2)[len(gaps) // 2]
    return float(np.abs(gaps - middle).sum()) / len(gaps) + RESOLUTION


def in_order(cases: Cases, first: int, later: int) -> float:
    """Evidence of the order: how often B precedes X, against how often it would if both waited for A on their own."""
    wait = cases.time[later] - cases.time[first]
    both = cases.fits[first] & cases.fits[later]
    usual = both | (cases.fits[first] & cases.held[later] & (wait >= 0) & (wait <= 2 * wait[both].max() + 60))
    waits, gaps = wait[usual], np.sort((cases.effect - cases.time[first])[usual])
    wrong = np.count_nonzero(usual & (cases.time[later] > cases.effect))
    twins = max(float(gaps.searchsorted(waits, side="left").sum()) / len(waits), 0.2)
    chain = min(max(DISORDER * len(waits), 0.15 * twins) + 0.1, twins)
    return wrong * float(np.log(chain / twins)) - (chain - twins)


def _alone(cases: Cases) -> tuple[Flags, Flags]:
    """People in whom a cause has no other one near, and no other one after it, that might be the reason instead."""
    alone, last = cases.held & cases.ripe, cases.held & cases.ripe
    objects = np.unique(cases.code, return_index=True)[1]
    time, held = cases.time[objects], cases.held[objects]
    reach = np.array([cases.reach[cases.code == code].max() for code in cases.code[objects]])
    for cause in range(len(cases.reach)):
        wait = time - cases.time[cause]
        after = held & (wait >= 0) & (wait <= cases.reach[cause])
        last[cause] &= after.sum(axis=0) <= 1
        before = held & (wait < 0) & (wait >= -reach[:, None])
        alone[cause] &= last[cause] & ~before.any(axis=0)
    return alone, last


def necessary(cases: Cases, first: int, later: int, alone: Flags, last: Flags) -> float:
    """Evidence of the people who have only one of the two causes at all, and no third one. Positive for the later one."""
    wait = cases.time[later] - cases.time[first]
    asked = cases.held[first] & cases.held[later] & cases.ripe[first] & (wait >= 0) & (wait <= cases.reach[first])
    rate = int(np.count_nonzero(asked & cases.fits[first])) / max(int(np.count_nonzero(asked)), 1)
    usual = min(max(rate, 0.05), 0.98)
    most = int(np.count_nonzero(cases.fits[first] & cases.fits[later]))
    without_first = ~cases.held[first] & (cases.time[later] >= cases.since[first] + cases.reach[first] * (cases.since[first] > 0))
    without_later = ~cases.held[later] & (cases.time[first] >= cases.since[later])
    one = _odds(alone[later] & without_first, cases.fits[later], usual, most)
    return one - _odds(last[first] & without_later, cases.fits[first], usual, most)


def _odds(people: Flags, fits: Flags, usual: float, most: int) -> float:
    """Log-odds that these people's B follows at the usual rate rather than by chance. They weigh as ``most`` people at the most."""
    total, yes = int(np.count_nonzero(people)), int(np.count_nonzero(people & fits))
    weight = min(1.0, most / max(total, 1))
    return weight * yes * float(np.log(usual / NOISE)) + weight * (total - yes) * float(np.log((1 - usual) / (1 - NOISE)))


def assign(fits: Flags, time: Times, scores: Scores) -> Times:
    """Each person's cause (a row of ``fits``, -1 for none): of those that fit the one whose worst defeat by another is mildest.

    Of equals it is the latest, and of those in one second the one listed last (rows are ordered by code: forms, tags, sequences).
    """
    worst = np.where(fits, 0.0, np.inf)
    for winner, loser in zip(*np.nonzero(scores > 0), strict=True):
        np.maximum(worst[loser], fits[winner] * scores[winner, loser], out=worst[loser])
    latest = np.where((worst == worst.min(axis=0)) & fits, time, np.iinfo(np.int64).min)
    last = len(fits) - 1 - latest[::-1].argmax(axis=0)
    return np.where(fits.any(axis=0), last, -1)
