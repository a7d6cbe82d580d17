"""Simulated accounts of membership sites and shops, written from documents alone.

``membership``: AccessAlly or WP Fusion behind a cart, subscriptions, drips. ``shop``: many products, bundles, customer and
category tags, left carts. ``academy``: courses sold in launches, progress written by the school's platform. ``circle``: a
paid letter with trials and churn.
"""

from __future__ import annotations

import numpy as np

from tests.evidence.shops.audience import carts, clean_up, launches, leads, noise, quiz, reports
from tests.evidence.shops.engine import DAY, HOUR, Account
from tests.evidence.shops.parts import Product, Shop, found, release, ring_up, rules, stock, subscription, upsell
from tests.evidence.shops.truth import NEVER
from tests.evidence.truth import World

KINDS: tuple[str, ...] = ("membership", "shop", "academy", "circle")
SMALL, MEDIUM = (800, 2_500), (4_000, 9_000)
"""People, at least and at most."""


def simulate(profile: str, seed: int, people: tuple[int, int] = SMALL) -> World:
    """One account; the same for the same arguments."""
    build = {"membership": _membership, "shop": _shop, "academy": _academy, "circle": _circle}[profile]
    shop = build(seed * 4 + KINDS.index(profile), people)
    return shop.account.world(f"{profile} {seed}")


def _customer(account: Account, *shares: float) -> str:
    return str(account.rng.choice(["rule", "shop", "automation", "none"], p=shares))


def _membership(seed: int, people: tuple[int, int]) -> Shop:
    shop = found(seed, people, 0.25)
    account, rng = shop.account, shop.account.rng
    stock(shop, shop.number(1, 6), 0.3)
    customer = _customer(account, 0.5, 0.2, 0.1, 0.2)
    kinds = ring_up(shop, customer, 0.3)
    for product in shop.products[: int(rng.integers(1, 3))]:
        subscription(shop, product, float(rng.uniform(0.02, 0.08)))
    _audience(shop, shop.number(1, 9), 0.35, 0.4)
    rules(shop, customer, kinds)
    stack = "accessally" if account.chance(0.6) else "fusion"
    update = account.tag() if account.chance(0.7) else -1
    for product in shop.products:
        own = stack if account.chance(0.85) else "plain"
        release(shop, product, own, update, shop.number(2, 8) if account.chance(0.5 * shop.scale) else 0)
    _afterwards(shop, 0.5)
    for product in shop.products:
        if product.access >= 0 and account.chance(0.5):
            _inside(shop, product)
    return shop


def _shop(seed: int, people: tuple[int, int]) -> Shop:
    shop = found(seed, people, 0.6)
    account, rng = shop.account, shop.account.rng
    stock(shop, shop.number(3, 20), 0.1)
    customer = _customer(account, 0.45, 0.3, 0.15, 0.1)
    kinds = ring_up(shop, customer, 0.7, int(rng.integers(0, 5)))
    if account.chance(0.3):
        subscription(shop, shop.products[int(rng.integers(0, 3))], 0.06)
    if account.chance(0.8):
        carts(shop)
    _loyal(shop)
    _audience(shop, shop.number(1, 7), 0.3, 0.2)
    rules(shop, customer, kinds)
    for product in shop.products:
        if account.chance(0.7):
            stack = "fusion" if account.chance(0.15) else "platform" if account.chance(0.15) else "plain"
            release(shop, product, stack, -1, 0)
        if account.chance(0.35):  # a review is asked for, after delivery
            wait, then = shop.change(7, 30)
            flow = account.enter(product.tag, until=product.refunded, **shop.sometimes())
            flow.wait(wait * DAY, then=(then[0], then[1] * DAY)).put(account.tag()).run(shop.mails(0, 1))
    _afterwards(shop, 0.35)
    return shop


def _academy(seed: int, people: tuple[int, int]) -> Shop:
    shop = found(seed, people, 0.12)
    account = shop.account
    stock(shop, shop.number(1, 6), 0.7)
    customer = _customer(account, 0.4, 0.3, 0.2, 0.1)
    kinds = ring_up(shop, customer, 0.5)
    if account.chance(0.5):  # a payment plan
        subscription(shop, shop.products[0], 0.01)
    launches(shop)
    _audience(shop, shop.number(2, 11), 0.5, 0.0)
    rules(shop, customer, kinds)
    for product in shop.products:
        stack = "platform" if account.chance(0.6) else "fusion" if account.chance(0.4) else "plain"
        release(shop, product, stack, -1, shop.number(3, 7) if account.chance(0.5 * shop.scale) else 0)
        if account.chance(0.6):
            _progress(shop, product)
    _afterwards(shop, 0.5)
    return shop


def _circle(seed: int, people: tuple[int, int]) -> Shop:
    shop = found(seed, people, 0.15)
    account, rng = shop.account, shop.account.rng
    stock(shop, shop.number(1, 3), 0.2)
    _trial(shop, shop.products[0])
    customer = _customer(account, 0.3, 0.1, 0.2, 0.4)
    kinds = ring_up(shop, customer, 0.2)
    for product in shop.products[:2]:
        subscription(shop, product, float(rng.uniform(0.03, 0.1)))
    _audience(shop, shop.number(2, 11), 0.3, 0.25)
    rules(shop, customer, kinds)
    for product in shop.products:
        release(shop, product, "platform" if account.chance(0.7) else "plain", -1, 0)
        if product.access >= 0 and account.chance(0.7):
            _inside(shop, product)
    _afterwards(shop, 0.4)
    return shop


def _audience(shop: Shop, forms: int, quizzed: float, launched: float) -> None:
    leads(shop, forms)
    if shop.account.chance(quizzed):
        quiz(shop)
    if shop.account.chance(launched):
        launches(shop)


def _afterwards(shop: Shop, share: float) -> None:
    account, rng = shop.account, shop.account.rng
    for number, product in enumerate(shop.products):
        if len(shop.products) > 1 and account.chance(share):
            upsell(shop, product, shop.products[(number + 1 + int(rng.integers(0, len(shop.products) - 1))) % len(shop.products)])
    reports(shop)
    if account.chance(0.6):
        clean_up(shop)
    noise(shop)


def _inside(shop: Shop, product: Product) -> None:
    """What starts with the access the site has given: the community's tag, tips for new members, a question after some weeks."""
    account = shop.account
    flow = account.enter(product.access, **shop.sometimes())
    if account.chance(0.6):
        flow.put(account.tag())
    flow = flow.wait(int(account.rng.choice([5 * 60, HOUR, DAY, 2 * DAY]))).run(shop.mails(2, 6))
    if account.chance(0.5):
        flow.wait(14 * DAY).put(account.tag()).put(shop.mails(0, 0))


def _loyal(shop: Shop) -> None:
    """The shop's own tag from the second order on, and one more from the fourth: given with that order, not by its product."""
    account = shop.account
    orders = np.sort(np.stack([product.bought for product in shop.products]), axis=0)
    orders[1:][orders[1:] == orders[:-1]] = np.int64(NEVER)
    orders = np.sort(orders, axis=0)
    for place in (1, 3):
        if len(orders) > place and account.chance(0.5):
            tag = account.tag()
            person = np.flatnonzero(orders[place] < account.now)
            account.write(tag, person, orders[place][person] + account.rng.integers(0, 2, len(person)))
            account.twins.update((product.tag, tag) for product in shop.products)
            if account.chance(0.6):
                account.enter(tag).run(shop.mails(0, 2)).put(account.tag())


def _progress(shop: Shop, product: Product) -> None:
    """The platform's tags for what people have done; the last one starts the certificate's mail and the wish for a word."""
    account, rng = shop.account, shop.account.rng
    person = np.flatnonzero(product.bought < account.now)
    second = product.bought[person]
    for _ in range(int(rng.integers(1, 5))):
        goes = account.some(len(person), 0.7)
        person, second = person[goes], second[goes] + account.spread(8 * DAY, 1.2, int(goes.sum()))
        day = account.by_day(second)
        second = np.where(day > second, day, second)
        tag = account.tag()
        account.write(tag, person, second)
    flow = account.enter(tag, **shop.sometimes()).wait(int(rng.choice([0, 5, 60])) * 60).run(shop.mails(0, 1))
    if account.chance(0.5):
        flow.wait(7 * DAY).put(account.tag())


def _trial(shop: Shop, product: Product) -> None:
    """Two weeks on trial, then the card is charged: the payment's own clock writes the buyer's tag."""
    account, rng = shop.account, shop.account.rng
    tag, length = account.tag(), int(rng.choice([7, 14]))
    trying = account.some(account.people, 0.12) & (product.bought > account.now)
    begun = account.by_day(account.joined + account.spread(5 * DAY, 1.5, account.people))
    trying &= (begun < account.now) & (begun > account.joined)
    person = np.flatnonzero(trying)
    account.write(tag, person, begun[person])
    stays = person[account.some(len(person), 0.55)]
    paid = begun[stays] + length * DAY + rng.integers(30, 4000, len(stays))
    stays, paid = stays[paid < account.now], paid[paid < account.now]
    product.bought[stays] = paid
    account.unclear.add((tag, product.tag))
    flow = account.enter(tag, **shop.sometimes()).run(shop.mails(2, 3, 2))
    flow.wait(length * DAY).has(product.tag, yes=False).put(account.tag()).put(shop.mails(1, 3))
