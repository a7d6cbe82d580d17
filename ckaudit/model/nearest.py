"""Did you mean …?"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

# difflib takes quadratic time, and no name of Kit's is longer.
_LONGEST_NAME = 200


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name most like ``word`` in any case; None when none is near."""
    if len(word) > _LONGEST_NAME:
        return None
    by_lower = {name.lower(): name for name in names}
    wanted = word.lower()
    close = difflib.get_close_matches(wanted, list(by_lower), n=5, cutoff=0.6)
    # of equally near ones, the one that has most letters in the same place: CK401 for CK4O1, not CK412
    best = max(close, key=lambda name: (_likeness(wanted, name), sum(map(str.__eq__, wanted, name))), default=None)
    return None if best is None else by_lower[best]


def _likeness(word: str, name: str) -> float:
    return difflib.SequenceMatcher(None, name, word).ratio()


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """The hint for a word that is none of ``names``: the nearest, else all of them."""
    names = tuple(names)
    near = nearest(word, names)
    return f"Did you mean “{near}”?" if near else f"Possible are {', '.join(names)}."
