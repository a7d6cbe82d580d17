"""Machinery of the simulated shops: Kit's book of timestamps, flows of people through steps, and who caused what.

Every giving of a tag, form or sequence is a *row* with the row that caused it. Rows are worked out object by object: all writers of an
object must have written before something starts on it. At the end the rows that left a timestamp are the events, and the truth follows from
the chains: what left nothing is skipped.
"""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ckaudit.model.events import ObjectKind, make_events
from tests.evidence.shops.truth import NEVER, Ints, Mask, nearest, pairs, same, traces
from tests.evidence.truth import Obj, World

Span = tuple[float, float]
MINUTE, HOUR, DAY, WEEK = 60, 3600, 86400, 604800
BITS = 34  # a second fits in


class Clock:
    """Local time of the account, with summer time, for whole columns."""

    def __init__(self, zone: str, first: int, last: int) -> None:
        info = zoneinfo.ZoneInfo(zone)
        self.first = first - first % HOUR
        hours = range(self.first, last + 400 * DAY, 6 * HOUR)
        offsets = [datetime.datetime.fromtimestamp(hour, info).utcoffset() for hour in hours]
        self.offsets = np.array([int(offset.total_seconds()) if offset else 0 for offset in offsets], dtype=np.int64)

    def offset(self, seconds: Ints) -> Ints:
        return self.offsets[np.clip((seconds - self.first) // (6 * HOUR), 0, len(self.offsets) - 1)]

    def local(self, seconds: Ints) -> Ints:
        return seconds + self.offset(seconds)

    def utc(self, local: Ints) -> Ints:
        return local - self.offset(local - self.offset(local))


@dataclass
class Thing:
    """An object of the account. ``mails``: days (or hours) before each e-mail behind the first, which goes at once or by the hour."""

    kind: ObjectKind
    doubly: bool = False
    repeat: bool = False
    mails: tuple[int, ...] = ()
    hourly: bool = False
    hour: int = 9
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    longer: tuple[int, int] = (NEVER, 0)  # from this second on one e-mail more, so many days later
    rows: list[tuple[Ints, Ints, Ints]] = field(default_factory=list)  # person, second, row
    gone: list[tuple[Ints, Ints]] = field(default_factory=list)
    ready: tuple[Ints, Ints, Ints] | None = None
    started: bool = False


@dataclass
class Account:
    """All people, objects and rows, and how busy Kit and the sites around it are."""

    rng: np.random.Generator
    clock: Clock
    now: int
    people: int
    joined: Ints
    left: Ints
    quick: float  # share of Kit's steps in the same second
    queue: float  # seconds a person that a bulk action takes downstream
    busy: Ints  # pairs of seconds
    things: list[Thing] = field(default_factory=list)
    rows: int = 0
    columns: list[tuple[int, Ints, Ints, Ints]] = field(default_factory=list)  # thing, person, second, cause
    twins: set[tuple[int, int]] = field(default_factory=set)
    unclear: set[tuple[int, int]] = field(default_factory=set)
    confirmed: Ints = field(init=False)
    pending: Mask = field(init=False)

    def __post_init__(self) -> None:
        self.confirmed = np.full(self.people, NEVER, dtype=np.int64)
        self.pending = np.zeros(self.people, dtype=bool)

    # -- objects
    def tag(self) -> int:
        return self._add(Thing(ObjectKind.TAG))

    def form(self, doubly: bool = False) -> int:
        return self._add(Thing(ObjectKind.FORM, doubly))

    def sequence(self, *mails: int, **settings: Any) -> int:
        return self._add(Thing(ObjectKind.SEQUENCE, mails=mails, **settings))

    def _add(self, thing: Thing) -> int:
        self.things.append(thing)
        return len(self.things) - 1

    # -- chance
    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def some(self, count: int, share: float) -> Mask:
        return np.asarray(self.rng.random(count) < share)

    def days(self, low: float, high: float, count: int) -> Ints:
        return (self.rng.uniform(low, high, count) * DAY).astype(np.int64)

    def spread(self, median: float, sigma: float, count: int) -> Ints:
        return (self.rng.lognormal(np.log(median), sigma, count)).astype(np.int64)

    def by_day(self, seconds: Ints) -> Ints:
        """The same days, at hours when people are awake, locally."""
        local = self.clock.local(seconds)
        hour = self.rng.choice(24, len(seconds), p=HOURS)
        return self.clock.utc(local - local % DAY + hour * HOUR + self.rng.integers(0, HOUR, len(seconds)))

    def lag(self, seconds: Ints) -> Ints:
        """How long Kit takes for a step: at once, or seconds; minutes when busy."""
        count = len(seconds)
        lag = np.where(self.some(count, self.quick), 0, self.rng.geometric(0.55, count)).astype(np.int64)
        lag += np.where(self.some(count, 0.006), self.spread(45, 0.8, count), 0)
        place = np.searchsorted(self.busy[:, 0], seconds, side="right") - 1
        inside = (place >= 0) & (seconds < self.busy[np.maximum(place, 0), 1])
        return lag + np.where(inside, self.spread(50, 0.9, count), 0)

    # -- the book
    def write(self, thing: int, person: Ints, seconds: Ints, cause: Ints | None = None) -> Ints:
        """Somebody gives a thing to people; ``cause`` None: somebody outside, on no timestamp."""
        if self.things[thing].started:
            raise RuntimeError("written after something started on it")
        rows = np.arange(self.rows, self.rows + len(person), dtype=np.int64)
        self.rows += len(person)
        cause = np.full(len(person), -1, dtype=np.int64) if cause is None else cause
        self.columns.append((thing, person, seconds, cause))
        self.things[thing].rows.append((person, seconds, rows))
        return rows

    def remove(self, thing: int, person: Ints, seconds: Ints) -> None:
        keep = seconds < self.now
        self.things[thing].gone.append((person[keep], seconds[keep]))

    def order(self, person: Ints, seconds: Ints, *things: int, steady: bool = True) -> None:
        """One outside writer gives several things in one go."""
        for place, thing in enumerate(things):
            late = np.where(self.some(len(person), 0.8), 0, 1) if place or not steady else 0
            self.write(thing, person, seconds + late)
            self.twins.update((other, thing) for other in things if other != thing)

    def history(self, thing: int) -> tuple[Ints, Ints, Ints, Mask]:
        """Person, second, row (-1: removed), and whether it changed anything, in order."""
        item = self.things[thing]
        none = np.zeros(0, dtype=np.int64)
        person = np.concatenate([none, *(rows[0] for rows in item.rows), *(gone[0] for gone in item.gone)])
        second = np.concatenate([none, *(rows[1] for rows in item.rows), *(gone[1] for gone in item.gone)])
        removed = (np.full(len(gone[0]), -1, dtype=np.int64) for gone in item.gone)
        row = np.concatenate([none, *(rows[2] for rows in item.rows), *removed])
        order = np.argsort((person << BITS) + second, kind="stable")
        person, second, row = person[order], second[order], row[order]
        first = np.ones(len(person), dtype=bool)
        first[1:] = person[1:] != person[:-1]
        held_before = np.zeros(len(person), dtype=bool)
        held_before[1:] = (row[:-1] >= 0) & ~first[1:]
        changed = (row >= 0) & ~held_before & (second < self.now)
        if item.repeat:
            changed = (row >= 0) & (second < self.now)
        return person, second, row, changed

    def holding(self, thing: int, person: Ints, seconds: Ints) -> Mask:
        """Who holds a thing at a second, as far as it is written yet."""
        people, second, row, _ = self.history(thing)
        if not len(people):
            return np.zeros(len(person), dtype=bool)
        place = np.searchsorted((people << BITS) + second, (person << BITS) + seconds, side="right") - 1
        found = np.maximum(place, 0)
        return np.asarray((place >= 0) & (people[found] == person) & (row[found] >= 0))

    def given(self, thing: int) -> tuple[Ints, Ints, Ints]:
        """Person, second and row of every giving that something can start on."""
        person, second, row, changed = self.history(thing)
        self.things[thing].started = True
        person, second, row = person[changed], second[changed], row[changed]
        order = np.argsort(second, kind="stable")
        return person[order], second[order], row[order]

    # -- starts
    def enter(self, *triggers: int, start: int = 0, stop: int = NEVER, until: Ints | None = None) -> Flow:
        """An automation or rule of Kit: who gets a trigger while it is on, and is no former subscriber."""
        parts = [self._ready(trigger) for trigger in triggers]
        person, second, row = (np.concatenate([part[n] for part in parts]) for n in range(3))
        keep = (second >= start) & (second < stop) & (second < self.left[person])
        person, second, row = person[keep], second[keep], row[keep]
        limit = self.left if until is None else np.minimum(until, self.left)
        return Flow(self, person, second + self._queued(second), row, limit).alive()

    def outside(self, trigger: int, lag: Callable[[Ints], Ints], start: int = 0, stop: int = NEVER) -> Flow:
        """A site or Zapier that is told of a tag, and acts after its own time."""
        person, second, row = self.given(trigger)
        keep = (second >= start) & (second < stop)
        person, second, row = person[keep], second[keep] + self._queued(second[keep]), row[keep]
        return Flow(self, person, second + lag(second), row, np.full(self.people, NEVER), outside=True).alive()

    def _ready(self, trigger: int) -> tuple[Ints, Ints, Ints]:
        """A form with double opt-in starts things when the address is confirmed; a confirmed one need not do so again."""
        item = self.things[trigger]
        if item.ready:
            return item.ready
        person, second, row = self.given(trigger)
        if not item.doubly:
            if item.kind is ObjectKind.FORM:
                np.minimum.at(self.confirmed, person, second)
            return person, second, row
        wait = self.spread(80, 1.0, len(person))
        slow = self.some(len(person), 0.16)
        wait = np.where(slow, self.spread(9 * HOUR, 1.1, len(person)), wait)
        known = self.confirmed[person] < second
        never = self.some(len(person), 0.17) & ~known
        ready = np.where(known, second, second + wait)
        np.minimum.at(self.confirmed, person[~never], ready[~never])
        self.pending[person[never]] = True
        item.ready = person[~never], ready[~never], row[~never]
        return item.ready

    def _queued(self, seconds: Ints) -> Ints:
        """Bulk actions give dozens of people a tag in one second; Kit works them off one by one."""
        _, place, counts = np.unique(seconds, return_inverse=True, return_counts=True)
        rank = self.rng.random(len(seconds)) * counts[place]
        return np.where(counts[place] >= 12, rank * self.queue, 0).astype(np.int64)

    # -- sequences
    def ends(self, thing: int, person: Ints, seconds: Ints) -> Ints:
        """When the last e-mail of a sequence has gone out; a few people were put behind the first ones."""
        item, now = self.things[thing], seconds
        skip = np.where(self.some(len(person), 0.025), self.rng.integers(0, len(item.mails) + 1, len(person)), 0)
        for place, delay in enumerate(item.mails):
            sent = self._sent(item, now, np.full(len(now), delay))
            now = np.where(skip > place, now, sent)
        if item.longer[1]:
            now = np.where(now >= item.longer[0], self._sent(item, now, np.full(len(now), item.longer[1])), now)
        return now

    def _sent(self, item: Thing, seconds: Ints, delay: Ints) -> Ints:
        if item.hourly:
            due = seconds + delay * HOUR
            return due + (-due) % (15 * MINUTE) + self.rng.integers(2, 50, len(due))
        day = self.clock.local(seconds) // DAY + delay
        for _ in range(7):
            day = np.where(np.isin((day + 3) % 7, item.weekdays), day, day + 1)
        slow = self.spread(20, 1.0, len(day))
        return self.clock.utc(day * DAY + item.hour * HOUR) + slow

    # -- the result
    def world(self, label: str) -> World:
        """What the API shows, and the truth behind it."""
        thing = np.concatenate([np.full(len(person), thing, dtype=np.int64) for thing, person, _, _ in self.columns])
        person, second, cause = (np.concatenate([column[n] for column in self.columns]) for n in (1, 2, 3))
        changed, visible = self._visible()
        ids = self.rng.choice(2**42, len(self.things), replace=False) + 10**6
        kinds = np.array([int(item.kind) for item in self.things])
        state = np.where(self.left < self.now, 4, np.where(self.rng.random(self.people) < 0.01, 2, 0))
        state = np.where((self.confirmed >= NEVER) & self.pending & (state == 0), 1, state)
        shown = np.flatnonzero(visible)
        events = make_events(person[shown], kinds[thing[shown]], ids[thing[shown]], second[shown], state[person[shown]])
        cause, vague, hidden = nearest(shown, cause, visible, changed)
        orphans: dict[tuple[int, int], list[int]] = {}
        for row, gone in zip(shown[(cause < 0) & (hidden >= 0)].tolist(), hidden[(cause < 0) & (hidden >= 0)].tolist(), strict=True):
            orphans.setdefault((int(thing[gone]), int(thing[row])), []).append(int(person[row]))
        keep = (cause >= 0) & (thing[np.maximum(cause, 0)] != thing[shown])
        effect, cause, vague = shown[keep], cause[keep], vague[keep]
        names: list[Obj] = [(int(kind), int(number)) for kind, number in zip(kinds, ids, strict=True)]
        key = np.sort((person[shown] << BITS) + second[shown])
        base = person[effect] << BITS
        clear = np.searchsorted(key, base + second[effect]) <= np.searchsorted(key, base + second[cause], side="right")
        truth, grey = pairs(names, thing[cause], thing[effect], second[effect] - second[cause], clear, vague)
        held: dict[Obj, dict[int, int]] = {}
        for number, *stamp in zip(thing[shown].tolist(), person[shown].tolist(), second[shown].tolist(), strict=True):
            held.setdefault(names[number], {})[stamp[0]] = stamp[1]
        grey |= {(names[one], names[other]) for one, other in self.unclear}
        grey |= same(names, held, self.twins, truth) | traces(names, held, self.twins, orphans)
        sure = {ends for ends, pair in truth.items() if len(pair.gaps) >= 20}
        return World(events, self.now, truth, label, frozenset(grey - sure))

    def _visible(self) -> tuple[Mask, Mask]:
        """Of all rows, those that changed something, and those whose timestamp is still there."""
        changed, visible = np.zeros(self.rows, dtype=bool), np.zeros(self.rows, dtype=bool)
        for number, item in enumerate(self.things):
            person, _, row, did = self.history(number)
            changed[row[did]] = True
            if item.kind is not ObjectKind.TAG and not item.repeat:
                visible[row[did]] = True
                continue
            marks = did | (row < 0)
            people, rows = person[marks], row[marks]
            last = np.ones(len(people), dtype=bool)
            last[:-1] = people[1:] != people[:-1]
            rows = rows[last]
            visible[rows[rows >= 0]] = True
        return changed, visible


@dataclass
class Flow:
    """People on their way through steps: when each of them is there, and the last thing that was done to them."""

    account: Account
    person: Ints
    second: Ints
    row: Ints
    limit: Ints
    outside: bool = False

    def keep(self, mask: Mask) -> Flow:
        return Flow(self.account, self.person[mask], self.second[mask], self.row[mask], self.limit, self.outside)

    def alive(self) -> Flow:
        return self.keep((self.second < self.limit[self.person]) & (self.second < self.account.now))

    def at(self, second: Ints) -> Flow:
        return Flow(self.account, self.person, second, self.row, self.limit, self.outside).alive()

    def put(self, thing: int) -> Flow:
        """Give a tag, or put into a sequence without waiting for its end."""
        here = self._arrive()
        here.row = self.account.write(thing, here.person, here.second, here.row)
        return here

    def _arrive(self) -> Flow:
        return self.at(self.second + (0 if self.outside else self.account.lag(self.second)))

    def drop(self, thing: int) -> Flow:
        here = self._arrive()
        self.account.remove(thing, here.person, here.second)
        return here

    def wait(self, seconds: int, *, then: Span = (NEVER, 0)) -> Flow:
        """A delay, and from a second on another one."""
        wait = np.where(self.second >= then[0], int(then[1]), seconds)
        late = self.account.rng.integers(0, 3 if seconds < HOUR else 20, len(wait))
        return self.at(self.second + wait + late)

    def run(self, thing: int) -> Flow:
        """Through a sequence to its end; who has been in it before passes at once."""
        here = self._arrive()
        again = self.account.holding(thing, here.person, here.second)
        if self.account.things[thing].repeat:
            again[:] = False
        here.row = self.account.write(thing, here.person, here.second, here.row)
        ends = self.account.ends(thing, here.person, here.second)
        return here.at(np.where(again, here.second, ends))

    def has(self, thing: int, yes: bool = True) -> Flow:
        """A condition, asked when the person arrives."""
        return self.keep(self.account.holding(thing, self.person, self.second) == yes)

    def share(self, share: float) -> Flow:
        return self.keep(self.account.some(len(self.person), share))


_WEIGHTS = np.array([2, 1, 1, 1, 1, 2, 4, 8, 11, 13, 14, 14, 13, 13, 12, 12, 12, 12, 12, 14, 16, 15, 10, 5], dtype=float)
HOURS = _WEIGHTS / _WEIGHTS.sum()
