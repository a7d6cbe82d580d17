"""Everything that can follow, without when: one answer for all that set each other off, made once for the account.

Each automation, rule and form is a node, with an edge to what its live causes let people into. Those that reach each other reach the same,
so the question is answered once for each strongly connected component, as the bits of a number: thousands of automations that all set each
other off cost no more than as many that do not. Bits are counted anew for each group of units that have to do with each other: most
accounts are many small groups, and their numbers stay small.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ckaudit.graph.causes import Cause
from ckaudit.model.refs import Key

if TYPE_CHECKING:
    import networkx as nx


class Reached(NamedTuple):
    """Some causes: a bit for each, and the place of the first bit's cause among all."""

    first: int
    bits: int


class Reach:
    """Unit -> the causes that can follow when people come into it.

    ``inside`` are the causes of each unit that people come to, ``onwards`` the units that a cause lets people into.
    """

    def __init__(self, inside: Mapping[Key, Sequence[Cause]], onwards: Callable[[Cause], Iterable[Key]]) -> None:
        import networkx as nx  # late: rules are explained without it

        net: nx.DiGraph[Key] = nx.DiGraph()
        net.add_nodes_from(inside)
        net.add_edges_from((unit, other) for unit, own in inside.items() for cause in own for other in onwards(cause) if other in inside)
        self._causes: list[Cause] = []
        self._reached: dict[Key, Reached] = {}
        self._listed: dict[Reached, tuple[Cause, ...]] = {}
        bits: dict[Key, int] = {}
        for related in nx.weakly_connected_components(net):
            first = len(self._causes)
            for unit in related:
                bits[unit] = ((1 << len(inside[unit])) - 1) << (len(self._causes) - first)
                self._causes += inside[unit]
            found = _closed(net.subgraph(related), bits) if len(related) > 1 else {unit: bits[unit] for unit in related}
            self._reached |= {unit: Reached(first, all_) for unit, all_ in found.items()}
        self._places = {cause.number: place for place, cause in enumerate(self._causes)}

    def reached(self, units: Iterable[Key]) -> Reached:
        """What can follow when people come into one of these."""
        found = {self._reached[unit] for unit in units if unit in self._reached}
        first = min((one.first for one in found), default=0)
        bits = 0
        for one in found:
            bits |= one.bits << (one.first - first)
        return Reached(first, bits)

    def holds(self, reached: Reached, cause: Cause) -> bool:
        """True when this cause is among them."""
        place = self._places.get(cause.number, -1) - reached.first
        return place >= 0 and bool(reached.bits >> place & 1)

    def causes(self, reached: Reached) -> tuple[Cause, ...]:
        """The causes of these bits, in the order of the manifest."""
        if reached not in self._listed:
            found = (self._causes[reached.first + place] for place in _places(reached.bits))
            self._listed[reached] = tuple(sorted(found, key=lambda cause: cause.number))
        return self._listed[reached]


def _closed(net: nx.DiGraph[Key], bits: Mapping[Key, int]) -> dict[Key, int]:
    """For units that have to do with each other: the bits of everything each of them reaches."""
    import networkx as nx

    components: nx.DiGraph[int] = nx.condensation(net)
    reached: dict[int, int] = {}
    found: dict[Key, int] = {}
    for component in reversed(list(nx.topological_sort(components))):
        members = components.nodes[component]["members"]
        all_ = 0
        for unit in members:
            all_ |= bits[unit]
        for other in components.successors(component):
            all_ |= reached[other]
        reached[component] = all_
        found.update(dict.fromkeys(members, all_))
    return found


def _places(bits: int) -> Iterator[int]:
    """The places of the bits that are set, from the lowest."""
    digits = bin(bits)[:1:-1]
    place = digits.find("1")
    while place >= 0:
        yield place
        place = digits.find("1", place + 1)
