"""Finds people who did not get the next module.

What it finds
-------------
For each pair of modules that follow each other in the manifest's ``module_tags``: people who got the first in the last 90 days and, two
days after the second was due, have neither it nor a later one. When it is due comes from your automations, or from what one in ten people
waited for longer, whichever is more. People with a revoke, cancel or pause tag, people Kit no longer mails, imports and bulk work are left
out. It takes at least five people who should have it, and 10 % of them without it.

Why it matters
--------------
They pay for a course that has stopped. Many think that it is over, or that you forgot them, and cancel.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation that adds the module tags.
2. Look where people wait: at a goal that does not come, in a sequence that holds, or behind a paused automation.
3. Open Grow → Subscribers, filter by the first module without the second, and add the tag that is missing, then the webhook tag.

When to ignore it
-----------------
People open the next module themselves, for instance with a checklist.

Sources
-------
- AccessAlly's ConvertKit guide, step 7: https://kb.accessally.com/tutorials/convertkit-automation/ (claims S33, S34)
- The API field ``tagged_at`` of a tag's subscribers
"""

from __future__ import annotations

import itertools
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
    share_of,
)

RULE = Rule(
    code="CK809",
    name="drip-stalled",
    title="People wait for a module that should have come",
    passing="Everybody got the next module in time",
    severity=Severity.WARNING,
    theme=Theme.EVIDENCE,
    harm=Harm.LOCKED_OUT,
    confidence=Confidence.LIKELY,
    needs=(Need.EVIDENCE, Need.MEMBERSHIP),
    needs_roles=((RoleName.MODULE,),),
    checks=Kind.TAG,
    effort_minutes=20,
    nothing="there is no module tag",
    yields_to=("CK401", "CK402", "CK403", "CK301 paused-release", "CK301 inactive-release"),
)

_DAY = 86400
_MANY = 20
_ENDS = (RoleName.REVOKE, RoleName.CANCEL, RoleName.PAUSE)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each module that people stop at."""
    people = graph.timestamps
    unread: list[Key] = []
    for membership in graph.memberships:
        modules = membership.keys(RoleName.MODULE) if membership.declared(RoleName.MODULE) else ()
        for place, (this, following) in enumerate(itertools.pairwise(modules)):
            due = _due(graph, people, this, following)
            lists = (*modules[place + 1 :], *membership.keys(*_ENDS))
            missing = [key for key in lists if not people.whole(key)]
            if due is None:
                continue
            unread += missing
            ready = people.recent(this).active.until(people.now - due - 2 * _DAY).lacking(people.of(*membership.keys(*_ENDS)))
            left = ready.lacking(people.of(*modules[place + 1 :]))
            if not missing and len(ready) >= Timestamps.MIN_PEOPLE and 10 * len(left) >= len(ready):
                yield _finding(graph, membership, graph.object(this), graph.object(following), ready, left)
    people.insist(graph.object(key) for key in unread)


def judged(graph: Graph) -> Iterable[Key]:
    """The module tags."""
    return graph.keys(RoleName.MODULE)


def _due(graph: Graph, people: Timestamps, this: Key, following: Key) -> int | None:
    """After how many seconds the next module should be there, None when nobody can say."""
    spans = [
        span
        for flow in graph.flows
        for start in flow.adding(this)
        for target in flow.adding(following)
        if (span := flow.time_between(start, target)) is not None
    ]
    seen = people.of(this).gaps_to(people.of(following)).after()
    usual = seen.quantile(0.9) if len(seen) >= _MANY else None
    if any(span.open_ended for span in spans) or not (spans or usual is not None):
        return None
    return max([*(span.max_seconds for span in spans), usual or 0])


def _finding(graph: Graph, membership: Membership, this: ObjectRef, following: ObjectRef, ready: Holders, left: Holders) -> Finding:
    have = "has" if len(left) == 1 else "have"
    return Finding(
        object=this,
        message=f"{share_of(len(left), len(ready))} who got “{this.name}” {graph.days(*ready.dates)} and are still customers {have} not got "
        f"“{following.name}”, although it was due more than two days ago. They wait for a part of “{membership.name}” that they paid for.",
        related=(following, membership.object),
        people=len(left),
        people_who="got no module when it was due",
        who=left.who,
    )
