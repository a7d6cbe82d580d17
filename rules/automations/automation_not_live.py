"""Finds automations that are paused or inactive although people need them.

What it finds
-------------
Every paused automation. An inactive automation that gives access to something you sell, that is the only thing that reacts to something
that still happens, or that another automation still starts. Any other inactive automation is mentioned, so that you can tidy up.

It keeps silent when another automation that is not inactive starts on the same triggers (a successor), and when a live form leads into it:
that is CK313.

Why it matters
--------------
A paused automation lets people in and holds them at its entry: they have paid or signed up, and nothing comes. On the day you resume it all
of them go on at once. An inactive one lets nobody in, and does not fetch them later either.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation named in this finding.
2. If it is Paused: look how many people wait at its entry, and whether its emails still fit. Then set it to Active.
3. If it is Inactive and needed: set it to Active. Help the people who came in the meantime by hand (Grow → Subscribers, filter by the tag
   that starts it): Kit does not fetch them.
4. If it is not needed any more: take out the people who wait, set it to Inactive, and write “old” in front of its name. Delete it only
   when nobody is inside.

When to ignore it
-----------------
You are editing it right now, or the launch it belongs to has not begun.

Sources
-------
- Active, Paused and Inactive: https://help.kit.com/en/articles/13974216
- Entries act on what happens while the automation is on: https://help.kit.com/en/articles/5523023
- AccessAlly's ConvertKit guide, step 9, which still speaks of “PAUSE” and “LIVE”:
  https://kb.accessally.com/tutorials/convertkit-automation/ (claim S45)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Cause,
    Confidence,
    Effect,
    Finding,
    Flow,
    Graph,
    Harm,
    Key,
    Kind,
    Membership,
    Need,
    ObjectRef,
    Options,
    RoleName,
    Rule,
    Severity,
    Theme,
    TriggerKind,
    Variant,
    name_list,
    steps,
)

_CHOOSE = "Open Automate → Visual Automations and choose the automation named in this finding."
_WAITING = "Look how many people wait at its entry, and whether its emails still fit."
_RESUME_IT = "Set it to Active. Everybody at the entry goes on at once."

RULE = Rule(
    code="CK301",
    name="automation-not-live",
    title="An automation that people need is not running",
    passing="Every automation is running",
    severity=Severity.ERROR,
    theme=Theme.AUTOMATIONS,
    harm=Harm.MONEY,
    needs=(Need.AUTOMATIONS,),
    checks=Kind.AUTOMATION,
    effort_minutes=5,
    unseen="whether an automation is switched on they do not show",
    people_from=("CK804", "CK803"),
    counts_passers_by=True,
    nothing="there is no automation",
    variants={
        "paused-release": Variant(
            "An automation that gives access is paused",
            harm=Harm.LOCKED_OUT,
            fix=(
                _CHOOSE,
                _WAITING,
                _RESUME_IT,
                "If you do not sell this any more: end the sale in your shop first, help those who wait, and only then set it to Inactive.",
            ),
        ),
        "paused": Variant(
            "An automation is paused, so whoever comes in waits",
            fix=(
                _CHOOSE,
                _WAITING,
                _RESUME_IT,
                "If it is not needed any more: take out the people who wait, set it to Inactive, and write “old” in front of its name.",
            ),
        ),
        "inactive-release": Variant(
            "An automation that gives access is switched off",
            harm=Harm.LOCKED_OUT,
            fix=(
                _CHOOSE,
                "Look whether its steps and emails still fit, and set it to Active.",
                "Help the people who came in the meantime by hand: Kit does not fetch them (Grow → Subscribers, filter by the tag that starts it).",
                "If you do not sell this any more: end the sale in your shop, and write “old” in front of the automation's name.",
            ),
        ),
        "inactive-started": Variant(
            "An automation that another one starts is switched off",
            fix=(
                "Open Automate → Visual Automations and open both automations named in this finding.",
                "If the one that is inactive is needed: set it to Active. People who passed the step in the meantime are not fetched: help them by hand.",
                "If it is not: take the step that starts it out of the other automation.",
            ),
        ),
        "inactive-needed": Variant(
            "An automation is switched off although its trigger still comes",
            fix=(
                _CHOOSE,
                "If it is needed: look whether its emails still fit, and set it to Active. People who came in the meantime are not fetched: help them by hand.",
                "If it is not: write “old” in front of its name, and take the step that still does it out of the automation or rule named in this finding.",
            ),
        ),
        "inactive": Variant(
            "An automation is switched off, and nothing seems to need it",
            Severity.INFO,
            (
                _CHOOSE,
                "If it is needed after all: set it to Active.",
                "If it is not: write “old” in front of its name. Delete it only when nobody is inside.",
            ),
        ),
        "not-launched": Variant(
            "An automation for something new is not switched on yet",
            Severity.WARNING,
            (
                _CHOOSE,
                "Look at its steps once more, and send a test address of your own through it.",
                "Set it to Active before the first person comes.",
            ),
        ),
    },
)

RELEASING = (RoleName.PURCHASE, RoleName.OPTIN, RoleName.EARLY_CONTACT, RoleName.PRODUCT, RoleName.LOGIN_SEQUENCE)
_DONE_BY = {TriggerKind.TAG_ADDED: Effect.ADDS_TAG, TriggerKind.FIELD_CHANGED: Effect.SETS_FIELD, TriggerKind.JOINS_FORM: Effect.JOINS_FORM}
_LOST = "Nobody is let in, and switching it on later does not fetch them."


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each automation that is not running and has no successor."""
    fed_by_forms = {flow.index for _, flows in graph.forms_into_stopped() for flow in flows}
    for flow in graph.flows:
        if flow.active or flow.index in fed_by_forms:
            continue
        opens = [item for item in graph.memberships if item.is_release(flow)]
        if flow.paused:
            yield _paused(graph, flow, opens)
        else:
            yield from _inactive(graph, flow, opens)


def judged(graph: Graph) -> Iterable[Key]:
    """The automations."""
    return [flow.key for flow in graph.flows]


def _paused(graph: Graph, flow: Flow, opens: list[Membership]) -> Finding:
    name = flow.name
    if _not_launched(graph, flow):
        return _new(flow)
    text = f"“{name}” is paused. Whoever comes in waits at its entry, and nobody inside gets on."
    if opens:
        text = f"“{name}” gives access to {_sold(opens)} and is paused. Buyers come in, wait at its entry, and get nothing."
    waiting = _waiting(flow)
    released = " Everybody at the entry goes on at once when you resume it."
    crowd = f" {waiting} people wait in it." if waiting > 1 else " 1 person waits in it." if waiting else ""
    variant = "paused-release" if opens else "paused"
    return _finding(flow, variant, f"{text}{crowd}{released}", confidence=_sure(opens), people=waiting or None)


def _inactive(graph: Graph, flow: Flow, opens: list[Membership]) -> Iterator[Finding]:
    name = flow.name
    starters = graph.causes.of(Effect.STARTS, flow.key)
    open_doors = [entry for entry in flow.automation.entries if not _has_successor(graph, flow, entry)]
    if starters:
        other = starters[0].object
        yield _finding(flow, "inactive-started", f"“{other.name}” starts “{name}”, which is inactive, so that step does nothing.", (other,))
    elif flow.automation.entries and not open_doors:
        return
    elif (opens or _alone(graph, flow, open_doors)) and _not_launched(graph, flow):
        yield _new(flow)
    elif opens:
        yield _finding(
            flow, "inactive-release", f"“{name}” gives access to {_sold(opens)} and is inactive. {_LOST}", confidence=_sure(opens)
        )
    elif alone := _alone(graph, flow, open_doors):
        entry, cause = alone
        label = next(node.label for node in flow.entries if node.trigger is entry)
        text = f"Only “{name}” reacts when this happens: {label}. It is inactive, and “{cause.object.name}” still does it. {_LOST}"
        yield _finding(flow, "inactive-needed", text + graph.open_world_note, (cause.object,), graph.closed_world)
    else:
        text = f"“{name}” is inactive: nobody comes in, and nobody inside gets on. If it is not needed any more, say so in its name or delete it."
        yield _finding(flow, "inactive", text, people=_waiting(flow) or None)


def _sold(opens: list[Membership]) -> str:
    named = [item.name for item in opens if item.offering]
    return name_list(named) if named else f"what you sell through {opens[0].stack.title}"


def _sure(opens: list[Membership]) -> Confidence | None:
    """Likely when the roles that make it a release are inferred."""
    return None if all(item.declared(*RELEASING) for item in opens) else Confidence.LIKELY


def _new(flow: Flow) -> Finding:
    status = flow.automation.status.value
    text = f"“{flow.name}” is {status}, and nobody has come to it yet. Set it to Active before the first one does."
    return _finding(flow, "not-launched", text)


def _finding(
    flow: Flow,
    variant: str,
    text: str,
    related: tuple[ObjectRef, ...] = (),
    confidence: Confidence | None = None,
    people: int | None = None,
) -> Finding:
    return Finding(
        object=flow.object,
        message=text,
        variant=variant,
        confidence=confidence,
        related=related,
        people=people,
        location=flow.automation.location,
    )


def _waiting(flow: Flow) -> int:
    counts = {id(node.step): node.step.waiting or 0 for node in flow.steps if node.step}
    return sum(counts.values())


def _not_launched(graph: Graph, flow: Flow) -> bool:
    """True when everything it starts on is a tag of the last fourteen days that nobody has."""
    tags = [entry.on_tag for entry in flow.entries if entry.on_tag]
    return bool(tags) and len(tags) == len(flow.automation.entries) and all(graph.is_young(key) and graph.people(key) == 0 for key in tags)


def _has_successor(graph: Graph, flow: Flow, entry: steps.Trigger) -> bool:
    return any(other is not flow and other.live and any(_covers(own, entry) for own in other.automation.entries) for other in graph.flows)


def _covers(other: steps.Trigger, entry: steps.Trigger) -> bool:
    """True when what happens for ``entry`` is heard by ``other`` too."""
    if other.kind is not entry.kind:
        return False
    same = other.ref is None or other.target == entry.target
    return same and (other.value is None or other.value == entry.value)


def _alone(graph: Graph, flow: Flow, entries: list[steps.Trigger]) -> tuple[steps.Trigger, Cause] | None:
    """An entry that something live brings about and nothing else reacts to, and what brings it about."""
    if any(item.is_revoke(flow) for item in graph.memberships):
        # that nobody loses access is the business of CK203
        return None
    for entry in entries:
        if entry.ref is None or entry.kind not in _DONE_BY or _reacts(graph, entry):
            continue
        causes = graph.causes.of(_DONE_BY[entry.kind], entry.ref.key)
        fits = [item for item in causes if entry.kind is not TriggerKind.FIELD_CHANGED or entry.value in (None, item.value)]
        if fits:
            return entry, fits[0]
    return None


def _reacts(graph: Graph, entry: steps.Trigger) -> bool:
    """A rule, a goal or a webhook on the same trigger."""
    if entry.ref is None:
        return False
    key = entry.ref.key
    live = [flow for flow in graph.flows if flow.live]
    called = key.kind is Kind.TAG and any(hook.event.tag_id == key.id for hook in graph.account.webhooks)
    return called or bool(graph.rules_fired(key, entry.kind)) or any(flow.waiting_for(key, entry.kind) for flow in live)
