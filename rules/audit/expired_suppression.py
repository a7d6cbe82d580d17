"""Finds suppressions whose last day is over while the problem is still there.

What it finds
-------------
An entry ``[[suppress]]`` with ``until`` in the past that still matches a finding. The finding itself is back too, and says why. ckaudit
compares them after all other rules are done.

Why it matters
--------------
Somebody accepted the problem for a time and meant to correct it by then.

How to fix it in Kit
--------------------
1. Mend what the finding says, and delete the entry.
2. If it has to wait longer, ask the owner of the entry and set a new day as ``until``.

When to ignore it
-----------------
Never; set a later day instead.

Sources
-------
- The configuration, ``until``
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import Finding, Graph, Need, ObjectRef, Options, Rule, Severity, Theme

RULE = Rule(
    code="CK904",
    name="expired-suppression",
    title="A suppression has expired and the problem is still there",
    passing="No suppression has expired",
    severity=Severity.WARNING,
    theme=Theme.AUDIT,
    needs=(Need.SUPPRESSIONS,),
    nothing="nothing is suppressed",
    effort_minutes=5,
)


def check(graph: Graph, _options: Options) -> Iterator[Finding]:
    """One finding for each entry whose last day is over."""
    for item in graph.suppressions.expired if graph.suppressions else ():
        yield Finding(
            object=item.object,
            message=f"The suppression of {' '.join(item.rules)} ended on {item.until}, and what it covered is still there. Its reason was "
            f"“{item.reason.strip().rstrip('.')}”.",
            location=item.location,
        )


def judged(graph: Graph) -> Iterable[ObjectRef]:
    """The suppressions of the configuration and of the manifest."""
    return [ObjectRef("suppression", str(number)) for number in range(graph.suppressions.count if graph.suppressions else 0)]
