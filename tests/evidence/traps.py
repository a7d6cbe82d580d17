"""What deceives in real accounts, added to a simulated one: parallel effects, outside writers, bulk work, clicks, dates, jobs at night.

Each trap is a small group of new objects with known truth, most of them hung on something that the account has anyway.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ckaudit.model.events import ObjectKind, make_events
from tests.evidence.truth import Obj, Pair, Truth, World

Times = npt.NDArray[np.int64]
FORM, TAG, SEQUENCE = (int(kind) for kind in ObjectKind)
MINUTE, HOUR, DAY = 60, 3600, 86_400


class Setting:
    """The account that traps are added to, and the means to do so. ``who`` and ``when`` go together everywhere: people and seconds."""

    def __init__(self, world: World, seed: int) -> None:
        self.rng = np.random.default_rng([seed, len(world.events)])
        self.events, self.now = world.events, world.now
        self.people = np.unique(world.events.person)
        self.begin = int(world.events.second.min())
        self.arrival = dict(zip(*self._arrivals(), strict=True))
        self.numbers = itertools.count(int(self.rng.integers(2**41, 2**42)), 5)
        self.pace = self._pace(world.truth)
        self.columns: list[npt.NDArray[np.int64]] = []
        self.truth: Truth = {}

    def _arrivals(self) -> tuple[list[int], list[int]]:
        person, at = np.unique(self.events.person, return_index=True)
        return person.tolist(), self.events.second[at].tolist()

    def _pace(self, truth: Truth) -> Times:
        """The seconds that Kit's steps take in this account: what one does soon after the other, all together."""
        gaps = [np.array(pair.gaps) for (_, effect), pair in truth.items() if effect[0] == SEQUENCE and len(pair.gaps) >= 20]
        soon = [part for part in gaps if np.quantile(part, 0.9) <= 120]
        return np.concatenate(soon) if soon else self.rng.exponential(2.0, 500).astype(np.int64)

    def new(self, kind: int = TAG) -> Obj:
        return kind, next(self.numbers)

    def some(self, low: int = 60, high: int = 400) -> Times:
        """People drawn from all."""
        return self.rng.choice(self.people, min(int(self.rng.integers(low, high)), len(self.people) // 2), replace=False)

    def later(self, who: Times) -> Times:
        """For each of them any time of the waking day after they came."""
        came = np.array([self.arrival[person] for person in who.tolist()])
        moment = came + (self.rng.random(len(who)) * np.maximum(self.now - DAY - came, DAY)).astype(np.int64)
        hour = np.clip(self.rng.normal(15 * HOUR, 4 * HOUR, len(who)), 0, DAY - 1).astype(np.int64)
        return np.asarray(moment // DAY * DAY + hour)

    def anchor(self) -> tuple[Obj, Times, Times]:
        """Something that many people have already; else a new tag, given from outside."""
        keys = [key for key in zip(self.events.kind.tolist(), self.events.id.tolist(), strict=True) if key[0] != SEQUENCE]
        objs, count = np.unique(np.array(keys), axis=0, return_counts=True)
        fit = np.flatnonzero((count >= 80) & (count <= 1500))
        if self.rng.random() < 0.5 or not len(fit):
            who, obj = self.some(), self.new()
            return obj, who, self.write(obj, who, self.later(who))
        kind, number = objs[self.rng.choice(fit)].tolist()
        rows = np.flatnonzero((self.events.kind == kind) & (self.events.id == number))
        return (kind, number), self.events.person[rows], self.events.second[rows]

    def write(self, obj: Obj, who: Times, when: npt.ArrayLike) -> Times:
        """Timestamps without a cause."""
        seconds = np.asarray(when).astype(np.int64)
        there = seconds < self.now
        rows = np.stack([who, np.full(len(who), obj[0]), np.full(len(who), obj[1]), seconds, np.zeros(len(who))])
        self.columns.append(rows[:, there].astype(np.int64))
        return seconds

    def because(self, cause: Obj, effect: Obj, who: Times, since: Times, wait: npt.ArrayLike) -> Times:
        """Timestamps that follow from another one."""
        when = self.write(effect, who, since + np.asarray(wait).astype(np.int64))
        pair = self.truth.setdefault((cause, effect), Pair())
        pair.gaps += (when - since)[when < self.now].tolist()
        return when

    def lag(self, count: int) -> Times:
        """How long Kit takes for a step."""
        return np.asarray(self.rng.choice(self.pace, count))

    def part(self, who: Times, when: Times, share: float) -> tuple[Times, Times]:
        """Some of the people."""
        chosen = self.rng.random(len(who)) < share
        return who[chosen], when[chosen]


def sibling_between(at: Setting) -> None:
    """A purchase; the site gives access within seconds; Kit waits five minutes, then the welcome mails."""
    obj, who, when = at.anchor()
    at.because(obj, at.new(), who, when, at.rng.uniform(2, at.rng.choice([8, 12, 20]), len(who)))
    at.because(obj, at.new(SEQUENCE), who, when, at.rng.choice([60, 300, 300, 480, 900]) + at.lag(len(who)))


def two_effects_in_a_row(at: Setting) -> None:
    """A connector takes its time while Kit's own steps run."""
    obj, who, when = at.anchor()
    some, since = at.part(who, when, 0.8)
    tag = at.new()
    given = at.because(obj, tag, some, since, at.lag(len(some)))
    at.because(tag, at.new(SEQUENCE), some, given, at.lag(len(some)))
    at.because(obj, at.new(), who, when, at.rng.uniform(30, at.rng.choice([140, 300]), len(who)))


def nightly_job(at: Setting) -> None:
    """Everybody who came that day is tagged at night; beside it a course that ends at its send hour."""
    who = at.some(200, 900)
    course, done, night = at.new(SEQUENCE), at.new(), at.new()
    since = at.write(course, who, at.later(who))
    days, hour = int(at.rng.integers(1, 9)), int(at.rng.integers(6, 18)) * HOUR
    end = (since // DAY + days) * DAY + hour + at.rng.exponential(300, len(who)).astype(np.int64)
    at.because(course, done, who, since, np.where(end < since, DAY, 0) + end - since)
    rows = at.events.kind == at.rng.choice([FORM, TAG])
    both = np.concatenate([who, at.events.person[rows]]), np.concatenate([since, at.events.second[rows]])
    person, first = np.unique(both[0], return_index=True)
    at.write(night, person, (both[1][first] // DAY + 1) * DAY + int(at.rng.integers(1, 5)) * HOUR + at.rng.integers(0, 600, len(person)))


def far_behind(at: Setting) -> None:
    """Weeks after the purchase an offer; in between modules, each when it suits the person."""
    obj, who, when = at.anchor()
    moment = when
    for _ in range(int(at.rng.integers(3, 8))):
        moment = at.write(at.new(), who, moment + at.rng.uniform(1, 4, len(who)) * DAY)
    at.because(obj, at.new(at.rng.choice([TAG, SEQUENCE])), who, when, at.rng.choice([14, 21, 30]) * DAY + at.lag(len(who)))


def bulk_starts_automation(at: Setting) -> None:
    """One click tags many, on one or some days; a queue works them off one by one."""
    tag, sequence = at.new(), at.new(SEQUENCE)
    everybody = at.rng.permutation(at.people)
    bursts = int(at.rng.choice([1, 2, 3, 6]))
    size = int(at.rng.integers(30, 200))
    for number in range(bursts):
        who = everybody[number * size : (number + 1) * size]
        when = np.full(len(who), at.begin + int(at.rng.uniform(0.3, 0.95) * (at.now - at.begin)))
        at.write(tag, who, when)
        at.because(tag, sequence, who, when, 1 + np.arange(len(who)) / at.rng.choice([1, 3, 5]) + at.rng.uniform(0, 5, len(who)))


def forms_by_hand(at: Setting) -> None:
    """Two forms on one page: some fill in the second one, too."""
    first, second, who = at.new(FORM), at.new(FORM), at.some(150, 500)
    when = at.write(first, who, at.later(who))
    some, since = at.part(who, when, at.rng.uniform(0.3, 0.6))
    at.write(second, some, since + at.rng.lognormal(3.2, 0.8, len(some)))
    rest = at.some(50, 200)
    at.write(second, np.setdiff1d(rest, who), at.later(np.setdiff1d(rest, who)))


def one_writer(at: Setting) -> None:
    """A checkout writes two or three tags, sometimes a form: in the same second mostly, in this order or in any."""
    who = at.some(80, 400)
    objs = [at.new(), at.new(), *([at.new(at.rng.choice([FORM, TAG]))] if at.rng.random() < 0.5 else [])]
    when, mixed = at.later(who), at.rng.choice([0.0, 0.1, 1.0])
    base = when.copy()
    for place, obj in enumerate(objs):
        shift = np.where(at.rng.random(len(who)) < mixed, at.rng.integers(-1, 2, len(who)), (at.rng.random(len(who)) < 0.2) * place)
        at.write(obj, who, base + shift)
    rest = np.setdiff1d(at.some(20, 200), who)
    at.write(objs[1], rest, at.later(rest))


def script_twice(at: Setting) -> None:
    """A script tags the same people twice, exactly some time apart."""
    first, second = at.new(), at.new()
    for _ in range(int(at.rng.integers(1, 3))):
        who = at.some(40, 100)
        start = at.begin + int(at.rng.uniform(0.2, 0.9) * (at.now - at.begin)) + np.arange(len(who)) // 2
        at.write(first, who, start)
        at.write(second, who, start + at.rng.choice([60, 600, HOUR, 4 * HOUR]))


def click_in_a_mail(at: Setting) -> None:
    """Some people, or what scans their mail, click a link."""
    sequence, clicked, who = at.new(SEQUENCE), at.new(), at.some(300, 1300)
    when = at.write(sequence, who, at.later(who))
    fast, since = at.part(who, when, 0.06)
    at.write(clicked, fast, since + at.rng.uniform(6, 25, len(fast)))
    slow, since = at.part(np.setdiff1d(who, fast), when[~np.isin(who, fast)], 0.08)
    at.write(clicked, slow, since + at.rng.lognormal(9, 1.5, len(slow)))


def webinar_date(at: Setting) -> None:
    """Everybody who registered in the week before is tagged at the same hour."""
    registered, attended, reminders = at.new(), at.new(), at.new(SEQUENCE)
    for _ in range(int(at.rng.integers(2, 6))):
        date = at.begin + int(at.rng.uniform(0.2, 0.95) * (at.now - at.begin)) // HOUR * HOUR
        who = np.setdiff1d(at.some(60, 300), at.columns[-1][0] if at.columns else [])
        came = at.write(registered, who, date - at.rng.uniform(0.2, 7, len(who)) * DAY)
        at.because(registered, reminders, who, came, at.lag(len(who)))
        some = who[at.rng.random(len(who)) < 0.45]
        at.write(attended, some, date + at.rng.exponential(300, len(some)))


def bought_after_all(at: Setting) -> None:
    """A checkout is begun, and most people finish it some minutes later."""
    begun, bought, who = at.new(), at.new(), at.some(100, 500)
    when = at.write(begun, who, at.later(who))
    some, since = at.part(who, when, at.rng.uniform(0.3, 0.8))
    at.write(bought, some, since + at.rng.lognormal(np.log(at.rng.choice([240, 500, 900])), 0.6, len(some)))


def double_opt_in(at: Setting) -> None:
    """The form's timestamp is the filling in, the rest waits for the click in the mail of confirmation."""
    form, tag, who = at.new(FORM), at.new(), at.some(100, 500)
    when = at.write(form, who, at.later(who))
    some, since = at.part(who, when, at.rng.uniform(0.75, 0.95))
    given = at.because(form, tag, some, since, at.rng.lognormal(np.log(95), 1.3, len(some)) + 4)
    at.because(tag, at.new(SEQUENCE), some, given, at.lag(len(some)))


def branch_by_a_tag(at: Setting) -> None:
    """The result of a quiz is tagged just before the quiz is finished, which starts the mails for this result."""
    finished, who = at.new(), at.some(200, 600)
    when, count = at.write(finished, who, at.later(who)), int(at.rng.integers(2, 4))
    group, wait = at.rng.integers(0, count, len(who)), at.rng.choice([0, 60, 300, HOUR])
    for number in range(count):
        some, since = who[group == number], when[group == number]
        at.write(at.new(), some, since - at.rng.integers(1, 7, len(some)))
        at.because(finished, at.new(SEQUENCE), some, since, wait + at.lag(len(some)))


def one_tag_for_all_products(at: Setting) -> None:
    """Every product's tag has a rule that gives one tag to all customers; who buys again has it already."""
    customers, held = at.new(), set[int]()
    for _ in range(int(at.rng.integers(3, 6))):
        product, who = at.new(), at.some(60, 250)
        when = at.write(product, who, at.later(who))
        fresh = np.array([person not in held for person in who.tolist()])
        held |= set(who.tolist())
        at.because(product, customers, who[fresh], when[fresh], at.lag(int(fresh.sum())))


def hourly_job(at: Setting) -> None:
    """A program looks every hour for new people, and tags them at its minute."""
    _, who, when = at.anchor()
    minute = int(at.rng.integers(0, 60)) * MINUTE
    at.write(at.new(), who, (when - minute) // HOUR * HOUR + HOUR + minute + at.rng.integers(0, 60, len(who)))


def quiz_of_many(at: Setting) -> None:
    """One of many results is tagged within seconds before the quiz is finished; only that is an event, and nothing follows."""
    who = at.some(300, 900)
    when = at.later(who)
    at.write(at.new(), who, when)
    group = at.rng.integers(0, int(at.rng.integers(2, 6)), len(who))
    first, last = int(at.rng.integers(0, 4)), int(at.rng.integers(5, 10))
    for number in np.unique(group):
        some = group == number
        at.write(at.new(), who[some], when[some] - at.rng.integers(first, last, int(some.sum())))


def order_of_some(at: Setting) -> None:
    """An order writes the product's tag and then one for all customers; one order in ten the other way round."""
    customers = at.new()
    for _ in range(int(at.rng.integers(2, 6))):
        who = at.some(60, 300)
        when, turned = at.later(who), at.rng.random(len(who)) < 0.1
        later = at.rng.random(len(who)) < at.rng.uniform(0.1, 0.5)
        at.write(at.new(), who, when + (turned & later))
        at.write(customers, who, when + (~turned & later))


def call_booked_elsewhere(at: Setting) -> None:
    """After a form most people book a call on another page, a few minutes later; another program passes it on."""
    form, who = at.new(FORM), at.some(100, 400)
    when = at.write(form, who, at.later(who))
    some, since = at.part(who, when, at.rng.uniform(0.4, 0.7))
    at.write(at.new(), some, since + at.rng.lognormal(np.log(at.rng.choice([90, 400])), 0.7, len(some)))


TRAPS: tuple[Callable[[Setting], None], ...] = (
    sibling_between,
    two_effects_in_a_row,
    nightly_job,
    far_behind,
    bulk_starts_automation,
    forms_by_hand,
    one_writer,
    script_twice,
    click_in_a_mail,
    webinar_date,
    bought_after_all,
    double_opt_in,
    branch_by_a_tag,
    one_tag_for_all_products,
)

ALONE = (*TRAPS, hourly_job, quiz_of_many, order_of_some, call_booked_elsewhere)
"""Those that are tried in the quiet account; ``with_traps`` draws from the first ones, so that its accounts stay the same."""

LEAD, SERIES = (TAG, 11), (SEQUENCE, 12)


def quiet(seed: int) -> World:
    """An account of one automation, by which its habits can be learnt: 1,500 people who came over ten months; a sixth of them got a tag,
    and with it a sequence."""
    rng = np.random.default_rng(seed)
    start = 1_760_000_000
    came = start + rng.integers(0, 250 * DAY, 1500)
    some = rng.choice(1500, 250, replace=False)
    lag = rng.exponential(rng.choice([0.7, 2.0, 2.0, 6.0]), 250).astype(np.int64)
    when = came[some] + rng.lognormal(11, 1.5, 250).astype(np.int64)
    rows = [(number, FORM, 1, second, 0) for number, second in enumerate(came)]
    rows += [(number, *LEAD, second, 0) for number, second in zip(some, when, strict=True)]
    rows += [(number, *SERIES, second, 0) for number, second in zip(some, when + lag, strict=True)]
    return World(make_events(*np.array(rows).T), start + 300 * DAY, {(LEAD, SERIES): Pair(lag.tolist(), 250)}, "quiet")


def with_traps(world: World, seed: int, count: int = 8) -> World:
    """The account with some traps more, drawn by the seed. Its ``clear`` counts are those of before."""
    numbers = np.random.default_rng(seed).choice(len(TRAPS), count, replace=False)
    return sprung(world, seed, *(TRAPS[number] for number in numbers))


def sprung(world: World, seed: int, *traps: Callable[[Setting], None]) -> World:
    """The account with these traps."""
    at = Setting(world, seed)
    for trap in traps:
        trap(at)
    old = world.events
    columns = np.concatenate([np.stack([old.person, old.kind, old.id, old.second, old.state]).astype(np.int64), *at.columns], axis=1)
    return World(make_events(*columns), world.now, {**copy.copy(world.truth), **at.truth}, f"{world.label} with traps", world.grey)
