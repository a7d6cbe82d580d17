"""What was seen of each automation, for a result: people per week, who went on, and after how long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from ckaudit.evidence.timeline import after_entry, begin_of, course, entered, passage, patience
from ckaudit.graph.declared_links import entry_keys, flow_links, is_removed, joined, timestamps_at
from ckaudit.graph.flow import Flow
from ckaudit.graph.graph import Graph
from ckaudit.model.account import SectionStatus
from ckaudit.model.automations import Origin
from ckaudit.model.evidence import Evidence
from ckaudit.model.holders import Holders
from ckaudit.model.links import DeclaredLink
from ckaudit.model.refs import Key, ObjectRef
from ckaudit.model.result import Observed, ObservedAutomation, ObservedStep

MAX_STEPS = 12
"""Steps that are shown of one automation, the first ones."""
MAX_NAMED = 12
_UNREAD = (SectionStatus.REFUSED, SectionStatus.SKIPPED)


def timelines(graph: Graph, evidence: Evidence, statuses: Mapping[tuple[Key, Key], str]) -> Observed:
    """What was seen of every automation of the graph. ``statuses`` tells of pairs whether mining found a link there."""
    begin = begin_of(evidence.now, evidence.since)
    looker = _Looker(graph, evidence, begin, statuses)
    return Observed(utc_text(begin), utc_text(evidence.now), tuple(looker.look(flow) for flow in graph.flows))


def utc_text(second: int) -> str:
    """A Unix second as ``2026-05-28T00:00:00Z``."""
    return dt.datetime.fromtimestamp(second, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class _Looker:
    """Looks at one automation after the other."""

    def __init__(self, graph: Graph, evidence: Evidence, begin: int, statuses: Mapping[tuple[Key, Key], str]) -> None:
        self.graph, self.evidence, self.begin, self.statuses = graph, evidence, begin, statuses
        self.read = {item.key: item for item in evidence.lists}
        self.entries: tuple[tuple[Key, ...], int] | None = None
        self.entered: tuple[Holders, int] | None = None
        self.passed: dict[Key, Holders] = {}

    def look(self, flow: Flow) -> ObservedAutomation:
        """One automation."""
        links = flow_links(self.graph, flow)
        entries = entry_keys(self.graph, flow)
        touched = dict.fromkeys((*entries, *(key for link in links for key in (link.source, link.target))))
        hidden = [key for key in touched if is_removed(self.graph, key)]
        shown = _shown(links, *self.blind(touched, hidden, entries))
        begin = self.begin_of((*entries, *(key for link in shown for key in (link.source, link.target))))
        came, at_once = self.came(tuple(entries), begin)
        first = [link for link in shown if link.source in entries]
        wait = max((patience(link.max_seconds, came.gaps_to(self.of(link.target)).after()) for link in first), default=0)
        targets = [self.of(key) for key in dict.fromkeys(link.target for link in shown)]
        fared = course(came, targets, wait, begin, self.evidence.now) if entries and targets else None
        return ObservedAutomation(
            number=flow.index,
            automation=flow.object,
            since=utc_text(begin),
            entries=self.named(entries),
            people=len(came),
            at_once=at_once,
            last=utc_text(int(came.second.max())) if len(came) else None,
            last_went_on=utc_text(fared.last_went_on) if fared and fared.last_went_on is not None else None,
            stuck=fared.stuck if fared else 0,
            weeks=fared.weeks if fared else None,
            steps=tuple(self.step(flow, link, came if entries else None, begin) for link in shown[:MAX_STEPS]),
            more_steps=max(0, len(shown) - MAX_STEPS),
            hidden=self.named(hidden),
            partial=self.named(key for key in touched if not self.is_whole(key)),
        )

    def step(self, flow: Flow, link: DeclaredLink, came: Holders | None, begin: int) -> ObservedStep:
        """One link of it, among the people who came in."""
        source = self.of(link.source).since(begin).until(self.evidence.now) if came is None else self.on_their_way(came, link.source)
        seen = passage(source, self.of(link.target), link.max_seconds, self.evidence.now)
        is_planned = flow.automation.origin is not Origin.OBSERVED
        return ObservedStep(
            source=self.graph.object(link.source),
            target=self.graph.object(link.target),
            status=self.statuses.get((link.source, link.target), "declared"),
            people=seen.people,
            went_on=seen.went_on,
            on_the_way=seen.on_the_way,
            had_before=seen.had_before,
            not_mailed=seen.not_mailed,
            delay_seconds=seen.delay_seconds,
            delay_p10=seen.delay_p10,
            delay_p90=seen.delay_p90,
            planned_min=link.min_seconds if is_planned else None,
            planned_max=link.max_seconds if is_planned else None,
            partial=not self.is_whole(link.target),
            bounded=self.evidence.of(link.target).since is not None,
            conditional=not leads_all(self.graph, flow, link),
            gaps=seen.gaps,
        )

    def came(self, entries: tuple[Key, ...], begin: int) -> tuple[Holders, int]:
        """See ``entered``. A thousand automations may begin with one tag that everybody has: what was worked out for the last is kept."""
        if self.entered is None or self.entries != (entries, begin):
            self.entries, self.passed = (entries, begin), {}
            self.entered = entered((self.of(key) for key in entries), begin, self.evidence.now)
        return self.entered

    def on_their_way(self, came: Holders, source: Key) -> Holders:
        """See ``after_entry``; ``came``: what ``came`` said last."""
        if source not in self.passed:
            self.passed[source] = after_entry(came, self.of(source))
        return self.passed[source]

    def begin_of(self, keys: Iterable[Key]) -> int:
        """From when on these lists can be compared: long ones are complete from a later day on."""
        sinces = (found.since for key in keys if (found := self.read.get(key)))
        return max(self.begin, *(since for since in sinces if since is not None), 0)

    def of(self, key: Key) -> Holders:
        """Everybody who has this form, tag or sequence."""
        return self.evidence.holders(key)

    def is_whole(self, key: Key) -> bool:
        """True when everybody since the beginning of the time looked at was read."""
        found = self.read.get(key)
        return found is not None and found.status is SectionStatus.COMPLETE

    def blind(self, touched: Iterable[Key], hidden: Iterable[Key], entries: Iterable[Key]) -> tuple[set[Key], set[Key]]:
        """What cannot be the source and what cannot be the target of a step that is looked at.

        Nothing can be said of lists that were not read. A tag that comes off again says little, but who still has that of an entry came in.
        """
        unread, coming_off = {key for key in touched if self.is_unread(key)}, set(hidden)
        return unread | (coming_off - set(entries)), unread | coming_off

    def is_unread(self, key: Key) -> bool:
        """True when nobody was read; of a file that does not say how lists were read, nothing is known."""
        found = self.read.get(key)
        return bool(self.read) and (found is None or found.status in _UNREAD)

    def named(self, keys: Iterable[Key]) -> tuple[ObjectRef, ...]:
        """Objects as results name them, some of them when there are many."""
        return tuple(self.graph.object(key) for key in keys)[:MAX_NAMED]


def leads_all(graph: Graph, flow: Flow, link: DeclaredLink) -> bool:
    """True when everybody who walks on from the source of this link comes to its target, whatever conditions say."""
    starts = [node for node in flow.nodes.values() if link.source in timestamps_at(graph, node)]
    targets = {node.id for node in flow.nodes.values() if node.step and link.target in timestamps_at(graph, node)}
    return not any(start.id not in targets and flow.end.id in flow.walk(start, targets) for start in starts)


def _shown(links: Iterable[DeclaredLink], no_source: set[Key], no_target: set[Key]) -> list[DeclaredLink]:
    """The links that can be followed, each pair of timestamps once, with the least and the greatest time of all ways between them."""
    kept: dict[tuple[Key, Key], DeclaredLink] = {}
    for link in links:
        pair = (link.source, link.target)
        if link.source not in no_source and link.target not in no_target:
            kept[pair] = joined(kept[pair], link) if pair in kept else link
    return list(kept.values())
