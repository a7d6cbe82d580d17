"""Finds links in emails whose click alone gives or takes access.

What it finds
-------------
A rule on “clicks a link” from which follows, directly or through other rules and automations, that a purchase, access, revoke or cancel
tag of a paid offering is added or taken off. It is silent where people wait for something else in between, where access is given only to
people who have a tag of that offering already, and for offerings that are free.

Why it matters
--------------
Nobody has to click for a click. Mail scanners of companies and providers open the links of every email before its reader does, and a
forwarded email is clicked by others in the name of the person it went to. Members are locked out who never asked to leave, and people
who never paid get in.

How to fix it in Kit
--------------------
1. Let the link lead to a page with a button or a form that says what happens: a scanner opens pages and sends no form.
2. Let that form, or your shop, add the tag. For a cancellation the shop knows best whether it really ended.
3. Open Automate → Rules and choose the rule named in this finding. Let it add a tag that only says what people are interested in, or
   switch it off.
4. In Grow → Subscribers filter by the tag, and compare with your shop: who has it and never asked for it?

When to ignore it
-----------------
The link stands in emails that only you get. It cannot see which emails have the link and who gets them, nor how many clicks of scanners
Kit leaves out.

Sources
-------
- Rules on clicks: https://help.kit.com/en/articles/6611507
- Scanners open links, so link triggers fire without a human: https://provenflows.com
- Not documented, and assumed here: Kit lets clicks of scanners fire rules
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Cause,
    Confidence,
    Consequence,
    Effect,
    Finding,
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
    Signal,
    Theme,
    TriggerKind,
    Variant,
    signal_of,
    steps,
)

RULE = Rule(
    code="CK232",
    name="click-decides-access",
    title="A click on a link gives or takes access",
    passing="No click alone gives or takes access",
    severity=Severity.WARNING,
    theme=Theme.ACCESS,
    harm=Harm.LEAK,
    confidence=Confidence.LIKELY,
    needs=(Need.AUTOMATIONS, Need.PRODUCTS),
    needs_roles=((RoleName.PURCHASE, RoleName.ACCESS, RoleName.REVOKE, RoleName.CANCEL),),
    checks=Kind.RULE,
    effort_minutes=30,
    unseen="clicks leave none",
    nothing="no rule waits for a click",
    variants={
        "takes": Variant("A click on a link takes access away", harm=Harm.LOCKED_OUT),
        "gives": Variant(
            "A click on a link gives access",
            fix=(
                "Let the link lead to your order page, or to a page with a form: a scanner opens pages and sends no form.",
                "Let your shop, or that form, add the tag.",
                "Open Automate → Rules and choose the rule named in this finding. Let it add a tag that only says what people are "
                "interested in, or switch it off.",
                "In Grow → Subscribers filter by the tag, and compare with your shop: who has it and never bought?",
            ),
        ),
    },
)

_OWN = (RoleName.PURCHASE, RoleName.ACCESS, RoleName.MODULE)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each rule whose click decides about access."""
    for cause, click in _clicks(graph):
        for item in graph.reactions.what_follows(click):
            if item.way[0].cause.source == cause.source and (decided := _decided(graph, item)):
                yield _finding(graph, cause, click, item, *decided)
                break


def judged(graph: Graph) -> Iterable[Key]:
    """The rules that wait for a click."""
    return [cause.source for cause, _ in _clicks(graph)]


def _clicks(graph: Graph) -> Iterator[tuple[Cause, Signal]]:
    """The first action of each enabled rule that waits for a click, and each of its links."""
    for index, rule in enumerate(graph.manifest.rules):
        causes = graph.causes.by(Key(Kind.RULE, index)) if rule.enabled else ()
        for when in rule.when if causes else ():
            if when.kind is TriggerKind.CLICKS_LINK:
                yield causes[0], signal_of(when)


def _decided(graph: Graph, item: Consequence) -> tuple[Membership, str] | None:
    """The offering to which this gives or takes access, and which of the two."""
    if item.waits:
        return None
    for membership in graph.all_memberships:
        variant = "" if membership.is_free else _change(membership, item.cause)
        if variant and not (variant == "gives" and _has_it_already(membership, item)):
            return membership, variant
    return None


def _change(membership: Membership, cause: Cause) -> str:
    adds, removes = cause.effect is Effect.ADDS_TAG, cause.effect is Effect.REMOVES_TAG
    if adds and membership.has(cause.target, RoleName.REVOKE, RoleName.CANCEL, RoleName.WEBHOOK_REVOKE):
        return "takes"
    if removes and membership.has(cause.target, RoleName.ACCESS):
        return "takes"
    if adds and membership.has(cause.target, RoleName.PURCHASE, RoleName.ACCESS, RoleName.WEBHOOK_RELEASE):
        return "gives"
    return "gives" if removes and membership.has(cause.target, RoleName.REVOKE) else ""


def _has_it_already(membership: Membership, item: Consequence) -> bool:
    """True when only people come there who have a tag of this offering, or meet a condition that nobody can look into."""
    if any(demand.held and membership.has(demand.tag, *_OWN) for demand in item.demands):
        return True
    return any(isinstance(node.step, steps.If) and not node.tests for node in item.conditions)


def _finding(graph: Graph, cause: Cause, click: Signal, item: Consequence, membership: Membership, variant: str) -> Finding:
    tag, link = graph.object(item.cause.target), click.value or ""
    direct = item.cause.source == cause.source
    what = f"adds “{tag.name}”" if item.cause.effect is Effect.ADDS_TAG else f"takes “{tag.name}” off"
    does = f"{what} when somebody clicks a link" if direct else f"starts with a click on a link, and “{item.cause.object.name}” then {what}"
    harm = {
        "takes": "Scanners open every link of an email, so members lose what they pay for without having clicked.",
        "gives": "Scanners open every link of an email, so people get in who neither clicked nor paid.",
    }[variant]
    return Finding(
        object=cause.object,
        message=f"“{cause.object.name}” {does}, and nothing else is asked. {harm} This assumes that such clicks fire rules; Kit does not say.",
        variant=variant,
        confidence=Confidence.LIKELY if membership.declared(*_OWN, RoleName.REVOKE, RoleName.CANCEL) else Confidence.POSSIBLE,
        related=(tag, ObjectRef(Kind.LINK, link), membership.object),
        path=item.path,
        location=cause.location,
    )
