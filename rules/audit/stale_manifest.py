"""Finds manifests that nobody has compared with Kit's screens for a while.

What it finds
-------------
The manifest says at its top when somebody last compared it with the screen ("checked:"). This rule reports a day that lies more than 90
days back (option ``days``). It also reports tags, forms and sequences that were made after that day and that the manifest does not name:
something may use them that it does not know.

Why it matters
--------------
Kit shows nobody its automations but you. If the manifest is old, this report judges automations as they were: it finds problems you have
mended, and it misses the one you built last week, in which buyers are stuck.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations in Kit and go through the list: status, entry, steps.
2. Open Automate → Rules and do the same.
3. Correct the manifest where it differs, and add what is new.
4. Write today's date as “checked:” at its top, even if nothing had changed.

When to ignore it
-----------------
The account is at rest, and nobody but you can change it.

Sources
-------
- The manifest, "checked"
- API: `tags[].created_at`, `forms[].created_at`, `sequences[].created_at`
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from ckaudit.rule import (
    Finding,
    Graph,
    Kind,
    Location,
    Need,
    NotEvaluatedError,
    ObjectRef,
    Options,
    Rule,
    Severity,
    Theme,
    Variant,
    name_list,
    spell_date,
)


class StaleOptions(Options, frozen=True):
    """How old is old."""

    days: Annotated[int, Meta(ge=1, description="So many days after the last comparison the manifest counts as old.")] = 90


RULE = Rule(
    code="CK902",
    name="stale-manifest",
    title="The manifest was not compared with Kit for a while",
    passing="The manifest was compared with Kit lately",
    severity=Severity.WARNING,
    theme=Theme.AUDIT,
    needs=(Need.MANIFEST,),
    checks=Kind.AUTOMATION,
    effort_minutes=30,
    options=StaleOptions,
    variants={
        "old": Variant("The manifest was not compared with Kit for a while"),
        "newer-objects": Variant(
            "The account has things the manifest does not know",
            Severity.INFO,
            (
                "Open Automate → Visual Automations, then Automate → Rules, and look which of them use the tags, forms and sequences named in this finding.",
                "Add to the manifest what you find, or nothing if nothing uses them.",
                "Write today's date as “checked:” at its top.",
            ),
        ),
    },
)


def check(graph: Graph, options: StaleOptions) -> Iterator[Finding]:
    """At most one finding."""
    if graph.manifest.checked is None:
        raise NotEvaluatedError(
            "the manifest does not say when it was compared with Kit: write “checked: 2026-11-20” at its top", (Need.MANIFEST,)
        )
    checked = dt.date.fromisoformat(graph.manifest.checked)
    age = (graph.day(graph.now) - checked).days
    fresh = _newer(graph, checked)
    if age > options.days or fresh:
        yield _finding(graph, checked, age, age > options.days, fresh)


def judged(graph: Graph) -> Iterator[ObjectRef]:
    """The manifest itself."""
    yield from (ObjectRef("manifest", file) for file in graph.manifest.files)


def _newer(graph: Graph, checked: dt.date) -> list[ObjectRef]:
    """Tags, forms and sequences made after that day that the manifest does not name."""
    named = {ref.key for ref in graph.manifest.references}
    account = graph.account
    keys = [item.key for group in (account.tags, account.forms, account.sequences) for item in group]
    return [graph.object(key) for key in keys if key not in named and (made := graph.made(key)) and graph.day(made) > checked]


def _finding(graph: Graph, checked: dt.date, age: int, old: bool, fresh: list[ObjectRef]) -> Finding:
    file = graph.manifest.files[0]
    when = f"The manifest was last compared with Kit on {spell_date(checked)}"
    names = name_list(item.name for item in fresh)
    made = f"{names} {'were' if len(fresh) > 1 else 'was'} made since, and the manifest does not name {'them' if len(fresh) > 1 else 'it'}."
    return Finding(
        object=ObjectRef("manifest", re.split(r"[\\/]", file)[-1]),
        message=f"{when}, {age} days ago. What was changed since is judged as it was.{' ' + made if fresh else ''}"
        if old
        else f"{when}. {made}",
        variant="old" if old else "newer-objects",
        related=tuple(fresh),
        location=Location(file),
    )
