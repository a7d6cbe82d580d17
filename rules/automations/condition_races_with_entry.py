"""Finds conditions that ask for something in the second in which it is set.

What it finds
-------------
A condition or split that people reach from the entry without a delay, an event or a sequence that takes time in between, on a tag or
field that is set by the same thing that starts the automation: by the form itself, by a rule or another automation on the same trigger, by
the rule or automation that adds the entry tag, or by the integration that writes both. A sequence whose emails all go out immediately takes
no time. It is silent when the automation itself sets it in front of the condition.

Why it matters
--------------
A condition looks once, at the moment people arrive. Whether the tag is already there then is a matter of chance, and Kit promises no
order. Some people take the wrong side, nobody can see why, and a test with your own address may well go right.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations, choose the automation named in this finding, and pause it while you edit.
2. Click the “+” in front of the condition, choose Action → Delay, and let people wait for 5 minutes: then everything has arrived.
3. Or let the automation start with the tag that is asked for, if it comes last.
4. Set the automation back to Active, if it was Active before.

When to ignore it
-----------------
The tag or field that is asked for was set long before for everybody who matters. It cannot see in which order a tool writes, and not what
Kit does first. That an immediate email takes no time is an assumption: Kit needs some seconds for it, more on a busy day.

Sources
-------
- Conditions look once, when the person arrives: https://help.kit.com/en/articles/2502665
- Rules and automations on one trigger: no order is promised anywhere (https://help.kit.com/en/articles/6611507)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

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
    Rule,
    Severity,
    Signal,
    Theme,
    TriggerKind,
    Variant,
    signal_of,
    steps,
)

RULE = Rule(
    code="CK317",
    name="condition-races-with-entry",
    title="A condition asks for a tag in the second in which it is added",
    passing="No condition asks for what is set in the same second",
    severity=Severity.WARNING,
    theme=Theme.AUTOMATIONS,
    confidence=Confidence.LIKELY,
    needs=(Need.AUTOMATIONS,),
    checks=Kind.AUTOMATION,
    effort_minutes=10,
    unseen="conditions leave none",
    nothing="no automation has a condition right behind its entry",
    variants={
        "same-moment": Variant("A condition asks for a tag in the second in which it is added"),
        "one-writer": Variant("A condition asks for what the same tool writes, perhaps in the same second"),
        "perhaps": Variant("A condition may ask for a tag in the second in which it is added", severity=Severity.INFO),
    },
)

_SETS = (Effect.ADDS_TAG, Effect.REMOVES_TAG, Effect.SETS_FIELD)

_OCCASION = re.compile(
    r"\b(bought|purchased?|ordered|paid|sold|customers?|clients?|buyers?|students?|members?|refund(ed)?|revoked?|cancel(l?ed)?|failed|joined|registered"
    r"|signed up|attended|completed|finished|started)\b"
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each condition, at the first thing that races with it."""
    for flow, entry, node in _conditions(graph):
        for key in node.tests:
            if not _set_here(flow, node, key) and (found := _writer(graph, flow, entry, key)):
                yield _finding(graph, flow, entry, node, key, *found)
                break


def judged(graph: Graph) -> Iterable[Key]:
    """The conditions right behind entries."""
    return list(dict.fromkeys(node.key for _, _, node in _conditions(graph)))


def _conditions(graph: Graph) -> Iterator[tuple[Flow, FlowNode, FlowNode]]:
    """Conditions that people come to at once, each with the first entry from which they do."""
    for flow in graph.flows:
        for node in flow.steps if flow.live else ():
            if node.is_condition and node.tests:
                slow = _takes_time(graph)
                entry = next((entry for entry in flow.entries if flow.path_to(entry, node, avoiding=slow)), None)
                if entry:
                    yield flow, entry, node


def _takes_time(graph: Graph) -> Callable[[FlowNode], bool]:
    """Tells where people may spend time: also in a sequence of which not everything is known."""
    known = not graph.missing(Need.SEQUENCES, Need.SEQUENCE_EMAILS)

    def slow(node: FlowNode) -> bool:
        if node.enrols:
            return not (known and graph.lookup.lets_go_at_once(node.enrols))
        return node.waits or node.is_event or isinstance(node.step, steps.Delay)

    return slow


def _set_here(flow: Flow, node: FlowNode, key: Key) -> bool:
    """True when the automation itself has set it before, or starts with it."""
    own = any(other.target == key and other.effect in _SETS for other in flow.before(node))
    return own or any(entry.target == key for entry in flow.entries)


def _writer(graph: Graph, flow: Flow, entry: FlowNode, key: Key) -> tuple[Cause, str] | None:
    """What sets it in the same moment, and the variant."""
    if entry.trigger is None:
        return None
    signal = signal_of(entry.trigger)
    for item in graph.reactions.what_follows(signal):
        at_once = item.span.min_seconds == 0 and not item.waits and not any(_mails(step.cause) for step in item.way)
        if at_once and item.cause.target == key and item.cause.effect in _SETS and item.cause.flow is not flow:
            # what is typed into a form is probably saved before anything starts
            typed = item.cause.form is not None and item.cause.effect is Effect.SETS_FIELD
            return item.cause, "perhaps" if typed else "same-moment"
    for cause in _bringing(graph, signal):
        together = _together(graph, cause, key)
        if together:
            return together
    return None


def _mails(cause: Cause) -> bool:
    return cause.effect is Effect.ENROLS


def _bringing(graph: Graph, signal: Signal) -> tuple[Cause, ...]:
    """What brings the entry about."""
    effect = {TriggerKind.TAG_ADDED: Effect.ADDS_TAG, TriggerKind.JOINS_FORM: Effect.JOINS_FORM}.get(signal.kind or TriggerKind.DATE)
    return graph.causes.of(effect, signal.key) if effect and signal.key else ()


def _together(graph: Graph, cause: Cause, key: Key) -> tuple[Cause, str] | None:
    """What the same integration, rule or automation sets in the same go, behind what starts the automation."""
    for other in graph.causes.by(cause.unit or cause.source):
        if other is cause or other.target != key or other.effect not in _SETS:
            continue
        if cause.integration:
            stated = cause.integration.on is not None
            if stated or key.kind is Kind.FIELD or not _is_occasion(graph, key):
                return other, "same-moment" if stated else "one-writer"
        elif cause.flow and cause.node and other.node:
            if cause.flow.path_to(cause.node, other.node, avoiding=_takes_time(graph)):
                return other, "same-moment"
        else:
            return other, "same-moment"
    return None


def _is_occasion(graph: Graph, key: Key) -> bool:
    """True for a tag that stands for an occasion of its own, such as another purchase or a refund: nobody said that both come together."""
    if _OCCASION.search(re.sub(r"[\W_]+", " ", graph.object(key).name).casefold()):
        return True
    listened = any(listener.live for kind in TriggerKind for listener in graph.reactions.listeners.to(kind, key))
    waited = any(flow.waiting_for(key) for flow in graph.flows)
    return listened or waited or any(role.object.key == key for role in graph.roles)


def _finding(graph: Graph, flow: Flow, entry: FlowNode, node: FlowNode, key: Key, cause: Cause, variant: str) -> Finding:
    named = graph.object(key)
    field = key.kind is Kind.FIELD
    verb = "sets" if field else "takes off" if cause.effect is Effect.REMOVES_TAG else "adds"
    sure = variant == "same-moment"
    does = f"“{cause.object.name}” {verb} it in the same second" if sure else f"“{cause.object.name}” {verb} it, perhaps in the same second"
    way = flow.path_to(entry, node, avoiding=_takes_time(graph))
    mailed = next((other.ref.name for other in way.nodes if other.enrols and other.ref), "") if way else ""
    place = f"right behind its entry and “{mailed}”, whose emails go out at once" if mailed else "right behind its entry"
    return Finding(
        object=flow.object,
        message=f"“{flow.name}” asks for “{named.name}” {place}. {does}, and Kit promises no order: some people take the wrong side.",
        variant=variant,
        confidence=Confidence.LIKELY if sure else Confidence.POSSIBLE,
        related=(named, cause.object),
        path=(entry.path_step(), cause.path_step, node.path_step("looks once")),
        location=node.location,
    )
