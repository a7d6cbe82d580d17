"""Prints what the miner reaches on the second simulator, and what its errors are: ``python -m tests.evidence.second_score [SEEDS]``."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from statistics import quantiles

from ckaudit.evidence.mine import mine
from tests.evidence.score import Score, compare, name
from tests.evidence.second_account import Obj
from tests.evidence.second_simulator import PROFILES, Link, World, simulate

Pair = tuple[Obj, Obj]


def moments(world: World, pair: Pair) -> float:
    """Part of a link's people who got the cause in the three fullest ten minutes: webinars' lists, imports, bulk tags."""
    seconds = Counter(cause.second // 600 for effect, cause in world.causes if cause and (cause.obj, effect.obj) == pair)
    return sum(count for _, count in seconds.most_common(3)) / seconds.total()


def missed(world: World, pair: Pair, found: set[Pair]) -> str:
    """The most likely reason why a direct link was not found."""
    link = world.direct()[pair]
    named = [world.relation(*other) for other in found if other[1] == pair[1] and other not in world.direct()]
    if named:
        return f"{named[0]} named instead"
    if moments(world, pair) > 0.7:
        return "cause given to many at one moment"
    low, *_, high = quantiles(link.gaps, n=10)
    if pair[0][0] == 2 and high - low > 60:
        return "end of a sequence, gap scatters"
    if high - low > 60 + 0.1 * link.delay:
        return "gap scatters (confirmation, queue, pause)"
    if 3 * link.clear < 2 * link.support:
        return "a third have others in between"
    if link.support < 30:
        return "fewer than 30 people"
    if sum(other[1] == pair[1] for other in world.direct()) > 1:
        return "effect has several causes"
    return "other"


def wrong(world: World, pair: Pair) -> str:
    """What a wrong link is, and whether the true cause counts as direct."""
    kind = world.relation(*pair)
    if kind != "sibling":
        return kind
    if any(true[1] == pair[1] for true in world.direct()):
        return "sibling for a direct parent"
    link = max((link for true, link in world.truth.items() if true[1] == pair[1]), key=lambda link: link.support, default=Link())
    return f"sibling, its parent is not direct (others in between for {'< 60' if 5 * link.clear > 2 * link.support else '>= 60'} %)"


def main(seeds: int) -> None:
    for profile in PROFILES:
        total, misses, errors, sure = Score(), Counter[str](), Counter[str](), defaultdict[int, list[bool]](list)
        for seed in range(seeds):
            world = simulate(profile, seed)
            links = mine(world.events, now=world.now)
            direct, found = world.direct().keys(), {name(link) for link in links}
            total += compare(world, links)
            misses.update(missed(world, pair, found) for pair in direct - found)
            errors.update(wrong(world, pair) for pair in found - direct)
            for link in links:
                sure[min(int(link.confidence * 10), 9)].append(name(link) in direct)
        print(f"{profile}: precision {total.precision:.3f}, recall {total.recall:.3f}, delays {total.delays:.3f}, {total}")
        print("  missed:", *(f"\n    {count:4} {reason}" for reason, count in misses.most_common()))
        print("  wrong:", *(f"\n    {count:4} {reason}" for reason, count in errors.most_common()))
        print(
            "  real, by confidence:", {f"0.{tenth}": f"{sum(real) / len(real):.2f} of {len(real)}" for tenth, real in sorted(sure.items())}
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
