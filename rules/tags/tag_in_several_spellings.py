"""Finds tags whose names differ only in spelling.

What it finds
-------------
Two or more tags of the account with the same name but for capital letters, spaces and punctuation, such as “Newsletter”, “news letter” and
“NEWSLETTER”. All of them are one finding.

Why it matters
--------------
For Kit they are different tags, and people are spread over them. Whoever chooses one of them for a broadcast, an automation or an
exclusion misses the people of the others, and sees nothing of it.

How to fix it in Kit
--------------------
1. Choose the spelling that stays: best the one that automations, shops and emails use.
2. Look what starts when it is added: people who get it now set that off. If that must not be, pause it first.
3. In Grow → Subscribers filter by each other spelling, select everybody, and add the tag that stays (bulk action).
4. Let every automation, form and tool add the tag that stays, and take the others off.

When to ignore it
-----------------
They mean different things. It cannot see what you mean by a tag, and which of them your broadcasts go to.

Sources
-------
- Tags are told apart by their exact names: https://help.kit.com/en/articles/4257108
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Finding,
    Graph,
    Key,
    Kind,
    Need,
    Options,
    Rule,
    Sameness,
    Severity,
    Theme,
    name_list,
)

RULE = Rule(
    code="CK601",
    name="tag-in-several-spellings",
    title="The same tag is there in several spellings",
    passing="No tag is there in two spellings",
    severity=Severity.INFO,
    theme=Theme.TAGS,
    needs=(Need.TAGS,),
    checks=Kind.TAG,
    effort_minutes=20,
    unseen="timestamps do not show names",
    yields_to=("CK320",),
    nothing="the account has no tags",
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for all of them."""
    groups = dict.fromkeys(_group(graph, key) for key in judged(graph))
    several = [group for group in groups if len(group) > 1]
    if several:
        yield _finding(graph, several)


def judged(graph: Graph) -> Iterable[Key]:
    """The tags."""
    return [tag.key for tag in graph.account.tags]


def _group(graph: Graph, key: Key) -> tuple[Key, ...]:
    """The tag and those that differ from it in spelling alone."""
    twins = [twin for twin, kind in graph.names.twins(key) if kind is Sameness.SPELLING]
    return tuple(sorted((key, *twins), key=lambda key: (-(graph.people(key) or 0), str(key.id).zfill(20))))


def _finding(graph: Graph, groups: list[tuple[Key, ...]]) -> Finding:
    tags = [key for group in groups for key in group]
    first = [graph.object(key).name for key in groups[0]]
    more = len(groups) - 1
    others = f", and {more} more {'tags are' if more > 1 else 'tag is'} spread like that" if more else ""
    return Finding(
        object=graph.object(tags[0]),
        message=f"{name_list(first, most=4)} are {len(first)} tags for Kit{others}. Who chooses one of them misses the people of the others.",
        related=tuple(map(graph.object, tags[1:])),
    )
