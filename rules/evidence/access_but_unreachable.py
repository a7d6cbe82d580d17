"""Finds people with access whom Kit does not mail any more.

What it finds
-------------
Holders of an access tag, without a revoke or cancel tag, whose state in Kit is Cancelled, Bounced or Complained. They are counted whatever
the date. When at least five of them also have a failed-payment tag and no revoke tag, it is an error: nobody will lock them out. With a
plugin that reads its tags from Kit and no longer sees who unsubscribed (WP Fusion), five are an error as well: they are locked out.

Why it matters
--------------
A plugin that reads tags over Kit's API loses those of people who unsubscribed, and with the tags goes the access: they paid and are locked
out. Automations do not act on people Kit no longer mails, so nothing you plan for them happens: no module, no reminder about a failed payment,
no revoke. They paid and hear nothing, or they stopped paying and stay inside.

How to fix it in Kit
--------------------
1. Open Grow → Subscribers, choose the state Cancelled, and filter by the access tag.
2. Write to those who still pay from your own mailbox, and ask them to subscribe again. Leave out who marked you as spam.
3. Lock the ones with a failed payment on your site by hand, once you have seen in your shop that they have not paid since.
4. Offer less mail instead of none: put the preference link beside the unsubscribe link.

When to ignore it
-----------------
They are former members whose tags were never cleaned up, or bought for life and only left the newsletter.

Sources
-------
- The states of a subscriber in Kit's API (``active``, ``inactive``, ``bounced``, ``complained``, ``cancelled``)
- Unsubscribing in Kit ends all mail, of courses too: https://kb.accessally.com/tutorials/convertkit-automation/ (claim S2)
- WP Fusion on unsubscribed people: https://wpfusion.com/documentation/crm-specific-docs/convertkit-unsubscribe-notifications/ (written for
  version 3 of Kit's API; newer versions of the plugin may see them)
- That automations do not act on them is an assumption
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
    Variant,
    share_of,
)

_WRITE = "Write to those who still pay from your own mailbox, and ask them to subscribe again. Leave out who marked you as spam."

RULE = Rule(
    code="CK806",
    name="access-but-unreachable",
    title="People with access get no email any more",
    passing="Everybody with access can be reached",
    severity=Severity.WARNING,
    theme=Theme.EVIDENCE,
    harm=Harm.LOCKED_OUT,
    confidence=Confidence.LIKELY,
    needs=(Need.EVIDENCE, Need.MEMBERSHIP),
    needs_roles=((RoleName.ACCESS,),),
    checks=Kind.TAG,
    effort_minutes=20,
    nothing="there is no access tag",
    variants={
        "unpaid-and-unreachable": Variant(
            "People who stopped paying keep access, and no email reaches them",
            harm=Harm.LEAK,
            fix=(
                "Open Grow → Subscribers, choose the state Cancelled (then bounced and complained), and filter by the tag named in this finding and the failed-payment tag.",
                "Look in your shop who has paid since.",
                "Lock the others on your site by hand: no automation does it for them.",
                _WRITE,
            ),
        ),
        "locked-out": Variant(
            "People who unsubscribed lose the course they paid for",
            fix=(
                "Open Grow → Subscribers, choose the state Cancelled, and filter by the tag named in this finding.",
                "On your site, open a few of these people, and look whether they still have the course. If they have, accept this finding.",
                "Give the others their course back by hand on your site, and switch off there that tags from Kit take it away again.",
                _WRITE,
                "Offer less mail instead of none: put the preference link beside the unsubscribe link.",
            ),
        ),
        "unreachable": Variant(
            "People with access get no email any more",
            fix=(
                "Open Grow → Subscribers, choose the state Cancelled (then bounced and complained), and filter by the tag named in this finding.",
                _WRITE,
                "Offer less mail instead of none: put the preference link beside the unsubscribe link.",
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each access tag with holders who cannot be mailed."""
    people = graph.timestamps
    unread: list[Key] = []
    seen: set[Key] = set()
    for membership in graph.memberships:
        ends = membership.keys(RoleName.REVOKE, RoleName.CANCEL)
        missing = [key for key in ends if not people.whole(key)]
        for tag in membership.keys(RoleName.ACCESS):
            if tag in seen:
                continue
            seen.add(tag)
            unread += missing
            if not missing:
                inside = people.of(tag).lacking(people.of(*ends))
                yield from _judge(graph, people, membership, graph.object(tag), inside)
    people.insist(graph.object(key) for key in unread)


def judged(graph: Graph) -> Iterable[Key]:
    """The access tags."""
    return graph.keys(RoleName.ACCESS)


def _judge(graph: Graph, people: Timestamps, membership: Membership, tag: ObjectRef, inside: Holders) -> Iterator[Finding]:
    lost = inside.unreachable
    if not len(lost):
        return
    unpaid = lost.having(people.of(*membership.keys(RoleName.FAILED_PAYMENT)))
    whose = f"{share_of(len(lost), len(inside))} who have “{tag.name}” and are not revoked can no longer be mailed (cancelled, bounced or complained)."
    if len(lost) == len(inside) == 1:
        whose = f"The only person who has “{tag.name}” and is not revoked can no longer be mailed (cancelled, bounced or complained)."
    text = f"{whose} They hear nothing about what they bought, and automations probably do not act on them any more."
    if len(unpaid):
        have = "has" if len(unpaid) == 1 else "have"
        text += f" {len(unpaid)} of them {have} a failed payment, and nothing will lock them out."
    locked_out = membership.stack.unsubscribed_lose_access
    if locked_out:
        text += (
            f" {membership.site_first} reads its tags from Kit, and its documentation says that it no longer sees those of people who "
            "unsubscribed: then they are locked out of what they paid for. Newer versions may see them."
        )
    harmed = len(lost) if locked_out else len(unpaid)
    few = len(lost) < Timestamps.MIN_PEOPLE and not len(unpaid)
    yield Finding(
        object=tag,
        message=text,
        variant="unpaid-and-unreachable" if len(unpaid) and not locked_out else "locked-out" if locked_out else "unreachable",
        severity=Severity.ERROR if harmed >= Timestamps.MIN_PEOPLE else Severity.INFO if few else Severity.WARNING,
        related=(membership.object,),
        people=len(lost),
        people_who="had access and could not be mailed",
        who=lost.who,
    )
