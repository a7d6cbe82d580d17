"""Finds refunds and cancellations that reach Kit but that nobody tells the membership site.

What it finds
-------------
Some automation or rule reacts to the revoke tag of an offering. This rule follows what happens behind it and reports ways on which no
webhook tag makes your site read the tags again (or take access away): none at all, or none on one branch. The reaction may be spread
over rules and other automations; one that always tells the site is enough. A revoke tag that itself calls the site counts.

What the revoke tag, or a step behind its goal, sets off elsewhere counts, over any number of automations, rules and forms. This rule does
not see what a tool outside Kit tells the site.

Why it matters
--------------
The revoke tag alone changes nothing on your site until somebody makes it look. Until then a refunded customer keeps the course, and you
believe that the door is closed.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation named in this finding.
2. Pause it while you edit: people wait where they are and go on when it is Active again.
3. Click the “+” directly behind the goal or entry on the revoke tag.
4. Choose Action → Add or remove tag, and let it add the webhook tag that makes your site read the tags again.
5. Behind it add a Delay of 5 minutes, then remove that webhook tag, so that it works again next time.
6. Set the automation back to Active, if it was Active before.
7. For the refunds until now: in Grow → Subscribers filter by the revoke tag, and look on your site who of them still has the course.

When to ignore it
-----------------
Your site takes access away by itself and then adds the revoke tag for information only: state ``revoked_by: site``.

Sources
-------
- AccessAlly's ConvertKit guide, step 8: https://kb.accessally.com/tutorials/convertkit-automation/ (claim S42)
- Adding a tag in the CRM does nothing on the site until a webhook runs: https://kb.accessally.com/tutorials/user-crm-tag-not-syncing
- An older AccessAlly page uses the create-login webhook here; it re-reads the tags as well, so it is accepted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    TAG_READERS,
    Cause,
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

_OPEN = "Open Automate → Visual Automations and choose the automation named in this finding."
_PAUSE = "Pause it while you edit: people wait where they are and go on when it is Active again."
_RESUME = "Set the automation back to Active, if it was Active before."

RULE = Rule(
    code="CK205",
    name="revoke-not-synced",
    title="A refund is noted in Kit, but the site is never told",
    passing="Every refund and cancellation is passed on to the site",
    severity=Severity.ERROR,
    theme=Theme.ACCESS,
    harm=Harm.LEAK,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=((RoleName.REVOKE,),),
    checks=Kind.AUTOMATION,
    effort_minutes=10,
    observed=ObservedUse.SILENCES,
    unseen="a webhook tag that was taken off leaves none, so it cannot be missed in them",
    people_from=("CK808",),
    unsure_beside=("CK226", "CK225", "CK237", "CK238"),
    nothing="no automation listens to a revoke tag",
    variants={
        "no-webhook-tag": Variant("A refund is noted in Kit, but the site is never told"),
        "one-branch": Variant(
            "On one branch a refund is noted in Kit, but the site is never told",
            fix=(
                _OPEN,
                _PAUSE,
                "Follow the path in this finding: it leads along the branch on which the site is not told.",
                "Click the “+” on that branch, choose Action → Add or remove tag, and let it add the webhook tag that makes your site "
                "read the tags again.",
                "Behind it add a Delay of 5 minutes, then remove that webhook tag, so that it works again next time.",
                _RESUME,
                "For the refunds until now: in Grow → Subscribers filter by the revoke tag, and look on your site who of them still has "
                "the course.",
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each revoke tag that something reacts to without telling the site."""
    seen: set[Key] = set()
    for membership in graph.memberships:
        if _silent(membership):
            continue
        for tag in membership.keys(RoleName.REVOKE):
            places = [(flow, node) for flow in graph.flows_of(membership) if flow.live for node in flow.listening_to(tag)]
            if tag not in seen and places and not _is_called(graph, membership, tag, places):
                seen.add(tag)
                yield _finding(graph, membership, tag, *places[0])


def judged(graph: Graph) -> Iterable[Key]:
    """The entries and events on a revoke tag."""
    wanted = set(graph.keys(RoleName.REVOKE))
    return [node.key for flow in graph.flows for node in (*flow.events, *flow.entries) if node.on_tag in wanted]


def _silent(membership: Membership) -> bool:
    by_site = not membership.revoked_by_kit or membership.is_free
    return by_site or not membership.calls_site


def _is_called(graph: Graph, membership: Membership, tag: Key, places: list[tuple[Flow, FlowNode]]) -> bool:
    """The tag calls the site itself, what it sets off always does, or what stands behind one of its goals."""
    readers = membership.keys(*TAG_READERS)
    if tag in readers:
        return True
    followed = graph.reactions.what_follows(Signal(tag, TriggerKind.TAG_ADDED), sure=True)
    if any(_calls(item.cause, readers) for item in followed):
        return True
    return any(_always(graph, flow, node, readers) for flow, node in places)


def _calls(cause: Cause, readers: tuple[Key, ...]) -> bool:
    return cause.effect is Effect.ADDS_TAG and cause.target in readers


def _always(graph: Graph, flow: Flow, node: FlowNode, readers: tuple[Key, ...]) -> bool:
    telling = graph.reactions.steps_causing(flow, lambda cause: _calls(cause, readers))
    return flow.path_avoiding(node, lambda step: step.id in telling) is None


def _finding(graph: Graph, membership: Membership, tag: Key, flow: Flow, node: FlowNode) -> Finding:
    readers = membership.keys(*TAG_READERS)
    telling = graph.reactions.steps_causing(flow, lambda cause: _calls(cause, readers))
    partly = any(other.id in telling for other in flow.after(node))
    path = flow.path_avoiding(node, lambda step: step.id in telling)
    named = graph.object(tag)
    name, site = flow.name, membership.site
    text = (
        f"When “{named.name}” is added, “{name}” tells {site} on one branch only. On the other, refunded customers keep the course."
        if partly
        else f"“{name}” reacts to “{named.name}”, but no step behind it tells {site}. Refunded customers keep the course."
    )
    return Finding(
        object=flow.object,
        message=text,
        variant="one-branch" if partly else "no-webhook-tag",
        confidence=membership.confidence(RoleName.REVOKE, *TAG_READERS),
        related=(named,),
        people=graph.people(tag),
        path=path.steps() if path else (),
        location=node.location,
    )
