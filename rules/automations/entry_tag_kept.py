"""Finds automations and rules for what comes again and again, whose tag is never taken off.

What it finds
-------------
A tag that starts an automation or a rule, stands for something that recurs, and is taken off by nothing known: the purchase tag of a
subscription or payment plan whose release takes the revoke tag off again or gives back an access tag that was taken away; the tag that
buyers of several products get and by which they are given access or told apart (offerings with the same purchase tags and no products of
their own are taken for the parts of a bundle, which people buy at once); the tag of a failed payment, of an abandoned cart, of a plan; and the tag of any automation that the manifest calls ``recurring``. A step, a rule and
an integration that takes it off count, wherever they are. It is silent when something else starts the automation too.

Why it matters
--------------
Adding a tag that somebody has already starts nothing. The first time everything works. The second time nothing does: who cancels and
joins again pays for a locked door, and nobody writes about the second failed payment.

How to fix it in Kit
--------------------
1. Look whether the shop or site that adds the tag can also take it off, when the customer cancels. If it can, let it.
2. If it cannot: open Automate → Visual Automations and choose the automation that handles the cancellation.
3. Click the “+” behind its entry or event, choose Action → Add or remove tag, and let it remove the tag named in this finding.
4. Look before that what else asks for the tag: emails, conditions, and exclusions of sequences.
5. People who have cancelled already: in Grow → Subscribers filter by the revoke or cancel tag, and take the other tag off them.

When to ignore it
-----------------
You take the tag off by hand: list yourself under ``external`` with ``removes_tags``. It cannot see what a shop does that no manifest
lists, and not whether anybody ever comes back.

Sources
-------
- Entries start when the tag is added: https://help.kit.com/en/articles/5523023
- Not documented, and assumed here: adding a tag that somebody has already starts nothing
- AccessAlly's ConvertKit guide, step 8: https://kb.accessally.com/tutorials/convertkit-automation/ (claim S43)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ckaudit.rule import (
    Cause,
    Confidence,
    Effect,
    Finding,
    Flow,
    Graph,
    Harm,
    Key,
    Kind,
    Location,
    Membership,
    Need,
    ObjectRef,
    Options,
    PathStep,
    RoleName,
    Rule,
    Severity,
    Signal,
    Theme,
    TriggerKind,
    Variant,
)

_OPEN = "Open Automate → Visual Automations and choose the automation named in this finding."
_SHOP = "Look whether the shop that adds the tag can also take it off when it is over. If it can, let it."
_FIRST = "Otherwise click the “+” behind the last step, choose Action → Add or remove tag, and let it remove the tag named in this finding."
_HOLDERS = (
    "In Grow → Subscribers filter by the tag, and take it off those for whom it is over. The next time it starts the automation again."
)

RULE = Rule(
    code="CK315",
    name="entry-tag-kept",
    title="An automation for what comes again starts only once",
    passing="What starts an automation again is taken off in between",
    severity=Severity.WARNING,
    theme=Theme.AUTOMATIONS,
    needs=(Need.AUTOMATIONS,),
    checks=Kind.AUTOMATION,
    effort_minutes=15,
    unseen="a tag that was taken off leaves none",
    people_from=("CK805",),
    yields_to=("CK221",),
    nothing="no automation starts with the tag of something that comes again",
    variants={
        "join-again": Variant("Who cancels and joins again gets nothing", harm=Harm.LOCKED_OUT),
        "second-product": Variant(
            "Who has bought one product and buys another starts nothing",
            fix=(
                "Let the shop add a tag of its own for each product, besides the one they share.",
                "Open Automate → Visual Automations, choose the automation named in this finding, and pause it while you edit.",
                "Let it start with each of these tags instead of the one they share, and set it back to Active, if it was Active before.",
                "Customers who have bought two: look in your shop who they are, and give them by hand what did not start.",
            ),
        ),
        "payment": Variant(
            "The second failed payment of a customer starts nothing",
            fix=(_SHOP, _OPEN, _FIRST, _HOLDERS),
        ),
        "cart": Variant(
            "The second cart that somebody leaves starts nothing",
            fix=(_SHOP, _OPEN, _FIRST, _HOLDERS),
        ),
        "plan": Variant(
            "Who changes the plan and changes back starts nothing",
            fix=(
                "Look whether the shop can take the tag of the old plan off when it adds that of the new one. If it can, let it.",
                "Otherwise open Automate → Visual Automations and choose the automation of the other plan.",
                "Click the “+” behind its entry, choose Action → Add or remove tag, and let it remove the tag named in this finding.",
                "Look before that what else asks for the tag: emails, conditions, and exclusions of sequences.",
            ),
        ),
        "recurring": Variant(
            "An automation that people go through again starts only once",
            fix=(_OPEN, _FIRST, "Look before that what else asks for the tag: emails, conditions, and exclusions of sequences.", _HOLDERS),
        ),
    },
)

_NAMED = {
    "payment": re.compile(
        r"\b(payment|card|charge|invoice)s? (has |was )?(fail|declin)|\b(failed|declined) (payment|card|charge)|\bpast due\b|\bdunning\b"
    ),
    "cart": re.compile(
        r"\b(abandon(s|ed)?|left) (the |his |her |their )?(cart|checkout|basket)|\b(cart|checkout|basket)s? (was |is )?(abandon|left|started|initiated|begun)|\babandoned$"
    ),
    "plan": re.compile(
        r"^(plan|tier|membership level) (monthly|yearly|annual|quarterly|basic|free|pro|premium|plus|bronze|silver|gold)\b"
        r"|\b(monthly|yearly|annual|quarterly) (plan|member|membership|subscriber|subscription)\b"
        r"|\b(up|down)graded to\b|\bswitched to (monthly|yearly|annual)\b"
    ),
}
_ROLES = {"payment": (RoleName.FAILED_PAYMENT,), "cart": (RoleName.EARLY_CONTACT,)}


class _Start(NamedTuple):
    """An automation or rule that a tag starts, and everything it sets off."""

    object: ObjectRef
    tag: Key
    step: PathStep
    causes: tuple[Cause, ...]
    location: Location | None
    recurring: bool | None


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each automation or rule that starts with such a tag."""
    again = [item for item in graph.all_memberships if _comes_again(item)]
    for start in _starts(graph):
        if graph.causes.of(Effect.REMOVES_TAG, start.tag):
            continue
        joined = _joins_again(graph, start, again)
        if joined:
            yield _finding(graph, start, "join-again", *joined)
        elif variant := _recurs(graph, start) or _is_shared(graph, start):
            yield _finding(graph, start, variant)


def judged(graph: Graph) -> Iterable[Key]:
    """The tags of what comes again that start something."""
    again = [item for item in graph.all_memberships if _comes_again(item)]
    return [start.tag for start in _starts(graph) if _joins_again(graph, start, again) or _recurs(graph, start) or _is_shared(graph, start)]


def _starts(graph: Graph) -> Iterator[_Start]:
    """What tags start alone: automations that nothing else starts, and rules."""
    for flow in graph.flows:
        alone = all(entry.on_tag for entry in flow.entries) and not graph.causes.of(Effect.STARTS, flow.key)
        for entry in flow.entries if flow.live and alone and flow.steps else ():
            if entry.on_tag and entry.ref and entry.ref.known:
                yield _Start(flow.object, entry.on_tag, entry.path_step(), _all(graph, flow), entry.location, flow.automation.recurring)
    for index, rule in enumerate(graph.manifest.rules):
        own = graph.causes.by(Key(Kind.RULE, index)) if rule.enabled else ()
        for when in rule.when if own and all(when.kind is TriggerKind.TAG_ADDED for when in rule.when) else ():
            if when.ref and when.ref.known:
                named = own[0].object
                step = PathStep(kind="object", name=f"Rule “{named.name}”", object=named)
                yield _Start(named, when.ref.key, step, (*own, *graph.reactions.of_causes(own)), rule.location, None)


def _all(graph: Graph, flow: Flow) -> tuple[Cause, ...]:
    """What the automation does to people who come to the step, and what that sets off."""
    return (*(cause for cause in graph.causes.by_flow(flow) if cause.reached), *graph.reactions.of_flow(flow))


def _joins_again(graph: Graph, start: _Start, again: Sequence[Membership]) -> tuple[Membership, Cause] | None:
    """The membership that somebody who joins again does not get, and the first step that would have to run again."""
    for membership in again:
        if _follows_purchase(graph, membership, start.tag):
            for cause in start.causes:
                if _is_needed_again(graph, membership, cause):
                    return membership, cause
    return None


def _comes_again(membership: Membership) -> bool:
    """True for subscriptions and payment plans that Kit revokes, and where nobody said how it is paid, for what can be cancelled."""
    by_tags = membership.billing is None and bool(membership.keys(RoleName.CANCEL, RoleName.FAILED_PAYMENT))
    return (membership.is_recurring or by_tags) and not membership.never_revoked


def _follows_purchase(graph: Graph, membership: Membership, tag: Key) -> bool:
    """True for a purchase tag, and for a tag that what it starts hands over to."""
    bought = membership.keys(RoleName.PURCHASE)
    if tag in bought:
        return True
    followed = (item.cause for key in bought for item in graph.reactions.what_follows(Signal(key, TriggerKind.TAG_ADDED)))
    return any(cause.effect is Effect.ADDS_TAG and cause.target == tag for cause in followed)


def _is_needed_again(graph: Graph, membership: Membership, cause: Cause) -> bool:
    """It takes off the tag that locks people out, and no integration does; or it gives a tag that was taken away."""
    if cause.effect is Effect.REMOVES_TAG and membership.has(cause.target, RoleName.REVOKE, RoleName.CANCEL):
        return not any(other.integrated for other in graph.causes.of(Effect.REMOVES_TAG, cause.target))
    gives = cause.effect is Effect.ADDS_TAG and membership.has(cause.target, RoleName.ACCESS)
    return gives and bool(graph.causes.of(Effect.REMOVES_TAG, cause.target))


def _recurs(graph: Graph, start: _Start) -> str:
    """What comes again: a variant, empty when nothing says that it does."""
    if start.recurring is not None:
        return "recurring" if start.recurring else ""
    name = re.sub(r"[\W_]+", " ", graph.object(start.tag).name).strip().casefold()
    for variant, pattern in _NAMED.items() if any(cause.effect is not Effect.STOPS for cause in start.causes) else ():
        if pattern.search(name) or start.tag in graph.keys(*_ROLES.get(variant, ())):
            return variant
    return ""


def _is_shared(graph: Graph, start: _Start) -> str:
    """A variant, where buyers of several products get the tag, and what it starts tells them apart or gives access. Who bought the parts of
    a bundle has all of them at once, unless somebody tells their buyers apart."""
    if len(_products(graph, start.tag)) < 2:
        return ""
    if any(cause.flow and cause.flow.object == start.object and _for_some(cause) for cause in start.causes):
        return "second-product"
    gives = any(
        item.opens(cause.target) for item in graph.all_memberships for cause in start.causes if cause.effect is not Effect.REMOVES_TAG
    )
    return "second-product" if gives and len(_products(graph, start.tag, bundles=False)) > 1 else ""


def _for_some(cause: Cause) -> bool:
    """True for a step in a branch: not everybody who comes in gets it."""
    return cause.node is not None and bool(cause.node.branch)


def _products(graph: Graph, tag: Key, *, bundles: bool = True) -> list[str]:
    """The offerings of which this is a stated purchase tag, and the products at whose purchase integrations add it. Without ``bundles``
    the parts of one count once."""
    owners = [item for item in graph.all_memberships if item.has(tag, RoleName.PURCHASE) and item.declared(RoleName.PURCHASE)]
    stated = [item.name for at, item in enumerate(owners) if bundles or not any(item.sold_with(other) for other in owners[:at])]
    writers = [cause.integration for cause in graph.causes.of(Effect.ADDS_TAG, tag) if cause.integration]
    sold = [writer.product.name for writer in writers if writer.product]
    return list(dict.fromkeys(stated if len(stated) >= len(sold) else sold))


def _finding(graph: Graph, start: _Start, variant: str, membership: Membership | None = None, needed: Cause | None = None) -> Finding:
    tag = graph.object(start.tag)
    sure = graph.is_complete and (membership is None or membership.declared(RoleName.PURCHASE, RoleName.REVOKE, RoleName.ACCESS))
    severities = (Severity.ERROR, Severity.WARNING) if membership else (Severity.WARNING, Severity.INFO)
    return Finding(
        object=start.object,
        message=f"“{start.object.name}” starts when “{tag.name}” is added, and nothing known ever takes “{tag.name}” off. "
        f"{_harm(graph, start, variant, needed)} This assumes that adding a tag which somebody has starts nothing; Kit does not say."
        f"{graph.open_world_note}",
        variant=variant,
        severity=severities[0 if sure else 1],
        confidence=Confidence.LIKELY,
        related=(tag, *((membership.object,) if membership else ())),
        path=(start.step, *((needed.path_step,) if needed else ())),
        location=start.location,
    )


def _harm(graph: Graph, start: _Start, variant: str, needed: Cause | None) -> str:
    match variant:
        case "join-again":
            tag = graph.object(needed.target).name if needed else ""
            locked = needed is not None and needed.effect is Effect.REMOVES_TAG
            lost = f"“{tag}” stays on, and they pay for a locked door" if locked else f"“{tag}” is not given back, and they pay for nothing"
            return f"Who cancels and joins again has it already: nothing starts, {lost}."
        case "second-product":
            first, second = _products(graph, start.tag)[:2]
            return f"Buyers of “{first}” and of “{second}” get it: who has one and buys the other has the tag already, and nothing starts."
        case "payment":
            return "When a payment of the same customer fails again, nobody is told."
        case "cart":
            return "When the same person leaves a cart again, nothing is sent."
        case "plan":
            return "Who leaves this plan and comes back to it has the tag already, and nothing starts."
        case _:
            return "People are meant to go through it again, and the second time it does not start."
