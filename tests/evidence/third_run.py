"""Measures the miner on accounts it was not made with: ``python -m tests.evidence.third_run [SEEDS] [FIRST_SEED]``."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from time import perf_counter

import numpy as np

from ckaudit.evidence.mine import mine
from ckaudit.model.events import ObjectKind
from ckaudit.model.links import ObservedLink
from tests.evidence.third_simulator import HARD, SEQUENCE, USUAL, Obj, Pair, Profile, World, make

NUMBER = {kind.kind: int(kind) for kind in ObjectKind}
WIDE = 1800.0  # seconds between the 10 % and the 90 % gap


def named(links: Iterable[ObservedLink]) -> dict[Pair, ObservedLink]:
    """The links by their ends, as the simulator writes them."""
    return {((NUMBER[x.source.kind], int(x.source.id)), (NUMBER[x.target.kind], int(x.target.id))): x for x in links}


class Tally:
    """Sums over accounts. Grey links are real causes that the definition does not ask for: wrong, but left out of ``mild`` precision."""

    def __init__(self) -> None:
        self.found = self.wrong = self.grey = self.missed = self.timed = 0
        self.bins: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        self.errors, self.misses = Counter[str](), Counter[str]()

    def add(self, world: World, delays: dict[Pair, float], sure: dict[Pair, float]) -> None:
        direct, grey = world.direct(), world.grey()
        for pair, delay in delays.items():
            counts = self.bins[next((name for name, top in (("0.7-0.8", 0.8), ("0.8-0.9", 0.9)) if sure.get(pair, 1) < top), "0.9-1.0")]
            counts[0 if pair in direct else 1 if pair in grey else 2] += 1
            if pair in direct:
                self.found += 1
                true = float(np.median(direct[pair].gaps))
                self.timed += abs(delay - true) <= max(60.0, 0.1 * true)
                continue
            self.wrong += 1
            self.grey += pair in grey
            self.errors[kind_of_error(world, pair)] += 1
        targets = {target for _, target in delays.keys() - direct.keys()}
        for pair in direct.keys() - delays.keys():
            self.missed += 1
            self.misses[kind_of_miss(world, pair, targets)] += 1

    def line(self) -> str:
        found, said = max(self.found, 1), max(self.found + self.wrong, 1)
        return (
            f"precision {found / said:.3f} (mild {found / max(said - self.grey, 1):.3f})  recall {found / (found + self.missed):.3f}  "
            f"delays {self.timed / found:.3f}  found {self.found} wrong {self.wrong} of these grey {self.grey} missed {self.missed}"
        )


def kind_of_error(world: World, pair: Pair) -> str:
    """What the wrong link's source is to its target, by what caused what."""
    source, target = pair
    if pair in world.grey():
        if pair in world.blurred and (pair not in world.truth or len(world.truth[pair].gaps) < 10):
            return "grey: step between left no timestamp, for it was there before"
        return "grey: fewer than 20 people" if len(world.truth[pair].gaps) < 20 else "grey: other timestamps between"
    parents: dict[Obj, set[Obj]] = defaultdict(set)
    for (cause, effect), traced in world.truth.items():
        if len(traced.gaps) >= 10:
            parents[effect].add(cause)

    def above(node: Obj) -> set[Obj]:
        seen, todo = set[Obj](), [node]
        while todo:
            fresh = parents[todo.pop()] - seen
            seen |= fresh
            todo += fresh
        return seen

    if source in above(target):
        return "ancestor"
    if target in above(source):
        return "reversed"
    return "sibling or cousin" if above(source) & above(target) else "coincidence"


def kind_of_miss(world: World, pair: Pair, wrong_targets: set[Obj]) -> str:
    """What makes the missed link hard, the first that holds."""
    cause = world.direct()[pair]
    p10, half, p90 = np.quantile(cause.gaps, [0.1, 0.5, 0.9])
    columns = world.events
    source, target = (int(np.count_nonzero((columns.kind == kind) & (columns.id == number))) for kind, number in pair)
    if pair[1] in wrong_targets:
        return "another parent was named"
    if len(cause.gaps) < 40:
        return "fewer than 40 people"
    if p90 - p10 > max(WIDE, 0.3 * half):
        return "wide gaps after a sequence" if pair[0][0] == SEQUENCE else "wide gaps"
    if len(cause.gaps) < 0.2 * target:
        return "few of those who have the target"
    return "few of those who have the source" if len(cause.gaps) < 0.2 * source else "narrow and frequent"


def report(profile: Profile, seeds: range) -> None:
    ours, took, worst = Tally(), 0.0, []
    for seed in seeds:
        world = make(seed, profile)
        start = perf_counter()
        links = named(mine(world.events, now=world.now))
        took += perf_counter() - start
        before = ours.wrong - ours.grey, ours.missed
        ours.add(
            world,
            {pair: float(link.delay_seconds) for pair, link in links.items()},
            {pair: link.confidence for pair, link in links.items()},
        )
        worst.append((ours.wrong - ours.grey - before[0] + ours.missed - before[1], seed))
    print(f"\n{profile.name}, {len(seeds)} accounts, miner {took:.1f} s")
    print(f"  {ours.line()}\n  wrong: {dict(ours.errors.most_common(5))}\n  missed: {dict(ours.misses.most_common())}")
    for name, (right, grey, wrong) in sorted(ours.bins.items()):
        said = right + grey + wrong
        print(f"  said {name}: {said} links, right {right / said:.3f}, without grey {right / max(right + wrong, 1):.3f}")
    print(f"  most errors (count, seed): {sorted(worst, reverse=True)[:5]}")


if __name__ == "__main__":
    count, first = ([int(word) for word in sys.argv[1:]] + [20, 0][len(sys.argv) - 1 :])[:2]
    for each in (USUAL, HARD):
        report(each, range(first, first + count))
