"""Simulates what Kit's automations do to people, and knows the cause of every timestamp.

The semantics are Kit's: entries, delays, sequences with windows of sending days, conditions taken once, events that pull people
forward and hold those who arrive, removals, holding sequences, exits, "start another automation", rules, form links. Around them is
what makes real accounts hard: writers outside Kit, clicks, popular and rare tags, imports, launches, pauses, people who unsubscribe.

``truth`` holds, for every pair, the people whose timestamp of the second was caused by the first with no visible cause between: the
nearest cause whose timestamp is still there. ``Truth.direct`` adds the definition of a direct link: for at least half of them no other
visible timestamp lies between.
"""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ckaudit.model.events import Events, make_events
from tests.evidence.profiles import DAY, PROFILES, Range
from tests.evidence.structure import SEQUENCE, TAG, Automation, Builder, Obj, Rule, Sequence

__all__ = ["DAY", "PROFILES", "Obj", "Range", "World", "simulate"]


@dataclass
class Node:
    obj: Obj
    time: int
    parent: Node | None


@dataclass
class Pair:
    gaps: list[int] = field(default_factory=list)
    clear: int = 0


@dataclass
class World:
    events: Events
    now: int
    truth: dict[tuple[Obj, Obj], Pair]
    label: str

    def direct(self, people: int = 20) -> dict[tuple[Obj, Obj], Pair]:
        """The links that ought to be found."""
        return {key: pair for key, pair in self.truth.items() if len(pair.gaps) >= people and 2 * pair.clear >= len(pair.gaps)}


class Person:
    """Lives one person's life and records the timestamps."""

    def __init__(self, world: Builder, rng: np.random.Generator, leaves: float) -> None:
        self.world, self.rng, self.leaves = world, rng, leaves
        self.held: dict[Obj, Node] = {}
        self.nodes: list[Node] = []
        self.queue: list[tuple[int, int, str, tuple[Any, ...]]] = []
        self.count = itertools.count()
        self.tokens: list[dict[str, Any]] = []

    def at(self, time: int, what: str, *args: Any) -> None:
        heapq.heappush(self.queue, (int(time), next(self.count), what, args))

    def lag(self) -> int:
        rng, kind = self.rng, self.world.jitter
        if kind == "tight":
            return int(rng.random() < 0.3)
        if kind == "second":
            return int(rng.exponential(2.0))
        if kind == "slow":
            return int(rng.gamma(2.0, 40.0))
        if kind == "poll":
            return int(rng.integers(0, 5)) + (int(rng.integers(0, 300)) if rng.random() < 0.3 else 0)
        if kind == "lumpy":
            return int(rng.choice([0, 1, 2, 15, 30, 60], p=[0.4, 0.2, 0.1, 0.1, 0.1, 0.1]))
        if kind == "minute":
            return int(rng.uniform(0, 60))
        return int(rng.uniform(60, 400)) if rng.random() < 0.06 else int(rng.exponential(8.0))

    def run(self) -> None:
        end = self.world.start + self.world.days * DAY
        for _ in range(3000):
            if not self.queue:
                return
            time, _, what, args = heapq.heappop(self.queue)
            if time > end:
                return
            getattr(self, "do_" + what)(time, *args)

    def do_timestamp(self, time: int, obj: Obj, parent: Node | None) -> Node | None:
        old = self.held.get(obj)
        if old is not None:
            if self.world.restamp == "last" and obj[0] != SEQUENCE:
                self.held[obj] = node = Node(obj, time, parent)
                return node
            return None
        self.held[obj] = node = Node(obj, time, parent)
        form_tag = self.world.form_tags.get(obj)
        if form_tag:
            self.at(time if self.rng.random() < self.world.form_ties else time + 1, "timestamp", form_tag, node)
        for index, automation in enumerate(self.world.automations):
            if obj in automation.entries:
                self.at(time + self.lag(), "enter", index, node)
            self.pull(time, index, automation, obj, node)
        for rule in self.world.rules:
            if rule.trigger == ("on", obj):
                self.fire(time, rule, node)
        return node

    def do_untimestamp(self, time: int, obj: Obj) -> None:
        self.held.pop(obj, None)

    def pull(self, time: int, index: int, automation: Automation, obj: Obj, node: Node) -> None:
        for token in self.tokens:
            if token["index"] != index or token["done"]:
                continue
            for position, step in enumerate(automation.code):
                if step[0] == "event" and step[1] == obj and step[2] == 0 and position >= token["pc"]:
                    token["version"] += 1
                    token.update(pc=position + 1, parent=node)
                    self.at(time + self.lag(), "step", token, token["version"])
                    break

    def fire(self, time: int, rule: Rule, node: Node | None) -> None:
        for what, obj in rule.actions:
            self.at(time + self.lag(), "timestamp" if what == "tag" else "join", obj, node)

    def do_enter(self, time: int, index: int, node: Node) -> None:
        token = {"index": index, "pc": 0, "version": 0, "done": False, "parent": node}
        self.tokens.append(token)
        self.at(time, "step", token, 0)

    def do_step(self, time: int, token: dict[str, Any], version: int) -> None:
        if token["version"] != version or token["done"]:
            return
        if time > self.leaves:
            token["done"] = True
            return
        automation = self.world.automations[token["index"]]
        for begin, end in automation.pauses:
            if begin <= time < end:
                self.at(end + int(self.rng.exponential(120)), "step", token, version)
                return
        if token["pc"] >= len(automation.code):
            token["done"] = True
            return
        step = automation.code[token["pc"]]
        token["pc"] += 1
        wait = 0
        match step[0]:
            case "tag":
                token["parent"] = self.do_timestamp(time, step[1], token["parent"]) or token["parent"]
                wait = self.lag()
            case "untag":
                self.do_untimestamp(time, step[1])
                wait = self.lag()
            case "delay":
                wait = step[1] + self.lag()
            case "sequence":
                self.enrol(time, step[1], token)
                return
            case "if":
                kind, value = step[1]
                if not (value in self.held if kind == "has" else self.rng.random() < value):
                    token["pc"] = step[2]
            case "jump":
                token["pc"] = step[1]
            case "event":
                return
            case "exit":
                token["done"] = True
                return
            case "start":
                self.at(time + self.lag(), "enter", step[1], token["parent"])
                wait = self.lag()
        self.at(time + wait, "step", token, token["version"])

    def enrol(self, time: int, obj: Obj, token: dict[str, Any]) -> None:
        node = self.do_join(time, obj, token["parent"])
        token["parent"] = node or token["parent"]
        sequence = self.world.sequences[obj]
        if sequence.hold:
            return
        ends = time if node is None else self.finish(time, sequence)
        self.at(ends + self.lag(), "step", token, token["version"])

    def finish(self, time: int, sequence: Sequence) -> int:
        for number, unit in sequence.delays:
            if unit == "hours":
                time = -(-(time + number * 3600) // 900) * 900
            elif number:
                time += number * DAY
                time = (time // DAY) * DAY + sequence.hour * 3600 + (DAY if time % DAY > sequence.hour * 3600 else 0)
                while (time // DAY + 3) % 7 not in sequence.days:
                    time += DAY
        return time

    def do_join(self, time: int, obj: Obj, parent: Node | None) -> Node | None:
        if obj in self.held:
            return None
        node = self.do_timestamp(time, obj, parent)
        sequence = self.world.sequences[obj]
        ends = self.finish(time, sequence)
        if sequence.click and self.rng.random() < 0.4:
            self.at(time + int(self.rng.lognormal(9.5, 1.8)), "timestamp", sequence.click, None)
        for rule in self.world.rules:
            if rule.trigger == ("complete", obj):
                self.at(ends + self.lag(), "fired", rule, node)
        return node

    def do_fired(self, time: int, rule: Rule, node: Node) -> None:
        if time <= self.leaves:
            self.fire(time, rule, node)


def rhythm(rng: np.random.Generator, count: int, start: int, days: int) -> np.ndarray:
    """Moments with a daily and weekly rhythm."""
    moments = start + rng.uniform(0, days * DAY, 4 * count + 10)
    chance = 0.55 + 0.45 * np.sin((moments % DAY) / DAY * 2 * np.pi - 2.0)
    chance *= np.where((moments // DAY + 3) % 7 >= 5, 0.5, 1.0)
    return moments[rng.random(len(moments)) < chance][:count].astype(np.int64)


def arrivals(rng: np.random.Generator, world: Builder) -> np.ndarray:
    moments = [rhythm(rng, world.n_people, world.start, world.days)]
    for _ in range(int(rng.integers(world.ranges.launches[0], world.ranges.launches[1] + 1))):
        begin = world.start + int(rng.uniform(0.1, 0.9) * world.days * DAY)
        moments.append(begin + rng.exponential(rng.choice([1800.0, 7200.0, DAY]), int(rng.integers(50, 400))).astype(np.int64))
    return np.concatenate(moments)


def simulate(seed: int, ranges: Range | None = None) -> World:
    """One account, its timestamps and the truth."""
    rng = np.random.default_rng(seed)
    world = Builder(rng, ranges or Range())
    weights = rng.dirichlet(np.full(len(world.forms), 0.8))
    end = world.start + world.days * DAY
    joins = rng.uniform(*world.ranges.joins)
    buys = rng.uniform(0.05, 0.5)
    both = rng.choice(["tie", "order", "random", "none"])
    lives = []
    for moment in arrivals(rng, world):
        leaves = moment + rng.exponential(30 * DAY) if rng.random() < world.unsubscribe else float("inf")
        person = Person(world, rng, leaves)
        person.at(moment, "timestamp", world.forms[int(rng.choice(len(weights), p=weights))], None)
        for _ in range(int(rng.poisson(joins))):
            later = moment + (rng.exponential(20 * DAY) if rng.random() < 0.7 else rng.lognormal(5.5, 1.0))
            person.at(int(later), "timestamp", world.forms[int(rng.choice(len(weights), p=weights))], None)
        for _ in range(int(rng.poisson(world.noise_rate))):
            later = moment + (rng.uniform(0, 1) * (end - moment) if rng.random() < 0.6 else rng.lognormal(8.5, 2.0))
            person.at(int(later), "timestamp", world.noise[int(rng.choice(len(world.noise_weight), p=world.noise_weight))], None)
        shop(rng, world, person, int(moment), buys, str(both))
        lives.append(person)
    bring_in(rng, world, lives)
    for person in lives:
        person.run()
    return collect(world, lives, f"seed {seed}: {world.jitter} jitter, {world.restamp} timestamp kept")


def shop(rng: np.random.Generator, world: Builder, person: Person, moment: int, buys: float, both: str) -> None:
    """A shop outside Kit that writes one or two tags in one go."""
    for tag in world.purchases:
        if rng.random() < buys / 2:
            when = int(moment + rng.lognormal(12.0, 1.5))
            person.at(when, "timestamp", tag, None)
            if both != "none":
                shift = {"tie": 0, "order": 0, "random": int(rng.integers(-3, 4))}[both]
                person.at(when + shift, "timestamp", world.sync[0], None)


def bring_in(rng: np.random.Generator, world: Builder, lives: list[Person]) -> None:
    """Imports: hundreds of people get the same one or two tags in the same second; sometimes a tag of an automation."""
    for _ in range(int(rng.integers(world.ranges.imports[0], world.ranges.imports[1] + 1))):
        moment = world.start + int(rng.uniform(0.1, 0.95) * world.days * DAY)
        tags = [world.triggers[int(i)] for i in rng.choice(len(world.triggers), 1)] if rng.random() < 0.4 else []
        tags = [tag for tag in tags if tag[0] == TAG] + [world.noise[0]] + ([world.popular[0]] if rng.random() < 0.5 else [])
        for index in rng.choice(len(lives), min(len(lives), int(rng.integers(100, 600))), replace=False):
            for tag in tags:
                lives[int(index)].at(moment, "timestamp", tag, None)


def collect(world: Builder, lives: list[Person], label: str) -> World:
    truth: dict[tuple[Obj, Obj], Pair] = defaultdict(Pair)
    rows: list[tuple[int, int, int, int, int]] = []
    for number, person in enumerate(lives):
        times = sorted(node.time for node in person.held.values())
        state = 4 if person.leaves < world.start + world.days * DAY else 0
        for obj, node in person.held.items():
            rows.append((number + 2**33, obj[0], obj[1], node.time, state))
            cause = node.parent
            while cause is not None and person.held.get(cause.obj) is not cause:
                cause = cause.parent
            if cause is not None and cause.obj != obj:
                pair = truth[cause.obj, obj]
                pair.gaps.append(node.time - cause.time)
                pair.clear += not any(cause.time < time < node.time for time in times)
    columns = np.array(rows, dtype=np.int64).reshape(-1, 5).T
    return World(make_events(*columns), world.start + world.days * DAY, dict(truth), label)
