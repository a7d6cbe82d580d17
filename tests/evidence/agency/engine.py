"""A simulated Kit account: objects, people as columns, steps that hand people on, and who caused what.

A ``Node`` is one step seen from its people: the second at which each of them passed it (``NEVER`` for the others) and the node before it.
Nodes of an object are offers: a tag that is held already is not given again, so an offer may come to nothing. ``Account.world`` climbs from
every visible timestamp to the nearest visible one that led to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from ckaudit.model.events import ObjectKind, make_events
from tests.evidence.truth import Obj, Pair, World

Ints: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]
NEVER, SPAN = 1 << 50, 1 << 30
MINUTE, HOUR, DAY, WEEK = 60, 3600, 86_400, 604_800
AMERICA = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles")
ZONES = (*AMERICA, "Europe/London", "Europe/Berlin", "Australia/Sydney")


@dataclass(eq=False)
class Thing:
    """A tag, form or sequence. ``at``: its last timestamp; ``shown``: whether Kit still shows it."""

    key: Obj
    offers: list[Node] = field(default_factory=list)
    removed: list[Ints] = field(default_factory=list)
    locked: bool = False
    at: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    shown: Mask = field(default_factory=lambda: np.zeros(0, bool))


@dataclass(eq=False)
class Node:
    """``until``: when the tag was taken away again; ``real``: for whom the offer gave a timestamp; ``pick``: which parent, by person."""

    thing: Thing | None
    t: Ints
    parents: tuple[Node, ...] = ()
    pick: Ints | None = None
    until: Ints | None = None
    real: Mask | None = None


@dataclass(frozen=True)
class Course:
    """A sequence's timing: days (or hours) between its mails, the hour of sending, the days of the week (Monday is 0)."""

    gaps: tuple[int, ...]
    hour: int
    days: tuple[int, ...]
    hourly: bool


class Account:
    """People, their habits, and the objects."""

    def __init__(self, rng: np.random.Generator, people: int) -> None:
        self.rng, self.n = rng, people
        self.now = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp()) + int(rng.integers(0, 240 * DAY))
        self.span = int(rng.uniform(1.2, 4.5) * 365 * DAY)
        self.start = self.now - self.span
        self.things: list[Thing] = []
        self.unsure: list[tuple[Thing, Thing]] = []  # of which nobody can tell
        self.used: set[int] = set()
        self._clock()
        self.latency = rng.dirichlet(np.array([4.0, 4.0, 1.6, 0.6]))
        self.rate = float(rng.choice([1.0, 2.0, 5.0, 10.0, 25.0], p=[0.2, 0.25, 0.3, 0.15, 0.1]))
        self.slack = int(rng.choice([2, 5, 20, 60], p=[0.3, 0.35, 0.2, 0.15]))
        self.same = float(rng.uniform(0.6, 0.9))
        self.poll = int(rng.choice([0, 120, 900], p=[0.5, 0.3, 0.2]))
        self.hour = int(rng.choice([6, 7, 8, 9, 10, 11, 14, 17]))
        self.busy = rng.choice(self.span // HOUR, int(self.span // HOUR * rng.uniform(0.005, 0.03))) + self.start // HOUR
        self.waiting = np.zeros(people, bool)  # for their own click on the confirmation
        self.born = self._growth()
        self.left = np.where(rng.random(people) < rng.uniform(0.05, 0.18), self.later(self.born, 200), NEVER)

    def _clock(self) -> None:
        zone = ZoneInfo(str(self.rng.choice(ZONES)))
        self.day0 = self.start // DAY - 800
        first = datetime.fromtimestamp(self.day0 * DAY + 43_200, UTC)
        days = [(first + timedelta(days=k)).astimezone(zone).utcoffset() for k in range(self.span // DAY + 1200)]
        self.offset = np.array([int(o.total_seconds()) if o else 0 for o in days], np.int64)

    def _growth(self) -> Ints:
        rng, n = self.rng, self.n
        t = self.now - (self.span * rng.random(n) ** rng.uniform(0.8, 1.6)).astype(np.int64)
        for _ in range(int(rng.integers(2, 7))):  # a podcast, a mention, a promotion
            peak = self.start + int(rng.random() * self.span * 0.95)
            t = np.where(rng.random(n) < rng.uniform(0.02, 0.08), peak + rng.exponential(2 * DAY, n).astype(np.int64), t)
        return self.cut(self.daytime(t))

    # time

    def cut(self, t: Ints) -> Ints:
        """Nothing happens after the reading."""
        return np.where((t > self.now) | (t < 0), NEVER, t)

    def zone(self, t: Ints) -> Ints:
        """Seconds to add for local time."""
        return self.offset[np.clip(t // DAY - self.day0, 0, len(self.offset) - 1)]

    def daytime(self, t: Ints) -> Ints:
        """The same local day, at an hour when people are awake."""
        centre = self.rng.choice([9.5, 13.0, 20.0], size=self.n, p=[0.35, 0.35, 0.3])
        second = (np.abs(self.rng.normal(centre, 2.3)) * HOUR).astype(np.int64) % DAY
        safe = np.where(t < NEVER, t, self.now)
        local = (safe + self.zone(safe)) // DAY * DAY + second
        return np.where(t < NEVER, local - self.zone(local), NEVER)

    def later(self, t: Ints, days: float) -> Ints:
        """Some days later (on average), by a person."""
        gone = t + self.rng.exponential(days * DAY, self.n).astype(np.int64)
        moved = self.daytime(np.where(t < NEVER, gone, NEVER))
        return self.cut(np.where((t < NEVER) & (moved <= t), gone + 60, moved))

    def soon(self, t: Ints, seconds: float, sigma: float = 0.8) -> Ints:
        """A short while later, by a person."""
        gap = seconds * np.exp(self.rng.normal(0, sigma, self.n))
        return self.cut(np.where(t < NEVER, t + gap.astype(np.int64) + 1, NEVER))

    def lag(self, t: Ints) -> Ints:
        """Kit's own processing: mostly 0-3 s, minutes when busy; a crowd in one second is worked off one by one."""
        out = self.rng.choice(4, size=self.n, p=self.latency).astype(np.int64)
        slow = np.isin(t // HOUR, self.busy)
        out += np.where(slow, self.rng.exponential(80, self.n), 0).astype(np.int64)
        live = np.flatnonzero(t < NEVER)
        _, where, count = np.unique(t[live], return_inverse=True, return_counts=True)
        for crowd in np.flatnonzero(count > 15):
            rows = live[where == crowd]
            out[rows] += (self.rng.permutation(len(rows)) / self.rate).astype(np.int64) + 1
        return out

    # objects

    def thing(self, kind: ObjectKind) -> Thing:
        """A new object with an id that says nothing."""
        number = int(self.rng.integers(1_000_000, 1 << 40))
        while number in self.used:
            number += 1
        self.used.add(number)
        made = Thing((int(kind), number))
        self.things.append(made)
        return made

    def tag(self) -> Thing:
        return self.thing(ObjectKind.TAG)

    def form(self) -> Thing:
        return self.thing(ObjectKind.FORM)

    def sequence(self) -> Thing:
        return self.thing(ObjectKind.SEQUENCE)

    def course(self, mails: int | None = None) -> Course:
        """How a sequence is set up."""
        rng = self.rng
        count = int(rng.integers(1, 8)) if mails is None else mails
        days = (0, 1, 2, 3, 4) if rng.random() < 0.22 else (1, 3) if rng.random() < 0.06 else tuple(range(7))
        gaps = tuple(int(g) for g in rng.choice([1, 1, 2, 2, 3, 4, 7], size=max(count - 1, 0)))
        return Course(gaps, self.hour if rng.random() < 0.75 else int(rng.integers(5, 20)), days, bool(rng.random() < 0.12))

    # steps

    def root(self, thing: Thing, t: Ints, until: Ints | None = None) -> Node:
        """Written from outside, for no cause that Kit shows."""
        return self._offer(Node(thing, self.cut(t), until=until))

    def _offer(self, node: Node) -> Node:
        if node.thing is None or node.thing.locked:
            raise ValueError("an offer needs an object that nothing has listened to yet")
        node.thing.offers.append(node)
        return node

    def give(self, thing: Thing, node: Node, hold: Ints | None = None) -> Node:
        """Kit adds a tag or starts a sequence; ``hold``: seconds until the tag is taken away."""
        t = self.cut(np.where((node.t < NEVER) & (node.t < self.left), node.t + self.lag(node.t), NEVER))
        until = None if hold is None else np.where((t < NEVER) & (hold < NEVER), t + hold, NEVER)
        return self._offer(Node(thing, t, (node,), until=until))

    def outside(self, thing: Thing, node: Node, low: float, high: float) -> Node:
        """A site or a Zap hears of the node and writes a tag."""
        gap = self.rng.uniform(low, high + 1, self.n).astype(np.int64)
        gap += np.where(self.rng.random(self.n) < 0.01, self.rng.exponential(600, self.n), 0).astype(np.int64)
        return self._offer(Node(thing, self.cut(np.where(node.t < NEVER, node.t + gap, NEVER)), (node,)))

    def wait(self, node: Node, seconds: int, changed: float = 0.12) -> Node:
        """A delay; one automation in eight had its delay changed half way."""
        gap = np.full(self.n, seconds, np.int64)
        if self.rng.random() < changed and (node.t < NEVER).any():
            turn = int(np.quantile(node.t[node.t < NEVER], self.rng.uniform(0.3, 0.7)))
            gap = np.where(node.t > turn, int(seconds * self.rng.choice([0.5, 2, 3])), gap)
        gap += self.rng.integers(0, self.slack + 1, self.n)
        return Node(None, self.cut(np.where(node.t < NEVER, node.t + gap, NEVER)), (node,))

    def confirm(self, node: Node) -> Node:
        """Double opt-in: some confirm at once, some the next day, some never."""
        rng, n = self.rng, self.n
        gap = 95 * np.exp(rng.normal(0, 0.9, n))
        gap = np.where(rng.random(n) < 0.13, rng.exponential(14 * HOUR, n), gap).astype(np.int64) + 6
        sure = (node.t < NEVER) & (rng.random(n) < rng.uniform(0.72, 0.9))
        self.waiting |= (node.t < NEVER) & ~sure
        return Node(None, self.cut(np.where(sure, node.t + gap, NEVER)), (node,))

    def keep(self, node: Node, mask: Mask) -> Node:
        """A condition, or whatever lets only some people go on."""
        return Node(None, np.where(mask, node.t, NEVER), (node,))

    def window(self, t: Ints) -> tuple[int, int]:
        """When an automation was on: mostly always, else since later than its trigger's first time, or not to the end."""
        draw = self.rng.random()
        if draw < 0.6 or not (t < NEVER).any():
            return 0, NEVER
        low, high = np.quantile(t[t < NEVER], [self.rng.uniform(0.1, 0.5), self.rng.uniform(0.6, 0.95)])
        return (0 if 0.82 <= draw < 0.94 else int(low)), (NEVER if draw < 0.82 else int(high))

    def live(self, node: Node, window: tuple[int, int] | None = None) -> Node:
        """An automation's entry: only what happens while it is on."""
        low, high = self.window(node.t) if window is None else window
        return self.keep(node, (node.t > low) & (node.t < high))

    def merge(self, nodes: Sequence[Node]) -> Node:
        """Several entries: whichever comes first."""
        if len(nodes) == 1:
            return nodes[0]
        table = np.stack([node.t for node in nodes])
        pick = np.argmin(table, axis=0)
        return Node(None, table[pick, np.arange(self.n)], tuple(nodes), pick)

    def finish(self, node: Node, course: Course) -> Node:
        """When the sequence's last mail is out: hour, days and zone of the account; some join at a later position."""
        rng = self.rng
        alive = node.t < NEVER
        t = np.where(alive, node.t, self.now)
        if course.hourly or not course.gaps:
            t = t + rng.integers(0, 40, self.n) + sum(course.gaps) * 12 * HOUR
            t = np.where(sum(course.gaps) > 0, -(-t // 900) * 900 + rng.integers(0, 90, self.n), t)
            return Node(None, self.cut(np.where(alive, t, NEVER)), (node,))
        day = (t + self.zone(t)) // DAY
        skip = np.where(rng.random(self.n) < 0.06, rng.integers(0, len(course.gaps) + 1, self.n), 0)
        open_days = np.array([d in course.days for d in range(7)])
        for place, gap in enumerate(course.gaps):
            day = np.where(skip > place, day, day + gap)
            for _ in range(6):
                day += ~open_days[(day + 3) % 7]  # 1970-01-01 was a Thursday
        local = day * DAY + course.hour * HOUR + rng.exponential(70, self.n).astype(np.int64)
        end = np.maximum(local - self.zone(local), node.t + 5)
        return Node(None, self.cut(np.where(alive & (end < self.left), end, NEVER)), (node,))

    # reading

    def lock(self, thing: Thing) -> Thing:
        """Work out which offers came to something: who holds a tag is not given it again."""
        if thing.locked:
            return thing
        thing.locked = True
        thing.at, held = np.full(self.n, NEVER, np.int64), np.zeros(self.n, np.int64)
        if thing.offers:
            times = np.stack([node.t for node in thing.offers])
            until = np.stack([np.full(self.n, NEVER, np.int64) if node.until is None else node.until for node in thing.offers])
            for gone in thing.removed:
                until = np.where((gone > times) & (gone < until), gone, until)
            real, rows = np.zeros(times.shape, bool), np.arange(self.n)
            for place in np.argsort(times, axis=0, kind="stable"):
                t = times[place, rows]
                fits = (t < NEVER) & (t >= held)
                thing.at, held = np.where(fits, t, thing.at), np.where(fits, until[place, rows], held)
                real[place, rows] = fits
            for node, mask in zip(thing.offers, real, strict=True):
                node.real = mask
        thing.shown = (thing.at < NEVER) & (held > self.now)
        return thing

    def fires(self, thing: Thing) -> Node:
        """The first time that the object was given: what listens to it starts."""
        self.lock(thing)
        if not thing.offers:
            return Node(thing, np.full(self.n, NEVER, np.int64))
        times = np.stack([node.t if node.real is None else np.where(node.real, node.t, NEVER) for node in thing.offers])
        pick = np.argmin(times, axis=0)
        return Node(thing, times[pick, np.arange(self.n)], tuple(thing.offers), pick)

    def has(self, thing: Thing, t: Ints) -> Mask:
        """Who holds the object at that second."""
        self.lock(thing)
        return (thing.at <= t) & (t < NEVER)

    def strip(self, thing: Thing, t: Ints) -> None:
        """The tag is taken away for good, and its timestamp with it."""
        if thing.locked:
            thing.shown &= ~((t >= thing.at) & (t <= self.now))
        else:
            thing.removed.append(t)

    def world(self, label: str) -> World:
        """Everything visible, and the nearest visible cause of it."""
        for thing in self.things:
            self.lock(thing)
        rows = [(np.flatnonzero(thing.shown), thing) for thing in self.things if thing.shown.any()]
        person = np.concatenate([who for who, _ in rows])
        kind = np.concatenate([np.full(len(who), thing.key[0]) for who, thing in rows])
        ids = np.concatenate([np.full(len(who), thing.key[1]) for who, thing in rows])
        second = np.concatenate([thing.at[who] for who, thing in rows])
        state = np.where(self.left <= self.now, 4, np.where(self.rng.random(self.n) < 0.02, 2, 0))
        state = np.where(self.waiting & (np.bincount(person, minlength=self.n) == 1), 1, state)
        ledger = Ledger(self.n, np.sort(person * SPAN + second - self.start + 4 * 365 * DAY), self.start - 4 * 365 * DAY)
        for _, thing in rows:
            for node in thing.offers:
                mask = thing.shown & (node.t == thing.at)
                mask &= False if node.real is None else node.real
                ledger.climb(thing, node, mask, np.zeros(self.n, bool))
        ledger.twins([thing for _, thing in rows])
        ledger.grey.update((cause.key, effect.key) for cause, effect in self.unsure)
        grey = frozenset(ends for ends in ledger.grey if len(ledger.pairs.get(ends, Pair()).gaps) < 20)
        return World(make_events(person, kind, ids, second, state[person]), self.now, ledger.pairs, label, grey)


@dataclass
class Ledger:
    """Links as they are found. ``stamps``: every visible second, as person and second in one number, ascending."""

    people: int
    stamps: Ints
    zero: int
    pairs: dict[tuple[Obj, Obj], Pair] = field(default_factory=dict)
    grey: set[tuple[Obj, Obj]] = field(default_factory=set)

    def code(self, who: Ints, second: Ints) -> Ints:
        return who * SPAN + second - self.zero

    def climb(self, effect: Thing, node: Node, mask: Mask, doubt: Mask) -> None:
        """From a node to the nearest visible ones above it. ``doubt``: a step between was held already."""
        for place, parent in enumerate(node.parents):
            mine = mask if node.pick is None else mask & (node.pick == place)
            if not mine.any():
                continue
            cause, unsure = parent.thing, doubt
            if cause is not None and cause is not effect:
                hit = mine & cause.shown & (cause.at == parent.t)
                self.note(cause, effect, hit, doubt)
                mine = mine & ~hit
            if cause is not None and parent.real is not None:
                unsure = doubt | ~parent.real
            if mine.any():
                self.climb(effect, parent, mine, unsure)

    def note(self, cause: Thing, effect: Thing, hit: Mask, doubt: Mask) -> None:
        ends = (cause.key, effect.key)
        if (hit & doubt).sum() >= max(10, effect.shown.sum() // 10):
            self.grey.add(ends)
        who = np.flatnonzero(hit & ~doubt)
        if not len(who):
            return
        pair = self.pairs.setdefault(ends, Pair())
        before, after = cause.at[who], effect.at[who]
        pair.gaps.extend((after - before).tolist())
        first = self.stamps.searchsorted(self.code(who, before), "right")
        pair.clear += int((self.stamps.searchsorted(self.code(who, after), "left") <= first).sum())

    def twins(self, things: list[Thing]) -> None:
        """Two objects within seconds for the same people: nobody can tell which is the cause, unless the effect comes before one of them,
        or its delay is so exact that the seconds between the two show, or it keeps the hour, as only a sequence's end does."""
        known = {thing.key: thing for thing in things}
        for (cause, effect), pair in list(self.pairs.items()):
            a, e = known[cause], known[effect]
            spread = float(np.subtract(*np.quantile(pair.gaps, [0.9, 0.1])))
            for b in things:
                if b is a or b is e or abs(int(b.shown.sum()) - int(a.shown.sum())) > 0.04 * a.shown.sum():
                    continue
                if a.key[0] == ObjectKind.SEQUENCE != b.key[0] and spread > 2 * HOUR:
                    continue
                both = a.shown & b.shown & (np.abs(a.at - b.at) <= 4)
                if both.sum() < 0.96 * max(int(a.shown.sum()), int(b.shown.sum())):
                    continue
                apart, reverse = (b.at - a.at)[both], int((both & e.shown & (e.at < b.at)).sum())
                hidden = (np.abs(apart) <= 1).mean() >= 0.96 or spread >= 5 * max(1, np.subtract(*np.quantile(apart, [0.95, 0.05])))
                if hidden and reverse <= 0.02 * (both & e.shown).sum():
                    self.grey.add((b.key, effect))


def pick(rng: np.random.Generator, options: Sequence[Any], weights: Sequence[float] | None = None) -> Any:
    """One of several, unchanged by numpy."""
    share = None if weights is None else np.array(weights) / sum(weights)
    return options[int(rng.choice(len(options), p=share))]
