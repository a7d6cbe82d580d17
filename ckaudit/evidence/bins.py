"""How gaps are counted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

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
