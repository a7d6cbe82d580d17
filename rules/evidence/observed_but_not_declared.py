"""Finds what your account does although the manifest does not say so.

What it finds
-------------
Links that the timestamps prove (at least twenty people got one thing directly after another, at least five of them in the last 90 days,
see ``ckaudit discover``) and that no automation, rule, form or integration of the manifest explains, neither directly nor over several
steps. One finding for each tag, form or sequence that such a link begins with.

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

from collections.abc import Iterator

from ckaudit.rule import (
    Confidence,
    Finding,
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
)

_SURE = 0.9


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each object that undeclared links begin with."""
    people = graph.timestamps
    unknown: dict[Key, list[ObservedLink]] = {}
    for link in graph.unexplained_links:
        if len(people.took(link, recent=True)) >= Timestamps.MIN_PEOPLE:
            unknown.setdefault(link.source, []).append(link)
    for source, links in unknown.items():
        yield _finding(graph, people, source, links)


def _finding(graph: Graph, people: Timestamps, source: Key, links: list[ObservedLink]) -> Finding:
    named, most = graph.object(source), max(links, key=lambda link: link.support)
    targets = [graph.object(link.target) for link in links]
    last = spell_date(graph.day(people.took(most, recent=True).dates[1]))
    when = f"{duration(most.delay_seconds)} later" if most.delay_seconds else "in the same second"
    first = graph.object(most.target)
    others = f" The same goes for {name_list([item.name for item in targets if item != first])}." if len(targets) > 1 else ""
    return Finding(
        object=named,
        message=f"{most.support} people ({most.share:.0%} of those who could) got “{first.name}” directly after “{named.name}”, usually {when}, the "
        f"last of them on {last}, and nothing in the manifest does that.{others} An automation, a rule or a tool outside Kit is missing in the manifest, and nobody has checked it.",
        confidence=Confidence.LIKELY if most.confidence >= _SURE else Confidence.POSSIBLE,
        related=tuple(targets),
        people=most.support,
        people_who="took this way, as their timestamps show",
    )
