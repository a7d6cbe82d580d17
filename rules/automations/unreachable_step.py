"""Finds steps that nobody can come to, because every way ends before them.

What it finds
-------------
Steps that stand behind “Exit this automation”, or behind a condition or split all of whose branches exit, and the path of a split that
asks for a tag an earlier path of the same split has asked for already: the first match counts.

A step that an event can pull people to is left alone. Steps behind an event that cannot happen, or behind a sequence that never lets go,
are the business of other rules.

Why it matters
--------------
Somebody built these steps and believes that they run: the emails are never sent, the tags never added. People who stood there when the
automation was changed may be stuck for good.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation named in this finding.
2. Pause it, and look whether people wait at the step named here.
3. If the step is needed: remove the “Exit this automation” in front of it from the branch that should go on.
4. If it is not: take out the people who wait there, then delete the step.
5. Set the automation back to Active, if it was Active before.

When to ignore it
-----------------
The steps are kept on purpose while people who are behind them finish.

Sources
-------
- Exit this automation, and how branches go on: https://help.kit.com/en/articles/2502537
- Conditions and split paths: https://help.kit.com/en/articles/2502665
- Events pull people forward: https://help.kit.com/en/articles/2502670
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import Finding, Flow, FlowNode, Graph, Kind, Need, Options, Rule, Severity, Theme, Variant, steps

RULE = Rule(
    code="CK307",
    name="unreachable-step",
    title="Nobody can come to a step of an automation",
    passing="People can come to every step",
    severity=Severity.WARNING,
    theme=Theme.AUTOMATIONS,
    needs=(Need.AUTOMATIONS,),
    checks=Kind.AUTOMATION,
    effort_minutes=10,
    unseen="steps nobody comes to leave none",
    variants={
        "behind-exit": Variant("Nobody can come to a step of an automation"),
        "path-twice": Variant(
            "A split has two paths for the same tag, and nobody takes the second",
            fix=(
                "Open Automate → Visual Automations and choose the automation named in this finding.",
                "Pause it while you edit: people wait where they are and go on when it is Active again.",
                "Click the split shown in the path, and let the second path ask for the tag that was meant.",
                "If it has no purpose: take out the people who stand in the second path, then delete that path.",
                "Set the automation back to Active, if it was Active before.",
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for the first step of each stretch nobody comes to."""
    for flow in graph.flows:
        if not flow.live:
            continue
        lost = _unreached(flow)
        for node in flow.steps:
            if node.id in lost and not any(other.id in lost for other in flow.before(node)):
                yield _behind_exit(flow, node, lost)
        yield from _asked_twice(flow)


def _unreached(flow: Flow) -> set[str]:
    """Steps no way leads to. An event pulls people forward, if anybody can stand above it."""
    reached = {flow.start.id, *flow.walk(flow.start)}
    for position, node in enumerate(flow.steps):
        above = flow.steps[:position]
        if node.is_event and any(
            other.id in reached and (other.is_event or other.enrols or isinstance(other.step, steps.Delay)) for other in above
        ):
            reached |= {node.id, *(other.id for other in flow.after(node))}
    return {node.id for node in flow.steps} - reached


def _behind_exit(flow: Flow, node: FlowNode, lost: set[str]) -> Finding:
    behind = [other for other in flow.after(node) if other.id in lost]
    more = "" if not behind else " and 1 step behind it" if len(behind) == 1 else f" and {len(behind)} steps behind it"
    waiting = _waiting((node, *behind))
    stuck = f" {waiting} people stand there all the same." if waiting > 1 else " 1 person stands there all the same." if waiting else ""
    return Finding(
        object=flow.object,
        message=f"In “{flow.name}” nobody comes to the step {node.label}{more}: every way in front of it ends in “Exit this automation”.{stuck}",
        variant="behind-exit",
        people=waiting or None,
        path=(node.path_step("nobody comes here"), *(other.path_step() for other in behind)),
        location=node.location,
    )


def _waiting(nodes: tuple[FlowNode, ...]) -> int:
    return sum(node.step.waiting or 0 for node in nodes if node.step)


def _asked_twice(flow: Flow) -> Iterator[Finding]:
    for node in flow.steps:
        if not isinstance(node.step, steps.Split):
            continue
        seen = set()
        for side in node.step.paths:
            if side.tag and side.tag.key in seen:
                yield Finding(
                    object=flow.object,
                    message=f"A split in “{flow.name}” has two paths for “{side.tag.name}”. Everybody takes the first one, and nobody the second.",
                    variant="path-twice",
                    path=(node.path_step(f"“{side.tag.name}” twice"),),
                    location=side.location,
                )
            seen.add(side.tag.key if side.tag else None)
