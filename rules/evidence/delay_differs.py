"""Finds waiting times in the manifest that differ from how long people waited.

What it finds
-------------
Two things that follow each other in an active automation, where the manifest plans a time between them and at least twenty people waited
otherwise: nine in ten of them less than half of it, or nine in ten of them more than twice as long. Looked at are the delays, and what
sequences take until their last published email. A minute or two is never too much, and behind a sequence half a day is never too
little, as it waits for its sending hours. Where several automations lead from one to the other, the time has to differ from all of them.

Why it matters
--------------
The manifest says something else than your account does. Every finding about what comes too early or too late may be wrong.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and open the automation named in this finding.
2. Compare its delays, and the days of its sequences, with the manifest: is a delay missing, or is the number or the unit another one?
3. Correct whichever is wrong, and the date under ``checked``.

When to ignore it
-----------------
The delay was changed only a few days ago.

Sources
-------
- The API fields ``tagged_at`` and ``added_at``
- Delays of automations: https://help.kit.com/en/articles/2502537
- What sequences take is summed up from the delays of their emails
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ckaudit.rule import (
    Confidence,
    DeclaredLink,
    Effect,
    Finding,
    Flow,
    Gaps,
    Graph,
    Key,
    Kind,
    Need,
    Options,
    Rule,
    Severity,
    Theme,
    Timestamps,
    Variant,
    duration,
    headcount,
)

RULE = Rule(
    code="CK815",
    name="delay-differs",
    title="People wait another time than the manifest says",
    passing="People wait as long as the manifest says",
    severity=Severity.WARNING,
    theme=Theme.EVIDENCE,
    confidence=Confidence.LIKELY,
    needs=(Need.EVIDENCE, Need.AUTOMATIONS, Need.MANIFEST),
    checks=Kind.AUTOMATION,
    effort_minutes=10,
    variants={
        "sooner": Variant(
            "People go on sooner than the manifest plans",
            fix=(
                "Open Automate → Visual Automations and open the automation named in this finding.",
                "Compare its delays, and those of its sequences, with the manifest.",
                "Correct whichever is wrong, and the date under `checked`.",
                "If both agree, look for something else that puts people there sooner: another automation, a rule, your shop.",
            ),
            yields_to=("CK810", "CK802"),
        ),
        "later": Variant("People go on later than the manifest plans"),
    },
)

_MANY, _LATEST = 20, 10
_SURE = 0.7
_JITTER = 120
"""Kit takes some seconds for each step, a minute or two when it is busy."""
_HALF_A_DAY = 43200
"""So much sooner an email may go out that waits for an hour of the next day."""


class _Way(NamedTuple):
    """From one timestamp to another: what the manifest plans at least and at most, and what people did. ``mails``: a sequence sends on its
    days in between."""

    source: Key
    target: Key
    least: int
    most: int
    mails: bool
    gaps: Gaps

    @property
    def variant(self) -> str:
        """How it differs, empty when it does not."""
        latest = _latest(self.gaps)
        least, most = self.least // 2 - (_HALF_A_DAY if self.mails else 0), 2 * self.most + _JITTER
        if self.gaps.quantile(0.9) < least and latest < least:
            return "sooner"
        return "later" if self.gaps.quantile(0.1) > most and latest > most else ""


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each automation and thing that people get at another time."""
    people = graph.timestamps
    told: set[tuple[int, Key]] = set()
    again = {step.flow.index for step in graph.timed.steps if step.again}
    for flows, way in (*_linked(graph, people), *_walked(graph, people)):
        if len(way.gaps) < _MANY or not way.variant:
            continue
        for flow in flows:
            if flow.index in again and _is_of_another_time(graph, flow, way):
                continue
            if (flow.index, way.target) not in told:
                told.add((flow.index, way.target))
                yield _finding(graph, flow, way)


def _is_of_another_time(graph: Graph, flow: Flow, way: _Way) -> bool:
    """True where people go through again without what stands in front being given anew: who is in the sequence goes on at once, and whom
    something that this automation sets off starts in it again gets a new timestamp behind the entry only."""
    if way.source.kind is Kind.SEQUENCE:
        return True
    from_the_entry = way.variant == "later" and way.source in flow.entry_keys
    return from_the_entry and any(cause.effect is Effect.STARTS and cause.target == flow.key for cause in graph.reactions.of_flow(flow))


def _latest(gaps: Gaps) -> int:
    """What half of the latest ten waited: somebody may have changed the automation meanwhile."""
    order = gaps.second.argsort()[-_LATEST:]
    return int(sorted(gaps.gap[order].tolist())[len(order) // 2])


def _linked(graph: Graph, people: Timestamps) -> Iterator[tuple[list[Flow], _Way]]:
    """By the links that were found in the timestamps: what all automations that lead from one to the other plan at least and at most."""
    pairs: dict[tuple[Key, Key], list[DeclaredLink]] = {}
    for link in graph.timed.declared:
        pairs.setdefault((link.source, link.target), []).append(link)
    for pair, links in pairs.items():
        found = people.links.get(pair)
        least = [link.min_seconds for link in links if link.min_seconds is not None]
        most = [link.max_seconds for link in links if link.max_seconds is not None]
        if (
            found is None
            or found.confidence < _SURE
            or found.rivals
            or len(least) < len(links)
            or not all(_goes_on(graph, link) for link in links)
        ):
            continue
        if len(graph.uses_of(pair[0])) > 1 or any(_several(graph, link) for link in links):
            continue  # who is in the sequence already goes on at once, and of a tag that is added twice one time is kept
        mails = pair[0].kind is Kind.SEQUENCE and any(email.delay_seconds for email in graph.lookup.published(pair[0]))
        flows = [flow for cause in dict.fromkeys(link.cause for link in links) if (flow := graph.flow(cause))]
        gaps = people.took(found)
        for flow in flows:
            gaps = gaps.having(people.once(people.of(pair[0]), flow.entry_keys))
        yield flows, _Way(*pair, min(least), max(most), mails, gaps)


def _several(graph: Graph, link: DeclaredLink) -> bool:
    flow = graph.flow(link.cause)
    return flow is not None and any(len(flow.adding(key)) > 1 for key in (link.source, link.target))


def _goes_on(graph: Graph, link: DeclaredLink) -> bool:
    flow = graph.flow(link.cause)
    return flow.active if flow else not link.unsure


def _walked(graph: Graph, people: Timestamps) -> Iterator[tuple[list[Flow], _Way]]:
    """By the people who have what only one step gives: how long after the latest of what stands in front of it."""
    for step in graph.timed.steps:
        around = (step.before, step.near) if step.near != step.before else (step.before,)
        ways = [(neighbours, item) for neighbours in around for item in neighbours if not item.seconds.open_ended]
        for neighbours, item in ways if step.own else ():
            came, latest = people.enough(item.key), people.of(*(other.key for other in neighbours))
            same = came.gaps_to(latest)
            came = people.once(came.having(same.where(same.gap == 0)), step.flow.entry_keys)
            gaps, span = came.gaps_to(people.of(step.key)).after(), item.seconds
            yield [step.flow], _Way(item.key, step.key, span.min_seconds, span.max_seconds, item.mails, gaps)


def _finding(graph: Graph, flow: Flow, way: _Way) -> Finding:
    source, target = graph.object(way.source), graph.object(way.target)
    least, most = duration(way.least), duration(way.most)
    planned = "at once" if not way.most else f"{least} later" if least == most else f"{least} to {most} later"
    place = next((node for node in flow.steps if way.target in (node.adds, node.enrols)), None)
    early, usual, late = (way.gaps.quantile(part) for part in (0.1, 0.5, 0.9))
    spread = "" if duration(early) == duration(late) else f", eight in ten of them after {duration(early)} to {duration(late)}"
    waited = f"usually after {duration(usual)}{spread}" if late else "in the same second"
    return Finding(
        object=flow.object,
        message=f"According to the manifest, “{flow.name}” leads from “{source.name}” to “{target.name}” {planned}. "
        f"{headcount(len(way.gaps))} went this way, {waited}.",
        variant=way.variant,
        related=(source, target),
        path=(place.path_step(),) if place else (),
        people=len(way.gaps),
        people_who="waited another time",
        who=way.gaps.who,
        location=place.location if place else None,
    )
