"""Finds automations that set themselves off again.

What it finds
-------------
An automation with a step that adds the tag, or changes the field, that starts it, or that starts the automation itself. It is an error when
it can go on forever: the tag is taken off again in between by anything known, the field changes to and fro, or the automation starts
itself directly. Otherwise it is a warning.

A condition that lets nobody pass a second time, or an event on the way that only something outside makes happen, keeps it silent. So does
``recurring: true`` in the manifest, if there is a wait in the round.

Why it matters
--------------
People go through the same steps again and again. Tags and webhooks fire every round, and every sequence that may be repeated mails the same
people the same emails until they unsubscribe or report you as spam.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation named in this finding.
2. Pause it while you edit: people wait where they are and go on when it is Active again.
3. Look at the step shown in the path. If it is there by mistake, delete it.
4. If something else needs that tag or field, use another one for it.
5. If people are meant to go through once, put a Condition → Tag in front: on the Yes side Exit this automation, and on the No side a step
   that adds the tag it asks for.
6. Set the automation back to Active, if it was Active before.

When to ignore it
-----------------
The round is meant, such as a yearly reminder. Say so with ``recurring: true``.

Sources
-------
- Adding a tag runs everything that listens to it: https://help.kit.com/en/articles/2502537
- Entries: https://help.kit.com/en/articles/5523023
- Going through an automation again, and repeatable sequences: https://help.kit.com/en/articles/5022528
- Not documented, and assumed here: adding a tag that somebody has, and writing the value a field has, fire nothing; people can be let in
  again while they are still inside
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import Confidence, Cycle, Effect, Finding, Graph, Kind, Need, Options, Rule, Severity, Theme, Variant, name_list

RULE = Rule(
    code="CK304",
    name="self-retrigger",
    title="An automation sets itself off again",
    passing="No automation sets itself off",
    severity=Severity.ERROR,
    theme=Theme.AUTOMATIONS,
    confidence=Confidence.LIKELY,
    needs=(Need.AUTOMATIONS,),
    checks=Kind.AUTOMATION,
    effort_minutes=15,
    unseen="where one automation ends and the next begins they do not show",
    counts_passers_by=True,
    variants={
        "starts-itself": Variant(
            "An automation has a step that starts the same automation",
            fix=(
                "Open Automate → Visual Automations and choose the automation named in this finding.",
                "Pause it while you edit: people wait where they are and go on when it is Active again.",
                "Delete the step shown in the path: nobody waits at it.",
                "If people are meant to come again later: let another automation with a Delay start this one, and say so with `recurring: true`.",
                "Set the automation back to Active, if it was Active before.",
            ),
        ),
        "endless": Variant("An automation sets itself off again and again"),
        "once-more": Variant("An automation sends some people through twice", Severity.WARNING),
        "nothing-yet": Variant("An automation has a step that could start it again", Severity.WARNING),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each automation that starts itself."""
    for cycle in graph.cycles:
        flow = cycle.hops[0].cause.flow
        if len(cycle.hops) == 1 and flow and (cycle.instant or not flow.automation.recurring):
            yield _finding(graph, cycle)


def _finding(graph: Graph, cycle: Cycle) -> Finding:
    hop = cycle.hops[0]
    flow, node = hop.cause.flow, hop.cause.node
    own = [cause.node for cause in cycle.undoing if cause.flow is flow and cause.node]
    others = [cause.object for cause in cycle.undoing if cause.flow is not flow]
    variant, text = _judge(cycle, bool(own), name_list(dict.fromkeys(item.name for item in others)))
    gate = (
        f" The condition {cycle.conditions[-1].label} stands in front: this is so for everybody it lets through."
        if cycle.conditions
        else ""
    )
    return Finding(
        object=hop.cause.object,
        message=text + gate,
        variant=variant,
        path=(*(step.path_step("undone here") for step in own[:1]), *([node.path_step("starts it again")] if node else [])),
        related=(*([graph.object(hop.cause.target)] if hop.trigger else []), *dict.fromkeys(others)),
        location=node.location if node else None,
    )


def _judge(cycle: Cycle, own: bool, others: str) -> tuple[str, str]:
    hop = cycle.hops[0]
    name = hop.cause.object.name
    ever = f"Whoever enters once goes round forever{cycle.rhythm}, if Kit lets the same person in again."
    if hop.trigger is None:
        return "starts-itself", f"“{name}” has a step that starts “{name}”. {ever}"
    is_tag = hop.cause.effect is Effect.ADDS_TAG
    does = f"“{name}” {hop.cause.words}, {'the tag that starts it' if is_tag else 'and a change of that field starts it'}"
    if cycle.runs_again:
        how = f"{others if others and not own else 'it'} {'takes it off' if is_tag else 'changes it back'} in between"
        return "endless", f"{does}, and {how}. {ever}"
    if cycle.runs_twice:
        entries = [entry.label for flow in cycle.flows for entry in flow.entries if entry.trigger is not hop.trigger]
        path = f" another way ({entries[0]})" if entries else " another way" if is_tag else ""
        return "once-more", f"{does}. Whoever comes in{path} goes through it twice."
    held = "still has the tag" if is_tag else "still has the same value in that field"
    return (
        "nothing-yet",
        f"{does}. As far as is known that does nothing while a person {held}. Whoever has lost it by then goes through everything again.",
    )
