"""The automations a simulated account really has, as far as its timestamps can show them: what each gives, in order, after how long.

Read off the right manifest where there is one (``described``); of the courses, which have none, off the ways its people took.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ckaudit.model.account import Account
from ckaudit.model.durations import split_duration
from ckaudit.model.evidence import Evidence
from tests.evidence import course_simulator, described, judge
from tests.evidence.course_sheet import Asked, Column, Sheet
from tests.evidence.described import DAY, FORM, HOUR, MINUTE, SEQUENCE, TAG, Document, Steps
from tests.evidence.truth import Obj, Truth, World

UNITS = {"minute": MINUTE, "hour": HOUR, "day": DAY, "week": 7 * DAY}
LATER = 3 * DAY
"""An offer comes so late at least."""
Lengths = Callable[[Obj], int]
"""Planned seconds that an object takes: those of a sequence's emails."""
Branch = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class TrueStep:
    """``waited``: seconds of the delays since the object before; ``at``: planned seconds since the entry, None where people come by ways of
    different length; ``branch``: the conditions it stands in, each with the way that is taken."""

    obj: Obj
    waited: int
    at: int | None
    branch: Branch = ()


@dataclass(frozen=True)
class TrueAutomation:
    """``entries`` of which any starts the steps; after a sequence is over for a rule that ``completes`` it."""

    kind: str
    entries: tuple[Obj, ...]
    steps: tuple[TrueStep, ...]
    completes: bool = False

    def visible(self, truth: Truth, people: int = 20) -> TrueAutomation:
        """With what can be seen: a step that is the nearest cause's effect for enough people, an entry that is such a cause."""
        own = {*self.entries, *(step.obj for step in self.steps)}
        pairs = {pair for pair, found in truth.items() if len(found.gaps) >= people and set(pair) <= own}
        effects, causes = {effect for _, effect in pairs}, {cause for cause, _ in pairs}
        steps, seen = list[TrueStep](), set[Obj]()
        for step in self.steps:
            if step.obj in effects and step.obj not in seen and step.obj not in self.entries:
                steps.append(step)
                seen.add(step.obj)
        return replace(self, entries=tuple(entry for entry in self.entries if entry in causes), steps=tuple(steps))


@dataclass(frozen=True)
class Known:
    """An account, its timestamps, what caused them, and its automations; ``is_all``: all of them, so that no other delay was set."""

    label: str
    account: Account
    evidence: Evidence
    truth: Truth
    automations: tuple[TrueAutomation, ...]
    is_all: bool = True


def known(family: str, profile: str, seed: int, *, medium: bool = False) -> Known:
    """One account of a family: of those that ``described`` has, of the courses, or of those that only say what caused what."""
    if family == "courses":
        return courses(profile, seed, medium)
    if family not in described.FAMILIES:
        return derived(judge.make(family, profile, seed, medium=medium))
    found = described.FAMILIES[family][0](seed, profile, medium=medium)
    lengths = lengths_in(found.account)
    return Known(found.label, found.account, found.evidence, found.truth, tuple(described_in(found.manifest, lengths)))


def lengths_in(account: Account) -> Lengths:
    """How long the emails of sequences take."""
    total: dict[int, int] = defaultdict(int)
    for mail in account.sequence_emails:
        total[mail.sequence_id] += (mail.delay_value or 0) * (DAY if mail.delay_unit == "days" else HOUR)
    return lambda obj: total[obj[1]] if obj[0] == SEQUENCE else 0


def kind_of(entries: Sequence[Obj], steps: Sequence[TrueStep]) -> str:
    """What an automation is for, by its shape."""
    modules = [step for step in steps if step.obj[0] == TAG and step.waited >= DAY]
    if len(modules) >= 2:
        return "membership release"
    if len(steps) == 1 and not steps[0].waited:
        return "rule"
    if any(step.branch for step in steps):
        return "with conditions"
    if any(entry[0] == FORM for entry in entries):
        return "funnel of a form"
    if len(steps) == 1 and steps[0].waited >= LATER:
        return "upsell"
    if any(step.obj[0] == SEQUENCE and step.waited < DAY for step in steps[:2]):
        return "welcome"
    return "other"


# -- from a manifest -----------------------------------------------------------------------------------------------------------------


def described_in(manifest: Document, lengths: Lengths) -> Iterator[TrueAutomation]:
    """The automations, rules and forms of a manifest that leave timestamps."""
    walks = {one["name"]: _Walk(lengths) for one in manifest["automations"]}
    for one in manifest["automations"]:
        walks[one["name"]].begin(one)
    for walk in walks.values():
        for last, other in walk.starts:
            walks[other].parts[0].entries.append(last)
    for walk in walks.values():
        yield from walk.found()
    for rule in manifest["rules"]:
        entries = list(_objects(rule["when"], "tag_added", "joins_form", "subscribes_to_sequence", "completes_sequence"))
        completes = any("completes_sequence" in trigger for trigger in rule["when"])
        at = lengths(entries[0]) if completes else 0
        given = _objects(rule["do"], "add_tag", "subscribe_sequence", "subscribe_form")
        yield TrueAutomation("rule", tuple(entries), tuple(TrueStep(obj, 0, at) for obj in given), completes)
    for link in manifest.get("form_links", ()):
        tags = (_object(tag) for tag in link.get("adds_tags", ()))
        yield TrueAutomation("rule", (_object(link["form"]),), tuple(TrueStep(tag, 0, 0) for tag in tags))


def _objects(items: Iterable[dict[str, Any]], *keys: str) -> Iterator[Obj]:
    return (_object(item[key]) for item in items for key in keys if key in item)


def _object(text: str) -> Obj:
    word, _, number = text.partition(" ")
    return {"Form": FORM, "Tag": TAG, "Sequence": SEQUENCE}[word], int(number)


@dataclass
class _Part:
    """Steps up to an event: what comes behind it starts with that."""

    entries: list[Obj]
    steps: list[TrueStep] = field(default_factory=list)


class _Walk:
    """One automation on the way through its steps."""

    def __init__(self, lengths: Lengths) -> None:
        self.lengths = lengths
        self.parts: list[_Part] = [_Part([])]
        self.removed: set[Obj] = set()
        self.starts: list[tuple[Obj, str]] = []
        self.conditions = 0

    def begin(self, one: Document) -> None:
        self.parts[0].entries += _objects(one["entries"], "tag_added", "joins_form", "subscribes_to_sequence")
        self.go(one["steps"], 0, ())

    def found(self) -> Iterator[TrueAutomation]:
        for part in self.parts:
            stays = [step for step in part.steps if step.obj not in self.removed]
            if part.steps:
                yield TrueAutomation(kind_of(part.entries, stays or part.steps), tuple(part.entries), tuple(part.steps))

    def go(self, steps: Steps, at: int | None, branch: Branch) -> int | None:
        """Take steps from a second on; the second after them."""
        waited = 0
        for step in steps:
            match step:
                case {"add_tag": text} | {"sequence": text}:
                    obj = _object(text)
                    self.parts[-1].steps.append(TrueStep(obj, waited, at, branch))
                    waited, at = 0, None if at is None else at + self.lengths(obj)
                case {"delay": text}:
                    number, unit = split_duration(text) or ("0", "day")
                    waited += int(number) * UNITS[unit]
                    at = None if at is None else at + int(number) * UNITS[unit]
                case {"remove_tag": text}:
                    self.removed.add(_object(text))
                case {"event": event}:
                    self.parts.append(_Part([_object(event["tag_added"])] if "tag_added" in event else []))
                    waited, at = 0, 0 if "tag_added" in event else None
                case {"start_automation": other} if self.parts[-1].steps:
                    self.starts.append((self.parts[-1].steps[-1].obj, other))
                case {"if": _} | {"split": _}:
                    waited, at = 0, self.parted(step, at, branch)
        return at

    def parted(self, step: dict[str, Any], at: int | None, branch: Branch) -> int | None:
        """The ways of a condition; when they meet again, if that is the same for all."""
        self.conditions += 1
        own = self.conditions
        ways = [part.get("steps") or part.get("otherwise") for part in step["split"]] if "split" in step else [step["then"]]
        ends = [self.go(way, at, (*branch, (own, number))) for number, way in enumerate(ways) if way != [{"exit": True}]]
        ends.append(self.go(step["else"], at, (*branch, (own, len(ways)))) if step.get("else") else at)
        return at if set(ends) == {at} else None


# -- from the sheet of the courses ---------------------------------------------------------------------------------------------------


def courses(kind: str, seed: int, medium: bool) -> Known:
    """A course account with the sequences' emails, and its automations."""
    sheet = course_simulator.filled(kind, seed, course_simulator.MEDIUM if medium else course_simulator.SMALL)
    world = sheet.world(f"{kind} {seed}")
    emails = {sheet.columns[column].obj: mails.waits for column, mails in sheet.schedules.items()}
    confirmed = described.document([])
    found = described.described(world.label, world, confirmed, emails)
    return Known(found.label, found.account, found.evidence, found.truth, tuple(ways_of(sheet, lengths_in(found.account))))


def ways_of(sheet: Sheet, lengths: Lengths) -> Iterator[TrueAutomation]:
    """Whatever listens to a column is an automation for each first thing it does, but that those who part there are in one."""
    roots: dict[int, list[tuple[Column, Asked]]] = defaultdict(list)
    for column in sheet.columns:
        for asked in column.asked:
            if asked.path and not asked.by_site and len(asked.who):
                roots[id(asked.path[-1])].append((column, asked))
    for steps in roots.values():
        entry = sheet.columns[steps[0][1].path[-1][0]]
        firsts = [item for item in steps if len(item[1].path) == 1]
        parts = any(not len(np.intersect1d(a[1].who, b[1].who)) for a in firsts for b in firsts if a is not b)
        groups = [firsts] if parts else [[first] for first in firsts]
        for group in groups:
            found = [step for number, first in enumerate(group) for step in _below(sheet, lengths, steps, first, number, len(group) > 1)]
            yield TrueAutomation(kind_of([entry.obj], found), (entry.obj,), tuple(found))


def _below(
    sheet: Sheet, lengths: Lengths, steps: Sequence[tuple[Column, Asked]], first: tuple[Column, Asked], way: int, is_parted: bool
) -> Iterator[TrueStep]:
    todo, number = [(first, 0, ((0, way),) if is_parted else ())], 0
    while todo:
        (column, asked), before, branch = todo.pop(0)
        at = before + asked.waited
        yield TrueStep(column.obj, asked.waited, at, branch)
        own = sheet.columns.index(column)
        following = [item for item in steps if item[1].path[0][0] == own and _moments(item[1])[1:] == _moments(asked)]
        number += len(following) > 1
        for place, item in enumerate(following):
            todo.append((item, at + lengths(column.obj), (*branch, (number, place)) if len(following) > 1 else branch))


def _moments(asked: Asked) -> list[int]:
    """What tells the columns on a way apart: one may be passed twice."""
    return [id(moment) for _, moment in asked.path]


# -- from the causes alone -----------------------------------------------------------------------------------------------------------


def derived(world: World) -> Known:
    """Membership releases, where a simulator only tells what caused what: ways from a tag on which two tags or more are given a day and
    more after what was before them. No sequence says how long it takes, so what is behind one has no planned time."""
    causes: dict[Obj, dict[Obj, list[int]]] = defaultdict(dict)
    for (cause, effect), pair in world.causal().items():
        causes[effect][cause] = pair.gaps
    above = {effect: max(found, key=lambda cause: len(found[cause])) for effect, found in causes.items()}
    ways = [way for way in (_way(above, obj) for obj in sorted(above)) if way[0][0] == TAG]
    kept = [way for way in ways if not any(way != other and set(way) < set(other) for other in ways)]
    found = [_release(way, causes) for way in kept]
    emails: described.Emails = {obj: [] for obj in {*above, *above.values()} if obj[0] == SEQUENCE}
    told = described.described(world.label, world, described.document([]), emails)
    releases = tuple(true for true in found if true.kind == "membership release")
    return Known(told.label, told.account, told.evidence, world.truth, releases, is_all=False)


def _way(above: dict[Obj, Obj], obj: Obj) -> tuple[Obj, ...]:
    """From a start to an object."""
    way = [obj]
    while (cause := above.get(way[-1])) is not None and cause not in way:
        way.append(cause)
    return tuple(reversed(way))


def _release(way: Sequence[Obj], causes: dict[Obj, dict[Obj, list[int]]]) -> TrueAutomation:
    at: int | None = 0
    steps = []
    for cause, effect in itertools.pairwise(way):
        low, waited, high = (int(found) for found in np.quantile(causes[effect][cause], [0.1, 0.5, 0.9]))
        is_set = high - low <= max(60, waited // 10) and cause[0] != SEQUENCE
        at = at + (waited if low >= 45 else 0) if is_set and at is not None else None
        steps.append(TrueStep(effect, waited, at))
    return TrueAutomation(kind_of(way[:1], steps), tuple(way[:1]), tuple(steps))
