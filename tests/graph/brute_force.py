"""Every way through an automation, one after the other, written straight from Kit's semantics and without a graph.

People are simulated as positions in the nested steps. Only small automations can be enumerated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ckaudit.graph.flow import Flow
from ckaudit.graph.paths import DAY
from ckaudit.model.automations import Automation
from ckaudit.model.steps import AnyStep, Delay, Enrol, Event, Events, Exit, If, Split
from ckaudit.model.triggers import TriggerKind
from tests.graph.random_automations import timing

Stop = tuple[str, ...]


@dataclass
class Place:
    """A step with what comes after it, as ids; ``kind`` is step, goal or end."""

    id: str
    kind: str = "step"
    seconds: int = 0
    waits: bool = False
    passes: bool = True
    date: bool = False
    exits: bool = False
    following: list[str] = field(default_factory=list)
    drawn_above: list[str] = field(default_factory=list)


def places(automation: Automation) -> dict[str, Place]:
    """The places of an automation, built backwards: each step knows what follows."""
    table: dict[str, Place] = {"end": Place("end", "end")}
    heads = _chain(automation.steps, "", ["end"], table)
    table["start"] = Place("start", following=heads)
    for number in range(len(automation.entries)):
        table[f"e{number}"] = Place(f"e{number}", following=["start"])
    _pull_over_exits(automation.steps, "", table)
    return table


def _pull_over_exits(steps: tuple[AnyStep, ...], prefix: str, table: dict[str, Place]) -> bool:
    """Link exits with the goals drawn right below a block that lets nobody through. True when people get to the end of the chain."""
    alive, dead_block = True, ""
    for number, step in enumerate(steps):
        name = f"{prefix}s{number}"
        goals = (
            [name] if isinstance(step, Event) else [f"{name}/path{i}" for i in range(len(step.paths))] if isinstance(step, Events) else []
        )
        if not alive and goals:
            for place in table.values():
                if place.following == ["end"] and place.exits and (place.id == dead_block or place.id.startswith(f"{dead_block}/")):
                    place.drawn_above += goals
        lets_through = _inside(step, name, table)
        was_alive = alive or bool(goals)
        alive = was_alive and lets_through
        if was_alive and not alive:
            dead_block = name
    return alive


def _inside(step: AnyStep, name: str, table: dict[str, Place]) -> bool:
    match step:
        case Exit():
            return False
        case If():
            sides = [_pull_over_exits(step.then, f"{name}/then/", table), _pull_over_exits(step.otherwise, f"{name}/else/", table)]
            return any(sides)
        case Split():
            ways_out = [_pull_over_exits(side.steps, f"{name}/path{i}/", table) for i, side in enumerate(step.paths)]
            return any(ways_out) or all(side.tag for side in step.paths)
        case Events():
            behind = [_pull_over_exits(side.steps, f"{name}/path{i}/", table) for i, side in enumerate(step.paths)]
            return any(behind)
        case _:
            return True


def _chain(steps: tuple[AnyStep, ...], prefix: str, after: list[str], table: dict[str, Place]) -> list[str]:
    for number in reversed(range(len(steps))):
        after = _step(steps[number], f"{prefix}s{number}", after, table)
    return after


def _step(step: AnyStep, name: str, after: list[str], table: dict[str, Place]) -> list[str]:
    place = Place(name)
    match step:
        case Events():
            heads = []
            for number, side in enumerate(step.paths):
                goal = f"{name}/path{number}"
                inner = _chain(side.steps, f"{goal}/", after, table)
                table[goal] = Place(goal, "goal", waits=True, date=side.trigger.kind is TriggerKind.DATE, following=inner)
                heads.append(goal)
            return heads
        case Event():
            place = Place(name, "goal", waits=True, date=step.trigger.kind is TriggerKind.DATE, following=list(after))
        case Delay():
            place = Place(name, seconds=step.seconds, waits=True, following=list(after))
        case Enrol():
            time = timing(step.sequence.key)
            place = Place(name, seconds=time.planned, waits=time.planned > 0 or not time.passes, passes=time.passes, following=list(after))
        case If():
            sides = [*_chain(step.then, f"{name}/then/", after, table), *_chain(step.otherwise, f"{name}/else/", after, table)]
            place.following = sides
        case Split():
            sides = [head for number, side in enumerate(step.paths) for head in _chain(side.steps, f"{name}/path{number}/", after, table)]
            if all(side.tag for side in step.paths):
                sides += after
            place.following = sides
        case Exit():
            place = Place(name, exits=True, following=["end"])
        case _:
            place.following = list(after)
    table[name] = place
    return [name]


def below(table: dict[str, Place], name: str) -> set[str]:
    """Everything further down."""
    seen: set[str] = set()
    todo = [*table[name].following, *table[name].drawn_above]
    while todo:
        other = todo.pop()
        if other not in seen:
            seen.add(other)
            todo += [*table[other].following, *table[other].drawn_above]
    return seen


def ways(table: dict[str, Place], start: str, *, guard: int = DAY, pulled: bool = True) -> Iterator[Stop]:
    """Every way from ``start``: the places crossed, then ``END``, ``WAITS`` or ``HELD``."""
    yield from _go(table, (start,), 0.0, guard, pulled)


def _go(table: dict[str, Place], crossed: Stop, exposed: float, guard: int, pulled: bool) -> Iterator[Stop]:
    here = table[crossed[-1]]
    first = len(crossed) == 1
    if here.kind == "end":
        yield (*crossed, "END")
        return
    dwell = 0.0 if first else float(here.seconds) if here.passes else float("inf")
    if pulled and here.waits and here.kind != "goal" and exposed + dwell >= guard:
        for goal in sorted(below(table, here.id)):
            if table[goal].kind == "goal":
                yield from _go(table, (*crossed, goal), exposed + dwell, guard, pulled)
    if not here.passes and not first:
        yield (*crossed, "HELD")
        return
    for following in here.following:
        there = table[following]
        if there.kind == "goal":
            if not there.date:
                yield (*crossed, "WAITS")
            if pulled:
                for goal in sorted(below(table, following)):
                    if table[goal].kind == "goal":
                        yield from _go(table, (*crossed, goal), float("inf"), guard, pulled)
        yield from _go(table, (*crossed, following), exposed + dwell, guard, pulled)


def local(flow: Flow, name: str) -> str:
    """The brute-force name of a flow node."""
    return name.removeprefix(f"{flow.index}/")
