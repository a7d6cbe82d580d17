"""Automations of which only the name is known: which of them to describe next."""

from __future__ import annotations

from collections import defaultdict

from ckaudit.graph.graph import Graph
from ckaudit.model.names import words

_EMPTY = {"and", "the", "for", "of", "to", "a", "automation", "sequence", "tag", "form", "new", "old"}


def worth_describing(graph: Graph) -> tuple[str, ...]:
    """The names, first those that share words with what has most people, what is sold counting before all else."""
    people: defaultdict[str, int] = defaultdict(int)
    sold = {word for item in graph.all_memberships for word in words(item.name)} - _EMPTY
    for key in graph.lookup.objects:
        count = graph.people(key) or 0
        for word in words(graph.object(key).name) if count else ():
            people[word] = max(people[word], count)

    def worth(name: str) -> tuple[bool, int]:
        mine = set(words(name)) - _EMPTY
        return not mine.isdisjoint(sold), max((people[word] for word in mine if word in people), default=0)

    names = [item.name for item in graph.manifest.undescribed]
    return tuple(sorted(names, key=lambda name: (*(-int(part) for part in worth(name)), name)))
