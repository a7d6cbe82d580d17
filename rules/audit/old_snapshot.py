"""Finds accounts that were read more than a month ago.

What it finds
-------------
A snapshot whose day of reading lies more than 31 days back (option ``days``). The day is beside the snapshot (reading.json), or with its
timestamps (events.npz). An account that is read live is never old.

What it cannot see: a snapshot that is an account.json alone does not say when it was read. Then the rule is not evaluated.

Why it matters
--------------
Everything in this report is true of that day. What somebody built, paused or broke since is not in it, and “in the last 90 days” means the
90 days before it. Whoever acts on it may mend what is mended already, and miss that buyers stand before a locked door since last week.

How to fix it in Kit
--------------------
1. Nothing has to be changed in Kit. Read the account again into the same folder: `ckaudit pull -o` and the folder of the snapshot.
2. Audit it again, and compare both results: `ckaudit diff` shows what is new and what is put right.

When to ignore it
-----------------
You want to see how the account was then: before a launch, or when a mistake began.

Sources
-------
- `reading.json` and `events.npz` of the snapshot
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from ckaudit.rule import Finding, Graph, Kind, Need, NotEvaluatedError, Options, Rule, Severity, Theme, spell_date


class AgeOptions(Options, frozen=True):
    """How old is old."""

    days: Annotated[int, Meta(ge=1, description="So many days after it was read a snapshot counts as old.")] = 31


RULE = Rule(
    code="CK905",
    name="old-snapshot",
    title="The account was read more than a month ago",
    passing="The account was read lately",
    severity=Severity.WARNING,
    theme=Theme.AUDIT,
    needs=(Need.ACCOUNT,),
    checks=Kind.ACCOUNT,
    effort_minutes=5,
    options=AgeOptions,
)


def check(graph: Graph, options: AgeOptions) -> Iterator[Finding]:
    """At most one finding."""
    day = graph.account.read_on
    if day is None:
        raise NotEvaluatedError("nobody wrote down when the account was read; `ckaudit pull` does", (Need.ACCOUNT,))
    age = (graph.now.date() - day).days
    if age > options.days:
        yield Finding(
            object=graph.account_object,
            message=f"The account was read on {spell_date(day)}, {age} days ago. This report says how it was then; what was changed since is "
            "not in it.",
        )
