"""Everything wrong with one manifest, collected, so that a person mends all of it in one go."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from ckaudit.model.errors import Location, ManifestError, Problem

SHOWN = 20


class Problems:
    """The faults found so far. ``raise_if_any`` ends the reading with all of them, in the order of the file."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def add(self, location: Location | None, message: str, hint: str = "") -> None:
        """Note one fault."""
        self._found.append(Problem(message, location, hint))

    @property
    def found(self) -> bool:
        """True when something is wrong."""
        return bool(self._found)

    def raise_if_any(self) -> None:
        """Raise ManifestError with every fault, the first ``SHOWN`` of them spelt out."""
        if not self._found:
            return
        ordered = sorted(dict.fromkeys(self._found), key=lambda problem: problem.location or Location(""))
        shown = ordered[:SHOWN]
        if len(ordered) > SHOWN:
            shown.append(Problem(f"and {len(ordered) - SHOWN} more", None, "Mend these first; the rest often goes with them."))
        raise ManifestError(shown[0].message, location=shown[0].location, problems=tuple(shown))


def nearest(word: str, known: Iterable[str]) -> str:
    """The known name most like ``word``, without regard to case; empty when none is near."""
    by_fold = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else ""


def suggestion(word: str, known: Iterable[str]) -> str:
    """A hint: the nearest name, or the list when it is short."""
    names = list(known)
    if near := nearest(word, names):
        return f"Did you mean “{near}”?"
    return f"Possible are: {', '.join(names)}." if 0 < len(names) <= 15 else ""
