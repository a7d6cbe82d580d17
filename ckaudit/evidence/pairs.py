"""Which timestamps follow which, and after how long: the raw material of links.

A direct link leaves no timestamp between cause and effect for at least half of its people, so looking back over a few timestamps is
enough to meet every cause. That keeps the work in proportion to the number of timestamps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ckaudit.evidence.timestamp_index import TimestampIndex

LOOK_BACK = 5
"""Timestamps of the same person looked back over: room for several steps and siblings within one second."""
MAX_GAP = 400 * 86400
"""Gaps longer than this, in seconds, are nobody's delay."""
BINS = 128
STEP = 90.0
"""Gaps are counted in bins that are 10 s wide at zero and 11 % of the gap from some minutes on: ``9.2 ln(1 + gap / 90 s)``."""
SHORTLY = 10
"""Timestamps so many seconds apart show which of two objects comes first."""


def bins(gap: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """The bin of each gap in seconds (0 or more)."""
    found: npt.NDArray[np.int64] = np.minimum(np.log1p(gap.astype(np.float32) * np.float32(1 / STEP)) * 9.2, BINS - 1).astype(np.int64)
    return found


def edge(number: int) -> float:
    """The gap in seconds at which a bin begins."""
    return float(np.expm1(number / 9.2) * STEP)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Ordered pairs of objects, ordered by (source, target). ``clear`` counts people without another timestamp between.

    ``histogram`` has one row per pair and one column per bin of the gap.
    """

    source: npt.NDArray[np.int64]
    target: npt.NDArray[np.int64]
    clear: npt.NDArray[np.int64]
    histogram: npt.NDArray[np.int32]


def follow(timestamps: TimestampIndex, min_support: int) -> Pairs:
    """Count every ordered pair that at least ``min_support`` people show. Two timestamps in one second count both ways round."""
    count = len(timestamps.keys)
    key, mark = _look_back(timestamps, min_support)
    chosen, line = _frequent(key, count * count, min_support)
    keep = np.flatnonzero(line >= 0)
    kept, mark = line[keep], mark[keep]
    histogram = np.bincount(kept * BINS + (mark & 127), minlength=len(chosen) * BINS).reshape(-1, BINS).astype(np.int32)
    clear = np.bincount(kept[mark > 127], minlength=len(chosen))
    return Pairs(chosen // count, chosen % count, clear, histogram)


def _frequent(key: npt.NDArray[np.int64], size: int, min_support: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The keys that come at least ``min_support`` times, and of each key its place among them, -1 for none."""
    if size > 4_000_000:
        pair, at, total = np.unique(key, return_inverse=True, return_counts=True)
    else:
        pair, at, total = np.arange(size), key, np.bincount(key, minlength=size)
    often = total >= min_support
    return pair[often], np.where(often, np.cumsum(often) - 1, -1)[at]


def _look_back(timestamps: TimestampIndex, min_support: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """For every timestamp and each of the last ones before it: the pair as one number; the gap's bin, plus 128 where nothing lies
    between."""
    count = len(timestamps.keys)
    rows = np.flatnonzero((np.diff(timestamps.first) >= min_support)[timestamps.code])
    single, rank = ~timestamps.bulk[rows], timestamps.rank[rows]
    code, person, second = timestamps.code[rows].astype(np.int64), timestamps.person[rows], timestamps.second[rows]
    keys, marks = [], []
    for back in range(1, LOOK_BACK + 1):
        gap = second[back:] - second[:-back]
        usual = (person[back:] == person[:-back]) & (code[back:] != code[:-back]) & single[back:] & (gap <= MAX_GAP)
        near = np.flatnonzero(usual)
        gap, after = gap[near], near + back
        mark = bins(gap).astype(np.uint8)
        mark[rank[after] - rank[near] <= 1] += 128
        tied = np.flatnonzero((gap == 0) & single[near])
        keys += [code[near] * count + code[after], code[after[tied]] * count + code[near[tied]]]
        marks += [mark, mark[tied]]
    return np.concatenate(keys), np.concatenate(marks)


def ties_count(lag: npt.NDArray[np.int64], kinds: tuple[int, int]) -> bool:
    """Whether cause and effect in the same second read as cause before effect; ``lag`` is effect minus cause of people who have both.

    People whose timestamps are a few seconds apart show the order. Where there are none, a form precedes a tag and a tag a sequence,
    because that is how Kit's forms and automations work; two of a kind stay undecided, and then their ties say nothing.
    """
    after = int(np.count_nonzero((lag > 0) & (lag <= SHORTLY)))
    before = int(np.count_nonzero((lag < 0) & (lag >= -SHORTLY)))
    if after >= 3 and after >= 10 * before:
        return True
    return kinds[0] < kinds[1] and 10 * before <= int(np.count_nonzero(lag == 0)) + after
