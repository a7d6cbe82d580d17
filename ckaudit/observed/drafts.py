"""Observed links as somebody would set them up in Kit: automations with conditions, and rules for what is done at once.

What begins with the same is one automation, in the order in which it happens (``draft_steps``); what several things lead to starts one of
its own (``draft_tree``); of several ways on, that a part of the people took, a condition decides; what happens at once and goes no further
is a rule. No link is in two places; one that steps in between explain is in none.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

import msgspec

from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import Link
from ckaudit.model.triggers import TriggerKind
from ckaudit.observed.chains import ENTRIES, MIN_DELAY, Durations, Place, is_early, place_of, trigger_of, waited
from ckaudit.observed.draft_steps import EVERYBODY, Choice, DraftStep, Given, Line, Ways
from ckaudit.observed.draft_tree import main, tree_of

__all__ = ["Choice", "DraftAutomation", "DraftRule", "DraftStep", "Drafts", "Given", "drafts"]

MANY = 3
"""Things that give the same at once have a rule for it, rather than a step in each of their automations."""


class DraftAutomation(msgspec.Struct, frozen=True):
    """``entries`` of which any starts the ``steps``."""

    entries: tuple[ObjectRef, ...]
    steps: tuple[DraftStep, ...]


class DraftRule(msgspec.Struct, frozen=True):
    """``triggers`` of which any does all that ``links`` lead to; these are the links of all triggers."""

    triggers: tuple[tuple[TriggerKind, ObjectRef], ...]
    links: tuple[Link, ...]

    @property
    def targets(self) -> tuple[ObjectRef, ...]:
        """What it does, each once."""
        return tuple({place_of(link.target): link.target for link in self.links}.values())


class Drafts(msgspec.Struct, frozen=True):
    """What an account seems to have."""

    automations: tuple[DraftAutomation, ...]
    rules: tuple[DraftRule, ...]


def drafts(links: Sequence[Link], durations: Durations) -> Drafts:
    """Every link in at most one automation or rule. Only rules lead to a form, start with a sequence, or follow one before it is over."""
    alone = [link for link in links if link.target.kind == "form" or is_early(link, durations)]
    ends = {_ends(link) for link in alone}
    making = _Making([link for link in links if _ends(link) not in ends], durations)
    automations, rules = making.all()
    rules += [DraftRule(((trigger_of(link, durations), link.source),), (link,)) for link in [*alone, *making.left]]
    kept = []
    for automation in automations:
        (entry, *_) = automation.entries
        if len(automation.entries) == 1 and all(_is_at_once(step, entry) for step in automation.steps):
            rules.append(DraftRule(((ENTRIES[entry.kind], entry),), tuple(step.link for step in automation.steps)))
        else:
            kept.append(automation)
    kept, rules = _with_entries(kept, rules)
    order = {place: begin for place, (begin, _) in making.tree.spans.items()}
    ordered = sorted(_joined(kept), key=lambda item: order.get(place_of(item.entries[0]), 0))
    return Drafts(tuple(ordered), tuple(_same_actions(_same_triggers(rules))))


def _is_at_once(step: DraftStep, entry: ObjectRef) -> bool:
    """True for what a rule can do."""
    return isinstance(step, Given) and not step.wait and place_of(step.link.source) == place_of(entry)


def _ends(link: Link) -> tuple[Place, Place]:
    return place_of(link.source), place_of(link.target)


class _Making:
    """Automations in the making. ``left``: links that no automation can have."""

    def __init__(self, links: Sequence[Link], durations: Durations) -> None:
        self.links, self.durations = links, durations
        self.tree = tree_of(links)
        self.ways = Ways(self.tree, durations)
        self.objects = {place_of(item): item for link in links for item in (link.source, link.target)}
        self.left: list[Link] = []

    def all(self) -> tuple[list[DraftAutomation], list[DraftRule]]:
        """The automations, and the rules by which many things give the same."""
        shared = {place: links for place in self.tree.above if (links := self._shared(place))}
        taken = {_ends(link) for links in shared.values() for link in links}
        made, rules = list[DraftAutomation](), list[DraftRule]()
        for place in sorted(self.tree.spans, key=lambda place: self.tree.spans[place]):
            if self.tree.above[place] is not None:
                continue
            out = [link for link in self.tree.out.get(place, ()) if _ends(link) not in taken]
            first = shared.get(place, ())
            if first and (not out or len(first) < len(main(self.tree.into[place]))):
                rules.append(DraftRule(tuple((ENTRIES[link.source.kind], link.source) for link in first), tuple(first)))
                first = ()
            entries = tuple(link.source for link in first) or (self.objects[place],)
            before = (Given(first[0], self._waits(first[0])),) if first else ()
            made += self._lines(place, out, entries, before)
        return [*made, *self._forgotten(made, taken)], rules

    def _lines(
        self, place: Place, out: Sequence[Link], entries: tuple[ObjectRef, ...], before: tuple[DraftStep, ...]
    ) -> Iterator[DraftAutomation]:
        """What one thing starts: an automation, and others for what cannot be in it."""
        todo = deque([(place, out, entries, before)])
        while todo:
            place, out, entries, before = todo.popleft()
            if place[0] not in ENTRIES:
                self.left += out
                ends = [place_of(link.target) for link in out if self.tree.home.get(place_of(link.target)) is link]
                todo += [(end, self.tree.out.get(end, ()), (self.objects[end],), ()) for end in ends]
                continue
            line = Line(self.ways, place)
            steps = (*before, *line.follow(out))
            if steps:
                yield DraftAutomation(entries, steps)
            todo += [(place_of(links[0].source), links, (links[0].source,), ()) for links in line.put_off()]

    def _shared(self, place: Place) -> list[Link]:
        """The links by which several things, each the start of something, give a tag at once. For many a rule does it, whatever the share:
        who has a tag already does not get it again."""
        links = self.tree.into.get(place, ())
        if place[0] != "tag" or self.tree.above[place] is not None:
            return []
        starts = [link for link in links if self.tree.above[place_of(link.source)] is None and self._is_at_once(link)]
        if len(starts) >= MANY:
            return starts
        is_all = len(starts) == len(links) and all(len(self.tree.out[place_of(link.source)]) == 1 for link in starts)
        return starts if len(starts) > 1 and is_all and all(link.share >= EVERYBODY for link in starts) else []

    def _is_at_once(self, link: Link) -> bool:
        return link.source.kind in ENTRIES and (link.delay_p10 or 0) < MIN_DELAY and not self._waits(link)

    def _waits(self, link: Link) -> int:
        return waited(link, ENTRIES[link.source.kind], self.durations)

    def _forgotten(self, made: Iterable[DraftAutomation], taken: Iterable[tuple[Place, Place]]) -> Iterator[DraftAutomation]:
        """The links that are nowhere and that no steps explain, one by one: ways back, and what many steps lie between."""
        where, used = _Where(), {*taken, *map(_ends, self.left)}
        for number, automation in enumerate(made):
            where.add(number, automation)
            used |= {_ends(link) for link in _links_of(automation.steps)}
        for link in self.links:
            if _ends(link) in used or self.tree.is_stray(link) or where.explains(*_ends(link)):
                continue
            if link.source.kind not in ENTRIES:
                self.left.append(link)
                continue
            step = Given(link, self._waits(link))
            yield DraftAutomation((link.source,), (step if link.share >= EVERYBODY else Choice(link, (step,)),))


Branch: TypeAlias = tuple[tuple[int, bool], ...]


class _Where:
    """Where objects are in drafts: which draft, which step, and inside which conditions."""

    def __init__(self) -> None:
        self.places: dict[Place, list[tuple[int, int, Branch]]] = defaultdict(list)

    def add(self, number: int, automation: DraftAutomation) -> None:
        """Take in a draft."""
        for entry in automation.entries:
            self.places[place_of(entry)].append((number, -1, ()))
        for at, (link, branch) in enumerate(_walk(automation.steps, ())):
            self.places[place_of(link.target)].append((number, at, branch))

    def explains(self, source: Place, target: Place) -> bool:
        """True when a draft leads from one to the other."""
        after = {number: (at, branch) for number, at, branch in self.places.get(target, ())}
        return any(
            number in after and at < after[number][0] and not _exclude(branch, after[number][1])
            for number, at, branch in self.places.get(source, ())
        )


def _exclude(one: Branch, other: Branch) -> bool:
    ways = dict(one)
    return any(ways.get(choice, way) != way for choice, way in other)


def _walk(steps: Sequence[DraftStep], branch: Branch) -> Iterator[tuple[Link, Branch]]:
    """Every step that gives something, in order, with the conditions around it and whether they hold."""
    for step in steps:
        if isinstance(step, Given):
            yield step.link, branch
        else:
            yield from _walk(step.then, (*branch, (id(step), True)))
            yield from _walk(step.other, (*branch, (id(step), False)))


def _links_of(steps: Sequence[DraftStep]) -> Iterator[Link]:
    return (link for link, _ in _walk(steps, ()))


def _with_entries(automations: list[DraftAutomation], rules: list[DraftRule]) -> tuple[list[DraftAutomation], list[DraftRule]]:
    """Rules that do at once what an automation does first are further entries of it."""
    first: dict[Place, int] = {}
    for number, automation in enumerate(automations):
        step = automation.steps[0]
        if isinstance(step, Given) and not step.wait:
            first.setdefault(place_of(step.link.target), number)
    left = []
    for rule in rules:
        (kind, source), (link, *more) = rule.triggers[0], rule.links
        at = first.get(place_of(link.target))
        if at is None or more or kind not in ENTRIES.values() or place_of(source) in _objects_of(automations[at]):
            left.append(rule)
        else:
            automations[at] = DraftAutomation((*automations[at].entries, source), automations[at].steps)
    return automations, left


def _objects_of(automation: DraftAutomation) -> set[Place]:
    """Everything an automation starts with or gives."""
    found, todo = set(map(place_of, automation.entries)), list(automation.steps)
    while todo:
        step = todo.pop()
        if isinstance(step, Given):
            found.add(place_of(step.link.target))
        else:
            todo += [*step.then, *step.other]
    return found


def _joined(automations: list[DraftAutomation]) -> list[DraftAutomation]:
    """Automations of one step with the same wait and target as the first of another are further entries of that."""
    places: dict[tuple[Place, int], int] = {}
    kept: list[DraftAutomation] = []
    for automation in sorted(automations, key=lambda automation: len(automation.steps) == 1):
        step = automation.steps[0]
        place = (place_of(step.link.target), step.wait) if isinstance(step, Given) else None
        number = None if place is None or len(automation.steps) > 1 else places.get(place)
        if number is not None and not {place_of(entry) for entry in automation.entries} & _objects_of(kept[number]):
            kept[number] = DraftAutomation((*kept[number].entries, *automation.entries), kept[number].steps)
            continue
        if place is not None:
            places.setdefault(place, len(kept))
        kept.append(automation)
    return kept


def _same_triggers(rules: Sequence[DraftRule]) -> list[DraftRule]:
    """Rules with one trigger become one."""
    found: dict[tuple[TriggerKind, Place], DraftRule] = {}
    several = [rule for rule in rules if len(rule.triggers) > 1]
    for rule in rules:
        if rule in several:
            continue
        kind, source = rule.triggers[0]
        old = found.get((kind, place_of(source)))
        found[kind, place_of(source)] = DraftRule(rule.triggers, (*old.links, *rule.links)) if old else rule
    return [*several, *found.values()]


def _same_actions(rules: Sequence[DraftRule]) -> list[DraftRule]:
    """Rules that do the same become one with several triggers."""
    found: dict[frozenset[Place], DraftRule] = {}
    for rule in rules:
        does = frozenset(place_of(target) for target in rule.targets)
        old = found.get(does)
        found[does] = DraftRule((*old.triggers, *rule.triggers), (*old.links, *rule.links)) if old else rule
    return list(found.values())
