"""Finds revoked people whose site was probably never told.

What it finds
-------------
People who got a revoke tag in the last 90 days, more than an hour ago, and still have a webhook tag that makes the site read the tags
again or revoke access. It looks at stacks that take their webhook tags off when the call has worked (AccessAlly, WP Fusion). Imports and
bulk work are left out.

Why it matters
--------------
A tag that is still there means that the call failed, or was never made because the tag had stayed from before. Your site does not know
of the refund: these people were given their money back and keep the course.

How to fix it in Kit
--------------------
1. Open Grow → Subscribers and filter by the revoke tag and the webhook tag named in this finding.
2. Check on your site whether the newest of them can still log in to the course.
3. Remove the webhook tag from them and add it again: that repeats the call.
4. If the tag stays again, compare the webhook's address with the one your site shows.

When to ignore it
-----------------
You closed their access by hand.

Sources
-------
- AccessAlly's ConvertKit guide, steps 6 and 8: https://kb.accessally.com/tutorials/convertkit-automation/ (claims S31, S42)
- The API field ``tagged_at``. That a tag which stays means a failed call is an inference from the guide
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
    share_of,
)

RULE = Rule(
    code="CK808",
    name="revoke-not-delivered",
    title="Your site was probably never told to revoke access",
    passing="Every revoke reached your site",
    severity=Severity.ERROR,
    theme=Theme.EVIDENCE,
    harm=Harm.LEAK,
    confidence=Confidence.LIKELY,
    needs=(Need.EVIDENCE, Need.MEMBERSHIP),
    needs_roles=((RoleName.REVOKE, RoleName.CANCEL),),
    checks=Kind.TAG,
    effort_minutes=20,
    nothing="there is no revoke or cancel tag",
    yields_to=("CK205", "CK226", "CK209", "CK216"),
)

_HOUR = 3600
_TELLS = (RoleName.WEBHOOK_SYNC, RoleName.WEBHOOK_REVOKE)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each revoke tag whose holders still have a webhook tag."""
    people = graph.timestamps
    seen: set[Key] = set()
    for membership in graph.memberships:
        calls = [tag for tag in membership.keys(*_TELLS) if not membership.has(tag, RoleName.REVOKE, RoleName.CANCEL)]
        for revoke in membership.keys(RoleName.REVOKE) if membership.stack.removes_own_tags and calls else ():
            if revoke in seen:
                continue
            seen.add(revoke)
            revoked = people.recent(revoke).until(people.now - _HOUR)
            stuck = people.of(*calls).until(people.now - _HOUR)
            left = revoked.having(stuck)
            if len(left):
                held = [graph.object(tag) for tag in calls if len(revoked.having(people.of(tag).until(people.now - _HOUR)))]
                yield _finding(graph, membership, graph.object(revoke), held, revoked, left)


def judged(graph: Graph) -> Iterable[Key]:
    """The revoke and cancel tags."""
    return graph.keys(RoleName.REVOKE, RoleName.CANCEL)


def _finding(graph: Graph, membership: Membership, revoke: ObjectRef, held: list[ObjectRef], revoked: Holders, left: Holders) -> Finding:
    have, names = "has" if len(left) == 1 else "have", " or ".join(f"“{tag.name}”" for tag in held)
    return Finding(
        object=revoke,
        message=f"{share_of(len(left), len(revoked))} who got “{revoke.name}” in the last 90 days still {have} {names} (revoked "
        f"{graph.days(*left.dates)}). {membership.site} takes that tag off when its call has worked, so your site was probably "
        f"never told, and what was refunded can still be opened.",
        severity=left.severity(),
        related=(*held, membership.object),
        people=len(left),
        people_who="got the revoke tag and kept the webhook tag",
        who=left.who,
    )
