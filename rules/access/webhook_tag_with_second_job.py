"""Finds webhook tags that are used for something else as well.

What it finds
-------------
A tag that calls your membership site and is also an entry, a goal or a condition of an automation, or also stands for access or a
purchase; and a tag that carries two webhooks. The guide's own layout (the webhook sits on the tag that starts the automation) is only
worth knowing, MemberVault's (on the purchase tag) is left alone.

Why it matters
--------------
A webhook tag has to come off after its call, so that it works again. If the same tag is also the record of the purchase, or what a
condition looks at, taking it off breaks that, and leaving it on breaks the next call. Two different calls on one tag run at the same
time, in no promised order.

How to fix it in Kit
--------------------
1. Open Grow → Subscribers, choose Create a tag, and make a tag for the webhook alone, for example “AA: create login”.
2. In your membership site's webhook generator, make the webhook for the new tag as well. Leave the old one for now.
3. Open Automate → Visual Automations. Wherever the old tag is added for the call, add the new one behind it, and take the new one off 5
   minutes later.
4. Give the new tag to a test subscriber. When your site was called, open Automate → Rules and delete the webhook on the old tag.
5. Leave the old tag to its other job, and on the people who have it.

When to ignore it
-----------------
The tag never comes off and is never meant to call a second time.

Sources
-------
- AccessAlly wants one tag for one operation, used for nothing else:
  https://kb.accessally.com/tutorials/how-to-trigger-a-custom-field-operation-from-inside-your-crm/
- AccessAlly's ConvertKit guide, step 5: https://kb.accessally.com/tutorials/convertkit-automation/ (claims S25, S26). It contradicts
  itself: it makes the webhook for the success tag and then adds the Access tag. Who follows it word for word is told, not blamed.
- MemberVault: https://intercom.help/membervault/en/articles/6831345
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    WEBHOOK_ROLES,
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

_AT_ENTRY = (
    "Open Grow → Subscribers, choose Create a tag, and make a tag for the webhook alone, for example “AA: create login”.",
    "In your membership site's webhook generator, make the webhook for the new tag as well. Leave the old one for now.",
    "Open Automate → Visual Automations and choose the automation that starts with the old tag. If there is none, click New automation "
    "and choose Tag is added with the old tag.",
    "Click the “+” directly behind that entry, choose Action → Add or remove tag, and let it add the new tag. Take it off again at the "
    "end.",
    "Give the new tag to a test subscriber. When your site was called, open Automate → Rules and delete the webhook on the old tag.",
    "Leave the old tag on the people who have it.",
)

RULE = Rule(
    code="CK224",
    name="webhook-tag-with-second-job",
    title="A webhook tag has a second job",
    passing="Webhook tags do nothing but call the site",
    severity=Severity.WARNING,
    theme=Theme.ACCESS,
    harm=Harm.LOCKED_OUT,
    needs=(Need.MEMBERSHIP,),
    passes_with=(Need.TAGS, Need.WEBHOOKS),
    needs_roles=(WEBHOOK_ROLES,),
    checks=Kind.TAG,
    effort_minutes=20,
    nothing="there is no webhook tag",
    variants={
        "different-calls": Variant(
            "One tag asks the site for two different things at once",
            Severity.ERROR,
            fix=(
                "Open Grow → Subscribers, choose Create a tag, and make a tag for the second of the two calls.",
                "In your membership site's webhook generator, make that webhook for the new tag as well.",
                "Open Automate → Visual Automations. Wherever the old tag is added, add a Delay of 5 minutes behind it, then the new tag."
                " Take both off at the end.",
                "Give the new tag to a test subscriber. When your site was called, open Automate → Rules and delete the second webhook on"
                " the old tag.",
            ),
        ),
        "same-call-twice": Variant(
            "One tag calls the site twice for the same thing",
            fix=(
                "Open Automate → Rules and find the two webhooks on the tag named in this finding.",
                "Compare them with the address that your membership site's webhook generator shows.",
                "Delete the one that is older or differs, and leave the other.",
                "Give the tag to a test subscriber, and look into the site's webhook log whether it was called once.",
            ),
        ),
        "goal": Variant("A webhook tag is a goal of an automation too"),
        "condition": Variant("A webhook tag decides a condition too"),
        "entry": Variant(
            "A webhook tag starts an automation too",
            fix=_AT_ENTRY,
        ),
        "access-tag": Variant("A webhook tag gives access too"),
        "purchase-tag": Variant(
            "A webhook tag is the record of the purchase too",
            fix=_AT_ENTRY,
        ),
        "guide-layout": Variant(
            "The tag that starts the release calls the site too, as the guide has it",
            Severity.INFO,
            fix=_AT_ENTRY,
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each webhook tag with another job, or with two webhooks."""
    seen: set[Key] = set()
    for membership in graph.memberships:
        if membership.stack.purchase_tag_is_webhook:
            continue
        for tag in membership.keys(*WEBHOOK_ROLES):
            if tag not in seen:
                found = _two_calls(graph, tag) or _second_job(graph, membership, tag)
                if found:
                    seen.add(tag)
                    yield found


def judged(graph: Graph) -> Iterable[Key]:
    """The webhook tags."""
    return graph.keys(*WEBHOOK_ROLES)


def _two_calls(graph: Graph, tag: Key) -> Finding | None:
    hooks = [hook for hook in graph.webhook_tags if hook.key == tag]
    if len(hooks) < 2:
        return None
    operations = {hook.operation for hook in hooks}
    named = graph.object(tag)
    different = len(operations) > 1
    what = "asks the site for two different things at the same time" if different else "calls the site twice for the same thing"
    return Finding(
        object=named,
        message=f"“{named.name}” carries {len(hooks)} webhooks and {what}. Which one comes first is chance.",
        variant="different-calls" if different else "same-call-twice",
        related=tuple(graph.object(hook.webhook) for hook in hooks),
        people=graph.people(tag),
    )


def _second_job(graph: Graph, membership: Membership, tag: Key) -> Finding | None:
    for flow in graph.flows_of(membership):
        for node in flow.nodes.values() if tag in flow.looks_at else ():
            variant = _job(membership, flow, node, tag)
            if variant:
                return _in_flow(graph, membership, tag, flow, node, variant)
    guides = _guides_layout(graph, membership, tag)
    if membership.has(tag, RoleName.ACCESS) or (membership.has(tag, RoleName.PURCHASE) and not guides):
        return _as_record(graph, membership, tag)
    return _as_in_the_guide(graph, membership, tag, guides) if guides else None


def _job(membership: Membership, flow: Flow, node: FlowNode, tag: Key) -> str:
    if node.on_tag == tag:
        if node.is_event:
            return "goal"
        # the guide's own layout: the webhook sits on the tag that starts the release
        guides = membership.stack.name == "accessally" and membership.is_release(flow)
        return "" if guides or _only_cleans_up(flow, tag) else "entry"
    return "condition" if tag in node.tests else ""


def _only_cleans_up(flow: Flow, tag: Key) -> bool:
    """The automation does nothing but take the tag off again."""
    return bool(flow.removing(tag)) and all(isinstance(node.step, steps.Delay) or node in flow.removing(tag) for node in flow.steps)


def _guides_layout(graph: Graph, membership: Membership, tag: Key) -> tuple[Flow, ...]:
    """The releases this tag starts, in AccessAlly's stack."""
    if membership.stack.name != "accessally":
        return ()
    return tuple(flow for flow in graph.starts(tag) if membership.is_release(flow) and not _only_cleans_up(flow, tag))


_HARM = {
    "entry": " Whoever changes one of the two jobs changes the other without knowing.",
    "goal": " Whoever changes one of the two jobs changes the other without knowing.",
    "condition": " Taken off after the call, the condition no longer sees it; left on, it calls only once.",
}


def _in_flow(graph: Graph, membership: Membership, tag: Key, flow: Flow, node: FlowNode, variant: str) -> Finding:
    named, name = graph.object(tag), flow.name
    text = {
        "entry": f"“{named.name}” calls {membership.site} and also starts “{name}”.",
        "goal": f"“{named.name}” calls {membership.site} and is also a goal in “{name}”.",
        "condition": f"“{named.name}” calls {membership.site}, and “{name}” also decides by it.",
    }[variant]
    return Finding(
        object=named,
        message=text + _HARM[variant],
        variant=variant,
        confidence=membership.confidence(*WEBHOOK_ROLES),
        related=(flow.object,),
        path=(node.path_step(),),
        location=node.location,
    )


def _as_record(graph: Graph, membership: Membership, tag: Key) -> Finding:
    named = graph.object(tag)
    access = membership.has(tag, RoleName.ACCESS)
    what = "gives access" if access else "is the record of the purchase"
    return Finding(
        object=named,
        message=f"“{named.name}” calls {membership.site} and also {what}. Taken off after the call, the customer loses it; left on, it calls only "
        "once.",
        variant="access-tag" if access else "purchase-tag",
        confidence=membership.confidence(*WEBHOOK_ROLES, RoleName.ACCESS, RoleName.PURCHASE),
        people=graph.people(tag),
        location=membership.location,
    )


def _as_in_the_guide(graph: Graph, membership: Membership, tag: Key, releases: tuple[Flow, ...]) -> Finding:
    named = graph.object(tag)
    return Finding(
        object=named,
        message=f"“{named.name}” calls {membership.site} and also starts “{releases[0].name}”, as the guide has it. It cannot come "
        "off after the call without taking away what shows the purchase, so a second purchase calls nothing. A tag of its own for the "
        "webhook is safer.",
        variant="guide-layout",
        confidence=membership.confidence(*WEBHOOK_ROLES),
        related=tuple(flow.object for flow in releases),
        location=releases[0].automation.location,
    )
