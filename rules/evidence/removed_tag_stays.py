"""Finds tags that the manifest says are removed, and that stay.

What it finds
-------------
Steps of active automations that remove a tag, where at least twenty people of the last 90 days, and a third of all, went through the step
and still have the tag since before. Who went through it is seen in two ways: they have what only a later step of the same automation gives,
or they got what stands in front of the step long enough ago. Who got the tag again afterwards is not counted. And steps
where people were seen to get the tag, at the time at which it should come off, although nothing in the manifest adds it there. Steps behind a goal or a
condition with nothing behind them, imports and bulk work are left out.

Why it matters
--------------
Adding a tag that somebody has already starts nothing. What waits for this tag never runs a second time, and every finding that rests on the
manifest may be wrong.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and open the automation named in this finding.
2. Look at the step in this finding: is it there, does it remove the tag or add it, and is it this tag?
3. Correct whichever is wrong, and the date under ``checked``.

When to ignore it
-----------------
The step was added only a few days ago.

Sources
-------
- The API field ``tagged_at`` of a tag's subscribers
- Actions of automations: https://help.kit.com/en/articles/2502537
- That adding a tag again starts nothing has not been seen confirmed by Kit
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import (
    Confidence,
    Finding,
    Gaps,
    Graph,
    Holders,
    Key,
    Kind,
    Need,
    ObservedLink,
    Options,
    Rule,
    Severity,
    StepNeighbours,
    Theme,
    Timestamps,
    duration,
    headcount,
    share_of,
)

RULE = Rule(
    code="CK817",
    name="removed-tag-stays",
    title="A tag that the manifest says is removed stays on people",
    passing="Tags that the manifest says are removed came off",
    severity=Severity.WARNING,
    theme=Theme.EVIDENCE,
    confidence=Confidence.LIKELY,
    needs=(Need.EVIDENCE, Need.AUTOMATIONS, Need.MANIFEST),
    checks=Kind.AUTOMATION,
    effort_minutes=10,
    yields_to=("CK801", "CK401", "CK404"),
)

_DAY, _HOUR = 86400, 3600
_MANY = 20
_SURE = 0.7


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each step that people went through with the tag still on them."""
    people = graph.timestamps
    unread: list[Key] = []
    for step in graph.timed.steps:
        if not step.node.removes:
            continue
        if people.since(step.key) is None:
            unread.append(step.key)
        elif (kept := _kept(people, step)) and len(kept[1]) >= _MANY and 3 * len(kept[1]) >= len(kept[0]):
            yield _finding(graph, step, *kept)
        elif added := _added(graph, people, step):
            yield _added_instead(graph, step, added)
    people.insist((graph.object(key) for key in unread), recent=True)


def _kept(people: Timestamps, step: StepNeighbours) -> tuple[Holders, Gaps] | None:
    """Who went through the step, and who of them has the tag since before; None when nobody can say."""
    has = people.of(step.key)
    if any(node.id in step.flow.below[step.node.id] for node in step.flow.adding(step.key)):
        return None  # added again later: nobody can say which time it is
    if step.after:
        soonest = min(item.seconds.min_seconds for item in step.after)
        came = people.enough(*(item.key for item in step.after))
        gaps = came.gaps_to(has)
        return came, gaps.where(gaps.gap <= -(soonest // 2))
    if not (step.always and step.before) or any(item.seconds.open_ended or not item.sure for item in step.before):
        return None
    longest = max(item.seconds.max_seconds for item in step.before) * 3 // 2
    came = people.enough(*(item.key for item in step.before)).active.until(people.now - longest - _DAY)
    gaps = came.gaps_to(has)
    return came, gaps.where(gaps.gap <= longest + _HOUR)


def _added(graph: Graph, people: Timestamps, step: StepNeighbours) -> ObservedLink | None:
    """The link that timestamps show where the step should take the tag off: people get it there, and nothing in the manifest says so."""
    said = {(link.source, link.target) for link in graph.timed.declared}
    for item in (*step.before, *step.near):
        found = people.links.get((item.key, step.key))
        if found and found.confidence >= _SURE and (item.key, step.key) not in said and not item.seconds.open_ended:
            slack = _DAY if item.mails else 2 * 60
            if found.share < 0.5 if step.always else found.share > 0.9:
                continue  # not the people who come to this step
            if item.seconds.min_seconds // 2 - slack <= found.delay_seconds <= 2 * item.seconds.max_seconds + slack:
                return found
    return None


def _added_instead(graph: Graph, step: StepNeighbours, link: ObservedLink) -> Finding:
    tag, source = graph.object(step.key), graph.object(link.source)
    when = f"usually {duration(link.delay_seconds)} later" if link.delay_seconds else "usually in the same second"
    return Finding(
        object=step.flow.object,
        message=f"According to the manifest, “{step.flow.name}” removes the tag “{tag.name}” behind “{source.name}”. {headcount(link.support)} "
        f"got it just there, {when}: the step adds it, as it seems.",
        related=(source, tag),
        path=(step.node.path_step("as the manifest says"),),
        people=link.support,
        people_who="got a tag that should come off",
        location=step.node.location,
    )


def _finding(graph: Graph, step: StepNeighbours, came: Holders, still: Gaps) -> Finding:
    tag = graph.object(step.key)
    behind = [graph.object(item.key) for item in step.after]
    front = [graph.object(item.key) for item in step.before]
    where = f"“{behind[0].name}”, which comes after it," if behind else f"“{front[0].name}”, which stands in front of it,"
    return Finding(
        object=step.flow.object,
        message=f"According to the manifest, “{step.flow.name}” removes the tag “{tag.name}”. {share_of(len(still), len(came))} who got {where} "
        f"{graph.days(*came.dates)} have “{tag.name}” since before and still have it.",
        related=tuple(dict.fromkeys((*front, tag, *behind))),
        path=(step.node.path_step("as the manifest says"),),
        people=len(still),
        people_who="still have a tag that should be gone",
        who=still.who,
        location=step.node.location,
    )
