"""Finds releases that go on after a refund, because the refund is handled in another automation.

What it finds
-------------
An automation gives access over days (modules, or a long sequence), and the revoke tag of its offering is handled only in another
automation or rule. Nothing takes the person out of the first one: it has no goal on the revoke tag, and the other one does not remove
people from it.

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
    duration,
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


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each release automation that a refund does not stop."""
    seen: set[int] = set()
    for membership in graph.memberships:
        tags = membership.keys(RoleName.REVOKE)
        handled = [(flow, tag) for tag in tags for flow in graph.flows_of(membership) if flow.live and flow.listening_to(tag)]
        ruled = [tag for tag in tags if graph.rules_fired(tag)]
        for flow in graph.flows_of(membership):
            if flow.index in seen or not flow.live or not membership.is_release(flow) or any(flow.listening_to(tag) for tag in tags):
                continue
            late = _late_step(membership, flow)
            if late and (handled or ruled) and not _stopped(graph, flow):
                seen.add(flow.index)
                yield _finding(graph, membership, flow, late, handled[0] if handled else None, [tag for _, tag in handled] + ruled)


def judged(graph: Graph) -> Iterable[Key]:
    """The automations that give access."""
    return [flow.key for flow in graph.releases]


def _stopped(graph: Graph, flow: Flow) -> bool:
    """Some live automation takes people out of this one."""
    return bool(graph.causes.of(Effect.STOPS, flow.key))


def _late_step(membership: Membership, flow: Flow) -> tuple[FlowNode, int] | None:
    """The first step that releases or mails a day or more after somebody came in, and how late. A sequence of more than a day counts."""
    for node in flow.steps:
        if not node.enrols and not membership.has(node.adds, RoleName.MODULE, RoleName.ACCESS):
            continue
        spans = [span for root in flow.roots if (span := flow.time_between(root, node))]
        late = max((span.max_seconds for span in spans), default=0) + node.seconds
        if late >= DAY:
            return node, late
    return None


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
