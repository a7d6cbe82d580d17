"""What breaks if something is switched off, renamed or deleted: who names it, and everything that then happens to nobody any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from ckaudit.graph.causes import Cause
from ckaudit.graph.graph import Graph
from ckaudit.graph.inventory import uses_of_objects
from ckaudit.graph.misspelt import unknown
from ckaudit.graph.paths import Span
from ckaudit.graph.signals import Signal
from ckaudit.model.impact import Ends, Impact, Impacts
from ckaudit.model.inventory import Use
from ckaudit.model.refs import Key, Kind, ObjectRef, Ref
from ckaudit.model.result import Role
from ckaudit.model.roles import ROLE_WORDS, RoleName
from ckaudit.model.rules import NotEvaluatedError
from ckaudit.model.steps import Effect
from ckaudit.model.triggers import TriggerKind

MAX_OBJECTS = 400
MAX_ENDS = 8
"""What would end, for each object of a report."""
MAX_OTHERS = 3
MAX_ENDS_IN_ALL = 20_000
_FIRED_BY = {
    Kind.TAG: (TriggerKind.TAG_ADDED, TriggerKind.TAG_REMOVED),
    Kind.FORM: (TriggerKind.JOINS_FORM,),
    Kind.SEQUENCE: (TriggerKind.SUBSCRIBES_TO_SEQUENCE, TriggerKind.COMPLETES_SEQUENCE),
    Kind.FIELD: (TriggerKind.FIELD_CHANGED,),
    Kind.PRODUCT: (TriggerKind.PURCHASES,),
}


def impact(graph: Graph, item: ObjectRef) -> Impact:
    """What hangs on one object of the account.

    Raises:
        NotEvaluatedError: more hangs on it than can be followed.
    """
    key = item.key
    own = tuple(cause for cause in graph.causes.all if cause.object == item)
    perhaps = tuple(dict.fromkeys(ref.name for ref in unknown(graph.manifest) if _may_mean(graph, ref, key)))
    found = _impact(graph, item, own, uses_of_objects(graph).get(key, ()), perhaps)
    described = item.kind != Kind.AUTOMATION or any(flow.object == item for flow in graph.flows)
    return msgspec.structs.replace(found, is_described=described)


def impacts(graph: Graph) -> Impacts:
    """What hangs on each tag, sequence, form and automation, for a report: most people first, those that a role names before them.

    Looked at are so many objects, and so much that would end, that the cost stays below that of the rules.
    """
    uses, own = uses_of_objects(graph), defaultdict(list)
    for cause in graph.causes.all:
        own[cause.object].append(cause)
    account = graph.account
    keys = (*(tag.key for tag in account.tags), *(item.key for item in account.sequences), *(form.key for form in account.forms))
    items = [graph.object(key) for key in keys if uses.get(key)] + [flow.object for flow in graph.flows if flow.live]
    named = {role.object for role in graph.roles}
    items.sort(key=lambda item: (item not in named, -(graph.people(item.key) or 0)))
    found, left, looked, unfollowed = [], MAX_ENDS_IN_ALL, 0, 0
    for looked, item in enumerate(items, 1):
        try:
            one = _impact(graph, item, own[item], uses.get(item.key, ()))
        except NotEvaluatedError:  # more hangs on it than is followed: it is counted, not passed over
            left -= MAX_ENDS_IN_ALL // 20
            unfollowed += 1
        else:
            left -= 1 + len(one.ends)
            if one.ends or one.calls:
                found.append(_shortened(one))
        if left <= 0 or looked == MAX_OBJECTS:
            break
    return Impacts(tuple(found), len(items) - looked + unfollowed)


def _shortened(one: Impact) -> Impact:
    """What a report shows of it; where it is used stands in the inventory."""
    ends = (
        msgspec.structs.replace(end, others=end.others[:MAX_OTHERS], more_others=max(0, len(end.others) - MAX_OTHERS))
        for end in one.ends[:MAX_ENDS]
    )
    return msgspec.structs.replace(one, uses=(), ends=tuple(ends), more=max(0, len(one.ends) - MAX_ENDS))


def _impact(graph: Graph, item: ObjectRef, own: Sequence[Cause], uses: Sequence[Use], perhaps: tuple[str, ...] = ()) -> Impact:
    key = item.key
    starts, acts = _starts(key, own)
    found = graph.reactions.what_follows(*starts) if starts else ()
    ours = {cause.unit or cause.source for cause in acts} | {step.cause.unit or step.cause.source for step in found}
    ends = [_ends(graph, cause, (cause.object,), Span(0, 0, False), ours) for cause in acts]
    ends += [_ends(graph, step.cause, tuple(dict.fromkeys(part.cause.object for part in step.way)), step.span, ours) for step in found]
    return Impact(
        object=item,
        people=graph.people(key),
        uses=tuple(sorted(set(uses), key=lambda use: (use.how, use.where))),
        roles=tuple(dict.fromkeys(_meaning(role) for role in graph.roles if role.object == item)),
        ends=tuple(ends),
        calls=tuple(use.where for use in uses if use.how == "calls"),
        perhaps=perhaps,
        is_complete=graph.has_automations and graph.is_complete,
    )


def _meaning(role: Role) -> str:
    return ROLE_WORDS[RoleName(role.role)] + (f" (“{role.offering}”)" if role.offering else "")


def _may_mean(graph: Graph, ref: Ref, key: Key) -> bool:
    near = graph.names.nearest(ref.kind, ref.name)
    return near is not None and near.key == key


def _starts(key: Key, own: Sequence[Cause]) -> tuple[tuple[Signal | Cause, ...], tuple[Cause, ...]]:
    """What the object lets happen: signals of a tag, form, sequence, field or product; what an automation, rule or writer does itself."""
    if kinds := _FIRED_BY.get(key.kind):
        return tuple(Signal(key, kind) for kind in kinds), ()
    acts = tuple(cause for cause in own if cause.live and cause.reached)
    return acts, acts


def _ends(graph: Graph, cause: Cause, steps: tuple[ObjectRef, ...], span: Span, ours: set[Key]) -> Ends:
    others = dict.fromkeys(other.object for other in _same(graph, cause) if (other.unit or other.source) not in ours)
    after = (span.min_seconds, None if span.open_ended else span.max_seconds)
    return Ends(cause.words, graph.object(cause.target), steps, after, tuple(others))


def _same(graph: Graph, cause: Cause) -> Iterator[Cause]:
    """What else does the same. Calls and unsubscriptions are not compared: each has its own receiver."""
    if cause.effect not in (Effect.CALLS, Effect.UNSUBSCRIBES):
        yield from graph.causes.of(cause.effect, cause.target)
