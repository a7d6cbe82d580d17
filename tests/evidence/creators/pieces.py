"""What creators build around their list: lead magnets, quizzes, courses by mail, challenges, surveys, referrals, clean-ups, and noise."""

from __future__ import annotations

import numpy as np

from tests.evidence.creators.account import Account
from tests.evidence.creators.engine import DAY, FAR, HOUR, MINUTE, WEEK, Flow, Ints, Mails


def magnet(a: Account) -> None:
    """A form (or several in front of one automation) → tag → delivery → nurture, with a question on the way."""
    rng = a.rng
    forms = [a.form() for _ in range(int(rng.choice([1, 2, 3], p=[0.7, 0.2, 0.1])))]
    who, at = a.newcomers()
    others, then = a.crowd(rng.uniform(0.01, 0.1))
    who, at = np.r_[who, others], np.r_[at, then]
    which = rng.choice(len(forms), size=len(who), p=rng.dirichlet(np.ones(len(forms)) * 1.5))
    lead = a.tag()
    own = a.period()
    start: Flow | None = None
    for number, form in enumerate(forms):
        a.kit.act(form, who[which == number], at[which == number])
        flow = a.confirmed(form).between(*own)
        start = flow if start is None else start + flow
    assert start is not None
    a.magnets += forms
    style = rng.random()
    if style < 0.45:  # form → tag → sequence, one automation
        done = a.lessons(start.put(lead), a.mails(1, 3))
    elif style < 0.7:  # a rule gives the tag, the tag starts the automation
        start.put(lead)
        done = a.lessons(a.started(a.kit.on(lead)), a.mails(1, 5))
    elif style < 0.85:  # the tag after a first sequence
        done = start.through(a.sequence(), a.mails(1, 2)).put(lead)
    else:
        start.put(lead)
        done = a.pause(start, DAY).through(a.sequence(), a.mails(1, 4))
    a.starts.append(lead)
    if a.likes(0.35):
        _clicks(a, lead)
    _after(a, done)


def _clicks(a: Account, lead: int) -> None:
    """A link in the first e-mail tags who clicks it: mail scanners within seconds, people within minutes or days."""
    flow = a.kit.on(lead).part(a.rng.uniform(0.05, 0.3))
    late = np.where(a.rng.random(len(flow)) < 0.3, a.rng.uniform(8, 25, len(flow)), a.rng.lognormal(8.5, 2.0, len(flow)) + 30)
    a.kit.act(a.tag(), flow.who, flow.at + late.astype(np.int64))


def _goal(a: Account, inside: Flow, mails: Mails) -> Flow:
    """An event below the sequence pulls out who gets its tag meanwhile, by a click; the rest reach the sequence's end."""
    rng, kit = a.rng, a.kit
    wants = a.tag()
    end = kit.sent(inside, mails)
    out = rng.random(len(inside)) < rng.uniform(0.05, 0.2)
    click = inside.at + (rng.random(len(inside)) * (end.at - inside.at)).astype(np.int64) + 40
    kit.act(wants, inside.who[out], click[out])
    others, at = a.crowd(0.02)  # the same link in newsletters: these people are not inside
    kit.act(wants, others, at)
    pulled = kit.on(wants)
    entered, left = np.full(kit.n, FAR), np.zeros(kit.n, dtype=np.int64)
    entered[inside.who], left[inside.who] = inside.at, end.at
    pulled.only((pulled.at >= entered[pulled.who]) & (pulled.at <= left[pulled.who])).through(a.sequence(), a.mails(2, 4))
    return end.only(~kit.held(wants, end.who, end.at))


def _after(a: Account, done: Flow) -> None:
    """Behind the delivery: nothing, a condition, a pitch, or the newsletter at last."""
    rng = a.rng
    if rng.random() < 0.3:
        done.put(a.letter)
        return
    if rng.random() < 0.5:
        done = a.pause(done, WEEK)
    if a.products and rng.random() < 0.6:
        bought, done = done.split(int(rng.choice(a.products)))
        bought.put(a.letter)
    mails = a.mails(3, 7)
    pitch = done.put(a.sequence())
    pitch = _goal(a, pitch, mails) if a.likes(0.35) else a.kit.sent(pitch, mails)
    if a.likes(0.4):
        pitch = pitch.put(a.tag())
    pitch.put(a.letter)


def quiz(a: Account) -> None:
    """The quiz service writes the form, "taken" and the result; automations branch by result."""
    rng = a.rng
    taken, results = a.tag(), [a.tag() for _ in range(int(rng.integers(3, 6)))]
    who, at = a.newcomers()
    others, then = a.crowd(rng.uniform(0.03, 0.12))
    who, at = np.r_[who, others], np.r_[at, then]
    result = rng.choice(len(results), size=len(who), p=rng.dirichlet(np.ones(len(results)) * 3))
    early = rng.random() < 0.6  # the result is written first
    step = rng.integers(0, 3, len(who))
    a.kit.act(taken, who, at + (step if early else 0))
    for number, tag in enumerate(results):
        mine = result == number
        a.kit.act(tag, who[mine], (at + (0 if early else step))[mine])
    if a.likes(0.5):
        a.kit.act(a.form(), who, at)
    a.starts.append(taken)
    if early and rng.random() < 0.65:  # one automation on "taken" that branches
        rest = a.started(a.kit.on(taken))
        rest = rest.wait(float(rng.choice([0, 2, 5, 15])) * MINUTE)
        for tag in results:
            mine, rest = rest.split(tag)
            mine.through(a.sequence(), a.mails(2, 5)).put(a.letter)
        rest.put(a.letter)
        return
    done = a.tag()
    for tag in results:  # a rule or automation per result
        flow = a.started(a.kit.on(tag)).through(a.sequence(), a.mails(2, 5))
        flow.put(done)
    _after(a, a.kit.on(done))


def course_by_mail(a: Account) -> None:
    """A form whose own sequence is a course over days; a tag at its end, a rule sends on."""
    form, end = a.form(), a.tag()
    flow = a.joined(form, 0.05)
    a.magnets.append(form)
    if a.rng.random() < 0.5:
        flow.put(a.letter)
    days = tuple([0] + [1] * int(a.rng.integers(4, 9)))
    a.started(flow).through(a.sequence(), Mails(days, a.hour, a.weekdays)).put(end)
    last = a.pause(a.kit.on(end), WEEK)
    a.started(last).through(a.sequence(), a.mails(2, 4))


def challenge(a: Account) -> None:
    """Days with a tag each: by delays, or as people click "done"; at the end the offer."""
    rng, kit = a.rng, a.kit
    form, joined, days = a.form(), a.tag(), [a.tag() for _ in range(int(rng.choice([3, 5, 5, 7])))]
    flow = a.joined(form, rng.uniform(0.08, 0.2)).put(joined)
    if rng.random() < 0.5:  # evergreen: a tag a day
        for tag in days:
            flow = flow.put(tag).wait(DAY)
        end = flow.put(a.tag())
    else:
        end = flow.through(a.sequence(), Mails((0, *([1] * len(days))), a.hour)).put(a.tag())
        start = kit.on(joined)
        on = rng.random(len(start)) < 0.7
        who, at = start.who[on], start.at[on]
        for tag in days:  # they click "I did it" in that day's mail
            at = kit.human(at + DAY)
            stay = rng.random(len(who)) < 0.8
            who, at = who[stay], at[stay]
            kit.act(tag, who, at)
        kit.on(days[-1]).put(a.tag())
    bought = [] if not a.products else [int(rng.choice(a.products))]
    _, rest = end.split(*bought)
    rest.through(a.sequence(), a.mails(3, 5)).put(a.letter)


def private_feed(a: Account) -> None:
    """A private podcast: form → tag; the host of the feed hears of the tag and writes that the feed was opened."""
    form, wants, sent = a.form(), a.tag(), a.tag()
    flow = a.joined(form, 0.06).put(wants)
    a.outside(a.kit.on(wants), 0).written(sent)
    a.started(flow).wait(float(a.rng.choice([5, 10, 60])) * MINUTE).through(a.sequence(), a.mails(2, 5)).put(a.letter)
    listened, who = a.tag(), a.kit.on(sent).who
    hear = a.rng.random(len(who)) < 0.5
    a.kit.act(listened, who[hear], a.kit.human(a.kit.on(sent).at[hear] + a.rng.integers(0, 6, hear.sum()) * DAY + 900))
    if a.rng.random() < 0.5:
        a.pause(a.kit.on(listened)).put(a.tag())


def calls(a: Account) -> None:
    """Calls are booked outside: "booked" comes and goes, "held" by hand or by the calendar; an application form before it."""
    rng, kit = a.rng, a.kit
    form, applied, booked, held = a.form(), a.tag(), a.tag(), a.tag()
    who, at = a.crowd(rng.uniform(0.04, 0.12))
    kit.act(form, who, at)
    a.outside(kit.on(form)).written(applied)
    a.started(kit.on(applied)).through(a.sequence(), a.mails(1, 3))
    go = rng.random(len(who)) < 0.7
    when = kit.human(at[go] + rng.integers(0, 4, go.sum()) * DAY) + 300
    meets = kit.human(when + rng.integers(1, 9, go.sum()) * DAY)
    kit.act(booked, who[go], when, meets + HOUR)
    again = rng.random(len(meets)) < 0.2
    kit.act(booked, who[go][again], meets[again] + 3 * DAY, meets[again] + 9 * DAY)
    a.started(kit.on(booked)).through(a.sequence(), Mails((0,), a.hour))
    came = rng.random(len(meets)) < 0.8
    kit.act(held, who[go][came], meets[came] + rng.integers(1800, 9000, came.sum()))
    a.started(kit.on(held)).wait(float(rng.choice([1, 2, 24])) * HOUR).through(a.sequence(), a.mails(2, 4))


def survey(a: Account) -> None:
    """A survey outside; the connector writes one tag an answer; rules turn answers into interests."""
    rng, kit = a.rng, a.kit
    done, answers = a.tag(), [a.tag() for _ in range(int(rng.integers(3, 7)))]
    asked = int(rng.integers(kit.start + (kit.now - kit.start) // 3, kit.now - 5 * DAY))
    who, at = a.crowd(rng.uniform(0.08, 0.25), asked, asked + rng.choice([8, 20, 2000]) * DAY)
    kit.act(done, who, at)
    for tag in answers:
        mine = rng.random(len(who)) < rng.uniform(0.1, 0.6)
        kit.act(tag, who[mine], at[mine] + rng.integers(0, 3, mine.sum()))
    a.started(kit.on(done)).put(a.sequence())
    for tag in answers[:2]:
        a.started(kit.on(tag)).put(a.tag())


def interests(a: Account) -> None:
    """Links in newsletters tag who clicks; some of these tags start something, several share one sequence."""
    rng, kit = a.rng, a.kit
    topics = [a.tag() for _ in range(int(rng.integers(2, 6)))]
    for topic in topics:
        for _ in range(int(rng.integers(1, 6))):
            mailed = int(rng.integers(kit.start + 30 * DAY, kit.now - DAY)) // DAY * DAY + int(a.hour) * HOUR
            who = a.present(mailed, rng.uniform(0.01, 0.07))
            late = np.where(rng.random(len(who)) < 0.7, rng.exponential(5 * HOUR, len(who)), rng.exponential(40 * HOUR, len(who)))
            kit.act(topic, who, mailed + 20 + late.astype(np.int64))
    shared, mails = a.sequence(), a.mails(2, 5)
    for topic in topics[: int(rng.integers(1, 4))]:
        _, rest = a.started(kit.on(topic)).split(*a.products[:1])
        rest.through(shared, mails).put(a.letter)
    if len(topics) > 3:
        a.pause(a.started(kit.on(topics[-1])), 2 * HOUR).put(a.tag())


def referral(a: Account) -> None:
    """A referral programme hears of the form and writes its tag; friends brought in lift people over milestones, which start rewards."""
    rng, kit = a.rng, a.kit
    member, steps = a.tag(), [a.tag() for _ in range(int(rng.integers(2, 5)))]
    for form in a.magnets[:2]:
        a.outside(a.confirmed(form), 0).written(member)
    flow = kit.on(member)
    share = rng.uniform(0.15, 0.35)
    who, at = flow.who, flow.at
    for tag in steps:
        more = rng.random(len(who)) < share
        who, at = who[more], kit.human(at[more] + rng.exponential(25 * DAY, more.sum()).astype(np.int64) + 3600)
        kit.act(tag, who, at)
        a.started(kit.on(tag)).through(a.sequence(), Mails((0,), a.hour)).put(a.tag())


def imports(a: Account) -> None:
    """Lists from a give-away or a summit, each at one moment; the import's tag may start a welcome."""
    rng, kit = a.rng, a.kit
    who, at = a.newcomers()
    tag, form = a.tag(), a.form() if rng.random() < 0.4 else None
    kit.act(tag, who, at)
    if form is not None:
        kit.act(form, who, at)
    if rng.random() < 0.7:
        a.started(kit.on(tag)).through(a.sequence(), a.mails(1, 4)).put(a.letter)


def hooks(a: Account) -> None:
    """A tag that calls a site: an automation gives it, the site answers with its own tag, the hook goes away soon; few are left."""
    rng = a.rng
    hook, access = a.tag(), a.tag()
    source = int(rng.choice(a.products if a.products and rng.random() < 0.7 else a.starts))
    flow = a.started(a.kit.on(source))
    gone = flow.at + int(rng.choice([20, 60, 300])) + rng.integers(0, 40, len(flow))
    stays = rng.random(len(flow)) < rng.uniform(0.0, 0.12)
    flow.put(hook, np.where(stays, FAR, np.maximum(gone, flow.at + 6)))
    answered = a.outside(a.kit.on(hook), 0).written(access)
    a.started(answered).through(a.sequence(), a.mails(1, 3))


def hubs(a: Account) -> None:
    """The tags many write: the newsletter with its welcome, and the customers."""
    rng, kit = a.rng, a.kit
    for form in a.magnets:
        if rng.random() < 0.3:
            a.started(a.confirmed(form)).put(a.letter)
    welcome = a.started(kit.on(a.letter)).through(a.sequence(), a.mails(2, 6))
    _, rest = welcome.split(*a.products[:2])
    if a.likes(0.6):
        a.pause(rest).put(a.tag())
    for product in a.products:
        if product not in a.by_shop or rng.random() < 0.1:
            kit.on(product).put(a.customer)
    thanks = a.pause(a.started(kit.on(a.customer)))
    if a.likes(0.6):
        thanks.through(a.sequence(), a.mails(2, 4)).put(a.tag())


def connectors(a: Account) -> None:
    """Sheets, groups and advertising audiences that follow some tags through an outside connector."""
    rng = a.rng
    for _ in range(1 + int(a.likes(0.5))):
        synced, known = a.tag(), [*a.starts, *a.products]
        some = rng.choice(known, size=min(len(known), int(rng.integers(1, 4))), replace=False).tolist()
        for source in some if rng.random() < 0.75 else [a.customer]:
            a.outside(a.started(a.kit.on(source))).written(synced)


def clean_up(a: Account) -> None:
    """Every few months the cold are tagged by hand; an automation asks them; who clicks stays, the rest may be deleted."""
    rng, kit = a.rng, a.kit
    cold, keep, dead, ask = a.tag(), a.tag(), a.tag(), a.sequence()
    cool = (a.warm < np.quantile(a.warm, 0.35)) & (rng.random(kit.n) < 0.8)
    share = rng.uniform(0.04, 0.15)
    for _ in range(int(rng.integers(1, 6))):
        second = int(rng.integers(kit.start + 120 * DAY, kit.now))
        who = np.flatnonzero(cool & (a.active < second - 90 * DAY) & (kit.quit > second))
        at = second + np.arange(len(who)) // int(rng.integers(20, 2000))
        click = kit.human(at + rng.integers(1, 8, len(who)) * DAY)
        back = rng.random(len(who)) < share
        kit.act(cold, who, at, np.where(back, click + rng.integers(0, 4, len(who)), FAR))  # the automation on "keep" takes it away
        kit.act(keep, who[back], click[back])
    flow = kit.on(cold).put(ask)
    mails = Mails((0, 3, 4), a.hour, a.weekdays)
    _, lost = kit.sent(flow, mails).split(keep)
    lost = lost.wait(2 * DAY).put(dead)
    if rng.random() < 0.4:
        kit.deleted[lost.who[lost.at < kit.now - 20 * DAY]] = True


def _batch(a: Account, who: Ints, second: int) -> None:
    a.kit.act(a.tag(), who, second + np.arange(len(who)) // 500)


def noise(a: Account) -> None:
    """Work by hand, scripts and clocks that cause nothing."""
    rng, kit = a.rng, a.kit
    for _ in range(int(rng.integers(1, 4))):  # a segment tagged by hand
        second = int(rng.integers(kit.start + 60 * DAY, kit.now))
        _batch(a, a.present(second, rng.uniform(0.05, 0.5)), second)
    if rng.random() < 0.4:  # every night, who came that day
        tag = a.tag()
        night = (a.active + kit.offset(a.active)) // DAY * DAY + DAY + 2 * HOUR - kit.offset(a.active)
        some = rng.random(kit.n) < rng.uniform(0.4, 1)
        kit.act(tag, np.flatnonzero(some), night[some] + rng.integers(0, 600, some.sum()))
    if a.magnets:  # a second form by hand, soon after the first
        form = a.form()
        flow = kit.on(int(rng.choice(a.magnets))).part(rng.uniform(0.1, 0.4))
        kit.act(form, flow.who, flow.at + rng.lognormal(3.6, 0.7, len(flow)).astype(np.int64) + 5)
    if rng.random() < 0.3:  # a script that tags the same people twice
        second = int(rng.integers(kit.start + 60 * DAY, kit.now - WEEK))
        who = a.present(second, 0.1)
        kit.act(a.tag(), who, second)
        kit.act(a.tag(), who, second + int(rng.choice([600, 4 * HOUR, DAY])))
