"""Conditions that keep people off a step: "only who has the tag comes here", "only who lacks it".

A way through a flow takes sides: yes or no of a condition, one path of a split. A step is guarded by a tag when every way to it, goals'
pull included, takes a side that asks for the tag, or a side that asks for its absence.
"""

from __future__ import annotations

from typing import NamedTuple

import networkx as nx

from ckaudit.graph.flow import Flow, FlowNode
from ckaudit.model.automations import ConditionKind, If, Split
from ckaudit.model.refs import Key


class Demand(NamedTuple):
    """What a side asks for: that a person has this tag, or that she lacks it."""

    tag: Key
    held: bool


def demands(flow: Flow, node: FlowNode) -> tuple[Demand, ...]:
    """What everybody who comes to this step has met on the way: a tag he has, or lacks. In the order of the file."""
    asked: dict[tuple[str, str], frozenset[Demand]] = {}
    for other in flow.before(node):
        asked.update(_sides(flow, other))
    found = dict.fromkeys(demand for several in asked.values() for demand in sorted(several))
    return tuple(demand for demand in found if _is_needed(flow, node, {edge for edge, several in asked.items() if demand in several}))


def open_conditions(flow: Flow, node: FlowNode) -> tuple[FlowNode, ...]:
    """Conditions in front of this step on whose outcome it depends whether people come to it, in the order of the file."""
    return tuple(
        other
        for other in flow.before(node)
        if isinstance(other.step, If | Split)
        and any(next_id != node.id and node.id not in nx.descendants(flow.graph, next_id) for next_id in flow.graph.successors(other.id))
    )


def _is_needed(flow: Flow, node: FlowNode, edges: set[tuple[str, str]]) -> bool:
    graph = nx.DiGraph(flow.graph)
    graph.remove_edges_from(edges)
    graph.add_edges_from((place, goal) for place, goals in flow.pulls.items() for goal in goals)
    return not any(nx.has_path(graph, root.id, node.id) for root in (*flow.entries, flow.start))


def _sides(flow: Flow, node: FlowNode) -> dict[tuple[str, str], frozenset[Demand]]:
    """What each edge out of a condition asks for. An edge that two sides share asks for nothing."""
    match node.step:
        case If(test=test, then=then, otherwise=otherwise) if test.kind is ConditionKind.TAG and test.ref:
            tag = test.ref.key
            sides = [("then", bool(then), {Demand(tag, True)}), ("else", bool(otherwise), {Demand(tag, False)})]
        case Split(paths=paths):
            sides, passed = [], set[Demand]()
            for number, side in enumerate(paths):
                own = {Demand(side.tag.key, True)} if side.tag else set()
                sides.append((f"path{number}", bool(side.steps), passed | own))
                passed |= {Demand(side.tag.key, False)} if side.tag else set()
            if all(side.tag for side in paths):
                sides.append(("none", False, passed))
        case _:
            return {}
    straight = [asked for _, filled, asked in sides if not filled]
    result: dict[tuple[str, str], frozenset[Demand]] = {}
    for successor in flow.graph.successors(node.id):
        inside = [asked for name, filled, asked in sides if filled and successor.startswith(f"{node.id}/{name}/")]
        asked = inside[0] if inside else set[Demand].intersection(*straight) if straight else set()
        result[node.id, successor] = frozenset(asked)
    return result
