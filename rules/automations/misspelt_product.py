"""Finds products whose names are written in two ways.

What it finds
-------------
A product that an entry, an event or a rule waits for, whose name nothing else knows, while an offering, an integration or another
automation has nearly the same name: only capital letters, spaces or punctuation differ, a few letters of one longer word, or the year,
and the other year is the later one.

Why it matters
--------------
Kit waits for the purchase of exactly this product. Who buys the other one is not moved on: buyers keep getting emails that sell what
they have, and what should begin with the purchase does not.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations (for a rule: Automate → Rules) and choose the one named in this finding.
2. Click the entry or event shown in the path, and read which product is chosen.
3. If it is the right one, correct its name in the manifest. If not, choose the right one: pause the automation while you edit, and set it
   back to Active, if it was Active before.
4. Buyers since then: look in your shop who they are, and do for them by hand what the automation does.

When to ignore it
-----------------
They are two products. It compares names only: Kit's API lists no products, so the one that is chosen on the screen cannot be looked up.

Sources
-------
- Purchases as entries and events: https://help.kit.com/en/articles/5523023 and 2502670
- Kit's API lists no products: https://developers.kit.com/api-reference
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ckaudit.rule import (
    Confidence,
    Finding,
    Graph,
    Key,
    Kind,
    Location,
    Need,
    ObjectRef,
    Options,
    PathStep,
    RoleName,
    Rule,
    Severity,
    Theme,
    TriggerKind,
    is_slip,
)

RULE = Rule(
    code="CK321",
    name="misspelt-product",
    title="Something waits for a product whose name is written differently elsewhere",
    passing="Every product has one name",
    severity=Severity.WARNING,
    theme=Theme.AUTOMATIONS,
    confidence=Confidence.LIKELY,
    needs=(Need.AUTOMATIONS, Need.PRODUCTS),
    checks=Kind.PRODUCT,
    effort_minutes=10,
    unseen="purchases leave none",
    nothing="nothing waits for the purchase of a product",
)


class _Use(NamedTuple):
    """An entry, event or rule that waits for a product."""

    product: str
    object: ObjectRef
    step: PathStep
    location: Location | None


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each product that nothing else knows by this name."""
    stated, uses = _stated(graph), _uses(graph)
    seen: set[str] = set()
    for use in uses:
        others = {other.product: f"“{other.object.name}” waits for" for other in uses if other.product not in (use.product, *seen)}
        known = {**others, **stated}
        twin = next((name for name in sorted(known) if is_slip(use.product, name)), None)
        if use.product not in stated and use.product not in seen and twin:
            seen.add(use.product)
            yield _finding(use, twin, known[twin])


def judged(graph: Graph) -> Iterable[Key]:
    """The products that are waited for."""
    return list(dict.fromkeys(Key(Kind.PRODUCT, use.product) for use in _uses(graph)))


def _stated(graph: Graph) -> dict[str, str]:
    """The products that offerings and integrations name, each with who names it."""
    found = {writer.product.name: f"“{writer.name}” has" for writer in graph.manifest.external if writer.product}
    for item in graph.all_memberships:
        found.update(
            {str(key.id): f"the offering “{item.name}” has" for key in item.keys(RoleName.PRODUCT) if item.declared(RoleName.PRODUCT)}
        )
    return found


def _uses(graph: Graph) -> list[_Use]:
    found = []
    for flow in graph.flows:
        for node in flow.nodes.values() if flow.live else ():
            if node.trigger and node.ref and node.trigger.kind is TriggerKind.PURCHASES:
                found.append(_Use(node.ref.name, flow.object, node.path_step(), node.location))
    for index, rule in enumerate(graph.manifest.rules):
        causes = graph.causes.by(Key(Kind.RULE, index)) if rule.enabled else ()
        for when in rule.when if causes else ():
            if when.kind is TriggerKind.PURCHASES and when.ref:
                named = causes[0].object
                step = PathStep(kind="object", name=f"Rule “{named.name}”", object=named)
                found.append(_Use(when.ref.name, named, step, when.location))
    return found


def _finding(use: _Use, twin: str, where: str) -> Finding:
    return Finding(
        object=use.object,
        message=f"“{use.object.name}” waits for somebody to buy “{use.product}”. Nothing else knows a product of this name; {where} "
        f"“{twin}”. If it is the product people buy, this never happens: they are not moved on.",
        related=(ObjectRef(Kind.PRODUCT, use.product), ObjectRef(Kind.PRODUCT, twin)),
        path=(use.step,),
        location=use.location,
    )
