"""Finds customers who paid again and still have the revoke tag.

What it finds
-------------
With a stack where the revoke tag wins (AccessAlly): people who got a purchase tag in the last 90 days, at least an hour after the revoke
tag of the same offering, and have both. With a stack where the access tag alone decides (WP Fusion): people who got the revoke tag in the
last 90 days and still have an access tag. Revoke tags shared by several offerings are left out: there the purchase may be of another one.

Why it matters
--------------
In the first case a paying customer stands before a locked door. In the second one somebody who was refunded keeps the course.

How to fix it in Kit
--------------------
1. Open Grow → Subscribers and filter by the tag named in this finding.
2. Compare the newest of them with the orders in your shop: who has paid again, and who was refunded?
3. Paid again: remove the revoke tag, then add the webhook tag that makes your site read the tags again.
4. Refunded: remove the access tag.
5. Open Automate → Visual Automations. The automation that gives access has to remove the revoke tag behind its entry, and the one that
   reacts to the revoke tag has to remove the access tag where your site looks at that alone.

When to ignore it
-----------------
You gave these people access by hand, or locked them on purpose.

Sources
-------
- AccessAlly's ConvertKit guide, step 8: https://kb.accessally.com/tutorials/convertkit-automation/ (claim S43)
- The revoke tag wins over all others: https://kb.accessally.com/tutorials/tag-guide/
- The API field ``tagged_at``. It is taken for the first time as long as the tag was never removed, so a second purchase is seen only where
  the purchase tag came off in between, or is another tag
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    AccessModel,
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
    Variant,
    headcount,
)

RULE = Rule(
    code="CK805",
    name="paid-again-still-revoked",
    title="People have access and are revoked at the same time",
    passing="Nobody has access and is revoked at the same time",
    severity=Severity.ERROR,
    theme=Theme.EVIDENCE,
    harm=Harm.LEAK,
    confidence=Confidence.LIKELY,
    needs=(Need.EVIDENCE, Need.MEMBERSHIP),
    needs_roles=((RoleName.PURCHASE,), (RoleName.REVOKE,)),
    checks=Kind.TAG,
    effort_minutes=20,
    nothing="there is no revoke tag",
    variants={
        "paid-again": Variant(
            "Customers paid again and are still locked out",
            harm=Harm.LOCKED_OUT,
            fix=(
                "Open Grow → Subscribers and filter by the tag named in this finding and by the purchase tag.",
                "Compare the newest of them with the orders in your shop: who was refunded since stays as they are.",
                "Remove the revoke tag from the others, then add the webhook tag that makes your site read the tags again.",
                "Open Automate → Visual Automations and choose the automation that gives access. Behind its entry add a step that removes the revoke tag.",
            ),
            yields_to=("CK210",),
        ),
        "revoked-with-access": Variant(
            "Customers whose access was revoked still have it",
            Severity.WARNING,
            (
                "Open Grow → Subscribers and filter by the tag named in this finding and by the access tag.",
                "Compare the newest of them with the orders in your shop: who has paid again keeps the access.",
                "Remove the access tag from the others.",
                "Open Automate → Visual Automations and choose the automation that reacts to the revoke tag. Add a step that removes the access tag.",
            ),
            yields_to=("CK808",),
        ),
    },
)

_HOUR = 3600


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each revoke tag that stands beside a later purchase, or beside access."""
    people = graph.timestamps
    for membership in graph.memberships:
        for revoke in membership.keys(RoleName.REVOKE):
            if _is_shared(graph, membership, revoke):
                continue
            if membership.stack.access_model is AccessModel.FORBIDDEN:
                yield from _paid_again(graph, people, membership, revoke)
            elif membership.stack.access_model is AccessModel.LINKED:
                yield from _still_in(graph, people, membership, revoke)


def judged(graph: Graph) -> Iterable[Key]:
    """The revoke tags."""
    return graph.keys(RoleName.REVOKE)


def _is_shared(graph: Graph, membership: Membership, revoke: Key) -> bool:
    """True when a purchase may belong to something else than this revoke tag."""
    several = membership.offering is None and len(membership.keys(RoleName.REVOKE)) + len(membership.keys(RoleName.PURCHASE)) > 2
    return several or any(other is not membership and other.has(revoke, RoleName.REVOKE) for other in graph.memberships)


def _paid_again(graph: Graph, people: Timestamps, membership: Membership, revoke: Key) -> Iterator[Finding]:
    bought = people.recent(*membership.keys(RoleName.PURCHASE)).until(people.now - _HOUR)
    later = people.of(revoke).gaps_to(bought)
    locked = bought.having(people.of(revoke)).where(later.gap > _HOUR)
    if len(locked):
        named, have = graph.object(revoke), "has" if len(locked) == 1 else "have"
        yield _finding(
            membership,
            named,
            locked,
            "paid-again",
            f"{headcount(len(locked))} bought “{membership.name}” {graph.days(*locked.dates)}, after getting “{named.name}”, and still "
            f"{have} that tag. It wins over every access tag, so they paid again and are locked out.",
        )


def _still_in(graph: Graph, people: Timestamps, membership: Membership, revoke: Key) -> Iterator[Finding]:
    revoked = people.recent(revoke).until(people.now - _HOUR)
    inside = revoked.having(people.of(*membership.keys(RoleName.ACCESS)))
    bought = people.of(*membership.keys(RoleName.PURCHASE))
    came_back = bought.having(inside).where(inside.gaps_to(bought).gap > 0)
    inside = inside.lacking(came_back)
    if len(inside):
        named, have = graph.object(revoke), "has" if len(inside) == 1 else "have"
        yield _finding(
            membership,
            named,
            inside,
            "revoked-with-access",
            f"{headcount(len(inside))} got “{named.name}” {graph.days(*inside.dates)} and still {have} an access tag of "
            f"“{membership.name}”. {membership.site} looks at the access tag alone, so they can still open what they no longer pay for.",
        )


def _finding(membership: Membership, revoke: ObjectRef, found: Holders, variant: str, message: str) -> Finding:
    return Finding(
        object=revoke,
        message=message,
        variant=variant,
        severity=found.severity() if variant == "paid-again" else None,
        related=(membership.object,),
        people=len(found),
        people_who="paid again and stayed locked out" if variant == "paid-again" else "kept access after the revoke",
        who=found.who,
    )
