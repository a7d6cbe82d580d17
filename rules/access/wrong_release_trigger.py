"""Finds releases that start on the wrong tag.

What it finds
-------------
An automation that gives access and starts on an early-contact tag (added when somebody merely begins to fill in the order form), or on
an access or module tag of the same offering. Revoke tags as entries are another finding.

Why it matters
--------------
An early-contact tag is no purchase: people who never paid get the login and the course. An access tag as entry turns the order round:
whoever grants access by hand sets off the whole welcome again.

How to fix it in Kit
--------------------
1. Look in your cart which tag it adds on a successful payment. If there is none, let it add one and test it before you go on.
2. Open Automate → Visual Automations and choose the automation named in this finding.
3. Pause it while you edit: people wait where they are and go on when it is Active again.
4. Click the entry named in this finding and choose that tag.
5. Set the automation back to Active, if it was Active before.
6. Look at the people who came in without paying: in Grow → Subscribers, filter by the early-contact tag and without the purchase tag.

When to ignore it
-----------------
The offering is free and the early-contact tag is all there is: then state it under ``optin_tags``.

Sources
-------
- AccessAlly's ConvertKit guide, step 4, "the tag that is added on successful purchase":
  https://kb.accessally.com/tutorials/convertkit-automation/ (claims S18, S20)
- Early contact creation: https://kb.accessally.com/tutorials/tag-guide/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    LOGIN_MAKERS,
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
    Variant,
)

_OPEN = "Open Automate → Visual Automations and choose the automation named in this finding."
_PAUSE = "Pause it while you edit: people wait where they are and go on when it is Active again."
_RESUME = "Set the automation back to Active, if it was Active before."

RULE = Rule(
    code="CK221",
    name="wrong-release-trigger",
    title="The course is released to people who have not paid",
    passing="Releases start on a successful purchase or opt-in",
    severity=Severity.ERROR,
    theme=Theme.ACCESS,
    harm=Harm.LEAK,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    checks=Kind.AUTOMATION,
    effort_minutes=10,
    unseen="a purchase in the same moment may have left none",
    people_from=("CK812",),
    counts_passers_by=True,
    nothing="no automation gives access",
    variants={
        "early-contact": Variant("The course is released to people who have not paid"),
        "access-tag": Variant(
            "Who is given access by hand gets the whole welcome again",
            Severity.WARNING,
            fix=(
                "Look in your cart which tag it adds on a successful payment. If it adds only the access tag, let it add a purchase tag "
                "too, and test it before you go on.",
                _OPEN,
                _PAUSE,
                "Click the entry named in this finding and choose the purchase tag.",
                _RESUME,
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each wrong entry of a release automation."""
    seen: set[str] = set()
    for membership in graph.memberships:
        for flow in graph.flows_of(membership):
            if not membership.is_release(flow) or not _gives(membership, flow):
                continue
            for entry in flow.entries:
                variant = _wrong(membership, entry)
                if variant and entry.id not in seen:
                    seen.add(entry.id)
                    yield _finding(graph, membership, flow, entry, variant)


def judged(graph: Graph) -> Iterable[Key]:
    """The automations that give access."""
    return [flow.key for flow in graph.releases]


def _gives(membership: Membership, flow: Flow) -> bool:
    """The automation gives something: a reminder to people who began an order does not."""
    given = (*LOGIN_MAKERS, RoleName.ACCESS, RoleName.MODULE, RoleName.LOGIN_SEQUENCE)
    return any(membership.has(node.adds or node.enrols, *given) for node in flow.steps)


def _wrong(membership: Membership, entry: FlowNode) -> str:
    key = entry.on_tag
    if membership.has(key, RoleName.PURCHASE, RoleName.OPTIN):
        return ""
    if membership.has(key, RoleName.EARLY_CONTACT):
        return "" if membership.is_free else "early-contact"
    return "access-tag" if membership.has(key, RoleName.ACCESS, RoleName.MODULE) else ""


def _finding(graph: Graph, membership: Membership, flow: Flow, entry: FlowNode, variant: str) -> Finding:
    named, name = graph.object_of(entry), flow.name
    text = {
        "early-contact": f"“{name}” gives access when “{named.name}” is added. People get that tag when they begin to order, so it is given to people who never paid.",
        "access-tag": f"“{name}” starts when “{named.name}” is added, which is itself access to “{membership.name}”. Granting access by hand sets off the whole welcome again.",
    }[variant]
    early = variant == "early-contact"
    live = flow.live
    return Finding(
        object=flow.object,
        message=text,
        variant=variant,
        severity=Severity.WARNING if early and not live else None,
        confidence=membership.confidence(RoleName.EARLY_CONTACT, RoleName.ACCESS, RoleName.MODULE),
        related=(named,),
        people=graph.people(entry.on_tag) if early and entry.on_tag else None,
        path=(entry.path_step(),),
        location=entry.location,
    )
