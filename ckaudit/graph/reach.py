"""Everything that can follow, without when: one answer for all that set each other off, made once for the account.

Each automation, rule and form is a node, with an edge to what its live causes let people into. Those that reach each other reach the same,
so the question is answered once for each strongly connected component, as the bits of a number: thousands of automations that all set each
other off cost no more than as many that do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ckaudit.graph.causes import Cause
from ckaudit.model.refs import Key

if TYPE_CHECKING:
    import networkx as nx


class Reach:
    """Unit -> the causes that can follow when people come into it.

    ``inside`` are the causes of each unit that people come to, ``onwards`` the units that a cause lets people into. ``causes`` are all, in
    the order of their numbers.
    """

    def __init__(self, causes: Sequence[Cause], inside: Mapping[Key, Sequence[Cause]], onwards: Callable[[Cause], Iterable[Key]]) -> None:
        import networkx as nx  # late: rules are explained without it

        self._causes = causes
        net: nx.DiGraph[Key] = nx.DiGraph()
        net.add_nodes_from(inside)
        net.add_edges_from((unit, other) for unit, own in inside.items() for cause in own for other in onwards(cause) if other in inside)
        components: nx.DiGraph[int] = nx.condensation(net)
        reached: dict[int, int] = {}
        self._bits: dict[Key, int] = {}
        for component in reversed(list(nx.topological_sort(components))):
            members = components.nodes[component]["members"]
            bits = sum(1 << cause.number for unit in members for cause in inside[unit])
            for other in components.successors(component):
                bits |= reached[other]
            reached[component] = bits
            self._bits.update(dict.fromkeys(members, bits))
        self._listed: dict[int, tuple[Cause, ...]] = {}

    def bits(self, units: Iterable[Key]) -> int:
        """What can follow when people come into one of these: a bit for the number of each cause."""
        bits = 0
        for unit in units:
            bits |= self._bits.get(unit, 0)
        return bits

    def causes(self, bits: int) -> tuple[Cause, ...]:
        """The causes of these bits, in the order of the manifest."""
        if bits not in self._listed:
            digits = bin(bits)[:1:-1]
            self._listed[bits] = tuple(self._causes[number] for number, digit in enumerate(digits) if digit == "1")
        return self._listed[bits]
