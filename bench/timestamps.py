"""What an audit with timestamps costs beside mining them: from the files to the reports, as ratios to reading and mining the same
timestamps.

``python -m bench timestamps``, or ``python -m bench.timestamps 10_000_000`` for another number. 20 courses of 15 tags, 60 forms, 60
sequences;
people buy, get access and modules as the 60 automations say, a few are forgotten. Once with all automations in the manifest, and once
with the courses alone, so that automations are what the timestamps show. Every figure comes from a process of its own; seconds are
processor time. The bound for 1,000,000 timestamps is 1.5 s and 300 MB above mining and the audit without timestamps; nothing is asserted.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.audit import KINDS, NOW, account, manifest
from ckaudit.engine.load import load_rules
from ckaudit.engine.pipeline import audit
from ckaudit.evidence.mine import mined_in
from ckaudit.graph.build import build_graph
from ckaudit.model.account import SectionStatus
from ckaudit.model.events import Events, ObjectKind, make_events
from ckaudit.model.evidence import Evidence, ListRead
from ckaudit.model.refs import Key
from ckaudit.observed.observe import observe
from ckaudit.render.html import render_html
from ckaudit.render.text import render_text
from ckaudit.resources import rules_folder
from ckaudit.sources.evidence_file import read_evidence, write_evidence
from ckaudit.sources.manifest import read_manifests
from ckaudit.sources.snapshot import read_snapshot, write_snapshot
from ckaudit.sources.stacks import read_stacks

COURSES = 20
SIZE = 1_000_000
DAY = 86400
END = int(NOW.timestamp())
DAYS = 180
Ints = npt.NDArray[np.int64]


def people_of(course: int, count: int, rng: np.random.Generator) -> list[tuple[ObjectKind, int, Ints]]:
    """The timestamps of one course's buyers: of each object one second per buyer, -1 for those who have none."""
    tags = {kind: course * len(KINDS) + place for place, kind in enumerate(KINDS, 1)}
    bought = END - rng.integers(0, DAYS * DAY, count)
    access = bought + 600 + rng.integers(1, 30, count)
    access[rng.random(count) < 0.08 * (course % 5 == 0)] = -1
    off = np.where(rng.random(count) < 0.1, bought + rng.integers(0, 100 * DAY, count), -1)
    found = [(ObjectKind.FORM, course % 60 + 1, bought - rng.lognormal(12, 1.5, count).astype(np.int64))]
    found += [(ObjectKind.TAG, tags["purchased"], bought), (ObjectKind.TAG, tags["access"], access)]
    found += [(ObjectKind.TAG, tags["login"], np.where(rng.random(count) < 0.01, bought + 1, -1))]
    found += [(ObjectKind.SEQUENCE, 3 * course + place, after(access, rng.integers(0, 4, count))) for place in (1, 2)]
    found.append((ObjectKind.TAG, tags["module 1"], after(access, rng.integers(0, 9, count))))
    lessons = after(access, 35 * DAY + rng.integers(0, DAY, count))
    stalls = rng.integers(2, 30, count) if course % 5 == 1 else np.full(count, 99)
    for module in range(2, 8):
        came = after(lessons, 7 * DAY * (module - 1) + rng.integers(0, 60, count))
        found.append((ObjectKind.TAG, tags[f"module {module}"], np.where(stalls > module, came, -1)))
    found += [(ObjectKind.TAG, tags["cancelled"], off), (ObjectKind.SEQUENCE, 3 * course + 3, after(off, 8 * 3600))]
    return found


def after(second: Ints, wait: Ints | int) -> Ints:
    """The seconds so much later; -1 stays."""
    return np.where(second < 0, -1, second + wait)


def timestamps(size: int) -> Events:
    """About so many timestamps (the last percent is left to chance). A sixth of the people only joined forms."""
    rng = np.random.default_rng(1)
    share = 1 / np.arange(1, COURSES + 1) ** 0.7
    counts = (share / share.sum() * size / 10.86).astype(int)
    columns: list[tuple[Ints, ...]] = []
    people = 0
    for course, count in enumerate(counts):
        groups = people_of(course, count, rng)
        groups += [(ObjectKind.FORM, 21 + course, END - rng.integers(0, DAYS * DAY, count))]
        state = rng.choice([0, 0, 0, 0, 0, 0, 0, 1, 2, 4], count)
        for kind, number, second in groups:
            has = np.flatnonzero((second > 0) & (second <= END))
            columns.append((has + people, np.full(len(has), kind), np.full(len(has), number), second[has], state[has]))
        people += count
    return make_events(*(np.concatenate(column) for column in zip(*columns, strict=True)))


def evidence(size: int) -> Evidence:
    """The timestamps as lists that were read whole."""
    held = account(COURSES)
    groups = ((ObjectKind.FORM, held.forms), (ObjectKind.TAG, held.tags), (ObjectKind.SEQUENCE, held.sequences))
    lists = (ListRead(Key(kind.kind, item.id), SectionStatus.COMPLETE) for kind, items in groups for item in items)
    return Evidence(timestamps(size), tuple(lists), END - END % DAY)


def write(folder: Path, size: int) -> None:
    """The account with its timestamps, and its two manifests."""
    write_snapshot(folder, account(COURSES))
    write_evidence(folder, evidence(size))
    told, _, courses = manifest(COURSES).partition("\nofferings:")
    (folder / "all.yaml").write_text(f"{told}\nofferings:{courses}", "utf-8")
    (folder / "courses.yaml").write_text(f"version: 1\naccount: 27\nofferings:{courses}", "utf-8")


class Clock:
    """Seconds of processor time, step by step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.process_time()

    def step(self, name: str) -> None:
        """The time since the last step was this one's."""
        now = time.process_time()
        self.seconds[name] = now - self._last
        self._last = now


def mined(folder: Path, clock: Clock, _: str) -> None:
    """Read and mine."""
    found = read_evidence(folder)
    clock.step("reading")
    if found:
        mined_in(found)
    clock.step("mining")


def audited(folder: Path, clock: Clock, automations: str) -> None:
    """From the files to the reports. Without timestamps when ``automations`` ends in a minus."""
    held, stacks = read_snapshot(folder), read_stacks()
    told = read_manifests((folder / f"{automations.rstrip('-')}.yaml",), held, stacks)
    clock.step("files")
    found = None if automations.endswith("-") else read_evidence(folder)
    clock.step("reading")
    graph = build_graph(held, told, stacks, NOW)
    clock.step("graph")
    account = observe(graph, found)
    clock.step("mining")
    result = audit(account, load_rules((rules_folder(),)))
    clock.step("audit")
    render_text(result)
    clock.step("text")
    render_html(result)
    clock.step("html")
    print(f"{len(result.links)} links, {len(result.findings)} findings, {len(result.automations)} automations seen", file=sys.stderr)


WORK: dict[str, Callable[[Path, Clock, str], None]] = {"mined": mined, "audited": audited}


def alone(name: str, folder: Path, automations: str = "") -> tuple[dict[str, float], int]:
    """One piece of work in a process of its own: seconds of its steps, and its peak of memory in MB."""
    command = [sys.executable, "-m", "bench.timestamps", name, str(folder), automations]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return answer["seconds"], answer["megabytes"]


def main(size: int = SIZE) -> None:
    """Print the ratios."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, size)
        seconds, base = alone("mined", folder)
        mining = sum(seconds.values())
        print(f"{size:,} timestamps, read and mined {mining:6.2f} s  1.0 x   {base} MB")
        for automations, title in (("all", "all automations listed"), ("courses", "no automation listed")):
            seconds, peak = alone("audited", folder, automations)
            without = sum(alone("audited", folder, f"{automations}-")[0].values())
            total = sum(seconds.values())
            print(f"audit, {title:24} {total:6.2f} s  {total / mining:.1f} x   {peak} MB ({peak - base:+} MB)")
            print(f"  of it {', '.join(f'{step} {spent:.2f}' for step, spent in seconds.items())}")
            print(f"  the same audit without timestamps {without:.2f} s: they cost {total - mining - without:.2f} s beside mining")


def work(name: str, folder: Path, automations: str) -> None:
    """Do one piece of work and print its cost."""
    clock = Clock()
    WORK[name](folder, clock, automations)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"seconds": clock.seconds, "megabytes": peak}))


if __name__ == "__main__":
    if len(sys.argv) == 4:
        work(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
    else:
        main(*(int(size) for size in sys.argv[1:]))
