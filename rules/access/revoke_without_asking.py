"""Finds access that ends some time after a failed payment, a cancellation or a trial, whether people have paid by then or not.

What it finds
-------------
A failed payment, a cancellation, or the start of a trial, that sets off a wait of a day or more (a date too) and then a step or rule that adds the
revoke tag or takes off every access tag, over any number of automations and rules. A failed payment is known by its tag, by what an
integration does ``on: failed-payment`` (a tag, a form or a sequence), and by the sequences under ``dunning_sequences``. A trial is known by a
tag under ``optin_tags`` or ``early_contact_tags`` of an offering that people also buy, or by a purchase tag named “trial” beside another.
It is silent when people who pay are spared:

- a condition or split on a tag or field behind the wait decides who loses access; one in front of the whole wait looks too early, and one
  on a tag that only forms and clicks give has nothing to do with paying (where the manifest is complete);

- a goal below takes people forward, past that step, when they pay or when the failed-payment tag comes off;

- something that paying sets off takes them out of the automation (“Remove from automation”).

It does not see whether the condition asks for the right tag, or whether your shop really changes that tag. A tag that has no role counts
as one that payers get. What a filter asks for, and where people go on who are taken out of a sequence, it does not know: then it says so
and judges nothing. What a shop starts, and no manifest says on which occasion, it does not follow.

Why it matters
--------------
Most failed payments come in later: a new card, a second try. These people pay again, and days later they lose what they pay for.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation named in this finding. Pause it while you edit: people wait where they are
   and go on when it is Active again.
2. Click the “+” right in front of the step that takes access away, and choose Condition → Tag. Choose the failed-payment tag, if
   your shop takes that tag off when the payment comes in. If not, let your shop add a tag when it comes in, and choose that one.
3. Put the step that takes access away on the side of those who have not paid, and nothing on the other side.
4. Set the automation back to Active, if it was Active before.
5. In Grow → Subscribers filter by the revoke tag. Look in your shop who of these people pays, and give them their access back.

When to ignore it
-----------------
The failed-payment tag is added only when the shop has given up for good, or your site keeps access open for whoever pays, whatever the tag.

Sources
-------
- A condition looks once, when somebody arrives: https://help.kit.com/en/articles/2502665
- Events pull people forward: https://help.kit.com/en/articles/2502670
- AccessAlly describes this follow-up: https://kb.accessally.com/tutorials/how-to-follow-up-on-a-failed-payment/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ckaudit.rule import (
    WEBHOOK_ROLES,
    Cause,
    Confidence,
    Consequence,
    Effect,
    Finding,
    Flow,
    FlowNode,
    Graph,
    Harm,
    Key,
    Kind,
    Membership,
    Need,
    NotEvaluatedError,
    ObjectRef,
    Options,
    PathStep,
    RoleName,
    Rule,
    Severity,
    Signal,
    Theme,
    TriggerKind,
    Variant,
    duration,
    guards,
    name_list,
    signal_of,
    steps,
)

_OPEN = (
    "Open Automate → Visual Automations and choose the automation named in this finding. Pause it while you edit: people wait where they are "
    "and go on when it is Active again."
)
_FRONT = "Click the “+” in front of the step that takes access away, choose Condition → Tag, and the tag that everybody gets who pays."
_SIDE = "Put the steps that end access on the side of those who do not have this tag, and nothing on the other side."
_RESUME = "Set the automation back to Active, if it was Active before."
_HOLDERS = "In Grow → Subscribers filter by the revoke tag and the tag of those who pay. Give these people their access back."

RULE = Rule(
    code="CK234",
    name="revoke-without-asking",
    title="People who have paid by then lose access all the same",
    passing="Where access ends some time after a failed payment, cancellation or trial, payers have a way out",
    severity=Severity.ERROR,
    theme=Theme.ACCESS,
    harm=Harm.LOCKED_OUT,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    passes_with=(Need.SEQUENCES, Need.SEQUENCE_EMAILS),
    needs_roles=(
        (RoleName.FAILED_PAYMENT, RoleName.DUNNING_SEQUENCE, RoleName.OPTIN, RoleName.EARLY_CONTACT, RoleName.CANCEL),
        (RoleName.REVOKE, RoleName.ACCESS),
    ),
    checks=Kind.TAG,
    effort_minutes=15,
    unseen="what people are asked on the way leaves none",
    nothing="no failed payment, cancellation or trial leads to a wait after which access ends",
    variants={
        "failed-payment": Variant("People who have paid again lose access all the same"),
        "trial": Variant("People who have paid lose access when the trial ends", fix=(_OPEN, _FRONT, _SIDE, _RESUME, _HOLDERS)),
        "joined-again": Variant(
            "Who cancels and joins again loses access all the same", Severity.WARNING, (_OPEN, _FRONT, _SIDE, _RESUME, _HOLDERS)
        ),
    },
)

DAY = 86400
NOT_PAID = (
    *(RoleName.REVOKE, RoleName.CANCEL, RoleName.PAUSE, RoleName.FAILED_PAYMENT, RoleName.EARLY_CONTACT, RoleName.OPTIN),
    *WEBHOOK_ROLES,
)
"""Tags that nobody gets by paying."""


_TRIAL = re.compile(r"\btrial\b", re.IGNORECASE)
_ABOUT_PAYING = re.compile(r"pay|paid|card|bill|invoice|renew|order|checkout|purchase", re.IGNORECASE)


class Ending(NamedTuple):
    """What takes access to an offering away, some time after a failed payment or the start of a trial. ``date`` is one that people wait for
    on the way."""

    membership: Membership
    start: Key
    role: RoleName
    taken: Consequence
    date: str = ""

    @property
    def waits(self) -> bool:
        """True when people have time to pay."""
        return self.taken.span.min_seconds >= DAY or bool(self.date)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each automation or rule that takes access away, whoever has paid."""
    unclear, unread = dict[str, None](), dict[str, None]()
    seen = set[tuple[Key, Key | None]]()
    for ending in _endings(graph):
        name, place = ending.taken.cause.object.name, (ending.start, ending.taken.cause.unit)
        if place in seen or _asked(graph, ending) or _leaves(graph, ending):
            continue
        if not ending.waits:
            unread.update(dict.fromkeys(_unread(graph, ending)))
        elif _may_ask(graph, ending):
            unclear[name] = None
        else:
            seen.add(place)
            yield _finding(graph, ending)
    if unclear:
        reason = "a filter, or something that takes them out of a sequence, may do it"
        raise NotEvaluatedError(f"whether {name_list(unclear)} spares people who have paid cannot be seen: {reason}")
    if unread:
        reason = f"how long {name_list(unread)} takes was not read, so nobody knows whether there is time to pay before access ends"
        raise NotEvaluatedError(reason, (Need.SEQUENCES, Need.SEQUENCE_EMAILS))


def judged(graph: Graph) -> Iterable[Key]:
    """The tags behind which access ends after a wait."""
    return dict.fromkeys(ending.start for ending in _endings(graph) if ending.waits)


def _endings(graph: Graph) -> Iterator[Ending]:
    """Those behind a wait, and those behind a sequence of which nobody knows how long it takes."""
    for membership in graph.memberships:
        for start, role, begun in _starts(graph, membership):
            found = graph.reactions.what_follows(*begun)
            taking = _taking(membership, [item for item in found if not item.waits or _date(item)])
            endings = (Ending(membership, start, role, item, _date(item) if item.waits else "") for item in taking)
            yield from (ending for ending in endings if ending.waits or _unread(graph, ending))


def _date(taken: Consequence) -> str:
    """The date that people wait for on the way, empty where they wait for none, or for something else that may never come."""
    found = ""
    for flow, node, _ in _hops(taken):
        ways = (
            flow.path_to(root, node, avoiding=lambda other: other.is_event and not _is_date(other)) for root in (*flow.roots, flow.start)
        )
        way = next((way for way in ways if way), None)
        if way is None:
            return ""
        found = next((other.trigger.value or "" for other in way.nodes if other.trigger and _is_date(other)), found)
    return found


def _is_date(node: FlowNode) -> bool:
    return node.trigger is not None and node.trigger.kind is TriggerKind.DATE


def _unread(graph: Graph, ending: Ending) -> list[str]:
    """The names of the sequences on the way whose emails were not read."""
    partly = bool(graph.missing(Need.SEQUENCE_EMAILS))
    return [graph.object(key).name for key in _sequences(ending) if partly or graph.lookup.sequence(key) is None]


def _starts(graph: Graph, membership: Membership) -> Iterator[tuple[Key, RoleName, tuple[Signal | Cause, ...]]]:
    """The tags that begin it, and forms and sequences that a failed payment leads to, each with its role and what to follow."""
    for role in (RoleName.FAILED_PAYMENT, RoleName.CANCEL, RoleName.OPTIN, RoleName.EARLY_CONTACT, RoleName.PURCHASE):
        for key in membership.keys(role):
            if key.kind is Kind.TAG and not membership.has(key, RoleName.REVOKE) and _begins(graph, membership, role, key):
                yield (key, role, (Signal(key, TriggerKind.TAG_ADDED),))
    failing = [cause for cause in graph.causes.all if cause.integration and cause.integration.on == "failed-payment"]
    for cause in failing:
        gives = cause.effect in (Effect.ADDS_TAG, Effect.JOINS_FORM, Effect.ENROLS)
        if cause.live and gives and not membership.has(cause.target, RoleName.FAILED_PAYMENT, RoleName.REVOKE):
            yield (cause.target, RoleName.FAILED_PAYMENT, (cause,))
    for key in membership.keys(RoleName.DUNNING_SEQUENCE):
        for cause in graph.uses_of(key):
            begun = tuple(graph.reactions.triggers_of(cause)) if cause.unit else (cause,)
            told = any(membership.has(signal.key, RoleName.FAILED_PAYMENT) for signal in begun if isinstance(signal, Signal))
            if begun and cause not in failing and not told:
                yield (key, RoleName.FAILED_PAYMENT, begun)


def _begins(graph: Graph, membership: Membership, role: RoleName, tag: Key) -> bool:
    """True for the tag of a failed payment or a cancellation, and of a trial of what people also buy."""
    if role in (RoleName.FAILED_PAYMENT, RoleName.CANCEL):
        return True
    buying = set(membership.keys(RoleName.PURCHASE, RoleName.PRODUCT)) - {tag, *membership.keys(RoleName.OPTIN, RoleName.EARLY_CONTACT)}
    named = role is not RoleName.PURCHASE or bool(_TRIAL.search(graph.object(tag).name))
    return named and bool(buying) and not membership.is_free


def _taking(membership: Membership, found: list[Consequence]) -> list[Consequence]:
    """What takes access away. Who loses one of several access tags may keep the others."""
    access = set(membership.keys(RoleName.ACCESS))
    removing = [item for item in found if item.cause.effect is Effect.REMOVES_TAG and item.cause.target in access]
    adding = [item for item in found if item.cause.effect is Effect.ADDS_TAG and membership.has(item.cause.target, RoleName.REVOKE)]
    whole = access and access == {item.cause.target for item in removing}
    return [*adding, *(removing if whole else [])]


# -- who is spared -------------------------------------------------------------------------------------------------------------------


def _hops(taken: Consequence) -> Iterator[tuple[Flow, FlowNode, int]]:
    """The steps that lead there, each with the seconds until its automation begins."""
    begins = 0
    for item in taken.way:
        if item.cause.flow and item.cause.node:
            yield item.cause.flow, item.cause.node, begins
        begins = item.span.min_seconds


def _conditions(taken: Consequence) -> Iterator[tuple[FlowNode, bool]]:
    """The conditions that decide who comes there, each with whether people have waited in front of it."""
    for flow, node, begins in _hops(taken):
        for condition in guards.open_conditions(flow, node):
            yield condition, begins > 0 or any(other.waits or other.enrols for other in flow.before(condition))


def _asked(graph: Graph, ending: Ending) -> bool:
    """True when a condition on a tag or field behind a wait decides who loses access, and paying may change what it asks for."""
    late = (key for condition, late in _conditions(ending.taken) if late for key in condition.tests)
    return any(not _is_foreign(graph, ending.membership, key) for key in late)


def _is_foreign(graph: Graph, membership: Membership, key: Key) -> bool:
    """True for a tag that by a complete manifest only forms and clicks give and take, and nobody by paying."""
    if key.kind is not Kind.TAG or graph.closed_world is not Confidence.CERTAIN or membership.has(key, *RoleName):
        return False
    causes = [cause for effect in (Effect.ADDS_TAG, Effect.REMOVES_TAG) for cause in graph.causes.of(effect, key)]
    if not causes or _ABOUT_PAYING.search(graph.object(key).name):
        return False
    led = [signal for cause in causes for signal in graph.reactions.what_led_to(cause)]
    return not any(cause.integrated for cause in causes) and not any(_may_be_paying(graph, signal) for signal in led)


def _may_be_paying(graph: Graph, signal: Signal) -> bool:
    """True for what a shop may do when somebody pays: all but clicks, and forms and tags that nobody outside Kit gives."""
    if signal.kind is TriggerKind.CLICKS_LINK or signal.kind is None:
        return False
    if signal.kind not in (TriggerKind.JOINS_FORM, TriggerKind.TAG_ADDED) or signal.key is None:
        return signal.kind is not TriggerKind.JOINS_FORM
    told = bool(_ABOUT_PAYING.search(graph.object(signal.key).name))
    return told or signal.key in graph.keys(*RoleName) or signal.key in graph.given_by_integrations()


def _leaves(graph: Graph, ending: Ending) -> bool:
    """True when people who pay leave on the way: by a goal below, or because something takes them out of the automation."""
    for flow, node, _ in _hops(ending.taken):
        ahead = flow.before(node)
        goals = {goal for other in ahead for goal in flow.pulls.get(other.id, ())} - {other.id for other in ahead}
        if any(_is_payment(ending.membership, signal_of(event.trigger)) for event in flow.events if event.id in goals and event.trigger):
            return True
        if any(_follows_payment(graph, ending.membership, cause) for cause in graph.causes.of(Effect.STOPS, flow.key)):
            return True
    return False


def _follows_payment(graph: Graph, membership: Membership, cause: Cause) -> bool:
    """True when something outside does it, or when paying may be what leads to it."""
    above = cause.flow.before(cause.node) if cause.flow and cause.node else ()
    goals = [signal_of(event.trigger) for event in above if event.is_event and event.trigger]
    return cause.integrated or any(_is_payment(membership, signal) for signal in (*graph.reactions.what_led_to(cause), *goals))


def _is_payment(membership: Membership, signal: Signal) -> bool:
    """True for what may happen because somebody pays. A tag without a role may mean it."""
    match signal.kind:
        case None | TriggerKind.DATE | TriggerKind.COMPLETES_SEQUENCE:
            return False
        case TriggerKind.TAG_ADDED:
            return not membership.has(signal.key, *NOT_PAID)
        case TriggerKind.PURCHASES:
            products = membership.keys(RoleName.PRODUCT)
            return not products or signal.key is None or signal.key in products
        case _:
            return True


def _may_ask(graph: Graph, ending: Ending) -> bool:
    """True when nobody can see whether payers are spared: a filter, or a payment that takes them out of a sequence on the way."""
    filters = (
        late and isinstance(condition.step, steps.If) and condition.step.test.kind is steps.ConditionKind.FILTER
        for condition, late in _conditions(ending.taken)
    )
    leaving = (cause for sequence in _sequences(ending) for cause in graph.causes.of(Effect.UNENROLS, sequence))
    return any(filters) or any(_follows_payment(graph, ending.membership, cause) for cause in leaving)


def _sequences(ending: Ending) -> tuple[Key, ...]:
    """The sequences that people go through on the way."""
    return tuple(dict.fromkeys(other.enrols for flow, node, _ in _hops(ending.taken) for other in flow.before(node) if other.enrols))


# -- what is said --------------------------------------------------------------------------------------------------------------------


def _path(ending: Ending) -> tuple[PathStep, ...]:
    """The steps from the start tag on; over several automations and rules only what leads from one to the next."""
    hops = list(_hops(ending.taken))
    if len(ending.taken.way) == 1 and hops:
        flow, node, _ = hops[0]
        if path := flow.path_to(next(iter(flow.entered_by(ending.start)), flow.start), node):
            return path.steps()
    return ending.taken.path


def _finding(graph: Graph, ending: Ending) -> Finding:
    membership, taken = ending.membership, ending.taken
    cause, start = taken.cause, graph.object(ending.start)
    roles = (ending.role, RoleName.REVOKE if cause.effect is Effect.ADDS_TAG else RoleName.ACCESS)
    variant, who = {
        RoleName.FAILED_PAYMENT: ("failed-payment", "Members whose payment came in meanwhile lose what they pay for."),
        RoleName.CANCEL: ("joined-again", "Who joins again in the meantime is locked out on that day."),
    }.get(ending.role, ("trial", "Who pays before then is locked out with the others."))
    surely = ending.role is not RoleName.CANCEL and membership.declared(*roles)
    guessed = ending.role is RoleName.PURCHASE or any(late and condition.tests for condition, late in _conditions(taken))
    paying = membership.keys(RoleName.PURCHASE)[:1]
    related = (cause.ref.object, start, *map(graph.object, (*_sequences(ending), *paying)), membership.object)
    return Finding(
        object=cause.object,
        message=f"“{cause.object.name}” {cause.words} {_when(ending, start)}, and nothing asks whether people have paid by then. "
        f"{who}{_asked_instead(graph, ending)}{graph.open_world_note}",
        variant=variant,
        severity=Severity.ERROR if surely else Severity.WARNING,
        confidence=membership.confidence(*roles, best=Confidence.LIKELY if guessed else graph.closed_world),
        related=tuple(dict.fromkeys(item for item in related if item != cause.object)),
        path=_path(ending),
        location=cause.location,
    )


def _when(ending: Ending, start: ObjectRef) -> str:
    begun = {Kind.FORM: f"joining “{start.name}”", Kind.SEQUENCE: f"people came into “{start.name}”"}
    after = begun.get(ending.start.kind, f"“{start.name}” was added")
    return (
        f"on {ending.date}, when that day comes after {after}"
        if ending.date
        else f"{duration(ending.taken.span.min_seconds)} after {after}"
    )


def _asked_instead(graph: Graph, ending: Ending) -> str:
    """What conditions ask for that does not help: too early, or something else."""
    asked = [(graph.object(key).name, late) for condition, late in _conditions(ending.taken) for key in condition.tests]
    early, other = ([name for name, late in asked if late is wanted][:2] for wanted in (False, True))
    text = f" It asks for {name_list(early)} in front of the wait, which is too early." if early else ""
    return text + (f" It asks for {name_list(other)}, which nobody gets or loses by paying." if other else "")
