"""Finds revoke tags that lock returning customers out.

What it finds
-------------
With a stack where the revoke tag wins over every access tag (AccessAlly), this rule looks for anything that takes the revoke tag off
again when somebody buys once more: a step or a rule that the purchase, the release or the revoke tag itself sets off, over any number of
hops, or a site or shop listed under ``external``. It is silent when the release runs a release operation on the site, because that removes
the revoke tag by itself; a tag whose name only looks like one is not taken for it. What another offering's automation takes off, on an
upgrade for example, does not help who comes back to this one.

It does not see what somebody takes off by hand.

Why it matters
--------------
Somebody cancels, comes back a year later and pays again. The old revoke tag is still there and still wins. A paying customer stands
before a locked door, and everything in Kit looks right.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation that gives access to this offering.
2. Pause it while you edit: people wait where they are and go on when it is Active again.
3. Click the “+” directly behind the entry, choose Action → Add or remove tag, and let it remove the revoke tag.
4. Let it stand in front of the webhook tag, so that your site reads the tags after the removal.
5. Set the automation back to Active, if it was Active before.
6. Customers who have come back already: in Grow → Subscribers filter by the revoke tag, and take it off those who have paid again.

When to ignore it
-----------------
Nobody may buy again after a refund, or you take the tag off by hand (then list yourself under ``external``).

Sources
-------
- AccessAlly's ConvertKit guide, step 8, "It will negate the course access permission":
  https://kb.accessally.com/tutorials/convertkit-automation/ (claim S43)
- Granting a course permission removes the revoke tag: https://kb.accessally.com/tutorials/custom-operation-grant-course-permission/
- The revoke tag wins over all others: https://kb.accessally.com/tutorials/tag-guide/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    AccessModel,
    Cause,
    Effect,
    Finding,
    Graph,
    Harm,
    Key,
    Kind,
    Membership,
    Need,
    ObservedUse,
    Options,
    RoleName,
    Rule,
    Severity,
    Signal,
    Theme,
    TriggerKind,
    Variant,
)

RULE = Rule(
    code="CK210",
    name="revoke-tag-forever",
    title="Customers who come back stay locked out",
    passing="Customers who buy again get their access back",
    severity=Severity.WARNING,
    theme=Theme.ACCESS,
    harm=Harm.LOCKED_OUT,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=((RoleName.REVOKE,),),
    checks=Kind.TAG,
    effort_minutes=5,
    observed=ObservedUse.SILENCES,
    unseen="a tag that was taken off leaves none",
    people_from=("CK805",),
    nothing="there is no revoke tag",
    variants={
        "never-removed": Variant("Customers who come back stay locked out"),
        "switched-off": Variant(
            "What lets customers in again when they come back is switched off",
            fix=(
                "Open Automate → Visual Automations (for a rule: Automate → Rules) and choose the one that this finding says is switched "
                "off.",
                "Find out why it was switched off, and whether its tags and steps still fit.",
                "Set it to Active (a rule: switch it on). It acts on what happens from now on.",
                "Customers who have come back already: in Grow → Subscribers filter by the revoke tag, and take it off those who have "
                "paid again.",
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each revoke tag that nothing takes off."""
    seen: set[Key] = set()
    for membership in graph.memberships:
        forbidden = membership.stack.access_model is AccessModel.FORBIDDEN
        for tag in membership.keys(RoleName.REVOKE) if forbidden and not _released(graph, membership) else ():
            if tag not in seen and not _acts(graph, membership, graph.causes.of(Effect.REMOVES_TAG, tag), tag):
                seen.add(tag)
                yield _finding(graph, membership, tag)


def judged(graph: Graph) -> Iterable[Key]:
    """The revoke tags."""
    return graph.keys(RoleName.REVOKE)


def _released(graph: Graph, membership: Membership) -> bool:
    """The release runs a release operation, which takes the revoke tag off on the site's side. A guess from a name does not count, nor does
    the operation of another offering."""
    seen = {tag.key for tag in graph.webhook_tags}
    known = {item.key for item in membership.assigned if item.declared or item.key in seen}
    operations = known.intersection(membership.keys(RoleName.WEBHOOK_RELEASE))
    if any(membership.has(tag, RoleName.PURCHASE) for tag in operations):
        return True
    return any(_acts(graph, membership, graph.causes.of(Effect.ADDS_TAG, tag)) for tag in operations)


def _acts(graph: Graph, membership: Membership, causes: tuple[Cause, ...], *more: Key) -> bool:
    """True when an integration or the release does one of these, or when buying this offering sets it off, or one of some tags does."""
    bought = membership.keys(RoleName.PURCHASE, RoleName.OPTIN, RoleName.PRODUCT)
    if not bought or any(cause.integrated or (cause.flow and membership.is_release(cause.flow)) for cause in causes):
        return bool(causes)
    starts = [Signal(key, TriggerKind.PURCHASES if key.kind is Kind.PRODUCT else TriggerKind.TAG_ADDED) for key in (*bought, *more)]
    return bool(causes) and any(item.cause in causes for start in starts for item in graph.reactions.what_follows(start))


def _finding(graph: Graph, membership: Membership, tag: Key) -> Finding:
    named = graph.object(tag)
    asleep = graph.causes.of(Effect.REMOVES_TAG, tag, live=False)
    stopped = f" “{asleep[0].object.name}” would, but it is switched off." if asleep else ""
    other = next(iter(graph.causes.of(Effect.REMOVES_TAG, tag)), None)
    text = (
        f"Buying again does not take “{named.name}” off: only “{other.object.name}” does."
        if other
        else f"Nothing ever takes “{named.name}” off."
    )
    return Finding(
        object=named,
        message=f"{text}{stopped} Who is refunded, comes back and pays again stays locked out, because this tag "
        f"wins over every access tag.{graph.open_world_note}",
        variant="switched-off" if asleep else "never-removed",
        confidence=membership.confidence(RoleName.REVOKE, best=graph.closed_world),
        related=(membership.object,),
        people=graph.people(tag),
        location=membership.location,
    )
