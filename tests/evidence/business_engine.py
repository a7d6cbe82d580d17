"""The people of a simulated business, second by second: what Kit, a site, a shop and they themselves do, and what caused what.

Written from Kit's help pages and from those of shops and membership plugins, without a look at the miner or at the other simulators.
A process is a generator that belongs to one person: it yields seconds to wait, and adds or removes objects.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from ckaudit.model.events import Events, ObjectKind, make_events
from tests.evidence.truth import Pair, Truth, World

Obj = tuple[int, int]
FORM, TAG, SEQUENCE = (int(kind) for kind in ObjectKind)
MINUTE, HOUR, DAY = 60, 3600, 86_400
START = 1_748_736_000  # 1 June 2025
SUMMER_ENDS = START + 154 * DAY  # the clocks go back


@dataclass(eq=False, slots=True)
class Stamp:
    """One object a person got. ``cause``: the one whose getting made Kit, or a program that listens to Kit, give this one."""

    obj: Obj
    second: int
    cause: Stamp | None


Process = Iterator[float]
Listener = Callable[["Life", Stamp], Process]


class Account:
    """The objects of a business, what listens to them, and the habits of the servers."""

    def __init__(self, rng: random.Random, people: int, days: int) -> None:
        self.rng, self.people, self.days = rng, people, days
        self.now = START + days * DAY
        self.numbers = itertools.count(rng.randrange(10**6, 10**7), rng.randint(3, 11))
        self.listeners: dict[Obj, list[Listener]] = defaultdict(list)
        self.forms: dict[Obj, float] = {}
        self.confirmed: set[Obj] = set()
        self.ends: dict[Obj, Callable[[int], int]] = {}
        self.zone = rng.choice([-8, -5, 0, 1, 10]) * HOUR
        self.pace = rng.choice(["at once", "seconds", "seconds", "slow"])
        self.keeps_last = rng.random() < 0.5
        self.outside: list[Callable[[list[Life]], None]] = []
        self.kit_tags: list[Obj] = []

    def tag(self) -> Obj:
        return TAG, next(self.numbers)

    def form(self, weight: float = 1.0, confirmed: float = 0.6) -> Obj:
        form = FORM, next(self.numbers)
        self.forms[form] = weight
        if self.rng.random() < confirmed:
            self.confirmed.add(form)
        return form

    def sequence(self) -> Obj:
        """With a timetable: days and an hour of the account's zone, or hours from the moment somebody comes in."""
        rng, made = self.rng, (SEQUENCE, next(self.numbers))
        days, hour = rng.choice([0, 1, 2, 4, 5, 7, 10, 14]), rng.randint(6, 18)
        week = rng.choice([range(7), range(7), range(5)])
        spread, hours = rng.choice([60, 300, 900]), rng.random() < 0.25

        def end(second: int) -> int:
            if days == 0:
                return second + rng.randint(0, 20)
            if hours:
                return second + days * 12 * HOUR + rng.randint(0, 900)
            zone = self.zone + (HOUR if second < SUMMER_ENDS else 0)
            day = (second + zone) // DAY + days
            while (day + 3) % 7 not in week or day * DAY + hour * HOUR - zone < second:
                day += 1
            return day * DAY + hour * HOUR - zone + int(rng.expovariate(1 / spread))

        self.ends[made] = end
        return made

    def lag(self) -> float:
        """How long Kit takes for one step."""
        rng = self.rng
        if rng.random() < 0.03:
            return rng.uniform(5, 60)
        return {"at once": rng.random() * 1.3, "seconds": rng.expovariate(1 / 2), "slow": rng.expovariate(1 / 9)}[self.pace]

    def on(self, obj: Obj, listener: Listener) -> None:
        self.listeners[obj].append(listener)

    def moment(self, low: float = 0.0, high: float = 1.0) -> int:
        """A second in a part of the time, when people are awake."""
        day = int((low + (high - low) * self.rng.random()) * self.days)
        return START + day * DAY + int(min(max(self.rng.gauss(15, 4.5), 0), 23.9) * HOUR) - self.zone + self.rng.randrange(60)


@dataclass(eq=False)
class Life:
    """One person. ``stays``: the second of the unsubscription."""

    account: Account
    number: int
    arrival: int
    stays: float
    held: dict[Obj, Stamp] = field(default_factory=dict)
    due: list[tuple[float, int, Process]] = field(default_factory=list)
    clock: float = 0.0
    turn: int = 0

    def plan(self, second: float, process: Process) -> None:
        self.turn += 1
        heapq.heappush(self.due, (second, self.turn, process))

    def gets(self, second: float, *objs: Obj, apart: float = 0.0) -> None:
        """From outside, in this order."""
        self.plan(second, self._given(objs, apart))

    def _given(self, objs: tuple[Obj, ...], apart: float) -> Process:
        for obj in objs:
            self.add(obj, None)
            if apart:
                yield apart

    def run(self) -> None:
        while self.due:
            self.clock, _, process = heapq.heappop(self.due)
            if self.clock >= self.account.now:
                return
            wait = next(process, None)
            if wait is not None:
                self.plan(self.clock + wait, process)

    def add(self, obj: Obj, cause: Stamp | None) -> Stamp:
        """Give it. Who has it already triggers nothing; whether the time changes depends on the account."""
        made, old = Stamp(obj, int(self.clock), cause), self.held.get(obj)
        if old is None or (self.account.keeps_last and obj[0] == TAG):
            self.held[obj] = made
        if old is None:
            wait = 0.0
            if obj in self.account.confirmed and len(self.held) == 1:  # who is on the list already need not confirm
                if self.account.rng.random() < 0.12:
                    return made
                wait = self.account.rng.lognormvariate(math.log(95), 1.4) + 4
            for listener in self.account.listeners.get(obj, ()):
                self.plan(self.clock + wait + self.account.lag(), self._while_subscribed(listener(self, made)))
        return made if old is None else old

    def _while_subscribed(self, process: Process) -> Process:
        for wait in process:
            yield wait
            if self.clock > self.stays:
                return

    def drop(self, obj: Obj) -> None:
        self.held.pop(obj, None)


def read(account: Account, lives: list[Life], label: str) -> World:
    """What a reading shows, and the nearest visible cause of each timestamp."""
    truth: Truth = defaultdict(Pair)
    rows = []
    for life in lives:
        seconds = sorted(stamp.second for stamp in life.held.values())
        for obj, stamp in life.held.items():
            rows.append((life.number, *obj, stamp.second, 4 if life.stays < account.now else 0))
            cause = stamp.cause
            while cause is not None and life.held.get(cause.obj) is not cause:
                cause = cause.cause
            if cause is not None and cause.obj != obj:
                between = np.searchsorted(seconds, stamp.second) > np.searchsorted(seconds, cause.second, "right")
                truth[cause.obj, obj].gaps.append(stamp.second - cause.second)
                truth[cause.obj, obj].clear += not between
    events: Events = make_events(*np.array(rows, dtype=np.int64).T)
    return World(events, account.now, dict(truth), label)


def counted(lives: list[Life]) -> Counter[Obj]:
    """How many people have each object."""
    return Counter(obj for life in lives for obj in life.held)
