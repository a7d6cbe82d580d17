"""Three kinds of business on Kit: creators with free downloads, memberships with an access plugin, and shops.

Written before the miner and left alone since: ``python -m tests.evidence.judge business`` measures on it. The confidence is fitted on
it, too.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.evidence.business_engine import DAY, HOUR, MINUTE, START, Account, Life, Listener, Obj, Process, Stamp, read
from tests.evidence.truth import World

SMALL, MEDIUM = (500, 2200), (4000, 9000)
KINDS = ("creator", "membership", "shop")
WAITS = (MINUTE * 5, MINUTE * 5, MINUTE * 15, HOUR, 2 * HOUR, DAY, 2 * DAY, 3 * DAY, 7 * DAY, 14 * DAY)


def simulate(kind: str, seed: int, size: tuple[int, int] = SMALL) -> World:
    """One account; the same for the same arguments."""
    rng = random.Random(f"{kind} {seed} {size}")
    account = Account(rng, int(rng.uniform(*size)), rng.randint(150, 420))
    {"creator": creator, "membership": membership, "shop": shop}[kind](account)
    lives = people(account)
    for act in account.outside:
        act(lives)
    for life in lives:
        life.run()
    return read(account, lives, f"{kind} {seed}: {account.pace}, {len(lives)} people")


def people(account: Account) -> list[Life]:
    """Everybody comes by a form, many by others later; some leave."""
    rng, lives = account.rng, []
    forms, weights = list(account.forms), list(account.forms.values())
    for number in range(account.people):
        arrival = account.moment(0, 0.97)
        stays = arrival + rng.expovariate(1 / (90 * DAY)) if rng.random() < 0.15 else float("inf")
        life = Life(account, 10**9 + 3 * number, arrival, stays)
        second: float = arrival
        for form in rng.choices(forms, weights, k=1 + min(int(rng.expovariate(1.1)), 4)):
            life.gets(second, form)
            second += rng.lognormvariate(3.2, 0.8) if rng.random() < 0.12 else rng.expovariate(1 / (25 * DAY))
        lives.append(life)
    return lives


# -- what Kit does -------------------------------------------------------------------------------------------------------------------


def steps(account: Account, *what: Obj | float) -> Listener:
    """An automation: an object is given, a number waited for."""

    def listener(life: Life, stamp: Stamp) -> Process:
        cause = stamp
        for step in what:
            if isinstance(step, tuple):
                cause = life.add(step, cause)
                yield max(account.ends[step](int(life.clock)) - life.clock, 0) + account.lag() if step in account.ends else account.lag()
            else:
                yield step + account.lag()

    return listener


def rule(account: Account, *what: Obj) -> Listener:
    """All at once, each because of the trigger."""

    def listener(life: Life, stamp: Stamp) -> Process:
        for obj in what:
            life.add(obj, stamp)
            yield account.lag() / 4

    return listener


def when_done(account: Account, sequence: Obj, target: Obj) -> None:
    """The rule “completes a sequence”."""

    def listener(life: Life, stamp: Stamp) -> Process:
        yield max(account.ends[sequence](stamp.second) - life.clock, 0) + account.lag()
        life.add(target, stamp)

    account.on(sequence, listener)


def some(account: Account, share: float, then: Listener, other: Listener | None = None) -> Listener:
    """A condition on something that leaves no timestamp (a field)."""

    def listener(life: Life, stamp: Stamp) -> Process:
        chosen = then if account.rng.random() < share else other
        if chosen:
            yield from chosen(life, stamp)

    return listener


def unless(tag: Obj, then: Listener) -> Listener:
    """A condition on a tag."""

    def listener(life: Life, stamp: Stamp) -> Process:
        if tag not in life.held:
            yield from then(life, stamp)

    return listener


def site(account: Account, target: Obj, least: float, most: float, share: float = 1.0) -> Listener:
    """A program behind a webhook gives a tag in turn."""

    def listener(life: Life, stamp: Stamp) -> Process:
        if account.rng.random() < share:
            yield account.rng.uniform(least, most)
            life.add(target, stamp)

    return listener


def funnel(account: Account, entry: Obj) -> list[Obj]:
    """Tag, mails, and mostly something after these."""
    rng = account.rng
    tag, mails, done, more = account.tag(), account.sequence(), account.tag(), account.sequence()
    parts: list[Obj | float] = [tag]
    parts += [rng.choice(WAITS)] if rng.random() < 0.3 else []
    parts.append(mails)
    parts += [done] if rng.random() < 0.5 else []
    parts += [rng.choice(WAITS), more] if rng.random() < 0.4 else []
    account.on(entry, steps(account, *parts))
    return [tag, mails]


def login(account: Account, entry: Obj, created: Obj | None) -> None:
    """A tag that calls the site and is taken off again, mostly."""
    tag, stays = account.tag(), account.rng.uniform(0.0, 0.25)

    def listener(life: Life, stamp: Stamp) -> Process:
        made = life.add(tag, stamp)
        if created:
            yield account.rng.uniform(2, 12)
            life.add(created, made)
        yield account.rng.choice([5, 10]) * MINUTE
        if account.rng.random() >= stays:
            life.drop(tag)

    account.on(entry, listener)


# -- what others do ------------------------------------------------------------------------------------------------------------------


def sold(account: Account, share: float, *tags: Obj, order: str = "written") -> None:
    """A shop writes all tags of an order in one go."""
    rng = account.rng

    def act(lives: list[Life]) -> None:
        for life in lives:
            if rng.random() < share:
                bought = max(account.moment(), life.arrival + rng.lognormvariate(9, 1.5))
                objs = rng.sample(tags, len(tags)) if order == "any" or (order == "mostly" and rng.random() < 0.1) else tags
                second: float = bought
                for obj in objs:
                    life.gets(second, obj)
                    second += rng.random() < 0.2

    account.outside.append(act)


def nightly(account: Account, chosen: list[Obj], tag: Obj, hour: int) -> None:
    """A job at night tags whoever got one of these during the day."""

    def listener(life: Life, stamp: Stamp) -> Process:
        night = (stamp.second // DAY + 1) * DAY + hour * HOUR + account.rng.randrange(420)
        yield max(night - life.clock, 1)
        life.add(tag, None)

    for obj in chosen:
        account.on(obj, listener)


def clicks(account: Account, sequence: Obj, tag: Obj) -> None:
    """People, and scanners of mail, click a link in a mail of a sequence; the link tags."""

    def listener(life: Life, stamp: Stamp) -> Process:
        rng = account.rng
        if rng.random() < 0.08:
            yield rng.uniform(6, 25)
        elif rng.random() < 0.2:
            yield rng.choice([0, 1, 3]) * DAY + rng.lognormvariate(8.5, 1.6)
        else:
            return
        life.add(tag, None)

    account.on(sequence, listener)


def bulk(account: Account, tag: Obj, bursts: int, share: float) -> None:
    """Somebody tags many in one click, on some days."""
    rng = account.rng

    def act(lives: list[Life]) -> None:
        for _ in range(bursts):
            second = account.moment(0.15, 0.95)
            there = [life for life in lives if life.arrival < second]
            for life in rng.sample(there, int(len(there) * share)):
                life.gets(second + rng.random() * 0.9, tag)

    account.outside.append(act)


def script(account: Account, bursts: int) -> None:
    """A script writes two tags to the same people, some hours apart."""
    rng, first, second = account.rng, account.tag(), account.tag()

    def act(lives: list[Life]) -> None:
        for _ in range(bursts):
            start, apart = account.moment(0.1, 0.9), rng.choice([60, 600, HOUR, 4 * HOUR])
            for place, life in enumerate(rng.sample(lives, min(len(lives), rng.randint(40, 90)))):
                life.gets(start + place // 3, first)
                life.gets(start + place // 3 + apart, second)

    account.outside.append(act)


def webinar(account: Account, dates: int) -> None:
    """Registration by form; who comes is tagged at the hour of the webinar, who does not, an hour later."""
    rng, form, registered, attended, missed = account.rng, account.form(0.8), account.tag(), account.tag(), account.tag()
    account.on(form, steps(account, registered, account.sequence()))
    account.on(missed, steps(account, account.sequence()))
    account.on(attended, steps(account, rng.choice(WAITS), account.sequence()))
    on = sorted(account.moment(0.1, 0.95) // HOUR * HOUR for _ in range(dates))

    def listener(life: Life, stamp: Stamp) -> Process:
        date = next((day for day in on if day > stamp.second), None)
        if date is not None:
            came = rng.random() < 0.4
            yield date - life.clock + rng.expovariate(1 / 400) + (0 if came else 90 * MINUTE)
            life.add(attended if came else missed, None)

    account.on(registered, listener)


def loose(account: Account) -> None:
    """Tags given by hand, by broadcasts, by nothing in particular."""
    rng = account.rng

    def act(lives: list[Life]) -> None:
        for _ in range(rng.randint(2, 5)):
            tag, share = account.tag(), rng.uniform(0.02, 0.2)
            for life in lives:
                if rng.random() < share:
                    life.gets(max(account.moment(), life.arrival + rng.lognormvariate(9, 1.5)), tag)
        for _ in range(rng.randint(1, 4)):
            tag, sent, share = account.tag(), account.moment(0.2, 0.9), rng.uniform(0.03, 0.2)
            for life in lives:
                if life.arrival < sent and rng.random() < share:
                    life.gets(sent + rng.lognormvariate(9, 1.4), tag)

    account.outside.append(act)


# -- businesses ----------------------------------------------------------------------------------------------------------------------


def creator(account: Account) -> None:
    """Free downloads, a newsletter, a quiz, webinars, clean-ups."""
    rng = account.rng
    forms = [account.form(rng.uniform(0.5, 2)) for _ in range(rng.randint(3, 6))]
    news = account.tag()
    heads = [funnel(account, form) for form in forms]
    for form in forms:
        account.on(form, rule(account, news))
    account.on(news, steps(account, account.sequence(), account.tag()))
    for _, mails in rng.sample(heads, 2):
        clicks(account, mails, account.tag())
    when_done(account, rng.choice(heads)[1], account.tag())
    quiz(account)
    webinar(account, rng.randint(3, 8))
    account.on(rng.choice(forms), site(account, account.tag(), *rng.choice([(20, 140), (2, 12), (60, 900)])))
    cold = account.tag()
    bulk(account, cold, rng.choice([2, 4, 6]), rng.uniform(0.02, 0.06))
    account.on(cold, steps(account, account.sequence(), account.tag()))
    nightly(account, [*forms, news], account.tag(), rng.randint(1, 5))
    product = account.tag()
    sold(account, rng.uniform(0.06, 0.2), product)
    account.on(product, steps(account, account.sequence(), account.tag()))
    script(account, rng.randint(1, 2))
    loose(account)


def quiz(account: Account) -> None:
    """The quiz's tool writes the result, then that it is finished; which mails come is decided by the result."""
    rng, finished = account.rng, account.tag()
    types = [account.tag() for _ in range(rng.randint(2, 4))]
    ways = [steps(account, rng.choice([0.0, 300.0, float(HOUR)]), account.sequence()) for _ in types]

    def act(lives: list[Life]) -> None:
        for life in lives:
            if rng.random() < 0.25:
                second = max(account.moment(), life.arrival + rng.lognormvariate(7, 1))
                life.gets(second, rng.choice(types))
                life.gets(second + rng.randint(1, 6), finished)

    def branch(life: Life, stamp: Stamp) -> Process:
        for tag, way in zip(types, ways, strict=True):
            if tag in life.held:
                yield from way(life, stamp)

    account.outside.append(act)
    account.on(finished, branch)


def membership(account: Account) -> None:
    """Levels sold by a shop; the site gives access, Kit welcomes, modules come by and by, payments fail, members leave."""
    rng = account.rng
    forms = [account.form(rng.uniform(0.5, 2)) for _ in range(rng.randint(2, 4))]
    for form in forms:
        funnel(account, form)
    member, failed, former = account.tag(), account.tag(), account.tag()
    for _ in range(rng.randint(2, 4)):
        bought, access = account.tag(), account.tag()
        sold(account, rng.uniform(0.06, 0.2), bought)
        account.on(bought, site(account, access, 2, 12))
        welcome: list[Obj | float] = [5 * MINUTE, account.sequence()]
        welcome += [account.tag()] if rng.random() < 0.6 else []
        account.on(bought, steps(account, *welcome))
        if rng.random() < 0.7:
            account.on(bought, rule(account, member))
        if rng.random() < 0.6:
            login(account, bought, account.tag() if rng.random() < 0.6 else None)
        if rng.random() < 0.6:
            every = rng.choice([1, 2, 7, 7]) * DAY
            modules = [part for _ in range(rng.randint(2, 6)) for part in (every, account.tag())]
            account.on(access, steps(account, *modules))
        if rng.random() < 0.5:
            account.on(bought, steps(account, rng.choice([14, 21, 30]) * DAY, account.sequence()))
        account.on(bought, leaving(account, failed, former))
    account.on(failed, steps(account, account.sequence()))
    account.on(former, steps(account, rng.choice(WAITS), account.sequence()))
    nightly(account, [member], account.tag(), rng.randint(1, 5))
    bulk(account, member, 1, 0.03)
    script(account, 1)
    webinar(account, rng.randint(2, 5))
    loose(account)


def leaving(account: Account, failed: Obj, former: Obj) -> Listener:
    """Payments that fail, and the end of a membership, whenever."""

    def listener(life: Life, stamp: Stamp) -> Process:
        rng = account.rng
        if rng.random() < 0.3:
            yield rng.choice([30, 60, 90]) * DAY + rng.randrange(3 * HOUR)
            life.add(failed, None)
        if rng.random() < 0.4:
            yield rng.expovariate(1 / (30 * DAY))
            life.add(former, None)

    return listener


def shop(account: Account) -> None:
    """Products, each with a tag; orders write several tags at once; a rule calls everybody a customer."""
    rng = account.rng
    forms = [account.form(rng.uniform(0.5, 2)) for _ in range(rng.randint(1, 3))]
    for form in forms:
        funnel(account, form)
    customers, written, by_rule = account.tag(), rng.random() < 0.5, account.tag()
    products = [account.tag() for _ in range(rng.randint(4, 9))]
    for product in products:
        objs = (product, customers) if written else (product,)
        sold(account, rng.uniform(0.03, 0.15), *objs, order=rng.choice(["written", "mostly", "any"]))
        account.on(product, rule(account, by_rule))
        if rng.random() < 0.7:
            account.on(product, steps(account, rng.choice(WAITS), account.sequence()))
        if rng.random() < 0.3:
            account.on(product, some(account, 0.4, steps(account, rng.choice(WAITS), account.tag())))
    sold(account, 0.1, products[0], products[1], order="any")
    account.on(by_rule, steps(account, account.sequence(), account.tag()))
    account.on(by_rule, steps(account, 14 * DAY, account.tag()))
    cart(account, products[0])
    account.outside.append(migrated(account))
    nightly(account, products, account.tag(), rng.randint(1, 5))
    launch = account.tag()
    bulk(account, launch, rng.choice([1, 3, 6]), rng.uniform(0.03, 0.15))
    account.on(launch, steps(account, account.sequence()))
    account.on(products[-1], site(account, account.tag(), 20, 140))
    loose(account)


def cart(account: Account, product: Obj) -> None:
    """A tag for a cart that was left, taken off when somebody buys after all."""
    rng, left = account.rng, account.tag()
    account.on(left, unless(product, steps(account, HOUR, account.sequence())))

    def bought(life: Life, stamp: Stamp) -> Process:
        life.drop(left)
        yield 0

    def act(lives: list[Life]) -> None:
        for life in lives:
            if rng.random() < 0.15:
                second = max(account.moment(), life.arrival + rng.lognormvariate(9, 1.5))
                life.gets(second, left)
                if rng.random() < 0.3:
                    life.gets(second + rng.lognormvariate(8, 1), product)

    account.on(product, bought)
    account.outside.append(act)


def migrated(account: Account) -> Callable[[list[Life]], None]:
    """The old shop's customers, imported on one day: a few seconds, hundreds of people."""
    old, start = account.tag(), START + DAY

    def act(lives: list[Life]) -> None:
        for place, life in enumerate(account.rng.sample(lives, len(lives) // 6)):
            life.gets(start + place // 150, old)

    return act
