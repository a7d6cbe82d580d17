"""What creators sell: digital products, memberships with a site, evergreen funnels with deadlines, webinars, launches."""

from __future__ import annotations

import numpy as np

from tests.evidence.creators.account import Account
from tests.evidence.creators.engine import DAY, FAR, HOUR, MINUTE, WEEK, Flow, Ints, Mails


def _delivered(a: Account, bought: Flow, site: bool) -> None:
    """Behind a purchase, side by side: the site's access within seconds, the welcome, the upsell a month later."""
    rng, kit = a.rng, a.kit
    style = rng.random()
    if site:
        access = a.tag()
        a.outside(bought, 0).written(access)
        if rng.random() < 0.3:
            a.started(kit.on(access)).put(a.sequence())
    if style < 0.5:
        done = a.started(bought).wait(float(rng.choice([5, 5, 10, 30])) * MINUTE)
        done = a.lessons(done, a.mails(1, 5))
    else:
        done = a.started(bought).through(a.sequence(), a.mails(1, 5))
    if a.likes(0.6):
        done = done.put(a.tag())
    if a.likes(0.4):
        a.started(bought).wait(float(rng.choice([7, 14, 30])) * DAY).put(a.sequence())
    if len(a.products) > 2 and a.likes(0.5):
        _, rest = a.pause(done).split(a.products[0])
        rest.through(a.sequence(), a.mails(2, 4))


def product(a: Account) -> None:
    """A digital product: sold by Kit Commerce or a shop, some with a bump; refunds take the access away."""
    rng, kit = a.rng, a.kit
    tag, shop = a.tag(), rng.random() < 0.6
    who, at = a.newcomers()
    others, then = a.crowd(rng.uniform(0.02, 0.1))
    who, at = np.r_[who, others], np.r_[at, then] + 30
    extras: tuple[int, ...] = (a.customer,) if shop and rng.random() < 0.6 else ()
    if shop and a.likes(0.4):
        lot = rng.random(len(who)) < rng.uniform(0.2, 0.5)
        bump = a.tag()
        kit.act(bump, who[lot], at[lot] + rng.integers(0, 2, lot.sum()))
        a.started(kit.on(bump)).through(a.sequence(), a.mails(1, 3))
    if shop and a.likes(0.4):  # the basket left behind: the shop gives it, and takes it at the purchase
        basket = a.tag()
        early = at - rng.integers(120, 3000, len(at))
        kit.act(basket, who, early, at)
        tried, when = a.crowd(rng.uniform(0.02, 0.06))
        kit.act(basket, tried, when, np.where(rng.random(len(when)) < 0.5, when + 5 * DAY, FAR))
        reminded = a.started(kit.on(basket)).wait(float(rng.choice([1, 2, 24])) * HOUR)
        still, _ = reminded.split(basket)
        still.through(a.sequence(), a.mails(1, 3))
    if not shop:  # Kit Commerce: the purchase is the entry, the automation gives the tag; a form beside it now and then
        if rng.random() < 0.4:
            kit.act(a.form(), who, at)
        at = at + kit.lag(at)
    bought = a.buyers(tag, who, at, extras)
    back = bought.part(rng.uniform(0.01, 0.08))
    if shop and len(back):
        refund = kit.act(a.tag(), back.who, kit.human(back.at + rng.integers(1, 25, len(back)) * DAY) + 1800)
        refund.drop(tag)
        if rng.random() < 0.6:
            refund.through(a.sequence(), Mails((0,), a.hour))
    _delivered(a, bought, rng.random() < 0.5)


def membership(a: Account) -> None:
    """Monthly payments: failed ones come and go, cancelling takes the access; the site reacts to tags."""
    rng, kit = a.rng, a.kit
    member, failed, left, access = a.tag(), a.tag(), a.tag(), a.tag()
    who, at = a.newcomers()
    others, then = a.crowd(rng.uniform(0.04, 0.12))
    bought = a.buyers(member, np.r_[who, others], np.r_[at, then], (a.customer,) if rng.random() < 0.5 else ())
    a.outside(bought, 0).written(access)
    a.started(bought).wait(5 * MINUTE).through(a.sequence(), a.mails(3, 7)).put(a.tag())
    stay = rng.geometric(rng.uniform(0.06, 0.15), len(bought))
    for month in range(1, 14):
        due = (stay >= month) & (rng.random(len(bought)) < 0.07)
        when = bought.at[due] + month * 30 * DAY + rng.integers(0, 300, due.sum())
        paid = when + rng.choice([1, 3, 5, 7], size=len(when)) * DAY + rng.integers(0, 600, len(when))
        kit.act(failed, bought.who[due], when, paid)
    a.started(kit.on(failed)).through(a.sequence(), Mails((0, 2, 3), a.hour))
    ends = kit.human(bought.at + stay * 30 * DAY - rng.integers(0, 9, len(stay)) * DAY)
    gone = ends < kit.now
    cancelled = kit.act(left, bought.who[gone], ends[gone])
    a.started(kit.on(left)).through(a.sequence(), a.mails(1, 3)).put(a.tag())
    if rng.random() < 0.6:
        a.outside(cancelled, 0).drop(access)
    if rng.random() < 0.5:
        cancelled.drop(member)


def evergreen(a: Account) -> None:
    """A lead's tag starts a pitch with a deadline of the person's own; who has not bought when it ends gets a smaller offer."""
    rng, kit = a.rng, a.kit
    offer, cheap, over = a.tag(), a.tag(), a.tag()
    entries = rng.choice(a.starts, size=min(len(a.starts), int(rng.integers(1, 4))), replace=False).tolist() if a.starts else [a.letter]
    on, off = a.period()
    clock = a.tag() if rng.random() < 0.6 else None
    gate = a.tag() if rng.random() < 0.6 else None
    start: Flow | None = None
    for entry in entries:
        flow = a.pause(kit.on(entry).between(on, off))
        start = flow if start is None else start + flow
    assert start is not None
    if gate is not None:
        start.put(gate)
        start = kit.on(gate)
    if clock is not None:  # the deadline service hears of the entry and starts its clock
        a.outside(start, 0).written(clock)
    pitch = start.put(a.sequence())
    end = kit.sent(pitch, Mails((0, 1, 1, 2, 1, 1), a.hour))
    length = np.maximum(end.at - pitch.at, 600)
    buys = rng.random(len(pitch)) < np.minimum(rng.uniform(0.02, 0.08) * a.warm[pitch.who], 0.6)
    share = np.where(rng.random(len(pitch)) < 0.5, 0.98, rng.random(len(pitch)))  # half of them at the last hour
    at = kit.human(pitch.at + (share * length).astype(np.int64))
    buys &= at > pitch.at + 300
    bought = a.buyers(offer, pitch.who[buys], at[buys], (a.customer,) if rng.random() < 0.5 else ())
    _delivered(a, bought, rng.random() < 0.6)
    _, rest = end.split(offer)
    rest = rest.put(over) if rng.random() < 0.7 else rest
    down = a.pause(rest).put(a.sequence())
    few = rng.random(len(down)) < 0.05
    _delivered(a, a.buyers(cheap, down.who[few], kit.human(down.at[few] + 2 * DAY)), False)
    kit.sent(down, a.mails(2, 3)).put(a.letter)


def webinar(a: Account) -> None:
    """Registration by form, a connector or the platform; dates; attended or missed, both written when it is over."""
    rng, kit = a.rng, a.kit
    form, registered, came, missed = a.form(), a.tag(), a.tag(), a.tag()
    dates = np.sort(rng.integers(kit.start + 60 * DAY, kit.now + 10 * DAY, int(rng.integers(1, 5))))
    dates = dates // DAY * DAY + int(rng.choice([15, 17, 18, 20])) * HOUR
    who, at = a.newcomers()
    sets: list[tuple[Ints, Ints]] = [(who, at)]
    for date in dates.tolist():
        sets.append(a.crowd(rng.uniform(0.1, 0.3), date - 9 * DAY, date - 600))
    who, at = np.concatenate([one for one, _ in sets]), np.concatenate([two for _, two in sets])
    kit.act(form, who, at)
    if rng.random() < 0.6:
        a.outside(kit.on(form)).written(registered)
    else:
        kit.on(form).put(registered)
    a.started(kit.on(registered)).put(a.sequence())
    flow = kit.on(registered)
    next_one = np.searchsorted(dates, flow.at)
    has = (next_one < len(dates)) & (flow.at > dates[np.minimum(next_one, len(dates) - 1)] - 30 * DAY)
    end = dates[np.minimum(next_one, len(dates) - 1)] + 75 * MINUTE
    show = rng.random(len(flow)) < rng.uniform(0.25, 0.5)
    for tag, mask in ((came, has & show), (missed, has & ~show)):
        kit.act(tag, flow.who[mask], end[mask] + rng.integers(0, 240, mask.sum()))
    a.starts.append(registered)
    pitch, replay = a.sequence(), a.sequence()
    seen = a.started(kit.on(came)).through(pitch, a.mails(3, 5))
    again = a.pause(a.started(kit.on(missed)), DAY).through(replay, Mails((0, 1, 1), a.hour))
    if rng.random() < 0.5:
        again.put(pitch)
    seen.put(a.letter)


def launch(a: Account) -> None:
    """A waiting list, doors open by a bulk action, a sequence, doors close by another; buyers are left out of what comes next."""
    rng, kit = a.rng, a.kit
    form, waits, bulk, bought = a.form(), a.tag(), a.tag(), a.tag()
    opens = int(rng.integers(kit.start + 100 * DAY, kit.now - 3 * DAY)) // DAY * DAY + int(a.hour + 5) * HOUR + int(rng.integers(0, 1500))
    who, at = a.newcomers()
    others, then = a.crowd(rng.uniform(0.08, 0.3), opens - 60 * DAY, opens)
    kit.act(form, np.r_[who, others], np.r_[at, then])
    start = a.confirmed(form).put(waits)
    if rng.random() < 0.7:
        start.through(a.sequence(), a.mails(1, 3))
    listed = kit.on(waits)
    first = listed.who[listed.at < opens]
    everybody = rng.random() < 0.5
    told = np.union1d(first, a.present(opens, 0.5)) if everybody else np.unique(first)
    kit.act(bulk, told, opens + np.arange(len(told)) // int(rng.choice([30, 400, 10**6])))
    campaign = kit.on(bulk)
    if a.products and rng.random() < 0.6:
        _, campaign = campaign.split(int(rng.choice(a.products)))
    campaign = campaign.put(a.sequence())
    days = int(rng.choice([4, 5, 7, 10]))
    close = opens + days * DAY
    buys = rng.random(len(campaign)) < np.minimum(rng.uniform(0.03, 0.1) * a.warm[campaign.who], 0.7)
    part = rng.choice([0.05, 0.5, 0.95], size=len(campaign), p=[0.35, 0.2, 0.45])
    when = kit.human(opens + (np.clip(part + rng.normal(0, 0.08, len(campaign)), 0.01, 1) * days * DAY).astype(np.int64))
    buys &= when > campaign.at + 120
    plan = a.tag() if rng.random() < 0.5 else None
    if plan is not None:
        lot = buys & (rng.random(len(buys)) < 0.4)
        kit.act(plan, campaign.who[lot], when[lot] + 1)
    flow = a.buyers(bought, campaign.who[buys], when[buys], (a.customer,) if rng.random() < 0.6 else ())
    _delivered(a, flow, rng.random() < 0.7)
    closed = a.tag()
    rest = told[~kit.held(bought, told, np.full(len(told), close))]
    kit.act(closed, rest, close + 8 * HOUR)
    if rng.random() < 0.6:
        a.pause(kit.on(closed), WEEK).through(a.sequence(), a.mails(1, 3))
    if rng.random() < 0.4:  # tidied up afterwards
        late = np.full(len(told), close + 20 * DAY)
        kit.remove(bulk, told, late)
