"""Finds automations and rules that wait for something nothing does.

What it finds
-------------
An entry or a rule on “tag is added” whose tag nothing known adds; a rule on a sequence that nothing known fills; an automation without any
entry that nothing starts. People who hold the tag or are in the sequence count as a sign that something does it. Tags that shops and
membership sites add (purchase, refund, cancellation) are left alone unless the manifest says that it is complete. Tags younger than 14
days are left alone.

Why it matters
--------------
The automation looks finished and never runs. Whatever it should do, welcome, release, clean up, does not happen.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations (for a rule: Automate → Rules) and choose the automation or rule named in this finding.
2. Click its entry and look whether the tag is the one your form, shop or other automation adds today.
3. Choose the right tag, or let something add this one.
4. If an outside tool adds it, list that tool under ``external`` in the manifest.

When to ignore it
-----------------
The tag is added by hand, or by a tool the manifest does not list.

Sources
-------
- Entries: https://help.kit.com/en/articles/5523023; rules: https://help.kit.com/en/articles/6611507
- Counts of tags and sequences: the API's ``subscriber_count`` (active people only, some minutes late)
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import (
    Cause,
    Effect,
    Finding,
    Flow,
    Graph,
    Harm,
    Kind,
    Location,
    Need,
    ObjectRef,
    ObservedUse,
    Options,
    PathStep,
    Rule,
    Severity,
    Theme,
    TriggerKind,
    Variant,
    added_instead,
    steps,
)

RULE = Rule(
    code="CK309",
    name="trigger-never-applied",
    title="An automation waits for something that never happens",
    passing="Something sets off every automation and rule",
    severity=Severity.ERROR,
    theme=Theme.AUTOMATIONS,
    harm=Harm.MONEY,
    needs=(Need.AUTOMATIONS,),
    checks=Kind.AUTOMATION,
    effort_minutes=10,
    observed=ObservedUse.SILENCES,
    unseen="what nobody went through leaves none",
    variants={
        "entry": Variant("An automation starts with a tag that nothing adds"),
        "no-entry": Variant(
            "An automation has no entry, and nothing starts it",
            fix=(
                "Open Automate → Visual Automations and choose the automation named in this finding.",
                "Add the entry it should have: the form, tag, field or product it is for.",
                "Or let another automation start it, with a step Action → Move subscriber → Start another automation.",
                "If it is not needed any more: write “old” in front of its name.",
            ),
        ),
        "rule": Variant(
            "A rule waits for something that never happens",
            fix=(
                "Open Automate → Rules and choose the rule named in this finding.",
                "Look whether its trigger is the tag, form or sequence that is used today, and choose the right one.",
                "If it is not needed any more: switch it off.",
                "If an outside tool brings it about, list that tool under `external` in the manifest.",
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each automation, and each rule, none of whose triggers can come."""
    for flow in graph.flows:
        if flow.live:
            yield from _automation(graph, flow)
    for index, rule in enumerate(graph.manifest.rules):
        if rule.enabled and rule.when and all(_never(graph, when) for when in rule.when):
            yield _rule(graph, rule.name or f"rule {index + 1}", rule.when[0], rule.location)


def _automation(graph: Graph, flow: Flow) -> Iterator[Finding]:
    started = graph.causes.of(Effect.STARTS, flow.key)
    if not flow.entries and not started:
        asleep = graph.causes.of(Effect.STARTS, flow.key, live=False)
        yield _finding(
            graph,
            flow.object,
            "no-entry",
            f"“{flow.name}” has no entry, and nothing starts it.",
            asleep,
            flow.automation.location,
            (),
        )
        return
    for entry in flow.entries:
        if entry.trigger and _never(graph, entry.trigger) and not started:
            asleep = graph.causes.of(Effect.ADDS_TAG, entry.ref.key, live=False) if entry.ref else ()
            name = entry.ref.name if entry.ref else ""
            twin = added_instead(graph, entry.ref.key) if entry.ref else ""
            text = f"“{flow.name}” starts when “{name}” is added, and nothing adds it.{twin}"
            yield _finding(graph, flow.object, "entry", text, asleep, entry.location, (entry.path_step("never happens"),))


def _never(graph: Graph, trigger: steps.Trigger) -> bool:
    """True when nothing known does this and nobody shows that something does."""
    if trigger.ref is None or not trigger.ref.known:
        return False
    key = trigger.ref.key
    match trigger.kind:
        case TriggerKind.TAG_ADDED:
            return not graph.causes.of(Effect.ADDS_TAG, key) and not graph.held_or_young(key) and not graph.may_come_from_integration(key)
        case TriggerKind.SUBSCRIBES_TO_SEQUENCE | TriggerKind.COMPLETES_SEQUENCE:
            return not graph.causes.of(Effect.ENROLS, key) and not graph.held_or_young(key)
        case _:
            return False


def _rule(graph: Graph, name: str, first: steps.Trigger, location: Location | None) -> Finding:
    what = first.ref.name if first.ref else ""
    text = (
        f"The rule “{name}” waits for “{what}” to be added, and nothing adds it."
        if first.kind is TriggerKind.TAG_ADDED
        else f"The rule “{name}” waits for people in “{what}”, and nothing puts anybody there."
    )
    return _finding(graph, ObjectRef("rule", name), "rule", text, (), location, ())


def _finding(
    graph: Graph,
    where: ObjectRef,
    variant: str,
    text: str,
    asleep: tuple[Cause, ...],
    location: Location | None,
    path: tuple[PathStep, ...],
) -> Finding:
    stopped = f" “{asleep[0].object.name}” would, but it is switched off." if asleep else ""
    return Finding(
        object=where,
        message=f"{text}{stopped} {'It never runs.' if graph.is_complete else 'As far as can be seen, it never runs.'}{graph.open_world_note}",
        variant=variant,
        severity=Severity.ERROR if graph.is_complete else Severity.WARNING,
        confidence=graph.closed_world,
        path=path,
        location=location,
    )
