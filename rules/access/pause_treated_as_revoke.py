"""Finds pauses that lock customers out.

What it finds
-------------
A goal, an entry or a rule on the pause tag behind which the revoke tag is added, a revoke webhook is called, or an access tag is taken
off.

What the pause tag sets off is followed over any number of automations, rules and forms. This rule does not see what the site itself does
with a pause.

Why it matters
--------------
A customer who pauses keeps what is paid for until the end of the period. Here the door closes at once. AccessAlly's “Cancel” also adds
the pause tag first and the revoke tag only when the period ends: so everybody who cancels loses the rest of what was paid.

How to fix it in Kit
--------------------
1. Make sure that your shop adds the revoke tag when the paid time is over or the money was returned (AccessAlly does).
2. Open Automate → Visual Automations and choose the automation named in this finding.
3. Pause it while you edit: people wait where they are and go on when it is Active again.
4. Click the goal or entry on the pause tag and choose the revoke tag instead. Delete a step behind it that adds the revoke tag.
5. If you use the pause tag, use it to end emails that sell or remind, not to close the course.
6. Set the automation back to Active, if it was Active before.
7. People who pause now: look on your site who of them is locked out, and take the revoke tag off those who have paid.

When to ignore it
-----------------
In your shop a pause means that access ends at once.

Sources
-------
- Revoke, Cancel and Pause in AccessAlly:
  https://kb.accessally.com/tutorials/your-guide-to-using-crm-automations-when-cancelling-an-accessally-subscription/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Effect,
    Finding,
    Flow,
    FlowNode,
    Graph,
    Harm,
    Key,
    Kind,
    Location,
    Membership,
    Need,
    ObjectRef,
    Options,
    Path,
    PathStep,
    RoleName,
    Rule,
    Severity,
    Signal,
    Theme,
    TriggerKind,
    Variant,
)

RULE = Rule(
    code="CK229",
    name="pause-treated-as-revoke",
    title="Customers who pause are locked out",
    passing="A pause leaves access as it is",
    severity=Severity.WARNING,
    theme=Theme.ACCESS,
    harm=Harm.LOCKED_OUT,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=((RoleName.PAUSE,),),
    checks=Kind.AUTOMATION,
    effort_minutes=10,
    unseen="a cancellation that adds both tags looks the same in them",
    counts_passers_by=True,
    nothing="there is no pause tag",
    variants={
        "by-automation": Variant("Customers who pause are locked out"),
        "by-rule": Variant(
            "A rule locks customers out who only pause",
            fix=(
                "Make sure that your shop adds the revoke tag when the paid time is over or the money was returned (AccessAlly does).",
                "Open Automate → Rules and choose the rule named in this finding.",
                "Change its trigger from the pause tag to the revoke tag, and remove an action that adds the revoke tag. Save the rule.",
                "People who pause now: look on your site who of them is locked out, and take the revoke tag off those who have paid.",
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each automation or rule that closes on a pause."""
    for membership in graph.memberships:
        for tag in membership.keys(RoleName.PAUSE):
            for flow in graph.flows_of(membership):
                if flow.live:
                    yield from _in_flow(graph, membership, tag, flow)
            yield from _elsewhere(graph, membership, tag)


def judged(graph: Graph) -> Iterable[Key]:
    """The pause tags."""
    return graph.keys(RoleName.PAUSE)


def _in_flow(graph: Graph, membership: Membership, tag: Key, flow: Flow) -> Iterator[Finding]:
    for start in flow.listening_to(tag):
        # what lies behind another goal has its own reason
        closing = ((node, path) for node in flow.after(start) if _closes(membership, node) and (path := _straight(flow, start, node)))
        if found := next(closing, None):
            yield _finding(graph, membership, tag, flow.object, found[1].steps(), found[0].location)
            return


def _straight(flow: Flow, start: FlowNode, node: FlowNode) -> Path | None:
    return flow.path_to(start, node, avoiding=lambda other: other.is_event)


def _closes(membership: Membership, node: FlowNode) -> bool:
    revokes = membership.has(node.adds, RoleName.REVOKE, RoleName.WEBHOOK_REVOKE)
    return revokes or membership.has(node.removes, RoleName.ACCESS, RoleName.MODULE)


def _elsewhere(graph: Graph, membership: Membership, tag: Key) -> Iterator[Finding]:
    """A rule, or an automation that does not start on the tag itself but on what the tag sets off."""
    for item in graph.reactions.what_follows(Signal(tag, TriggerKind.TAG_ADDED)):
        cause = item.cause
        if item.waits or (cause.flow and cause.flow.listening_to(tag)):
            continue
        revokes = cause.effect is Effect.ADDS_TAG and membership.has(cause.target, RoleName.REVOKE, RoleName.WEBHOOK_REVOKE)
        takes = cause.effect is Effect.REMOVES_TAG and membership.has(cause.target, RoleName.ACCESS, RoleName.MODULE)
        if revokes or takes:
            yield _finding(graph, membership, tag, cause.object, item.path if item.by else (), cause.location)
            return


def _finding(
    graph: Graph, membership: Membership, tag: Key, where: ObjectRef, path: tuple[PathStep, ...], location: Location | None
) -> Finding:
    named = graph.object(tag)
    also = (
        f" {membership.site}'s “Cancel” adds this tag as well, long before the paid period ends."
        if membership.stack.name == "accessally"
        else ""
    )
    return Finding(
        object=where,
        message=f"“{where.name}” takes access to “{membership.name}” away when “{named.name}” is added. Who only pauses is locked out.{also}",
        variant=f"by-{where.kind}",
        confidence=membership.confidence(RoleName.PAUSE, RoleName.REVOKE, RoleName.ACCESS),
        related=(named,),
        people=graph.people(tag),
        path=path,
        location=location,
    )
