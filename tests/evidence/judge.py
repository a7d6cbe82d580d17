"""Judges the miner by causal truth on every family of simulated accounts: ``python -m tests.evidence.judge [FAMILY …] [--seeds N]``.

A link is right when its source is the nearest visible cause of its target for 20 people or more. Of two objects that always come together,
one a cause and one not, nobody can say which it is: naming the other one is neither right nor wrong, and the true one is not missed then.

Made to be hard for the method: ``first``, ``second``, ``third`` (with traps) and ``quiet`` (one trap at a time). Written from documents
alone, without a look at the method: ``business``, ``courses``, ``shops`` (shops, memberships, academies, paid letters), ``creators``
(newsletters, coaches, podcasts, launches) and ``agency`` (a consultant's clients). The confidence is fitted on all but ``agency``, on
which it is checked: nobody tunes by that one (``bench/evidence.py``).
"""

from __future__ import annotations

import argparse
import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from ckaudit.evidence.mine import TIED, mine
from ckaudit.model.events import Events, ObjectKind
from ckaudit.model.links import ObservedLink
from tests.evidence import business_simulator, course_simulator, second_simulator, simulator, third_simulator, traps
from tests.evidence.agency import simulator as agency
from tests.evidence.creators import simulator as creators
from tests.evidence.shops import simulator as shops
from tests.evidence.traps import sprung, with_traps
from tests.evidence.truth import Obj, Truth, World

Ends = tuple[Obj, Obj]
NUMBER = {kind.kind: int(kind) for kind in ObjectKind}
LEVELS = (0.0, 0.3, 0.6, 0.7, 0.8, 0.9, 0.95, 1.01)
TOGETHER, APART = 0.9, 1
"""Two objects always come together when nine in ten of a link's people have both, within so many seconds of a fixed distance."""
Make = Callable[[str, int, bool], World]
"""One account by profile, seed, and whether it is a medium one."""


def first(profile: str, seed: int, medium: bool) -> World:
    ranges = simulator.PROFILES[profile]
    world = simulator.simulate(seed, replace(ranges, people=(4000, 9000)) if medium else ranges)
    return World(world.events, world.now, world.truth, world.label)  # type: ignore[arg-type]  # each family has a World of its own, with the same fields


def second(profile: str, seed: int, medium: bool) -> World:
    settings = second_simulator.PROFILES[profile]
    world = second_simulator.simulate(replace(settings, people=6000) if medium else settings, seed)
    return World(world.events, world.now, world.truth, profile)  # type: ignore[arg-type]  # each family has a World of its own, with the same fields


def third(profile: str, seed: int, medium: bool) -> World:
    world = third_simulator.make(seed, third_simulator.USUAL if profile == "usual" else third_simulator.HARD)
    blurred = frozenset(pair for pair, count in world.blurred.items() if count >= 10)
    return World(world.events, world.now, world.truth, profile, blurred)  # type: ignore[arg-type]  # each family has a World of its own, with the same fields


def described(simulate: Callable[[str, int, tuple[int, int]], World], small: tuple[int, int], medium: tuple[int, int]) -> Make:
    """A family written from documents, with the numbers of people, at least and at most, of its small and medium accounts."""
    return lambda profile, seed, is_medium: simulate(profile, seed, medium if is_medium else small)


def quiet(profile: str, seed: int, medium: bool) -> World:
    return sprung(traps.quiet(seed), seed, getattr(traps, profile))


FAMILIES: dict[str, tuple[Make, tuple[str, ...]]] = {
    "first": (first, tuple(simulator.PROFILES)),
    "second": (second, tuple(second_simulator.PROFILES)),
    "third": (third, ("usual", "hard")),
    "quiet": (quiet, tuple(trap.__name__ for trap in traps.ALONE)),
    "business": (described(business_simulator.simulate, business_simulator.SMALL, business_simulator.MEDIUM), business_simulator.KINDS),
    "courses": (described(course_simulator.simulate, course_simulator.SMALL, course_simulator.MEDIUM), course_simulator.KINDS),
    "shops": (described(shops.simulate, shops.SMALL, shops.MEDIUM), shops.KINDS),
    "creators": (described(creators.simulate, creators.SMALL, creators.MEDIUM), creators.KINDS),
    "agency": (described(agency.simulate, agency.SMALL, agency.MEDIUM), agency.KINDS),
}
TRAPPED = ("first", "second", "third")
"""Families that get traps besides. The others have of them what real accounts have, or are made of nothing else."""


def make(family: str, profile: str, seed: int, *, medium: bool = False, trapped: bool = True) -> World:
    """One account of a family."""
    world = FAMILIES[family][0](profile, seed, medium)
    return with_traps(world, seed) if trapped and family in TRAPPED else world


def ends(link: ObservedLink) -> Ends:
    """The link's ends as simulators write them."""
    return (NUMBER[link.source.kind], int(link.source.id)), (NUMBER[link.target.kind], int(link.target.id))


@dataclass
class Tally:
    """Counts over accounts. ``either``: named or missed where nobody can tell; ``judged``: confidence and truth of each link."""

    found: int = 0
    wrong: int = 0
    missed: int = 0
    either: int = 0
    timed: int = 0
    judged: list[tuple[float, bool]] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))

    @property
    def precision(self) -> float:
        return self.found / max(self.found + self.wrong, 1)

    @property
    def recall(self) -> float:
        return self.found / max(self.found + self.missed, 1)

    def line(self) -> str:
        return (
            f"{self.precision:.3f} / {self.recall:.3f}  found {self.found} wrong {self.wrong} missed {self.missed} "
            f"either {self.either} delays {self.timed / max(self.found, 1):.3f}"
        )


class Together:
    """Tells whether two objects always come together for people who have a third one."""

    def __init__(self, events: Events) -> None:
        key = events.kind.astype(np.int64) << 61 | events.id
        order = np.lexsort((events.person, key))
        self.key, self.person, self.second = key[order], events.person[order], events.second[order]

    def _of(self, obj: Obj) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        low, high = self.key.searchsorted([obj[0] << 61 | obj[1], (obj[0] << 61 | obj[1]) + 1])
        person, at = np.unique(self.person[low:high], return_index=True)
        return person, self.second[low:high][at]

    def __call__(self, cause: Obj, other: Obj, effect: Obj) -> bool:
        whose = np.intersect1d(self._of(cause)[0], self._of(effect)[0])
        if not len(whose):
            return False
        (one, when), (two, then) = self._of(cause), self._of(other)
        both = np.intersect1d(np.intersect1d(one, two), whose)
        if len(both) < TOGETHER * len(whose):
            return False
        apart = then[two.searchsorted(both)] - when[one.searchsorted(both)]
        return bool(np.mean(np.abs(apart - np.median(apart)) <= APART) >= TOGETHER)


def judge(world: World, links: Iterable[ObservedLink], truth: Truth | None = None, least: float = 0.6) -> Tally:
    """Compare found links with the truth (causal, if none is given)."""
    wanted, tally, together = world.causal() if truth is None else truth, Tally(), Together(world.events)
    said = {ends(link): link for link in links}
    excused: set[Ends] = set()
    for pair, link in said.items():
        sure = link.confidence >= asked(link, least)
        if pair in wanted:
            tally.judged.append((link.confidence, True))
            tally.found += sure
            delay = float(np.median(wanted[pair].gaps))
            tally.timed += sure and abs(link.delay_seconds - delay) <= max(60.0, 0.1 * delay)
            continue
        if pair in world.grey:
            continue
        rivals = [true for true in wanted if true[1] == pair[1] and (true not in said or said[true].confidence < asked(said[true], least))]
        twins = [true for true in rivals if together(true[0], pair[0], pair[1])]
        if twins and sure:
            excused.update(twins)
            tally.either += 1
            continue
        tally.judged.append((link.confidence, False))
        tally.wrong += sure
        tally.errors[wrong(world, pair)] += sure
    for pair in wanted:
        if pair not in excused and not (pair in said and said[pair].confidence >= asked(said[pair], least)):
            tally.missed += 1
            tally.errors[missing(world, pair, said.keys())] += 1
    return tally


def asked(link: ObservedLink, least: float) -> float:
    """The confidence from which a link is told."""
    return TIED * least if link.rivals else least


def wrong(world: World, pair: Ends) -> str:
    """What a wrong link is."""
    if pair in world.truth:
        return "wrong: fewer than 20 people"
    kinds = "-".join("FTS"[obj[0]] for obj in pair)
    parents: dict[Obj, set[Obj]] = defaultdict(set)
    for (cause, effect), found in world.truth.items():
        if len(found.gaps) >= 10:
            parents[effect].add(cause)
    above = ancestors(parents, pair[1])
    if pair[0] in above:
        return f"wrong {kinds}: grandparent"
    if pair[1] in ancestors(parents, pair[0]):
        return f"wrong {kinds}: reversed"
    if not parents[pair[1]]:
        return f"wrong {kinds}: target has no cause"
    return f"wrong {kinds}: sibling" if ancestors(parents, pair[0]) & above else f"wrong {kinds}: coincidence"


def ancestors(parents: dict[Obj, set[Obj]], obj: Obj) -> set[Obj]:
    found: set[Obj] = set()
    todo = [obj]
    while todo:
        fresh = parents[todo.pop()] - found
        found |= fresh
        todo += fresh
    return found


def missing(world: World, pair: Ends, said: Collection[Ends]) -> str:
    """How a missed link looks."""
    gaps = np.array(world.truth[pair].gaps)
    low, middle, high = np.quantile(gaps, [0.1, 0.5, 0.9])
    kinds = "-".join("FTS"[obj[0]] for obj in pair)
    shape = "narrow" if high - low <= 60 + 0.05 * middle else "wide"
    how = "unsure" if pair in said else "another named" if pair[1] in {target for _, target in said} else "nothing named"
    return f"missed {kinds}: {shape}, {'few, ' if len(gaps) < 40 else ''}{how}"


def bins(judged: Iterable[tuple[float, bool]]) -> list[str]:
    """Said and true share for each level of confidence."""
    said, real = np.array(list(judged) or [(0.0, False)]).T
    lines = []
    for low, high in itertools.pairwise(LEVELS):
        chosen = (said >= low) & (said < high)
        if chosen.any():
            lines.append(f"{low:.2f}+: said {said[chosen].mean():.3f} true {real[chosen].mean():.3f} of {int(chosen.sum())}")
    return lines


def main() -> None:
    """Print a table for the families asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("families", nargs="*", default=list(FAMILIES))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=900)
    parser.add_argument("--medium", action="store_true")
    parser.add_argument("--plain", action="store_true", help="without traps")
    parser.add_argument("--direct", action="store_true", help="by the narrower definition, too")
    asked = parser.parse_args()
    for family in asked.families:
        whole = Tally()
        for profile in FAMILIES[family][1]:
            total, old = Tally(), Tally()
            for seed in range(asked.first, asked.first + asked.seeds):
                world = make(family, profile, seed, medium=asked.medium, trapped=not asked.plain)
                links = mine(world.events, now=world.now, min_confidence=0.0)
                total += judge(world, links)
                old += judge(world, links, world.direct())
            print(f"{family:9}{profile:11}{total.line()}" + (f"   direct {old.precision:.3f} / {old.recall:.3f}" if asked.direct else ""))
            whole += total
        print(f"{family:20}{whole.line()}")
        for reason, count in whole.errors.most_common(24):
            print(f"      {count:4} {reason}")
        print("     ", "\n      ".join(bins(whole.judged)))


if __name__ == "__main__":
    main()
