"""Finds events in automations that nothing can make happen.

What it finds
-------------
An event on “Tag is added” whose tag nothing known adds, or that only the steps behind the event add; an event on “Tag is removed” whose tag
nothing known removes; and, when the manifest says that it is complete, an event on a field that nothing sets, or sets to that value.

Where the manifest does not say that it is complete, people who have the tag count as a sign that something adds it; with a complete manifest
they hold it from before, and the finding says how many. Tags that shops and membership sites add (purchase, refund, cancellation) are left
alone unless the manifest is complete, and tags younger than 14 days always. Purchases and app events are never judged. What adds the tag
counts for nothing where it follows only from steps behind the event, over any number of hops.

It does not see tags that somebody adds by hand.

Why it matters
--------------
People wait in front of an event until it happens. If it cannot happen they wait forever, and never get what you promised them behind it.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation named in this finding.
2. Click the event shown in the path, and look how many people wait in front of it.
3. Choose the tag (or field) that your form, shop or other automation really uses today, or let something add this one.
4. If the event is not needed any more: let those who wait go on first, by giving them the tag (Grow → Subscribers, bulk action) while the
   automation is Active. Look before that what else starts with the tag. Then pause the automation, delete the event, and set it back to
   Active: a step that is deleted under people leaves them stuck.
5. If a tool outside does it, list that tool under ``external`` in the manifest.

When to ignore it
-----------------
You add or remove the tag by hand, or with links in emails that the manifest does not list.

Sources
-------
- Events hold people until they happen: https://help.kit.com/en/articles/2502670
- Not documented, and assumed here: a tag that somebody already has on arrival does not meet the event
- Counts of tags: the API's ``subscriber_count`` (active people only, some minutes late)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Cause,
    Effect,
    Finding,
    Flow,
    FlowNode,
    Graph,
    Harm,
    Key,
    Kind,
    Need,
    ObservedUse,
    Options,
    Rule,
    Severity,
    Theme,
    TriggerKind,
    Variant,
    added_instead,
    steps,
)

_CHOOSE = "Open Automate → Visual Automations and choose the automation named in this finding."
_LOOK = "Click the event shown in the path, and look how many people wait in front of it."
_NOT_NEEDED = "If the event is not needed any more: let those who wait go on first, by writing the value into their field. Then pause the automation, delete the event, and set it back to Active."

RULE = Rule(
    code="CK305",
    name="event-that-cannot-happen",
    title="People wait for an event that cannot happen",
    passing="Something makes every event happen",
    severity=Severity.ERROR,
    theme=Theme.AUTOMATIONS,
    harm=Harm.MONEY,
    needs=(Need.AUTOMATIONS,),
    checks=Kind.AUTOMATION,
    effort_minutes=10,
    observed=ObservedUse.SILENCES,
    unseen="events leave none",
    nothing="no automation waits for an event",
    variants={
        "nothing-adds": Variant("An event waits for a tag that nothing adds"),
        "only-behind": Variant(
            "An event waits for what only the steps behind it do",
            fix=(
                _CHOOSE,
                _LOOK,
                "Choose the tag that tells you that people may go on, and see to it that your form, shop or another automation adds it.",
                "If nobody has to wait here: let those who wait go on first, by giving them the tag (Grow → Subscribers, bulk action) while the automation is Active. Then pause the automation, delete the event, and set it back to Active.",
            ),
        ),
        "nothing-removes": Variant(
            "An event waits for a tag to come off, and nothing takes it off",
            fix=(
                _CHOOSE,
                _LOOK,
                "Choose the tag that something takes off today, or let something take this one off.",
                "If the event is not needed any more: let those who wait go on first, by taking the tag off them (Grow → Subscribers, bulk action) while the automation is Active. Then pause the automation, delete the event, and set it back to Active.",
                "If a tool outside takes it off, list that tool under `external` in the manifest.",
            ),
        ),
        "nothing-sets": Variant(
            "An event waits for a field to change, and nothing changes it",
            fix=(
                _CHOOSE,
                _LOOK,
                "Choose the field that your form, shop or other automation fills today, or let something fill this one.",
                _NOT_NEEDED,
                "If a tool outside fills it, list that tool under `external` in the manifest.",
            ),
        ),
        "other-value": Variant(
            "An event waits for a value that nothing writes into the field",
            fix=(
                _CHOOSE,
                _LOOK,
                "Choose the value that is really written, letter by letter, or change what writes it.",
                _NOT_NEEDED,
            ),
        ),
    },
)

_CAUSED_BY = {
    TriggerKind.TAG_ADDED: Effect.ADDS_TAG,
    TriggerKind.TAG_REMOVED: Effect.REMOVES_TAG,
    TriggerKind.FIELD_CHANGED: Effect.SETS_FIELD,
}


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each event nothing can make happen."""
    for flow in graph.flows:
        if not flow.live:
            continue
        for node in flow.events:
            if variant := _judge(graph, flow, node):
                yield _finding(graph, flow, node, variant)


def judged(graph: Graph) -> Iterable[Key]:
    """The events that automations wait for."""
    return [node.key for flow in graph.flows for node in flow.events]


def _judge(graph: Graph, flow: Flow, node: FlowNode) -> str:
    """Why the event cannot happen, empty when it can, or when nobody can tell."""
    trigger = node.trigger
    if trigger is None or trigger.ref is None or not trigger.ref.known or trigger.kind not in _CAUSED_BY:
        return ""
    key = trigger.ref.key
    causes = tuple(cause for cause in graph.causes.of(_CAUSED_BY[trigger.kind], key) if cause.reached)
    if trigger.kind is TriggerKind.FIELD_CHANGED:
        return _judge_field(graph, causes, trigger.value)
    held = trigger.kind is TriggerKind.TAG_ADDED and bool(graph.people(key)) and not graph.is_complete
    if held or graph.is_young(key) or graph.may_come_from_integration(key):
        return ""
    if causes:
        behind = {cause for cause in graph.causes.by_flow(flow) if cause.node in flow.after(node)}
        return "only-behind" if all(_comes_from(graph, cause, behind, {cause}) for cause in causes) else ""
    return "nothing-adds" if trigger.kind is TriggerKind.TAG_ADDED else "nothing-removes"


def _judge_field(graph: Graph, causes: tuple[Cause, ...], value: str | None) -> str:
    """Forms set fields, and few people list that: only a complete manifest can say that nothing does."""
    if not graph.is_complete:
        return ""
    if not causes:
        return "nothing-sets"
    fixed = [cause for cause in causes if cause.flow or cause.rule]
    written = [(cause.value or "").strip().casefold() for cause in fixed]
    return "other-value" if value is not None and len(fixed) == len(causes) and value.strip().casefold() not in written else ""


def _comes_from(graph: Graph, cause: Cause, behind: set[Cause], seen: set[Cause]) -> bool:
    """True when a cause is one of these, or nothing but them sets off the automation or rule it belongs to."""
    if cause in behind:
        return True
    triggers = [signal for signal in graph.reactions.triggers_of(cause) if signal.kind or graph.reactions.causes_of(signal)]
    if cause.integrated or not triggers or any(signal.kind not in (None, TriggerKind.TAG_ADDED) for signal in triggers):
        return False
    if any(
        signal.kind and signal.key and (graph.held_or_young(signal.key) or not graph.reactions.causes_of(signal)) for signal in triggers
    ):
        return False
    fresh = {other for signal in triggers for other in graph.reactions.causes_of(signal)} - seen
    seen |= fresh
    return all(_comes_from(graph, other, behind, seen) for other in fresh)


def _finding(graph: Graph, flow: Flow, node: FlowNode, variant: str) -> Finding:
    trigger = node.trigger
    name = trigger.ref.name if trigger and trigger.ref else ""
    value = trigger.value if trigger else ""
    waits = f"“{flow.name}” waits for"
    does = "remove" if trigger and trigger.kind is TriggerKind.TAG_REMOVED else "add"
    text = {
        "nothing-adds": f"{waits} “{name}” to be added, and nothing adds it.",
        "nothing-removes": f"{waits} “{name}” to be removed, and nothing removes it.",
        "only-behind": f"{waits} “{name}”, which only steps behind this event {does}.",
        "nothing-sets": f"{waits} the field “{name}” to change, and nothing changes it.",
        "other-value": f"{waits} the field “{name}” to become “{value}”, and whatever sets it writes something else.",
    }[variant]
    waiting = node.step.waiting if node.step and not _has_neighbour(node) else None
    blocked = [other for other in flow.after(node) if other.effect not in (None, Effect.STOPS)]
    mailed = [other for other in flow.before(node) if other.enrols]
    harmful = not _has_neighbour(node) and bool(blocked or mailed)
    return Finding(
        object=flow.object,
        message=f"{text}{_held(graph, trigger)}{_asleep(graph, node)}{_twin(graph, node, variant)} {_harm(flow, node, blocked, mailed)}{_waiting(waiting)}{graph.open_world_note}",
        variant=variant,
        severity=Severity.ERROR if graph.is_complete and harmful else Severity.WARNING,
        confidence=graph.closed_world,
        people=waiting or None,
        path=(node.path_step("never happens"), *(other.path_step("never reached") for other in blocked[:1])),
        related=(graph.object(trigger.ref.key),) if trigger and trigger.ref else (),
        location=node.location,
    )


def _has_neighbour(node: FlowNode) -> bool:
    return isinstance(node.step, steps.Events) and len(node.step.paths) > 1


def _harm(flow: Flow, node: FlowNode, blocked: list[FlowNode], mailed: list[FlowNode]) -> str:
    later = [other for other in flow.after(node) if other.is_event]
    missed = [other for other in blocked if any(other in flow.before(event) for event in later)]
    if _has_neighbour(node):
        return "That path is never taken."
    if later:
        return "Whoever gets there waits until a later event happens" + (f", and misses the step {missed[0].label}." if missed else ".")
    if blocked:
        return f"Whoever gets there waits forever, and never comes to the step {blocked[0].label}."
    if mailed and mailed[-1].ref:
        return f"So it never takes anybody out of “{mailed[-1].ref.name}”."
    return "Whoever gets there waits forever."


def _waiting(waiting: int | None) -> str:
    if not waiting:
        return ""
    return " 1 person waits there now." if waiting == 1 else f" {waiting} people wait there now."


def _held(graph: Graph, trigger: steps.Trigger | None) -> str:
    """Who has the tag already does not meet the event."""
    count = graph.people(trigger.ref.key) if trigger and trigger.ref and trigger.kind is TriggerKind.TAG_ADDED else None
    if not count:
        return ""
    return (
        " 1 person has it from before, which does not count."
        if count == 1
        else f" {count} people have it from before, which does not count."
    )


def _twin(graph: Graph, node: FlowNode, variant: str) -> str:
    return added_instead(graph, node.target) if variant == "nothing-adds" and node.target else ""


def _asleep(graph: Graph, node: FlowNode) -> str:
    """Names something switched off that would make it happen."""
    trigger = node.trigger
    if trigger is None or trigger.ref is None:
        return ""
    dead = graph.causes.of(_CAUSED_BY[trigger.kind], trigger.ref.key, live=False)
    return f" “{dead[0].object.name}” would, but it is switched off." if dead else ""
