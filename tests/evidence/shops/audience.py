"""How people come to a shop, and what is done with all of them: forms, quizzes, webinars, launches, clean-ups, and human noise."""

from __future__ import annotations

import numpy as np

from tests.evidence.shops.engine import DAY, HOUR, MINUTE, Flow
from tests.evidence.shops.parts import Shop, popular, zapier
from tests.evidence.shops.truth import NEVER, Ints


def leads(shop: Shop, count: int) -> None:
    """Forms by popularity; people fill in one when they come, some a second one at once, others weeks later."""
    account, rng = shop.account, shop.account.rng
    doubly = rng.random()
    shop.forms = [account.form(account.chance(doubly)) for _ in range(count)]
    person = np.flatnonzero(shop.origin == 0)
    first = rng.choice(count, len(person), p=popular(count, float(rng.uniform(0.6, 1.6))))
    entries = [(person, first, account.joined[person])]
    again = np.flatnonzero(account.some(account.people, 0.06))
    second = account.joined[again] + account.spread(35, 0.9, len(again)) + 8
    entries.append((again, rng.integers(0, count, len(again)), second))
    for _ in range(2):
        later = np.flatnonzero(account.some(account.people, float(rng.uniform(0.03, 0.15))))
        second = account.by_day(account.joined[later] + account.days(1, 300, len(later)))
        entries.append((later, rng.integers(0, count, len(later)), second))
    newsletter = account.tag()
    for number, form in enumerate(shop.forms):
        for people, which, second in entries:
            mine = (which == number) & (second < account.now) & (second >= account.joined[people])
            account.write(form, people[mine], second[mine])
        _lead(shop, form, newsletter)
    imported = np.flatnonzero(shop.origin == 2)
    if len(imported):
        old = account.tag()
        account.write(old, imported, account.joined[imported] + np.arange(len(imported)) // 150)
        account.write(newsletter, imported[::2], account.joined[imported[::2]] + np.arange(len(imported[::2])) // 75)
    flow = account.enter(newsletter, **shop.sometimes())
    if account.chance(0.7):
        flow.run(shop.mails(2, 6)).put(account.tag())


def _lead(shop: Shop, form: int, newsletter: int) -> None:
    """What a form starts: a tag, its delivery, a series, an offer to those who have not bought; or only the newsletter's tag."""
    account, rng = shop.account, shop.account.rng
    when = shop.sometimes()
    flow = account.enter(form, **when)
    shape = rng.random()
    if shape < 0.2:
        flow.put(newsletter)
        return
    if shape < 0.35:  # the form's own sequence, besides a tag of its own
        account.enter(form).put(account.tag())
        flow = flow.run(shop.mails(2, 6))
    elif shape < 0.55:  # a rule gives the tag, the automation starts on it
        tag = account.tag()
        flow.put(tag)
        flow = account.enter(tag, **shop.sometimes()).run(shop.mails(2, 6))
    else:
        flow = flow.put(account.tag())
        if account.chance(0.3):
            wait, then = shop.change(3, 60)
            flow = flow.wait(wait * MINUTE, then=(then[0], then[1] * MINUTE))
        if account.chance(0.3):
            clicks(shop, flow)
        flow = flow.run(shop.mails(0, 5))
    if account.chance(0.5):
        account.enter(form, **shop.sometimes()).put(newsletter)
    elif account.chance(0.5):
        flow.put(newsletter)
    if shop.products and account.chance(0.6):
        _offer(shop, flow)
    elif account.chance(0.5):
        flow.put(account.tag())


def _offer(shop: Shop, flow: Flow) -> None:
    """Some days later the offer. A purchase leads out of it at once (an event of the automation), or is asked for at its end."""
    account, rng = shop.account, shop.account.rng
    product = shop.products[int(rng.integers(0, min(3, len(shop.products))))]
    wait, then = shop.change(1, 7)
    flow = flow.wait(wait * DAY, then=(then[0], then[1] * DAY)).has(product.tag, yes=False)
    begun = np.full(account.people, NEVER)
    begun[flow.person] = flow.second
    event = account.chance(0.45)
    if event:
        flow.limit = np.minimum(flow.limit, np.where(product.bought > begun, product.bought, NEVER))
    marked = account.tag() if account.chance(0.6) else -1
    if marked >= 0:
        flow = flow.put(marked)
    flow = flow.run(shop.mails(3, 6, 2))
    if marked >= 0 and account.chance(0.4):
        flow = flow.drop(marked)
    over = np.full(account.people, NEVER)
    over[flow.person] = flow.second
    if event:  # who buys while he is inside jumps to the event
        pulled = account.enter(product.tag)
        pulled = pulled.keep((begun[pulled.person] < pulled.second) & (pulled.second < over[pulled.person]))
        pulled.put(account.tag())
    if account.chance(0.6):
        flow.has(product.tag, yes=False).put(account.tag())


def quiz(shop: Shop) -> None:
    """An outside quiz writes the type, then that it is finished; the automation splits by type."""
    account, rng = shop.account, shop.account.rng
    kinds = [account.tag() for _ in range(int(rng.integers(2, 5)))]
    done = account.tag()
    person = np.flatnonzero(account.some(account.people, float(rng.uniform(0.05, 0.4))))
    soon, later = account.spread(150, 0.6, len(person)), account.days(1, 150, len(person))
    second = account.joined[person] + np.where(account.some(len(person), 0.4), soon, later)
    second = np.where(second > account.joined[person] + DAY, account.by_day(second), second)
    which = rng.choice(len(kinds), len(person), p=popular(len(kinds), 0.7))
    before = rng.integers(0, 5, len(person)) if account.chance(0.5) else np.zeros(len(person), dtype=np.int64)
    for number, kind in enumerate(kinds):
        account.write(kind, person[which == number], second[which == number])
    account.write(done, person, second + before)
    wait = int(rng.choice([0, 5, 10, 60])) * MINUTE
    flow = account.enter(done, **shop.sometimes()).wait(wait)
    for kind in kinds:
        series = shop.mails(1, 4)
        if not before.any():
            account.unclear.add((kind, series))
        branch = flow.has(kind).run(series)
        if account.chance(0.4):
            branch.put(account.tag())


def webinar(shop: Shop, opened: int) -> None:
    """Registration by form or tag, mails at once, attendance at the date by the webinar's provider, the replay for the others."""
    account, rng = shop.account, shop.account.rng
    form, registered, came, missed = account.form(), account.tag(), account.tag(), account.tag()
    midnight = account.clock.local(np.array([opened])) // DAY * DAY
    date = int(account.clock.utc(midnight + int(rng.choice([11, 13, 19])) * HOUR)[0])
    wants = account.some(account.people, float(rng.uniform(0.06, 0.3)))
    person = np.flatnonzero((account.joined < date - HOUR) & wants & (account.left > date))
    second = account.by_day(date - account.days(0, 9, len(person)))
    hurried = (second < account.joined[person] + 40) | (second > date - 60)
    second = np.where(hurried, date - account.spread(2 * HOUR, 1.0, len(person)), second)
    keep = second > account.joined[person]
    person, second = person[keep], second[keep]
    account.write(form, person, second)
    account.enter(form).put(registered).put(shop.mails(0, 1))
    there = account.some(len(person), float(rng.uniform(0.25, 0.5)))
    account.write(came, person[there], date + (rng.exponential(240, int(there.sum()))).astype(np.int64))
    account.write(missed, person[~there], date + 2 * HOUR + rng.integers(0, 90, int((~there).sum())))
    account.enter(missed, **shop.sometimes()).wait(int(rng.choice([0, HOUR, DAY]))).run(shop.mails(0, 2, 2)).put(account.tag())
    if account.chance(0.6):
        account.enter(came).wait(HOUR).run(shop.mails(1, 3, 2))


def launch(shop: Shop, opened: int, tag: int) -> None:
    """Everybody on the list gets the launch's tag by hand, all at once or page by page."""
    account, rng = shop.account, shop.account.rng
    at = opened - int(rng.integers(2, 8)) * DAY
    person = np.flatnonzero((account.joined < at) & (account.left > at) & account.some(account.people, float(rng.uniform(0.15, 0.95))))
    if len(person) < 5:
        return
    rng.shuffle(person)
    pace = float(rng.choice([60.0, 250.0, 10**6]))
    account.write(tag, person, at + (np.arange(len(person)) / pace).astype(np.int64))


def launches(shop: Shop) -> None:
    """The launches of the years: one automation used again, or a new one each time; a waiting list; the cart's end."""
    account, rng = shop.account, shop.account.rng
    same = account.chance(0.4)
    tag, series = account.tag(), shop.mails(3, 6, 2)
    for opened in shop.launches:
        if not same:
            tag, series = account.tag(), shop.mails(3, 6, 2)
        launch(shop, opened, tag)
        if not same:
            _sell(shop, tag, series)
        if account.chance(0.5):
            webinar(shop, opened)
        if account.chance(0.4):
            waiting = account.form(account.chance(0.5))
            person = np.flatnonzero((account.joined < opened) & account.some(account.people, float(rng.uniform(0.02, 0.12))))
            second = account.by_day(opened - account.days(1, 60, len(person)))
            keep = second > account.joined[person]
            account.write(waiting, person[keep], second[keep])
            account.enter(waiting).put(account.tag()).run(shop.mails(0, 1))
    if same:
        _sell(shop, tag, series)


def _sell(shop: Shop, tag: int, series: int) -> None:
    account = shop.account
    flow = account.enter(tag)
    if shop.products and account.chance(0.6):
        flow = flow.has(shop.products[0].tag, yes=False)
    flow = flow.run(series)
    if account.chance(0.5):
        flow.put(account.tag())


def clean_up(shop: Shop) -> None:
    """Cold people are tagged in bulk a few times a year, asked once more, and marked for deletion unless they click."""
    account, rng = shop.account, shop.account.rng
    cold, stays, delete = account.tag(), account.tag(), account.tag()
    alive = rng.random(account.people)
    clicked: list[tuple[Ints, Ints]] = []
    for at in sorted(rng.uniform(0.3, 0.99, int(rng.integers(1, 7))) * shop.span):
        second = shop.begin + int(at)
        person = np.flatnonzero((account.joined < second - 90 * DAY) & (account.left > second) & (alive < rng.uniform(0.05, 0.2)))
        account.write(cold, person, np.full(len(person), second) + np.arange(len(person)) // int(rng.choice([40, 10**6])))
        click = person[account.some(len(person), 0.12)]
        clicked.append((click, second + account.spread(14 * HOUR, 1.2, len(click))))
    for click, at in clicked:
        account.write(stays, click, at)
        account.remove(cold, click, at + 1)
    flow = account.enter(cold).wait(int(rng.choice([0, 5, 60])) * MINUTE).run(shop.mails(1, 3))
    flow.wait(int(rng.choice([1, 3, 7])) * DAY).has(stays, yes=False).put(delete)


def carts(shop: Shop) -> None:
    """Left carts: the shop tags them an hour later, and takes the tag away with the order."""
    account, rng = shop.account, shop.account.rng
    tag, mails = account.tag(), account.sequence(*((23, 24) if account.chance(0.5) else (20,)), hourly=True, repeat=account.chance(0.4))
    saved = account.tag()
    for _ in range(3):
        person = np.flatnonzero(account.some(account.people, 0.05))
        second = account.by_day(account.joined[person] + account.days(0.1, 300, len(person)))
        account.write(tag, person, second)
        bought = account.some(len(person), 0.35)
        person, second = person[bought], second[bought] + account.spread(20 * HOUR, 1.0, int(bought.sum()))
        account.remove(tag, person, second)
        account.write(saved, person, second)
    account.enter(tag, **shop.sometimes()).wait(int(rng.choice([0, 5, 60])) * MINUTE).run(mails).has(tag).put(account.tag())


def noise(shop: Shop) -> None:
    """Clicks in newsletters and scanners, a job every night, a script that runs twice, tags by hand, an unused object or two."""
    account, rng = shop.account, shop.account.rng
    for _ in range(shop.number(1, 8)):
        tag = account.tag()
        sent = shop.begin + int(rng.uniform(0.1, 0.98) * shop.span)
        for _ in range(int(rng.choice([1, 1, 4]))):
            clicked = account.some(account.people, float(rng.uniform(0.02, 0.25) ** 1.4))
            person = np.flatnonzero((account.joined < sent) & (account.left > sent) & clicked)
            account.write(tag, person, sent + account.spread(3 * HOUR, 1.5, len(person)))
            sent += int(rng.integers(5, 60)) * DAY
        if account.chance(0.4):
            wait, then = shop.change(0, 3)
            account.enter(tag, **shop.sometimes()).wait(wait * DAY, then=(then[0], then[1] * DAY)).run(shop.mails(0, 4))
    if account.chance(0.5):
        tag = account.tag()
        person = np.flatnonzero(account.some(account.people, 0.6))
        night = account.clock.local(account.joined[person]) // DAY + 1 + rng.integers(0, 2, len(person))
        account.write(tag, person, account.clock.utc(night * DAY + 2 * HOUR + rng.integers(0, 600, len(person))))
    if account.chance(0.3):
        person = np.sort(rng.choice(account.people, 60, replace=False))
        at = shop.begin + int(0.9 * shop.span)
        for hours in (0, int(rng.integers(1, 30))):
            account.write(account.tag(), person, at + hours * HOUR + np.arange(60) // 8)
    for _ in range(shop.number(0, 5)):
        person = rng.choice(account.people, int(rng.integers(2, 60)), replace=False)
        account.write(account.tag(), person, account.by_day(account.joined[person] + account.days(1, 400, len(person))))


def clicks(shop: Shop, flow: Flow) -> None:
    """People of a sequence click a link in its first e-mail, some of them at once, being scanners."""
    account, rng = shop.account, shop.account.rng
    tag = account.tag()
    click = account.some(len(flow.person), float(rng.uniform(0.05, 0.3)))
    scanned = account.some(int(click.sum()), 0.2)
    wait = np.where(scanned, rng.integers(6, 25, len(scanned)), account.spread(3 * HOUR, 1.6, len(scanned)))
    account.write(tag, flow.person[click], flow.second[click] + wait)


def reports(shop: Shop) -> None:
    """Zapier copies the newest buyers into sheets and communities, and confirms with a tag."""
    account = shop.account
    for product in shop.products:
        if account.chance(0.35):
            account.outside(product.tag, zapier(account), **shop.sometimes()).put(account.tag())
