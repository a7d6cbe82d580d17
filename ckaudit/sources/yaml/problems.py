"""Collects what is wrong with files, so that one run reports every problem."""

from __future__ import annotations

from collections.abc import Iterable

from ckaudit.model.errors import InputError, Location, Problem

# More than a screen of problems helps nobody: the first ones usually cause the rest.
MAX_PROBLEMS = 20


class Problems:
    """The problems found so far; keeps the first ``MAX_PROBLEMS`` and counts the rest."""

    def __init__(self, files: Iterable[str] = ()) -> None:
        self._files = {file: index for index, file in enumerate(files)}
        self.found: list[Problem] = []
        self.count = 0

    @property
    def full(self) -> bool:
        """True when further problems are only counted, so nobody needs to word them."""
        return len(self.found) >= MAX_PROBLEMS

    def add(self, message: str, location: Location | None, hint: str = "") -> None:
        """Add a problem."""
        self.count += 1
        if not self.full:
            self.found.append(Problem(message, location, hint))

    def take(self, others: Problems) -> None:
        """Add the problems of another collection."""
        self.count += others.count
        self.found = [*self.found, *others.found][:MAX_PROBLEMS]

    def listed(self) -> tuple[Problem, ...]:
        """The problems in order; the last one says how many are left out."""
        listed = self.in_order(self.found)
        more = self.count - len(listed)
        return (*listed, Problem(f"and {more:,} more")) if more else listed

    def in_order(self, found: Iterable[Problem]) -> tuple[Problem, ...]:
        """Problems file by file, each from top to bottom."""
        nowhere = Location("")
        return tuple(sorted(found, key=lambda item: (self._files.get((item.location or nowhere).file, 0), item.location or nowhere)))

    def stop_if_any(self, error: type[InputError], what: str) -> None:
        """Raise an error with every problem when there is one. ``what`` has them, as in “the manifest”."""
        listed = self.listed()
        if not listed:
            return
        first = listed[0]
        if self.count == 1:
            raise error(first.message, hint=first.hint, location=first.location, problems=listed)
        raise error(f"{what} has {self.count:,} problems", location=first.location, problems=listed)


def quote(text: str) -> str:
    """A name inside a sentence, shortened when it is very long."""
    return f"“{text if len(text) <= 80 else text[:79] + '…'}”"
