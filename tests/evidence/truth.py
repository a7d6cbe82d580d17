"""What every simulator hands over: timestamps, and for each pair of cause and effect the people for whom it was so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from ckaudit.model.events import Events

Obj: TypeAlias = tuple[int, int]  # ObjectKind, id


@dataclass
class Pair:
    """``gaps``: seconds between cause and effect, one per person; ``clear``: people with no other timestamp between."""

    gaps: list[int] = field(default_factory=list)
    clear: int = 0


Truth: TypeAlias = dict[tuple[Obj, Obj], Pair]


@dataclass
class World:
    """``truth``: every nearest visible cause of a visible timestamp; ``grey``: pairs that are neither right nor wrong, since the step
    between left nothing: its timestamp was there before."""

    events: Events
    now: int
    truth: Truth
    label: str = ""
    grey: frozenset[tuple[Obj, Obj]] = frozenset()

    def causal(self, people: int = 20) -> Truth:
        """The links that ought to be found: the nearest visible cause, whatever else lies between."""
        return {ends: pair for ends, pair in self.truth.items() if len(pair.gaps) >= people}

    def direct(self, people: int = 20) -> Truth:
        """The narrower definition: for half of the people nothing else lies between."""
        return {ends: pair for ends, pair in self.causal(people).items() if 2 * pair.clear >= len(pair.gaps)}
