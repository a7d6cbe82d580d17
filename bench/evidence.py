"""Mining links: how right, how sure, how fast. ``python -m bench evidence``; ``python -m bench.evidence --fit`` fits the confidence anew.

Accounts come from the two simulators of tests/evidence. Their profiles were looked at while the method was made, with other seeds than
here, but for “wild”; the confidence was fitted on neither “held out” nor “wild”. Bounds: precision 0.95, recall 0.85, 95 % of delays;
1,000,000 timestamps in 3 s and 400 MB, 10,000,000 in 40 s on 2 cores. Seconds are processor time, so that other work on the machine does
not count.
"""

from __future__ import annotations

import gc
import itertools
import resource
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ckaudit.evidence.confidence import Features, confidence, terms
from ckaudit.evidence.mine import MIN_CONFIDENCE, links_to, mine
from ckaudit.evidence.search import begin
from ckaudit.evidence.timestamp_index import index
from ckaudit.model.events import Events, make_events
from ckaudit.model.links import ObservedLink
from tests.evidence import second_simulator
from tests.evidence.score import Score, Simulated, compare, name
from tests.evidence.simulator import DAY, PROFILES, World, simulate

Floats = npt.NDArray[np.float64]
Judged = list[tuple[Features, bool]]
SEEDS = range(700, 715)
FIT_SEEDS = range(100, 125)
NOT_FITTED = ("held out", "wild")
LEVELS = (0.0, 0.3, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0)


def main() -> None:
    """Print accuracy, calibration and speed."""
    jobs = [(profile, seed) for profile in (*PROFILES, *second_simulator.PROFILES) for seed in SEEDS]
    with ProcessPoolExecutor(2) as pool:
        results = list(pool.map(judge, *zip(*jobs, strict=True)))
    print(f"links with a confidence of {MIN_CONFIDENCE} or more, {len(SEEDS)} accounts per profile")
    print("profile    precision  recall  delays right  wrong ones that are causes, but not direct")
    for profile in dict.fromkeys(profile for profile, _ in jobs):
        total = sum((score for (which, _), (score, _) in zip(jobs, results, strict=True) if which == profile), Score())
        print(f"{profile:10} {total.precision:9.3f} {total.recall:7.3f} {total.delays:13.3f}  {total.grey} of {total.wrong}")
    print("\nreliability: said, real, links (all profiles)")
    for said, real, links in reliability([pair for _, judged in results for pair in judged]):
        print(f"{said:.2f}  {real:.2f}  {links}")
    print()
    with ProcessPoolExecutor(2) as pool:
        worlds = list(pool.map(grown, ["plain"] * 6, range(6)))
    for size in (100_000, 1_000_000, 10_000_000):
        speed(worlds, size)


def made(profile: str, seed: int) -> Simulated:
    """An account of the simulator that knows the profile."""
    return simulate(seed, PROFILES[profile]) if profile in PROFILES else second_simulator.simulate(profile, seed)


def all_links(world: Simulated) -> list[tuple[ObservedLink, Features]]:
    """Every link of an account, however unsure, with its features."""
    search = begin(index(world.events), world.now - int(world.events.second.min()), 20)
    return [pair for target in np.unique(search.pairs.target) for pair in links_to(search, int(target))]


def judge(profile: str, seed: int) -> tuple[Score, Judged]:
    """Mine one simulated account: the score of what would be reported, and every link with the truth about it."""
    world = made(profile, seed)
    links, direct = all_links(world), world.direct()
    score = compare(world, [link for link, _ in links if link.confidence >= MIN_CONFIDENCE])
    return score, [(features, name(link) in direct) for link, features in links]


def reliability(judged: Judged) -> Iterator[tuple[float, float, int]]:
    """Mean confidence, share of real links and number of links, for each level of confidence."""
    said = np.array([confidence(features) for features, _ in judged])
    real = np.array([is_real for _, is_real in judged])
    for low, high in itertools.pairwise(LEVELS):
        chosen = (said >= low) & (said < high)
        if chosen.any():
            yield float(said[chosen].mean()), float(real[chosen].mean()), int(chosen.sum())


def grown(profile: str, seed: int) -> World:
    """One account with ten times the people."""
    return simulate(seed, replace(PROFILES[profile], people=(9_000, 11_000)))


def tiled(worlds: list[World], size: int) -> Events:
    """An account of ``size`` timestamps: the worlds side by side, their people again and again, but with what is nobody's work at new
    times."""
    rng = np.random.default_rng(0)
    columns: list[list[npt.NDArray[np.int64]]] = [[], [], [], [], []]
    people = made = 0
    while made < size:
        for number, world in enumerate(worlds):
            events = world.events
            person = events.person - events.person.min()
            second = events.second - world.now + rng.integers(0, 3 * DAY, person.max() + 1)[person]
            at_work = np.isin(events.id, [number for pair in world.truth for _, number in pair])
            second = np.where(at_work, second, rng.permutation(second))
            rows = (person + people, events.kind, events.id + number * 2**42, second, events.state)
            for column, part in zip(columns, rows, strict=True):
                column.append(part)
            people += int(person.max()) + 1
            made += len(events)
    return make_events(*(np.concatenate(column)[:size] for column in columns))


def speed(worlds: list[World], size: int) -> None:
    """Print the time of mining, and by how much it raised the peak of memory."""
    events = tiled(worlds, size)
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun, wall = time.process_time(), time.perf_counter()
    links = mine(events, now=4 * DAY)
    seconds, wall = time.process_time() - begun, time.perf_counter() - wall
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    print(
        f"{size:>10,} timestamps: {len(events.keys())} objects: {seconds:6.2f} s ({wall:.2f} s by the clock), +{grown} MB, "
        f"{len(links)} links"
    )


def fit() -> None:
    """Print ``confidence.WEIGHTS``, by logistic regression with a small ridge."""
    fitted = [profile for profile in (*PROFILES, *second_simulator.PROFILES) if profile not in NOT_FITTED]
    jobs = [(profile, seed) for profile in fitted for seed in FIT_SEEDS]
    with ProcessPoolExecutor(2) as pool:
        judged = [pair for _, found in pool.map(judge, *zip(*jobs, strict=True)) for pair in found]
    table: Floats = np.array([terms(features) for features, _ in judged], dtype=float)
    real = np.array([is_real for _, is_real in judged], dtype=float)
    weights = np.zeros(table.shape[1])
    for _ in range(100):
        said = 1 / (1 + np.exp(-table @ weights))
        slope = (table * (said * (1 - said))[:, None]).T @ table + np.eye(len(weights))
        weights += np.linalg.solve(slope, table.T @ (real - said) - weights)
    print([round(float(weight), 2) for weight in weights])


if __name__ == "__main__":
    fit() if "--fit" in sys.argv else main()
