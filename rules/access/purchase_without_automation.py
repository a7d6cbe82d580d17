"""Finds purchase tags that start nothing.

What it finds
-------------
A purchase tag of an offering on which no automation starts and no rule fires. A product entry of the same offering counts instead, and so
does a form, a sequence or a second tag that the same shop writes (listed under ``external``) when access follows from it, over however
many automations and rules. It is silent where the site or AccessAlly's own order form gives the access, and for tags that nobody holds.

It does not see whether a shop really writes the tag and the form for the same purchase: the manifest lists what it writes, and this
rule takes its word.

Why it matters
--------------
The buyer pays, gets the tag, and then nothing: no login, no email, no course.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and look whether an automation gives access to this offering already. If so, click the “+” beside its
   entry, choose Tag is added, and choose the purchase tag named in this finding.
2. Otherwise click New automation, choose Tag is added, and choose that tag.
3. Add the webhook tag that makes the login, then a Delay of 5 minutes, then the sequence with the login email, then remove the webhook tag.
4. Set the automation to Active.
5. Buyers from before are not let in by this: give them the webhook tag by hand (Grow → Subscribers, filter, bulk action), and add them to
   the sequence.

When to ignore it
-----------------
The tag is kept for your records and another one starts the release. Then state only that one under ``purchase_tags``.

Sources
-------
- AccessAlly's ConvertKit guide, steps 3 and 4: https://kb.accessally.com/tutorials/convertkit-automation/ (claim S17; S5 for its own order
  forms)
- Entries of automations, and that earlier holders are not pulled in: https://help.kit.com/en/articles/5523023
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Consequence,
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
    Theme,
    TriggerKind,
    Variant,
)

RULE = Rule(
    code="CK220",
    name="purchase-without-automation",
    title="Buyers get a tag and then nothing happens",
    passing="Every purchase starts something",
    severity=Severity.ERROR,
    theme=Theme.ACCESS,
    harm=Harm.LOCKED_OUT,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=((RoleName.PURCHASE, RoleName.PRODUCT),),
    checks=Kind.TAG,
    effort_minutes=20,
    observed=ObservedUse.SILENCES,
    unseen="that nothing starts they cannot show",
    people_from=("CK803", "CK804"),
    nothing="there is no purchase tag",
    variants={
        "nothing-starts": Variant("Buyers get a tag and then nothing happens"),
        "rule-switched-off": Variant(
            "The rule that serves buyers is switched off",
            fix=(
                "Open Automate → Rules and choose the rule named in this finding.",
                "Find out why it was switched off, and whether its actions still fit.",
                "Switch it on. It acts on purchases from now on.",
                "Buyers since then: in Grow → Subscribers filter by the purchase tag, and do for them by hand what the rule does.",
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each purchase tag that starts nothing."""
    seen: set[Key] = set()
    for membership in graph.memberships:
        if not membership.needs_login_webhook or _started_otherwise(graph, membership):
            continue
        for tag in membership.keys(RoleName.PURCHASE):
            if tag not in seen and graph.people(tag) != 0 and not _starts_something(graph, membership, tag):
                seen.add(tag)
                yield _finding(graph, membership, tag)


def judged(graph: Graph) -> Iterable[Key]:
    """The purchase tags."""
    return graph.keys(RoleName.PURCHASE)


def _started_otherwise(graph: Graph, membership: Membership) -> bool:
    """A product entry of this offering starts something, or an early-contact tag does (which is another finding)."""
    products = any(
        graph.starts(key, TriggerKind.PURCHASES) or graph.rules_fired(key, TriggerKind.PURCHASES)
        for key in membership.keys(RoleName.PRODUCT)
    )
    return products or any(graph.starts(key) for key in membership.keys(RoleName.EARLY_CONTACT))


def _starts_something(graph: Graph, membership: Membership, tag: Key) -> bool:
    """An automation starts on it (a switched-off one is another finding), a rule fires on it, it calls the site itself, a goal waits for it,
    or the shop writes something beside it that gives access."""
    if graph.starts(tag) or graph.rules_fired(tag) or _given_beside(graph, membership, tag):
        return True
    if membership.has(tag, RoleName.WEBHOOK_LOGIN, RoleName.WEBHOOK_RELEASE):
        return True
    live = [flow for flow in graph.flows_of(membership) if flow.live and membership.is_release(flow)]
    return any(flow.waiting_for(tag) for flow in live)


def _given_beside(graph: Graph, membership: Membership, tag: Key) -> bool:
    """A sequence with the login, or something that access follows from. Other tags of offerings are written on other occasions: another
    plan, a refund."""
    beside, known = graph.causes.written_with(Effect.ADDS_TAG, tag), set(graph.keys(*RoleName))
    if any(cause.effect is Effect.ENROLS and membership.opens(cause.target) for cause in beside):
        return True
    free = [cause for cause in beside if cause.target not in known]
    return any(_gives_access(membership, item) for cause in free for item in graph.reactions.what_follows(cause))


def _gives_access(membership: Membership, item: Consequence) -> bool:
    return membership.opens(item.cause.target) or bool(item.cause.flow and membership.is_release(item.cause.flow))


def _finding(graph: Graph, membership: Membership, tag: Key) -> Finding:
    named = graph.object(tag)
    ruled = [rule for rule in graph.manifest.rules if not rule.enabled and any(when.target == tag for when in rule.when)]
    stopped = f" The rule “{ruled[0].name or 'without a name'}” would react, but it is switched off." if ruled else ""
    return Finding(
        object=named,
        message=f"No automation or rule starts on “{named.name}”.{stopped} Buyers of “{membership.name}” pay, get this tag, and then nothing "
        f"happens.{graph.open_world_note}",
        variant="rule-switched-off" if ruled else "nothing-starts",
        confidence=membership.confidence(RoleName.PURCHASE, best=graph.closed_world),
        related=(membership.object,),
        people=graph.people(tag),
        location=membership.location,
    )
