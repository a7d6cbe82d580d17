"""Finds steps of the manifest that people took in another order.

What it finds
-------------
Two things that follow each other in an active automation and that nothing else gives, where at least twenty people of the last 90 days got
the second first, and at most one in ten of them the other way round. Where something else gives one of them, too, it takes a link in the
timestamps (``ckaudit discover`` lists them) that leads from the second to the first. What people got in the same second says nothing about the order and
is left out, as are tags that something takes off again, imports and bulk work.

Why it matters
--------------
The manifest says something else than your account does. Every finding about what comes before and after may be wrong.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and open the automation named in this finding.
2. Compare the order of the two steps with the manifest.
3. Correct whichever is wrong, and the date under ``checked``.

When to ignore it
-----------------
The automation was changed only a few days ago.

Sources
-------
- The API fields ``tagged_at`` and ``added_at``
- Automations go through their steps from top to bottom: https://help.kit.com/en/articles/2502537
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from ckaudit.rule import (
    Confidence,
    Effect,
    Finding,
    Gaps,
    Graph,
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
)

RULE = Rule(
    code="CK816",
    name="order-differs",
    title="People take steps in another order than the manifest says",
    passing="People take the steps in the order of the manifest",
    severity=Severity.WARNING,
    theme=Theme.EVIDENCE,
    confidence=Confidence.LIKELY,
    needs=(Need.EVIDENCE, Need.AUTOMATIONS, Need.MANIFEST),
    checks=Kind.AUTOMATION,
    effort_minutes=10,
)

_MANY = 20
_SURE = 0.8
_ONE_RUN = 60
"""Steps without a delay between them come within a minute. Who goes through an automation again has them far apart."""


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each pair of neighbours that people took the other way round."""
    people = graph.timestamps
    own = {step.key: step for step in graph.timed.steps if step.own and not graph.causes.of(Effect.REMOVES_TAG, step.key)}
    for step in own.values():
        for above in step.before:
            if above.key in own and own[above.key].flow is step.flow:
                yield from _judge(graph, people, step, own[above.key])
    yield from _linked(graph, people, {(step.flow.index, step.key) for step in own.values()})


def _linked(graph: Graph, people: Timestamps, own: Set[tuple[int, Key]]) -> Iterator[Finding]:
    """By the links that were found in the timestamps, where one of the two is given by something else as well."""
    by_flow: dict[int, dict[Key, StepNeighbours]] = {}
    said: dict[Key, set[Key]] = {}
    for link in graph.timed.declared:
        said.setdefault(link.source, set()).add(link.target)
    for step in graph.timed.steps:
        if not step.node.removes and not graph.causes.of(Effect.REMOVES_TAG, step.key):
            by_flow.setdefault(step.flow.index, {})[step.key] = step
    for number, steps in by_flow.items():
        for (source, target), found in people.links.items():
            first, second = steps.get(target), steps.get(source)
            if first is None or second is None or {(number, source), (number, target)} <= own:
                continue
            if found.confidence < _SURE or not found.delay_p10 or (first.again and Kind.SEQUENCE in (source.kind, target.kind)):
                continue
            turned = second.node.id in first.flow.below[first.node.id] and first.node.id not in first.flow.below[second.node.id]
            if turned and not _leads(said, source, target):
                yield _turned(graph, first, second, found)


def _leads(said: Mapping[Key, Set[Key]], source: Key, target: Key) -> bool:
    """True when the manifest has a way from one to the other, over any number of steps."""
    seen, todo = set[Key](), [source]
    while todo:
        fresh = said.get(todo.pop(), set()) - seen
        seen |= fresh
        todo += fresh
    return target in seen


def _turned(graph: Graph, first: StepNeighbours, second: StepNeighbours, link: ObservedLink) -> Finding:
    source, target = graph.object(first.key), graph.object(second.key)
    return Finding(
        object=first.flow.object,
        message=f"According to the manifest, “{first.flow.name}” comes to “{source.name}” first and then to “{target.name}”. "
        f"{headcount(link.support)} got “{source.name}” after “{target.name}”, usually {duration(link.delay_seconds)} later.",
        related=(source, target),
        path=(second.node.path_step("as the manifest says"),),
        people=link.support,
        people_who="took two steps the other way round",
        location=second.node.location,
    )


def _judge(graph: Graph, people: Timestamps, step: StepNeighbours, above: StepNeighbours) -> Iterator[Finding]:
    """Who goes through an automation again gets its tags anew and keeps the time of its sequences: only those are asked who came in before
    both."""
    first, target = above.key, people.of(step.key)
    if step.again and Kind.SEQUENCE in (first.kind, step.key.kind):
        return
    came = people.of(*(item.key for item in above.before)) if above.before else None
    if came is None:
        return
    gaps = people.enough(first).having(came.gaps_to(target).after()).gaps_to(target)
    other_way, as_said = gaps.where(gaps.gap < 0), gaps.where(gaps.gap > 0)
    if len(other_way) < _MANY or 9 * len(as_said) > len(other_way):
        return
    if 2 * len(other_way) >= len(gaps) or -other_way.quantile(0.1) <= _ONE_RUN:
        yield _finding(graph, step, first, other_way, len(as_said))


def _finding(graph: Graph, step: StepNeighbours, first: Key, other_way: Gaps, as_said: int) -> Finding:
    source, target = graph.object(first), graph.object(step.key)
    rest = f"Only {headcount(as_said)} got them as the manifest says." if as_said else "Nobody got them as the manifest says."
    return Finding(
        object=step.flow.object,
        message=f"According to the manifest, “{step.flow.name}” comes to “{source.name}” first and then to “{target.name}”. "
        f"{headcount(len(other_way))} got “{target.name}” first ({graph.days(*other_way.dates)}), usually {duration(max(-other_way.quantile(0.5), 1))} before the other. {rest}",
        related=(source, target),
        path=(step.node.path_step("as the manifest says"),),
        people=len(other_way),
        people_who="took two steps the other way round",
        who=other_way.who,
        location=step.node.location,
    )
