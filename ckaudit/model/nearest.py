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
    close = difflib.get_close_matches(word.lower(), list(by_lower), n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """The hint for a word that is none of ``names``: the nearest, else all of them."""
    names = tuple(names)
    near = nearest(word, names)
    return f"Did you mean “{near}”?" if near else f"Possible are {', '.join(names)}."
