"""What accounts of shops and membership sites are made of: people, orders, releases of what was bought, subscriptions, refunds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.evidence.shops.engine import DAY, HOUR, MINUTE, Account, Clock, Flow
from tests.evidence.shops.truth import NEVER, Ints

ZONES = ("America/New_York", "America/Chicago", "America/Los_Angeles", "Europe/Berlin", "Europe/London", "Australia/Sydney")
NOW = 1_790_000_000


@dataclass
class Product:
    """Something sold. ``bought`` and ``refunded``: seconds per person, ``NEVER`` for most."""

    tag: int
    bought: Ints
    refunded: Ints
    lost: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))  # when a subscription ended for good
    access: int = -1
    done: Flow | None = field(default=None)


@dataclass
class Shop:
    """An account with what its parts share."""

    account: Account
    origin: Ints  # 0 form, 1 bought something, 2 import
    begin: int
    span: int
    launches: list[int]
    products: list[Product] = field(default_factory=list)
    scale: float = 1.0  # how much has been built
    customer: int = -1
    grouped: bool = False
    forms: list[int] = field(default_factory=list)

    def sometimes(self) -> dict[str, Any]:
        """Most automations have always been on; some came later than their trigger, a few were switched off."""
        rng = self.account.rng
        kind = rng.random()
        late = self.begin + int(self.span * rng.uniform(0.1, 0.5))
        early = self.begin + int(self.span * rng.uniform(0.5, 0.9))
        return {"start": late} if kind < 0.2 else {"stop": early} if kind < 0.27 else {}

    def number(self, low: int, high: int) -> int:
        """How many of something there are, between two bounds; fewer in accounts of little ambition."""
        return low + round(float(self.account.rng.uniform(0, high - low)) * self.scale)

    def change(self, low: int, high: int) -> tuple[int, tuple[float, float]]:
        """A delay between two bounds; now and then it was changed half way."""
        rng = self.account.rng
        first, second = (int(one) for one in rng.integers(low, high + 1, 2))
        at = self.begin + int(self.span * rng.uniform(0.3, 0.8)) if rng.random() < 0.15 else NEVER
        return first, (at, second)

    def mails(self, low: int, high: int, gap: int = 4) -> int:
        """A sequence of some e-mails: at once, and then days apart."""
        account = self.account
        rng = account.rng
        count = int(rng.integers(low, high + 1))
        days = tuple(int(one) for one in rng.integers(1, gap + 1, count))
        hourly = account.chance(0.12)
        weekdays = (0, 1, 2, 3, 4) if account.chance(0.25) else (1, 3) if account.chance(0.06) else (0, 1, 2, 3, 4, 5, 6)
        longer = (NEVER, 0)
        if count and account.chance(0.15):
            longer = (self.begin + int(self.span * rng.uniform(0.4, 0.8)), int(rng.integers(1, 5)))
        hour = int(rng.choice([6, 7, 8, 9, 10, 11, 15, 18], p=[0.1, 0.15, 0.2, 0.2, 0.15, 0.1, 0.05, 0.05]))
        mails = tuple(day * 24 for day in days) if hourly else days
        return account.sequence(*mails, hourly=hourly, hour=hour, weekdays=weekdays, longer=longer)


def found(seed: int, people: tuple[int, int], buyers: float) -> Shop:
    """The people of an account, and when they came."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(people[0], people[1] + 1))
    now = NOW + int(rng.integers(0, 300 * DAY))
    span = int(rng.integers(450, 1500)) * DAY
    begin = now - span
    clock = Clock(str(rng.choice(ZONES)), begin - DAY, now)
    launches = sorted(begin + int(one) for one in rng.uniform(0.1, 0.97, int(rng.integers(1, 6))) * span)
    joined = begin + (rng.random(count) ** rng.uniform(0.55, 1.0) * span).astype(np.int64)
    late = rng.random(count) < rng.uniform(0.1, 0.4)
    peak = np.array(launches)[rng.integers(0, len(launches), count)] - rng.integers(0, 15 * DAY, count)
    joined = np.clip(np.where(late, peak, joined), begin, now - HOUR)
    left = np.where(rng.random(count) < rng.uniform(0.06, 0.18), joined + (rng.exponential(200, count) * DAY).astype(np.int64), NEVER)
    starts = np.sort(rng.integers(begin, now, int(rng.integers(10, 60))))
    busy = np.stack([starts, starts + rng.integers(5 * MINUTE, 3 * HOUR, len(starts))], axis=1)
    account = Account(rng, clock, now, count, joined, left, float(rng.uniform(0.1, 0.6)), float(rng.choice([0.05, 0.15, 0.4, 1.0])), busy)
    account.joined = np.minimum(account.by_day(joined), now - 60)
    imported = rng.uniform(0.05, 0.35) if rng.random() < 0.4 else 0.0
    draw = rng.random(count)
    origin = np.where(draw < imported, 2, np.where(draw < imported + buyers * (1 - imported), 1, 0))
    account.confirmed[:] = np.where(origin == 0, NEVER, 0)
    moved = begin + int(rng.integers(0, span // 3))
    account.joined = np.where(origin == 2, moved, account.joined)
    account.left = np.where(left < NEVER, np.maximum(left, account.joined + HOUR), NEVER)
    scale = float(rng.choice([0.15, 0.5, 0.8, 1.0]))
    return Shop(account, origin, begin, span, launches[: max(1, round(len(launches) * scale))], scale=scale)


def stock(shop: Shop, count: int, launched: float) -> None:
    """Products, who buys them, and when: out of the blue, after the e-mails, in launches, on top of an earlier one, or in one order."""
    account, rng = shop.account, shop.account.rng
    steep = float(rng.uniform(0.4, 1.7))
    appetite = min(1.2, float(rng.lognormal(-0.6, 0.6)))
    first = rng.choice(count, account.people, p=popular(count, steep))
    liking = rng.beta(1.2, 3.0, account.people)
    for number in range(count):
        share = appetite * rng.uniform(0.5, 1.6) * (number + 1.0) ** -steep
        takes = rng.random(account.people) < np.minimum(share * liking, 0.8)
        late = _in_launch(shop) if account.chance(launched) else account.joined + account.spread(9 * DAY, 1.4, account.people)
        if number and account.chance(0.4):  # on top of another
            base = shop.products[int(rng.integers(0, number))].bought
            after = base + account.spread(float(rng.choice([5, 20, 45])) * DAY, 0.8, account.people)
            late = np.where(base < NEVER, after, NEVER)
            takes = (base < NEVER) & account.some(account.people, float(rng.uniform(0.05, 0.4)))
        late = np.where(late < account.now, account.by_day(np.minimum(late, account.now)), NEVER)
        bought = np.where(takes, late, NEVER)
        bought = np.where((first == number) & (shop.origin == 1), account.joined, bought)
        if number and account.chance(0.35):  # order bump
            base = shop.products[int(rng.integers(0, number))].bought
            bump = (base < NEVER) & account.some(account.people, float(rng.uniform(0.1, 0.45)))
            bought = np.where(bump, base, bought)
        bought = np.where((bought < account.now) & (bought >= account.joined), bought, NEVER)
        back = account.some(account.people, float(rng.uniform(0.01, 0.09))) & (bought < NEVER)
        later = account.by_day(np.minimum(bought, account.now) + account.days(1.5, 30, account.people))
        shop.products.append(Product(account.tag(), bought, np.where(back & (later < account.now), later, NEVER)))


def _in_launch(shop: Shop) -> Ints:
    """One of the launches, on its first day or its last ones, for those who were there."""
    account, rng = shop.account, shop.account.rng
    opened = np.array(shop.launches)[rng.integers(0, len(shop.launches), account.people)]
    first, last = rng.integers(0, DAY, account.people), rng.integers(3 * DAY, 5 * DAY, account.people)
    return np.where(opened > account.joined, opened + np.where(account.some(account.people, 0.6), first, last), NEVER)


def popular(count: int, steep: float) -> npt.NDArray[np.float64]:
    weight = (np.arange(count) + 1.0) ** -steep
    return np.asarray(weight / weight.sum())


def ring_up(shop: Shop, customer: str, bundle: float, groups: int = 0) -> list[int]:
    """The shop writes its tags, several in one go. Returns the group tags, for rules of Kit where the shop does not write them."""
    account, rng = shop.account, shop.account.rng
    shop.customer = account.tag() if customer != "none" else -1
    checkout = account.form() if account.chance(0.3) else -1
    drops = account.chance(0.4)
    common = account.tag()
    kinds = [account.tag() for _ in range(groups)]
    grouped = account.chance(0.5)
    for number, product in enumerate(shop.products):
        person = np.flatnonzero(product.bought < NEVER)
        things = [product.tag]
        if customer == "shop":
            things.insert(int(rng.integers(0, 2)), shop.customer)
        things += [checkout] if checkout >= 0 else []
        things += [kinds[number % groups]] if groups and grouped else []
        account.order(person, product.bought[person], *things)
        back = np.flatnonzero(product.refunded < NEVER)
        account.write(common, back, product.refunded[back])
        if drops:
            account.remove(product.tag, back, product.refunded[back] + rng.integers(0, 3, len(back)))
    if len(shop.products) > 2 and account.chance(bundle):
        _bundle(shop, customer == "shop")
    if account.chance(0.6):
        account.enter(common).wait(int(rng.choice([0, HOUR, DAY]))).put(shop.mails(0, 1))
    shop.grouped = grouped
    return kinds


def rules(shop: Shop, customer: str, kinds: list[int]) -> None:
    """What the shop leaves out, rules of Kit or one automation add: several products lead to one tag."""
    account, rng = shop.account, shop.account.rng
    if customer == "rule":
        for product in shop.products:
            account.enter(product.tag, **shop.sometimes()).put(shop.customer)
    elif customer == "automation":
        account.enter(*(product.tag for product in shop.products)).put(shop.customer)
    for number, product in enumerate(shop.products if kinds and not shop.grouped else []):
        account.enter(product.tag).put(kinds[number % len(kinds)])
    for kind in kinds:
        if account.chance(0.4):
            account.enter(kind, **shop.sometimes()).wait(int(rng.choice([0, 1, 3])) * DAY).run(shop.mails(1, 4)).put(account.tag())
    if shop.customer >= 0 and account.chance(0.6):
        flow = account.enter(shop.customer, **shop.sometimes()).wait(int(rng.choice([0, HOUR, DAY])))
        flow.run(shop.mails(1, 5)).put(account.tag())
    if shop.customer >= 0 and account.chance(0.5):
        account.outside(shop.customer, zapier(account)).put(account.tag())


def _bundle(shop: Shop, by_shop: bool) -> None:
    """One product more that contains others: the shop gives all tags, or rules of Kit do."""
    account, rng = shop.account, shop.account.rng
    tag = account.tag()
    parts = [int(one) for one in rng.choice(len(shop.products), int(rng.integers(2, min(5, len(shop.products)) + 1)), replace=False)]
    person = np.flatnonzero(account.some(account.people, float(rng.uniform(0.02, 0.12))))
    second = account.by_day(account.joined[person] + account.spread(20 * DAY, 1.2, len(person)))
    keep = (second < account.now) & (second > account.joined[person])
    person, second = person[keep], second[keep]
    if by_shop:
        account.order(person, second, tag, *(shop.products[part].tag for part in parts))
        return
    account.write(tag, person, second)
    for part in parts:
        flow = account.enter(tag)
        flow.put(shop.products[part].tag)
        product = shop.products[part]
        product.bought[flow.person] = np.minimum(product.bought[flow.person], flow.second)


def release(shop: Shop, product: Product, stack: str, update: int, modules: int) -> Flow:
    """What happens after a purchase: access, five minutes, the login, the drip."""
    account, rng = shop.account, shop.account.rng
    product.access = account.tag() if stack in ("accessally", "fusion", "platform") else -1
    when = shop.sometimes()
    if product.access >= 0:  # friends and testers, by hand
        person = rng.choice(account.people, int(rng.integers(0, 9)), replace=False)
        account.write(product.access, person, account.by_day(account.joined[person] + account.days(1, 300, len(person))))
    flow = account.enter(product.tag, until=np.minimum(product.refunded, product.lost) if len(product.lost) else product.refunded, **when)
    if stack == "accessally":
        hook = account.tag()
        flow = flow.put(hook)
        answer = account.spread(6, 0.5, len(flow.person)) + 1
        cleaned = account.some(len(flow.person), float(rng.choice([0.88, 0.96, 0.99])))
        account.remove(hook, flow.person[cleaned], flow.second[cleaned] + answer[cleaned] + rng.integers(1, 9, int(cleaned.sum())))
        flow = flow.wait(5 * MINUTE).run(shop.mails(0, 0)).drop(hook)
        account.outside(hook, _answers(account)).put(product.access)
    elif stack == "fusion":
        account.outside(product.tag, _answers(account)).put(product.access)
        flow = flow.wait(int(rng.choice([5, 5, 5, 10, 15])) * MINUTE).run(shop.mails(0, 2))
    elif stack == "platform":
        account.outside(product.tag, zapier(account)).put(product.access)
        flow = flow.run(shop.mails(0, 3))
    elif len(shop.products) > 1 and account.chance(0.3):  # who has been here before gets another welcome
        other = shop.products[int(rng.integers(0, len(shop.products)))]
        known = flow.has(other.tag, yes=other is not product)
        flow = flow.keep(~np.isin(flow.person, known.person))
        known.wait(5 * MINUTE).run(shop.mails(0, 1)).put(account.tag())
        flow = flow.wait(5 * MINUTE).run(shop.mails(1, 4))
    else:
        flow = flow.wait(int(rng.choice([0, 0, 5, 60])) * MINUTE).run(shop.mails(0, 4))
    if modules:
        flow = drip(shop, flow, modules, update)
    elif account.chance(0.5):
        flow = flow.put(account.tag())
    back = np.flatnonzero(product.refunded < NEVER)
    if product.access >= 0 and account.chance(0.6):
        account.remove(product.access, back, product.refunded[back] + rng.integers(3, 40, len(back)))
    if product.access >= 0 and len(product.lost):
        out = np.flatnonzero(product.lost < account.now)
        account.remove(product.access, out, product.lost[out] + rng.integers(3, 40, len(out)))
    product.done = flow
    return flow


def _answers(account: Account) -> Callable[[Ints], Ints]:
    """A membership site that is called at once; now and then it fails and is called again later."""
    median = float(account.rng.choice([3, 5, 8]))

    def lag(second: Ints) -> Ints:
        late = np.where(account.some(len(second), 0.012), account.rng.integers(60, 1800, len(second)), 0)
        return account.spread(median, 0.5, len(second)) + 1 + late

    return lag


def zapier(account: Account) -> Callable[[Ints], Ints]:
    """Zapier or Make: instantly, or when it looks the next time."""
    poll = int(account.rng.choice([0, 0, 2, 15])) * MINUTE
    phase = int(account.rng.integers(0, 900))

    def lag(second: Ints) -> Ints:
        wait = account.spread(5, 0.6, len(second)) + 1
        return wait + ((phase - second) % poll if poll else 0)

    return lag


def drip(shop: Shop, flow: Flow, modules: int, update: int) -> Flow:
    """Module after module: a delay, the tag, the call to the site, the e-mail."""
    account, rng = shop.account, shop.account.rng
    days = int(rng.choice([3, 7, 7, 7, 14, 30]))
    mailed = account.chance(0.6)
    for _ in range(modules):
        flow = flow.wait(days * DAY).put(account.tag())
        if update >= 0:
            flow = flow.put(update)
            here = account.some(len(flow.person), 0.95)
            account.remove(update, flow.person[here], flow.second[here] + rng.integers(3, 25, int(here.sum())))
        if mailed:
            flow = flow.run(shop.mails(0, 0))
    return flow


def upsell(shop: Shop, product: Product, other: Product) -> None:
    """Behind the release: who has not got the next product is offered it."""
    account = shop.account
    if product.done is None or not len(product.done.person):
        return
    flow = product.done.wait(int(account.rng.choice([1, 3, 7, 14, 30])) * DAY)
    if account.chance(0.7):
        flow = flow.has(other.tag, yes=False)
    flow = flow.put(account.tag()).run(shop.mails(1, 4))
    if account.chance(0.5):
        flow.has(other.tag, yes=False).put(account.tag())


def subscription(shop: Shop, product: Product, monthly_loss: float) -> None:
    """Renewals that fail, are saved, or end: tags that come and go."""
    account, rng = shop.account, shop.account.rng
    failed, saved, ended = account.tag(), account.tag(), account.tag()
    takes_away, keeps_saved = account.chance(0.7), account.chance(0.5)
    patience, wander = int(rng.choice([10, 14, 21])) * DAY, 1 if account.chance(0.4) else 2 * DAY  # fixed, or the provider's own tries
    person = np.flatnonzero((product.bought < NEVER) & (product.refunded == NEVER))
    due, lost = product.bought[person].copy(), np.full(account.people, NEVER)
    for _ in range(40):
        due = due + 30 * DAY + rng.integers(0, 120, len(due))
        inside = due < account.now
        person, due = person[inside], due[inside]
        draw = rng.random(len(person))
        fails, quits = draw < 0.05, (draw >= 0.05) & (draw < 0.05 + monthly_loss)
        account.write(failed, person[fails], due[fails])
        mended = rng.random(int(fails.sum())) < 0.65
        good, at = person[fails][mended], due[fails][mended] + account.days(0.2, 9, int(mended.sum()))
        account.remove(failed, good, at + rng.integers(0, 3, len(good)))
        if keeps_saved:
            account.write(saved, good[at < account.now], at[at < account.now])
        bad, over = person[fails][~mended], due[fails][~mended] + patience + rng.integers(0, wander, int((~mended).sum()))
        out = np.concatenate([bad, person[quits]])
        end = np.concatenate([over, due[quits] - account.days(0, 20, int(quits.sum()))])
        account.write(ended, out, end)
        account.remove(failed, bad, over + 1)
        lost[out] = end
        if takes_away:
            account.remove(product.tag, out, end + rng.integers(0, 2, len(out)))
        stays = ~np.isin(person, out)
        person, due = person[stays], due[stays]
        if not len(person):
            break
    _after_loss(shop, product, failed, ended, lost)


def _after_loss(shop: Shop, product: Product, failed: int, ended: int, lost: Ints) -> None:
    """Some come back; dunning, revoking, a survey, an invitation back."""
    account, rng = shop.account, shop.account.rng
    gone = np.flatnonzero(lost < account.now)
    back = gone[account.some(len(gone), float(rng.uniform(0.03, 0.15)))]
    again = account.by_day(lost[back] + account.days(10, 200, len(back)))
    back, again = back[again < account.now], again[again < account.now]
    account.remove(ended, back, again)
    account.write(product.tag, back, again + 1)
    product.lost = lost.copy()
    product.lost[back] = NEVER
    dunning = account.enter(failed, **shop.sometimes()).wait(int(rng.choice([0, 5 * MINUTE, HOUR, DAY])))
    series = account.sequence(2, 3, repeat=account.chance(0.5), hour=int(rng.integers(7, 12)))
    account.unclear.update(((failed, ended), (series, ended)))  # the provider's clock ends both
    dunning = dunning.run(series)
    dunning.has(failed).put(account.tag())
    revoked = account.tag()
    account.enter(ended).put(revoked)
    account.remove(revoked, back, again + rng.integers(4, 30, len(back)))
    delay, then = shop.change(1, 4)
    flow = account.enter(ended).wait(delay * DAY, then=(then[0], then[1] * DAY)).run(shop.mails(0, 1))
    if account.chance(0.6):
        flow.wait(30 * DAY).has(ended).put(account.tag()).run(shop.mails(1, 3))
    if account.chance(0.4):
        account.outside(revoked, _answers(account)).put(account.tag())
