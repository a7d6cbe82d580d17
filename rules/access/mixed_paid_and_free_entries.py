"""Finds one automation that serves buyers and free sign-ups alike.

What it finds
-------------
A release automation with a purchase entry (a purchase tag or a product) and a free one (an opt-in tag or a form) side by side. When the
two belong to different offerings, that is a warning, otherwise a note.

Why it matters
--------------
Everybody who comes in gets the same steps. A free lead can get the paid course's module tags, and a later change for one group reaches
the other without anybody thinking of it.

How to fix it in Kit
--------------------
1. If both groups are meant to get the same, accept this finding: nothing is to do.
2. Open Automate → Visual Automations and choose the automation named in this finding.
3. In its three-dot menu, choose Duplicate. In the copy, delete the purchase entry and every step that is meant for buyers only.
4. Set the copy to Active, and delete the free entry in the original right after that. People who are inside the original stay there.

When to ignore it
-----------------
Both groups are meant to get exactly the same, for example a free course that some people get as a bonus.

Sources
-------
- AccessAlly's ConvertKit guide, step 4, one trigger for paid, one for free: https://kb.accessally.com/tutorials/convertkit-automation/
  (claim S21). Kit allows several entries, so this is no error.
- Entries side by side: https://help.kit.com/en/articles/5523023
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Confidence,
    Finding,
    Flow,
    FlowNode,
    Graph,
    Harm,
    Key,
    Kind,
    Membership,
    Need,
    Options,
    RoleName,
    Rule,
    Severity,
    Theme,
    TriggerKind,
    Variant,
)

_OPEN = "Open Automate → Visual Automations and choose the automation named in this finding."

RULE = Rule(
    code="CK222",
    name="mixed-paid-and-free-entries",
    title="Buyers and free sign-ups go through the same automation",
    passing="Buyers and free sign-ups go through automations of their own",
    severity=Severity.INFO,
    theme=Theme.ACCESS,
    harm=Harm.LEAK,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=((RoleName.PURCHASE, RoleName.PRODUCT),),
    checks=Kind.AUTOMATION,
    effort_minutes=20,
    unseen="what belongs to one automation they do not show",
    counts_passers_by=True,
    nothing="no automation gives access",
    variants={
        "same-offering": Variant("Buyers and free sign-ups go through the same automation"),
        "different-offerings": Variant(
            "Buyers of one offering and free sign-ups of another go through the same automation",
            Severity.WARNING,
            fix=(
                _OPEN,
                "In its three-dot menu, choose Duplicate. In the copy, delete the purchase entry and every step of the paid offering.",
                "Set the copy to Active, and delete the free entry in the original right after that. People who are inside the original "
                "stay there.",
                "In the original, look whether steps of the free offering are left that buyers should not get.",
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each automation with both kinds of entries."""
    sold, given = _owners(graph, RoleName.PURCHASE, RoleName.PRODUCT), _owners(graph, RoleName.OPTIN)
    for flow in graph.releases:
        paid = [(entry, owner) for entry in flow.entries if entry.target for owner in sold.get(entry.target, ())]
        free = [(entry, owner) for entry in flow.entries if entry.target for owner in given.get(entry.target, ())]
        forms = [entry for entry in flow.entries if entry.trigger and entry.trigger.kind is TriggerKind.JOINS_FORM]
        if paid and (free or forms):
            other = free[0] if free else (forms[0], None)
            yield _finding(graph, flow, paid[0], other, {owner.name for _, owner in paid}, {owner.name for _, owner in free})


def judged(graph: Graph) -> Iterable[Key]:
    """The automations that give access."""
    return [flow.key for flow in graph.releases]


def _owners(graph: Graph, *roles: RoleName) -> dict[Key, list[Membership]]:
    """Object -> the memberships in which it has one of these roles."""
    found: dict[Key, list[Membership]] = {}
    for item in graph.memberships:
        for key in item.keys(*roles):
            found.setdefault(key, []).append(item)
    return found


def _finding(
    graph: Graph, flow: Flow, paid: tuple[FlowNode, Membership], free: tuple[FlowNode, Membership | None], payers: set[str], leads: set[str]
) -> Finding:
    buyer, owner = paid
    lead, _ = free
    across = bool(leads) and not payers & leads
    names = [graph.object_of(entry).name for entry in (buyer, lead)]
    text = f"“{flow.name}” lets in buyers through “{names[0]}” and free sign-ups through “{names[1]}”."
    sure = owner.declared(RoleName.PURCHASE, RoleName.PRODUCT, RoleName.OPTIN)
    return Finding(
        object=flow.object,
        message=text
        + (" They belong to different offerings, and everybody gets the same steps." if across else " Everybody gets the same steps."),
        variant="different-offerings" if across else "same-offering",
        confidence=Confidence.CERTAIN if sure else Confidence.LIKELY,
        related=tuple(graph.object(entry.target) for entry in (buyer, lead) if entry.target),
        path=(buyer.path_step("people who paid"), lead.path_step("people who did not")),
        location=lead.location,
    )
