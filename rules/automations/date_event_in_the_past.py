"""Finds date events whose day is over, in automations that still let people in.

What it finds
-------------
An automation that is active or paused with a “Date occurs” event on a day before today, by the clock of the account's time zone. An
automation with another date still to come below it is a launch under way and left alone.

Why it matters
--------------
Kit moves everybody above a date event to it when the day comes. The only description of what happens to people who enter later (Kit's
former glossary, of 2017) says that they move there at once too. So whoever signs up today skips the emails above, and gets what was
written for the days after the launch, such as an offer that has ended.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation named in this finding.
2. If the launch is over: set the automation to Inactive. Look first who is still inside: they stay where they are, so write to them as a
   broadcast.
3. If it should go on: pause it, click the date event, and choose the new day, or delete the event and let a Delay do the waiting.
4. Set the automation back to Active, if it was Active before.

When to ignore it
-----------------
The automation runs dry: nobody enters any more, and everybody inside has passed the date.

Sources
-------
- Events and the date event: https://help.kit.com/en/articles/2502670
- The effect of a past date on people who enter later is from Kit's glossary of 2017 and not confirmed since
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Confidence,
    Finding,
    Flow,
    FlowNode,
    Graph,
    Key,
    Kind,
    Need,
    Options,
    Rule,
    Severity,
    Theme,
    TriggerKind,
    Variant,
    name_list,
    spell_date,
    steps,
)

RULE = Rule(
    code="CK306",
    name="date-event-in-the-past",
    title="A date event lies in the past",
    passing="Every date event is still to come",
    severity=Severity.ERROR,
    theme=Theme.AUTOMATIONS,
    needs=(Need.AUTOMATIONS,),
    checks=Kind.AUTOMATION,
    effort_minutes=5,
    unseen="events leave none",
    nothing="no automation waits for a date",
    variants={
        "skips-steps": Variant("A date event that is over lets new people skip steps"),
        "holds-nobody": Variant("A date event that is over holds nobody back any more", Severity.WARNING),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each automation with past dates only."""
    today = graph.day(graph.now)
    for flow in graph.flows:
        if not flow.live:
            continue
        days = {node: day for node in flow.events if (day := _day(node))}
        past = [node for node, day in days.items() if day < today and not _goes_on(flow, node, days, today)]
        if past:
            yield _finding(flow, past, days)


def judged(graph: Graph) -> Iterable[Key]:
    """The events that are dates."""
    return [node.key for flow in graph.flows for node in flow.events if node.trigger and node.trigger.kind is TriggerKind.DATE]


def _day(node: FlowNode) -> dt.date | None:
    trigger = node.trigger
    if trigger is None or trigger.kind is not TriggerKind.DATE or not trigger.value:
        return None
    return dt.date.fromisoformat(trigger.value)


def _goes_on(flow: Flow, node: FlowNode, days: dict[FlowNode, dt.date], today: dt.date) -> bool:
    """True when a date below is still to come."""
    return any(days[other] >= today for other in flow.after(node) if other in days)


def _finding(flow: Flow, past: list[FlowNode], days: dict[FlowNode, dt.date]) -> Finding:
    name, last = flow.name, max(past, key=lambda node: days[node])
    skipped = [node for node in flow.before(last) if node.enrols or isinstance(node.step, steps.Delay)]
    over = f"a date event on {spell_date(days[last])}, which is over."
    if len(past) > 1:
        over = f"{len(past)} date events that are over, the last one on {spell_date(days[last])}."
    event = f"“{name}” has {over}"
    if skipped:
        mails = [node.ref.name for node in skipped if node.enrols and node.ref]
        lost = f"the emails of {name_list(mails)}" if mails else "the wait above"
        text = f"{event} As far as is known, whoever enters today is moved there at once and skips {lost}."
    else:
        text = f"{event} It holds nobody back any more: whoever enters today gets at once what comes after it."
    return Finding(
        object=flow.object,
        message=text,
        variant="skips-steps" if skipped else "holds-nobody",
        # a planned end: the launch is over, and somebody forgot to switch it off
        severity=Severity.WARNING if flow.automation.evergreen is False else None,
        confidence=Confidence.LIKELY,
        path=(*(node.path_step("skipped") for node in skipped[:1]), *(node.path_step("in the past") for node in past)),
        location=last.location,
    )
