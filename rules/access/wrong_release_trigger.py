"""Finds releases that start on the wrong tag.

What it finds
-------------
An automation that gives access and starts on an early-contact tag (added when somebody merely begins to fill in the order form), or on
an access or module tag of the same offering. Also what such an early-contact tag sets off over any number of automations, rules and forms.
It is silent where access waits behind a goal or a condition on the purchase, and where the purchase itself hands over by the access tag.
Revoke tags as entries are another finding.

It does not see whether your cart adds the early-contact tag really before the payment.

Why it matters
--------------
An early-contact tag is no purchase: people who never paid get the login and the course. An access tag as entry turns the order round:
whoever grants access by hand sets off the whole welcome again.

How to fix it in Kit
--------------------
1. Look in your cart which tag it adds on a successful payment. If there is none, let it add one and test it before you go on.
2. Open Automate → Visual Automations and choose the automation named in this finding.
3. Pause it while you edit: people wait where they are and go on when it is Active again.
4. Click the entry named in this finding and choose that tag.
5. Set the automation back to Active, if it was Active before.
6. Look at the people who came in without paying: in Grow → Subscribers, filter by the early-contact tag and without the purchase tag.

When to ignore it
-----------------
The offering is free and the early-contact tag is all there is: then state it under ``optin_tags``.

Sources
-------
- AccessAlly's ConvertKit guide, step 4, "the tag that is added on successful purchase":
  https://kb.accessally.com/tutorials/convertkit-automation/ (claims S18, S20)
- Early contact creation: https://kb.accessally.com/tutorials/tag-guide/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    LOGIN_MAKERS,
    Consequence,
    Effect,
    Finding,
    Flow,
    FlowNode,
    Graph,
    Harm,
    Key,
    Kind,
    Membership,
    Need,
    Options,
    RoleName,
    Rule,
    Severity,
    Signal,
    Theme,
    TriggerKind,
    Variant,
    guards,
)

_OPEN = "Open Automate → Visual Automations and choose the automation named in this finding."
_PAUSE = "Pause it while you edit: people wait where they are and go on when it is Active again."
_RESUME = "Set the automation back to Active, if it was Active before."

RULE = Rule(
    code="CK221",
    name="wrong-release-trigger",
    title="The course is released to people who have not paid",
    passing="Releases start on a successful purchase or opt-in",
    severity=Severity.ERROR,
    theme=Theme.ACCESS,
    harm=Harm.LEAK,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=((RoleName.PURCHASE, RoleName.PRODUCT, RoleName.OPTIN),),
    checks=Kind.AUTOMATION,
    effort_minutes=10,
    unseen="a purchase in the same moment may have left none",
    people_from=("CK812",),
    counts_passers_by=True,
    nothing="no automation gives access",
    variants={
        "early-contact": Variant("The course is released to people who have not paid"),
        "handed-over": Variant(
            "Who only begins to order is handed over to the release",
            fix=(
                "Look in your cart which tag it adds on a successful payment. If there is none, let it add one and test it before you go on.",
                "Follow the path in this finding: it leads from the early-contact tag to what gives access.",
                "At its first step let the tag of a successful payment take the place of the early-contact tag (Automate → Visual Automations,"
                " or Automate → Rules).",
                "Look at the people who came in without paying: in Grow → Subscribers, filter by the early-contact tag and without the "
                "purchase tag.",
            ),
        ),
        "access-tag": Variant(
            "Who is given access by hand gets the whole welcome again",
            Severity.WARNING,
            fix=(
                "Look in your cart which tag it adds on a successful payment. If it adds only the access tag, let it add a purchase tag "
                "too, and test it before you go on.",
                _OPEN,
                _PAUSE,
                "Click the entry named in this finding and choose the purchase tag.",
                _RESUME,
            ),
        ),
    },
)


GIVEN = (*LOGIN_MAKERS, RoleName.ACCESS, RoleName.MODULE, RoleName.LOGIN_SEQUENCE)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each wrong entry of a release automation."""
    seen: set[str] = set()
    for membership in graph.memberships:
        for flow in graph.flows_of(membership):
            if not membership.is_release(flow) or not _gives(membership, flow):
                continue
            for entry in flow.entries:
                variant = _wrong(graph, membership, flow, entry)
                if variant and entry.id not in seen:
                    seen.add(entry.id)
                    yield _finding(graph, membership, flow, entry, variant)
        for tag, item in _handed_over(graph, membership):
            if str(item.cause.object) not in seen:
                seen.add(str(item.cause.object))
                yield _far_finding(graph, membership, tag, item)


def judged(graph: Graph) -> Iterable[Key]:
    """The automations that give access."""
    return [flow.key for flow in graph.releases]


def _gives(membership: Membership, flow: Flow) -> bool:
    """The automation gives something: a reminder to people who began an order does not."""
    return any(membership.has(node.adds or node.enrols, *GIVEN) for node in flow.steps)


def _wrong(graph: Graph, membership: Membership, flow: Flow, entry: FlowNode) -> str:
    key = entry.on_tag
    if membership.has(key, RoleName.PURCHASE, RoleName.OPTIN):
        return ""
    if membership.has(key, RoleName.EARLY_CONTACT):
        return "early-contact" if not membership.is_free and _lets_in(membership, flow, entry) else ""
    by_purchase = key is not None and _comes_with_purchase(graph, membership, key)
    return "access-tag" if membership.has(key, RoleName.ACCESS, RoleName.MODULE) and not by_purchase else ""


def _lets_in(membership: Membership, flow: Flow, entry: FlowNode) -> bool:
    """Something is given on a way from the entry on which nobody waits for the purchase or is asked for it."""
    given = [node for node in flow.steps if membership.has(node.adds or node.enrols, *GIVEN)]
    free = (node for node in given if not _asks_for_purchase(membership, flow, node))
    return any(flow.path_to(entry, node, avoiding=lambda other: _is_purchase(membership, other)) for node in free)


def _is_purchase(membership: Membership, node: FlowNode) -> bool:
    return node.is_event and (node.trigger is not None) and membership.has(node.target, RoleName.PURCHASE, RoleName.PRODUCT)


def _asks_for_purchase(membership: Membership, flow: Flow, node: FlowNode) -> bool:
    return any(guards.has_tag(flow, node, tag) for tag in membership.keys(RoleName.PURCHASE))


def _comes_with_purchase(graph: Graph, membership: Membership, tag: Key) -> bool:
    """Buying sets off something in Kit that adds this tag: then it hands over to the release."""
    bought = membership.keys(RoleName.PURCHASE, RoleName.PRODUCT)
    starts = (Signal(key, TriggerKind.PURCHASES if key.kind is Kind.PRODUCT else TriggerKind.TAG_ADDED) for key in bought)
    followed = (item.cause for start in starts for item in graph.reactions.what_follows(start))
    return any(cause.effect is Effect.ADDS_TAG and cause.target == tag for cause in followed)


def _handed_over(graph: Graph, membership: Membership) -> Iterator[tuple[Key, Consequence]]:
    """What gives access because of an early-contact tag, in something that does not start on that tag itself."""
    for tag in () if membership.is_free else membership.keys(RoleName.EARLY_CONTACT):
        if membership.has(tag, RoleName.PURCHASE, RoleName.OPTIN):
            continue
        for item in graph.reactions.what_follows(Signal(tag, TriggerKind.TAG_ADDED)):
            cause = item.cause
            direct = cause.flow is not None and cause.flow.entered_by(tag)
            gives = cause.effect in (Effect.ADDS_TAG, Effect.ENROLS) and membership.has(cause.target, *GIVEN)
            asked = any(demand.held and membership.has(demand.tag, RoleName.PURCHASE) for demand in item.demands)
            if gives and not direct and not item.waits and not asked:
                yield tag, item


def _far_finding(graph: Graph, membership: Membership, tag: Key, item: Consequence) -> Finding:
    named, where = graph.object(tag), item.cause.object
    how = "is set off" if item.by else "acts"
    return Finding(
        object=where,
        message=f"“{where.name}” gives access to “{membership.name}” and {how} when “{named.name}” is added. People get that tag when they begin to "
        "order, so it is given to people who never paid.",
        variant="handed-over",
        confidence=membership.confidence(RoleName.EARLY_CONTACT, RoleName.ACCESS, RoleName.MODULE),
        related=(named, graph.object(item.cause.target)),
        people=graph.people(tag),
        path=item.path,
        location=item.cause.location,
    )


def _finding(graph: Graph, membership: Membership, flow: Flow, entry: FlowNode, variant: str) -> Finding:
    named, name = graph.object_of(entry), flow.name
    text = {
        "early-contact": f"“{name}” gives access when “{named.name}” is added. People get that tag when they begin to order, so it is given to people who never paid.",
        "access-tag": f"“{name}” starts when “{named.name}” is added, which is itself access to “{membership.name}”. Granting access by hand sets off the whole welcome again.",
    }[variant]
    early = variant == "early-contact"
    live = flow.live
    return Finding(
        object=flow.object,
        message=text,
        variant=variant,
        severity=Severity.WARNING if early and not live else None,
        confidence=membership.confidence(RoleName.EARLY_CONTACT, RoleName.ACCESS, RoleName.MODULE),
        related=(named,),
        people=graph.people(entry.on_tag) if early and entry.on_tag else None,
        path=(entry.path_step(),),
        location=entry.location,
    )
