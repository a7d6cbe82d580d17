"""Observed links as somebody would set them up in Kit: automations with conditions, and rules for what is done at once.

What starts the same thing is joined; what begins with the same is one automation, in the order in which it happens; of several ways on,
that a part of the people took, a condition decides; what happens at once and goes no further is a rule. Every link is in exactly one place.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

import msgspec

from ckaudit.graph.words import in_whole_units
from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import Link
from ckaudit.model.triggers import TriggerKind
from ckaudit.observed.chains import ENTRIES, MIN_DELAY, Durations, Place, is_early, place_of, trigger_of, waited

EVERYBODY = 0.8
"""Share of people below which there is a condition in front."""
WHOLE = 1.1
"""Shares of ways that exclude each other add up to so much at most."""
DEEPEST = 4
"""Conditions inside each other at most."""
_GIVEN = ("tag", "sequence")
"""What a step of an automation gives; a rule gives forms as well."""


class Given(msgspec.Struct, frozen=True):
    """A step that gives a link's target, after ``wait`` seconds."""

    link: Link
    wait: int


class Choice(msgspec.Struct, frozen=True):
    """A condition. ``then``: the steps of those whom ``link`` is about; ``other``: those of the rest."""

    link: Link
    then: tuple[DraftStep, ...]
    other: tuple[DraftStep, ...] = ()


DraftStep: TypeAlias = Given | Choice


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
    """Every link in exactly one automation or rule. Only rules lead to a form, start with a sequence, or follow one before it is over."""
    alone = [link for link in links if link.target.kind == "form" or is_early(link, durations)]
    ends = {(place_of(link.source), place_of(link.target)) for link in alone}
    growing = _Growing([link for link in links if (place_of(link.source), place_of(link.target)) not in ends], durations)
    automations = growing.automations()
    alone += growing.left()
    rules = [DraftRule(((trigger_of(link, durations), link.source),), (link,)) for link in alone]
    kept = []
    for automation in automations:
        first = automation.steps[0]
        if len(automation.steps) == 1 and isinstance(first, Given) and not first.wait:
            (entry,) = automation.entries
            rules.append(DraftRule(((ENTRIES[entry.kind], entry),), (first.link,)))
        else:
            kept.append(automation)
    kept, rules = _with_entries(kept, rules)
    kept, rules = _same_entries(_joined(kept), rules, durations)
    return Drafts(tuple(kept), tuple(_same_actions(_same_triggers(rules))))


class _Growing:
    """Automations in the making; ``unused`` are the links that are in none yet, by their source, the most people first."""

    def __init__(self, links: Sequence[Link], durations: Durations) -> None:
        self.durations = durations
        self.reached = {place_of(link.target) for link in links}
        self.starts = {place_of(link.source): link.source for link in links if link.source.kind in ENTRIES}
        self.unused: dict[Place, list[Link]] = defaultdict(list)
        for link in sorted(links, key=lambda link: -link.support):
            self.unused[place_of(link.source)].append(link)

    def automations(self) -> list[DraftAutomation]:
        """All that can begin with a tag or a form, those first that nothing leads to."""
        made = []
        for place in sorted(self.starts, key=lambda place: (place in self.reached, place[0], str(place[1]).zfill(20))):
            while self.unused[place]:
                made.append(DraftAutomation((self.starts[place],), self.follow(place, {place}, 0)))
        return made

    def left(self) -> list[Link]:
        """The links that no automation can have."""
        return [link for links in self.unused.values() for link in links]

    def follow(self, place: Place, been: set[Place], depth: int) -> tuple[DraftStep, ...]:
        """The steps after an object: straight on while everybody goes, and a condition where they part."""
        steps: list[DraftStep] = []
        while kids := [link for link in self.unused[place] if place_of(link.target) not in been]:
            onward = next((link for link in kids if link.share >= EVERYBODY), None)
            if onward is None:
                return (*steps, *self.parted(place, kids, been, depth)) if depth < DEEPEST or not steps else tuple(steps)
            steps.append(self.take(place, onward))
            place = place_of(onward.target)
            been.add(place)
        return tuple(steps)

    def parted(self, place: Place, kids: list[Link], been: set[Place], depth: int) -> tuple[DraftStep, ...]:
        """One condition after the other, as long as the ways can exclude each other."""
        first, *rest = kids
        step = self.take(place, first)
        then = (step, *self.follow(place_of(first.target), been | {place_of(first.target)}, depth + 1))
        apart = [link for link in rest if first.share + link.share <= WHOLE and link.delay_seconds is not None]
        still = [link for link in apart if link in self.unused[place]]
        other = self.parted(place, still[:1], been, depth + 1) if still and depth < DEEPEST else ()
        return (Choice(first, then, other),)

    def take(self, place: Place, link: Link) -> Given:
        """The link as a step, and no longer unused."""
        self.unused[place].remove(link)
        return Given(link, waited(link, ENTRIES.get(link.source.kind, TriggerKind.COMPLETES_SEQUENCE), self.durations))


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
        if place is not None and place in places and len(automation.steps) == 1:
            other = kept[places[place]]
            kept[places[place]] = DraftAutomation((*other.entries, *automation.entries), other.steps)
            continue
        if place is not None:
            places.setdefault(place, len(kept))
        kept.append(automation)
    return kept


def _same_entries(
    automations: Sequence[DraftAutomation], rules: Sequence[DraftRule], durations: Durations
) -> tuple[list[DraftAutomation], list[DraftRule]]:
    """Automations that begin with the same are one, and so is what a rule does when that happens. One with a sequence that never lets go
    stays alone: no step comes behind that."""
    groups: dict[frozenset[Place], list[DraftAutomation]] = defaultdict(list)
    alone: list[DraftAutomation] = []
    for automation in automations:
        (alone if _holds(_objects_of(automation), durations) else groups[frozenset(map(place_of, automation.entries))]).append(automation)
    left = []
    for rule in rules:
        kind, source = rule.triggers[0]
        group = groups.get(frozenset([place_of(source)]))
        fits = all(link.target.kind in _GIVEN for link in rule.links) and not _holds(map(place_of, rule.targets), durations)
        if group and kind in ENTRIES.values() and fits:
            group += [DraftAutomation(group[0].entries, (Given(link, 0),)) for link in rule.links]
        else:
            left.append(rule)
    return [*(_in_order(group, durations) if len(group) > 1 else group[0] for group in groups.values()), *alone], left


def _holds(places: Iterable[Place], durations: Durations) -> bool:
    return any(kind == "sequence" and number in durations.holding for kind, number in places)


class _Timed(msgspec.Struct, frozen=True):
    """A step, when it happens (seconds after the beginning, as seen), and how long it takes."""

    step: DraftStep
    at: int
    takes: int


def _in_order(group: Sequence[DraftAutomation], durations: Durations) -> DraftAutomation:
    """One automation whose steps are those of all, the earlier ones first. Delays that would be counted twice are left out: whoever waits
    for one step has waited for the next as well, and who does not go through a condition has waited for nothing in it."""
    queues = [deque(_timed(automation.steps, durations)) for automation in group]
    steps, clock = list[DraftStep](), 0
    while queues := [queue for queue in queues if queue]:
        first = min(queues, key=lambda queue: (queue[0].at, bool(queue[0].takes)))
        timed = first.popleft()
        steps.append(_waiting(timed, clock))
        if isinstance(timed.step, Given):
            clock = max(clock, timed.at + timed.takes)
    return DraftAutomation(group[0].entries, tuple(steps))


def _timed(steps: Sequence[DraftStep], durations: Durations) -> Iterator[_Timed]:
    now = 0
    for step in steps:
        takes = durations.of(step.link.target) if isinstance(step, Given) else 0
        now += step.link.delay_seconds or 0
        yield _Timed(step, now, takes)


def _waiting(timed: _Timed, clock: int) -> DraftStep:
    """The step with the delay that is left when the clock shows this."""
    if isinstance(timed.step, Given):
        left = timed.at - clock
        return Given(timed.step.link, in_whole_units(left)[0] if timed.step.wait and left >= MIN_DELAY else 0)
    begins = timed.at - _first_wait(timed.step.then)
    return _sooner(timed.step, max(0, clock - begins))


def _first_wait(steps: Sequence[DraftStep]) -> int:
    return steps[0].wait if isinstance(steps[0], Given) else 0


def _sooner(choice: Choice, seconds: int) -> Choice:
    """The condition for people who have waited so long before it."""
    then, other = (_less(steps, seconds) for steps in (choice.then, choice.other))
    return Choice(choice.link, then, other)


def _less(steps: tuple[DraftStep, ...], seconds: int) -> tuple[DraftStep, ...]:
    if not steps or not seconds:
        return steps
    first, *rest = steps
    if isinstance(first, Choice):
        return (_sooner(first, seconds), *rest)
    left = first.wait - seconds
    return (Given(first.link, in_whole_units(left)[0] if left >= MIN_DELAY else 0), *rest)


def _same_triggers(rules: Sequence[DraftRule]) -> list[DraftRule]:
    """Rules with one trigger become one."""
    found: dict[tuple[TriggerKind, Place], DraftRule] = {}
    for rule in rules:
        kind, source = rule.triggers[0]
        old = found.get((kind, place_of(source)))
        found[kind, place_of(source)] = DraftRule(rule.triggers, (*old.links, *rule.links)) if old else rule
    return list(found.values())


def _same_actions(rules: Sequence[DraftRule]) -> list[DraftRule]:
    """Rules that do the same become one with several triggers."""
    found: dict[frozenset[Place], DraftRule] = {}
    for rule in rules:
        does = frozenset(place_of(target) for target in rule.targets)
        old = found.get(does)
        found[does] = DraftRule((*old.triggers, *rule.triggers), (*old.links, *rule.links)) if old else rule
    return list(found.values())
