"""Finds splits over plans whose tags are never taken off.

What it finds
-------------
A split over two or more tags that stand for plans or levels of which people have one at a time: purchase or access tags of subscriptions,
or names such as “Plan: gold”, “Silver”, “yearly member”. Shops or integrations add them, and nothing known takes at least two of them off.

Why it matters
--------------
Who changes from silver to gold has both tags then. A split takes the first path that fits, so upgraders are treated as what they were, or
those who went down as what they no longer pay for.

How to fix it in Kit
--------------------
1. Look whether the shop can take the tag of the old plan off when it adds that of the new one. If it can, let it.
2. Otherwise open Automate → Rules and click New rule: when the tag of one plan is added, remove those of the others. Make one for each
   plan. Look before that what starts when such a tag is removed.
3. In Grow → Subscribers filter by two of the tags named in this finding: whoever has both has changed. Take the old one off.

When to ignore it
-----------------
People may have several of these at once. It knows plans by offerings and names alone, and cannot see what a shop does that no manifest
lists.

Sources
-------
- A split takes the first path that matches: https://help.kit.com/en/articles/2502665
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Confidence,
    Effect,
    Finding,
    Flow,
    FlowNode,
    Graph,
    Harm,
    Key,
    Kind,
    Need,
    Options,
    RoleName,
    Rule,
    Severity,
    Theme,
    Variant,
    name_list,
    steps,
)

RULE = Rule(
    code="CK318",
    name="plan-tags-pile-up",
    title="Who changes the plan keeps the tag of the old one",
    passing="Tags of plans are taken off when people change",
    severity=Severity.WARNING,
    theme=Theme.AUTOMATIONS,
    harm=Harm.MONEY,
    needs=(Need.AUTOMATIONS,),
    checks=Kind.AUTOMATION,
    effort_minutes=20,
    unseen="a tag that was taken off leaves none",
    nothing="no automation splits people by plans",
    variants={
        "complete": Variant("Who changes the plan keeps the tag of the old one", severity=Severity.WARNING),
        "perhaps": Variant("Who changes the plan may keep the tag of the old one", severity=Severity.INFO),
    },
)

_PLAN = re.compile(r"\b(plan|tier|level|basic|starter|pro|premium|plus|lite|bronze|silver|gold|platinum|monthly|quarterly|yearly|annual)\b")


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each split."""
    for flow, node, plans in _splits(graph):
        kept = [key for key in plans if not graph.causes.of(Effect.REMOVES_TAG, key)]
        if len(kept) > 1:
            yield _finding(graph, flow, node, kept)


def judged(graph: Graph) -> Iterable[Key]:
    """The splits over plans."""
    return [node.key for _, node, _ in _splits(graph)]


def _splits(graph: Graph) -> Iterator[tuple[Flow, FlowNode, list[Key]]]:
    for flow in graph.flows:
        for node in flow.steps if flow.live else ():
            if isinstance(node.step, steps.Split):
                plans = [key for key in node.tests if _is_plan(graph, key) and _is_added_outside(graph, key)]
                if len(plans) > 1:
                    yield flow, node, plans


def _is_plan(graph: Graph, key: Key) -> bool:
    """True for a tag of a subscription, and for one whose name says so. Of a payment plan people may have several."""
    named = bool(_PLAN.search(re.sub(r"[\W_]+", " ", graph.object(key).name).casefold()))
    paid = [item for item in graph.all_memberships if item.has(key, RoleName.PURCHASE, RoleName.ACCESS)]
    return named and all(item.is_recurring for item in paid)


def _is_added_outside(graph: Graph, key: Key) -> bool:
    return any(cause.integrated for cause in graph.causes.of(Effect.ADDS_TAG, key))


def _finding(graph: Graph, flow: Flow, node: FlowNode, kept: list[Key]) -> Finding:
    named = [graph.object(key) for key in kept]
    writer = next(cause for cause in graph.causes.of(Effect.ADDS_TAG, kept[0]) if cause.integrated)
    return Finding(
        object=flow.object,
        message=f"“{flow.name}” splits people by {name_list((item.name for item in named), most=4)}. “{writer.object.name}” adds these tags, and nothing "
        f"known takes them off: who changes has both, and goes down the first path that fits.{graph.open_world_note}",
        variant="complete" if graph.is_complete else "perhaps",
        confidence=Confidence.LIKELY if graph.is_complete else Confidence.POSSIBLE,
        related=(*named, writer.object),
        path=(node.path_step("the first path that fits"),),
        location=node.location,
    )
