"""Finds the links that automations leave in the timestamps.

For every object that people got, ``candidates`` looks for what they got before at a distance too regular for chance, however many
timestamps lie between, ``parents`` decides which of these explains whom, and ``rivals`` which of those that always come together is named.
``confidence`` says how sure each link is; what is probably no automation is named by ``why_not`` and kept apart.

What the reading hides: a timestamp that was removed or overwritten hides its step, and the link goes past it. Steps that always share a
second are put in the order of their kinds. Of two effects of one unseen moment, such as the end of a sequence or the confirmation of an
address, the later looks like the effect of the earlier. Whom one bulk action gave both cause and effect proves nothing. In an account of
more than 200,000 timestamps, links are weighed on samples of people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import msgspec
import numpy as np

from ckaudit.evidence.confidence import confidence
from ckaudit.evidence.explanation import explanation
from ckaudit.evidence.features import Features, features_of, habits
from ckaudit.evidence.search import Search, begin
from ckaudit.evidence.timestamp_index import index
from ckaudit.evidence.why_not import pattern, why_not
from ckaudit.model.events import Events, ObjectKind
from ckaudit.model.evidence import Evidence
from ckaudit.model.links import MIN_CONFIDENCE, LooksLinked, Mined, ObservedLink, WithoutCause
from ckaudit.model.refs import Key

MIN_SUPPORT = 20
"""People at least that make a link."""
PARTIAL = 0.9
"""Share of people below which not all go on."""
TIED = 0.67
"""Part of the confidence that is asked for which is enough where one of several is the cause: theirs adds up."""
SHARE = 0.02
"""A cause that so few of its people go through is a coincidence."""


def mine(
    events: Events,
    *,
    now: int,
    min_support: int = MIN_SUPPORT,
    min_confidence: float = MIN_CONFIDENCE,
    since: Mapping[Key, int] | None = None,
) -> tuple[ObservedLink, ...]:
    """The links with at least ``min_support`` people and a confidence of at least ``min_confidence`` (``TIED`` of it where others may be
    the cause as well), ordered by source and target.

    ``now`` is the Unix second of the reading. ``since``: from which second on an object's timestamps are there, where it is later than
    for the others; then only who got a cause after that is asked whether the effect followed.
    """
    return mined(events, now=now, min_support=min_support, min_confidence=min_confidence, since=since).links


def mined(
    events: Events,
    *,
    now: int,
    min_support: int = MIN_SUPPORT,
    min_confidence: float = MIN_CONFIDENCE,
    since: Mapping[Key, int] | None = None,
) -> Mined:
    """The links as ``mine`` gives them, what looks like one and is none, and what people got without a cause that can be seen."""
    if len(events) < min_support:
        return Mined()
    search = search_in(events, now, min_support, since)
    raw = all_links(search)
    usual = habits(features for _, features in raw)
    sure, unsure = list[ObservedLink](), list[LooksLinked]()
    for found, features in raw:
        link = msgspec.structs.replace(found, confidence=round(confidence(features, usual), 3))
        if link.confidence >= (TIED * min_confidence if link.rivals else min_confidence):
            sure.append(link)
        elif why := why_not(features):
            unsure.append(LooksLinked(link.source, link.target, link.support, link.delay_seconds, link.delay_p10, link.delay_p90, why))
    return Mined(tuple(sorted(sure, key=_ends)), tuple(sorted(unsure, key=_ends)), _without_cause(search, sure))


def search_in(events: Events, now: int, min_support: int, since: Mapping[Key, int] | None = None) -> Search:
    """What the search works on; see ``mine``."""
    first, timestamps = int(events.second.min()), index(events)
    begins = np.array([max((since or {}).get(key, first) - first, 0) for key in timestamps.keys], dtype=np.int64)
    return begin(timestamps, now - first, min_support, begins)


def targets(search: Search) -> list[int]:
    """The objects whose cause is looked for: those of enough people."""
    return [int(code) for code in np.flatnonzero(np.diff(search.timestamps.first) >= search.min_support)]


def all_links(search: Search) -> list[tuple[ObservedLink, Features]]:
    """The links into all objects. When all were looked at once, some are looked at again: where a cause with few people who went on is an
    effect of something else, and so perhaps only a step beside."""
    found = {target: links_to(search, target) for target in targets(search)}
    code = {key: number for number, key in enumerate(search.timestamps.keys)}
    links = [link for part in found.values() for link in part]
    usual = habits(features for _, features in links)
    steps = frozenset((code[link.source], code[link.target]) for link, features in links if usual.is_step(features))
    effects = {effect for _, effect in steps}
    again = replace(search, steps=steps)
    for target, part in found.items():
        if any(code[link.source] in effects and features.share < PARTIAL for link, features in part):
            found[target] = links_to(again, target)
    return [link for part in found.values() for link in part]


def mined_in(evidence: Evidence, min_confidence: float = MIN_CONFIDENCE) -> Mined:
    """What the timestamps of an account show, in the time for which all its lists were read."""
    return mined(evidence.recent(), now=evidence.now, min_confidence=min_confidence, since=evidence.shorter)


def links_to(search: Search, target: int) -> list[tuple[ObservedLink, Features]]:
    """The links into one object, without their confidence, with what it is made of."""
    found = explanation(search, target)
    if found is None:
        return []
    keys, links = search.timestamps.keys, []
    count = np.bincount(found.winner + 1, minlength=len(found.causes) + 1)[1:]
    for place in np.flatnonzero(count >= search.min_support):
        cause = found.causes[place]
        features = features_of(search, found, int(place))
        if features.share >= SHARE:
            instead = tuple(sorted(keys[code] for code in found.instead[place]))
            late = features.quick + features.spread
            link = ObservedLink(
                keys[cause.code],
                keys[target],
                features.people,
                round(features.share, 4),
                features.delay,
                features.quick,
                late,
                0.0,
                instead,
                None if (condition := found.conditions[place]) is None else keys[condition],
            )
            links.append((link, features))
    return links


def _without_cause(search: Search, links: Iterable[ObservedLink]) -> tuple[WithoutCause, ...]:
    """Sequences and tags that enough people have and no link leads to, the most people first."""
    timestamps = search.timestamps
    explained = {link.target for link in links}
    found = []
    for code in targets(search):
        key, kind = timestamps.keys[code], timestamps.kind[code]
        if key not in explained and kind != ObjectKind.FORM:
            people = len(np.unique(timestamps.person[timestamps.rows(code)]))
            if people >= search.min_support:
                found.append(WithoutCause(key, people, pattern(search, code)))
    return tuple(sorted(found, key=lambda item: (-item.people, item.object)))


def _ends(link: ObservedLink | LooksLinked) -> tuple[Key, Key]:
    return link.source, link.target
