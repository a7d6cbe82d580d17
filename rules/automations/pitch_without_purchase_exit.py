"""Finds sales emails that go on after the purchase.

What it finds
-------------
A sequence that sells (stated under ``pitch_sequences``, or named pitch, sales, launch, offer, cart, promo, deal or discount) from which
buying does not free people. What counts as a way out: a goal below it on the purchase or the buyer's tag, an exclusion of the buyer's tag
(or of a segment, which cannot be looked into), a rule that unsubscribes from it, another automation that removes people, or a condition on
the buyer's tag in front of it.

Why it matters
--------------
People buy on the second email and then read for a week why they should buy, with a discount they did not get. That costs trust, and
now and then the sale.

How to fix it in Kit
--------------------
1. Open Send → Email Sequences, choose the sequence named in this finding, and click Settings.
2. At “Exclude subscribers from this sequence” choose the buyer's tag, and click Update Email Sequence. Whoever has that tag gets none of
   its emails any more, and nobody else notices.
3. If an automation should also take buyers on to other steps: open Automate → Visual Automations, choose it, and pause it while you edit.
4. Click the “+” below the sequence and choose Event → Product is purchased (or Event → Tag is added, with the buyer's tag). Buyers are
   pulled out of the sequence to this point. Put nothing for others behind it: who does not buy waits there.
5. Set the automation back to Active, if it was Active before.

When to ignore it
-----------------
The sequence sells something its readers cannot buy twice or have all bought before.

Sources
-------
- A purchase goal pulls people out of the sequence: https://help.kit.com/en/articles/2502670
- Exclusions: https://help.kit.com/en/articles/2823560 and the API's ``exclude_subscriber_sources``
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Cause,
    Confidence,
    Effect,
    Finding,
    Flow,
    FlowNode,
    Graph,
    Key,
    Kind,
    Need,
    Options,
    RoleName,
    Rule,
    Severity,
    Theme,
    TriggerKind,
    steps,
)

RULE = Rule(
    code="CK314",
    name="pitch-without-purchase-exit",
    title="Buyers go on getting sales emails",
    passing="Buying ends the sales emails",
    severity=Severity.ERROR,
    theme=Theme.AUTOMATIONS,
    needs=(Need.AUTOMATIONS, Need.PRODUCTS),
    needs_roles=((RoleName.PURCHASE, RoleName.ACCESS, RoleName.PRODUCT),),
    nothing="nothing puts people into a sequence that sells",
    checks=Kind.SEQUENCE,
    effort_minutes=10,
    unseen="what takes people out of a sequence leaves none",
)

_SELLS = re.compile(r"\b(pitch|sales?|launch|offer|cart|promo|deal|discount)\b", re.IGNORECASE)
BUYER = (RoleName.PURCHASE, RoleName.ACCESS)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each automation, rule or form that puts people into a pitch without a way out."""
    for sequence in _pitches(graph):
        if _excludes_buyers(graph, sequence) or graph.causes.of(Effect.UNENROLS, sequence):
            continue
        for cause in graph.uses_of(sequence):
            if cause.flow is None or cause.node is None or not _way_out(graph, cause.flow, cause.node):
                yield _finding(graph, sequence, cause)
                break


def judged(graph: Graph) -> Iterable[Key]:
    """The sequences that sell and that something puts people into."""
    return _pitches(graph)


def _pitches(graph: Graph) -> list[Key]:
    filled = [cause.target for cause in graph.causes.all if cause.live and cause.effect is Effect.ENROLS]
    stated = graph.keys(RoleName.PITCH_SEQUENCE)
    return [key for key in dict.fromkeys(filled) if key in stated or _SELLS.search(graph.object(key).name)]


def _excludes_buyers(graph: Graph, sequence: Key) -> bool:
    found = graph.lookup.sequence(sequence)
    buyers = {key.id for key in graph.keys(*BUYER)}
    for exclusion in (found.exclude_subscriber_sources or ()) if found else ():
        if exclusion.type == "segment" or (exclusion.type == "tag" and buyers & set(exclusion.ids)):
            return True
    return False


def _way_out(graph: Graph, flow: Flow, node: FlowNode) -> bool:
    buyers = set(graph.keys(*BUYER))
    below = [event for event in flow.events if event in flow.after(node) and event.trigger]
    if any(_is_purchase(event, buyers) for event in below):
        return True
    if graph.causes.of(Effect.STOPS, flow.key):
        return True
    return any(_looks_at_buyers(above, buyers) for above in flow.before(node))


def _is_purchase(event: FlowNode, buyers: set[Key]) -> bool:
    return event.on_tag in buyers or (event.trigger is not None and event.trigger.kind is TriggerKind.PURCHASES)


def _looks_at_buyers(node: FlowNode, buyers: set[Key]) -> bool:
    by_filter = isinstance(node.step, steps.If) and node.step.test.kind is steps.ConditionKind.FILTER
    return by_filter or not buyers.isdisjoint(node.tests)


def _finding(graph: Graph, sequence: Key, cause: Cause) -> Finding:
    named = graph.object(sequence)
    stated = sequence in graph.keys(RoleName.PITCH_SEQUENCE)
    why = "" if stated else " (its name says that it sells)"
    return Finding(
        object=cause.object,
        message=f"“{cause.object.name}” puts people into “{named.name}”{why}, and buying does not take them out. Buyers go on reading why they should buy."
        + graph.open_world_note,
        severity=Severity.ERROR if stated else Severity.WARNING,
        confidence=graph.closed_world if stated else Confidence.LIKELY,
        related=(named,),
        people=graph.people(sequence),
        path=(cause.node.path_step("sells"),) if cause.node else (),
        location=cause.location,
    )
