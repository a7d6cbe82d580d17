"""What breaks if something is switched off, renamed or deleted: who names it, and everything that then happens to nobody any more."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ckaudit.graph.causes import Cause
from ckaudit.graph.graph import Graph
from ckaudit.graph.inventory import uses_of_objects
from ckaudit.graph.misspelt import unknown
from ckaudit.graph.paths import Span
from ckaudit.graph.signals import Signal
from ckaudit.model.refs import Key, Kind, ObjectRef, Ref
from ckaudit.model.result import Use
from ckaudit.model.steps import Effect
from ckaudit.model.triggers import TriggerKind

_FIRED_BY = {
    Kind.TAG: (TriggerKind.TAG_ADDED, TriggerKind.TAG_REMOVED),
    Kind.FORM: (TriggerKind.JOINS_FORM,),
    Kind.SEQUENCE: (TriggerKind.SUBSCRIBES_TO_SEQUENCE, TriggerKind.COMPLETES_SEQUENCE),
    Kind.FIELD: (TriggerKind.FIELD_CHANGED,),
    Kind.PRODUCT: (TriggerKind.PURCHASES,),
}


class Ends(msgspec.Struct, frozen=True):
    """Something that happens because of the object.

    ``after``: planned seconds from the object on, least and greatest, the second None while people may wait for something. ``steps`` are
    the automations, rules and forms on the way, the last is where it happens. ``others`` do the same thing, so that it does not end for
    everybody.
    """

    what: str
    target: ObjectRef
    steps: tuple[ObjectRef, ...]
    after: tuple[int, int | None]
    others: tuple[ObjectRef, ...]


class Impact(msgspec.Struct, frozen=True):
    """What hangs on an object: ``uses`` name it directly, ``roles`` is what it is taken for, ``ends`` follows from it, soonest first.

    ``calls`` are the addresses that webhooks call because of it. ``perhaps`` are names of the manifest that are not there and may mean this
    object. ``is_complete``: every automation and rule is known.
    """

    object: ObjectRef
    people: int | None
    uses: tuple[Use, ...]
    roles: tuple[str, ...]
    ends: tuple[Ends, ...]
    calls: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()
    is_complete: bool = False


def impact(graph: Graph, item: ObjectRef) -> Impact:
    """What hangs on one object of the account.

    Raises:
        NotEvaluatedError: more hangs on it than can be followed.
    """
    key = Key(Kind(item.kind), item.id if item.id is not None else item.name)
    starts, own = _starts(graph, key, item)
    found = graph.reactions.what_follows(*starts) if starts else ()
    ours = {cause.unit or cause.source for cause in own} | {step.cause.unit or step.cause.source for step in found}
    ends = [_ends(graph, cause, (cause.object,), Span(0, 0, False), ours) for cause in own]
    ends += [_ends(graph, step.cause, tuple(dict.fromkeys(part.cause.object for part in step.way)), step.span, ours) for step in found]
    return Impact(
        object=item,
        people=graph.people(key),
        uses=tuple(sorted(set(uses_of_objects(graph).get(key, ())), key=lambda use: (use.how, use.where))),
        roles=tuple(dict.fromkeys(f"{role.role} of “{role.offering}”" for role in graph.roles if role.object == item)),
        ends=tuple(ends),
        calls=tuple(use.where for use in uses_of_objects(graph).get(key, ()) if use.how == "calls"),
        perhaps=tuple(dict.fromkeys(ref.name for ref in unknown(graph.manifest) if _may_mean(graph, ref, key))),
        is_complete=graph.has_automations and graph.is_complete,
    )


def _may_mean(graph: Graph, ref: Ref, key: Key) -> bool:
    near = graph.names.nearest(ref.kind, ref.name)
    return near is not None and near.key == key


def _starts(graph: Graph, key: Key, item: ObjectRef) -> tuple[tuple[Signal | Cause, ...], tuple[Cause, ...]]:
    """What the object lets happen: signals of a tag, form, sequence, field or product; what an automation, rule or writer does itself."""
    if kinds := _FIRED_BY.get(key.kind):
        return tuple(Signal(key, kind) for kind in kinds), ()
    own = tuple(cause for cause in graph.causes.all if cause.object == item and cause.live and cause.reached)
    return own, own


def _ends(graph: Graph, cause: Cause, steps: tuple[ObjectRef, ...], span: Span, ours: set[Key]) -> Ends:
    others = dict.fromkeys(other.object for other in _same(graph, cause) if (other.unit or other.source) not in ours)
    after = (span.min_seconds, None if span.open_ended else span.max_seconds)
    return Ends(cause.words, graph.object(cause.target), steps, after, tuple(others))


def _same(graph: Graph, cause: Cause) -> Iterator[Cause]:
    """What else does the same. Calls and unsubscriptions are not compared: each has its own receiver."""
    if cause.effect not in (Effect.CALLS, Effect.UNSUBSCRIBES):
        yield from graph.causes.of(cause.effect, cause.target)
