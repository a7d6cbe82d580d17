"""Finds buyers who never got the access tag.

What it finds
-------------
People who got a purchase tag in the last 90 days, more than an hour ago, and have none of the offering's access or module tags, and no
revoke, cancel or pause tag. It looks at stacks where tags decide on access (AccessAlly, WP Fusion). People Kit no longer mails are left
out, and so are imports and bulk work. At least five people who are at least 3 % of the buyers make it an error.

Why it matters
--------------
They paid and stand before a locked door. Each of them is a refund, a bad word, or a support ticket on its way.

How to fix it in Kit
--------------------
1. Open Grow → Subscribers and filter by the purchase tag, without the access tag.
2. Check on your site what the newest of them can open.
3. Add the access tag to those who lack it, then the webhook tag that makes your site read the tags again.
4. Open Automate → Visual Automations and follow the way from the purchase tag: find out why the access tag was not added.

When to ignore it
-----------------
Access is granted in the site alone, by a team account, or the tags of refunded customers are cleaned up by hand.

Sources
-------
- The API field ``tagged_at`` of a tag's subscribers
- What the tags mean in AccessAlly: https://kb.accessally.com/tutorials/tag-guide/
- AccessAlly's ConvertKit guide: https://kb.accessally.com/tutorials/convertkit-automation/ (claim S17)
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
    name_list,
    share_of,
)

RULE = Rule(
    code="CK803",
    name="bought-without-access",
    title="People bought and did not get access",
    passing="Everybody who bought got access",
    severity=Severity.ERROR,
    theme=Theme.EVIDENCE,
    harm=Harm.LOCKED_OUT,
    confidence=Confidence.LIKELY,
    needs=(Need.EVIDENCE, Need.MEMBERSHIP),
    needs_roles=((RoleName.PURCHASE,), (RoleName.ACCESS, RoleName.MODULE)),
    checks=Kind.TAG,
    effort_minutes=30,
    nothing="there is no purchase tag",
    yields_to=("CK220", "CK231", "CK301 paused-release", "CK301 inactive-release"),
)

_HOUR = 3600
_GIVES = (RoleName.ACCESS, RoleName.MODULE)
_ENDS = (RoleName.REVOKE, RoleName.CANCEL, RoleName.PAUSE)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each purchase tag whose holders lack access."""
    people = graph.timestamps
    unread: list[Key] = []
    seen: set[Key] = set()
    for membership in graph.memberships:
        for tag in membership.keys(RoleName.PURCHASE) if _decides(people, membership) else ():
            if tag in seen:
                continue
            seen.add(tag)
            missing = [key for key in membership.keys(*_GIVES, *_ENDS) if not people.whole(key)]
            unread += missing
            if not missing:
                yield from _judge(graph, people, membership, tag)
    people.insist(graph.object(key) for key in unread)


def judged(graph: Graph) -> Iterable[Key]:
    """The purchase tags."""
    return graph.keys(RoleName.PURCHASE)


def _decides(people: Timestamps, membership: Membership) -> bool:
    """Tags decide on access, and the access tags are known: stated, or guessed and really in use."""
    gives = membership.keys(*_GIVES)
    if membership.stack.access_model is AccessModel.PLATFORM or any(membership.has(tag, RoleName.PURCHASE) for tag in gives):
        return False
    return bool(gives) and (membership.declared(*_GIVES) or len(people.of(*gives)) > 0)


def _judge(graph: Graph, people: Timestamps, membership: Membership, tag: Key) -> Iterator[Finding]:
    bought = people.recent(tag).active.until(people.now - _HOUR)
    left = bought.lacking(people.of(*membership.keys(*_GIVES, *_ENDS)))
    if len(left):
        yield _finding(graph, membership, graph.object(tag), bought, left)


def _finding(graph: Graph, membership: Membership, tag: ObjectRef, bought: Holders, left: Holders) -> Finding:
    access = name_list([graph.object(key).name for key in membership.keys(*_GIVES)])
    when = graph.days(*left.dates)
    have = "has" if len(left) == 1 else "have"
    return Finding(
        object=tag,
        message=f"{share_of(len(left), len(bought))} who got “{tag.name}” in the last 90 days {have} none of the tags that give access "
        f"({access}). They bought {when}, have not been revoked, and probably cannot open what they paid for.",
        severity=left.severity(of=len(bought)),
        related=(membership.object,),
        people=len(left),
        people_who="bought and got no access",
        who=left.who,
    )
