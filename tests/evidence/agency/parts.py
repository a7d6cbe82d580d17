"""What a consultant finds in a client's account: opt-ins, funnels, courses, releases, shops, and the noise around them.

Every part draws its own habits. ``Client`` carries what parts share: the customer tag, the doors people come in by, who is warm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from tests.evidence.agency.engine import DAY, HOUR, MINUTE, NEVER, WEEK, Account, Ints, Mask, Node, Thing, pick

SHORT = (MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, 90 * MINUTE)
LONG = (HOUR, 6 * HOUR, DAY, 2 * DAY, 3 * DAY, WEEK, 2 * WEEK)


@dataclass
class Client:
    """One account and what its parts have in common."""

    a: Account
    customer: Thing
    doors: list[Node] = field(default_factory=list)
    warm: list[Node] = field(default_factory=list)
    bought: list[Thing] = field(default_factory=list)
    buyers: list[Node] = field(default_factory=list)

    def some(self, share: float) -> Mask:
        """Any people; at least some thirty."""
        return self.a.rng.random(self.a.n) < max(share, 35 / self.a.n)

    def chance(self, share: float) -> bool:
        return bool(self.a.rng.random() < share)

    def visits(self, share: float, days: float = 60) -> Ints:
        """Some people do something, some time after they came."""
        return np.where(self.some(share), self.a.later(self.a.born, days), NEVER)

    def dates(self, count: int) -> list[int]:
        """Noon or evening of some days, in order."""
        rng, a = self.a.rng, self.a
        days = np.sort(rng.uniform(0.1, 0.98, count) * a.span // DAY).astype(int)
        return [int((a.start // DAY + d) * DAY + rng.integers(13, 21) * HOUR + rng.integers(0, 4) * 900) for d in days]

    def customers(self, node: Node) -> Mask:
        """Who has bought one of the products by then."""
        found = np.zeros(self.a.n, bool)
        for product in self.bought:
            found |= self.a.has(product, node.t)
        return found

    def flow(self, node: Node, steps: int, mails: int | None = None) -> Node:
        """Some steps one after the other: tags, delays, sequences."""
        a = self.a
        for _ in range(steps):
            draw = a.rng.random()
            if draw < 0.35:
                node = a.give(a.tag(), node)
            else:
                if draw < 0.7:
                    node = a.wait(node, pick(a.rng, SHORT if draw < 0.5 else LONG))
                node, _ = self.mail(node, mails)
        return node

    def mail(self, node: Node, mails: int | None = None) -> tuple[Node, Node]:
        """Through a sequence: its end, and its start."""
        a = self.a
        series = a.sequence()
        if self.chance(0.1):  # some were put into it by hand before
            day = self.dates(1)[0]
            a.root(series, np.where((a.born < day) & (a.rng.random(a.n) < a.rng.uniform(0.02, 0.12)), day, NEVER))
        start = a.give(series, node)
        return a.finish(start, a.course(mails)), start

    def order(self, things: Sequence[Thing], t: Ints) -> list[Node]:
        """A shop writes several things in one go: mostly in one second, else one after the other, in either order."""
        a, out = self.a, []
        for place, thing in enumerate(things):
            shift = np.where(a.rng.random(a.n) < a.same, 0, a.rng.choice([-1, 1], a.n, p=[0.25, 0.75])) * (place > 0)
            out.append(a.root(thing, np.where(t < NEVER, t + shift, NEVER)))
        return out


def visitors(c: Client, count: int) -> list[Node]:
    """Opt-in forms: most people come by one; some fill in another at once, or some months later."""
    a = c.a
    forms = [a.form() for _ in range(count)]
    share = 1 / np.arange(1, count + 1) ** a.rng.uniform(0.6, 1.3)
    first = a.rng.choice(count, a.n, p=share / share.sum())
    silent = a.rng.random(a.n) < a.rng.uniform(0.05, 0.25)
    second = a.rng.choice(count, a.n, p=share / share.sum())
    hand, month = a.rng.random(a.n) < a.rng.uniform(0.03, 0.12), a.rng.random(a.n) < 0.15
    soon, later = a.soon(a.born, 30, 0.7), a.later(a.born, 70)
    doors = []
    for place, form in enumerate(forms):
        one = a.root(form, np.where((first == place) & ~silent, a.born, NEVER))
        again = (second == place) & (second != first) & ~silent
        two = a.root(form, np.where(again, np.where(hand, soon, np.where(month, later, NEVER)), NEVER))
        node = a.merge([one, two])
        doors.append(a.confirm(node) if c.chance(0.55) else node)
    c.doors.extend(doors)
    return doors


def magnet(c: Client, door: Node) -> None:
    """An opt-in with its delivery, in one of the ways people build it."""
    a, style = c.a, c.a.rng.random()
    if style < 0.3:  # the form's own tag, and the automation beside it
        a.give(a.tag(), door)
        end, _ = c.mail(a.live(door))
    elif style < 0.6:  # tag, then sequence
        end, _ = c.mail(a.give(a.tag(), a.live(door)))
    elif style < 0.8:  # a rule gives the tag, the tag starts an automation that waits first
        lead = a.tag()
        a.give(lead, door)
        end, _ = c.mail(a.wait(a.live(a.fires(lead)), pick(a.rng, SHORT)))
    else:
        end, _ = c.mail(door, 1)
    if c.chance(0.25):  # a Zap into a sheet or another tool
        a.outside(a.tag(), door, 2 if a.poll == 0 else 60, max(a.poll, 10))
    if c.chance(0.4):
        end = a.give(a.tag(), end)
    c.warm.append(end)


def welcome(c: Client) -> None:
    """Rules of several forms give one tag, such as "Newsletter"; the tag starts the welcome. Who has it already is not welcomed again."""
    a, tag = c.a, c.a.tag()
    for door in c.doors:
        if c.chance(0.7):
            a.give(tag, a.live(door))
    if c.chance(0.2):
        a.root(tag, np.where(c.some(0.05), a.later(a.born, 100), NEVER))
    node = a.live(a.fires(tag))
    end, _ = c.mail(a.wait(node, pick(a.rng, SHORT)) if c.chance(0.4) else node)
    if c.chance(0.4):
        a.give(a.tag(), end)


def comes_and_goes(c: Client) -> None:
    """A state, such as paused or in a challenge: given and taken away again and again by hand or by a tool."""
    a, rng = c.a, c.a.rng
    state, series, t = a.tag(), a.sequence(), c.visits(rng.uniform(0.05, 0.3), 60)
    done = a.tag() if c.chance(0.5) else None
    window, seconds = a.window(t), pick(rng, (0, 0, *SHORT))
    for _ in range(int(rng.integers(2, 5))):
        over = np.where((t < NEVER) & (rng.random(a.n) < 0.7), a.later(t, 12), NEVER)
        entry = a.live(a.root(state, t, until=over), window)
        a.give(series, a.wait(entry, seconds, 0) if seconds else entry)
        if done is not None:
            late = a.wait(entry, WEEK, 0)
            a.give(done, a.keep(late, over > late.t))
        t = np.where((over < NEVER) & (rng.random(a.n) < 0.6), a.later(over, 40), NEVER)


def funnel(c: Client) -> None:
    """Several entries, a nurture sequence, a pitch; who buys meanwhile is pulled out."""
    a, rng = c.a, c.a.rng
    pool = c.warm or c.doors
    chosen = [pool[int(k)] for k in rng.permutation(len(pool))[: int(rng.integers(1, 5))]]
    entry = a.live(a.merge(chosen))
    if c.bought and c.chance(0.5):
        entry = a.keep(entry, ~c.customers(entry))
    end, start = c.mail(entry, int(rng.integers(3, 8)))
    click(c, start)
    if c.chance(0.5):
        end = a.wait(end, pick(rng, LONG))
    pitch, begun = c.mail(a.give(a.tag(), end) if c.chance(0.6) else end, int(rng.integers(2, 6)))
    if c.chance(0.7):
        course(c, begun.t, rng.uniform(0.04, 0.15), 4)
        pitch = a.keep(pitch, ~c.customers(pitch))
    done = a.give(a.tag(), pitch)
    if c.chance(0.4):
        c.flow(a.wait(done, pick(rng, LONG)), int(rng.integers(1, 3)))


def click(c: Client, node: Node) -> None:
    """Some click in the sequence's mail, scanners at once and people hours later; a tag by a link trigger."""
    a = c.a
    if not c.chance(0.45):
        return
    draw = a.rng.random(a.n)
    robot = node.t + a.rng.integers(8, 21, a.n)
    human = a.soon(node.t, 4 * HOUR, 1.4)
    tag = a.tag()
    a.root(tag, np.where(node.t == NEVER, NEVER, np.where(draw < 0.04, robot, np.where(draw < 0.14, human, NEVER))))
    if c.chance(0.5):
        c.mail(a.live(a.fires(tag)))


def course(c: Client, after: Ints, share: float, days: float) -> None:
    """A product sold through a cart: what it writes, what the school does, welcome, lessons, upsell, refund."""
    a, rng = c.a, c.a.rng
    t = np.where(c.some(share), a.later(after, days), NEVER)
    product = a.tag()
    bundle = [product] + ([a.tag()] if c.chance(0.35) else []) + ([a.form()] if c.chance(0.2) else [])
    paid = c.order(bundle, t)[0]
    if rng.random() < 0.65 and not c.customer.locked:
        a.give(c.customer, paid)
    if c.chance(0.6):  # Teachable, Thinkific, a membership plug-in
        told = a.give(a.tag(), paid, hooked(c)) if c.chance(0.25) else paid  # by a webhook tag
        enrolled = a.outside(a.tag(), told, 2, 12) if c.chance(0.6) else a.outside(a.tag(), told, 20, 300)
        progress(c, enrolled)
    refund = refunds(c, product, t) if c.chance(0.6) else np.full(a.n, NEVER, np.int64)
    welcome = a.live(paid)
    if c.chance(0.75):
        welcome = a.wait(welcome, 5 * MINUTE if c.chance(0.7) else pick(rng, SHORT))
    end, _ = c.mail(welcome, int(rng.integers(1, 4)))
    for _ in range(int(rng.integers(0, 4))):
        end = a.wait(a.keep(end, end.t < refund), pick(rng, (3 * DAY, WEEK, WEEK, 2 * WEEK)))
        end = a.give(a.tag(), a.keep(end, end.t < refund))
        if c.chance(0.6):
            end, _ = c.mail(end, 1)
    if c.chance(0.4):  # an automation of its own, some weeks later
        late = a.wait(a.live(paid), pick(rng, (2 * WEEK, 30 * DAY, 60 * DAY)))
        c.mail(a.keep(late, late.t < refund))
    c.buyers.append(paid)
    c.bought.append(product)


def hooked(c: Client) -> Ints:
    """Seconds until the site takes its webhook tag away; now and then it fails."""
    rng = c.a.rng
    return np.where(rng.random(c.a.n) < rng.uniform(0.005, 0.06), NEVER, rng.integers(2, 25, c.a.n))


def refunds(c: Client, product: Thing, t: Ints) -> Ints:
    """The cart writes a tag some days later; a rule revokes, and the access or the purchase goes."""
    a = c.a
    gone = np.where(c.some(0.06), a.later(t, 12), NEVER)
    node = a.root(a.tag(), gone)
    if c.chance(0.6):
        c.flow(a.give(a.tag(), node), 1, 1)
    if c.chance(0.5):
        a.strip(product, gone)
    return gone


def progress(c: Client, enrolled: Node) -> None:
    """The school reports lessons at the student's own pace; the last one starts something."""
    a, t = c.a, enrolled.t
    for _ in range(int(c.a.rng.integers(0, 4))):
        t = np.where(a.rng.random(a.n) < 0.7, a.later(t, 9), NEVER)
        done = a.root(a.tag(), t)
        if c.chance(0.35):
            node = a.live(done)
            c.mail(a.wait(node, pick(a.rng, SHORT)) if c.chance(0.6) else node, 1)


def quiz(c: Client) -> None:
    """A quiz tool writes the type, seconds later that the quiz is finished; an automation branches by type."""
    a, rng = c.a, c.a.rng
    t = np.where(c.some(rng.uniform(0.1, 0.4)), a.soon(a.born, 120) if c.chance(0.4) else a.later(a.born, 40), NEVER)
    count = int(rng.integers(2, 6))
    kind = rng.choice(count, a.n, p=rng.dirichlet(np.full(count, 3.0)))
    types = [a.root(a.tag(), np.where(kind == place, t, NEVER)).thing for place in range(count)]
    finished = a.root(a.tag(), np.where(t < NEVER, t + rng.integers(2, 7, a.n), NEVER))
    node = a.live(finished)
    waits = c.chance(0.7)
    node = a.wait(node, pick(rng, SHORT)) if waits else node
    tagged, after = c.chance(0.4), c.chance(0.5)
    ends = []
    for place in range(count):
        branch = a.keep(node, kind == place)
        begun = a.give(a.tag(), branch) if tagged else branch
        end, start = c.mail(begun, int(rng.integers(1, 5)))
        one, result = types[place], (begun if tagged else start).thing
        if waits and a.slack >= 20 and one and result:  # the delay's own jitter hides the seconds between type and finish
            a.unsure.append((one, result))
        ends.append(end)
    if after:
        c.warm.append(a.give(a.tag(), a.merge(ends)))


def webinar(c: Client) -> None:
    """People register in the week before; the webinar's tool marks who came, at the date."""
    a, rng = c.a, c.a.rng
    register, came, missed = (a.form() if c.chance(0.5) else a.tag()), a.tag(), a.tag()
    t, date = np.full(a.n, NEVER, np.int64), np.full(a.n, NEVER, np.int64)
    for day in c.dates(int(rng.integers(2, 7))):
        who = (a.born < day - DAY) & (t == NEVER) & (rng.random(a.n) < max(0.03, 40 / a.n) * rng.uniform(0.7, 3))
        sign = day - (rng.beta(1.1, 1.6, a.n) * WEEK).astype(np.int64) - HOUR
        t, date = np.where(who, np.maximum(sign, a.born + MINUTE), t), np.where(who, day, date)
    t = np.where(t < NEVER, np.minimum(a.daytime(t), date - 10 * MINUTE), NEVER)
    signed = a.root(register, t)
    node = a.give(a.tag(), signed) if c.chance(0.6) else signed
    c.mail(a.live(node), int(rng.integers(1, 3)))
    there = rng.random(a.n) < rng.uniform(0.25, 0.5)
    mark = a.cut(np.where(date < NEVER, date + HOUR + (rng.permutation(a.n) // 12) % 600, NEVER))
    yes, no = a.root(came, np.where(there, mark, NEVER)), a.root(missed, np.where(there, NEVER, mark))
    c.flow(a.live(yes), int(rng.integers(1, 4)))
    if c.chance(0.7):
        c.mail(a.wait(a.live(no), pick(rng, (MINUTE, HOUR, DAY))))


def launch(c: Client) -> None:
    """A list is tagged by hand on some days, which starts the launch's mails; some click, some buy."""
    a, rng = c.a, c.a.rng
    listed, once = a.tag(), np.full(a.n, NEVER, np.int64)
    share = rng.uniform(0.05, 0.4)
    for day in c.dates(int(rng.integers(1, 7))):
        who = (a.born < day) & (rng.random(a.n) < max(share, 45 / a.n)) & (once == NEVER) & (a.left > day)
        once = np.where(who, day + (rng.permutation(a.n) // 40 if c.chance(0.2) else 0), once)
    tagged = a.root(listed, once)
    node = a.live(tagged)
    if c.chance(0.35) and c.bought:
        node = a.keep(node, ~c.customers(node))
    if c.chance(0.35):
        node = a.wait(node, pick(rng, SHORT))
    end, start = c.mail(node, int(rng.integers(2, 7)))
    click(c, start)
    if c.chance(0.6):
        course(c, start.t, rng.uniform(0.05, 0.2), 3)
    if c.chance(0.5):
        end = a.give(a.tag(), end)
        a.strip(listed, np.where((end.t < NEVER) & c.chance(0.3), end.t + 2, NEVER))


def cleanup(c: Client) -> None:
    """Every few months the cold ones are tagged in bulk, mailed again, and tagged for removal; some wake up."""
    a, rng = c.a, c.a.rng
    cold, awake, t = a.tag(), a.tag(), np.full(a.n, NEVER, np.int64)
    for day in c.dates(int(rng.integers(1, 6))):
        who = (a.born < day - 90 * DAY) & (rng.random(a.n) < max(0.08, 50 / a.n)) & (t == NEVER) & (a.left > day)
        t = np.where(who, day, t)
    clicked = np.where(rng.random(a.n) < 0.12, a.soon(t, 20 * HOUR, 1.2), NEVER)
    tagged = a.root(cold, t)
    a.root(awake, clicked)
    end, _ = c.mail(a.live(tagged), int(rng.integers(2, 5)))
    end = a.keep(end, end.t < clicked)
    a.give(a.tag(), end if c.chance(0.6) else a.wait(end, pick(rng, LONG)))
    if c.chance(0.6):
        a.strip(cold, np.where(clicked < NEVER, clicked + rng.integers(0, 4, a.n), NEVER))


def newsletters(c: Client) -> None:
    """Links in newsletters give tags; now and then one of them starts something."""
    a, rng = c.a, c.a.rng
    for _ in range(int(rng.integers(2, 7))):
        t = np.full(a.n, NEVER, np.int64)
        for day in c.dates(int(rng.integers(2, 9))):
            who = (a.born < day) & (a.left > day) & (rng.random(a.n) < max(rng.uniform(0.01, 0.06), 20 / a.n))
            t = np.where(who & (t == NEVER), day + rng.integers(0, 900, a.n) + (rng.exponential(5 * HOUR, a.n)).astype(np.int64), t)
        clicked = a.root(a.tag(), t)
        if c.chance(0.3):
            c.flow(a.live(clicked), int(rng.integers(1, 3)))
