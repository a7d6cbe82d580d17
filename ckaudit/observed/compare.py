"""Declared links against observed ones."""

from __future__ import annotations

from collections.abc import Container, Iterable

from ckaudit.model.links import ComparedLink, DeclaredLink, ObservedLink
from ckaudit.model.refs import Key


def compare(observed: Iterable[ObservedLink], declared: Iterable[DeclaredLink]) -> tuple[ComparedLink, ...]:
    """One entry per pair, ordered by source and target.

    A declared link that was not observed is left out when it need not have a trace: it touches a tag that something removes, or goes past
    one whose timestamps turn out to be there.
    """
    seen = {(link.source, link.target): link for link in observed}
    said: dict[tuple[Key, Key], list[DeclaredLink]] = {}
    for link in declared:
        said.setdefault((link.source, link.target), []).append(link)
    pairs = [*seen, *(pair for pair, links in said.items() if pair not in seen and any(_leaves_trace(link, seen) for link in links))]
    compared = (ComparedLink(*pair, seen.get(pair), tuple(said.get(pair, ()))) for pair in pairs)
    return tuple(sorted(compared, key=lambda link: (_order(link.source), _order(link.target))))


def unexplained(
    compared: Iterable[ComparedLink], declared: Iterable[DeclaredLink], from_outside: Container[Key]
) -> tuple[ObservedLink, ...]:
    """The observed links that nothing declared explains, neither directly nor over several steps, in their order.

    ``from_outside``: what a shop, a site or somebody's bulk work is known to give; a link to one of these explains nothing.
    """
    reached = over_steps(declared)
    return tuple(
        link.observed
        for link in compared
        if link.observed and not link.declared and link.target not in reached.get(link.source, ()) and link.target not in from_outside
    )


def over_steps(declared: Iterable[DeclaredLink]) -> dict[Key, set[Key]]:
    """For each object everything that follows it over any number of declared links."""
    following: dict[Key, set[Key]] = {}
    for link in declared:
        following.setdefault(link.source, set()).add(link.target)
    found: dict[Key, set[Key]] = {}
    for source in following:
        seen: set[Key] = set()
        todo = [source]
        while todo:
            fresh = following.get(todo.pop(), set()) - seen
            seen |= fresh
            todo += fresh
        found[source] = seen
    return found


def _leaves_trace(link: DeclaredLink, seen: Iterable[tuple[Key, Key]]) -> bool:
    if link.unsure:
        return False
    return not any((link.source, tag) in seen for tag in link.past)


def _order(key: Key) -> tuple[str, str, str]:
    return key.kind, str(key.id).zfill(20), str(key.id)
