"""Finds what the manifest says and the timestamps deny.

What it finds
-------------
Steps that follow each other in an active automation or an enabled rule, without a condition or goal in it, where at least twenty people of
the last 90 days got the first and none of them has the second. And steps where at least twenty people have both, and half of them or more
got the second much sooner than the delays in the manifest allow. Tags that something takes off, imports and bulk work are left out, and half
as long again as planned, and a day more, is allowed.

Why it matters
--------------
The manifest says something else than your account does. Every finding that rests on it may be wrong, and a step you rely on may not run.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations (for a rule: Automate → Rules) and open what is named in this finding.
2. Compare its steps and delays with the manifest.
3. Correct whichever is wrong, and the date under ``checked``.
4. If both agree, follow a test subscriber through it and see where it stops.

When to ignore it
-----------------
The automation was switched on or changed only a few days ago.

Sources
-------
- The API fields ``tagged_at`` and ``added_at``
- Delays and actions of automations: https://help.kit.com/en/articles/2502537
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import (
    Confidence,
    DeclaredLink,
    Finding,
    Graph,
    Key,
    Kind,
    Need,
    Options,
    RoleName,
    Rule,
    Severity,
    Theme,
    Timestamps,
    Variant,
    duration,
    headcount,
    share_of,
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
        "sooner-than-planned": Variant(
            "People go on sooner than the manifest plans",
            fix=(
                "Open Automate → Visual Automations (a rule: Automate → Rules) and open what is named in this finding.",
                "Compare its delays, and those of its sequences, with the manifest.",
                "Correct whichever is wrong, and the date under `checked`.",
                "If both agree, look for something else that puts people there sooner: another automation, a rule, your shop.",
            ),
            yields_to=("CK810", "CK802"),
        ),
    },
)

_DAY = 86400
_MANY = 20


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each automation or rule that does not do what is written: the first such step."""
    people = graph.timestamps
    seen: set[Key] = set()
    unread: list[Key] = []
    links = graph.declared_links
    causes: dict[Key, set[Key]] = {}
    for link in links:
        causes.setdefault(link.target, set()).add(link.cause)
    for link in links:
        if (
            link.cause in seen
            or link.unsure
            or link.past
            or link.min_seconds is None
            or link.max_seconds is None
            or not _plain(graph, link)
        ):
            continue
        if people.since(link.target) is None:
            unread.append(link.target)
            continue
        finding = _absent(graph, people, link) or (None if len(causes[link.target]) > 1 else _sooner(graph, people, link))
        if finding:
            seen.add(link.cause)
            yield finding
    people.insist((graph.object(key) for key in unread), recent=True)


def _plain(graph: Graph, link: DeclaredLink) -> bool:
    """True when everybody takes this way and nothing stops it, as far as is known. Buyers and their login email belong to other rules."""
    if any(item.has(link.source, RoleName.PURCHASE) and item.has(link.target, RoleName.LOGIN_SEQUENCE) for item in graph.memberships):
        return False
    sequence = graph.lookup.sequence(link.target)
    if sequence and sequence.exclude_subscriber_sources:
        return False
    flow = graph.flow(link.cause)
    if flow is None:
        return link.cause.kind is not Kind.RULE or any(cause.live and cause.source == link.cause for cause in graph.causes.all)
    parting = any(node.is_condition or node.is_event for node in flow.nodes.values())
    return flow.active and not parting


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


def _sooner(graph: Graph, people: Timestamps, link: DeclaredLink) -> Finding | None:
    planned = link.min_seconds or 0
    gaps = people.recent(link.source).gaps_to(people.of(link.target)).after()
    soon = gaps.where(gaps.gap < planned - max(60, planned // 10))
    if len(gaps) < _MANY or 2 * len(soon) < len(gaps):
        return None
    source, target, cause = (graph.object(key) for key in (link.source, link.target, link.cause))
    usual = gaps.quantile(0.5)
    when = f"within {duration(usual)}" if usual else "in the same second"
    return Finding(
        object=cause,
        message=f"According to the manifest, “{cause.name}” waits {duration(planned)} between “{source.name}” and “{target.name}”. "
        f"{share_of(len(soon), len(gaps))} who got “{source.name}” {graph.days(*gaps.dates)} and then “{target.name}” waited less, half of all "
        f"{when}.",
        variant="sooner-than-planned",
        related=(source, target),
        people=len(soon),
        people_who="went on too soon",
        who=soon.who,
    )
