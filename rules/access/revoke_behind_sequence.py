"""Finds refunds and lock-outs that hang behind an email sequence.

What it finds
-------------
A step that adds the revoke tag or calls the site to revoke, and that people reach only through an email sequence; and a rule that does so
when a sequence ends. Typical is the dunning automation: failed payment, emails, then revoke. It is silent when a shop or site listed
under ``external`` adds the revoke tag as well.

Why it matters
--------------
Who unsubscribes leaves the sequence and never reaches the step behind it. So the people least interested in paying keep the course for
good: one click on “unsubscribe” and the lock never closes.

How to fix it in Kit
--------------------
1. In your cart or membership site, let the revoke tag be added there when the payment has failed for good or the money was returned. Where
   that is possible, nothing more is needed.
2. Otherwise open Automate → Visual Automations and click New automation. Give it the same entry as the automation named in this finding
   has.
3. Click the “+”, choose Action → Delay, and set it to the time the emails take. Behind it add the steps that close the course.
4. Copy the goals and conditions that spare people who have paid in the meantime: nobody who pays may be locked out.
5. Set the new automation to Active. The old one may stay as it is: adding a tag twice does nothing.

When to ignore it
-----------------
The cart adds the revoke tag in any case, and the step here only repeats it. Then list the cart under ``external``.

Sources
-------
- AccessAlly's ConvertKit guide, "an unsubscribe in ConvertKit stops tags and automation rules from running":
  https://kb.accessally.com/tutorials/convertkit-automation/ (claim S3)
- AccessAlly describes this case: https://kb.accessally.com/tutorials/how-to-follow-up-on-a-failed-payment/
- Kit's pages say only that unsubscribed people get no emails; where they stand in an automation is not documented. This rule assumes
  that they do not move on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Confidence,
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
    Theme,
    TriggerKind,
    Variant,
)

RULE = Rule(
    code="CK212",
    name="revoke-behind-sequence",
    title="Who unsubscribes keeps the course without paying",
    passing="No refund or lock-out comes only behind an email sequence",
    severity=Severity.WARNING,
    theme=Theme.ACCESS,
    harm=Harm.LEAK,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=((RoleName.REVOKE, RoleName.WEBHOOK_REVOKE),),
    checks=Kind.AUTOMATION,
    effort_minutes=20,
    unseen="whether a refund comes another way too they do not show",
    counts_passers_by=True,
    nothing="there is no tag that takes access away",
    variants={
        "behind-sequence": Variant("Who unsubscribes keeps the course without paying"),
        "rule-on-completion": Variant(
            "Access ends when a sequence does, so who unsubscribes keeps the course",
            fix=(
                "In your cart or membership site, let the revoke tag be added there when the payment has failed for good or the money was"
                " returned. Where that is possible, nothing more is needed.",
                "Otherwise open Automate → Visual Automations and click New automation. Choose Tag is added, and choose the tag that puts"
                " people into the sequence named in this finding.",
                "Click the “+”, choose Action → Delay, and set it to the time the emails take. Behind it add the revoke tag.",
                "Add a goal or a condition that spares people who have paid in the meantime: nobody who pays may be locked out.",
                "Set the new automation to Active. The rule may stay as it is: adding a tag twice does nothing.",
            ),
        ),
    },
)

REVOKING = (RoleName.REVOKE, RoleName.WEBHOOK_REVOKE)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each revoking step or rule behind a sequence."""
    seen: set[str] = set()
    for membership in graph.memberships:
        for tag in membership.keys(*REVOKING):
            if _added_outside(graph, tag):
                continue
            for flow in graph.flows_of(membership):
                for node in flow.adding(tag):
                    sequence = _only_through(flow, node)
                    if sequence and node.id not in seen:
                        seen.add(node.id)
                        yield _in_flow(graph, membership, flow, node, sequence)
            yield from _by_rule(graph, membership, tag)


def judged(graph: Graph) -> Iterable[Key]:
    """The tags that take access away."""
    return graph.keys(RoleName.REVOKE, RoleName.WEBHOOK_REVOKE)


def _added_outside(graph: Graph, tag: Key) -> bool:
    return any(cause.integrated for cause in graph.causes.of(Effect.ADDS_TAG, tag))


def _only_through(flow: Flow, node: FlowNode) -> FlowNode | None:
    """The sequence in front, when no way leads to the step without one. A goal in between starts the way anew."""
    starts = [*flow.roots, *flow.events]
    free = any(flow.path_to(start, node, avoiding=lambda step: step.enrols is not None or step.is_event) for start in starts)
    above = [step for step in flow.before(node) if step.enrols]
    return above[-1] if above and not free else None


def _by_rule(graph: Graph, membership: Membership, tag: Key) -> Iterator[Finding]:
    for cause in graph.causes.of(Effect.ADDS_TAG, tag):
        rule = cause.rule
        ended = [when.ref for when in rule.when if when.kind is TriggerKind.COMPLETES_SEQUENCE and when.ref] if rule else []
        if rule and ended and len(ended) == len(rule.when):
            named = graph.object(tag)
            yield Finding(
                object=cause.object,
                message=f"The rule “{cause.object.name}” adds “{named.name}” when people complete “{ended[0].name}”. Who unsubscribes never completes "
                "it and keeps the course.",
                variant="rule-on-completion",
                confidence=Confidence.LIKELY,  # where unsubscribed people stand is not documented by Kit
                related=(named, graph.object(ended[0].key)),
                location=rule.location,
            )


def _in_flow(graph: Graph, membership: Membership, flow: Flow, node: FlowNode, sequence: FlowNode) -> Finding:
    tag = graph.object_of(node)
    before = graph.object_of(sequence)
    path = flow.path_to(sequence, node)
    return Finding(
        object=flow.object,
        message=f"In “{flow.name}”, “{tag.name}” comes only behind the sequence “{before.name}”. Who unsubscribes there leaves the "
        "sequence, never reaches this step and keeps the course.",
        variant="behind-sequence",
        confidence=Confidence.LIKELY,  # where unsubscribed people stand is not documented by Kit
        related=(tag, before),
        path=path.steps() if path else (),
        location=node.location,
    )
