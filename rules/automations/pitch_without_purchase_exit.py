"""Finds sales emails that go on after the purchase.

What it finds
-------------
A sequence that sells (stated under ``pitch_sequences``, or named so: “Course A launch”, “Big offer”, “Sales emails”) from which buying does
not free people. What counts as a way out:

- a goal below it on the product of its offering, or on a buyer's tag; a goal on another product, or on one that is misspelt, is none;
- an exclusion of a buyer's tag by the sequence, or of a segment that the manifest says consists of buyers;
- a rule that unsubscribes buyers from it, or anything else that buying sets off and that takes people out, over any number of hops;
- a condition on a buyer's tag right in front of it, if its emails are over within a day: it looks once.

Buyer's tags are those the offering states, tags that buying adds by an automation or rule, and tags that a shop writes (listed under
``external``) for purchases. Where an exclusion, a filter or a segment may be a way out but nobody can see it, the finding is a note.

It does not see who is in a segment, unless the manifest says so under ``segments``, what a filter asks for, and what the emails sell:
a pitch that no offering states is known by its name alone.

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

import enum
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ckaudit.rule import (
    Cause,
    Confidence,
    Consequence,
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
    Signal,
    Theme,
    TriggerKind,
    Variant,
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
    passes_with=(Need.SEGMENTS,),
    needs_roles=((RoleName.PURCHASE, RoleName.ACCESS, RoleName.PRODUCT),),
    nothing="nothing puts people into a sequence that sells",
    checks=Kind.SEQUENCE,
    effort_minutes=10,
    unseen="what takes people out of a sequence leaves none",
    variants={
        "no-way-out": Variant("Buyers go on getting sales emails"),
        "looks-once": Variant("Buyers are looked for once, and who buys later goes on getting sales emails", Severity.WARNING),
        "not-seen": Variant(
            "Whether buyers go on getting sales emails cannot be seen",
            Severity.INFO,
            (
                "Open Send → Email Sequences, choose the sequence named in this finding, and click Settings. Look whether “Exclude subscribers "
                "from this sequence” names the buyer's tag, or a segment that everybody who buys is in.",
                "If neither is so, choose the buyer's tag there, and click Update Email Sequence. Whoever has that tag gets none of its emails "
                "any more.",
                "If it is so, write it into the manifest: the buyer's tag of the offering, or what the segment consists of.",
            ),
        ),
    },
)

BUYER = (RoleName.PURCHASE, RoleName.ACCESS)
NOT_BOUGHT = (RoleName.REVOKE, RoleName.CANCEL, RoleName.PAUSE, RoleName.FAILED_PAYMENT, RoleName.EARLY_CONTACT)
BUYING = ("purchase", "renewal", "upgrade")
DAY = 86400


class Buying(NamedTuple):
    """How one can tell that somebody bought what a pitch sells: by the tags they have then, and by the products of its offerings.

    ``products`` is empty when no offering says what is sold: then any purchase may be it. ``foreign`` are products of other offerings.
    ``sold`` are the products, or, where no offering says what is sold, everything that something waits for a purchase of.
    """

    tags: frozenset[Key]
    products: frozenset[Key]
    foreign: frozenset[Key]
    sold: frozenset[Key]

    @property
    def signals(self) -> Iterator[Signal]:
        """What happens to a buyer."""
        yield from (Signal(tag, TriggerKind.TAG_ADDED) for tag in sorted(self.tags))
        yield from (Signal(product, TriggerKind.PURCHASES) for product in sorted(self.sold))

    def is_met_by(self, event: FlowNode) -> bool:
        """True for a goal that buying meets."""
        if event.trigger is None or event.trigger.kind is not TriggerKind.PURCHASES:
            return event.on_tag in self.tags
        return event.target in self.products if self.products else event.target not in self.foreign


class Exit(enum.Enum):
    """Whether buying frees people, as far as anybody can see."""

    NONE = "none"
    LOOKS_ONCE = "looks once"
    UNKNOWN = "unknown"
    SURE = "sure"


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each pitch without a way out: the first automation, rule or form that puts people into it."""
    for sequence in _pitches(graph):
        buying = _buying(graph, sequence)
        excluded = _excluded(graph, sequence, buying)
        if excluded is Exit.SURE:
            continue
        for cause in graph.uses_of(sequence):
            found = _way_out(graph, cause, sequence, buying)
            if found is not Exit.SURE:
                yield _finding(graph, sequence, cause, Exit.UNKNOWN if Exit.UNKNOWN in (excluded, found) else found, buying)
                break


def judged(graph: Graph) -> Iterable[Key]:
    """The sequences that sell and that something puts people into."""
    return _pitches(graph)


def _pitches(graph: Graph) -> list[Key]:
    filled = [cause.target for cause in graph.causes.all if cause.live and cause.effect is Effect.ENROLS]
    return [key for key in dict.fromkeys(filled) if graph.sells(key)]


# -- what buying is ------------------------------------------------------------------------------------------------------------------


def _buying(graph: Graph, sequence: Key) -> Buying:
    every = graph.all_memberships
    own = [item for item in every if item.has(sequence, RoleName.PITCH_SEQUENCE)] or list(every)
    others = [item for item in every if item not in own]
    products = frozenset(key for item in own for key in item.keys(RoleName.PRODUCT)) if others or len(every) == 1 else frozenset[Key]()
    foreign = frozenset(key for item in others for key in item.keys(RoleName.PRODUCT)) - products
    stated = {key for item in own for key in item.keys(*BUYER)}
    sold = products or frozenset(when.target for when in _purchases(graph) if when.target and when.target not in foreign)
    followed = (Signal(product, TriggerKind.PURCHASES) for product in sold)
    given = {item.cause.target for signal in followed for item in graph.reactions.what_follows(signal) if _adds_at_once(item)}
    written = {cause.target for cause in graph.causes.all if cause.effect is Effect.ADDS_TAG and _is_sale(cause)}
    known = {tag for tag in written - stated if any(item.has(tag, *RoleName) for item in every)}
    not_bought = set(graph.keys(*NOT_BOUGHT)) | {key for item in others for key in item.keys(*BUYER)} - stated
    return Buying(frozenset((stated | given | (written - known)) - not_bought), products, foreign, sold)


def _purchases(graph: Graph) -> Iterator[steps.Trigger]:
    triggers = [entry for flow in graph.flows for entry in flow.automation.entries]
    triggers += [when for rule in graph.manifest.rules for when in rule.when]
    yield from (trigger for trigger in triggers if trigger.kind is TriggerKind.PURCHASES)


def _adds_at_once(item: Consequence) -> bool:
    """Added to every buyer, with the purchase: a tag at the end of a course says something else."""
    return item.cause.effect is Effect.ADDS_TAG and not item.waits and not item.conditions and item.span.min_seconds < DAY


def _is_sale(cause: Cause) -> bool:
    """What an integration writes when somebody buys, or on an occasion that nobody stated."""
    return cause.integration is not None and (cause.integration.on is None or cause.integration.on in BUYING)


# -- ways out ------------------------------------------------------------------------------------------------------------------------


def _excluded(graph: Graph, sequence: Key, buying: Buying) -> Exit:
    found = graph.lookup.sequence(sequence)
    excluded = set(found.excluded_keys) if found else set()
    if buying.tags & excluded:
        return Exit.SURE
    made = {segment.segment.key: segment for segment in graph.manifest.segments}
    if any(buying.tags.union(buying.products).intersection(made[key].sufficient) for key in excluded if key in made):
        return Exit.SURE
    if (
        graph.has_account
        and graph.missing(Need.SEGMENTS)
        and any(key not in graph.lookup.objects for key in excluded if key.kind is Kind.SEGMENT)
    ):
        return Exit.SURE  # one whose name was not read may be one the manifest describes
    unseen = any(key.kind is Kind.SEGMENT and key not in made for key in excluded)
    unknown = not buying.tags and any(key.kind is Kind.TAG for key in excluded)
    return Exit.UNKNOWN if unseen or unknown else Exit.NONE


def _way_out(graph: Graph, cause: Cause, sequence: Key, buying: Buying) -> Exit:
    flow, node = cause.flow, cause.node
    own = {sequence, flow.key if flow else sequence}
    ending = [other for effect in (Effect.UNENROLS, Effect.STOPS) for key in own for other in graph.causes.of(effect, key)]
    followed = {item.cause for signal in buying.signals for item in graph.reactions.what_follows(signal, goals=True)} if ending else set()
    if any(other in followed or (other.integrated and _is_sale(other)) for other in ending):
        return Exit.SURE
    unknown = bool(ending) and not (buying.tags or buying.products)
    if flow is None or node is None:
        return Exit.UNKNOWN if unknown else Exit.NONE
    if any(buying.is_met_by(event) for event in flow.events if event in flow.after(node)):
        return Exit.SURE
    above = _conditions_above(flow, node)
    asked = any(not buying.tags.isdisjoint(other.tests) for other in above)
    if asked and graph.lookup.timing(sequence).planned < DAY:
        return Exit.SURE
    by_filter = any(isinstance(other.step, steps.If) and other.step.test.kind is steps.ConditionKind.FILTER for other in above)
    return Exit.LOOKS_ONCE if asked else Exit.UNKNOWN if unknown or by_filter else Exit.NONE


def _conditions_above(flow: Flow, node: FlowNode) -> tuple[FlowNode, ...]:
    """The conditions in front of a step."""
    return tuple(other for other in flow.before(node) if other.is_condition)


def _finding(graph: Graph, sequence: Key, cause: Cause, exit_: Exit, buying: Buying) -> Finding:
    named = graph.object(sequence)
    stated = sequence in graph.keys(RoleName.PITCH_SEQUENCE)
    why = "" if stated else " (its name says that it sells)"
    text = {
        Exit.NONE: "and buying does not take them out. Buyers go on reading why they should buy.",
        Exit.LOOKS_ONCE: "and looks for buyers only once, in front of it. Who buys on the second day goes on reading why they should buy.",
        Exit.UNKNOWN: "and whether buying takes them out cannot be seen: a filter, a segment or an exclusion may do it. If it does not, "
        "buyers go on reading why they should buy.",
    }[exit_]
    sure = graph.closed_world if stated else Confidence.LIKELY
    worst = Severity.ERROR if stated else Severity.WARNING
    return Finding(
        object=cause.object,
        message=f"“{cause.object.name}” puts people into “{named.name}”{why}, {text}{_other_goal(cause, buying)}" + graph.open_world_note,
        variant={Exit.NONE: "no-way-out", Exit.LOOKS_ONCE: "looks-once", Exit.UNKNOWN: "not-seen"}[exit_],
        severity={Exit.NONE: worst, Exit.LOOKS_ONCE: Severity.WARNING, Exit.UNKNOWN: Severity.INFO}[exit_],
        confidence=Confidence.POSSIBLE if exit_ is Exit.UNKNOWN else sure,
        related=(named,),
        people=graph.people(sequence),
        path=(cause.node.path_step("sells"),) if cause.node else (),
        location=cause.location,
    )


def _other_goal(cause: Cause, buying: Buying) -> str:
    """A goal on a product that this offering does not have."""
    below = cause.flow.after(cause.node) if cause.flow and cause.node else ()
    bought = (event for event in below if event.is_event and event.trigger and event.trigger.kind is TriggerKind.PURCHASES)
    other = next((event for event in bought if event.ref), None)
    if other is None or other.ref is None or not buying.products:
        return ""
    return f" The goal below waits for “{other.ref.name}”, which is not a product of this offering."
