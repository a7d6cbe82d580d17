"""What a simulated account is made of: Kit's steps, sequences, automations and rules, and what people and outside systems do to it.

Independent of ``structure.py``: the second simulator exists so that no error is made twice in the same way.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from ckaudit.model.events import ObjectKind

Obj: TypeAlias = tuple[int, int]  # ObjectKind, id

MINUTE, HOUR, DAY = 60, 3600, 86_400


@dataclass(frozen=True)
class Add:
    tag: Obj


@dataclass(frozen=True)
class Remove:
    tag: Obj


@dataclass(frozen=True)
class Enrol:
    sequence: Obj


@dataclass(frozen=True)
class Delay:
    seconds: int


@dataclass(frozen=True)
class Condition:
    """Yes for who holds ``tag``, or, without a tag, for who is inside the part ``low`` to ``high`` of all people in ``trait`` (a field)."""

    yes: tuple[Step, ...]
    no: tuple[Step, ...] = ()
    tag: Obj | None = None
    trait: int = 0
    low: float = 0.0
    high: float = 0.5


@dataclass(frozen=True)
class Goal:
    """The event "tag is added": pulls everybody upstream forward, holds everybody who arrives from above."""

    tag: Obj


@dataclass(frozen=True)
class DateEvent:
    second: int


@dataclass(frozen=True)
class StartAnother:
    automation: int


@dataclass(frozen=True)
class Exit:
    pass


Step: TypeAlias = Add | Remove | Enrol | Delay | Condition | Goal | DateEvent | StartAnother | Exit


@dataclass
class Automation:
    """``steps`` after any of ``entries``. Between the seconds of ``paused`` nobody moves; who entered waits behind the entry."""

    entries: list[Obj]
    steps: list[Step]
    paused: tuple[int, int] = (0, 0)


@dataclass
class Rule:
    """All ``actions`` for who gets (or with ``completes``: finishes) one of ``triggers``.

    ``slow``: seconds (least, most) after which it acts; not Kit but a site behind a webhook acts so.
    """

    triggers: list[Obj]
    actions: list[Add | Remove | Enrol]
    completes: bool = False
    slow: tuple[int, int] = (0, 0)


@dataclass
class Mails:
    """A sequence's emails: days (or hours) after the one before, on weekdays (0 Monday) at an hour in a zone ``offset`` from UTC."""

    delays: list[int]
    hourly: bool = False
    days: frozenset[int] = frozenset(range(7))
    hour: int = 9
    offset: int = 0
    hold: bool = False

    def sent(self, start: int, rng: random.Random) -> int:
        """The second of the last email for who joined at ``start``."""
        at = start
        for number, delay in enumerate(self.delays):
            if delay == 0 and number == 0:
                at += rng.randrange(3)
            elif self.hourly:
                quarter = 15 * MINUTE
                at = -(-(at + delay * HOUR) // quarter) * quarter + int(rng.expovariate(1 / 40))
            else:
                at = self._window(at, delay) + int(rng.expovariate(1 / 90))
        return at

    def _window(self, after: int, delay: int) -> int:
        day = (after + self.offset * HOUR) // DAY + delay
        while (day + 3) % 7 not in self.days or day * DAY + (self.hour - self.offset) * HOUR <= after:
            day += 1
        return day * DAY + (self.hour - self.offset) * HOUR


@dataclass(frozen=True)
class Reaction:
    """People who get something do something of their own will: a share of them, after a time that scatters widely (a log-normal)."""

    does: Obj
    share: float
    median: int
    spread: float = 1.2


@dataclass
class Account:
    """All that runs by itself, and the kinds of outside acts the simulation needs to know."""

    rng: random.Random
    start: int
    now: int
    automations: list[Automation] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    mails: dict[Obj, Mails] = field(default_factory=dict)
    reactions: dict[Obj, list[Reaction]] = field(default_factory=dict)
    confirmed: dict[Obj, bool] = field(default_factory=dict)  # forms with double opt-in; True: the timestamp is the confirmation's
    forms: dict[Obj, float] = field(default_factory=dict)  # how popular
    bought: dict[Obj, float] = field(default_factory=dict)  # tags that a shop adds: share of all people who buy unasked
    bundles: list[tuple[Obj, Obj]] = field(default_factory=list)  # tags that a shop adds in one go
    lists: list[tuple[int, float, tuple[Obj, ...]]] = field(default_factory=list)  # bulk: second, share of people, what all of them get
    clicked: list[tuple[int, float, Obj]] = field(default_factory=list)  # broadcasts with a link trigger: second, share, tag
    webinars: list[tuple[int, Obj, Obj, Obj]] = field(default_factory=list)  # second, registered, attended, missed
    by_hand: list[tuple[float, Obj]] = field(default_factory=list)  # tags given one by one: share of people
    used: set[int] = field(default_factory=set)

    def _number(self) -> int:
        while (number := self.rng.randrange(10**6, 3 * 10**10)) in self.used:
            pass
        self.used.add(number)
        return number

    def tag(self) -> Obj:
        return int(ObjectKind.TAG), self._number()

    def form(self, popularity: float = 1.0) -> Obj:
        form = int(ObjectKind.FORM), self._number()
        self.forms[form] = popularity
        return form

    def sequence(self, *, hold: bool = False, immediate: float = 0.8) -> Obj:
        """A sequence of one to six emails with a random timetable."""
        rng = self.rng
        sequence = int(ObjectKind.SEQUENCE), self._number()
        first = 0 if rng.random() < immediate else 1
        hourly = rng.random() < 0.15
        later = [rng.choice((2, 12, 24, 48) if hourly else (1, 1, 2, 2, 3, 4, 7)) for _ in range(rng.randrange(6))]
        week = frozenset(range(5)) if rng.random() < 0.35 else frozenset(range(7))
        self.mails[sequence] = Mails([first, *later], hourly, week, rng.randrange(6, 20), self.offset, hold)
        return sequence

    @property
    def offset(self) -> int:
        """The account's zone: one for all sequences."""
        return self.start // HOUR % 19 - 8

    def day(self, low: float, high: float) -> int:
        """A second inside a part of the simulated time, 0 to 1."""
        return int(self.start + self.rng.uniform(low, high) * (self.now - self.start))

    def react(self, to: Obj, *reactions: Reaction) -> None:
        self.reactions.setdefault(to, []).extend(reactions)

    def objects(self) -> Iterator[Obj]:
        """The triggers of automations and rules: places where a sibling can be put."""
        for automation in self.automations:
            yield from automation.entries
        for rule in self.rules:
            if not rule.completes:
                yield from rule.triggers
