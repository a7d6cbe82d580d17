"""Did you mean …?"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

# difflib takes quadratic time, and no name of Kit's is longer.
_MAX_NAME = 200
_LOOK_ALIKE = str.maketrans("oil", "011")


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name most like ``word`` in any case; None when none is near."""
    if len(word) > _MAX_NAME:
        return None
    by_lower = {name.lower(): name for name in names}
    wanted = word.lower()
    close = difflib.get_close_matches(wanted, list(by_lower), n=max(1, len(by_lower)), cutoff=0.6)
    # of equally near ones, the one with most letters in the same places: CK401 for CK4O1, not CK412 or CK411
    best = max(close, key=lambda name: (_likeness(wanted, name), _same_places(wanted, name)), default=None)
    return None if best is None else by_lower[best]


def _likeness(word: str, name: str) -> float:
    return difflib.SequenceMatcher(None, name, word).ratio()


def _same_places(word: str, name: str) -> int:
    """How many letters stand in the same place, an O for a zero and an l for a one."""
    return sum(map(str.__eq__, word.translate(_LOOK_ALIKE), name.translate(_LOOK_ALIKE)))


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """The hint for a word that is none of ``names``: the nearest, else all of them."""
    names = tuple(names)
    near = nearest(word, names)
    return f"Did you mean “{near}”?" if near else f"Possible are {', '.join(names)}."
