"""Finds automations and rules that set each other off in a cycle.

What it finds
-------------
Cycles across several automations and rules: each adds or removes a tag, changes a field, joins a form, or starts the next one, and the
last sets off the first. It is an error when the cycle can turn forever, because what it adds is taken off again on the way by anything
known, or because it closes by starting an automation. Otherwise it is a warning. A cycle inside a single automation is CK304.

A condition that lets nobody pass a second time, or an event on the way that only something outside makes happen, keeps it silent. So does
``recurring: true`` for one of its automations, if there is a wait in the round.

Why it matters
--------------
People go round and round. Tags and webhooks fire every time, sequences that may be repeated mail the same people again, and because each
part looks right by itself nobody sees where it comes from.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations (for a rule: Automate → Rules) and choose what is named first in this finding.
2. Pause an automation while you edit: people wait where they are and go on when it is Active again. A rule has no pause: what it would
   have done while it is off is lost.
3. Look at the steps shown in the path, and decide which one is not needed. Delete it, or let it use another tag or field.
4. If all are needed, put a Condition → Tag in front of the last one: on the Yes side Exit this automation, and on the No side a step that
   adds the tag it asks for.
5. Set the automation back to Active, if it was Active before.

When to ignore it
-----------------
The round is meant, such as a yearly reminder. Say so with ``recurring: true``.

Sources
-------
- Adding a tag runs everything that listens to it: https://help.kit.com/en/articles/2502537
- Rules fire for everybody, and all their actions run: https://help.kit.com/en/articles/6611507
- Going through an automation again, and repeatable sequences: https://help.kit.com/en/articles/5022528
- Not documented, and assumed here: adding a tag that somebody has, and writing the value a field has, fire nothing; people can be let in
  again
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import (
    Confidence,
    Cycle,
    Effect,
    Finding,
    Graph,
    Kind,
    Need,
    ObservedUse,
    Options,
    Rule,
    Severity,
    Theme,
    Variant,
    name_list,
)

RULE = Rule(
    code="CK303",
    name="tag-loop",
    title="Automations or rules set each other off in a cycle",
    passing="No automations or rules set each other off in a cycle",
    severity=Severity.ERROR,
    theme=Theme.AUTOMATIONS,
    confidence=Confidence.LIKELY,
    needs=(Need.AUTOMATIONS,),
    checks=Kind.AUTOMATION,
    effort_minutes=30,
    observed=ObservedUse.JUDGED,
    counts_passers_by=True,
    variants={
        "endless": Variant("Automations or rules set each other off without end"),
        "once-more": Variant("Automations or rules send people round once more", Severity.WARNING),
        "nothing-yet": Variant("Automations or rules set each other off in a cycle", Severity.WARNING),
    },
)

MAX_PARTS = 4


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each cycle of several automations or rules."""
    for cycle in graph.cycles:
        inside_one = len(cycle.hops) == 1 and cycle.flows
        meant = not cycle.instant and any(flow.automation.recurring for flow in cycle.flows)
        if not inside_one and not meant:
            yield _finding(graph, cycle)


def _finding(graph: Graph, cycle: Cycle) -> Finding:
    objects = list(dict.fromkeys(hop.cause.object for hop in cycle.hops))
    others = [cause.object for cause in cycle.undoing if cause.object not in objects]
    gate = (
        f" The condition {cycle.conditions[-1].label} stands in between: this is so for everybody it lets through."
        if cycle.conditions
        else ""
    )
    touched = [graph.object(hop.cause.target) for hop in cycle.hops if hop.trigger]
    flow = cycle.flows[0] if cycle.flows else None
    rule = cycle.hops[0].cause.rule
    where = flow.object if flow else objects[0]
    return Finding(
        object=where,
        message=f"{_parts(cycle)}. {_end(cycle, others[0].name if others else '')}{gate}{_among(cycle)}",
        variant="endless" if cycle.runs_again else "once-more" if cycle.runs_twice else "nothing-yet",
        path=tuple(hop.cause.path_step for hop in cycle.hops),
        related=tuple(dict.fromkeys((*(item for item in objects if item != where), *touched, *others))),
        location=flow.automation.location if flow else rule.location if rule else None,
    )


def _parts(cycle: Cycle) -> str:
    said = [f"“{hop.cause.object.name}” {hop.cause.words}" for hop in cycle.hops[:MAX_PARTS]]
    more = len(cycle.hops) - len(said)
    if len(cycle.hops) == 1:
        return f"The rule {said[0]}, and that fires it again"
    rest = ", and so on" if more else ""
    return f"{name_list([hop.cause.object.name for hop in cycle.hops])} set each other off: {', '.join(said)}{rest}"


def _among(cycle: Cycle) -> str:
    if not cycle.among:
        return ""
    return f" {cycle.among} automations and rules set each other off here, in more cycles than are listed: look again when this one is cut."


def _end(cycle: Cycle, other: str) -> str:
    if cycle.runs_again:
        undone = f"“{other}” undoes that in between, so whoever" if other else "Whoever"
        assumed = ", if Kit lets the same person in again" if cycle.flows else ""
        return f"{undone} gets into it goes round forever{cycle.rhythm}{assumed}."
    if cycle.runs_twice:
        return "Whoever comes in from outside goes round once more before it stops."
    if any(hop.cause.effect is Effect.ADDS_TAG for hop in cycle.hops):
        return "It stops only because, as far as is known, adding a tag that somebody has does nothing. Whoever lost it on the way goes round again."
    return "It stops only because, as far as is known, doing the same to a person twice does nothing."
