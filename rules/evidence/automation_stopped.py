"""Finds the day on which an automation stopped.

What it finds
-------------
Active automations that start with a tag or a form and put everybody into a sequence, without a condition or a goal before it. When people
of the last 90 days used to arrive in the sequence, and from some day on none of them does any more, the automation has stopped. A day more
than the planned time, or than nine in ten people waited, is allowed. People the sequence excludes, people Kit no longer mails, imports and bulk work are left out. The way
from a purchase to the login email belongs to another rule.

Why it matters
--------------
Everybody who comes after that day waits, and nobody is told. People who came while an automation was inactive are not fetched
afterwards.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and look at the status of the automation named in this finding.
2. If it is Paused, set it to Active: everybody at its entry goes on at once. If it is Inactive, set it to Active: nobody is fetched.
3. Follow its steps and see whether somebody changed or removed one on the day named in this finding.
4. Open Grow → Subscribers and filter by the tag or form. For those who are missing, do by hand first what the automation does before the
   sequence: add and take off its tags. If one of them calls your site, wait five minutes before you take it off again.
5. Only then add them to the sequence: its emails may speak of a login or a lesson that those tags open.

When to ignore it
-----------------
You stopped it on purpose: then correct its status in the manifest.

Sources
-------
- The API fields ``tagged_at`` and ``added_at``
- Automations and their status: https://help.kit.com/en/articles/2502666
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from ckaudit.rule import (
    Confidence,
    Finding,
    Flow,
    FlowNode,
    Graph,
    Harm,
    Holders,
    Key,
    Kind,
    Need,
    ObservedUse,
    Options,
    RoleName,
    Rule,
    Severity,
    Theme,
    Timestamps,
    TriggerKind,
    headcount,
    spell_date,
)

RULE = Rule(
    code="CK807",
    name="automation-stopped",
    title="An automation stopped moving people on",
    passing="Every automation still moves people on",
    severity=Severity.ERROR,
    theme=Theme.EVIDENCE,
    harm=Harm.MONEY,
    confidence=Confidence.LIKELY,
    needs=(Need.EVIDENCE, Need.AUTOMATIONS),
    checks=Kind.AUTOMATION,
    effort_minutes=15,
    observed=ObservedUse.JUDGED,
)

_DAY = 86400
_ARRIVED = 5
_CHANCE = 0.001


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each active automation whose newest people did not arrive."""
    people = graph.timestamps
    unread: list[Key] = []
    for flow in graph.flows:
        for entry in flow.entries if flow.active else ():
            mail = _first_sequence(flow, entry)
            if mail is None or mail.enrols is None or entry.target is None or _owned_elsewhere(graph, entry.target, mail.enrols):
                continue
            lists = (mail.enrols, *_excluded(graph, mail.enrols))
            begin = people.since(*lists)
            unread += [key for key in lists if people.since(key) is None]
            finding = None if begin is None else _judge(graph, people, flow, entry, mail, begin)
            if finding:
                yield finding
                break
    people.insist((graph.object(key) for key in unread), recent=True)


def _first_sequence(flow: Flow, entry: FlowNode) -> FlowNode | None:
    """The sequence everybody comes into who enters here, None where people part or wait for something before it."""
    if entry.trigger is None or entry.trigger.kind not in (TriggerKind.TAG_ADDED, TriggerKind.JOINS_FORM):
        return None
    node = entry
    while len(flow.next[node.id]) == 1:
        node = flow.next[node.id][0]
        if node.enrols:
            return node
        if node.is_event or not node.passes or node.is_condition:
            return None
    return None


def _owned_elsewhere(graph: Graph, trigger: Key, sequence: Key) -> bool:
    """True for buyers and their login email."""
    return any(item.has(trigger, RoleName.PURCHASE) and item.has(sequence, RoleName.LOGIN_SEQUENCE) for item in graph.memberships)


def _excluded(graph: Graph, key: Key) -> tuple[Key, ...]:
    """What keeps somebody out of the sequence's emails, as far as it has timestamps."""
    sequence = graph.lookup.sequence(key)
    return tuple(other for other in (sequence.excluded_keys if sequence else ()) if other.kind is not Kind.SEGMENT and other != key)


def _judge(graph: Graph, people: Timestamps, flow: Flow, entry: FlowNode, mail: FlowNode, begin: int) -> Finding | None:
    if entry.target is None or mail.enrols is None:
        return None
    span, sequence = flow.time_between(entry, mail), people.of(mail.enrols)
    waits = people.recent(entry.target).having(sequence).gaps_to(sequence).after()
    # sequences wait for their sending days: what most people waited counts where it is more than the plan
    usual = waits.quantile(0.9) if len(waits) >= _ARRIVED else 0
    due = people.now - _DAY - max(span.max_seconds if span else 0, usual)
    came = people.recent(entry.target).active.since(begin).until(due).lacking(people.of(*_excluded(graph, mail.enrols)))
    arrived = came.having(sequence)
    last = arrived.newest
    if last is None or len(arrived) < _ARRIVED:
        return None
    waiting = came.since(last + 1)
    share = len(arrived) / len(came.until(last))
    if len(waiting) < 3 or (1 - share) ** len(waiting) > _CHANCE:
        return None
    return _finding(graph, flow, entry, mail, last, waiting)


def _finding(graph: Graph, flow: Flow, entry: FlowNode, mail: FlowNode, last: int, waiting: Holders) -> Finding:
    start, target = graph.object_of(entry), graph.object_of(mail)
    day = spell_date(graph.day(dt.datetime.fromtimestamp(last, dt.UTC)))
    seen = flow.observed
    came = "joined" if start.kind == Kind.FORM else "got"
    return Finding(
        object=flow.object,
        message=f"The last person whom “{flow.name}” put into “{target.name}” {came} “{start.name}” on {day}. "
        f"{headcount(len(waiting))} {came} it after that ({graph.days(*waiting.dates)}), and none of them went on. It was probably "
        f"paused or changed on that day{'' if seen else ', although the manifest says Active'}.",
        severity=waiting.severity(),
        related=(start, target),
        people=len(waiting),
        people_who="came after it stopped",
        who=waiting.who,
        path=(entry.path_step(), mail.path_step("nobody arrives")),
        location=flow.automation.location,
    )
