"""A small model of Kit for simulated accounts of creators: objects, stamps with their causes, delays, sequences, and what is left to see.

Every stamp is a row that knows the row that caused it. Whether it took effect (the tag was not there yet) is settled object by object, when
somebody first listens to the object; what is visible at the reading, and the nearest visible cause of it, is worked out at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from ckaudit.model.events import ObjectKind, make_events
from tests.evidence.truth import Obj, Pair, Truth, World

Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]

MINUTE, HOUR, DAY, WEEK = 60, 3_600, 86_400, 604_800
FAR = 1 << 31
ZONES = ("America/New_York", "America/Los_Angeles", "America/Chicago", "Europe/London", "Europe/Berlin", "Australia/Sydney")
_AWAKE = np.array([1, 1, 1, 1, 1, 3, 6, 9, 10, 10, 10, 9, 10, 9, 8, 8, 8, 8, 9, 10, 11, 10, 7, 3], dtype=float)


@dataclass(frozen=True)
class Mails:
    """A sequence's timing: days before each e-mail (the first may be 0: at once), the hour and the weekdays (Monday = 0) of sending."""

    days: tuple[int, ...]
    hour: float
    weekdays: frozenset[int] = frozenset(range(7))
    hourly: bool = False
    moved: float = 0.0
    """The share of people who were put in at a later position."""


@dataclass
class Flow:
    """People on their way through an automation: who, the second each has reached, and the row that brought him there."""

    kit: Kit
    who: Ints
    at: Ints
    row: Ints

    def __len__(self) -> int:
        return len(self.who)

    def only(self, mask: Bools) -> Flow:
        return Flow(self.kit, self.who[mask], self.at[mask], self.row[mask])

    def part(self, share: float) -> Flow:
        return self.only(self.kit.rng.random(len(self)) < share)

    def between(self, on: float, off: float = FAR) -> Flow:
        """The automation was switched on later than its trigger existed, or off again."""
        return self.only((self.at >= on) & (self.at < off))

    def split(self, *tags: int) -> tuple[Flow, Flow]:
        """The condition: who holds one of these on arrival, and who holds none."""
        yes = np.zeros(len(self), dtype=bool)
        for tag in tags:
            yes |= self.kit.held(tag, self.who, self.at)
        return self.only(yes), self.only(~yes)

    def later(self, seconds: Any) -> Flow:
        return Flow(self.kit, self.who, self.at + np.asarray(seconds).astype(np.int64), self.row)

    def wait(self, seconds: float, then: float | None = None, changed: int = FAR) -> Flow:
        """A delay step; ``then`` is its length for people who arrive after it was changed."""
        length = np.where(self.at >= changed, seconds if then is None else then, seconds)
        return self.later(length + self.kit.rng.integers(0, self.kit.tick + 1, len(self)))

    def put(self, thing: int, until: Any = FAR) -> Flow:
        """The step gives the tag, or puts people into the sequence."""
        return self.later(self.kit.lag(self.at)).written(thing, until)

    def written(self, thing: int, until: Any = FAR) -> Flow:
        """As ``put``, by an outside writer whose time is already in ``at``."""
        here = (self.at < self.kit.quit[self.who]) & (self.at < self.kit.now)
        ends = np.broadcast_to(np.asarray(until, dtype=np.int64), here.shape)[here]
        flow = self.only(here)
        return Flow(self.kit, flow.who, flow.at, self.kit.add(thing, flow.who, flow.at, flow.row, ends))

    def drop(self, thing: int) -> Flow:
        """The step takes the tag away."""
        flow = self.later(self.kit.lag(self.at))
        self.kit.remove(thing, flow.who, flow.at)
        return flow

    def through(self, sequence: int, mails: Mails) -> Flow:
        """Into the sequence, and out behind its last e-mail."""
        return self.kit.sent(self.put(sequence), mails)

    def __add__(self, other: Flow) -> Flow:
        pairs = ((self.who, other.who), (self.at, other.at), (self.row, other.row))
        return Flow(self.kit, *(np.concatenate(pair) for pair in pairs))


class Kit:
    """One account: its people, its objects and its rows."""

    def __init__(self, rng: np.random.Generator, people: int, start: int, now: int) -> None:
        self.rng, self.n, self.start, self.now = rng, people, start, now
        self.objects: list[Obj] = []
        self.quit: Ints = np.full(people, FAR, dtype=np.int64)
        self.deleted: Bools = np.zeros(people, dtype=bool)
        self.tick = int(rng.choice([1, 3, 8, 20, 60], p=[0.25, 0.3, 0.2, 0.15, 0.1]))
        self.pace = float(rng.choice([0.03, 0.1, 0.3, 0.8]))
        self.busy = float(rng.choice([0.0, 0.01, 0.03, 0.06]))
        self.quick = rng.dirichlet(np.array([5.0, 4.0, 1.5, 0.6]) * rng.uniform(0.6, 2))
        zone = ZoneInfo(str(rng.choice(ZONES)))
        days = range(start // DAY - 40, now // DAY + 400)
        moments = (datetime.fromtimestamp(day * DAY + DAY // 2, UTC).astimezone(zone).utcoffset() for day in days)
        self._offset = np.array([0 if moment is None else int(moment.total_seconds()) for moment in moments], dtype=np.int64)
        self._rows: list[list[Ints]] = [[] for _ in range(5)]
        self._count = 0
        self._of: dict[int, list[Ints]] = {}
        self._settled: dict[int, Ints] = {}
        self._columns = np.zeros((5, 0), dtype=np.int64)
        self._took: set[int] = set()

    def new(self, kind: ObjectKind) -> int:
        """A new object; its number here says nothing about its id."""
        self.objects.append((int(kind), int(self.rng.integers(10**6, 2**62))))
        return len(self.objects) - 1

    def offset(self, second: Ints) -> Ints:
        place = np.clip(second // DAY - (self.start // DAY - 40), 0, len(self._offset) - 1)
        return np.asarray(self._offset[place], dtype=np.int64)

    def human(self, second: Any) -> Ints:
        """The same local day, at an hour at which people are awake."""
        second = np.asarray(second, dtype=np.int64)
        hours = self.rng.choice(24, size=second.shape, p=_AWAKE / _AWAKE.sum())
        local = (second + self.offset(second)) // DAY * DAY + hours * HOUR + self.rng.integers(0, HOUR, second.shape)
        return np.asarray(local - self.offset(second), dtype=np.int64)

    def lag(self, at: Ints) -> Ints:
        """Kit's processing: seconds as a rule, minutes now and then, and a queue where many arrive together."""
        lag = self.rng.choice(4, size=len(at), p=self.quick).astype(float)
        lag += (self.rng.random(len(at)) < self.busy) * self.rng.exponential(45, len(at))
        order = np.argsort(at // 15, kind="stable")
        bucket = (at // 15)[order]
        first = np.searchsorted(bucket, bucket, "left")
        rank = np.arange(len(at)) - first
        crowd = np.searchsorted(bucket, bucket, "right") - first
        lag[order] += np.where(crowd > 12, rank * self.pace, 0)
        return np.asarray(lag, dtype=np.int64)

    def add(self, thing: int, who: Ints, at: Ints, row: Ints, until: Any = FAR) -> Ints:
        """Candidates: whether they take effect is settled once all writers of the object have written."""
        if thing in self._settled:
            message = f"object {thing} is written after somebody listened to it"
            raise RuntimeError(message)
        rows = np.arange(self._count, self._count + len(who), dtype=np.int64)
        ends = np.broadcast_to(np.asarray(until, dtype=np.int64), who.shape)
        for column, values in zip(self._rows, (who, at, row, ends, np.full(len(who), thing, dtype=np.int64)), strict=True):
            column.append(np.array(values, dtype=np.int64))
        self._count += len(who)
        self._of.setdefault(thing, []).append(rows)
        return rows

    def act(self, thing: int, who: Ints, at: Any, until: Any = FAR) -> Flow:
        """People, outside writers or the owner's hand do this, caused by nothing that Kit shows."""
        at = np.broadcast_to(np.asarray(at, dtype=np.int64), who.shape)
        return Flow(self, who, at, np.full(len(who), -1, dtype=np.int64)).written(thing, until)

    def table(self) -> npt.NDArray[np.int64]:
        """Columns person, second, cause, end, object of all rows so far."""
        have = self._columns.shape[1]
        if have < self._count:
            fresh = np.stack([np.concatenate(column) for column in self._rows])
            self._columns = np.concatenate([self._columns, fresh], axis=1)
            self._rows = [[] for _ in range(5)]
        return self._columns

    def effective(self, thing: int) -> Ints:
        """The rows of the object that took effect, by person and second: nobody gets a tag that he holds."""
        if thing not in self._settled:
            table = self.table()
            rows = np.concatenate([*self._of.get(thing, []), np.zeros(0, dtype=np.int64)])
            rows = rows[np.lexsort((table[1, rows], table[0, rows]))]
            kept = []
            while len(rows):
                first = np.r_[True, np.diff(table[0, rows]) != 0]
                kept.append(rows[first])
                ends = table[3, rows[first]][np.cumsum(first) - 1]
                rows = rows[~first & (table[1, rows] >= ends)]
            took = np.concatenate([*kept, np.zeros(0, dtype=np.int64)])
            self._settled[thing] = took[np.lexsort((table[1, took], table[0, took]))]
        return self._settled[thing]

    def on(self, thing: int) -> Flow:
        """Everybody to whom it happened: the entry of an automation, or a rule's trigger."""
        rows, table = self.effective(thing), self.table()
        return Flow(self, table[0, rows], table[1, rows], rows)

    def held(self, thing: int, who: Ints, at: Ints) -> Bools:
        rows, table = self.effective(thing), self.table()
        if not len(rows):
            return np.zeros(len(who), dtype=bool)
        place = np.searchsorted((table[0, rows] << 32) + table[1, rows], (who << 32) + at, "right") - 1
        last = rows[np.maximum(place, 0)]
        return np.asarray((place >= 0) & (table[0, last] == who) & (table[3, last] > at))

    def remove(self, thing: int, who: Ints, at: Ints) -> None:
        rows, table = self.effective(thing), self.table()
        cut = np.full(self.n, FAR, dtype=np.int64)
        np.minimum.at(cut, who, at)
        cut = cut[table[0, rows]]
        table[3, rows] = np.where(table[1, rows] <= cut, np.minimum(table[3, rows], cut), table[3, rows])

    def sent(self, flow: Flow, mails: Mails) -> Flow:
        """Behind the last e-mail. Delays in days end at the sequence's hour, those in hours on a grid of 15 minutes."""
        rng, at = self.rng, flow.at
        skip = np.where(rng.random(len(at)) < mails.moved, rng.integers(1, max(len(mails.days), 2), len(at)), 0)
        for number, days in enumerate(mails.days):
            if mails.hourly:
                due = -(-(at + days * HOUR) // 900) * 900
            elif number == 0 and days == 0:
                due = at
            else:
                local = at + self.offset(at)
                day = local // DAY + days
                day += (day * DAY + int(mails.hour * HOUR) < local).astype(np.int64)
                for _ in range(6):
                    day += ~np.isin((day + 3) % 7, list(mails.weekdays))
                due = day * DAY + int(mails.hour * HOUR)
                due = due - self.offset(due)
            at = np.where(number < skip, at, due)
        spread = rng.exponential(rng.choice([10, 60, 200]), len(at)).astype(np.int64)
        return Flow(self, flow.who, at + spread, flow.row)

    def world(self, label: str, state: Ints) -> World:
        """What the API shows, and the truth about it."""
        for thing in range(len(self.objects)):
            self.effective(thing)
        person, second, cause, ends, thing = self.table()
        took = np.zeros(self._count, dtype=bool)
        took[np.concatenate(list(self._settled.values()))] = True
        seen = took & (ends > self.now) & (second < self.now) & ~self.deleted[person]
        rows = np.flatnonzero(seen)
        source, skipped = _nearest(rows, cause, seen, took)
        names = np.array(self.objects, dtype=np.int64)[thing[rows]]
        keys = np.sort((person[rows] << 32) + second[rows])
        truth, grey = _pairs(self.objects, person, second, thing, rows, source, skipped, keys)
        _undecidable(truth, grey, self.objects, thing[rows], keys_of=(person[rows] << 32) + second[rows])
        events = make_events(person[rows], names[:, 0], names[:, 1], second[rows], state[person[rows]])
        return World(events, self.now, truth, label, frozenset(grey))


def _nearest(rows: Ints, cause: Ints, seen: Bools, took: Bools) -> tuple[Ints, Bools]:
    """The nearest visible cause of each row, -1 where there is none; and whether a step between found its stamp already there."""
    source, skipped = cause[rows].copy(), np.zeros(len(rows), dtype=bool)
    while True:
        hidden = (source >= 0) & ~seen[source]
        if not hidden.any():
            return source, skipped
        skipped[hidden] |= ~took[source[hidden]]
        source[hidden] = cause[source[hidden]]


def _pairs(
    objects: Sequence[Obj], person: Ints, second: Ints, thing: Ints, rows: Ints, source: Ints, skipped: Bools, keys: Ints
) -> tuple[Truth, set[tuple[Obj, Obj]]]:
    linked = source >= 0
    rows, source, skipped = rows[linked], source[linked], skipped[linked]
    code = thing[source] * len(objects) + thing[rows]
    gap = second[rows] - second[source]
    base = person[rows] << 32
    between = np.searchsorted(keys, base + second[rows], "left") - np.searchsorted(keys, base + second[source], "right")
    truth: Truth = {}
    maybe: set[tuple[Obj, Obj]] = set()
    for pair in np.unique(code).tolist():
        ends = (objects[pair // len(objects)], objects[pair % len(objects)])
        here = code == pair
        mine = here & ~skipped
        if ends[0] == ends[1] or 2 * mine.sum() <= here.sum():
            maybe.add(ends)
        else:
            truth[ends] = Pair(gap[mine].tolist(), int((between[mine] <= 0).sum()))
    return truth, maybe


def _undecidable(truth: Truth, grey: set[tuple[Obj, Obj]], objects: Sequence[Obj], thing: Ints, keys_of: Ints) -> None:
    """Two objects that all their people have in the same second, neither the cause of the other: which starts something, nobody can say."""
    spots = {objects[number]: np.sort(keys_of[thing == number]) for number in np.unique(thing).tolist()}
    for cause in sorted({ends[0] for ends in truth}):
        mine = spots[cause]
        for other, theirs in spots.items():
            most = max(len(mine), len(theirs))
            if other == cause or min(len(mine), len(theirs)) < max(5, 0.97 * most):
                continue
            if len(np.intersect1d(mine, theirs, assume_unique=True)) < 0.97 * most:
                continue
            for ends in [ends for ends in truth if ends[0] == cause and ends[1] != other]:
                grey.add((other, ends[1]))
                if (other, cause) not in truth and (cause, other) not in truth:
                    grey.add(ends)
    for ends in grey & set(truth):
        del truth[ends]
