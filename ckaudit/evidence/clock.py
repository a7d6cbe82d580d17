"""Time of day: what happens at one hour whenever its cause came is compared in whole days.

A sequence's last mail waits for its hour, a job at night for the night. Then the seconds between cause and effect say little, the number of
days says all. Days begin shortly before the hour at which the effects come, so neither zone nor summer time need be known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ckaudit.evidence.parents import Floats, Times

DAY, HOUR = 86400, 3600
MINUTES = 240
"""Effects keep a minute of the hour when half of them lie within so many seconds of it."""
LOCKED = 3600
"""Effects keep an hour when half of them lie within so many seconds of the day, ..."""
MIN_DAYS = 5
"""... on so many days at least, ..."""
MIN_KEPT = 10
"""... and there are so many."""
LOOSE, TIGHT = 900, 30
"""Half of the gaps of a delay lie within ``LOOSE`` seconds, or it is none; within ``TIGHT`` it is one, whatever the clock says."""
TOGETHER = 0.4
"""Correlation of the times of day of cause and effect from which the gap is more than two habits."""
BEFORE = 900
"""Seconds before the usual hour at which the day begins."""
SLOT = 10
ENOUGH = 10
"""People to be averaged over, so that nobody's own second makes it likelier."""


@dataclass(frozen=True, slots=True)
class Clock:
    """When the day begins, in seconds of UTC's day, and how many times likelier than evenly the effects are in each ``SLOT`` seconds."""

    begin: int
    often: Floats

    def day(self, second: Times) -> Times:
        """The first second of the day in which each of these lies."""
        started: Times = (second - self.begin) // DAY * DAY
        return started

    def denser(self, second: Times) -> Floats:
        """How many times likelier than evenly spread an effect is at each of these."""
        found: Floats = self.often[second % DAY // SLOT]
        return found


def is_hourly(effects: Times, causes: Times) -> bool:
    """Whether effects keep a minute of the hour, as jobs do, but no hour of the day, and their causes do not."""
    keeps = half_of_the_day(effects, HOUR)[1] <= MINUTES and half_of_the_day(effects)[1] > LOCKED
    return keeps and half_of_the_day(causes, HOUR)[1] >= HOUR // 4


def half_of_the_day(seconds: Times, day: int = DAY) -> tuple[int, int]:
    """Begin and length of the shortest part of the clock's day (or hour) in which half of these times lie."""
    clock = np.sort(seconds % day)
    half = (len(clock) + 1) // 2
    around = np.concatenate([clock, clock[: half - 1] + day])
    widths = around[half - 1 :] - around[: len(clock)]
    at = int(widths.argmin())
    return int(clock[at]), int(widths[at])


def clock_of(moment: Times) -> Clock | None:
    """The clock that these effects keep, if they keep one."""
    if len(moment) < MIN_KEPT:
        return None
    begin, width = half_of_the_day(moment)
    if width > LOCKED or len(np.unique((moment - begin + BEFORE) // DAY)) < MIN_DAYS:
        return None
    often = _smooth(np.bincount(moment % DAY // SLOT, minlength=DAY // SLOT).astype(float), max(1, ENOUGH * width // SLOT // len(moment)))
    often += 0.01
    return Clock((begin - BEFORE) % DAY, often * (len(often) / often.sum()))


def _smooth(often: Floats, reach: int) -> Floats:
    """Averaged over so many slots on either side, around the clock: few people say little about a single slot."""
    total = np.cumsum(np.concatenate([often[-reach - 1 :], often, often[:reach]]))
    return np.asarray((total[2 * reach + 1 :] - total[: -2 * reach - 1]) / (2 * reach + 1))


def is_daily(lag: Times, moment: Times, core: tuple[int, int]) -> bool:
    """Whether gaps, half of them within ``core`` (begin and length), are only as regular as the hours which cause and effect keep."""
    start, wide = core
    if wide > LOOSE:
        return True
    near = (lag >= start - wide) & (lag <= start + 2 * wide)
    if wide <= TIGHT or np.count_nonzero(near) < 10:
        return False
    effect, cause = moment[near] - start, moment[near] - lag[near]
    return any(_agree(cause, effect, part) < TOGETHER for part in (DAY, HOUR))


def _agree(one: Times, two: Times, part: int) -> float:
    """Correlation of the times of day, or of the hour: that summer time moves both is no agreement."""
    middle = int(np.median(one))
    first, second = (((moment - middle + part // 2) % part).argsort().argsort() for moment in (one, two))
    return float(np.corrcoef(first, second)[0, 1])
