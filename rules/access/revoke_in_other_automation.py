"""Finds releases that go on after a refund, because the refund is handled in another automation.

What it finds
-------------
An automation gives access over days (a module or access tag, or a module sequence, a day or more after somebody came in), and the revoke
tag of its offering is handled only in another automation or rule. Nothing takes the person out of the first one. What counts: a goal on
the revoke tag in it, a step that removes people from it or a rule that unsubscribes them from the module sequence, when the revoke tag sets
these off over any number of hops; an exclusion of the revoke tag by the module sequence; a condition on the revoke tag right in front.

It does not see what a site does by itself with a refunded member who gets another module tag.

Why it matters
--------------
The refund is noted, but the first automation does not know. It goes on: the refunded customer gets module after module and the emails
that sell the next course. The later module tags can open doors again.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation named in this finding, the one that gives access.
2. Pause it while you edit: people wait where they are and go on when it is Active again.
3. Click the “+” right before the end, choose Event → Tag is added, and choose the revoke tag. It pulls people out of all steps above.
4. Or open the automation that handles the refund, click the “+”, choose Action → Move subscriber → Remove from another automation, and
   choose the one that gives access.
5. Set what you paused back to Active, if it was Active before.

When to ignore it
-----------------
Everything that comes late in the automation may also reach refunded people.

Sources
-------
- AccessAlly's ConvertKit guide, step 8: https://kb.accessally.com/tutorials/convertkit-automation/ (claim S41)
- AccessAlly, "stops any future modules": https://kb.accessally.com/tutorials/revoke-content-access-using-drip/
- An event only sees people inside its own automation: https://help.kit.com/en/articles/2502670
- Actions, "remove from another automation": https://help.kit.com/en/articles/2502537
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
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
    Options,
    RoleName,
    Rule,
    Severity,
    Signal,
    Theme,
    TriggerKind,
    duration,
    guards,
)

RULE = Rule(
    code="CK208",
    name="revoke-in-other-automation",
    title="Modules keep coming after a refund",
    passing="A refund stops every automation that still releases",
    severity=Severity.WARNING,
    theme=Theme.ACCESS,
    harm=Harm.LEAK,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=((RoleName.REVOKE,),),
    checks=Kind.AUTOMATION,
    effort_minutes=10,
    unseen="events that take people out leave none",
    counts_passers_by=True,
    nothing="no automation gives access",
)

DAY = 86400
ENDS = (Effect.STOPS, Effect.UNENROLS)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each release automation that a refund does not stop."""
    seen: set[int] = set()
    for membership in graph.memberships:
        tags = membership.keys(RoleName.REVOKE)
        followed = [item for tag in tags for item in graph.reactions.what_follows(Signal(tag, TriggerKind.TAG_ADDED), goals=True)]
        handled = [(flow, tag) for tag in tags for flow in graph.flows_of(membership) if flow.live and flow.listening_to(tag)]
        ended = {item.cause.target for item in followed if item.cause.effect in ENDS} | _ended_outside(graph)
        for flow in graph.flows_of(membership) if followed or handled else ():
            if flow.index in seen or not flow.live or not membership.is_release(flow) or any(flow.listening_to(tag) for tag in tags):
                continue
            late = None if flow.key in ended else _late_step(graph, membership, flow, ended)
            if late:
                seen.add(flow.index)
                yield _finding(graph, membership, flow, late, handled[0] if handled else None, [*(tag for _, tag in handled), *tags])


def judged(graph: Graph) -> Iterable[Key]:
    """The automations that give access."""
    return [flow.key for flow in graph.releases]


def _ended_outside(graph: Graph) -> set[Key]:
    """What a shop or site takes people out of; on which occasion, a manifest often does not say."""
    return {cause.target for cause in graph.causes.all if cause.integrated and cause.effect in ENDS}


def _late_step(graph: Graph, membership: Membership, flow: Flow, ended: set[Key]) -> tuple[FlowNode, int] | None:
    """The first step that gives a module a day or more after somebody came in, and how late. A module sequence of more than a day counts."""
    giving = graph.reactions.steps_causing(flow, lambda cause: _gives(graph, membership, cause, ended), sure=False)
    for node in flow.steps:
        if node.id not in giving or any(guards.lacks_tag(flow, node, tag) for tag in membership.keys(RoleName.REVOKE)):
            continue
        spans = [span for root in flow.roots if (span := flow.time_between(root, node))]
        late = max((span.max_seconds for span in spans), default=0) + node.seconds + giving[node.id]
        if late >= DAY:
            return node, late
    return None


def _gives(graph: Graph, membership: Membership, cause: Cause, ended: set[Key]) -> bool:
    """A module or access tag, or a module sequence that lets refunded people in."""
    if cause.effect is Effect.ADDS_TAG:
        return membership.has(cause.target, RoleName.MODULE, RoleName.ACCESS)
    if cause.effect is not Effect.ENROLS or not membership.has(cause.target, RoleName.MODULE_SEQUENCE) or cause.target in ended:
        return False
    found = graph.lookup.sequence(cause.target)
    return found is None or set(found.excluded_keys).isdisjoint(membership.keys(RoleName.REVOKE))


def _finding(
    graph: Graph, membership: Membership, flow: Flow, late: tuple[FlowNode, int], other: tuple[Flow, Key] | None, tags: list[Key]
) -> Finding:
    node, seconds = late
    named = graph.object(tags[0])
    where = f"“{other[0].name}”" if other else "a rule"
    what = graph.object_of(node).name
    return Finding(
        object=flow.object,
        message=f"A refund is handled in {where}, but nothing takes people out of “{flow.name}”. It still gives “{what}” up to "
        f"{duration(seconds)} after the purchase, also to people who got their money back.",
        confidence=membership.confidence(RoleName.REVOKE, RoleName.PURCHASE),
        related=(named, *((other[0].object,) if other else ())),
        path=(node.path_step("still happens after a refund"),),
        location=node.location,
    )
