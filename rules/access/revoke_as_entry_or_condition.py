"""Finds refunds that are built as an entry or a condition of the automation that gives access.

What it finds
-------------
In an automation that gives access, this rule reports a revoke tag used as an entry, and a condition on it whose yes side tells the site
or takes tags away. A condition that only sends refunded people out of the automation is fine, and so is one beside a goal on the same
tag.

Why it matters
--------------
As an entry, the revoke tag starts the release: a refunded customer gets the login email and the course again. As a condition it is
looked at once, when the person passes by. Nobody asks for the money back in exactly that second, so the refund is missed.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation named in this finding.
2. Pause it while you edit: people wait where they are and go on when it is Active again.
3. Delete the entry on the revoke tag. The other entries stay.
4. If there is no goal on this tag yet: click the “+” right before the end, choose Event → Tag is added, and choose the revoke tag.
5. Behind it, add the webhook tag that makes your site read the tags again, then a Delay of 5 minutes, then remove that webhook tag.
6. Set the automation back to Active, if it was Active before.
7. Look at the refunded people who came in this way: in Grow → Subscribers filter by the revoke tag, and look on your site who has the
   course.

When to ignore it
-----------------
The tag has a second meaning besides revoking, and you want these people to go through again.

Sources
-------
- AccessAlly's ConvertKit guide, step 8: https://kb.accessally.com/tutorials/convertkit-automation/ (claim S41)
- Conditions are looked at once, on arrival: https://help.kit.com/en/articles/2502665 (and onetwothreesend.com for the moment)
- Entries: https://help.kit.com/en/articles/5523023
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    TAG_READERS,
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
    Variant,
    steps,
)

_OPEN = "Open Automate → Visual Automations and choose the automation named in this finding."
_PAUSE = "Pause it while you edit: people wait where they are and go on when it is Active again."
_RESUME = "Set the automation back to Active, if it was Active before."

RULE = Rule(
    code="CK207",
    name="revoke-as-entry-or-condition",
    title="A refund starts the release again, or is looked at only once",
    passing="Refunds are goals, not entries or conditions",
    severity=Severity.ERROR,
    theme=Theme.ACCESS,
    harm=Harm.LEAK,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=((RoleName.REVOKE,),),
    checks=Kind.AUTOMATION,
    effort_minutes=15,
    unseen="conditions leave none, and what belongs to one automation they do not show",
    nothing="no automation gives access",
    variants={
        "entry": Variant("A refund starts the release again"),
        "condition": Variant(
            "A refund is looked at only once, so one that comes later is missed",
            fix=(
                _OPEN,
                _PAUSE,
                "Click the “+” right before the end, choose Event → Tag is added, and choose the revoke tag.",
                "Behind it, add the webhook tag that makes your site read the tags again, then a Delay of 5 minutes, then remove that "
                "webhook tag.",
                "Leave the condition where it is: it does no harm beside the goal.",
                _RESUME,
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each entry or condition on a revoke tag in a release automation."""
    seen: set[str] = set()
    for membership in graph.memberships:
        for flow in graph.flows_of(membership):
            if not membership.is_release(flow):
                continue
            for tag in membership.keys(RoleName.REVOKE):
                for node, variant in (*_entries(flow, tag), *_conditions(membership, flow, tag)):
                    if node.id not in seen:
                        seen.add(node.id)
                        yield _finding(graph, membership, flow, node, tag, variant)


def judged(graph: Graph) -> Iterable[Key]:
    """The automations that give access."""
    return [flow.key for flow in graph.releases]


def _entries(flow: Flow, tag: Key) -> Iterator[tuple[FlowNode, str]]:
    for node in flow.entered_by(tag):
        yield node, "entry"


def _conditions(membership: Membership, flow: Flow, tag: Key) -> Iterator[tuple[FlowNode, str]]:
    if flow.waiting_for(tag):
        return
    for node in flow.steps:
        step = node.step
        if isinstance(step, steps.If) and _tests(step, tag) and any(_revokes(membership, inner) for inner in steps.all_steps(step.then)):
            yield node, "condition"


def _tests(step: steps.If, tag: Key) -> bool:
    return step.test.kind is steps.ConditionKind.TAG and tag in [ref.key for ref in step.tests]


def _revokes(membership: Membership, step: object) -> bool:
    match step:
        case steps.AddTag(tag=ref):
            return membership.has(ref.key, *TAG_READERS)
        case steps.RemoveTag(tag=ref):
            return membership.has(ref.key, RoleName.ACCESS, RoleName.MODULE)
        case _:
            return False


def _finding(graph: Graph, membership: Membership, flow: Flow, node: FlowNode, tag: Key, variant: str) -> Finding:
    named, name = graph.object(tag), flow.name
    text = {
        "entry": f"“{named.name}” starts “{name}”, the automation that gives access. Refunded customers get the login email and the course "
        "again.",
        "condition": f"“{name}” looks at “{named.name}” once, when people pass by. A refund that comes later is missed, and the course stays "
        "open.",
    }[variant]
    return Finding(
        object=flow.object,
        message=text,
        variant=variant,
        severity=Severity.ERROR if flow.live else Severity.WARNING,
        confidence=membership.confidence(RoleName.REVOKE),
        related=(named,),
        people=graph.people(tag) if variant == "entry" else None,
        path=(node.path_step(),),
        location=node.location,
    )
