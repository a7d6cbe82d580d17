"""Finds what your account does although the manifest does not say so.

What it finds
-------------
Links that the timestamps prove (at least twenty people got one thing directly after another, at least five of them in the last 90 days,
see ``ckaudit discover``) and that no automation, rule, form or integration of the manifest explains, neither directly nor over several
steps. One finding for each tag, form or sequence that such a link begins with. Where nothing in the manifest gives people what they got,
and it came between two steps of one automation, or behind a sequence that only this automation has, a step is missing there: one finding for
each. A link whose people all have something else that leads there according to the manifest is left out.

Why it matters
--------------
An automation that is missing in the manifest is an automation nobody has checked. What it does to your buyers is not in this report.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and look for one that starts with the tag, form or sequence named in this finding.
2. Open Automate → Rules and look for the same.
3. Add what you find to the manifest (``ckaudit manifest new`` writes a draft of it).
4. If your shop or your site does it, list it under ``external``.

When to ignore it
-----------------
The automation was there in the last months and is deleted now.

Sources
-------
- The API fields ``tagged_at`` and ``added_at``; how links are found in them is described in the documentation of ``ckaudit discover``
- Kit's API shows no automations
"""

from __future__ import annotations

from collections.abc import Iterator, Set

from ckaudit.rule import (
    Confidence,
    Effect,
    Finding,
    Flow,
    Graph,
    Key,
    Kind,
    Need,
    ObservedLink,
    Options,
    Rule,
    Severity,
    Theme,
    Timestamps,
    Variant,
    duration,
    name_list,
    spell_date,
)

RULE = Rule(
    code="CK813",
    name="observed-but-not-declared",
    title="The account does something that the manifest does not say",
    passing="Everything the account was seen doing is in the manifest",
    severity=Severity.INFO,
    theme=Theme.EVIDENCE,
    confidence=Confidence.LIKELY,
    needs=(Need.EVIDENCE, Need.AUTOMATIONS, Need.MANIFEST),
    checks=Kind.TAG,
    effort_minutes=15,
    variants={
        "not-listed": Variant("The account does something that the manifest does not say"),
        "step-missing": Variant(
            "A step is missing in the manifest",
            severity=Severity.WARNING,
            fix=(
                "Open Automate → Visual Automations and open the automation named in this finding.",
                "Look for the step that this finding says is missing, and add it to the manifest.",
                "If it is not there, look for another automation or a rule that starts at the same place, and add that.",
                "If your shop or your site does it, list it under `external`.",
            ),
        ),
    },
)

_SURE = 0.9
_QUITE = 0.8
_LIKELY = 0.7
_GIVES = (Effect.ADDS_TAG, Effect.ENROLS, Effect.JOINS_FORM)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each missing step, and one for each object that the other undeclared links begin with."""
    people = graph.timestamps
    unknown: dict[Key, list[ObservedLink]] = {}
    behind = {(link.source, link.target) for link in people.links.values()}
    for link in graph.timed.unexplained:
        if len(people.took(link, recent=True)) < Timestamps.MIN_PEOPLE or _has_another_cause(graph, people, link):
            continue
        flow = _lacks_step(graph, link, behind)
        if flow:
            yield _missing(graph, people, flow, link)
        else:
            unknown.setdefault(link.source, []).append(link)
    for source, links in unknown.items():
        yield _finding(graph, people, source, links)


def _has_another_cause(graph: Graph, people: Timestamps, link: ObservedLink) -> bool:
    """True when something that the manifest has gives the target, and the link is not quite sure, or one in ten of these people has what
    leads there according to the manifest."""
    gives = {cause.source for effect in _GIVES for cause in graph.causes.of(effect, link.target)}
    ways = [other for other in graph.timed.declared if other.target == link.target]
    if gives and (link.confidence < _QUITE or any(other.unsure for other in ways) or gives - {other.cause for other in ways}):
        return True  # what leads there may have left no timestamps
    takers = people.of(link.target).having(people.took(link))
    rest = takers
    for other in ways:
        if len(rest):
            rest = rest.lacking(people.of(other.source).gaps_to(takers).after())
    return 10 * len(rest) < 9 * len(takers)


def _lacks_step(graph: Graph, link: ObservedLink, behind: Set[tuple[Key, Key]]) -> Flow | None:
    """The automation in which the step must be that gives the target, None when it may be elsewhere."""
    if link.confidence < _LIKELY:
        return None
    steps = [step for step in graph.timed.steps if link.source in (item.key for item in step.before)]
    around = {step.flow.index: step.flow for step in steps if (link.target, step.key) in behind}
    if len(around) == 1:
        return next(iter(around.values()))
    if link.source.kind is not Kind.SEQUENCE:
        return None  # an automation that nobody listed may start with it
    return next((step.flow for step in graph.timed.steps if step.key == link.source and step.own), None)


def _missing(graph: Graph, people: Timestamps, flow: Flow, link: ObservedLink) -> Finding:
    source, target = graph.object(link.source), graph.object(link.target)
    does = "add the tag" if link.target.kind is Kind.TAG else "put people into the sequence"
    node = next((node for node in flow.nodes.values() if node.target == link.source), None)
    return Finding(
        object=flow.object,
        message=f"{link.support} people ({link.share:.0%} of those who could) got “{target.name}” behind “{source.name}”, {_when(link)}, and the manifest "
        f"does not say that “{flow.name}” or anything else would {does}. A step is missing there, or another automation does it.",
        variant="step-missing",
        confidence=Confidence.LIKELY if link.confidence >= _SURE else Confidence.POSSIBLE,
        related=(source, target),
        path=(node.path_step("the missing step comes behind this"),) if node else (),
        people=link.support,
        people_who="took a step that the manifest does not have",
        location=node.location if node else None,
    )


def _when(link: ObservedLink) -> str:
    return f"usually {duration(link.delay_seconds)} later" if link.delay_seconds else "usually in the same second"


def _finding(graph: Graph, people: Timestamps, source: Key, links: list[ObservedLink]) -> Finding:
    named, most = graph.object(source), max(links, key=lambda link: link.support)
    targets = [graph.object(link.target) for link in links]
    starts = [flow.object for flow in graph.flows if flow.active and any(node.target == source for node in flow.nodes.values())]
    step = ", or a step of " + name_list((item.name for item in starts), last="or") if starts else ""
    last = spell_date(graph.day(people.took(most, recent=True).dates[1]))
    first = graph.object(most.target)
    others = f" The same goes for {name_list([item.name for item in targets if item != first])}." if len(targets) > 1 else ""
    return Finding(
        object=named,
        variant="not-listed",
        message=f"{most.support} people ({most.share:.0%} of those who could) got “{first.name}” directly after “{named.name}”, {_when(most)}, the "
        f"last of them on {last}, and nothing in the manifest does that.{others} An automation, a rule or a tool outside Kit is missing in the manifest{step}, and nobody has checked it.",
        confidence=Confidence.LIKELY if most.confidence >= _SURE else Confidence.POSSIBLE,
        related=(*targets, *starts),
        people=most.support,
        people_who="took this way, as their timestamps show",
    )
