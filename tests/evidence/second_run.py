"""Sends people through the automations of a simulated account, second by second, and remembers what caused what.

Semantics from Kit's help pages: several mechanisms on one trigger all run, in no promised order; a tag that is held already fires nothing;
a goal pulls who is upstream; who unsubscribed is not moved; a pause holds everybody and its end releases them at once.
"""

from __future__ import annotations

import heapq
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tests.evidence.second_account import (
    Account,
    Add,
    Automation,
    Condition,
    DateEvent,
    Delay,
    Enrol,
    Exit,
    Goal,
    Obj,
    Remove,
    Rule,
    StartAnother,
    Step,
)


@dataclass(slots=True)
class Person:
    """``leaves``: the second of the unsubscription; ``traits``: custom fields that conditions ask for, each 0 to 1."""

    number: int
    leaves: int
    confirms: bool
    traits: tuple[float, ...]
    held: dict[Obj, Timestamp] = field(default_factory=dict)
    unconfirmed: bool = False


@dataclass(slots=True, eq=False)
class Timestamp:
    """Something a person got. ``cause``: the timestamp whose getting made Kit (or the site behind a webhook) give this one."""

    person: Person
    obj: Obj
    second: int
    cause: Timestamp | None

    @property
    def visible(self) -> bool:
        """Whether a reading of the account shows it: not removed, not overwritten by a later one, not swallowed by an earlier one."""
        return self.person.held.get(self.obj) is self


@dataclass(slots=True, eq=False)
class Journey:
    """A person inside an automation: where (innermost place last), what moved it last, and a token that outdates what was planned."""

    person: Person
    automation: Automation
    places: list[tuple[tuple[Step, ...], int]]
    cause: Timestamp | None
    token: int = 0


class Run:
    """One simulation. ``lag``: mean seconds of jitter; ``stalls``: share of actions that wait minutes; ``keeps_last``: re-added tags."""

    def __init__(self, account: Account, rng: random.Random, *, lag: float, stalls: float, keeps_last: bool) -> None:
        self.account, self.rng, self.lag, self.stalls, self.keeps_last = account, rng, lag, stalls, keeps_last
        self.clock, self.turn, self.free = account.start, 0, 0.0
        self.agenda: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self.entries: dict[Obj, list[Automation]] = defaultdict(list)
        self.goals: dict[Obj, list[tuple[Automation, int]]] = defaultdict(list)
        self.rules: dict[tuple[Obj, bool], list[Rule]] = defaultdict(list)
        self.inside: dict[tuple[int, int], list[Journey]] = defaultdict(list)
        for automation in account.automations:
            for entry in automation.entries:
                self.entries[entry].append(automation)
            for number, step in enumerate(automation.steps):
                if isinstance(step, Goal):
                    self.goals[step.tag].append((automation, number))
        for rule in account.rules:
            for trigger in rule.triggers:
                self.rules[trigger, rule.completes].append(rule)

    def plan(self, second: int, act: Callable[..., None], *arguments: Any) -> None:
        """Do it then; what is planned for one second is done in the order of planning."""
        if second < self.account.now:
            self.turn += 1
            heapq.heappush(self.agenda, (max(second, self.clock), self.turn, act, arguments))

    def go(self) -> None:
        while self.agenda:
            self.clock, _, act, arguments = heapq.heappop(self.agenda)
            act(*arguments)

    def late(self) -> int:
        """Seconds until Kit gets to it: a queue for the whole account, jitter, seldom minutes."""
        start = max(self.free, float(self.clock))
        self.free = start + self.rng.uniform(0.01, 0.12)
        wait = start - self.clock + self.rng.expovariate(1 / self.lag)
        if self.rng.random() < self.stalls:
            wait += self.rng.expovariate(1 / 150)
        return int(wait)

    def outside(self, person: Person, *objs: Obj) -> None:
        """A person, a shop or the owner does it: nothing in the account caused it."""
        for obj in objs:
            if self.clock < person.leaves or obj[0]:
                self.give(person, obj, None)

    def join(self, person: Person, form: Obj) -> None:
        """A form is filled in. With double opt-in nothing runs until the link in the mail is clicked."""
        if self.clock >= person.leaves:
            return
        late = self.account.confirmed.get(form)
        if late is None or person.held:
            self.outside(person, form)
        elif not person.confirms:
            person.unconfirmed = True
            person.held[form] = Timestamp(person, form, self.clock, None)
        else:
            wait = int(self.rng.lognormvariate(4.6, 1.3)) + 5
            if late:
                self.plan(self.clock + wait, self.outside, person, form)
            else:
                person.held[form] = timestamp = Timestamp(person, form, self.clock, None)
                self.plan(self.clock + wait, self.fire, timestamp)

    def give(self, person: Person, obj: Obj, cause: Timestamp | None) -> Timestamp:
        """The timestamp it makes. One held already fires nothing; whether its time changes depends on the account."""
        timestamp = Timestamp(person, obj, self.clock, cause)
        held = obj in person.held
        if not held or self.keeps_last:
            person.held[obj] = timestamp
        if not held:
            self.fire(timestamp)
        return timestamp

    def fire(self, timestamp: Timestamp) -> None:
        """Everything that listens runs: goals, automations and rules in no promised order, and the person's own reactions."""
        person, obj = timestamp.person, timestamp.obj
        listeners: list[Callable[[], None]] = []
        for automation, place in self.goals.get(obj, ()):
            listeners.append(partial(self.pull, person, automation, place, timestamp))
        for automation in self.entries.get(obj, ()):
            listeners.append(partial(self.start, person, automation, timestamp))
        for rule in self.rules.get((obj, False), ()):
            listeners.append(partial(self.obey, rule, timestamp))
        self.rng.shuffle(listeners)
        for listener in listeners:
            listener()
        for reaction in self.account.reactions.get(obj, ()):
            if self.rng.random() < reaction.share:
                wait = int(reaction.median * self.rng.lognormvariate(0, reaction.spread)) + 3
                self.plan(self.clock + wait, self.join if reaction.does[0] == 0 else self.outside, person, reaction.does)

    def start(self, person: Person, automation: Automation, cause: Timestamp) -> None:
        self.plan(self.clock + self.late(), self.enter, person, automation, cause)

    def obey(self, rule: Rule, cause: Timestamp) -> None:
        wait = self.late() + self.rng.randint(*rule.slow)
        for action in self.rng.sample(rule.actions, len(rule.actions)):
            self.plan(self.clock + wait, self.act, cause.person, action, cause)

    def act(self, person: Person, action: Add | Remove | Enrol, cause: Timestamp) -> None:
        if self.clock >= person.leaves:
            return
        match action:
            case Add(tag):
                self.give(person, tag, cause)
            case Remove(tag):
                person.held.pop(tag, None)
            case Enrol(sequence):
                self.enrol(person, sequence, cause, None)

    def enrol(self, person: Person, sequence: Obj, cause: Timestamp | None, journey: Journey | None) -> Timestamp:
        """Into the sequence; when its last mail is out, its rules run and the journey goes on."""
        again = sequence in person.held
        timestamp = self.give(person, sequence, cause)
        mails = self.account.mails[sequence]
        if not mails.hold:
            end = self.clock if again else mails.sent(self.clock, self.rng)
            self.plan(end + self.late(), self.complete, timestamp, journey, journey.token if journey else 0, again)
        return timestamp

    def complete(self, timestamp: Timestamp, journey: Journey | None, token: int, again: bool) -> None:
        if journey and journey.token != token:
            return  # a goal has pulled the person out of the sequence
        if timestamp.person.leaves <= self.clock:
            return
        if not again:
            for rule in self.rules.get((timestamp.obj, True), ()):
                self.obey(rule, timestamp)
        if journey:
            self.advance(journey, token)

    def enter(self, person: Person, automation: Automation, cause: Timestamp | None) -> None:
        journey = Journey(person, automation, [(tuple(automation.steps), 0)], cause)
        self.inside[person.number, id(automation)].append(journey)
        for number, step in enumerate(automation.steps):
            if isinstance(step, DateEvent) and step.second > self.clock:
                self.plan(step.second + int(self.rng.expovariate(1 / 20)), self.arrive, journey, number)
        self.advance(journey, journey.token)

    def arrive(self, journey: Journey, place: int) -> None:
        """The date has come: everybody upstream moves, because of the date and of nothing else."""
        if journey.places and journey.places[0][1] <= place:
            self.move(journey, place, None)

    def pull(self, person: Person, automation: Automation, place: int, cause: Timestamp) -> None:
        for journey in self.inside.get((person.number, id(automation)), ()):
            if journey.places and journey.places[0][1] <= place:
                self.move(journey, place, cause)

    def move(self, journey: Journey, place: int, cause: Timestamp | None) -> None:
        journey.places = [(tuple(journey.automation.steps), place + 1)]
        journey.token += 1
        journey.cause = cause
        self.plan(self.clock + self.late(), self.advance, journey, journey.token)

    def advance(self, journey: Journey, token: int) -> None:
        """One step after the other until one takes time."""
        if journey.token != token or journey.person.leaves <= self.clock:
            return
        begin, end = journey.automation.paused
        if begin <= self.clock < end:
            self.plan(end + int(self.rng.expovariate(1 / 4)), self.advance, journey, token)
            return
        while journey.places:
            steps, number = journey.places.pop()
            if number >= len(steps):
                continue
            journey.places.append((steps, number + 1))
            wait = self.step(journey, steps[number])
            if wait is None:
                return
            if wait:
                self.plan(self.clock + wait, self.advance, journey, token)
                return

    def step(self, journey: Journey, step: Step) -> int | None:
        """Seconds until the next step, ``None`` when something else will move the person."""
        person = journey.person
        match step:
            case Add(tag):
                journey.cause = self.give(person, tag, journey.cause)
                return int(self.rng.expovariate(1 / self.lag) / 2)
            case Remove(tag):
                person.held.pop(tag, None)
            case Enrol(sequence):
                journey.cause = self.enrol(person, sequence, journey.cause, journey)
                return None
            case Delay(seconds):
                return seconds + self.late()
            case Condition():
                yes = step.tag in person.held if step.tag else step.low <= person.traits[step.trait] < step.high
                journey.places.append((step.yes if yes else step.no, 0))
            case Goal():
                steps, number = journey.places[0]
                journey.places[0] = (steps, number - 1)  # still upstream: waits in front of it
                return None
            case DateEvent(second):
                if self.clock < second:
                    steps, number = journey.places[0]
                    journey.places[0] = (steps, number - 1)
                    return None
            case StartAnother(automation):
                self.plan(self.clock + self.late(), self.enter, person, self.account.automations[automation], journey.cause)
            case Exit():
                journey.places.clear()
        return 0
