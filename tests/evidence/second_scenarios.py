"""Scenarios that accounts of course sellers consist of, each with random settings: funnels, courses, webinars, launches, noise."""

from __future__ import annotations

from tests.evidence.second_account import (
    DAY,
    HOUR,
    MINUTE,
    Account,
    Add,
    Automation,
    Condition,
    DateEvent,
    Delay,
    Enrol,
    Exit,
    Goal,
    Obj,
    Reaction,
    Remove,
    Rule,
    StartAnother,
    Step,
)


def wait(account: Account) -> Delay:
    """Minutes to weeks, in the round numbers that people choose."""
    unit, numbers = account.rng.choice(
        ((MINUTE, (5, 5, 10, 15, 30)), (HOUR, (1, 2, 4, 6, 12)), (DAY, (1, 1, 2, 3, 5)), (DAY, (1, 2, 4)), (7 * DAY, (1, 2)))
    )
    return Delay(unit * account.rng.choice(numbers))


def newsletter(account: Account) -> Obj:
    """Every form gives the popular tag, by a rule; the tag starts the welcome mails."""
    tag = account.tag()
    forms = [account.form(account.rng.uniform(1, 3)) for _ in range(account.rng.randint(1, 2))]
    account.rules.append(Rule(list(account.forms), [Add(tag)]))
    welcome: list[Step] = [Enrol(account.sequence())]
    if account.rng.random() < 0.6:
        welcome.append(Add(account.tag()))
    account.automations.append(Automation([tag], welcome))
    account.react(forms[0], Reaction(account.rng.choice(list(account.forms)), 0.12, 90))
    return tag


def lead_magnet(account: Account, nurture: int | None) -> None:
    """Form (or two, or a tag a link trigger gives), tag, mails, then a pitch for who has not bought, or another automation."""
    rng = account.rng
    entries = [account.form(rng.uniform(0.5, 2)) for _ in range(1 + (rng.random() < 0.3))]
    steps: list[Step] = []
    if rng.random() < 0.3:
        steps.append(wait(account))
    steps += [Add(account.tag()), Enrol(account.sequence())]
    kind = rng.random()
    if kind < 0.35 and account.bought:
        product = rng.choice(list(account.bought))
        pitch = account.sequence()
        account.react(pitch, Reaction(product, rng.uniform(0.1, 0.3), 2 * DAY))
        steps.append(Condition(tag=product, yes=(Add(account.tag()), Exit()), no=(wait(account), Enrol(pitch))))
        if rng.random() < 0.5:
            steps += [Goal(product), Add(account.tag())]
    elif kind < 0.6 and nurture is not None:
        steps.append(StartAnother(nurture))
    elif kind < 0.85:
        steps += [Add(account.tag()), wait(account), Enrol(account.sequence(hold=rng.random() < 0.2))]
    account.automations.append(Automation(entries, steps))


def nurture(account: Account) -> int:
    """An automation that others start; it has an entry of its own, too."""
    steps: list[Step] = [wait(account), Add(account.tag()), Enrol(account.sequence()), Add(account.tag())]
    entry = account.tag()
    account.by_hand.append((0.05, entry))
    account.automations.append(Automation([entry], steps))
    return len(account.automations) - 1


def course(account: Account) -> None:
    """Purchase from outside, access, a login by webhook, mails five minutes later, modules by and by; a refund takes access away."""
    rng = account.rng
    purchase, login, update, access, created = (account.tag() for _ in range(5))
    account.bought[purchase] = rng.uniform(0.05, 0.3)
    order: list[Step] = [Add(login), Add(access)]
    rng.shuffle(order)
    steps = [*order, Delay(rng.choice((5, 5, 10)) * MINUTE), Enrol(account.sequence()), Remove(login)]
    drip = rng.choice((1, 2, 3, 7, 7, 14)) * DAY
    for _ in range(rng.randint(2, 5)):
        steps += [Delay(drip), Add(account.tag()), Add(update), Delay(10 * MINUTE), Remove(update)]
    if rng.random() < 0.7:
        refund, revoked = account.tag(), account.tag()
        account.react(purchase, Reaction(refund, rng.uniform(0.04, 0.12), 6 * DAY, 0.8))
        steps += [Goal(refund), Remove(access), Add(revoked)]
    account.automations.append(Automation([purchase], steps))
    if rng.random() < 0.6:
        account.rules.append(Rule([login], [Add(created)], slow=(2, 20)))
    customer = next((rule for rule in account.rules if rule.triggers[0] in account.bought), None)
    if customer:
        customer.triggers.append(purchase)
    else:
        account.rules.append(Rule([purchase], [Add(account.tag())]))


def shop(account: Account) -> None:
    """Tags a shop adds in one go, in no order, that nothing in the account listens to."""
    for _ in range(account.rng.randint(1, 2)):
        pair = account.tag(), account.tag()
        account.bundles.append(pair)


def webinar(account: Account, number: int) -> None:
    """Registration, reminders; afterwards the webinar's tool tags who came and who did not, all within seconds."""
    rng = account.rng
    form, registered, attended, missed = account.form(rng.uniform(0.5, 1.5)), account.tag(), account.tag(), account.tag()
    account.automations.append(Automation([form], [Add(registered), Enrol(account.sequence())]))
    replay: list[Step] = [Delay(rng.choice((1, 2, 12, 24)) * HOUR), Enrol(account.sequence())]
    pitch: list[Step] = [Add(account.tag()), wait(account), Enrol(account.sequence())]
    account.automations += [Automation([missed], replay), Automation([attended], pitch)]
    for place in range(number):
        account.webinars.append((account.day((place + 0.5) / (number + 0.5), (place + 1) / (number + 0.5)), registered, attended, missed))


def launch(account: Account) -> None:
    """A waiting list that is let in on a date."""
    opening = account.day(0.4, 0.8)
    steps: list[Step] = [Add(account.tag()), DateEvent(opening), Enrol(account.sequence()), Add(account.tag())]
    account.automations.append(Automation([account.form()], steps))


def quiz(account: Account) -> None:
    """One of three ways by an answer that is kept in a custom field."""
    rng = account.rng
    trait = rng.randrange(3)
    low, high = sorted((rng.uniform(0.2, 0.45), rng.uniform(0.5, 0.8)))

    def way() -> tuple[Step, ...]:
        return (Add(account.tag()), *((wait(account),) if rng.random() < 0.6 else ()), Enrol(account.sequence()))

    rest = Condition(trait=trait, low=low, high=high, yes=way(), no=way() if rng.random() < 0.7 else ())
    steps: list[Step] = [Condition(trait=trait, high=low, yes=way(), no=(rest,))]
    if rng.random() < 0.5:
        steps += [wait(account), Add(account.tag())]
    account.automations.append(Automation([account.form(1.5)], steps))


def link_triggers(account: Account) -> None:
    """Tags for clicks in broadcasts; one of them starts something."""
    rng = account.rng
    tags = [account.tag() for _ in range(rng.randint(2, 3))]
    for _ in range(rng.randint(4, 8)):
        account.clicked.append((account.day(0.1, 1.0), rng.uniform(0.02, 0.12), rng.choice(tags)))
    account.rules.append(Rule([tags[0]], [Enrol(account.sequence())]))
    for sequence in rng.sample(list(account.mails), 2):
        account.react(sequence, Reaction(rng.choice(tags), 0.15, 5 * HOUR))


def bulk(account: Account) -> None:
    """An import, and tags given to hundreds in one click, some to people picked by a tag; rare tags given by hand."""
    rng = account.rng
    imported = account.tag()
    account.lists.append((account.day(0.1, 0.6), rng.uniform(0.04, 0.12), (imported, rng.choice(list(account.forms)))))
    account.lists.append((account.day(0.2, 0.9), rng.uniform(0.1, 0.5), (account.tag(),)))
    if account.automations:
        entry = rng.choice([obj for one in account.automations for obj in one.entries if obj[0] == 1] or [imported])
        account.lists.append((account.day(0.2, 0.9), rng.uniform(0.03, 0.1), (entry,)))
    account.by_hand += [(rng.uniform(0.01, 0.05), account.tag()) for _ in range(3)]


def sibling(account: Account) -> None:
    """One more thing on a trigger that something listens to already; often with a delay that another one has, too."""
    rng = account.rng
    triggers = list(account.objects())
    trigger = max(rng.sample(triggers, 2), key=triggers.count)  # what has followers gets more
    delays = [step for one in account.automations if trigger in one.entries for step in one.steps if isinstance(step, Delay)]
    kind = rng.random()
    if kind < 0.55:
        account.rules.append(Rule([trigger], [Add(account.tag())]))
    elif kind < 0.8:
        delay = rng.choice(delays) if delays and rng.random() < 0.4 else wait(account)
        last: Step = Add(account.tag()) if rng.random() < 0.6 else Enrol(account.sequence())
        account.automations.append(Automation([trigger], [delay, last]))
    else:
        part = Condition(trait=rng.randrange(3), high=rng.uniform(0.3, 0.7), yes=(Add(account.tag()), wait(account), Add(account.tag())))
        account.automations.append(Automation([trigger], [part]))


def after_sequence(account: Account) -> None:
    """The rule "completes a sequence"."""
    rng = account.rng
    sequence = rng.choice([one for one, mails in account.mails.items() if not mails.hold])
    tag = account.tag()
    account.rules.append(Rule([sequence], [Add(tag)], completes=True))
    if rng.random() < 0.5:
        account.automations.append(Automation([tag], [wait(account), Enrol(account.sequence())]))
