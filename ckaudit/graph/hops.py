"""Who sets off whom: each way in which an automation or rule starts the next automation or fires the next rule."""

from __future__ import annotations

from collections import defaultdict

import msgspec

from ckaudit.graph.causes import Cause
from ckaudit.graph.lookup import Lookup
from ckaudit.graph.nodes import FlowNode
from ckaudit.graph.reactions import Reactions
from ckaudit.model.refs import Key
from ckaudit.model.steps import Delay, Enrol
from ckaudit.model.triggers import Trigger, TriggerKind


class Hop(msgspec.Struct, frozen=True, eq=False):
    """One stretch of a cycle: ``unit`` does ``cause``, which is the next unit's ``trigger`` (None: it is started directly).

    ``seconds`` is the minimum of planned time before the next unit begins, ``instant`` tells that nobody waits in a delay, sequence or
    goal until then.
    """

    unit: Key
    cause: Cause
    trigger: Trigger | None
    seconds: int
    instant: bool


def hops_of(reactions: Reactions, lookup: Lookup) -> dict[Key, dict[Key, list[Hop]]]:
    """unit -> unit it sets off -> the ways it does."""
    links: defaultdict[Key, defaultdict[Key, list[Hop]]] = defaultdict(lambda: defaultdict(list))
    for cause in reactions.causes.all:
        unit = cause.unit
        if not cause.live or unit is None:
            continue
        set_off = list(reactions.to(cause))
        before = time_before(cause) if set_off else None
        if before is None:
            continue
        seconds, instant = before
        for target, trigger in set_off:
            completes = trigger is not None and trigger.kind is TriggerKind.COMPLETES_SEQUENCE
            inside = lookup.timing(cause.target).planned if completes and cause.node else 0
            links[unit][target].append(Hop(unit, cause, trigger, seconds + inside, instant and not completes))
    return {unit: dict(targets) for unit, targets in links.items()}


def time_before(cause: Cause) -> tuple[int, bool] | None:
    """The minimum of planned seconds inside the unit, and whether it needs no waiting; None when nobody comes to the step."""
    flow, node = cause.flow, cause.node
    if flow is None or node is None:
        return cause.after, not cause.after
    spans = [span for root in flow.roots if (span := flow.time_between(root, node))]
    if not spans:
        # only a goal's pull leads here
        return (0, False) if cause.reached else None
    straight = [flow.time_between(root, node, avoiding=is_waiting) for root in flow.roots]
    return min(span.min_seconds for span in spans), any(straight)


def is_waiting(node: FlowNode) -> bool:
    """True where a person can wait: a delay, a sequence, a goal."""
    return node.is_event or isinstance(node.step, Delay | Enrol)
