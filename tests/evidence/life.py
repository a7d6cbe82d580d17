"""Small accounts written by hand: every timestamp is put down by the test that needs it."""

from __future__ import annotations

import numpy as np

from ckaudit.evidence.mine import mine
from ckaudit.model.events import ObjectKind, make_events
from ckaudit.model.links import ObservedLink
from tests.evidence.judge import ends
from tests.evidence.simulator import DAY

FORM, TAG, SEQUENCE = (int(kind) for kind in ObjectKind)
START = 1_790_000_000
NOW = START + 200 * DAY
F, L, S, T, U = (FORM, 1), (TAG, 2), (SEQUENCE, 3), (TAG, 4), (TAG, 5)


class Life:
    """Timestamps written by hand; people arrive at random times."""

    def __init__(self, people: int, seed: int = 1) -> None:
        self.rng = np.random.default_rng(seed)
        self.people = people
        self.arrive = START + self.rng.integers(0, 150 * DAY, people)
        self.rows: list[tuple[int, int, int, int, int]] = []

    def timestamp(self, obj: tuple[int, int], second: np.ndarray, people: np.ndarray | None = None) -> np.ndarray:
        who = np.arange(self.people) if people is None else people
        self.rows += [(int(p), *obj, int(s), 0) for p, s in zip(who, second, strict=True)]
        return second

    def jitter(self, most: int, people: int | None = None) -> np.ndarray:
        return self.rng.integers(0, most + 1, people or self.people)

    def links(self) -> dict[tuple[tuple[int, int], tuple[int, int]], ObservedLink]:
        return {ends(link): link for link in mine(make_events(*np.array(self.rows).T), now=NOW)}
