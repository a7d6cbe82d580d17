"""Which gaps between two objects are too regular for chance.

People take their time: the gaps between two things a person does of their own accord spread over a factor of ten and more. A program keeps
its delay. So a link shows as a few bins of the histogram that hold many times more people than the bins beside them. The wider the window,
the higher it must stand out, because a wide window fits a hill of human gaps too.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ckaudit.evidence.bins import BINS, edge

WINDOWS = ((1, 2.5), (2, 2.5), (4, 4.0), (7, 8.0))
"""Width in bins, and how many times denser than its flanks a window of that width must be."""
SURPRISE = 20.0
"""Log-likelihood (nats) by which a window must beat its flanks: e^-20 leaves room for testing every window of 10^6 pairs."""
LEAST = 10
"""Fewer people are never so many that they stand out: see ``surprise``."""
MODES = 3
"""How many separate ranges one peak may have."""
SLOPE = 6
"""How many bins a peak's slope may run on either side: late people, for whom the program was slow."""


def surprise(count: npt.ArrayLike, expected: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Log-likelihood ratio (nats) of seeing ``count`` where ``expected`` were due, 0 where it is no excess."""
    due = np.maximum(np.asarray(expected, dtype=float), 0.5)
    seen = np.maximum(np.asarray(count, dtype=float), due)
    return np.asarray(seen * np.log(seen / due) - (seen - due))


def stands_out(count: int, expected: float) -> bool:
    """Whether ``count`` people are too many where ``expected`` were due; ``surprise`` for one number."""
    due = max(expected, 0.5)
    return count > due and count * math.log(count / due) - (count - due) >= SURPRISE


def peaks(histogram: npt.NDArray[np.integer], min_support: int) -> npt.NDArray[np.bool_]:
    """For each pair (row) the bins that stand out."""
    total = np.zeros((len(histogram), BINS + 1), dtype=np.int32)
    np.cumsum(histogram, axis=1, out=total[:, 1:])
    flat, inside = total.ravel(), np.zeros(total.shape, dtype=bool)
    for width, denser in WINDOWS:
        many = total[:, width:] - total[:, :-width]
        place = np.flatnonzero(many >= max(min_support, LEAST))
        row = place // (BINS + 1 - width)
        start = place - row * (BINS + 1 - width)
        count, at = many.ravel().take(place), row * (BINS + 1) + start
        low, high = flat.take(at), flat.take(at + width)
        below = low - flat.take(at - np.minimum(start, width))
        above = flat.take(at + np.minimum(BINS - start, 2 * width)) - high
        beside = np.where(start < width, above, (below + above) / 2)
        dense = count >= denser * beside
        at = at[dense][surprise(count[dense], beside[dense]) >= SURPRISE]
        for shift in range(width):
            inside.ravel()[at + shift] = True
    return inside[:, :BINS]


def with_slopes(histogram: npt.NDArray[np.integer], inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Add the neighbouring bins that still hold more people than the wider surroundings."""
    # Looked at are only bins that may be more than their surroundings and are not inside anyway, which are few.
    some = inside.any(axis=1, keepdims=True)
    row, place = np.nonzero((histogram > 2) & some & ~inside)
    if not len(row):
        return inside
    padded = np.pad(histogram, ((0, 0), (12, 12)))
    around = np.partition(np.lib.stride_tricks.sliding_window_view(padded, 25, axis=1)[row, place], 12, axis=1)[:, 12]
    more = np.zeros(inside.shape, dtype=bool)
    more[row, place] = histogram[row, place] > 3 * around + 2
    grown = inside.copy()
    for _ in range(SLOPE):
        step = grown.copy()
        step[:, 1:] |= grown[:, :-1]
        step[:, :-1] |= grown[:, 1:]
        grown |= step & more
    return grown


SECONDS = tuple(math.ceil(edge(number)) for number in range(BINS + 1))
"""The first whole second of each bin."""
Window = tuple[int, int]
"""A range of gaps in seconds, both ends included."""


def windows(ordered: npt.NDArray[np.int64], inside: npt.NDArray[np.bool_], min_people: int) -> list[Window]:
    """The ranges that the gaps of a peak really fill: at a week's distance a bin is hours wide where the peak may be seconds wide.

    ``ordered`` are the gaps in ascending order; a range needs ``min_people`` of them.
    """
    found: list[Window] = []
    borders = (np.flatnonzero(inside[1:] != inside[:-1]) + 1).tolist()
    borders = [0] * bool(inside[0]) + borders + [len(inside)] * bool(inside[-1])
    for low, high in zip(borders[::2], borders[1::2], strict=True):
        begin, end = SECONDS[low], SECONDS[high] - 1
        part = ordered[ordered.searchsorted(begin) : ordered.searchsorted(end + 1)]
        enough = max(min_people, len(part) // 10)
        for mode in range(MODES):
            if len(part) < enough:
                break
            start, wide = core(part)
            if 3 * wide > end - begin:
                found += [(begin, end)] if mode == 0 else []
                break
            room = 5 * wide + 300
            window = max(start - room, begin), min(start + wide + room, end)
            found.append(window)
            first, last = part.searchsorted(window[0]), part.searchsorted(window[1] + 1)
            part = np.concatenate([part[:first], part[last:]])
    return sorted(found)


def core(ordered: npt.NDArray[np.int64]) -> tuple[int, int]:
    """Start and width of the shortest range that holds half of the gaps."""
    half = (len(ordered) + 1) // 2
    widths = ordered[half - 1 :] - ordered[: len(ordered) - half + 1]
    at = int(widths.argmin())
    return int(ordered[at]), int(widths[at])
