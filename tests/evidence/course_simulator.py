"""Accounts of people who sell courses, as the AccessAlly guide, Kit's help pages and the plugins' manuals describe them.

Written from these documents alone, in a manner of its own (whole columns of people at once, see ``course_sheet``), and left alone since:
``python -m tests.evidence.judge courses`` measures on it. The confidence is fitted on it, too.
"""

from __future__ import annotations

import numpy as np

from tests.evidence.course_sheet import DAY, HOUR, MINUTE, WEEK, Array, Run, Sheet
from tests.evidence.truth import World

SMALL, MEDIUM = (1_500, 3_500), (12_000, 20_000)
KINDS = ("academy", "club", "coach", "store")
DELAYS = (5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 4 * HOUR, DAY, 2 * DAY, 5 * DAY, WEEK)


def simulate(kind: str, seed: int, size: tuple[int, int] = SMALL) -> World:
    """One account; the same for the same arguments."""
    sheet = filled(kind, seed, size)
    return sheet.world(f"{kind} {seed}: {sheet.pace}, {sheet.size} people, {sheet.zone}")


def filled(kind: str, seed: int, size: tuple[int, int] = SMALL) -> Sheet:
    """The sheet behind an account."""
    place = KINDS.index(kind)
    rng = np.random.default_rng([seed, place, *size])
    sheet = Sheet([seed, place, *size, 1], int(rng.integers(*size)))
    forms = leads(sheet, int(rng.integers(2, 6)))
    {"academy": academy, "club": club, "coach": coach, "store": store}[kind](sheet, forms)
    disorder(sheet, forms)
    return sheet


# -- what every account has --------------------------------------------------------------------------------------------------------------


def leads(sheet: Sheet, count: int) -> list[int]:
    """Forms, mostly with a mail that asks for confirmation; people come by one, and some by others later. Some were imported."""
    rng, forms = sheet.rng, [sheet.form() for _ in range(count)]
    weight = rng.dirichlet(np.full(count, 1.5))
    imported = rng.random(sheet.size) < rng.choice([0.0, 0.1, 0.4])
    pick, everybody = rng.choice(count, sheet.size, p=weight), np.arange(sheet.size)
    news = sheet.tag()
    if imported.any():
        old, days = sheet.tag(), rng.integers(0, sheet.days // 2, 2)
        crowd = np.flatnonzero(imported)
        sheet.came[crowd] = sheet.begin + rng.choice(days, len(crowd)) * DAY + 14 * HOUR + np.arange(len(crowd)) // 40
        sheet.give(old, crowd, sheet.came[crowd])
    confirm = rng.random(count) < 0.7
    for place, form in enumerate(forms):
        new = everybody[(pick == place) & ~imported]
        sheet.give(form, new, sheet.came[new])
        back = everybody[(rng.random(sheet.size) < 0.12) & (pick != place)]
        sheet.give(form, back, sheet.came[back] + rng.exponential(40 * DAY, len(back)).astype(np.int64) + HOUR)
        entry = sheet.starts(form)
        if confirm[place]:
            first = entry.when - sheet.came[entry.who] < HOUR
            wait = rng.lognormal(np.log(rng.uniform(50, 200)), rng.uniform(1.0, 1.7), len(first)) + 5
            entry = entry.late(np.where(first, wait, 0)).part(~first | (rng.random(len(first)) < rng.uniform(0.75, 0.95)))
        tag = sheet.tag()
        run = entry.adds(tag)
        if rng.random() < 0.4:
            entry.late(rng.integers(0, 5, len(entry.who))).adds(news)
        if rng.random() < 0.25:
            run = run.waits(int(rng.choice(DELAYS)))
        nurture = sheet.sequence()
        run = run.mails(nurture)
        if rng.random() < 0.5:
            run = run.adds(sheet.tag())
        if rng.random() < 0.35:
            run.waits(int(rng.choice(DELAYS))).mails(sheet.sequence())
        if rng.random() < 0.35:
            clicked(sheet, nurture)
    sheet.starts(news).mails(sheet.sequence())
    return forms


def clicked(sheet: Sheet, sequence: int) -> int:
    """A link in a mail tags; sometimes that starts something."""
    rng, tag, run = sheet.rng, sheet.tag(), sheet.starts(sequence)
    robots, readers = run.some(rng.uniform(0.02, 0.1)), run.some(rng.uniform(0.05, 0.3))
    sheet.give(tag, robots.who, robots.when + rng.integers(3, 40, len(robots.who)))
    sheet.give(tag, readers.who, readers.when + rng.lognormal(9.5, 1.8, len(readers.who)).astype(np.int64) + 20)
    if rng.random() < 0.5:
        sheet.starts(tag).mails(sheet.sequence())
    return tag


def disorder(sheet: Sheet, forms: list[int]) -> None:
    """What has no cause in Kit: clean-ups, broadcasts, a job every night or every hour, tags by hand, a script."""
    rng, everybody = sheet.rng, np.arange(sheet.size)
    for _ in range(int(rng.integers(1, 5))):
        tag, sent = sheet.tag(), sheet.begin + int(rng.uniform(0.1, 0.95) * sheet.days * DAY)
        who = everybody[(sheet.came < sent) & (rng.random(sheet.size) < rng.uniform(0.02, 0.2))]
        sheet.give(tag, who, sent + rng.lognormal(9, 1.6, len(who)).astype(np.int64))
    for _ in range(int(rng.integers(1, 5))):
        tag, who = sheet.tag(), everybody[rng.random(sheet.size) < rng.uniform(0.01, 0.1)]
        sheet.give(tag, who, sheet.awake(sheet.came[who] + rng.exponential(50 * DAY, len(who)).astype(np.int64)) + HOUR)
    job, source = sheet.tag(), sheet.starts(int(rng.choice(forms)))
    hour = int(rng.integers(0, 6))
    if rng.random() < 0.6:
        sheet.give(job, source.who, sheet.at_hour(source.when, hour) + rng.integers(0, 900, len(source.who)))
    else:
        sheet.give(job, source.who, -(-source.when // HOUR) * HOUR + 7 * MINUTE + rng.integers(0, 60, len(source.who)))
    cold = sheet.tag()
    for _ in range(int(rng.integers(1, 7))):
        day = sheet.begin + int(rng.uniform(0.2, 0.97) * sheet.days) * DAY + int(rng.integers(8, 20)) * HOUR
        who = everybody[(sheet.came < day - 30 * DAY) & (rng.random(sheet.size) < rng.uniform(0.01, 0.06))]
        sheet.give(cold, who, day + np.arange(len(who)) // 200)
    run = sheet.starts(cold)
    run = Run(sheet, run.who, run.when + np.arange(len(run.who)) % 97 // 4, run.path)
    if rng.random() < 0.7:
        run = run.mails(sheet.sequence([(0, "days"), (4, "days")]))
        run.some(0.8).adds(sheet.tag())
    if rng.random() < 0.5:
        one, two = sheet.tag(), sheet.tag()
        who = rng.choice(sheet.size, int(rng.integers(40, 150)), replace=False)
        when = sheet.now - int(rng.integers(5, 200)) * DAY + np.arange(len(who)) // 3
        sheet.give(one, who, when)
        sheet.give(two, who, when + int(rng.choice([20, 90, 1200])))


def buyers(sheet: Sheet, share: float) -> tuple[Array, Array]:
    """Who buys, and when: half of them in the days after they came, the others at any time."""
    rng = sheet.rng
    who = np.flatnonzero(rng.random(sheet.size) < share)
    soon = rng.random(len(who)) < 0.5
    after = np.where(soon, rng.lognormal(10.5, 1.6, len(who)), rng.random(len(who)) * np.maximum(sheet.now - sheet.came[who], DAY))
    return who, sheet.awake(sheet.came[who] + after.astype(np.int64)) + rng.integers(HOUR, 2 * HOUR, len(who))


def order(sheet: Sheet, who: Array, when: Array, tags: list[int], mixed: float) -> None:
    """A checkout writes tags one after the other, each call in a fraction of a second; some orders the other way round."""
    rng = sheet.rng
    place = np.tile(np.arange(len(tags)), (len(who), 1))
    turned = rng.random(len(who)) < mixed
    place[turned] = place[turned][:, ::-1]
    base, call = rng.random(len(who)), rng.uniform(0.1, 0.5)
    for number, tag in enumerate(tags):
        sheet.give(tag, who, when + (base + place[:, number] * call).astype(np.int64))


def hears(run: Run, tag: int, low: float, high: float) -> None:
    """The site is told and writes a tag in turn."""
    run.late(run.sheet.rng.uniform(low, high, len(run.who))).adds(tag, by_site=True)


# -- four kinds of business --------------------------------------------------------------------------------------------------------------


def academy(sheet: Sheet, forms: list[int]) -> None:
    """Courses sold one by one, released module by module as in the guide."""
    rng = sheet.rng
    student, revoke_all = sheet.tag(), sheet.tag()
    by_checkout = rng.random() < 0.5
    hooks, login, releases = [], sheet.tag(), []
    for _ in range(int(rng.integers(2, 6))):
        bought, access, revoked = sheet.tag(), sheet.tag(), sheet.tag()
        who, when = buyers(sheet, rng.uniform(0.04, 0.2))
        order(sheet, who, when, [bought, student] if by_checkout else [bought], rng.choice([0, 0.1]))
        refunds = rng.random(len(who)) < rng.uniform(0.03, 0.12)
        sheet.give(revoked, who[refunds], when[refunds] + rng.exponential(12 * DAY, int(refunds.sum())).astype(np.int64) + HOUR)
        if not by_checkout:
            sheet.starts(bought).adds(student)
        hook = sheet.tag() if rng.random() < 0.6 else login
        hooks.append((hook, rng.uniform(0.75, 1.0)))
        run = sheet.starts(bought).adds(hook)
        hears(run, access, *rng.choice([(2, 12), (3, 20), (1, 5)]))
        run = run.waits(int(rng.choice([5, 5, 10, 15])) * MINUTE).mails(sheet.sequence())
        if rng.random() < 0.7:
            releases.append((run, revoked))
        if rng.random() < 0.4:
            sheet.starts(bought).some(0.6).waits(int(rng.choice([7, 14, 30])) * DAY).mails(sheet.sequence())
    for welcomed, revoked in releases:
        run, update = welcomed, sheet.tag()
        for _ in range(int(rng.integers(1, 6))):
            module = sheet.tag()
            run = run.waits(int(rng.choice([1, 7, 7, 14])) * DAY).unless(revoked).adds(module).adds(update)
            run = run.mails(sheet.sequence([(0, "days")])) if rng.random() < 0.5 else run
        hooks.append((update, 0.97))
        sheet.starts(revoked).adds(revoke_all)
    sheet.starts(revoke_all).mails(sheet.sequence())
    sheet.starts(student).waits(int(rng.choice(DELAYS))).mails(sheet.sequence())
    for hook, taken in dict(hooks).items():
        held = np.flatnonzero(sheet.read(hook).first)
        sheet.take(hook, held[rng.random(len(held)) < taken])
    fees(sheet, student)


def fees(sheet: Sheet, of: int) -> None:
    """A payment plan: a payment fails, is asked for, and mostly arrives: the tag comes and goes."""
    rng, failed, gone, run = sheet.rng, sheet.tag(), sheet.tag(), sheet.starts(of)
    late = run.some(rng.uniform(0.1, 0.3))
    sheet.give(failed, late.who, late.when + rng.integers(1, 4, len(late.who)) * 30 * DAY + rng.integers(0, 6 * HOUR, len(late.who)))
    run = sheet.starts(failed).waits(int(rng.choice([5 * MINUTE, HOUR, DAY]))).mails(sheet.sequence())
    run.some(0.35).adds(gone)
    sheet.starts(gone).mails(sheet.sequence([(0, "days")]))
    held = np.flatnonzero(sheet.read(failed).first)
    sheet.take(failed, held[rng.random(len(held)) < rng.uniform(0.3, 0.8)])


def club(sheet: Sheet, forms: list[int]) -> None:
    """Levels of a membership; checkout and plugin both write; content by the month; pauses, upgrades, live calls."""
    rng, member = sheet.rng, sheet.tag()
    levels = [sheet.tag() for _ in range(int(rng.integers(2, 5)))]
    for level in levels:
        who, when = buyers(sheet, rng.uniform(0.05, 0.2))
        sheet.give(level, who, when)
    for level in levels:
        run, access = sheet.starts(level), sheet.tag()
        sheet.starts(level).adds(member)
        match rng.integers(3):
            case 0:
                hears(run, access, 2, 12)
            case 1:
                hears(run, access, 20, 140)
            case _:
                sheet.give(access, run.who, -(-run.when // HOUR) * HOUR + rng.integers(0, 90, len(run.who)))
        welcome = sheet.starts(level).waits(int(rng.choice([5, 5, 10])) * MINUTE).mails(sheet.sequence())
        if rng.random() < 0.6:
            welcome.adds(sheet.tag())
        if rng.random() < 0.6:
            content = sheet.starts(level)
            for _ in range(int(rng.integers(2, 7))):
                content = content.waits(int(rng.choice([WEEK, 30 * DAY]))).some(0.85).adds(sheet.tag())
        if rng.random() < 0.4:
            held = np.flatnonzero(sheet.read(level).first)
            sheet.take(level, held[rng.random(len(held)) < 0.25])
    calls(sheet, member)
    fees(sheet, member)
    left, run = sheet.tag(), sheet.starts(member).some(0.35)
    sheet.give(left, run.who, run.when + rng.exponential(100 * DAY, len(run.who)).astype(np.int64))
    sheet.starts(left).waits(int(rng.choice(DELAYS))).mails(sheet.sequence())


def calls(sheet: Sheet, of: int) -> None:
    """Live calls on some dates: people sign up in the week before, and those who come are tagged when it begins."""
    rng, signed, came, form = sheet.rng, sheet.tag(), sheet.tag(), sheet.form()
    pool, dates = sheet.starts(of), int(rng.integers(2, 7))
    for number in range(dates):
        date = sheet.begin + int((number + rng.uniform(0.3, 0.9)) * sheet.days / dates) * DAY + int(rng.integers(15, 21)) * HOUR
        run = pool.part(pool.when < date - DAY).some(rng.uniform(0.1, 0.4))
        sheet.give(form, run.who, date - (rng.beta(1, 2, len(run.who)) * 6 * DAY).astype(np.int64) - 600)
        there = run.some(0.5)
        sheet.give(came, there.who, date + rng.exponential(240, len(there.who)).astype(np.int64))
    run = sheet.starts(form).adds(signed)
    run.mails(sheet.sequence())
    sheet.starts(came).waits(int(rng.choice([HOUR, 4 * HOUR, DAY]))).mails(sheet.sequence())


def coach(sheet: Sheet, forms: list[int]) -> None:
    """A quiz, a webinar, a small offer after the form, an application with a call that is booked elsewhere."""
    rng = sheet.rng
    done, kinds = sheet.tag(), [sheet.tag() for _ in range(int(rng.integers(3, 6)))]
    who, when = buyers(sheet, rng.uniform(0.2, 0.5))
    answer = rng.choice(len(kinds), len(who), p=rng.dirichlet(np.full(len(kinds), 4)))
    sheet.give(done, who, when)
    finished, wait = sheet.starts(done), int(rng.choice([0, 0, 5 * MINUTE, HOUR]))
    kind = np.full(sheet.size, -1)
    kind[who] = answer
    for number, tag in enumerate(kinds):
        sheet.give(tag, who[answer == number], when[answer == number] - rng.integers(0, 5, int((answer == number).sum())))
        run = finished.part(kind[finished.who] == number)
        (run.waits(wait) if wait else run).mails(sheet.sequence())
    offer(sheet, int(rng.choice(forms)))
    calls(sheet, int(forms[0]))
    applied, booked = sheet.form(), sheet.tag()
    who, when = buyers(sheet, 0.1)
    sheet.give(applied, who, when)
    run = sheet.starts(applied).adds(sheet.tag())
    some = run.some(0.6)
    sheet.give(booked, some.who, some.when + rng.lognormal(np.log(400), 0.7, len(some.who)).astype(np.int64))
    sheet.starts(booked).mails(sheet.sequence())
    zap = sheet.tag()
    hears(sheet.starts(applied), zap, *rng.choice([(60, 900), (15, 130)]))


def offer(sheet: Sheet, form: int) -> None:
    """Right after the form a cheap product is shown; who takes it has a quarter of an hour. Whoever does not gets reminders."""
    rng, bought, run = sheet.rng, sheet.tag(), sheet.starts(form)
    some = run.some(rng.uniform(0.05, 0.2))
    sheet.give(bought, some.who, some.when + rng.lognormal(np.log(200), 0.6, len(some.who)).astype(np.int64) + 20)
    others = buyers(sheet, 0.02)
    sheet.give(bought, *others)
    sheet.starts(bought).adds(sheet.tag()).mails(sheet.sequence())
    run.waits(HOUR).unless(bought).mails(sheet.sequence())


def store(sheet: Sheet, forms: list[int]) -> None:
    """Many products; an order writes their tags and one for all customers; reviews are asked for, carts reminded of."""
    rng, customer = sheet.rng, sheet.tag()
    products = [sheet.tag() for _ in range(int(rng.integers(4, 11)))]
    by_shop, ordered = rng.random() < 0.4, sheet.tag() if rng.random() < 0.5 else None
    mixed = float(rng.choice([0.0, 0.1, 0.5]))
    for place, product in enumerate(products):
        who, when = buyers(sheet, rng.uniform(0.02, 0.12))
        also = products[(place + 1) % len(products)]
        second = rng.random(len(who)) < rng.choice([0.0, 0.2])
        tail = ([customer] if by_shop else []) + ([ordered] if ordered is not None else [])
        order(sheet, who[~second], when[~second], [product, *tail], mixed)
        order(sheet, who[second], when[second], [product, also, *tail], mixed)
    for product in products:
        if not by_shop:
            sheet.starts(product).adds(customer)
        if rng.random() < 0.6:
            sheet.starts(product).waits(int(rng.choice(DELAYS))).mails(sheet.sequence())
        if rng.random() < 0.4:
            sheet.starts(product).some(rng.uniform(0.3, 0.7)).waits(int(rng.choice([14, 21])) * DAY).adds(sheet.tag())
    run = sheet.starts(customer).mails(sheet.sequence())
    run.waits(int(rng.choice([30, 60])) * DAY).some(0.5).adds(sheet.tag())
    carts(sheet, products[0])
    vip, regular = sheet.tag(), sheet.starts(customer).some(0.1)
    sheet.give(vip, regular.who, sheet.at_hour(regular.when + 20 * DAY, 3) + rng.integers(0, 300, len(regular.who)))
    launch = sheet.tag()
    for _ in range(int(rng.choice([1, 2, 5]))):
        moment = sheet.begin + int(rng.uniform(0.3, 0.95) * sheet.days * DAY)
        who = np.flatnonzero((sheet.came < moment) & (rng.random(sheet.size) < rng.uniform(0.03, 0.15)))
        sheet.give(launch, who, np.full(len(who), moment))
    run = sheet.starts(launch)
    Run(sheet, run.who, run.when + np.arange(len(run.who)) % 300 // int(rng.choice([2, 5, 10])), run.path).mails(sheet.sequence())
    back = sheet.form()
    who, when = buyers(sheet, 0.05)
    sheet.give(back, who, when)
    sheet.starts(back).adds(sheet.tag())


def carts(sheet: Sheet, product: int) -> None:
    """A cart is left; an hour later a mail; who has bought meanwhile gets none, and the tag is taken off."""
    rng, left, run = sheet.rng, sheet.tag(), sheet.starts(product)
    begun = np.maximum(run.when - rng.lognormal(8, 1, len(run.who)).astype(np.int64), sheet.came[run.who])
    sheet.give(left, run.who, begun)
    sheet.give(left, *buyers(sheet, 0.15))
    sheet.starts(left).waits(HOUR).unless(product).mails(sheet.sequence())
    sheet.take(left, run.who)
