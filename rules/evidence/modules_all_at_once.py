"""Finds modules that came together although days were planned between them.

What it finds
-------------
For each pair of modules that follow each other in the manifest's ``module_tags`` with at least a day planned between them: people who got
both within one hour in the last 90 days. It takes at least three people who are 10 % of those who have both. Imports and bulk work are left
out.

Why it matters
--------------
Who gets everything at once downloads it and asks for the money back, or is overwhelmed and gives up. The emails about the later modules
come at the wrong time.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation that adds the module tags.
2. Look between the two tags named in this finding: is the delay still there, does the sequence have published emails, does a goal pull
   people past it?
3. Look in Automate → Rules and in your shop for something else that adds the later tag.

When to ignore it
-----------------
You sold instant access, or moved members from another system.

Sources
-------
- AccessAlly's ConvertKit guide, step 7: https://kb.accessally.com/tutorials/convertkit-automation/ (claim S34)
- The API field ``tagged_at`` of a tag's subscribers
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Confidence,
    Finding,
    Gaps,
    Graph,
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
    duration,
    share_of,
)

RULE = Rule(
    code="CK810",
    name="modules-all-at-once",
    title="Modules came all at once instead of one by one",
    passing="Modules came one by one, as planned",
    severity=Severity.WARNING,
    theme=Theme.EVIDENCE,
    confidence=Confidence.LIKELY,
    needs=(Need.EVIDENCE, Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=((RoleName.MODULE,),),
    checks=Kind.TAG,
    effort_minutes=15,
    nothing="there is no module tag",
)

_HOUR = 3600
_DAY = 24 * _HOUR


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each module that came together with the one before it."""
    people = graph.timestamps
    for membership in graph.memberships:
        modules = membership.keys(RoleName.MODULE) if membership.declared(RoleName.MODULE) else ()
        for this, following in itertools.pairwise(modules):
            planned = _planned(graph, this, following)
            if planned is None or planned < _DAY:
                continue
            both = people.recent(this).gaps_to(people.recent(following))
            at_once = both.where(abs(both.gap) <= _HOUR)
            if len(at_once) >= 3 and 10 * len(at_once) >= len(both):
                yield _finding(graph, membership, (graph.object(this), graph.object(following)), planned, len(both), at_once)


def judged(graph: Graph) -> Iterable[Key]:
    """The module tags."""
    return graph.keys(RoleName.MODULE)


def _planned(graph: Graph, this: Key, following: Key) -> int | None:
    """The shortest planned time between the two modules, None when no automation adds one after the other."""
    spans = [
        span
        for flow in graph.flows
        for start in flow.adding(this)
        for target in flow.adding(following)
        if (span := flow.time_between(start, target)) is not None
    ]
    return min((span.min_seconds for span in spans), default=None)


def _finding(graph: Graph, membership: Membership, pair: tuple[ObjectRef, ObjectRef], planned: int, both: int, at_once: Gaps) -> Finding:
    this, following = pair
    return Finding(
        object=following,
        message=f"{share_of(len(at_once), both)} who have “{this.name}” and “{following.name}” got them within one hour "
        f"({graph.days(*at_once.dates)}), although your automation plans {duration(planned)} between them.",
        related=(this, membership.object),
        people=len(at_once),
        people_who="got two modules at once",
        who=at_once.who,
    )
