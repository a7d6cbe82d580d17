"""A third, plain generator of accounts: kept out of the miner's making, to measure it as a stranger would.

It knows no clone of Kit: flows of steps run for people who arrive by a daily and weekly rhythm, and every timestamp remembers the timestamp
that caused it. The truth is read off these traces: the nearest visible cause of every visible timestamp, by the definition of a direct
link.

``python -m tests.evidence.third_run`` prints the miner's figures and the kinds of its errors on it.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import numpy as np

from ckaudit.model.events import Events, ObjectKind, make_events
from ckaudit.model.holders import PersonState

Obj = tuple[int, int]
Pair = tuple[Obj, Obj]
FORM, TAG, SEQUENCE = (int(kind) for kind in ObjectKind)
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
NOW = 1_792_584_000.0
HOURS = [1, 1, 1, 1, 1, 2, 4, 7, 9, 10, 10, 9, 9, 8, 8, 8, 8, 9, 10, 11, 11, 8, 4, 2]
WEEKDAYS = [10, 11, 10, 9, 8, 5, 6]


@dataclass(frozen=True)
class Profile:
    """How rough an account is. Pairs are ranges; the rest are shares, or seconds where it says so."""

    name: str
    flows: tuple[int, int]
    lag: tuple[float, float]  # seconds, mean time one step takes
    tail: float  # steps that take ten times longer
    sibling: float  # flows that start where another one starts
    windows: float  # sequences bound to an hour and days
    paused: float
    branch: float
    webhook: float
    shared: float  # steps whose tag other flows add, too
    stray: float  # tags of flows that are added by hand, too
    removed: float  # tags of a person that are taken off later
    lost: float  # people who unsubscribe at a step
    imports: tuple[int, int]
    popular: tuple[int, int]
    rare: tuple[int, int]
    broadcasts: tuple[int, int]
    batches: int  # nightly jobs, bulk actions by hand, tags that follow the arrival loosely, double tags of a shop: of each
    days: float  # what was read; older timestamps are not there


USUAL = Profile(
    "usual", (5, 18), (0.3, 2.0), 0.05, 0.30, 0.25, 0.10, 0.20, 0.15, 0.08, 0.10, 0.02, 0.006, (0, 2), (1, 3), (3, 8), (1, 4), 0, 365
)
HARD = Profile(
    "hard", (12, 45), (0.5, 8.0), 0.15, 0.45, 0.50, 0.35, 0.40, 0.25, 0.18, 0.30, 0.06, 0.015, (2, 5), (2, 5), (6, 15), (4, 10), 2, 180
)


@dataclass
class Step:
    """``add`` timestamps ``what``, ``webhook`` removes it soon, ``wait`` takes seconds, ``goal`` waits for ``what``, ``branch`` divides."""

    do: str
    what: Obj = (0, 0)
    seconds: float = 0.0
    window: tuple[float, frozenset[int]] | None = None  # hour of the day and weekdays at which the last email goes out
    share: float = 1.0
    yes: list[Step] = field(default_factory=list)
    no: list[Step] = field(default_factory=list)


@dataclass
class Flow:
    """One automation: any of the entries starts the steps, from the second it was switched on."""

    entries: list[Obj]
    steps: list[Step]
    since: float
    pauses: list[tuple[float, float]]

    def ready(self, second: float, rng: random.Random) -> float:
        """When something due at ``second`` happens: after a pause, everybody is let go within minutes."""
        for start, end in self.pauses:
            if start <= second < end:
                second = end + rng.expovariate(1 / 120)
        return second


@dataclass(eq=False)
class Timestamp:
    """``void``: the step ran but left nothing, since the person had it already. ``gone``: it was removed or written over."""

    what: Obj
    second: float
    cause: Timestamp | None
    void: bool = False
    gone: bool = False


@dataclass
class Cause:
    """People for whom the pair is cause and effect: gaps in seconds; ``clear``: those with no other visible timestamp between."""

    gaps: list[float] = field(default_factory=list)
    clear: int = 0


@dataclass
class World:
    """``truth``: every nearest visible cause; ``blurred``: those where a step between left nothing because its timestamp was there
    before."""

    events: Events
    now: int
    flows: list[Flow]
    truth: dict[Pair, Cause]
    blurred: dict[Pair, int]

    def direct(self, fewest: int = 20) -> dict[Pair, Cause]:
        """The links the issue asks for: enough people, and for half of them no other visible timestamp of theirs between."""
        return {pair: cause for pair, cause in self.truth.items() if len(cause.gaps) >= fewest and 2 * cause.clear >= len(cause.gaps)}

    def grey(self) -> set[Pair]:
        """Real causes that the definition does not ask for: too few people, something between, or a step passed without a timestamp."""
        near = {pair for pair, cause in self.truth.items() if len(cause.gaps) >= 10} | {
            pair for pair, count in self.blurred.items() if count >= 10
        }
        return near - self.direct().keys()


class Maker:
    """Draws an account: its objects, flows and people."""

    def __init__(self, seed: int, profile: Profile) -> None:
        self.rng, self.profile = random.Random(f"third {profile.name} {seed}"), profile
        self.fresh = itertools.count()
        self.numbers = self.rng.sample(range(100_000, 9_000_000_000), 4000)
        self.people = int(500 * 10 ** self.rng.random())
        self.span = self.rng.uniform(200, 400) * DAY
        self.lag_mean = self.rng.uniform(*profile.lag)
        self.shared = [self.new(TAG) for _ in range(self.rng.randint(2, 4))]
        self.bought = [self.new(TAG) for _ in range(self.rng.randint(2, 5))]
        self.triggers: list[Obj] = []
        self.made: list[Obj] = []
        self.flows = [self.flow() for _ in range(self.rng.randint(*profile.flows))]
        self.listeners: dict[Obj, list[Flow]] = defaultdict(list)
        for flow in self.flows:
            for entry in flow.entries:
                self.listeners[entry].append(flow)

    def new(self, kind: int) -> Obj:
        return kind, self.numbers[next(self.fresh)]

    def lag(self) -> float:
        slow = self.rng.random() < self.profile.tail
        return self.rng.lognormvariate(math.log(10 * self.lag_mean), 1.0) if slow else self.rng.expovariate(1 / self.lag_mean)

    def flow(self) -> Flow:
        rng, own = self.rng, self.profile
        if self.triggers and rng.random() < own.sibling:
            entries = [rng.choice(self.triggers)]
        else:
            fitting = [self.new(FORM), self.new(FORM), rng.choice(self.bought)] + ([rng.choice(self.made)] if self.made else [])
            entries = [rng.choice(fitting)] + [self.new(FORM) for _ in range(2) if rng.random() < 0.15]
        since = NOW - self.span * (1.0 if rng.random() < 0.7 else rng.uniform(0.4, 1.0))
        pauses = []
        for _ in range(rng.randint(1, 3) if rng.random() < own.paused else 0):
            start = rng.uniform(since, NOW - 10 * DAY)
            pauses.append((start, start + rng.uniform(0.2, 7) * DAY))
        steps = self.steps(rng.randint(1, 6), entries)
        self.triggers += entries
        return Flow(entries, steps, since, sorted(pauses))

    def steps(self, length: int, avoid: list[Obj]) -> list[Step]:
        rng, own, steps = self.rng, self.profile, list[Step]()
        for place in range(length):
            if rng.random() < (0.35 if place == 0 else 0.6):
                steps.append(Step("wait", seconds=self.delay()))
            draw = rng.random()
            if draw < own.webhook:
                steps.append(Step("webhook", self.new(TAG), rng.choice([2, 5, 30]) * MINUTE, share=rng.choice([0.0, 0.0, 0.1])))
                steps.append(Step("wait", seconds=rng.choice([5, 5, 10]) * MINUTE))
            if rng.random() < own.branch / 2 and place < length - 1:
                inner = [self.steps(rng.randint(1, 2), avoid), self.steps(1, avoid) if rng.random() < 0.5 else []]
                steps.append(Step("branch", share=rng.uniform(0.15, 0.85), yes=inner[0], no=inner[1]))
            elif rng.random() < own.branch / 8 and place < length - 1:
                steps.append(Step("goal", self.new(TAG), rng.uniform(1, 20) * DAY, share=rng.uniform(0.2, 0.6)))
            elif rng.random() < 0.25:
                steps.append(self.sequence())
            else:
                what = rng.choice(self.shared) if rng.random() < own.shared else self.new(TAG)
                if what not in avoid:
                    steps.append(Step("add", what))
                    self.made.append(what)
        return steps

    def sequence(self) -> Step:
        rng = self.rng
        if rng.random() < self.profile.windows:
            days = frozenset(rng.choice([range(7), range(5), range(5), (1, 3)]))
            return Step("add", self.new(SEQUENCE), rng.randint(1, 14) * DAY, (rng.randint(6, 18), days))
        return Step("add", self.new(SEQUENCE), rng.choice([0.0, rng.randint(1, 48) * HOUR, rng.randint(1, 20) * DAY]))

    def delay(self) -> float:
        rng = self.rng
        unit, most = rng.choice([(MINUTE, 5), (MINUTE, 60), (HOUR, 12), (DAY, 3), (DAY, 7), (7 * DAY, 4)])
        return 5 * MINUTE if rng.random() < 0.2 else rng.randint(1, most) * unit

    def moment(self, earliest: float, latest: float = NOW) -> float:
        """A second by the rhythm of day and week, later days a little more often."""
        rng = self.rng
        for _ in range(20):
            day: float = (earliest + (latest - earliest) * rng.random() ** 0.8) // DAY
            second = day * DAY + rng.choices(range(24), HOURS)[0] * HOUR + rng.random() * HOUR
            if earliest <= second <= latest and rng.random() * 11 < WEEKDAYS[int(day + 3) % 7]:
                return second
        return rng.uniform(earliest, latest)


class Life:
    """One person's timestamps, in order of time."""

    def __init__(self, maker: Maker) -> None:
        self.maker, self.rng = maker, maker.rng
        self.due: list[tuple[float, int, tuple[object, ...]]] = []
        self.held: dict[Obj, Timestamp] = {}
        self.left = math.inf
        self.serial = itertools.count()

    def plan(self, second: float, *what: object) -> None:
        if second < NOW:
            heapq.heappush(self.due, (second, next(self.serial), what))

    def run(self) -> list[Timestamp]:
        while self.due:
            second, _, (do, *rest) = heapq.heappop(self.due)
            if second > self.left and do != "add":
                continue
            if do == "add":
                self.add(rest[0], second, None)  # type: ignore[arg-type]
            elif do == "remove" and rest[0] in self.held:
                self.held.pop(rest[0]).gone = True
            elif do == "go":
                self.go(second, *rest)  # type: ignore[arg-type]
        return list(self.held.values())

    def add(self, what: Obj, second: float, cause: Timestamp | None) -> Timestamp:
        if what in self.held:
            return Timestamp(what, second, cause, void=True)
        timestamp = self.held[what] = Timestamp(what, second, cause)
        for flow in self.maker.listeners.get(what, ()):
            if second >= flow.since and second <= self.left:
                self.plan(flow.ready(second + self.maker.lag(), self.rng), "go", flow, flow.steps, timestamp)
        if what[0] == TAG and self.rng.random() < self.maker.profile.removed:
            gone = second + self.rng.expovariate(1 / (20 * DAY))
            self.plan(gone, "remove", what)
            if self.rng.random() < 0.3:
                self.plan(gone + self.rng.expovariate(1 / (10 * DAY)), "add", what)
        return timestamp

    def go(self, second: float, flow: Flow, steps: list[Step], cause: Timestamp) -> None:
        """Run the first of the steps, and plan the next one."""
        if not steps:
            return
        rng, (step, *rest), later = self.rng, steps, second
        if rng.random() < self.maker.profile.lost:
            self.left = second
            return
        if step.do == "branch":
            rest = (step.yes if rng.random() < step.share else step.no) + rest
        elif step.do == "goal":
            if step.what in self.held or rng.random() > step.share:
                return
            later += rng.expovariate(1 / step.seconds)
            cause = self.held[step.what] = Timestamp(step.what, later, None)
            later += self.maker.lag()
        elif step.do == "wait":
            later += step.seconds + rng.expovariate(1 / 15) + (self.maker.lag() if step.seconds else 0.0)
        else:
            cause = self.add(step.what, second, cause)
            if step.do == "webhook" and rng.random() >= step.share:
                self.plan(second + step.seconds, "remove", step.what)
            later = self.after(step, second) if step.what[0] == SEQUENCE else second + self.maker.lag()
        if later < NOW:
            self.plan(flow.ready(later, rng), "go", flow, rest, cause)
        elif step.do == "goal":
            del self.held[step.what]

    def after(self, step: Step, second: float) -> float:
        """When the sequence's last email was sent: at its hour on the next allowed day, or on a grid of 15 minutes."""
        end = second + step.seconds
        if step.window is None:
            return (end // 900 + 1) * 900 + self.rng.expovariate(1 / 60) if step.seconds else second + self.maker.lag()
        hour, days = step.window
        day = end // DAY + (end % DAY > hour * HOUR)
        while int(day + 3) % 7 not in days:
            day += 1
        return day * DAY + hour * HOUR + self.rng.expovariate(1 / 180)


def noise(maker: Maker, lives: list[tuple[float, Life]]) -> None:
    """Tags that nothing in the account caused: by chance, by hand, by night jobs, by clicks, by import."""
    rng, own, new = maker.rng, maker.profile, maker.new
    for _ in range(rng.randint(*own.popular)):
        tag, share = new(TAG), rng.uniform(0.3, 0.7)
        for arrival, life in lives:
            if rng.random() < share:
                life.plan(maker.moment(arrival), "add", tag)
    strays = [tag for tag in sorted(set(maker.made)) if rng.random() < own.stray]
    for tag, most in [(new(TAG), 30) for _ in range(rng.randint(*own.rare))] + [(tag, len(lives) // 25) for tag in strays]:
        for arrival, life in rng.sample(lives, rng.randint(3, max(most, 4))):
            life.plan(maker.moment(arrival), "add", tag)
    for _ in range(rng.randint(*own.broadcasts)):
        tag, sent, share = new(TAG), maker.moment(NOW - maker.span * 0.8, NOW - DAY), rng.uniform(0.05, 0.25)
        for arrival, life in lives:
            if arrival < sent and rng.random() < share:
                life.plan(sent + rng.lognormvariate(math.log(3 * HOUR), 1.2), "add", tag)
    for _ in range(rng.randint(*own.imports)):
        second, size = maker.moment(NOW - maker.span * 0.9), rng.randint(100, max(101, min(800, len(lives) // 3)))
        tags = [new(TAG) for _ in range(rng.randint(1, 3))] + [rng.choice(maker.shared + maker.bought)] * (rng.random() < 0.4)
        for _, life in rng.sample(lives, size):
            for tag in tags:
                life.plan(second, "add", tag)
    for _ in range(own.batches):
        nightly, loose, (first, second_tag), byhand = new(TAG), new(TAG), (new(TAG), new(TAG)), new(TAG)
        minute = maker.moment(NOW - maker.span)
        for arrival, life in rng.sample(lives, len(lives) // 2):
            life.plan(rng.randint(int(arrival // DAY) + 1, int(NOW // DAY) + 1) * DAY + 3 * HOUR + rng.random() * 120, "add", nightly)
            life.plan(arrival + rng.lognormvariate(math.log(DAY), 2.0), "add", loose)
        for arrival, life in rng.sample(lives, len(lives) // 8):
            bought = maker.moment(arrival)
            life.plan(bought + rng.random() * 4, "add", first)
            life.plan(bought + rng.random() * 4, "add", second_tag)
        for _, life in rng.sample(lives, rng.randint(20, 60)):
            life.plan(minute + rng.random() * 60, "add", byhand)


def make(seed: int, profile: Profile) -> World:
    """The account of this seed: always the same."""
    maker = Maker(seed, profile)
    rng, forms = maker.rng, [*sorted(entry for entry in maker.listeners if entry[0] == FORM), maker.new(FORM)]
    weight = [1 / rng.randint(1, 6) for _ in forms]
    launches = [maker.moment(NOW - maker.span) for _ in range(3)]
    lives = []
    for _ in range(maker.people):
        launch = rng.choice(launches)
        arrival = min(launch + rng.expovariate(1 / DAY), NOW - 60) if rng.random() < 0.15 else maker.moment(NOW - maker.span)
        life = Life(maker)
        for place, form in enumerate(dict.fromkeys(rng.choices(forms, weight, k=1 + min(int(rng.expovariate(1.2)), 4)))):
            life.plan(arrival if place == 0 else maker.moment(arrival), "add", form)
        for tag in maker.bought:
            if rng.random() < 0.15:
                life.plan(min(arrival + rng.expovariate(1 / (20 * DAY)), NOW), "add", tag)
        lives.append((arrival, life))
    noise(maker, lives)
    return observe(maker, [(life.run(), life) for _, life in lives])


def observe(maker: Maker, people: list[tuple[list[Timestamp], Life]]) -> World:
    """What a reading of the account shows, and what caused it."""
    oldest, rows = NOW - maker.profile.days * DAY, list[tuple[int, int, int, int, int]]()
    truth, blurred = defaultdict[Pair, Cause](Cause), Counter[Pair]()
    for person, (timestamps, life) in enumerate(people):
        seen = [timestamp for timestamp in timestamps if timestamp.second >= oldest]
        seconds = np.sort(np.array([int(timestamp.second) for timestamp in seen], dtype=np.int64))
        state = PersonState.CANCELLED if life.left < NOW else maker.rng.choices([PersonState.ACTIVE, PersonState.BOUNCED], [30, 1])[0]
        for timestamp in seen:
            rows.append((person, *timestamp.what, int(timestamp.second), int(state)))
            cause, blur = timestamp.cause, False
            while cause is not None and (cause.void or cause.gone):
                blur = blur or cause.void
                cause = cause.cause
            if cause is None or cause.second < oldest:
                continue
            pair = cause.what, timestamp.what
            if blur:
                blurred[pair] += 1
                continue
            start, end = int(cause.second), int(timestamp.second)
            truth[pair].gaps.append(end - start)
            truth[pair].clear += int(np.searchsorted(seconds, end)) <= int(np.searchsorted(seconds, start, "right"))
    events = make_events(*(np.array(column) for column in zip(*rows, strict=True)))
    return World(events, int(NOW), maker.flows, dict(truth), dict(blurred))
