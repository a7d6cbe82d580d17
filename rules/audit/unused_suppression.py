"""Finds suppressions that match no finding.

What it finds
-------------
An entry ``[[suppress]]`` of the configuration, or a comment ``# ckaudit: ignore`` in the manifest, whose rule ran to its end and found nothing
there. ckaudit itself compares them after all other rules are done; what was not judged is never called unused.

Why it matters
--------------
What it excused is mended, or the entry never meant the right object. It stays behind and would hide the problem if it came back.

How to fix it in Kit
--------------------
1. Nothing is to do in Kit. Delete the entry or the comment.
2. If it was meant for another object, correct the id: the id decides, not the name.

When to ignore it
-----------------
The problem comes and goes, and you know why.

Sources
-------
- The configuration and the manifest
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import Finding, Graph, Need, ObjectRef, Options, Rule, Severity, Theme

RULE = Rule(
    code="CK903",
    name="unused-suppression",
    title="A suppression matches no finding",
    passing="Every suppression is still needed",
    severity=Severity.INFO,
    theme=Theme.AUDIT,
    needs=(Need.SUPPRESSIONS,),
    nothing="nothing is suppressed",
    effort_minutes=1,
)


def check(graph: Graph, _options: Options) -> Iterator[Finding]:
    """One finding for each entry or comment that matches nothing."""
    for item in graph.suppressions.unused if graph.suppressions else ():
        if item.is_comment:
            text = f"The comment “ckaudit: ignore {' '.join(item.rules)}” matches no finding on the lines it covers."
        else:
            text = f"The suppression of {' '.join(item.rules)} matches no finding: {item.object} is fine."
        yield Finding(object=item.object, message=text, location=item.location)


def judged(graph: Graph) -> Iterable[ObjectRef]:
    """The suppressions of the configuration and of the manifest."""
    return [ObjectRef("suppression", str(number)) for number in range(graph.suppressions.count if graph.suppressions else 0)]
