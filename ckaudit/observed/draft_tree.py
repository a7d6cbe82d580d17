"""Which object everybody passes on the way to another: the tree that drafts are cut from.

What follows one thing belongs behind it. What follows several belongs behind whatever all of its people had before: two ways of one
condition meet again, and what several automations lead to is the start of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from ckaudit.model.result import Link
from ckaudit.observed.chains import ENTRIES, Place, place_of

if TYPE_CHECKING:
    import networkx as nx

MINOR = 0.1
"""Share of an object's people below which a link says nothing about where it belongs: late ones, or a coincidence."""
CLOSE = 0.03
"""Two shares no further apart are those of the same people."""
_ROOT: Place = ("", None)


class Tree(msgspec.Struct, frozen=True):
    """``above``: what is passed before each object, None for what starts something. ``into``: the links to each object, those with most
    people first. ``home``: for each object but those starts the link by which it belongs behind what is above. ``out``: for each object
    the links that are followed from there: to what belongs behind it, and to strangers that it gives, too. ``spans``: see ``is_below``.
    """

    above: Mapping[Place, Place | None]
    into: Mapping[Place, Sequence[Link]]
    spans: Mapping[Place, tuple[int, int]]
    home: Mapping[Place, Link] = {}
    out: Mapping[Place, Sequence[Link]] = {}

    def is_below(self, place: Place, other: Place) -> bool:
        """True when everybody passes the other one first, or it is the same."""
        begin, end = self.spans[other]
        return begin <= self.spans[place][0] < end

    def is_stray(self, link: Link) -> bool:
        """True where a few come by another step of what leads there anyway: those whose own step left no trace, or came late."""
        place = place_of(link.target)
        return link not in main(self.into[place]) and self.start(place_of(link.source)) == self.start(place)

    def start(self, place: Place) -> Place:
        """What everything above an object begins with."""
        while (above := self.above[place]) is not None:
            place = above
        return place

    def meeting(self, place: Place) -> list[Link]:
        """The links by which people come to an object from what is passed before it, or from what follows that."""
        above = self.above[place]
        return [link for link in main(self.into.get(place, ())) if above is not None and self.is_below(place_of(link.source), above)]


def main(links: Sequence[Link]) -> list[Link]:
    """The links to one object by which enough of its people came."""
    people = sum(link.support for link in links)
    return [link for link in links if link.support >= MINOR * people]


def tree_of(links: Iterable[Link]) -> Tree:
    """The tree of all objects that these links touch."""
    into: dict[Place, list[Link]] = defaultdict(list)
    for link in sorted(links, key=lambda link: -link.support):
        into[place_of(link.target)].append(link)
    above = _above(into)
    tree = Tree(above, into, _spans(above))
    home: dict[Place, Link] = {}
    out: dict[Place, list[Link]] = defaultdict(list)
    for place in into:
        belongs, meeting = above[place], tree.meeting(place)
        if belongs is not None and meeting:
            home[place] = next((link for link in meeting if place_of(link.source) == belongs), meeting[0])
            out[belongs].append(home[place])
        for link in _by_strangers(tree, place):
            out[place_of(link.source)].append(link)
    return Tree(above, into, tree.spans, home, out)


def _by_strangers(tree: Tree, place: Place) -> Iterator[Link]:
    """The links by which what stands elsewhere gives an object, too; a way back to what comes before is none."""
    above = tree.above[place]
    for link in tree.into[place]:
        source = place_of(link.source)
        if not tree.is_below(source, place) and not (above is not None and tree.is_below(source, above)) and not tree.is_stray(link):
            yield link


def _above(into: Mapping[Place, Sequence[Link]]) -> dict[Place, Place | None]:
    """What is passed before each object. What several things lead to starts something, but for a sequence, with which no automation starts,
    and where so many go on as most came by one of these: then it was they. Such stay with most of their people."""
    import networkx as nx  # late: whoever makes no drafts does not load it

    network: nx.DiGraph[Place] = nx.DiGraph()
    for place, links in into.items():
        network.add_nodes_from(place_of(link.source) for link in links)
        network.add_edges_from((place_of(link.source), place) for link in main(links))
    _start(network)
    passed = nx.immediate_dominators(network, _ROOT)
    above = {place: None if passed[place] == _ROOT else passed[place] for place in network if place != _ROOT}
    shares: dict[Place, float] = defaultdict(float)
    for link in (link for links in into.values() for link in main(links)):
        shares[place_of(link.source)] = max(shares[place_of(link.source)], link.share)
    for place, links in into.items():
        if above[place] is None and (place[0] not in ENTRIES or 0.5 < shares[place] <= part_of_most(links) + CLOSE):
            sources = (place_of(link.source) for link in links)
            above[place] = next((source for source in sources if not _is_above(above, place, source)), None)
    return above


def part_of_most(links: Sequence[Link]) -> float:
    """Which part of an object's people came by the link that most came by."""
    return links[0].support / sum(link.support for link in links)


def _is_above(above: Mapping[Place, Place | None], place: Place, other: Place | None) -> bool:
    while other is not None and other != place:
        other = above[other]
    return other == place


def _start(network: nx.DiGraph[Place]) -> None:
    """Leads from the root to all that nothing leads to, and into each circle to what most follows of."""

    def order(place: Place) -> tuple[bool, bool, int, tuple[str, str]]:
        return network.in_degree(place) > 0, place[0] not in ENTRIES, -network.out_degree(place), _order(place)

    places, found = sorted(network, key=order), set[Place]()
    network.add_node(_ROOT)
    for first in places:
        if first in found:
            continue
        network.add_edge(_ROOT, first)
        todo = [first]
        while todo:
            place = todo.pop()
            if place not in found:
                found.add(place)
                todo += network[place]


def _order(place: Place) -> tuple[str, str]:
    return place[0], str(place[1]).zfill(20)


def _spans(above: Mapping[Place, Place | None]) -> dict[Place, tuple[int, int]]:
    """For each object its number in a walk through the tree, and the first number that is not below it."""
    below: dict[Place | None, list[Place]] = defaultdict(list)
    for place in sorted(above, key=_order):
        below[above[place]].append(place)
    begins: dict[Place, int] = {}
    spans: dict[Place, tuple[int, int]] = {}
    todo = [(place, False) for place in reversed(below[None])]
    while todo:
        place, is_over = todo.pop()
        if is_over:
            spans[place] = begins[place], len(begins)
        else:
            begins[place] = len(begins)
            todo += [(place, True), *((other, False) for other in reversed(below[place]))]
    return spans
