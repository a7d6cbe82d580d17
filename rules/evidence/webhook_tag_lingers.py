"""Finds webhook tags that are still on people an hour after they should have come off.

What it finds
-------------
A webhook tag comes off again when its work is done: AccessAlly and WP Fusion take it off themselves, elsewhere an automation does. This
rule counts the people of the last 90 days who still have one more than an hour after it was due to go. People with a revoke tag belong to
another rule, and people Kit no longer mails are left out, as automations do not act on them. Imports and bulk work are left out too.

Why it matters
--------------
Where the site takes the tag off, a tag that stays is the log of failed calls: these people paid and may have no login. Where an automation
does it, they are stuck: the next purchase adds a tag they already have, and nothing happens.

How to fix it in Kit
--------------------
1. Open Grow → Subscribers and filter by the tag named in this finding.
2. Check on your site whether the newest of these people can log in.
3. Remove the tag from one of them and add it again: that repeats the call.
4. If the tag stays again, compare the webhook's address with the one your site shows.
5. Repeat steps 2 and 3 for the others.

When to ignore it
-----------------
The site was down for a short time and everybody has been helped by hand, or the tag is older than its webhook.

Sources
-------
- AccessAlly's ConvertKit guide, step 6, "AccessAlly will remove the webhook tag after running the webhook":
  https://kb.accessally.com/tutorials/convertkit-automation/ (claims S31, S32)
- The API field ``tagged_at`` of a tag's subscribers. That a tag which stays means a failed call is an inference from the guide
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Confidence,
    Effect,
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
    code="CK801",
    name="webhook-tag-lingers",
    title="Webhook tags are still on people long after their call",
    passing="Webhook tags came off everybody in time",
    severity=Severity.ERROR,
    theme=Theme.EVIDENCE,
    harm=Harm.LOCKED_OUT,
    confidence=Confidence.LIKELY,
    needs=(Need.EVIDENCE, Need.MEMBERSHIP),
    needs_roles=((RoleName.WEBHOOK_LOGIN, RoleName.WEBHOOK_SYNC, RoleName.WEBHOOK_RELEASE),),
    checks=Kind.TAG,
    effort_minutes=30,
    nothing="there is no webhook tag",
    variants={
        "call-failed": Variant("Webhook tags are still on people long after their call", yields_to=("CK226",)),
        "not-taken-off": Variant(
            "An automation did not take the webhook tag off",
            fix=(
                "Open Automate → Visual Automations and choose the automation that adds the tag named in this finding.",
                "Follow its steps from there to the one that takes the tag off, and look where people stand: in front of an event, or in a sequence that keeps them or has no published email.",
                "Correct that step. Pause the automation while you edit, and set it back to Active.",
                "Open Grow → Subscribers, filter by the tag, and check on your site whether these people can log in.",
                "Remove the tag from those who can, so that their next purchase reaches your site. For the others, add it again after that: that repeats the call.",
            ),
            yields_to=("CK401", "CK404", "CK216", "CK209", "CK201"),
        ),
    },
)

_HOUR = 3600
_WORK = {
    RoleName.WEBHOOK_LOGIN: "they may have no login",
    RoleName.WEBHOOK_RELEASE: "they may have no access",
    RoleName.WEBHOOK_SYNC: "what they may see on your site may be out of date",
}


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each webhook tag that stayed on somebody."""
    people = graph.timestamps
    seen: set[Key] = set()
    for membership in graph.memberships:
        for role in _WORK:
            for tag in membership.keys(role):
                if tag not in seen and not membership.has(tag, RoleName.PURCHASE, RoleName.ACCESS, RoleName.OPTIN):
                    seen.add(tag)
                    yield from _judge(graph, people, membership, role, tag)


def judged(graph: Graph) -> Iterable[Key]:
    """The webhook tags."""
    return graph.keys(RoleName.WEBHOOK_LOGIN, RoleName.WEBHOOK_SYNC, RoleName.WEBHOOK_RELEASE)


def _judge(graph: Graph, people: Timestamps, membership: Membership, role: RoleName, tag: Key) -> Iterator[Finding]:
    due = _HOUR if membership.stack.removes_own_tags else _planned(graph, tag)
    if due is None:
        return
    revoked = people.of(*membership.keys(RoleName.REVOKE, RoleName.CANCEL))
    stuck = people.recent(tag).active.until(people.now - due).lacking(revoked)
    if len(stuck):
        yield _finding(graph, people, membership, role, graph.object(tag), stuck)


def _planned(graph: Graph, tag: Key) -> int | None:
    """The seconds after which automations have taken the tag off, with an hour to spare. None when none does, or a goal lies between."""
    spans = [
        span
        for flow in graph.flows
        for adder in flow.adding(tag)
        for remover in flow.removing(tag)
        if (span := flow.time_between(adder, remover)) is not None
    ]
    elsewhere = {cause.flow for cause in graph.causes.of(Effect.REMOVES_TAG, tag)} - {flow for flow in graph.flows if flow.adding(tag)}
    if not spans or elsewhere or any(span.open_ended for span in spans):
        return None
    # sequences wait for sending days and hours: a week more than planned is nothing unusual
    longest = max(span.max_seconds for span in spans)
    return longest + (7 * 24 * _HOUR if longest > 24 * _HOUR else 24 * _HOUR if longest else _HOUR)


def _finding(graph: Graph, people: Timestamps, membership: Membership, role: RoleName, tag: ObjectRef, stuck: Holders) -> Finding:
    count, bought = len(stuck), people.recent(*membership.keys(RoleName.PURCHASE))
    own, title = membership.stack.removes_own_tags, membership.site
    when = graph.days(*stuck.dates)
    have = "has" if count == 1 else "have"
    why = (
        f"{title} takes this tag off when its call has worked, so the call probably failed and {_WORK[role]}."
        if own
        else "The automation that takes it off has not done so, and adding it again does nothing: their next purchase never reaches your site."
    )
    share = f" In the last 90 days {headcount(len(bought))} bought." if len(bought) else ""
    return Finding(
        object=tag,
        message=f"{headcount(count)} got “{tag.name}” {when} and still {have} it. {why}{share}",
        variant="call-failed" if own else "not-taken-off",
        severity=stuck.severity(),
        related=(membership.object,),
        people=count,
        people_who="kept the webhook tag",
        who=stuck.who,
    )
