"""Compares found links with the truth of a simulated account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ckaudit.model.events import ObjectKind
from ckaudit.model.links import ObservedLink
from tests.evidence import second_simulator
from tests.evidence.simulator import Obj, World

Simulated = World | second_simulator.World
NUMBER = {kind.kind: int(kind) for kind in ObjectKind}


@dataclass
class Score:
    """Counts of found, wrong, missed links, and of those whose delay is right. ``grey``: wrong ones that are causes, but not direct."""

    found: int = 0
    wrong: int = 0
    missed: int = 0
    grey: int = 0
    timed: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(*(mine + theirs for mine, theirs in zip(vars(self).values(), vars(other).values(), strict=True)))

    @property
    def precision(self) -> float:
        return self.found / max(self.found + self.wrong, 1)

    @property
    def recall(self) -> float:
        return self.found / max(self.found + self.missed, 1)

    @property
    def delays(self) -> float:
        return self.timed / max(self.found, 1)


def name(link: ObservedLink) -> tuple[Obj, Obj]:
    """The link's ends as the simulator writes them."""
    return (NUMBER[link.source.kind], int(link.source.id)), (NUMBER[link.target.kind], int(link.target.id))


def compare(world: Simulated, links: Iterable[ObservedLink]) -> Score:
    """Found links against the direct ones with at least 20 people; a delay is right within 60 s or 10 % of the true median."""
    score, direct = Score(), world.direct()
    names = {name(link): link for link in links}
    for key, link in names.items():
        if key not in direct:
            score.wrong += 1
            score.grey += key in world.truth and len(world.truth[key].gaps) >= 10
            continue
        score.found += 1
        true = float(np.median(direct[key].gaps))
        score.timed += abs(link.delay_seconds - true) <= max(60.0, 0.1 * true)
    score.missed = len(direct.keys() - names.keys())
    return score
