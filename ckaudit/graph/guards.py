"""Conditions that keep people off a step: "only who has the tag comes here", "only who lacks it".

A path through a flow takes branches: yes or no of a condition, one path of a split. A step is guarded by a tag when every path to it,
goals' pull included, takes a branch that asks for the tag, or a branch that asks for its absence.
"""

from __future__ import annotations

from typing import NamedTuple

from ckaudit.graph.flow import Flow
from ckaudit.graph.nodes import FlowNode, NodeKind
from ckaudit.graph.paths import DAY
from ckaudit.model.refs import Key
from ckaudit.model.steps import AnyStep, ConditionKind, If, Split


class Demand(NamedTuple):
    """What a branch asks for: that a person has this tag, or that they lack it."""

    tag: Key
    held: bool


def demands(flow: Flow, node: FlowNode) -> tuple[Demand, ...]:
    """What everybody who comes to this step has met on the way: a tag they have, or lack. In the order of the file."""
    asked: dict[tuple[str, str], frozenset[Demand]] = {}
    for other in flow.before(node):
        asked.update(_demands_behind(flow, other))
    found = dict.fromkeys(demand for several in asked.values() for demand in sorted(several))
    return tuple(demand for demand in found if _is_needed(flow, node, {line for line, several in asked.items() if demand in several}))


def lacks_tag(flow: Flow, node: FlowNode, tag: Key) -> bool:
    """True when everybody who comes to this step was asked less than a day before whether they lack this tag, and does.

    A condition looks once: what it saw longer ago is no guard.
    """
    if Demand(tag, held=False) not in demands(flow, node):
        return False
    spans = (flow.time_between(other, node) for other in flow.before(node) if tag in other.tests)
    return any(span is not None and span.max_seconds < DAY and not span.open_ended for span in spans)


def has_tag(flow: Flow, node: FlowNode, tag: Key) -> bool:
    """True when everybody who comes to this step was asked whether they have this tag, and does."""
    return Demand(tag, held=True) in demands(flow, node)


def open_conditions(flow: Flow, node: FlowNode) -> tuple[FlowNode, ...]:
    """Conditions in front of this step on whose outcome it depends whether people come to it, in the order of the file."""
    return tuple(
        other
        for other in flow.before(node)
        if other.kind is NodeKind.CONDITION and any(after is not node and node.id not in flow.walk(after) for after in flow.next[other.id])
    )


def _is_needed(flow: Flow, node: FlowNode, lines: set[tuple[str, str]]) -> bool:
    """True when nobody comes to the node without these lines."""
    seen = {root.id for root in (*flow.entries, flow.start)}
    todo = list(seen)
    while todo:
        place = todo.pop()
        walked = {other for other in flow.lines[place] if (place, other) not in lines}
        fresh = walked.union(flow.pulls.get(place, ())) - seen
        seen |= fresh
        todo += fresh
    return node.id not in seen


def _demands_behind(flow: Flow, node: FlowNode) -> dict[tuple[str, str], frozenset[Demand]]:
    """What each line out of a condition asks for. A line that two branches share asks for nothing."""
    asked = _asked(node.step) if node.step else {}
    if not node.step or not asked:
        return {}
    straight = [asked[branch.id] for branch in node.step.branches if not branch.steps]
    shared = frozenset.intersection(*straight) if straight else frozenset[Demand]()
    return {(node.id, other.id): asked[other.branch] if other.parent == node.id else shared for other in flow.next[node.id]}


def _asked(step: AnyStep) -> dict[str, frozenset[Demand]]:
    """What each branch of a condition asks for, by the branch's id; nothing for other steps."""
    match step:
        case If(test=test) if test.kind is ConditionKind.TAG and test.ref:
            yes, no = step.branches
            tag = test.ref.key
            return {yes.id: frozenset({Demand(tag, held=True)}), no.id: frozenset({Demand(tag, held=False)})}
        case Split():
            result, passed = dict[str, frozenset[Demand]](), frozenset[Demand]()
            for branch in step.branches:
                own = frozenset({Demand(branch.tag.key, held=True)}) if branch.tag else frozenset[Demand]()
                result[branch.id] = passed | own
                passed |= {Demand(branch.tag.key, held=False)} if branch.tag else frozenset()
            return result
        case _:
            return {}
