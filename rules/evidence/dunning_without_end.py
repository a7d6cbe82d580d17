"""Finds people with a failed payment that nobody follows up.

What it finds
-------------
People who got a failed-payment tag between two weeks and 90 days ago, still have it, have no revoke, cancel or pause tag, and have not got
the purchase tag since. Imports and bulk work are left out.

Why it matters
--------------
They do not pay and keep the course, or they pay again and are still asked for money. Both cost you: money, or a good customer.

How to fix it in Kit
--------------------
1. Open Grow → Subscribers and filter by the failed-payment tag, without the revoke tag.
2. Look in your shop at who has paid since: remove the tag from them.
3. Decide about the others: give them a last date, or add the revoke tag.
4. Open Automate → Visual Automations. Behind the last reminder add the revoke tag, and at the top a step or goal that ends the reminders
   when the payment comes in.

When to ignore it
-----------------
You gave these people more time, or the tag is never taken off after they have paid: AccessAlly charges by itself once the card is updated.

Sources
-------
- The API field ``tagged_at`` of a tag's subscribers
- What the tags mean in AccessAlly: https://kb.accessally.com/tutorials/tag-guide/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Confidence,
    Finding,
    Graph,
    Harm,
    Holders,
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
    Timestamps,
    headcount,
)

RULE = Rule(
    code="CK811",
    name="dunning-without-end",
    title="Failed payments are not followed up",
    passing="Every failed payment was followed up",
    severity=Severity.WARNING,
    theme=Theme.EVIDENCE,
    harm=Harm.MONEY,
    confidence=Confidence.LIKELY,
    needs=(Need.EVIDENCE, Need.MEMBERSHIP),
    needs_roles=((RoleName.FAILED_PAYMENT,),),
    checks=Kind.TAG,
    effort_minutes=20,
    nothing="there is no failed-payment tag",
)

_PATIENCE = 14 * 86400
_ENDS = (RoleName.REVOKE, RoleName.CANCEL, RoleName.PAUSE)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each failed-payment tag that stayed without consequence."""
    people = graph.timestamps
    unread: list[Key] = []
    seen: set[Key] = set()
    for membership in graph.memberships:
        for tag in membership.keys(RoleName.FAILED_PAYMENT):
            if tag in seen:
                continue
            seen.add(tag)
            users = [item for item in graph.memberships if item.has(tag, RoleName.FAILED_PAYMENT)]
            ends = [key for item in users for key in item.keys(*_ENDS)]
            bought = [key for item in users for key in item.keys(RoleName.PURCHASE)]
            missing = [key for key in (*ends, *bought) if not people.whole(key)]
            unread += missing
            late = people.recent(tag).until(people.now - _PATIENCE).lacking(people.of(*ends))
            late = late.lacking(_paid_since(people, late, bought))
            if len(late) and not missing:
                yield _finding(graph, membership, graph.object(tag), late)
    people.insist(graph.object(key) for key in unread)


def judged(graph: Graph) -> Iterable[Key]:
    """The failed-payment tags."""
    return graph.keys(RoleName.FAILED_PAYMENT)


def _paid_since(people: Timestamps, late: Holders, bought: list[Key]) -> Holders:
    payers = people.of(*bought).having(late)
    return payers.where(late.gaps_to(payers).gap > 0)


def _finding(graph: Graph, membership: Membership, tag: ObjectRef, late: Holders) -> Finding:
    have = "has" if len(late) == 1 else "have"
    return Finding(
        object=tag,
        message=f"{headcount(len(late))} got “{tag.name}” {graph.days(*late.dates)} and still {have} it, without being revoked, cancelled "
        "or paused, and without a new purchase. After two weeks nobody seems to follow up: they may keep the course without paying for it.",
        related=(membership.object,),
        people=len(late),
        people_who="had a failed payment that nobody followed up",
        who=late.who,
    )
