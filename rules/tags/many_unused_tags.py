"""Finds accounts with many tags that nobody needs.

What it finds
-------------
Fifty or more tags (``at_least``) that two people at most have and that nothing known uses: no automation, rule, form, integration, webhook or exclusion,
no email that asks for them, and no offering. Tags of the last 90 days are left out. All of them are one finding.

Why it matters
--------------
Whoever looks for the right tag in a list of hundreds finds the wrong one. Old tags of clicks and launches are chosen by mistake, and the
emails go to two people instead of two thousand.

How to fix it in Kit
--------------------
1. In Grow → Subscribers look through the list of tags, beginning with those named in this finding.
2. Delete those of old launches and links that nobody needs any more. A deleted tag is taken off everybody.
3. Give the others a beginning that says what they belong to, such as “Course A: ”.

When to ignore it
-----------------
Something the manifest leaves out uses them. It cannot see which tags your broadcasts and segments go to.

Sources
-------
- Deleting a tag takes it off everybody: https://help.kit.com/en/articles/4257108
- Counts of tags: the API's ``subscriber_count`` (active people only, some minutes late)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Annotated

import msgspec

from ckaudit.rule import (
    Confidence,
    Finding,
    Graph,
    Key,
    Kind,
    Need,
    Options,
    Rule,
    Severity,
    Theme,
    name_list,
)


class UnusedTagsOptions(Options, frozen=True):
    """When many are too many."""

    at_least: Annotated[int, msgspec.Meta(ge=1, description="So many unused tags are a finding.")] = 50


RULE = Rule(
    code="CK602",
    name="many-unused-tags",
    title="Many tags are used by nothing and nobody",
    passing="Few tags are used by nothing and nobody",
    severity=Severity.INFO,
    theme=Theme.TAGS,
    confidence=Confidence.LIKELY,
    needs=(Need.TAGS, Need.SEQUENCES, Need.SEQUENCE_EMAILS, Need.SNIPPETS, Need.WEBHOOKS, Need.AUTOMATIONS),
    checks=Kind.TAG,
    effort_minutes=60,
    options=UnusedTagsOptions,
    unseen="links between people's timestamps do not say what a tag is for",
    nothing="the account has no tags",
)

SETTLED = dt.timedelta(days=90)
MAX_PEOPLE = 2
MAX_LISTED = 20


def check(graph: Graph, options: UnusedTagsOptions) -> Iterator[Finding]:
    """One finding for all of them."""
    asked = {test.name for document in graph.contents.documents for test in document.tag_tests}
    named = {role.object.key for role in graph.roles}
    unused = [key for key in judged(graph) if key not in named and graph.object(key).name not in asked and _is_unused(graph, key)]
    if len(unused) >= options.at_least:
        names = name_list((graph.object(key).name for key in unused), most=3)
        yield Finding(
            object=graph.account_object,
            message=f"{len(unused)} of the {len(graph.account.tags)} tags belong to nobody or to {MAX_PEOPLE} people at most, and nothing known uses "
            f"them: {names}.{graph.open_world_note}",
            confidence=graph.closed_world,
            related=tuple(map(graph.object, unused[:MAX_LISTED])),
        )


def judged(graph: Graph) -> Iterable[Key]:
    """The tags."""
    return [tag.key for tag in graph.account.tags]


def _is_unused(graph: Graph, tag: Key) -> bool:
    made, people = graph.made(tag), graph.people(tag)
    old = made is not None and graph.now - made > SETTLED
    return old and people is not None and people <= MAX_PEOPLE and not graph.network.degree(tag)
