"""A consultant's clients as simulated Kit accounts: creators, memberships, shops, each with a coach or a school among them.

Written from public documents alone: timestamps as Kit's API shows them, and the nearest visible cause of every one that has a cause.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from tests.evidence.agency.engine import DAY, HOUR, MINUTE, NEVER, WEEK, Account, Node, Thing, pick
from tests.evidence.agency.parts import (
    LONG,
    SHORT,
    Client,
    cleanup,
    comes_and_goes,
    course,
    funnel,
    hooked,
    launch,
    magnet,
    newsletters,
    progress,
    quiz,
    refunds,
    visitors,
    webinar,
    welcome,
)
from tests.evidence.truth import World

KINDS: tuple[str, ...] = ("creator", "membership", "shop")
SMALL, MEDIUM = (800, 2_500), (4_000, 9_000)
"""People, at least and at most."""


def release(c: Client, share: float, sync: Thing) -> None:
    """An offering of a membership site: purchase, the site's access tag, five minutes, welcome, modules, revocation."""
    a, rng = c.a, c.a.rng
    t = c.visits(share, rng.uniform(10, 150))
    purchase, access = a.tag(), a.tag()
    paid = c.order([purchase] + ([a.tag()] if c.chance(0.25) else []), t)[0]
    live = a.live(paid)
    if c.chance(0.55):  # a webhook tag, taken off by the site within seconds
        hook = a.give(a.tag(), live, hooked(c))
        opened = a.outside(access, hook, 2, 10)
        first = hook
    else:
        opened, first = a.outside(access, paid, 2, 12), live
    if not c.customer.locked and c.chance(0.8):
        a.give(c.customer, paid)
    gone = refunds(c, purchase, t) if c.chance(0.7) else np.full(a.n, NEVER, np.int64)
    welcome = a.wait(first, 5 * MINUTE if c.chance(0.8) else pick(rng, SHORT)) if c.chance(0.9) else first
    end, _ = c.mail(a.keep(welcome, welcome.t < gone), 1 if c.chance(0.7) else 3)
    for _ in range(int(rng.integers(0, 6))):
        end = a.wait(end, pick(rng, (3 * DAY, WEEK, WEEK, WEEK, 2 * WEEK, 30 * DAY)))
        end = a.give(a.tag(), a.keep(end, end.t < gone))
        if c.chance(0.7):
            end = a.give(sync, end, hooked(c))
        if c.chance(0.6):
            end, _ = c.mail(end, 1)
    if c.chance(0.5):
        a.outside(a.tag(), opened, 3 if a.poll == 0 else 30, max(a.poll, 15))  # the community
    if c.chance(0.35):
        progress(c, opened)
    if c.chance(0.4):
        upsell = a.wait(a.live(paid), pick(rng, (WEEK, 2 * WEEK, 30 * DAY)))
        c.flow(a.keep(upsell, upsell.t < gone), 1)
    if c.chance(0.5):
        a.strip(access, np.where(gone < NEVER, gone + rng.integers(3, 30, a.n), NEVER))
    c.buyers.append(paid)
    c.bought.append(purchase)


def dunning(c: Client) -> None:
    """A card fails, again and again for some; the tag comes and goes; who does not pay in the end is cancelled."""
    a, rng = c.a, c.a.rng
    failed, reminder, cancelled = a.tag(), a.sequence(), a.tag()
    base = a.merge(c.buyers) if c.buyers else Node(None, a.born)
    t = np.where(c.some(rng.uniform(0.1, 0.35)), a.later(base.t, 60), NEVER)
    grace, wait = pick(rng, (3 * DAY, WEEK, 2 * WEEK)), pick(rng, (0, MINUTE, HOUR))
    window = a.window(base.t)
    for _ in range(int(rng.integers(2, 5))):
        paid = np.where((t < NEVER) & (rng.random(a.n) < 0.75), a.later(t, 3), NEVER)
        node = a.root(failed, t, until=paid)
        entry = a.live(node, window)
        a.give(reminder, a.wait(entry, wait, 0) if wait else entry)
        late = a.wait(entry, grace, 0)
        a.give(cancelled, a.keep(late, paid > late.t))
        t = np.where((paid < NEVER) & (rng.random(a.n) < 0.6), a.later(paid, 45), NEVER)
    if c.chance(0.6):
        c.flow(a.live(a.fires(cancelled)), 1, 2)


def trial(c: Client) -> None:
    """A trial: onboarding beside the clock, then by whether they paid."""
    a, rng = c.a, c.a.rng
    begun, paid = a.tag(), a.tag()
    start = a.root(begun, c.visits(rng.uniform(0.05, 0.25), 20))
    days = pick(rng, (WEEK, 2 * WEEK, 30 * DAY))
    yes = a.root(paid, np.where(rng.random(a.n) < rng.uniform(0.2, 0.5), a.later(start.t, days / DAY / 2), NEVER))
    entry = a.live(start)
    c.mail(entry if c.chance(0.5) else a.wait(entry, pick(rng, SHORT)))
    over = a.wait(entry, days)
    c.flow(a.keep(over, ~a.has(paid, over.t)), 2, 3)
    if c.chance(0.5):
        a.give(a.tag(), a.keep(over, a.has(paid, over.t)))
    c.flow(a.live(yes), int(rng.integers(1, 3)), 2)


def nightly(c: Client) -> None:
    """A synchronisation by the clock marks everybody who came that day; two of them in some accounts."""
    a, rng = c.a, c.a.rng
    source = a.merge(c.buyers) if c.buyers and c.chance(0.7) else Node(None, a.born)
    hour = int(rng.integers(0, 6)) * HOUR
    since = int(np.quantile(source.t[source.t < NEVER], rng.uniform(0, 0.4))) if (source.t < NEVER).any() else 0
    local = source.t + a.zone(source.t)
    night = (local // DAY + 1) * DAY + hour + rng.integers(0, 600, a.n)
    use = (source.t < NEVER) & (source.t > since)
    a.root(a.tag(), np.where(use, night - a.zone(np.where(use, night, a.now)), NEVER))


def script(c: Client) -> None:
    """Somebody's script tags the same people twice, or two things by hand within some minutes."""
    a, rng = c.a, c.a.rng
    day = c.dates(1)[0]
    who = (a.born < day) & (rng.random(a.n) < max(0.03, 60 / a.n) * rng.uniform(1, 2))
    t = np.where(who, day + rng.permutation(a.n) * 2 // 3, NEVER)
    a.root(a.tag(), t)
    if c.chance(0.5):
        a.root(a.tag(), np.where(who, t + int(rng.integers(1, 6)) * HOUR, NEVER))
    else:
        a.root(a.tag(), np.where(who, int(t.min()) + a.n + int(rng.integers(40, 900)), NEVER))


def imports(c: Client) -> None:
    """An older list comes in: one or two tags, in one second or row by row, sometimes with the products bought elsewhere."""
    a, rng = c.a, c.a.rng
    when = c.dates(1)[0]
    who = rng.random(a.n) < rng.uniform(0.04, 0.25)
    t = np.where(who, when + (rng.permutation(a.n) // int(rng.integers(10, 80)) if c.chance(0.7) else 0), NEVER)
    imported = a.root(a.tag(), t)
    if c.chance(0.4):
        a.root(a.form(), t)
    for _ in range(int(rng.integers(0, 3))):
        a.root(a.tag(), np.where(rng.random(a.n) < 0.4, t, NEVER))
    if not c.customer.locked:
        a.root(c.customer, np.where(rng.random(a.n) < 0.3, t, NEVER))
    if c.chance(0.4):
        c.mail(a.live(imported), 3)


def coach(c: Client) -> None:
    """Application, call, by hand a client: then an onboarding of several steps."""
    a, rng = c.a, c.a.rng
    applied = a.root(a.tag() if c.chance(0.6) else a.form(), c.visits(rng.uniform(0.03, 0.15), 90))
    c.mail(a.live(applied) if c.chance(0.5) else a.wait(a.live(applied), pick(rng, SHORT)), 2)
    if c.chance(0.5):
        a.outside(a.tag(), applied, 1 if a.poll == 0 else 60, max(a.poll, 8))
    booked = a.root(a.tag(), np.where(rng.random(a.n) < 0.6, a.soon(applied.t, 240, 1.5), NEVER))
    c.flow(a.live(booked), int(rng.integers(1, 3)), 2)
    client = a.root(a.tag(), np.where(rng.random(a.n) < 0.5, a.later(booked.t, 6), NEVER))
    end = c.flow(a.live(client), int(rng.integers(2, 5)))
    if c.chance(0.6):
        a.give(a.tag(), a.wait(end, pick(rng, LONG)))


def school(c: Client) -> None:
    """Terms: pupils are enrolled in bulk; materials beside the welcome; attendance is noted week by week."""
    a, rng = c.a, c.a.rng
    once, enrolled = np.full(a.n, NEVER, np.int64), a.tag()
    for day in c.dates(int(rng.integers(3, 8))):
        who = (a.born < day) & (once == NEVER) & (rng.random(a.n) < max(0.04, 35 / a.n))
        once = np.where(who, day, once)
    node = a.root(enrolled, once)
    entry = a.live(node)
    c.mail(entry, 2)
    c.flow(a.wait(entry, pick(rng, LONG)), int(rng.integers(1, 3)), 1)
    for week in range(int(rng.integers(0, 3))):
        lesson = once // DAY * DAY + (week + 1) * WEEK + 18 * HOUR + rng.permutation(a.n) % 300
        a.root(a.tag(), np.where((once < NEVER) & (rng.random(a.n) < 0.7), lesson, NEVER))


def store(c: Client, count: int) -> None:
    """Products of a shop: each order writes several tags at once; rules, tips, reviews and refills follow."""
    a, rng = c.a, c.a.rng
    tags, kinds = [a.tag() for _ in range(count)], [a.tag() for _ in range(max(1, count // 4))]
    writes_customer, newsletter = c.chance(0.5), a.form() if c.chance(0.6) else None
    share = (1 / np.arange(1, count + 1) ** rng.uniform(0.5, 1.1)) * rng.uniform(0.12, 0.5)
    first = a.later(a.born, 25)
    nodes: list[Node] = []
    for place, product in enumerate(tags):
        t = np.where(c.some(float(share[place])), first if c.chance(0.15) else a.later(first, 120), NEVER)
        # the first product of many people is their first order
        t = np.where((t < NEVER) & (rng.random(a.n) < 0.4), first, t)
        parts = [product, kinds[place % len(kinds)]] if c.chance(0.6) else [product]
        parts += [c.customer] if writes_customer else []
        paid, *others = c.order(parts, t)
        if newsletter is not None and others:
            a.root(newsletter, np.where(rng.random(a.n) < 0.6, others[-1].t, NEVER))
        if not writes_customer:
            a.give(c.customer, paid)
        nodes.append(paid)
    c.bought.extend(tags)
    c.buyers.extend(nodes)
    for product, paid in zip(tags, nodes, strict=True):
        aftersales(c, product, paid)


def aftersales(c: Client, product: Thing, paid: Node) -> None:
    """What an order of one product starts: tips, a request for a review, a refill, a download's access."""
    a, rng = c.a, c.a.rng
    if c.chance(0.45):
        entry = a.live(paid)
        c.mail(entry if c.chance(0.4) else a.wait(entry, pick(rng, (*SHORT, HOUR, DAY))), int(rng.integers(1, 5)))
    if c.chance(0.35):
        c.flow(a.wait(a.live(paid), pick(rng, (WEEK, 2 * WEEK, 30 * DAY, 45 * DAY, 60 * DAY))), int(rng.integers(1, 3)), 1)
    if c.chance(0.2):
        a.outside(a.tag(), paid, 2, 12)
    if c.chance(0.2):
        refunds(c, product, paid.t)


def baskets(c: Client) -> None:
    """An abandoned basket: the shop's tag goes when they buy; after an hour who still holds it is mailed."""
    a, rng = c.a, c.a.rng
    t = c.visits(rng.uniform(0.1, 0.3), 40)
    bought = np.where(rng.random(a.n) < 0.5, a.soon(t, 900, 1.6), NEVER)
    node = a.root(a.tag(), t, until=bought)
    late = a.wait(a.live(node), pick(rng, (30 * MINUTE, HOUR, 4 * HOUR, DAY)))
    late = a.keep(late, bought > late.t)
    end, _ = c.mail(a.give(a.tag(), late) if c.chance(0.4) else late, int(rng.integers(1, 4)))
    if c.chance(0.5):
        a.give(a.tag(), end)


def customers(c: Client) -> None:
    """What the customer tag starts, after all that gives it; best customers; the ones to win back."""
    a, rng = c.a, c.a.rng
    node = a.live(a.fires(c.customer))
    if c.chance(0.6):
        end, _ = c.mail(node if c.chance(0.5) else a.wait(node, pick(rng, SHORT)))
        if c.chance(0.4):
            a.give(a.tag(), end)
    if c.chance(0.5):
        c.flow(a.wait(a.live(a.fires(c.customer)), pick(rng, (2 * WEEK, 30 * DAY, 90 * DAY))), int(rng.integers(1, 3)), 2)
    if len(c.buyers) > 3 and c.chance(0.6):  # the third order: the shop's own doing
        third = np.partition(np.stack([buyer.t for buyer in c.buyers]), 2, axis=0)[2]
        best = a.root(a.tag(), np.where(third < NEVER, third + rng.integers(0, 3, a.n), NEVER))
        c.flow(a.live(best), 1, 1)


def extras(c: Client, menu: Sequence[Callable[[Client], None]], room: int) -> None:
    """Parts in any order until the account has about so many objects."""
    order = c.a.rng.permutation(len(menu))
    for place in order:
        if len(c.a.things) >= room:
            break
        menu[int(place)](c)


def hands(c: Client) -> None:
    """Tags by hand, no one knows why: a few people each, over years."""
    a, rng = c.a, c.a.rng
    for _ in range(int(rng.integers(1, 5))):
        a.root(a.tag(), c.visits(rng.uniform(0.005, 0.05), 200))


def sale(c: Client) -> None:
    """A course sold to whoever comes by."""
    course(c, c.a.born, float(c.a.rng.uniform(0.02, 0.2)), 50)


def creator(c: Client) -> None:
    """Opt-ins, funnels, launches, a course or two."""
    rng = c.a.rng
    for door in visitors(c, int(rng.integers(3, 11))):
        magnet(c, door)
    sale(c)
    funnel(c)
    menu = (quiz, webinar, launch, cleanup, newsletters, funnel, sale, launch, coach, school, imports, script, nightly, sale, dunning)
    extras(c, (*menu, trial, comes_and_goes, welcome, baskets, webinar, funnel, quiz), int(rng.integers(20, 132)))


def membership(c: Client) -> None:
    """Offerings of a membership site, payments that fail, a trial; opt-ins in front."""
    rng = c.a.rng
    for door in visitors(c, int(rng.integers(2, 6))):
        magnet(c, door)
    sync = c.a.tag()
    for place in range(int(rng.integers(1, 6))):
        release(c, float(rng.uniform(0.05, 0.4)) / (1 + 0.6 * place), sync)
    dunning(c)
    sell = partial(release, share=float(rng.uniform(0.02, 0.15)), sync=sync)
    menu = (nightly, trial, launch, cleanup, newsletters, quiz, webinar, sale, imports, script, coach, school, funnel)
    extras(c, (*menu, sell, sell, comes_and_goes, welcome), int(rng.integers(30, 132)))


def shop(c: Client) -> None:
    """Orders and what follows them; baskets; newsletters."""
    rng = c.a.rng
    for door in visitors(c, int(rng.integers(1, 5))):
        magnet(c, door)
    store(c, int(rng.integers(4, 20)))
    baskets(c)
    menu = (newsletters, cleanup, launch, nightly, imports, script, quiz, sale, webinar, funnel, launch, coach, trial, school)
    extras(c, (*menu, newsletters, funnel, comes_and_goes, welcome), int(rng.integers(30, 132)))


def simulate(profile: str, seed: int, people: tuple[int, int] = SMALL) -> World:
    """One client's account of a kind in ``KINDS``, between so many people; the same for the same seed."""
    rng = np.random.default_rng([seed, KINDS.index(profile), 15])
    account = Account(rng, int(rng.integers(people[0], people[1] + 1)))
    client = Client(account, account.tag())
    {"creator": creator, "membership": membership, "shop": shop}[profile](client)
    customers(client)
    hands(client)
    return account.world(f"agency {profile} {seed}")
