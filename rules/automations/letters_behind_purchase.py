"""Finds emails for everybody that stand behind a purchase.

What it finds
-------------
An event on a purchase (of a product, or of the tag that buyers get) that everybody who comes along the steps waits in front of, and
behind it a sequence (or a tag or another automation, known by its name) that is meant for those who did not buy as well: an offering says that it sells the same thing, something else puts people into it who need not have bought, or its
name says newsletter, letters, weekly, tips, last chance and the like. Events side by side are ways out, and are left alone.

Why it matters
--------------
Whoever does not buy waits in front of the event forever. Most people do not buy: they read your sales emails to the end and then never
hear from you again, although the letters are there.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations, choose the automation named in this finding, and pause it: people wait where they are.
2. Add the last step shown in the path in front of the event as well, a sequence as Action → Email Sequence. Who does not buy gets it then,
   and who buys is pulled forward to the event and goes on behind it.
3. Or make an automation of its own for it, and let this one start that in front of the event with Action → Move subscriber → Start another
   automation.
4. Leave the event where people wait in front of it: a step that is deleted under people leaves them stuck.
5. Set the automation back to Active, if it was Active before. People who waited in front of the event stay there: add them to the
   sequence in Grow → Subscribers.

When to ignore it
-----------------
What stands behind the event is for buyers alone. It cannot read what the emails say; it knows their sequence by its name and by what else
fills it.

Sources
-------
- An event holds whoever comes from above until it happens: https://help.kit.com/en/articles/2502670
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
    Variant,
    steps,
)

RULE = Rule(
    code="CK319",
    name="letters-behind-purchase",
    title="Who does not buy never gets the emails behind the sale",
    passing="Nobody has to buy to get what is meant for everybody",
    severity=Severity.WARNING,
    theme=Theme.AUTOMATIONS,
    needs=(Need.AUTOMATIONS,),
    checks=Kind.AUTOMATION,
    effort_minutes=15,
    unseen="events leave none",
    nothing="no automation waits for a purchase",
    variants={
        "filled-elsewhere": Variant("Who does not buy never gets emails that others get without buying"),
        "sells": Variant("The emails that sell again wait behind the purchase itself"),
        "by-name": Variant("Who does not buy never gets the letters behind the sale", severity=Severity.INFO),
    },
)

_GIVES = (Effect.ENROLS, Effect.ADDS_TAG, Effect.STARTS)
_FOR_ALL = re.compile(
    r"\b(news ?letters?|letters?|weekly|fortnightly|digest|nurtur(e|ing)|evergreen|tips|everybody|everyone"
    r"|(not|non|never|didn t|did not|no) ?(buy|bought|buyers?|purchased?)|(last|second) chance|down ?sell|why not|objections?)\b"
)
_FOR_BUYERS = re.compile(
    r"\b(thanks?|thank you|welcome|onboarding|log ?in|access|module|lesson|start(ed)?|paid|premium|members?|students?|customers?|clients?"
    r"|(?<!not )(?<!non )buyers?|review|testimonial|bonus(es)?|upgrade|upsell)\b"
)
_BOUGHT = re.compile(r"\b(bought|purchased?|buyers?|customers?|clients?|paid|ordered)\b")


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each purchase that stands in front of emails for everybody."""
    for flow in graph.flows:
        for event in _purchases(graph, flow):
            for node in flow.steps_next(event):
                same = flow.doing(node.effect, node.target) if node.effect in _GIVES and node.target else ()
                behind = bool(same) and all(_must_pass(flow, event, other) for other in same)
                variant = _meant_for_all(graph, flow, event, node) if behind else ""
                if variant:
                    yield _finding(graph, flow, event, node, variant)
                    break


def judged(graph: Graph) -> Iterable[Key]:
    """The purchases that automations wait for."""
    return [event.key for flow in graph.flows for event in _purchases(graph, flow)]


def _purchases(graph: Graph, flow: Flow) -> list[FlowNode]:
    """Events on a purchase that stand alone, behind emails."""
    buyers = graph.keys(RoleName.PURCHASE, RoleName.ACCESS)
    found = []
    for event in flow.events if flow.live else ():
        alone = isinstance(event.step, steps.Event)
        bought = event.trigger is not None and event.trigger.kind is TriggerKind.PURCHASES
        tagged = event.on_tag is not None and (event.on_tag in buyers or bool(_BOUGHT.search(_words(graph, event.on_tag))))
        if alone and (bought or tagged) and any(node.enrols for node in flow.before(event)):
            found.append(event)
    return found


def _must_pass(flow: Flow, event: FlowNode, node: FlowNode) -> bool:
    """True when nobody comes to the step without the purchase."""
    return node.id in flow.reached and all(flow.path_to(root, node, avoiding=lambda other: other is event) is None for root in flow.roots)


def _meant_for_all(graph: Graph, flow: Flow, event: FlowNode, node: FlowNode) -> str:
    """A variant, empty when the step is for buyers or nothing says whom it is for."""
    if node.target is None:
        return ""
    sold = [item for item in graph.all_memberships if item.has(event.target, RoleName.PURCHASE, RoleName.PRODUCT)]
    if any(item.has(node.enrols, RoleName.PITCH_SEQUENCE) for item in sold):
        return "sells"
    name = _words(graph, node.target)
    product = _words(graph, event.target) if event.target else ""
    if _FOR_BUYERS.search(name) or _named_alike(name, product):
        return ""
    fed = graph.feeders(node.enrols) if node.enrols else ()
    others = [cause for cause in fed if cause.flow is not flow and not _bought_before(graph, cause)]
    return "filled-elsewhere" if others else "by-name" if _FOR_ALL.search(name) else ""


def _bought_before(graph: Graph, cause: Cause) -> bool:
    """True when what puts people into the sequence starts with a purchase, or may: then they have bought."""
    if cause.integrated:
        return True
    for signal in graph.reactions.what_led_to(cause):
        if signal.kind is TriggerKind.PURCHASES:
            return True
        if signal.key and signal.kind is TriggerKind.TAG_ADDED and _BOUGHT.search(_words(graph, signal.key)):
            return True
        if signal.key in graph.keys(RoleName.PURCHASE, RoleName.ACCESS, RoleName.PRODUCT):
            return True
    return bool(cause.flow and _purchases(graph, cause.flow))


def _words(graph: Graph, key: Key) -> str:
    return re.sub(r"[\W_]+", " ", graph.object(key).name).strip().casefold()


def _named_alike(name: str, product: str) -> bool:
    """True when a longer word of the product is in the sequence's name: letters that are sold are for those who bought them."""
    return not {word for word in product.split() if len(word) > 3}.isdisjoint(name.split())


def _finding(graph: Graph, flow: Flow, event: FlowNode, node: FlowNode, variant: str) -> Finding:
    named = graph.object_of(node)
    waiting = event.step.waiting if event.step else None
    now = f" {waiting} people wait there now." if waiting else ""
    why = {
        "filled-elsewhere": "which other people get without buying",
        "sells": "which sells the same thing",
        "by-name": "which by its name is for everybody",
    }[variant]
    return Finding(
        object=flow.object,
        message=f"In “{flow.name}” everybody waits for the purchase in front of “{named.name}”, {why}. Who does not buy waits there forever and gets "
        f"none of it.{now}",
        variant=variant,
        confidence=Confidence.POSSIBLE if variant == "by-name" else Confidence.LIKELY,
        related=(named,),
        path=(event.path_step("people who do not buy wait here"), node.path_step("for everybody")),
        people=waiting or None,
        people_who="waited in front of the event",
        location=event.location,
    )
