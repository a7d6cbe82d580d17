"""Which observed links are automations nobody listed: those nothing declared explains, for enough people, and until lately."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ckaudit.evidence.mine import MIN_SUPPORT
from ckaudit.graph.causes import Cause
from ckaudit.graph.graph import Graph
from ckaudit.graph.timestamps import Timestamps
from ckaudit.model.holders import MIN_PEOPLE, Gaps
from ckaudit.model.links import DeclaredLink, ObservedLink
from ckaudit.model.refs import Key
from ckaudit.model.steps import Effect
from ckaudit.model.triggers import TriggerKind

_DAY = 86400
_GIVES = (Effect.ADDS_TAG, Effect.ENROLS, Effect.JOINS_FORM)
_VISIBLE = (TriggerKind.TAG_ADDED, TriggerKind.JOINS_FORM)


def unlisted(graph: Graph, declared: tuple[DeclaredLink, ...]) -> tuple[ObservedLink, ...]:
    """The unexplained links that may count as automations of their own, in their order.

    Left out are links nobody took in the last 90 days; links to what something declared gives from a start that leaves no timestamp (a
    purchase) or was read in part: the tag that comes with it looks like the cause; and links whose people all have a declared cause
    before the effect.
    """
    people = graph.timestamps
    found = []
    for link in graph.timed.unexplained:
        known = link.source in graph.lookup.objects and link.target in graph.lookup.objects
        if known and len(people.took(link, recent=True)) >= MIN_PEOPLE and not _starts_unseen(graph, link.target):
            gaps = people.took(link)
            others = [other for other in declared if other.target == link.target]
            explained = [_explained(people, gaps, other) for other in others]
            if any(people.since(other.source) is None for other in others):
                continue
            if len(gaps) - np.count_nonzero(np.logical_or.reduce(explained, axis=0) if explained else np.zeros(0)) >= MIN_SUPPORT:
                found.append(link)
    return tuple(found)


def _starts_unseen(graph: Graph, target: Key) -> bool:
    """True when an automation that gives this can be entered without leaving a timestamp."""
    return any(entry.kind not in _VISIBLE for cause in _giving(graph, target) if cause.flow for entry in cause.flow.automation.entries)


def _giving(graph: Graph, target: Key) -> Iterator[Cause]:
    for effect in _GIVES:
        yield from graph.causes.of(effect, target)
        yield from graph.causes.of(effect, target, live=False)


def _explained(people: Timestamps, gaps: Gaps, declared: DeclaredLink) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether each of these people has the declared cause before the effect, about as long as planned."""
    source = people.of(declared.source)
    place = np.searchsorted(source.person, gaps.person)
    has = np.append(source.person, -1)[place] == gaps.person
    before = gaps.second + gaps.gap - np.append(source.second, 0)[place]
    latest = np.inf if declared.max_seconds is None else declared.max_seconds * 1.5 + _DAY
    return np.asarray(has & (before >= 0) & (before <= latest))
