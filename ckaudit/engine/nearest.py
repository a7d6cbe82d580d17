"""Did you mean …?"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name most like ``word`` in any case, None when none is near."""
    by_lower = {name.lower(): name for name in names}
    close = difflib.get_close_matches(word.lower(), list(by_lower), n=1, cutoff=0.5)
    return by_lower[close[0]] if close else None


def suggestion(word: str, names: Iterable[str]) -> str:
    """The hint for a word that is none of these names: the nearest one, else all of them."""
    known = tuple(names)
    near = nearest(word, known)
    return f"Did you mean “{near}”?" if near else f"Possible are: {', '.join(known)}."
