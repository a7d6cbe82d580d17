"""Automations of which only the name is known: which of them to describe next."""

from __future__ import annotations

from collections import defaultdict

from ckaudit.graph.graph import Graph
from ckaudit.model.names import words
from ckaudit.model.refs import Key, Kind

_EMPTY = {"and", "the", "for", "of", "to", "a", "automation", "sequence", "tag", "form", "new", "old"}
_DATED = (Kind.TAG, Kind.FORM, Kind.SEQUENCE)


def worth_describing(graph: Graph) -> tuple[str, ...]:
    """The names, first those that share words with what is sold and gives access, then those that share words with whatever has most
    people: those who came in the last weeks, where timestamps were read, else all that there are."""
    undescribed = graph.manifest.undescribed
    if not undescribed:
        return ()
    people: defaultdict[str, int] = defaultdict(int)
    sold = {word for item in graph.all_memberships for word in words(item.name)} - _EMPTY
    asked = {word for item in undescribed for word in words(item.name)} - _EMPTY
    for key in graph.lookup.objects:
        shared = asked.intersection(words(graph.object(key).name))
        count = _people(graph, key) if shared else 0
        for word in shared:
            people[word] = max(people[word], count)

    def worth(name: str) -> tuple[bool, int]:
        mine = set(words(name)) - _EMPTY
        return not mine.isdisjoint(sold), max((people[word] for word in mine), default=0)

    names = [item.name for item in undescribed]
    return tuple(sorted(names, key=lambda name: (*(-int(part) for part in worth(name)), name)))


def _people(graph: Graph, key: Key) -> int:
    """How many people an object got in the last 90 days, imports apart; where that was not read, how many it has."""
    if graph.has_timestamps and key.kind in _DATED:
        return len(graph.timestamps.recent(key))
    return graph.people(key) or 0
