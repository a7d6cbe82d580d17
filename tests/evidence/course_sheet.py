"""A sheet of people and objects, filled object by object: the ground on which the accounts of ``course_simulator`` stand.

Every column is an object; a cell says when that person got it and which column made it so. Time is kept as Kit and its neighbours keep
it: steps wait in a queue that is slow for some hours a year, delays end on a tick, mails go out on the allowed days at an hour of the
account's own zone, summer time included, and new people come in the rhythm of launches, imports and quiet months.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from ckaudit.model.events import ObjectKind, make_events
from tests.evidence.truth import Obj, Pair, Truth, World

Array = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
FORM, TAG, SEQUENCE = (int(kind) for kind in ObjectKind)
MINUTE, HOUR, DAY, WEEK = 60, 3600, 86_400, 604_800
ZONES = ("America/New_York", "Europe/Berlin", "Australia/Sydney", "Asia/Kolkata", "America/Los_Angeles", "Europe/London")
NEVER = 2**40
Path: TypeAlias = "tuple[tuple[int, Array], ...]"  # columns with the second at which each person was there, the nearest first


@dataclass
class Asked:
    """Who is to get an object, when, and by which way; an empty one for what Kit did not do. ``waited``: seconds of the delays just
    before; ``by_site``: a program did it that listens to the step before."""

    who: Array
    when: Array
    path: Path
    waited: int = 0
    by_site: bool = False


@dataclass
class Column:
    """Who has the object, since when and why. ``asked`` gathers what was given until somebody reads the column.

    ``first``: the second at which each person got it (0: never); ``shown``: the one that a reading shows; ``why``: the place in
    ``asked``; ``gone``: taken off again.
    """

    obj: Obj
    asked: list[Asked] = field(default_factory=list)
    is_read: bool = False
    first: Array = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    shown: Array = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    why: Array = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    gone: Mask = field(default_factory=lambda: np.zeros(0, dtype=bool))


@dataclass
class Mails:
    """A sequence's timetable: after each wait a mail, at ``hour`` on ``days``; waits in hours ignore both."""

    waits: list[tuple[int, str]]
    hour: int
    days: frozenset[int]
    spread: float


class Sheet:
    """An account that is being filled. People are rows 0 to ``size``; seconds are Unix time; 0 means never."""

    def __init__(self, seed: list[int], size: int) -> None:
        rng = self.rng = np.random.default_rng(seed)
        self.size, self.columns = size, list[Column]()
        self.zone = ZoneInfo(str(rng.choice(ZONES)))
        self.now = int(
            dt.datetime(2026, int(rng.integers(1, 13)), int(rng.integers(1, 28)), int(rng.integers(24)), tzinfo=dt.UTC).timestamp()
        )
        self.days = int(rng.integers(240, 700))
        self.begin = self.now - self.days * DAY
        self.pace = str(rng.choice(["prompt", "usual", "usual", "laggard"]))
        self.tick = int(rng.choice([1, 1, 60]))
        self.restamps = bool(rng.random() < 0.3)
        self.slow = self.begin + rng.integers(0, self.days * 24, 5) * HOUR
        self.number = int(rng.integers(2_000_000, 9_000_000))
        self.schedules: dict[int, Mails] = {}
        self.came = self._arrivals()
        self.left = np.where(
            rng.random(size) < rng.uniform(0.05, 0.25), self.came + rng.exponential(120 * DAY, size).astype(np.int64), 2**40
        )

    # -- time ----------------------------------------------------------------------------------------------------------------------

    def offset(self, second: Array) -> Array:
        """Seconds that the account's clock is ahead of UTC."""
        hours, at = np.unique(second // HOUR, return_inverse=True)
        known = [
            int((dt.datetime.fromtimestamp(hour * HOUR, self.zone).utcoffset() or dt.timedelta()).total_seconds())
            for hour in hours.tolist()
        ]
        return np.array(known, dtype=np.int64)[at]

    def at_hour(self, second: Array, hour: int, days: frozenset[int] = frozenset(range(7))) -> Array:
        """The next time that the account's clock shows this hour on one of the weekdays (0: Monday)."""
        local = second + self.offset(second)
        day = local // DAY + (local % DAY > hour * HOUR)
        for _ in range(6):
            day = np.where(np.isin((day + 3) % 7, list(days)), day, day + 1)
        moment = day * DAY + hour * HOUR
        return moment - self.offset(moment - self.offset(moment))

    def _arrivals(self) -> Array:
        """Two or three launches, a quiet month or two, more on weekdays and in the evening."""
        rng, weight = self.rng, np.ones(self.days)
        for _ in range(int(rng.integers(1, 4))):
            at = int(rng.integers(0, self.days - 10))
            weight[at : at + int(rng.integers(4, 10))] *= rng.uniform(5, 14)
        for _ in range(int(rng.integers(1, 3))):
            at = int(rng.integers(0, self.days - 30))
            weight[at : at + 30] *= 0.1
        weight[(np.arange(self.days) + self.begin // DAY + 3) % 7 >= 5] *= 0.6
        day = rng.choice(self.days, self.size, p=weight / weight.sum())
        return self.awake(self.begin + day * DAY)

    def awake(self, second: Array) -> Array:
        """Some waking second of the account's day around each of these."""
        local = (second + self.offset(second)) // DAY * DAY
        hour = np.where(self.rng.random(len(second)) < 0.6, self.rng.normal(20, 2, len(second)), self.rng.normal(11, 3, len(second))) % 24
        found = local + (hour * HOUR).astype(np.int64)
        return np.asarray(np.maximum(found - self.offset(found), second // DAY * DAY))

    def queue(self, second: Array) -> Array:
        """When Kit has done a step that was due at each of these."""
        rng, count = self.rng, len(second)
        match self.pace:
            case "prompt":
                lag = rng.integers(0, 3, count).astype(float)
            case "usual":
                lag = rng.lognormal(np.log(2.5), 0.8, count)
            case _:
                lag = rng.gamma(2.0, 7.0, count)
        stuck = np.isin(second // HOUR * HOUR, self.slow)
        return np.asarray(second + (lag + stuck * rng.uniform(60, 1800, count)).astype(np.int64))

    def wait(self, second: Array, seconds: int) -> Array:
        """After a delay of Kit's."""
        return self.queue(-(-(second + seconds) // self.tick) * self.tick)

    # -- objects -------------------------------------------------------------------------------------------------------------------

    def new(self, kind: int) -> int:
        self.number += int(self.rng.integers(1, 40))
        self.columns.append(Column((kind, self.number)))
        return len(self.columns) - 1

    def tag(self) -> int:
        return self.new(TAG)

    def form(self) -> int:
        return self.new(FORM)

    def sequence(self, waits: list[tuple[int, str]] | None = None) -> int:
        rng, made = self.rng, self.new(SEQUENCE)
        if waits is None:
            unit = "hours" if rng.random() < 0.2 else "days"
            waits = [(0, "days")] * int(rng.random() < 0.8) + [(int(rng.integers(1, 4)), unit) for _ in range(int(rng.integers(0, 6)))]
        days = frozenset(range(7)) if rng.random() < 0.6 else frozenset(range(5))
        self.schedules[made] = Mails(waits or [(1, "days")], int(rng.integers(5, 20)), days, float(rng.choice([20, 150, 400])))
        return made

    def give(self, column: int, who: Array, when: Array, path: Path = (), waited: int = 0, by_site: bool = False) -> None:
        """Ask for it. What Kit does never comes after the person left; what others write does."""
        held = self.columns[column]
        if held.is_read:
            raise ValueError("The column was read already.")
        kept = (when < self.now) & ((when < self.left[who]) | (not path))
        held.asked.append(Asked(who[kept], when[kept], path, waited, by_site))

    def read(self, column: int) -> Column:
        """Settle who got it, and when first: to these things happen next."""
        held = self.columns[column]
        if held.is_read:
            return held
        held.is_read, held.gone = True, np.zeros(self.size, dtype=bool)
        first, shown, held.why = np.full(self.size, NEVER), np.zeros(self.size, dtype=np.int64), np.full(self.size, -1)
        for place, asked in enumerate(held.asked):
            own = np.full(self.size, NEVER)
            np.minimum.at(own, asked.who, asked.when)
            held.why[own < first] = place
            first = np.minimum(first, own)
            np.maximum.at(shown, asked.who, asked.when)
        held.first = np.where(first < NEVER, first, 0)
        held.shown = shown if self.restamps and held.obj[0] == TAG else held.first
        return held

    def starts(self, column: int) -> Run:
        """An automation, a rule or a program that listens to this."""
        held = self.read(column)
        who = np.flatnonzero(held.first)
        return Run(self, who, self.queue(held.first[who]), ((column, held.first),))

    def take(self, column: int, who: Array) -> None:
        """It is taken off again: no timestamp remains."""
        self.read(column).gone[who] = True

    # -- what Kit does -------------------------------------------------------------------------------------------------------------

    def done(self, sequence: int, when: Array) -> Array:
        """When the last mail of a sequence was sent to people who came in then."""
        mails, at = self.schedules[sequence], when
        for place, (value, unit) in enumerate(mails.waits):
            if unit == "hours":
                at = -(-(at + value * HOUR) // (15 * MINUTE)) * (15 * MINUTE)
            elif value or place:
                local = at + self.offset(at)
                at = self.at_hour(local // DAY * DAY + value * DAY - self.offset(at), mails.hour, mails.days)
        late = self.rng.exponential(mails.spread, len(when)).astype(np.int64) if mails.waits[-1] != (0, "days") else 0
        return self.queue(at + late)

    def world(self, label: str) -> World:
        """What a reading shows."""
        rows, cells, truth = list[Array](), list[Array](), dict[tuple[Obj, Obj], Pair]()
        stamps = [self.read(column) for column in range(len(self.columns))]
        for held in stamps:
            who = np.flatnonzero((held.first > 0) & ~held.gone)
            state = np.where(self.left[who] < self.now, 4, 0)
            rows.append(
                np.stack([who * 7 + 300_000_000, np.full(len(who), held.obj[0]), np.full(len(who), held.obj[1]), held.shown[who], state])
            )
            cells.append(who * 2**34 + held.shown[who])
        crowd = np.sort(np.concatenate(cells))
        for held in stamps:
            who = np.flatnonzero((held.first > 0) & ~held.gone & (held.shown == held.first))
            self._trace(held, who, held, truth, crowd)
        return World(make_events(*np.concatenate(rows, axis=1)), self.now, truth, label)

    def _trace(self, effect: Column, who: Array, at: Column, truth: Truth, crowd: Array) -> None:
        """Go up from ``at`` to the nearest cause that still shows."""
        for place in np.unique(at.why[who]).tolist():
            path, rest = at.asked[place].path, who[at.why[who] == place]
            for column, moment in path:
                above = self.columns[column]
                seen = (above.first[rest] == moment[rest]) & (above.shown[rest] == above.first[rest]) & ~above.gone[rest]
                if seen.any():
                    self._count(effect, rest[seen], above, truth, crowd)
                rest = rest[~seen]
            if path and len(rest):
                self._trace(effect, rest, self.columns[path[-1][0]], truth, crowd)

    def _count(self, effect: Column, who: Array, cause: Column, truth: Truth, crowd: Array) -> None:
        pair = truth.setdefault((cause.obj, effect.obj), Pair())
        begin, end = cause.shown[who], effect.shown[who]
        pair.gaps += (end - begin).tolist()
        pair.clear += int(np.count_nonzero(crowd.searchsorted(who * 2**34 + end) <= crowd.searchsorted(who * 2**34 + begin, side="right")))


@dataclass(frozen=True)
class Run:
    """People on their way through the steps that follow a trigger: who, when each may take the next step, and where each has been."""

    sheet: Sheet
    who: Array
    when: Array
    path: Path
    waited: int = 0

    def part(self, chosen: Mask) -> Run:
        return replace(self, who=self.who[chosen], when=self.when[chosen])

    def some(self, share: float) -> Run:
        """A condition on what leaves no timestamp."""
        return self.part(self.sheet.rng.random(len(self.who)) < share)

    def waits(self, seconds: int) -> Run:
        return replace(self, when=self.sheet.wait(self.when, seconds), waited=self.waited + seconds)

    def late(self, seconds: npt.ArrayLike) -> Run:
        """A program, or a click that confirms, takes its time."""
        return replace(self, when=self.when + np.asarray(seconds).astype(np.int64))

    def adds(self, column: int, by_site: bool = False) -> Run:
        """Gives it; who has it already goes on all the same."""
        self.sheet.give(column, self.who, self.when, self.path, self.waited, by_site)
        moment = np.zeros(self.sheet.size, dtype=np.int64)
        moment[self.who] = self.when
        return replace(self, when=self.sheet.queue(self.when), path=((column, moment), *self.path), waited=0)

    def mails(self, sequence: int) -> Run:
        """Until the last mail."""
        return replace(self.adds(sequence), when=self.sheet.done(sequence, self.when))

    def unless(self, column: int) -> Run:
        """Without those who have it by now: a condition, or an event at the end that pulled them away."""
        held = self.sheet.read(column).first[self.who]
        return self.part((held == 0) | (held > self.when))
