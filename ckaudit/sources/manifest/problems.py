"""Collects what is wrong with a manifest, so that one run reports every fault."""

from __future__ import annotations

from collections.abc import Iterable

from ckaudit.model.errors import Location, ManifestError, Problem

# More than a screen of faults helps nobody: the first ones usually cause the rest.
LIMIT = 20


class Problems:
    """The faults found so far; keeps the first ``LIMIT`` and counts the rest."""

    def __init__(self, files: Iterable[str] = ()) -> None:
        self._files = {file: index for index, file in enumerate(files)}
        self.found: list[Problem] = []
        self.count = 0

    @property
    def full(self) -> bool:
        """True when further faults are only counted, so nobody needs to word them."""
        return len(self.found) >= LIMIT

    def add(self, message: str, location: Location | None, hint: str = "") -> None:
        """Add a fault."""
        self.count += 1
        if not self.full:
            self.found.append(Problem(message, location, hint))

    def take(self, others: Problems) -> None:
        """Add the faults of another collection."""
        self.count += others.count
        self.found = [*self.found, *others.found][:LIMIT]

    def listed(self) -> tuple[Problem, ...]:
        """The faults in order; the last one says how many are left out."""
        listed = self.in_order(self.found)
        more = self.count - len(listed)
        return (*listed, Problem(f"and {more:,} more")) if more else listed

    def in_order(self, found: Iterable[Problem]) -> tuple[Problem, ...]:
        """Problems file by file, each from top to bottom."""
        nowhere = Location("")
        return tuple(sorted(found, key=lambda item: (self._files.get((item.location or nowhere).file, 0), item.location or nowhere)))

    def stop_if_any(self) -> None:
        """Raise ManifestError with every fault when there is one."""
        listed = self.listed()
        if not listed:
            return
        first = listed[0]
        if self.count == 1:
            raise ManifestError(first.message, hint=first.hint, location=first.location, problems=listed)
        raise ManifestError(f"the manifest has {self.count:,} faults", location=first.location, problems=listed)


def quote(text: str) -> str:
    """A name inside a sentence, shortened when it is very long."""
    return f"“{text if len(text) <= 80 else text[:79] + '…'}”"
