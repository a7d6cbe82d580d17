"""Finds release steps that stand behind the refund.

What it finds
-------------
Kit pulls people forward to a goal, and everybody who comes from above waits in front of it. So what stands behind the goal “revoke tag
is added” happens to refunded people only. This rule reports access tags, module tags and login or module sequences that stand there,
up to the next goal.

Why it matters
--------------
It goes wrong twice. Paying customers wait in front of the goal and never get these modules. Refunded ones get them as a present.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation named in this finding.
2. Pause it while you edit: people wait where they are and go on when it is Active again.
3. Build the steps named here again above the goal on the revoke tag.
4. Below the goal, look whether people wait on these steps. Once nobody does, delete them: only telling the site and cleaning up belong
   there.
5. Take people out who wait in front of the goal and put them back above the new steps.
6. Set the automation back to Active, if it was Active before.

When to ignore it
-----------------
The steps give something that refunded people are meant to have, such as a free course.

Sources
-------
- AccessAlly's ConvertKit guide, step 8, "at the end of the automation": https://kb.accessally.com/tutorials/convertkit-automation/
  (claim S41)
- Events hold people and pull them forward: https://help.kit.com/en/articles/2502670, https://help.kit.com/en/articles/2502630
- Editing a running automation: https://help.kit.com/en/articles/13974216
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import Finding, Flow, FlowNode, Graph, Harm, Key, Kind, Membership, Need, Options, RoleName, Rule, Severity, Theme

RULE = Rule(
    code="CK206",
    name="steps-after-revoke-event",
    title="Modules stand behind the refund, where paying customers never come",
    passing="Nothing is released behind a refund",
    severity=Severity.ERROR,
    theme=Theme.ACCESS,
    harm=Harm.LOCKED_OUT,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=((RoleName.REVOKE,),),
    checks=Kind.AUTOMATION,
    effort_minutes=15,
    unseen="events leave none",
    nothing="no automation listens to a revoke tag",
)

GIVEN_TAGS = (RoleName.ACCESS, RoleName.MODULE)
GIVEN_SEQUENCES = (RoleName.LOGIN_SEQUENCE, RoleName.MODULE_SEQUENCE)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each goal on a revoke tag with release steps behind it."""
    seen: set[str] = set()
    for membership in graph.memberships:
        for tag in membership.keys(RoleName.REVOKE):
            for flow in graph.flows_of(membership):
                for goal in flow.waiting_for(tag):
                    given = [node for node in flow.after(goal) if _gives(membership, node) and _next_to(flow, goal, node)]
                    if given and goal.id not in seen:
                        seen.add(goal.id)
                        yield _finding(graph, membership, flow, goal, given)


def judged(graph: Graph) -> Iterable[Key]:
    """The entries and events on a revoke tag."""
    wanted = set(graph.keys(RoleName.REVOKE))
    return [node.key for flow in graph.flows for node in (*flow.events, *flow.entries) if node.on_tag in wanted]


def _gives(membership: Membership, node: FlowNode) -> bool:
    return membership.has(node.adds, *GIVEN_TAGS) or membership.has(node.enrols, *GIVEN_SEQUENCES)


def _next_to(flow: Flow, goal: FlowNode, node: FlowNode) -> bool:
    """No other goal lies between: what comes behind another goal has its own reason."""
    return flow.path_to(goal, node, avoiding=lambda step: step.is_event) is not None


def _finding(graph: Graph, membership: Membership, flow: Flow, goal: FlowNode, given: list[FlowNode]) -> Finding:
    first = given[0]
    what = graph.object_of(first)
    more = f" and {len(given) - 1} more" if len(given) > 1 else ""
    path = flow.path_to(goal, first, avoiding=lambda step: step.is_event)
    revoked, verb = goal.ref.name if goal.ref else "", "stand" if more else "stands"
    return Finding(
        object=flow.object,
        message=f"In “{flow.name}”, “{what.name}”{more} {verb} behind the goal “{revoked}”. Paying customers wait in front of it "
        "and never get there; refunded ones do.",
        severity=Severity.ERROR if flow.live else Severity.WARNING,
        confidence=membership.confidence(RoleName.REVOKE, *GIVEN_TAGS, *GIVEN_SEQUENCES),
        related=tuple(graph.object_of(node) for node in given),
        path=path.steps() if path else (),
        location=first.location,
    )
