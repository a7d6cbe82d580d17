"""What mining links costs, as a ratio to ``numpy.lexsort`` of the same timestamps: ``python -m bench evidence``.

Sizes show whether it grows with the timestamps, the numbers of objects whether it grows with these. Memory is the peak of a process that
does nothing else, the timestamps included: 1,000 MB at most for ten million. ``python -m bench.evidence --fit`` fits the confidence anew;
how right the links are is measured by ``python -m tests.evidence.judge``.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ckaudit.evidence.confidence import terms
from ckaudit.evidence.features import Features, Habits, habits
from ckaudit.evidence.mine import all_links, mine, search_in
from ckaudit.model.events import Events, make_events
from tests.evidence.judge import FAMILIES, Together, ends, make
from tests.evidence.simulator import DAY, PROFILES, World, simulate

Floats = npt.NDArray[np.float64]
Judged = list[tuple[str, Features, Habits, bool]]
Job = tuple[str, str, int, bool]
"""Family, profile, seed, and whether the account is a medium one."""
FIT_SEEDS = range(100, 108)
FIT_MEDIUM = range(120, 122)
"""Seeds of small and of medium accounts."""
NOT_FITTED = ("agency",)
"""The family nobody tunes by: the fit is checked on it."""
ONE_SIZE = ("third", "quiet")
"""Families without medium accounts."""
MADE_HARD = ("first", "second", "third")
HALF = 0.5
"""What these count beside the families written from documents: they have traps and noise as often as they are hard for the method, not as
often as accounts have them."""
SIZES = (100_000, 1_000_000, 10_000_000)
OBJECTS = (136, 674, 2_668)
COLUMNS = ("person", "kind", "id", "second", "state")
RIDGE = 1.0


def main() -> None:
    """Print the ratios."""
    worlds = [simulate(seed, replace(PROFILES["plain"], people=(4_000, 5_000))) for seed in range(3)]
    small = [simulate(seed, replace(PROFILES["plain"], people=(900, 1_100))) for seed in range(6)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "events.npz"
        for size, objects in [*((size, OBJECTS[0]) for size in SIZES), *((SIZES[1], objects) for objects in OBJECTS[1:])]:
            events = tiled(worlds if objects == OBJECTS[0] else small, size, objects)
            np.savez(file, **{name: getattr(events, name) for name in COLUMNS})
            subprocess.run([sys.executable, "-m", "bench.evidence", "--cost", str(file)], check=True)


def tiled(worlds: list[World], size: int, objects: int) -> Events:
    """An account of about ``size`` timestamps: the worlds side by side, as other objects until there are enough of these, else with more
    people; what is nobody's work comes at new times."""
    rng = np.random.default_rng(0)
    columns: list[list[npt.NDArray[np.int64]]] = [[], [], [], [], []]
    people = made = turn = 0
    copies = max(1, round(objects / sum(len(world.events.keys()) for world in worlds)))
    while made < size:
        world = worlds[turn % len(worlds)]
        events = world.events
        person = events.person - events.person.min()
        second = events.second - world.now + rng.integers(0, 3 * DAY, person.max() + 1)[person]
        at_work = np.isin(events.id, [number for pair in world.truth for _, number in pair])
        second = np.where(at_work, second, rng.permutation(second))
        number = events.id % 2**40 + (turn % (copies * len(worlds))) * 2**41
        for column, part in zip(columns, (person + people, events.kind, number, second, events.state), strict=True):
            column.append(part)
        people += int(person.max()) + 1
        made += len(events)
        turn += 1
    return make_events(*(np.concatenate(column)[:size] for column in columns))


def cost(file: str) -> None:
    """Print what mining one account takes. Seconds are processor time, so that other work on the machine does not count."""
    with np.load(file) as read:
        events = Events(*(read[name] for name in COLUMNS))
    begun = time.process_time()
    links = mine(events, now=4 * DAY)
    mined = time.process_time() - begun
    peak = peak_of_this_process()
    begun = time.process_time()
    np.lexsort((events.second, events.id, events.person))
    sorted_in = time.process_time() - begun
    print(
        f"{len(events):>10,} timestamps, {len(events.keys()):>5,} objects: {mined / sorted_in:6.1f} x lexsort ({mined:.2f} s), "
        f"{peak} MB at most, {len(links)} links",
        flush=True,
    )


def peak_of_this_process() -> int:
    """MB at most. ``getrusage`` counts what the process had that started this one, Linux' own file does not."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(next(line for line in status.read_text().splitlines() if line.startswith("VmHWM")).split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def judge(job: Job) -> Judged:
    """Every link of one simulated account with its features and the truth about it; what nobody can decide is left out: what always comes
    together with a true cause, whether or not that was found, too."""
    family, profile, seed, medium = job
    world = make(family, profile, seed, medium=medium, trapped=seed % 3 > 0)
    search = search_in(world.events, world.now, 20)
    raw = all_links(search)
    usual, truth, together = habits(features for _, features in raw), world.causal(), Together(world.events)
    judged = []
    for link, features in raw:
        pair = ends(link)
        causes = [cause for cause, effect in truth if effect == pair[1]]
        if pair in truth or not (pair in world.grey or any(together(cause, *pair) for cause in causes)):
            judged.append((family, features, usual, pair in truth))
    return judged


def fit_jobs() -> list[Job]:
    """The accounts by which the confidence is fitted."""
    return [
        (family, profile, seed, medium)
        for family, (_, profiles) in FAMILIES.items()
        if family not in NOT_FITTED
        for medium, seeds in ((False, FIT_SEEDS), (True, () if family in ONE_SIZE else FIT_MEDIUM))
        for profile in profiles
        for seed in seeds
    ]


def fit() -> None:
    """Print ``confidence.WEIGHTS``, by logistic regression with a small ridge. Families count alike, however many links they have, those
    made to be hard half as much."""
    jobs = fit_jobs()
    with ProcessPoolExecutor(2) as pool:
        judged = [link for found in pool.map(judge, jobs) for link in found]
    table: Floats = np.array([terms(features, usual) for _, features, usual, _ in judged], dtype=float)
    real = np.array([is_real for *_, is_real in judged], dtype=float)
    names, families, sizes = np.unique([family for family, *_ in judged], return_inverse=True, return_counts=True)
    counts = (len(judged) / len(sizes) / sizes * np.where(np.isin(names, MADE_HARD), HALF, 1.0))[families]
    weights = np.zeros(table.shape[1])
    for _ in range(100):
        said = 1 / (1 + np.exp(-np.clip(table @ weights, -30, 30)))
        slope = (table * (counts * said * (1 - said))[:, None]).T @ table + RIDGE * np.eye(len(weights))
        weights += np.linalg.solve(slope, table.T @ (counts * (real - said)) - RIDGE * weights)
    print([round(float(weight), 2) for weight in weights])


if __name__ == "__main__":
    fit() if "--fit" in sys.argv else cost(sys.argv[2]) if "--cost" in sys.argv else main()
