"""Finds triggers that set off several things which all send email.

What it finds
-------------
Two or more automations, rules or forms that start on the same thing (the same tag, form, product or field; “any form” counts for every
form) and each send emails of a sequence of their own. When two of them mail within an hour, that is an error; when they mail later, a
warning. What only timestamps show counts when at least twenty people of the last 90 days, and half of all who came into either, came into
both sequences within the hour, and both have later emails: one automation does not do that.

Why it matters
--------------
One sign-up, two welcome emails in one minute. It looks careless, and some people mark the second as spam. Which comes first is chance:
Kit promises no order.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and look at everything named in this finding side by side (a rule: Automate → Rules).
2. Decide which email has to come first: the login or the download that people wait for, then the welcome. Leave that one as it is.
3. In the other one, click the “+” in front of its sequence, choose Action → Delay, and let it wait until the first sequence is over. A
   rule cannot wait: let an automation with a Delay fill the sequence in its place.
4. If both say the same: take the other sequence out when nobody is inside it, and leave the steps around it. Tags and webhooks may hang on
   them.

When to ignore it
-----------------
Conditions in them make sure that each person gets only one of them.

Sources
-------
- Several automations on one trigger all run: https://help.kit.com/en/articles/2502666
- Rules run beside them: https://help.kit.com/en/articles/2711457; no order is promised anywhere
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import msgspec

from ckaudit.rule import (
    Confidence,
    Effect,
    Finding,
    Flow,
    FlowNode,
    Graph,
    Holders,
    Key,
    Kind,
    Location,
    Need,
    ObjectRef,
    ObservedUse,
    Options,
    Rule,
    Severity,
    Theme,
    TriggerKind,
    Variant,
    duration,
    name_list,
    steps,
)

_ASIDE = "Open Automate → Visual Automations and look at everything named in this finding side by side (a rule: Automate → Rules)."
_DELAY = "In the other one, click the “+” in front of its sequence, choose Action → Delay, and let it wait until the first sequence is over. A rule cannot wait: let an automation with a Delay fill the sequence in its place."

RULE = Rule(
    code="CK310",
    name="two-automations-one-trigger",
    title="One sign-up sets off several welcome emails",
    passing="Every trigger sends one stream of emails",
    severity=Severity.ERROR,
    theme=Theme.AUTOMATIONS,
    needs=(Need.AUTOMATIONS,),
    checks=Kind.AUTOMATION,
    effort_minutes=20,
    observed=ObservedUse.JUDGED,
    variants={
        "at-once": Variant("One trigger sends people several first emails at once"),
        "later": Variant(
            "One trigger sets off several series of emails",
            Severity.WARNING,
            (
                _ASIDE,
                "Read the emails in the order in which one person gets them. If they go together, nothing has to be done.",
                _DELAY,
            ),
        ),
        "conditional": Variant(
            "One trigger may send people several first emails at once",
            Severity.WARNING,
            (
                _ASIDE,
                "Look at the conditions in front of the emails. If no person can pass in more than one of them, nothing has to be done.",
                "Otherwise decide which email has to come first, and leave that one as it is.",
                _DELAY,
            ),
        ),
    },
)

HOUR = 3600
MANY = 20


class Starter(msgspec.Struct, frozen=True):
    """Something a trigger sets off that mails: what, which sequence, after how many seconds, and whether a condition stands in front.

    ``seen``: timestamps show it, and no manifest states it.
    """

    object: ObjectRef
    sequence: Key
    seconds: int
    conditional: bool
    location: Location | None
    seen: bool = False


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each trigger and set of starters."""
    groups: defaultdict[tuple[TriggerKind, Key], list[Starter]] = defaultdict(list)
    forms = [form.key for form in graph.account.forms if not form.archived]
    named = [when.target for flow in graph.flows for when in flow.automation.entries if when.target and when.kind is TriggerKind.JOINS_FORM]
    for trigger, starter in (*_flows(graph), *_rules(graph), *_form_links(graph)):
        keys = [trigger.target] if trigger.target else list(dict.fromkeys((*forms, *named)))
        for key in keys:
            groups[trigger.kind, key].append(starter)
    reported: set[frozenset[str]] = set()
    for (kind, key), starters in groups.items():
        chosen = _distinct([*starters, *_behind(groups, starters)])
        names = frozenset(str(item.object) for item in chosen)
        if len(names) < 2 or names in reported:
            continue
        both = _got_both(graph, key, chosen) if any(item.seen for item in chosen) else None
        if both != 0:
            reported.add(names)
            yield _finding(graph, kind, key, chosen, both)


def _flows(graph: Graph) -> Iterator[tuple[steps.Trigger, Starter]]:
    for flow in graph.flows:
        if not flow.live:
            continue
        for entry in flow.entries:
            if entry.trigger and (starter := _first_mail(graph, flow, entry)):
                yield entry.trigger, starter


def _first_mail(graph: Graph, flow: Flow, entry: FlowNode) -> Starter | None:
    best: Starter | None = None
    for node in flow.enrolling():
        span = flow.time_between(entry, node)
        if span is None or span.open_ended or node.enrols is None or not _sends(graph, node.enrols):
            continue
        own = graph.lookup.first_delay(node.enrols)
        conditional = any(above.is_condition for above in flow.before(node))
        seen = flow.observed
        starter = Starter(flow.object, node.enrols, span.min_seconds + own, conditional, flow.automation.location, seen)
        if best is None or starter.seconds < best.seconds:
            best = starter
    return best


def _rules(graph: Graph) -> Iterator[tuple[steps.Trigger, Starter]]:
    for cause in graph.causes.all:
        if cause.live and cause.rule and cause.effect is Effect.ENROLS and _sends(graph, cause.target):
            for when in cause.rule.when:
                yield when, Starter(cause.object, cause.target, graph.lookup.first_delay(cause.target), False, cause.rule.location)


def _form_links(graph: Graph) -> Iterator[tuple[steps.Trigger, Starter]]:
    for link in graph.manifest.form_links:
        if link.sequence and _sends(graph, link.sequence.key):
            named = ObjectRef("form", link.form.name, link.form.id)
            own = graph.lookup.first_delay(link.sequence.key)
            yield steps.Trigger(kind=TriggerKind.JOINS_FORM, ref=link.form), Starter(named, link.sequence.key, own, False, link.location)


def _sends(graph: Graph, sequence: Key) -> bool:
    """False only when the account says that nothing goes out: an inactive sequence, or none published."""
    found = graph.lookup.sequence(sequence)
    return found is None or (found.active is not False and bool(graph.lookup.published(sequence)))


def _distinct(starters: list[Starter]) -> list[Starter]:
    """The quickest of each starter; two that fill the same sequence send its emails once and count once."""
    chosen: dict[str, Starter] = {}
    taken: set[Key] = set()
    for starter in sorted(starters, key=lambda item: item.seconds):
        if str(starter.object) not in chosen and starter.sequence not in taken:
            chosen[str(starter.object)] = starter
            taken.add(starter.sequence)
    return list(chosen.values())


def _behind(groups: Mapping[tuple[TriggerKind, Key], list[Starter]], starters: list[Starter]) -> Iterator[Starter]:
    """Timestamps show a sequence that comes at once behind another: whether that one or the trigger sets it off, they do not show."""
    for first in starters:
        for item in groups.get((TriggerKind.SUBSCRIBES_TO_SEQUENCE, first.sequence), ()):
            if item.seen:
                yield msgspec.structs.replace(item, seconds=first.seconds + item.seconds)


def _got_both(graph: Graph, trigger: Key, starters: list[Starter]) -> int:
    """How many people of the last 90 days came into both of the first two sequences within an hour of the trigger; 0 when that proves nothing.

    It takes half of those who came into either, for two ways of one automation look the same otherwise. A sequence without later
    emails proves nothing either: one automation can put people into two of them, one after the other.
    """
    first, second = starters[:2]
    sequences = (first.sequence, second.sequence)
    if any(graph.lookup.timing(key).planned <= HOUR for key in sequences):
        return 0
    people = graph.timestamps
    came = people.recent(trigger)
    soon = [_soon(came, people.of(key)) for key in sequences]
    both = len(soon[0].having(soon[1]))
    either = len(soon[0]) + len(soon[1]) - both
    return both if both >= MANY and 2 * both >= either else 0


def _soon(came: Holders, into: Holders) -> Holders:
    gap = came.gaps_to(into).gap
    return came.having(into).where((gap >= 0) & (gap <= HOUR))


def _finding(graph: Graph, trigger: TriggerKind, key: Key, starters: list[Starter], both: int | None) -> Finding:
    soon = [item for item in starters if item.seconds <= HOUR]
    at_once = len(soon) > 1 and not any(item.conditional for item in soon[:2])
    shown = soon if len(soon) > 1 else starters
    names = name_list(item.object.name for item in shown)
    when = "within the hour" if len(soon) > 1 else f"within {duration(max(item.seconds for item in starters))}"
    maybe = " Conditions stand in front, so perhaps not everybody gets both." if any(item.conditional for item in shown[:2]) else ""
    trigger_name = graph.object(key)
    return Finding(
        object=trigger_name,
        message=f"“{trigger_name.name}” sets off {names}, and each sends emails of its own {when}.{maybe} People get {len(shown)} first emails for one step they took.",
        variant="at-once" if at_once else "later" if len(soon) < 2 else "conditional",
        confidence=Confidence.CERTAIN if not maybe else Confidence.LIKELY,
        related=tuple(dict.fromkeys((*(item.object for item in shown), *(graph.object(item.sequence) for item in shown)))),
        people=both or (graph.people(key) if trigger in (TriggerKind.TAG_ADDED, TriggerKind.JOINS_FORM) else None),
        people_who="came into both within an hour, in the last 90 days" if both else "",
        location=shown[1].location,
    )
