"""Finds modules that open all at once although they are released one by one.

What it finds
-------------
An automation that adds two module tags of one offering with less than an hour between them, on any way people can take. A goal in
between counts as a wait.

Why it matters
--------------
A course that is meant to open week by week opens in one evening. People rush through, ask for the money back within the refund period,
and your later emails announce what they have seen already.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation named in this finding.
2. Pause it while you edit: people wait where they are and go on when it is Active again.
3. Click the “+” directly in front of the step that adds the second of the two module tags.
4. Choose Action → Delay, and set the days between the modules.
5. Set the automation back to Active, if it was Active before.

When to ignore it
-----------------
The second module is a bonus that is meant to come with the first.

Sources
-------
- AccessAlly's ConvertKit guide, step 7, "First add a delay": https://kb.accessally.com/tutorials/convertkit-automation/ (claim S34)
- Steps run at once unless something waits: https://help.kit.com/en/articles/2502537
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Finding,
    Flow,
    FlowNode,
    Graph,
    Key,
    Kind,
    Membership,
    Need,
    ObservedUse,
    Options,
    RoleName,
    Rule,
    Severity,
    Span,
    Theme,
    duration,
)

RULE = Rule(
    code="CK213",
    name="modules-without-delay",
    title="Modules open all at once",
    passing="There is time between the modules",
    severity=Severity.WARNING,
    theme=Theme.ACCESS,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=((RoleName.MODULE,),),
    checks=Kind.AUTOMATION,
    effort_minutes=5,
    observed=ObservedUse.JUDGED,
    counts_passers_by=True,
    nothing="no automation adds a module tag",
)

HOUR = 3600


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each automation that releases two modules within an hour."""
    seen: set[int] = set()
    for membership in graph.memberships:
        for flow in graph.flows_of(membership):
            pairs = list(_pairs(membership, flow)) if flow.index not in seen else []
            if pairs:
                seen.add(flow.index)
                yield _finding(graph, membership, flow, pairs)


def judged(graph: Graph) -> Iterable[Key]:
    """The steps that add a module tag."""
    wanted = set(graph.keys(RoleName.MODULE))
    return [node.key for flow in graph.flows for node in flow.steps if node.adds in wanted]


def _pairs(membership: Membership, flow: Flow) -> Iterator[tuple[FlowNode, FlowNode, Span]]:
    """Two module steps that follow each other on some path, too close."""
    if (flow.acts_on | flow.looks_at).isdisjoint(membership.keys(RoleName.MODULE)):
        return
    modules = [node for node in flow.nodes.values() if flow.gets_tag(node) and membership.has(node.target, RoleName.MODULE)]
    for node in modules:
        for following in flow.first_after(node, lambda other: other in modules):
            span = flow.time_between(node, following)
            if span and span.min_seconds < HOUR and not span.open_ended and following.target != node.target:
                yield node, following, span


def _finding(graph: Graph, membership: Membership, flow: Flow, pairs: list[tuple[FlowNode, FlowNode, Span]]) -> Finding:
    first, second, span = pairs[0]
    one, two = graph.object_of(first), graph.object_of(second)
    when = f"{duration(span.min_seconds)} after" if span.min_seconds else "in the same moment as"
    more = f" {len(pairs)} pairs of modules in this automation are that close." if len(pairs) > 1 else ""
    quick = flow.path_to(first, second, avoiding=lambda node: node.waits)
    path = quick or flow.path_to(first, second)
    return Finding(
        object=flow.object,
        message=f"“{flow.name}” opens “{two.name}” {when} “{one.name}”. The course that should open step by step opens at once.{more}",
        confidence=membership.confidence(RoleName.MODULE),
        related=(one, two),
        path=path.steps() if path else (),
        location=second.location,
    )
