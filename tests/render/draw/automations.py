"""Automations to draw: large random ones with names of all lengths."""

from __future__ import annotations

import random

from ckaudit.model.automations import Automation
from ckaudit.model.refs import Kind, Ref
from ckaudit.model.steps import AddTag, AnyStep, ConditionKind, Delay, Enrol, Event, EventPath, Events, Exit, If, Split, SplitPath, Test
from ckaudit.model.triggers import Trigger, TriggerKind

NAMES = (
    "VIP",
    "Course A: module 2",
    "Everybody who came through the summer challenge and stayed",
    "講座の購入者と友だち",
    "🌊🌊 waves",
    "W" * 90,
    "x",
)


def tag(name: str) -> Ref:
    return Ref(Kind.TAG, name)


def tagged(name: str) -> Trigger:
    return Trigger(kind=TriggerKind.TAG_ADDED, ref=tag(name))


def sequence(name: str) -> Enrol:
    return Enrol(sequence=Ref(Kind.SEQUENCE, name))


def has_tag(name: str) -> Test:
    return Test(kind=ConditionKind.TAG, ref=tag(name))


def chain(count: int) -> tuple[AnyStep, ...]:
    """So many steps, one behind the other."""
    return tuple(AddTag(tag=tag(f"tag {number}")) for number in range(count))


def random_automation(seed: int, steps: int, names: tuple[str, ...] = NAMES) -> Automation:
    """An automation of about so many steps, with blocks in blocks. Same seed, same automation."""
    dice = random.Random(seed)
    left = [steps]

    def some(depth: int, most: int) -> tuple[AnyStep, ...]:
        made: list[AnyStep] = []
        for _ in range(dice.randint(0 if depth else 1, most)):
            if left[0] <= 0:
                break
            left[0] -= 1
            made.append(one(depth))
        if depth and dice.random() < 0.2:
            made.append(Exit())
        return tuple(made)

    def one(depth: int) -> AnyStep:
        name = dice.choice(names)
        roll = dice.random()
        if depth < 4 and roll < 0.12:
            return If(test=has_tag(name), then=some(depth + 1, 4), otherwise=some(depth + 1, 4))
        if depth < 4 and roll < 0.18:
            paths = tuple(SplitPath(tag=tag(dice.choice(names)), steps=some(depth + 1, 3)) for _ in range(dice.randint(1, 4)))
            return Split(paths=(*paths, SplitPath(tag=None, steps=some(depth + 1, 2))) if dice.random() < 0.5 else paths)
        if depth < 4 and roll < 0.24:
            return Events(paths=tuple(EventPath(trigger=tagged(name), steps=some(depth + 1, 3)) for _ in range(dice.randint(1, 3))))
        simple: tuple[AnyStep, ...] = (
            AddTag(tag=tag(name), note=name if dice.random() < 0.1 else ""),
            sequence(name),
            Delay(seconds=300, text="5 minutes"),
            Event(trigger=tagged(name)),
        )
        return dice.choice(simple)

    body: list[AnyStep] = []
    while left[0] > 0:
        body += some(0, 6)
    return Automation(
        name=f"Random {seed}", entries=tuple(tagged(dice.choice(names)) for _ in range(dice.choice((0, 1, 1, 2, 5, 9)))), steps=tuple(body)
    )
