"""A second simulator of Kit accounts, written without knowledge of the first one and of the miner, as an acceptance test would be.

The truth is not declared but recorded: each timestamp remembers the timestamp that caused it. Of a visible timestamp the *visible cause*
is the
nearest visible one up that line: removed and overwritten timestamps are skipped. What a person, a shop, a date or the owner did has none.
"""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from statistics import median

from ckaudit.model.events import Events, make_events
from ckaudit.model.holders import PersonState
from tests.evidence import second_scenarios as scenarios
from tests.evidence.second_account import DAY, HOUR, Account, Obj
from tests.evidence.second_run import Person, Run, Timestamp

EPOCH = 1_735_689_600  # 2025-01-01


@dataclass(frozen=True)
class Profile:
    """How difficult an account is. ``lag``: mean jitter in seconds; ``stalls``: share of actions that wait minutes; others are counts
    of scenarios or shares of people (``leave``), forms (``confirm``) and automations (``paused``)."""

    people: int = 2000
    days: int = 240
    lag: float = 1.0
    stalls: float = 0.01
    leave: float = 0.15
    confirm: float = 0.2
    paused: float = 0.12
    magnets: int = 3
    courses: int = 2
    webinars: int = 1
    siblings: int = 10
    noise: int = 1
    more_forms: float = 0.8


PROFILES = {
    "tidy": Profile(lag=0.7, stalls=0.001, leave=0.05, confirm=0.0, paused=0.0, siblings=5, more_forms=0.4),
    "default": Profile(),
    "wild": Profile(lag=1.5, stalls=0.04, leave=0.3, confirm=0.4, paused=0.3, courses=3, siblings=18, noise=2, more_forms=1.6),
}


@dataclass
class Link:
    """``gaps``: seconds from the visible cause to its effect, one per person; ``clear``: of these, those with no timestamp strictly
    between."""

    gaps: list[int] = field(default_factory=list)
    clear: int = 0

    @property
    def support(self) -> int:
        return len(self.gaps)

    @property
    def delay(self) -> float:
        """Median, in seconds."""
        return median(self.gaps)


@dataclass
class World:
    """A simulated account as a reading shows it, and the truth behind it. ``causes``: visible cause of every visible timestamp."""

    events: Events
    now: int
    truth: dict[tuple[Obj, Obj], Link]
    causes: list[tuple[Timestamp, Timestamp | None]]

    def direct(self, fewest: int = 20) -> dict[tuple[Obj, Obj], Link]:
        """Links that ``fewest`` people or more show, at least half of them without another timestamp of theirs in between."""
        return {ends: link for ends, link in self.truth.items() if link.support >= fewest and 2 * link.clear >= link.support}

    @cached_property
    def _parents(self) -> dict[Obj, set[Obj]]:
        parents: dict[Obj, set[Obj]] = {}
        for (cause, effect), link in self.truth.items():
            if link.support >= 10:
                parents.setdefault(effect, set()).add(cause)
        return parents

    def ancestors(self, obj: Obj) -> set[Obj]:
        """Everything that leads to it over any number of links with at least ten people."""
        found: set[Obj] = set()
        todo = [obj]
        while todo:
            new = self._parents.get(todo.pop(), set()) - found
            found |= new
            todo += new
        return found

    def relation(self, cause: Obj, effect: Obj) -> str:
        """What a pair really is: direct, cause (too few people, or others in between), reversed, grandparent, sibling, coincidence."""
        if (cause, effect) in self.direct():
            return "direct"
        if len(self.truth.get((cause, effect), Link()).gaps) >= 10:
            return "cause, not direct"
        if cause in self._parents.get(cause, ()) or effect in self.ancestors(cause):
            return "reversed"
        if cause in self.ancestors(effect):
            return "grandparent"
        return "sibling" if self.ancestors(cause) & self.ancestors(effect) else "coincidence"


def simulate(profile: str | Profile = "default", seed: int = 0) -> World:
    """One account; the same for the same profile and seed."""
    settings = PROFILES[profile] if isinstance(profile, str) else profile
    rng = random.Random(f"{settings}{seed}")
    start = EPOCH + rng.randrange(300 * DAY)
    account = Account(rng, start, start + settings.days * DAY)
    build(account, settings)
    run = Run(account, rng, lag=settings.lag, stalls=settings.stalls, keeps_last=rng.random() < 0.5)
    people = populate(account, settings)
    invite(run, people, settings)
    act_from_outside(run, people)
    run.go()
    return look(people, account.now)


def build(account: Account, profile: Profile) -> None:
    """The account's objects and automations."""
    rng = account.rng
    for _ in range(profile.courses):
        scenarios.course(account)
    target = scenarios.nurture(account)
    for _ in range(profile.magnets):
        scenarios.lead_magnet(account, target)
    scenarios.quiz(account)
    for _ in range(profile.webinars):
        scenarios.webinar(account, rng.randint(1, 3))
    scenarios.launch(account)
    scenarios.newsletter(account)
    scenarios.after_sequence(account)
    for _ in range(profile.siblings):
        scenarios.sibling(account)
    for _ in range(profile.noise):
        scenarios.link_triggers(account)
        scenarios.shop(account)
        scenarios.bulk(account)
    for automation in account.automations:
        if rng.random() < profile.paused:
            begin = account.day(0.1, 0.9)
            automation.paused = begin, begin + rng.randint(1, 10) * DAY
    for form in account.forms:
        if rng.random() < profile.confirm:
            account.confirmed[form] = rng.random() < 0.7


def daytime(account: Account, second: int) -> int:
    """The same day at an hour at which people are awake."""
    hour = min(max(account.rng.gauss(15, 4), 0.0), 23.9)
    return (second // DAY) * DAY + int(hour * HOUR)


def populate(account: Account, profile: Profile) -> list[Person]:
    rng, people = account.rng, []
    for number in sorted(rng.sample(range(10**10, 10**10 + 50 * profile.people), profile.people)):
        leaves = account.day(0.1, 1.0) if rng.random() < profile.leave else account.now + DAY
        people.append(Person(number, leaves, rng.random() > 0.15, (rng.random(), rng.random(), rng.random())))
    return people


def invite(run: Run, people: list[Person], profile: Profile) -> None:
    """People come by a form, and some by others later."""
    account, rng = run.account, run.rng
    forms, popularity = list(account.forms), list(account.forms.values())
    for person in people:
        second = account.day(0, 1)
        joins = 1
        while rng.random() < profile.more_forms / (1 + profile.more_forms):
            joins += 1
        for form in rng.choices(forms, popularity, k=joins):
            run.plan(daytime(account, second), run.join, person, form)
            second += int(rng.expovariate(1 / (25 * DAY)))


def act_from_outside(run: Run, people: list[Person]) -> None:
    """Purchases, clicks in broadcasts, webinars, bulk actions, tags by hand."""
    account, rng = run.account, run.rng
    for tag, share in account.bought.items():
        for person in rng.sample(people, int(share * len(people))):
            run.plan(daytime(account, account.day(0.05, 1)), run.outside, person, tag)
    for pair in account.bundles:
        for person in rng.sample(people, rng.randint(30, 120)):
            second = daytime(account, account.day(0.05, 1))
            for tag in rng.sample(pair, 2):
                run.plan(second, run.outside, person, tag)
                second += rng.randrange(2)
    for share, tag in account.by_hand:
        for person in rng.sample(people, int(share * len(people))):
            run.plan(daytime(account, account.day(0.05, 1)), run.outside, person, tag)
    for second, share, tag in account.clicked:
        sent = daytime(account, second)
        for person in rng.sample(people, int(share * len(people))):
            run.plan(sent + int(rng.lognormvariate(9.2, 1.5)), run.outside, person, tag)
    for second, share, objs in account.lists:
        chosen = rng.sample(people, int(share * len(people)))
        run.plan(daytime(account, second), give_list, run, chosen, objs)
    for second, registered, attended, missed in account.webinars:
        run.plan(second, after_webinar, run, people, registered, attended, missed)


def give_list(run: Run, chosen: list[Person], objs: tuple[Obj, ...]) -> None:
    """One click for hundreds: they share a second."""
    for person in chosen:
        run.outside(person, *objs)


def after_webinar(run: Run, people: list[Person], registered: Obj, attended: Obj, missed: Obj) -> None:
    """The webinar's tool hands in its lists, a few people a second."""
    for number, person in enumerate(one for one in people if registered in one.held):
        if attended not in person.held and missed not in person.held:
            run.plan(run.clock + number // 8, run.outside, person, attended if run.rng.random() < 0.4 else missed)


def state(person: Person, now: int) -> PersonState:
    if person.leaves < now:
        return PersonState.CANCELLED
    return PersonState.INACTIVE if person.unconfirmed and len(person.held) == 1 else PersonState.ACTIVE


def look(people: list[Person], now: int) -> World:
    """What a reading at ``now`` shows, and the visible cause of every visible timestamp."""
    truth: dict[tuple[Obj, Obj], Link] = {}
    causes: list[tuple[Timestamp, Timestamp | None]] = []
    for person in people:
        seconds = sorted(timestamp.second for timestamp in person.held.values())
        for timestamp in person.held.values():
            cause = timestamp.cause
            while cause and not cause.visible:
                cause = cause.cause
            causes.append((timestamp, cause))
            if cause:
                link = truth.setdefault((cause.obj, timestamp.obj), Link())
                link.gaps.append(timestamp.second - cause.second)
                link.clear += (
                    bisect_right(seconds, cause.second) == bisect_left(seconds, timestamp.second) or cause.second == timestamp.second
                )
    timestamps = [timestamp for timestamp, _ in causes]
    events = make_events(
        [timestamp.person.number for timestamp in timestamps],
        [timestamp.obj[0] for timestamp in timestamps],
        [timestamp.obj[1] for timestamp in timestamps],
        [timestamp.second for timestamp in timestamps],
        [int(state(timestamp.person, now)) for timestamp in timestamps],
    )
    return World(events, now, truth, causes)
