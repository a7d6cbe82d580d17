"""Finds upgrades that end the access they were paid for.

What it finds
-------------
An integration that at a purchase or an upgrade writes two things in one go (``on: upgrade``): the tag of the new plan, which is a purchase tag
of an offering, and the cancel or revoke tag of the same offering, for the plan that is over. It is found where the second one leads to the
revoke tag or takes every access tag off, without a condition that asks for another plan, and where nothing that the purchase sets off
takes the revoke tag away again afterwards.

Why it matters
--------------
Somebody has just paid more, and is locked out in the same minute. Whether it happens can depend on which of the two tags Kit handles first,
so a test may well go right.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations (for a rule: Automate → Rules) and open what takes access away in this finding.
2. An automation: pause it while you edit. In front of the step that takes access away click the “+”, add a Delay of 5 minutes, and behind it
   choose Condition → Tag with the tag of the other plan. Put the step on the “no” side. A rule: make it an automation.
3. Set it back to Active, if it was Active before.
4. In Grow → Subscribers filter by the revoke tag and the tag of the new plan. Give these people their access back.

When to ignore it
-----------------
Your shop adds the second tag only at the end of the period that is paid for. Then list it as an event of its own.

Sources
-------
- Conditions look once, when the person arrives: https://help.kit.com/en/articles/2502665
- Rules and automations on one trigger: no order is promised anywhere (https://help.kit.com/en/articles/6611507)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

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
    Options,
    RoleName,
    Rule,
    Severity,
    Signal,
    Theme,
    TriggerKind,
)

RULE = Rule(
    code="CK235",
    name="upgrade-ends-access",
    title="Who changes the plan loses access with the cancellation of the old one",
    passing="No upgrade ends the access that was paid for",
    severity=Severity.ERROR,
    theme=Theme.ACCESS,
    harm=Harm.LOCKED_OUT,
    confidence=Confidence.LIKELY,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=((RoleName.PURCHASE,), (RoleName.CANCEL, RoleName.REVOKE)),
    checks=Kind.EXTERNAL,
    effort_minutes=20,
    unseen="what people are asked on the way leaves none",
    nothing="nothing writes a purchase tag and a cancel or revoke tag of one offering in one go",
)

_BUYING = ("purchase", "upgrade", "renewal")


class _Change(NamedTuple):
    """What an integration writes in one go: the tag of the new plan, and that of the old one that is over."""

    membership: Membership
    bought: Cause
    over: Cause


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each integration and offering."""
    told: set[tuple[Key, Key]] = set()
    for change in _changes(graph):
        place = change.bought.source, change.membership.object.key
        ended = [item for item in _endings(graph, change) if not _given_back(graph, change, item)] if place not in told else []
        if ended:
            told.add(place)
            yield _finding(graph, change, ended[0])


def judged(graph: Graph) -> Iterable[Key]:
    """The integrations that write both."""
    return list(dict.fromkeys(change.bought.source for change in _changes(graph)))


def _changes(graph: Graph) -> Iterator[_Change]:
    for index, writer in enumerate(graph.manifest.external):
        written = [cause for cause in graph.causes.by(Key(Kind.EXTERNAL, index)) if cause.effect is Effect.ADDS_TAG]
        for membership in graph.memberships if writer.on in _BUYING and not writer.after else ():
            bought = [cause for cause in written if membership.has(cause.target, RoleName.PURCHASE)]
            over = [cause for cause in written if membership.has(cause.target, RoleName.CANCEL, RoleName.REVOKE)]
            if bought and not membership.never_revoked:
                yield from (_Change(membership, bought[0], cause) for cause in over)


def _endings(graph: Graph, change: _Change) -> list[Consequence | None]:
    """What ends access behind the tag of the old plan; None where that tag does so by itself."""
    membership = change.membership
    if membership.has(change.over.target, RoleName.REVOKE):
        return [None]
    found = [item for item in graph.reactions.what_follows(change.over) if not item.waits and not _may_ask(membership, item)]
    access = set(membership.keys(RoleName.ACCESS))
    taken = {item.cause.target for item in found if item.cause.effect is Effect.REMOVES_TAG}
    revoking = [item for item in found if item.cause.effect is Effect.ADDS_TAG and membership.has(item.cause.target, RoleName.REVOKE)]
    removing = [item for item in found if item.cause.effect is Effect.REMOVES_TAG and item.cause.target in access]
    return [*revoking, *(removing if access and access <= taken else [])]


def _may_ask(membership: Membership, item: Consequence) -> bool:
    """True for a condition that may tell who has another plan: all but one on the tags of the old one."""
    over = membership.keys(RoleName.CANCEL, RoleName.REVOKE)
    return any(not node.tests or any(key not in over for key in node.tests) for node in item.conditions)


def _given_back(graph: Graph, change: _Change, ended: Consequence | None) -> bool:
    """True when what the purchase sets off takes the revoke tag away, or gives access, after it has ended."""
    lost = ended.cause.target if ended else change.over.target
    takes_off = ended is None or ended.cause.effect is Effect.ADDS_TAG
    undoing = Effect.REMOVES_TAG if takes_off else Effect.ADDS_TAG
    last = ended.span.max_seconds if ended else 0
    followed = graph.reactions.what_follows(Signal(change.bought.target, TriggerKind.TAG_ADDED))
    later = [item for item in followed if item.cause.effect is undoing and item.cause.target == lost and item.span.min_seconds > last]
    return bool(later) or any(cause.integrated for cause in graph.causes.of(undoing, lost) if takes_off)


def _finding(graph: Graph, change: _Change, ended: Consequence | None) -> Finding:
    membership, shop = change.membership, change.bought.object
    bought, over = graph.object(change.bought.target), graph.object(change.over.target)
    does = f"“{ended.cause.object.name}” {ended.cause.words}" if ended else f"“{over.name}” locks people out"
    return Finding(
        object=ended.cause.object if ended else over,
        message=f"“{shop.name}” adds “{bought.name}” and “{over.name}” in one go, and then {does}: who changes the plan of “{membership.name}” "
        f"pays and is locked out.{graph.open_world_note}",
        severity=Severity.ERROR if membership.declared(RoleName.PURCHASE, RoleName.CANCEL, RoleName.REVOKE) else Severity.WARNING,
        related=(over, bought, shop, membership.object),
        people=graph.people(change.over.target),
        path=(change.over.path_step, *(ended.path if ended else ())),
        location=ended.cause.location if ended else change.over.location,
    )
