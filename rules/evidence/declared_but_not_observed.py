"""Finds steps of the manifest that people did not take.

What it finds
-------------
Steps of active automations and enabled rules that give a tag or put people into a sequence, where at least twenty people of the last 90 days
should have got it and at most one in twenty did, and hardly one of the last twenty. Who should have got it is seen in two ways: they have
what only a later step of the same automation gives, or they got what stands in front of the step long enough ago. Half as long again as
planned, and a day more, is allowed. Who had it before is not counted. Webhook tags, and tags that something is said to take off again, leave
no trace and are left out, as are steps behind a goal or a condition with nothing behind them, imports and bulk work.

Why it matters
--------------
The manifest says something else than your account does. Every finding that rests on it may be wrong, and a step you rely on may not run.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations (for a rule: Automate → Rules) and open what is named in this finding.
2. Compare the step in this finding with the manifest: is it there, and is it this tag or sequence?
3. Correct whichever is wrong, and the date under ``checked``.
4. If both agree, follow a test subscriber through it and see where it stops.

When to ignore it
-----------------
The automation was switched on or changed only a few days ago.

Sources
-------
- The API fields ``tagged_at`` and ``added_at``
- Delays and actions of automations: https://help.kit.com/en/articles/2502537
- That who was given a later step's tag went through the earlier steps is an inference: the later tag is given by nothing else that is known
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    WEBHOOK_ROLES,
    Confidence,
    DeclaredLink,
    Effect,
    Finding,
    Graph,
    Holders,
    Key,
    Kind,
    Need,
    ObjectRef,
    Options,
    RoleName,
    Rule,
    Severity,
    StepNeighbours,
    Theme,
    Timestamps,
    Variant,
    headcount,
)

RULE = Rule(
    code="CK814",
    name="declared-but-not-observed",
    title="The manifest says something that does not happen",
    passing="What the manifest says is what happens",
    severity=Severity.WARNING,
    theme=Theme.EVIDENCE,
    confidence=Confidence.LIKELY,
    needs=(Need.EVIDENCE, Need.AUTOMATIONS, Need.MANIFEST),
    checks=Kind.AUTOMATION,
    effort_minutes=15,
    variants={
        "never-happens": Variant("A step that the manifest states does not happen"),
        "tag-gone": Variant(
            "A tag that the manifest says is added is on nobody",
            fix=(
                "Open Automate → Visual Automations and open the automation named in this finding.",
                "Look at the step in this finding: does it add the tag, or does it remove it?",
                "Look for a later step, a rule or a tool outside Kit that takes the tag off, and add it to the manifest.",
                "Correct the manifest, and the date under `checked`.",
            ),
        ),
    },
)

_DAY = 86400
_MANY = 20


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each automation and thing that people did not get, and one for each rule."""
    people = graph.timestamps
    unread: list[Key] = []
    found: dict[tuple[int, Key], Finding] = {}
    for step in graph.timed.steps:
        if step.node.removes or not _leaves_trace(graph, step.key):
            continue
        if people.since(step.key) is None:
            unread.append(step.key)
        elif not _is_for_others(graph, step.key, (item.key for item in step.before)):
            # of two steps that add one tag the later one is the doubtful one
            for finding in _not_taken(graph, people, step):
                found[step.flow.index, step.key] = finding
    yield from found.values()
    yield from _rules(graph, people, unread)
    people.insist((graph.object(key) for key in unread), recent=True)


def _leaves_trace(graph: Graph, key: Key) -> bool:
    """False for a tag that something takes off, as sites do with webhook tags, and for a sequence that leaves people out."""
    sequence = graph.lookup.sequence(key)
    comes_off = graph.causes.of(Effect.REMOVES_TAG, key) or key in graph.keys(*WEBHOOK_ROLES)
    return not comes_off and not (sequence and sequence.exclude_subscriber_sources)


def _is_for_others(graph: Graph, target: Key, sources: Iterable[Key]) -> bool:
    """Buyers and their login email belong to other rules."""
    logins = [item for item in graph.memberships if item.has(target, RoleName.LOGIN_SEQUENCE)]
    return any(item.has(key, RoleName.PURCHASE) for key in sources for item in logins)


# -- steps of automations --------------------------------------------------------------------------------------------------------


def _not_taken(graph: Graph, people: Timestamps, step: StepNeighbours) -> Iterator[Finding]:
    """By what stands behind the step; where there is nothing that can be seen, by what stands in front of it."""
    has, begin = people.of(step.key), people.since(step.key) or 0
    if step.after:
        longest = max(item.seconds.max_seconds for item in step.after) * 3 // 2 + _DAY
        came = _who_came(people, step, begin + longest)
        gaps = came.gaps_to(has)
        took = gaps.where((gaps.gap <= 0) & (gaps.gap >= -longest))
        missing = came.lacking(has)
        if _nobody(came, len(took), missing):
            yield _finding(graph, step, missing, len(took), [graph.object(item.key) for item in step.after])
    elif step.always and step.before and all(item.sure and not item.seconds.open_ended for item in step.before):
        longest = max(item.seconds.max_seconds for item in step.before) * 3 // 2 + _DAY
        came = people.enough(*(item.key for item in step.before)).active.since(begin).until(people.now - longest)
        took = came.gaps_to(has).after()
        missing = came.lacking(has)
        if _nobody(came, len(took), missing):
            yield _finding(graph, step, missing, len(took), [])


def _who_came(people: Timestamps, step: StepNeighbours, begin: int) -> Holders:
    """Those who have what stands behind the step and, where it was read as a whole, what stands in front of it too: whoever lacks that got
    the later thing from something else."""
    came, front = people.enough(*(item.key for item in step.after)).since(begin), [item.key for item in step.before]
    return came.having(people.of(*front)) if front and people.whole(*front) else came


def _nobody(came: Holders, took: int, missing: Holders) -> bool:
    """True when hardly anybody took it, the last twenty neither: somebody may have changed the automation meanwhile."""
    if len(missing) < _MANY or 20 * took > took + len(missing):
        return False
    latest = missing.second.copy()
    latest.sort()
    return len(came.since(int(latest[-_MANY]))) <= _MANY + 1


def _finding(graph: Graph, step: StepNeighbours, missing: Holders, took: int, behind: list[ObjectRef]) -> Finding:
    target = graph.object(step.key)
    front = [graph.object(item.key) for item in step.before]
    gives = [cause for effect in (Effect.ADDS_TAG, Effect.ENROLS) for cause in graph.causes.of(effect, step.key)]
    gone = step.key.kind is Kind.TAG and len(gives) > 1
    does = "adds the tag" if step.node.adds else "puts people into the sequence"
    got = behind or front
    when = graph.days(*missing.dates)
    seen = f"{headcount(len(missing))} got “{got[0].name}” {when}, {'which comes after it' if behind else 'which stands in front of it'}"
    but = f"and only {took} of them took this step" if took else f"and none of them has “{target.name}”"
    maybe = " Either the step removes the tag, or something takes it off again." if gone else ""
    return Finding(
        object=step.flow.object,
        message=f"According to the manifest, “{step.flow.name}” {does} “{target.name}”. {seen}, {but}.{maybe}",
        variant="tag-gone" if gone else "never-happens",
        related=tuple(dict.fromkeys((*front, target, *behind))),
        path=(step.node.path_step("as the manifest says"),),
        people=len(missing),
        people_who="did not take this step",
        who=missing.who,
        location=step.node.location,
    )


# -- rules -----------------------------------------------------------------------------------------------------------------------


def _rules(graph: Graph, people: Timestamps, unread: list[Key]) -> Iterator[Finding]:
    """One finding for each rule or form that does not do what is written: the first such action."""
    live = {cause.source for cause in graph.causes.all if cause.live}
    seen: set[Key] = set()
    for link in graph.timed.declared:
        if link.cause in seen or link.cause not in live or link.cause.kind is Kind.AUTOMATION or link.unsure:
            continue
        if not _leaves_trace(graph, link.target) or _is_for_others(graph, link.target, (link.source,)):
            continue
        if people.since(link.target) is None:
            unread.append(link.target)
        elif finding := _absent(graph, people, link):
            seen.add(link.cause)
            yield finding


def _absent(graph: Graph, people: Timestamps, link: DeclaredLink) -> Finding | None:
    # sequences wait for sending days: half as long again as planned is nothing unusual
    due = people.now - _DAY - (link.max_seconds or 0) * 3 // 2
    came = people.recent(link.source).active.since(people.since(link.target) or 0).until(due)
    if len(came) < _MANY or len(came.having(people.of(link.target))):
        return None
    source, target, cause = (graph.object(key) for key in (link.source, link.target, link.cause))
    return Finding(
        object=cause,
        message=f"According to the manifest, “{cause.name}” leads from “{source.name}” to “{target.name}”. {headcount(len(came))} got "
        f"“{source.name}” {graph.days(*came.dates)}, and none of them has “{target.name}”.",
        variant="never-happens",
        related=(source, target),
        people=len(came),
        people_who="did not go on",
        who=came.who,
    )
