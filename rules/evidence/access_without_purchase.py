"""Finds people who have access although they only began to order.

What it finds
-------------
People who got an early-contact tag in the last 90 days, more than a day ago, got an access tag after it, and have no purchase or opt-in tag
of the offering. The early-contact tag is given when somebody types an address into the order form, before paying. Imports and bulk work
are left out.

Why it matters
--------------
They got the course without paying. Whoever finds out can tell others.

How to fix it in Kit
--------------------
1. Open Grow → Subscribers and filter by the early-contact tag and the access tag, without the purchase tag.
2. Compare the newest of them with the orders in your shop.
3. Remove the access tag from those who have not paid, or add the revoke tag.
4. Open Automate → Visual Automations and look for the automation that starts with the early-contact tag and gives access: let it start with
   the purchase tag instead.

When to ignore it
-----------------
You gave these people access by hand, or their payment takes some days to arrive.

Sources
-------
- AccessAlly's ConvertKit guide, step 4: https://kb.accessally.com/tutorials/convertkit-automation/ (claims S18, S20)
- What the tags mean in AccessAlly: https://kb.accessally.com/tutorials/tag-guide/
- The API field ``tagged_at`` of a tag's subscribers
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
    headcount,
)

RULE = Rule(
    code="CK812",
    name="access-without-purchase",
    title="People have access without having bought",
    passing="Nobody has access without having bought",
    severity=Severity.ERROR,
    theme=Theme.EVIDENCE,
    harm=Harm.LEAK,
    confidence=Confidence.LIKELY,
    needs=(Need.EVIDENCE, Need.MEMBERSHIP),
    needs_roles=((RoleName.ACCESS,), (RoleName.PURCHASE,)),
    checks=Kind.TAG,
    effort_minutes=20,
    nothing="there is no access tag",
    yields_to=("CK221",),
)

_DAY = 86400
_ENTITLES = (RoleName.PURCHASE, RoleName.OPTIN)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each early-contact tag whose holders got in unpaid."""
    people = graph.timestamps
    unread: list[Key] = []
    seen: set[Key] = set()
    for membership in graph.memberships:
        paid, access = membership.keys(*_ENTITLES), membership.keys(RoleName.ACCESS)
        known = paid and access and not membership.is_free
        for tag in membership.keys(RoleName.EARLY_CONTACT) if known else ():
            if tag in seen or tag in (*paid, *access):
                continue
            seen.add(tag)
            missing = [key for key in paid if not people.whole(key)]
            unread += missing
            began = people.recent(tag).until(people.now - _DAY).lacking(people.of(*paid))
            inside = _let_in(began, people.of(*access))
            if len(inside) and not missing:
                yield _finding(graph, membership, graph.object(tag), inside)
    people.insist(graph.object(key) for key in unread)


def judged(graph: Graph) -> Iterable[Key]:
    """The access tags."""
    return graph.keys(RoleName.ACCESS)


def _let_in(began: Holders, access: Holders) -> Holders:
    """Those who got access after they had begun to order: who had it before was let in for another reason."""
    both = began.having(access)
    return both.where(both.gaps_to(access).gap >= 0)


def _finding(graph: Graph, membership: Membership, tag: ObjectRef, inside: Holders) -> Finding:
    have = "has" if len(inside) == 1 else "have"
    return Finding(
        object=tag,
        message=f"{headcount(len(inside))} got “{tag.name}” {graph.days(*inside.dates)} and then access to “{membership.name}”, but {have} no "
        "purchase tag of it. That tag is given before anybody pays, so they probably got in without paying.",
        severity=inside.severity(),
        related=(membership.object,),
        people=len(inside),
        people_who="got in without a purchase",
        who=inside.who,
    )
