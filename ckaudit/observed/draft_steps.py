"""The steps of one draft, in the order in which they happen: straight on while everybody goes, a condition where only some do.

One automation does one thing after the other. What is due while a sequence runs that it does not follow, or keeps its time whatever the
sequence took, cannot be in the same one: it is put off, for an automation of its own with the same start.
"""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

import msgspec

from ckaudit.graph.words import in_whole_units
from ckaudit.model.result import Link
from ckaudit.model.triggers import TriggerKind
from ckaudit.observed.chains import ENTRIES, MIN_DELAY, Durations, Place, days_left, is_steady, place_of, waited
from ckaudit.observed.draft_tree import Tree, part_of_most

EVERYBODY = 0.8
"""Share of people below which there is a condition in front."""
WHOLE = 1.1
"""Shares of ways that exclude each other add up to so much at most."""
SAME = 0.02
"""Numbers of people no further apart are the same people's."""
DEEPEST = 8
"""Conditions inside each other at most."""


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


class Onward(msgspec.Struct, frozen=True, eq=False):
    """A link as a way on: from where to where, whether everybody goes it, whether more follows there, and whether what it gives holds
    people up, as a sequence does. ``waited``: the planned delay; ``exact``: what people took, where all took the same time."""

    link: Link
    source: Place
    place: Place
    is_straight: bool
    leads_on: bool
    takes_time: bool
    is_steady: bool
    waited: int
    exact: int

    @property
    def can_start(self) -> bool:
        """True when an automation can begin with the source."""
        return self.source[0] in ENTRIES


class Ways:
    """The links of an account as ways on, each looked at once."""

    def __init__(self, tree: Tree, durations: Durations) -> None:
        self.tree, self.durations = tree, durations
        self.known: dict[int, Onward] = {}

    def of(self, link: Link) -> Onward:
        """One link."""
        if id(link) not in self.known:
            self.known[id(link)] = self._way(link)
        return self.known[id(link)]

    def after(self, way: Onward) -> Sequence[Link]:
        """What follows: nothing where the object belongs elsewhere."""
        return self.tree.out.get(way.place, ()) if self.is_home(way) else ()

    def is_home(self, way: Onward) -> bool:
        """True when the object belongs behind this link."""
        return self.tree.home.get(way.place) is way.link

    def before(self, way: Onward) -> list[Place]:
        """What has to happen first: all by which people come to where this leads, if they meet there."""
        return [way.source, *(place_of(link.source) for link in self.tree.meeting(way.place) if self.is_home(way))]

    def length(self, place: Place) -> int:
        """Planned seconds that a sequence takes."""
        kind, number = place
        return self.durations.planned.get(number, 0) if kind == "sequence" and isinstance(number, int) else 0

    def _way(self, link: Link) -> Onward:
        source, place = place_of(link.source), place_of(link.target)
        delay = waited(link, ENTRIES.get(link.source.kind, TriggerKind.COMPLETES_SEQUENCE), self.durations)
        took = (link.delay_seconds or 0) - self.length(source)
        return Onward(
            link,
            source,
            place,
            is_straight=self._is_straight(link, source, place),
            leads_on=bool(self.tree.home.get(place) is link and self.tree.out.get(place)),
            takes_time=place[0] == "sequence" and (self.length(place) > 0 or place[1] in self.durations.holding),
            is_steady=is_steady(link),
            waited=delay,
            exact=took if is_steady(link) and abs(took - delay) <= delay // 20 else delay,
        )

    def _is_straight(self, link: Link, source: Place, place: Place) -> bool:
        """True when everybody goes on, by this link or by others that meet there."""
        if link.share >= EVERYBODY * self._part(source):
            return True
        if self.tree.home.get(place) is not link:
            return False
        meeting = self.tree.meeting(place)
        if place_of(link.source) != self.tree.above[place]:
            return True
        return len(meeting) > 1 and sum(other.support for other in meeting) >= EVERYBODY * link.support / max(link.share, 0.01)

    def _part(self, place: Place) -> float:
        """Which part of an object's people come by what is above it, where others get it as well."""
        links, home = self.tree.into.get(place), self.tree.home.get(place)
        return part_of_most(links) if links and home is links[0] and len(self.tree.meeting(place)) == 1 else 1.0


class Line:
    """One draft in the making. ``at``: when each object is given, in planned seconds after the entry; ``straight`` and ``choices``: what is
    put off, see there."""

    def __init__(self, ways: Ways, entry: Place) -> None:
        self.ways, self.entry = ways, entry
        self.at: dict[Place, int] = {entry: 0}
        self.straight: dict[Place, list[Link]] = defaultdict(list)
        self.choices: list[list[Link]] = []

    def put_off(self) -> list[list[Link]]:
        """Groups of links that need an automation of their own: for each start what everybody gets, with one condition, and the others."""
        first = {place_of(choice[0].source): choice for choice in reversed(self.choices)}
        joined = [first[place] for place in self.straight if place in first]
        groups = [[*links, *first.get(place, ())] for place, links in self.straight.items()]
        return [*groups, *(choice for choice in self.choices if not any(choice is other for other in joined))]

    def follow(self, links: Iterable[Link], clock: int = 0, depth: int = 0) -> tuple[DraftStep, ...]:
        """The steps by these links and all that follows, from ``clock`` on."""
        steps, waiting = list[DraftStep](), _Waiting(self, links)
        behind: set[Place] | None = None
        """What a sequence was followed by: nothing else is done while it runs."""
        own = {way.source for way in waiting.all()}
        while (way := waiting.pop(clock)) is not None:
            if self._is_blocked(way, behind, clock):
                self._put_off([way])
            elif way.is_straight:
                steps.append(self._given(way, clock if way.source in own else None))
                clock = max(clock, self.at[way.place]) + self.ways.length(way.place)
                waiting.add(self.ways.after(way))
                own.add(way.place)
                behind = {way.place} if way.takes_time else None if behind is None else behind | {way.place}
            else:
                group = self._apart(way, waiting, clock)
                waiting.drop(group)
                is_last = not self.lasts(way, clock) or waiting.needs(way) or not any(True for _ in waiting.all())
                if not way.can_start or (is_last and depth < DEEPEST):
                    _append(steps, self._choice(group, clock, depth))
                else:
                    self._put_off(group)
        return tuple(steps)

    def _put_off(self, group: Sequence[Onward]) -> None:
        for way in group:
            if way.is_straight:
                self.straight[way.source].append(way.link)
        if choices := [way.link for way in group if not way.is_straight]:
            self.choices.append(choices)

    def due(self, way: Onward) -> int:
        """When it is to happen, in seconds after the entry: exact where people took the same time, so that small delays do not get lost."""
        return self.at.get(way.source, 0) + self.ways.length(way.source) + way.exact

    def lasts(self, way: Onward, clock: int) -> bool:
        """True when a condition's people take their time in it."""
        return way.takes_time or way.leads_on or self.due(way) - clock >= MIN_DELAY

    def _apart(self, way: Onward, waiting: _Waiting, clock: int) -> list[Onward]:
        """The link and others that may exclude each other: the same people are to be divided, at the same time. What goes no further does
        so only where all are divided."""
        found, share, due = [way], way.link.share, self.due(way)
        others = [other for other in waiting.all() if other.source == way.source and not other.is_straight]
        for other in sorted(others, key=lambda other: -other.link.share):
            if abs(self.due(other) - due) <= max(60, due // 10) and share + other.link.share <= WHOLE:
                found.append(other)
                share += other.link.share
        return found if share >= EVERYBODY or self.lasts(way, clock) else [way]

    def _is_blocked(self, way: Onward, behind: set[Place] | None, clock: int) -> bool:
        """True for what does not wait for a sequence that runs, or comes before what was chosen first, though something can start it by
        itself; and behind what was put off."""
        if way.source not in self.at:
            return True
        if not way.can_start or (behind is not None and way.source in behind):
            return False
        if behind is None:
            return way.is_steady and self.due(way) + MIN_DELAY < clock and len(self.ways.tree.meeting(way.place)) < 2
        return way.is_steady or self.at[way.source] + (way.link.delay_p10 or 0) < clock

    def _given(self, way: Onward, clock: int | None) -> Given:
        """The step, with the delay that is left when the clock shows this; all of it behind what only some went through (None)."""
        due, link = self.due(way), way.link
        if clock is None:
            left = way.waited
        elif due < clock and not way.is_steady:
            passed = clock - self.at[way.source]
            left = days_left((link.delay_p10 or 0) - passed, (link.delay_p90 or 0) - passed)
        else:
            left = due - clock
        self.at[way.place] = due if clock is None else clock + max(left, 0)
        return Given(link, in_whole_units(left)[0] if left >= MIN_DELAY else 0)

    def _choice(self, group: Sequence[Onward], clock: int, depth: int) -> Choice:
        """A condition for the first of these, and for the rest of the people the next."""
        way, *rest = group
        step = self._given(way, clock)
        then = (step, *self.follow(self.ways.after(way), self.at[way.place] + self.ways.length(way.place), depth + 1))
        other = (self._choice(rest, clock, depth + 1),) if rest else ()
        return Choice(way.link, then, other)


class _Waiting:
    """What may come next in one line: first what is ready and holds nobody up, the earliest first."""

    def __init__(self, line: Line, links: Iterable[Link]) -> None:
        self.line = line
        self.soon: list[tuple[tuple[int | bool | str, ...], Onward]] = []
        self.late: list[tuple[tuple[int | bool | str, ...], Onward]] = []
        self.unready: list[Onward] = []
        self.dropped: set[int] = set()
        self.add(links)

    def add(self, links: Iterable[Link]) -> None:
        """More that may come."""
        self.unready += [self.line.ways.of(link) for link in links]

    def drop(self, group: Iterable[Onward]) -> None:
        """These are dealt with."""
        self.dropped |= {id(way.link) for way in group}

    def all(self) -> Iterator[Onward]:
        """What is left."""
        ways = itertools.chain((way for _, way in self.soon), (way for _, way in self.late), self.unready)
        return (way for way in ways if not self._is_done(way))

    def pop(self, clock: int) -> Onward | None:
        """The next one; None when nothing is left."""
        self._wake()
        while self.soon:
            key, way = heapq.heappop(self.soon)
            if self._is_done(way):
                continue
            if self._holds_up(way, clock):
                heapq.heappush(self.late, (key, way))
            else:
                return self._taken(way)
        self.late = [item for item in self.late if not self._is_done(item[1])]
        if self.late:
            item = min(self.late, key=lambda item: (not self.needs(item[1]), item[0]))
            return self._taken(item[1])
        self.unready = [way for way in self.unready if not self._is_done(way)]
        return self._taken(self.unready[0]) if self.unready else None

    def needs(self, way: Onward) -> bool:
        """True when something that waits comes behind this."""
        line = self.line
        missing = (place for other in self.unready for place in line.ways.before(other) if place not in line.at)
        return any(line.ways.tree.is_below(place, way.place) for place in missing)

    def _taken(self, way: Onward) -> Onward:
        self.dropped.add(id(way.link))
        return way

    def _is_done(self, way: Onward) -> bool:
        return way.place in self.line.at or id(way.link) in self.dropped

    def _wake(self) -> None:
        """Those whose sources are all there by now are ready."""
        still = []
        for way in self.unready:
            if all(place in self.line.at for place in self.line.ways.before(way)):
                heapq.heappush(self.soon, (self._key(way), way))
            else:
                still.append(way)
        self.unready = still

    def _key(self, way: Onward) -> tuple[int | bool | str, ...]:
        """The earliest first, and sequences last of what is due at one time: they take theirs."""
        link = way.link
        exact = link.delay_seconds or 0, link.delay_p90 or 0, not way.is_straight
        return self.line.due(way), way.takes_time, *exact, way.place[0], str(way.place[1]).zfill(20), str(link.source.id)

    def _holds_up(self, way: Onward, clock: int) -> bool:
        """True for what comes last, for others would wait for it: a condition that takes its time, a sequence that leads nowhere."""
        if not way.is_straight:
            return self.line.lasts(way, clock) and not self.needs(way)
        return way.takes_time and not way.leads_on and any(map(self._is_in_a_row, self.all()))

    def _is_in_a_row(self, way: Onward) -> bool:
        """True for one of several steps that do not wait for a sequence."""
        return (way.leads_on or way.source != self.line.entry) and way.is_straight and way.is_steady


def _append(steps: list[DraftStep], choice: Choice) -> None:
    """Adds a condition, or what it gives to the one before, where the same people seem to get both at once."""
    last = steps[-1] if steps else None
    if isinstance(last, Choice) and _is_same(last, choice):
        steps[-1] = Choice(last.link, (*last.then, *choice.then))
    else:
        steps.append(choice)


def _is_same(one: Choice, other: Choice) -> bool:
    first, then = one.link, other.link
    alike = first.source == then.source and first.condition == then.condition and abs(first.support - then.support) <= SAME * first.support
    return alike and _is_short(one) and _is_short(other)


def _is_short(choice: Choice) -> bool:
    return not choice.other and all(isinstance(step, Given) and not step.wait for step in choice.then)
