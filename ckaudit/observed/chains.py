"""Observed links as automations: chains of links become automations, what an automation cannot do stands alone.

Timestamps show who got what and when, so a chain is what some automations and rules did together. Its start need not be an entry: what
comes before may have left no timestamp (a purchase, a tag that was taken off). Conditions, goals, removals and fields are never in it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import TypeAlias

import msgspec

from ckaudit.graph.graph import Graph
from ckaudit.graph.words import in_whole_units
from ckaudit.model.automations import Automation, Origin
from ckaudit.model.refs import Kind, ObjectRef, Ref
from ckaudit.model.result import Link
from ckaudit.model.steps import AddTag, AnyStep, Delay, Enrol
from ckaudit.model.triggers import Trigger, TriggerKind

Place: TypeAlias = tuple[str, int | str | None]

_DAY = 86400
MIN_DELAY = 45
"""Seconds from which nine in ten waited for a delay, rather than for Kit."""
LEAST = 52_000
"""Seconds that nine in ten waited at least behind something that waits for an hour of the day, if there was a delay. On 303 links of
simulated accounts the delay is right in all but one in twenty."""
ENTRIES = {"tag": TriggerKind.TAG_ADDED, "form": TriggerKind.JOINS_FORM}


class ChainStep(msgspec.Struct, frozen=True):
    """What follows in a chain, because of which link, and after how many seconds of waiting: the link's delay without the time the
    source itself takes (a sequence), in whole minutes, hours or days."""

    link: Link
    wait: int


class ObservedChain(msgspec.Struct, frozen=True):
    """Links that follow each other: what starts it, what sets it off, and its steps."""

    start: ObjectRef
    trigger: TriggerKind
    steps: tuple[ChainStep, ...]

    @property
    def links(self) -> tuple[Link, ...]:
        """The links of the chain, in order."""
        return tuple(step.link for step in self.steps)

    @property
    def id(self) -> str:
        """What names the chain for good, whatever is added below: its first two objects. Every link is in one chain only."""
        first = self.steps[0].link.target
        return f"{self.start.kind}:{self.start.id}-{first.kind}:{first.id}"


class Durations(msgspec.Struct, frozen=True):
    """How long sequences take until their last published email (``planned``: seconds by id), which never let go (``holding``), and of which
    the published emails were read (``read``): of others a length of 0 says nothing."""

    planned: Mapping[int, int]
    holding: Set[int] = frozenset()
    read: Set[int] = frozenset()

    def is_known(self, item: ObjectRef) -> bool:
        """True when the emails of this sequence were read, or somebody says how long it takes."""
        return bool(self.of(item)) or item.id in self.read

    def of(self, item: ObjectRef) -> int:
        """Seconds this object takes; 0 for anything but a sequence."""
        return self.planned.get(item.id, 0) if item.kind == "sequence" and isinstance(item.id, int) else 0


def chains_in(links: Sequence[Link], durations: Durations) -> tuple[tuple[ObservedChain, ...], tuple[ObservedChain, ...]]:
    """Every link in exactly one chain: those an automation can be, and those of one link that only a rule can be.

    Only rules lead to a form, start with a sequence, or follow a sequence before it is over.
    """
    alone = [link for link in links if link.target.kind == "form" or is_early(link, durations)]
    taken = {(place_of(link.source), place_of(link.target)) for link in alone}
    unused: dict[Place, list[Link]] = defaultdict(list)
    for link in sorted(links, key=lambda link: -link.support):
        if (place_of(link.source), place_of(link.target)) not in taken:
            unused[place_of(link.source)].append(link)
    reached = {place_of(link.target) for link in links}
    starts = {place_of(link.source): link.source for link in links if link.source.kind in ENTRIES}
    chains = []
    for place in sorted(starts, key=lambda place: (place in reached, place[0], str(place[1]).zfill(20))):
        while unused[place]:
            chains.append(_chain(starts[place], ENTRIES[starts[place].kind], _follow(place, unused), durations))
    alone += [link for left in unused.values() for link in left]
    return tuple(chains), tuple(_chain(link.source, trigger_of(link, durations), [link], durations) for link in alone)


def _follow(start: Place, unused: dict[Place, list[Link]]) -> list[Link]:
    found, been, at = list[Link](), {start}, start
    while following := next((link for link in unused[at] if place_of(link.target) not in been), None):
        unused[at].remove(following)
        found.append(following)
        at = place_of(following.target)
        been.add(at)
    return found


def is_early(link: Link, durations: Durations) -> bool:
    """True for something that follows a sequence but does not wait until it is over: in an automation it would."""
    if link.source.kind != "sequence":
        return False
    return link.source.id in durations.holding or (link.delay_seconds or 0) < durations.of(link.source) // 2


def trigger_of(link: Link, durations: Durations) -> TriggerKind:
    """What sets off a rule that does this link."""
    if link.source.kind in ENTRIES:
        return ENTRIES[link.source.kind]
    length = durations.of(link.source)
    over = length and (link.delay_seconds or 0) >= length // 2
    return TriggerKind.COMPLETES_SEQUENCE if over else TriggerKind.SUBSCRIBES_TO_SEQUENCE


def _chain(start: ObjectRef, trigger: TriggerKind, links: Sequence[Link], durations: Durations) -> ObservedChain:
    return ObservedChain(start, trigger, tuple(ChainStep(link, passed(link, trigger, durations)) for link in links))


def passed(link: Link, trigger: TriggerKind, durations: Durations) -> int:
    """How long people took from the end of a link's source to its target, as rules judge it: whether a delay did that or something else,
    that is the time there was. In seconds of whole minutes, hours or days; 0 for at once."""
    own = 0 if trigger is TriggerKind.SUBSCRIBES_TO_SEQUENCE else durations.of(link.source)
    rest = (link.delay_seconds or 0) - own
    return in_whole_units(rest)[0] if rest >= MIN_DELAY else 0


def waited(link: Link, trigger: TriggerKind, durations: Durations) -> int:
    """The delay somebody planned before a link's target, as a draft has it, in seconds of whole minutes, hours or days; 0 for none.

    What follows a sequence waits until its last mail is out, for an hour and a day: less than a day more is no delay, and nothing is one
    behind a sequence whose emails nobody read. Elsewhere a delay keeps its time: what takes some people a minute and others an hour waits
    for them, as for the confirmation of an address.
    """
    median, low, high = link.delay_seconds or 0, link.delay_p10 or 0, link.delay_p90 or 0
    behind = link.source.kind == "sequence" and trigger is not TriggerKind.SUBSCRIBES_TO_SEQUENCE
    planned = durations.of(link.source) if behind else 0
    if behind and not durations.is_known(link.source):
        return 0
    if not planned and is_steady(link):
        return in_whole_units(median)[0] if low >= MIN_DELAY else 0
    return days_left(low - planned, high - planned) if planned or high - low <= median else 0


def pace_of(links: Iterable[Link]) -> int:
    """Within how many seconds Kit mostly does a step that waits for nothing, by the sequences it starts, which nobody else does; 0 where
    too few show it."""
    own = sorted(link.delay_p90 for link in links if link.target.kind == "sequence" and link.delay_p90 is not None and link.delay_p90 <= 60)
    return max(own[len(own) // 2], 1) if len(own) >= 3 else 0


def is_by_site(link: Link, pace: int) -> bool:
    """True for a tag that comes seconds later than Kit's own steps do: a site or a tool that Kit told mostly takes so long. Of tags that a
    site writes in simulated accounts two in five are seen by that, and of those that are seen 19 in 20 are a site's."""
    low, high = link.delay_p10 or 0, link.delay_p90 or 0
    return bool(pace) and link.source.kind != "sequence" and link.target.kind == "tag" and low >= 2 and 2 * pace + 4 <= high <= 180


def is_steady(link: Link) -> bool:
    """True when nine in ten people took the same time, as Kit's delays take."""
    median, low, high = link.delay_seconds or 0, link.delay_p10 or 0, link.delay_p90 or 0
    return high - low <= max(60, median // 10)


def days_left(low: int, high: int) -> int:
    """The whole days that a delay took, in seconds, where something that waits for an hour of the day, or for a working day, took its time
    as well: what one in ten took at most, and what nine in ten did.

    An hour of the day makes up to a day more or less, working days up to four more. Less than ``LEAST`` is no delay; where it may be a
    week or a day less, it is a week, as most delays are.
    """
    spread = high - low
    if spread < _DAY // 10:
        return max(0, (low + _DAY // 10) // _DAY) * _DAY
    if low < LEAST:
        return 0
    days = max(1, int(low / _DAY + (0.65 if spread <= 1.5 * _DAY else 0.2)))
    return (days + (days % 7 == 6 and (days + 1) * _DAY - low <= 0.75 * _DAY)) * _DAY


def place_of(item: ObjectRef) -> Place:
    """What tells objects apart."""
    return item.kind, item.id


def as_automations(chains: Sequence[ObservedChain]) -> tuple[Automation, ...]:
    """Each chain as an automation with ``origin=observed``, named after its two ends. A way into a form is left out: no step does that."""
    fit = [chain for chain in chains if all(link.target.kind in ("tag", "sequence") for link in chain.links)]
    used: Counter[str] = Counter()
    return tuple(_automation(chain, used) for chain in fit)


def _automation(chain: ObservedChain, used: Counter[str]) -> Automation:
    name = f"{chain.start.name} → {chain.links[-1].target.name} (observed)"
    used[name] += 1
    steps: list[AnyStep] = []
    for step in chain.steps:
        if step.wait:
            steps.append(Delay(seconds=step.wait, text=in_whole_units(step.wait)[1]))
        ref = _ref(step.link.target)
        steps.append(Enrol(sequence=ref) if ref.kind is Kind.SEQUENCE else AddTag(tag=ref))
    return Automation(
        name=name if used[name] == 1 else f"{name} {used[name]}",
        observed_id=chain.id,
        entries=(Trigger(kind=chain.trigger, ref=_ref(chain.start)),),
        steps=tuple(steps),
        origin=Origin.OBSERVED,
    )


def _ref(item: ObjectRef) -> Ref:
    return Ref(Kind(item.kind), item.name, item.id if isinstance(item.id, int) else None)


def durations(graph: Graph) -> Durations:
    """How long the sequences of an account take."""
    timings = {item.id: graph.lookup.timing(item.key) for item in graph.account.sequences}
    planned = {number: timing.planned for number, timing in timings.items()}
    holding = frozenset(number for number, timing in timings.items() if not timing.passes)
    return Durations(planned, holding, frozenset(item.id for item in graph.account.sequences if graph.lookup.published(item.key)))
