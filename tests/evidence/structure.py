"""Draws the structure of an account: automations, sequences, rules, and the objects they use."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from ckaudit.model.events import ObjectKind
from tests.evidence.profiles import DAY, Range

FORM, TAG, SEQUENCE = (int(kind) for kind in ObjectKind)
Obj = tuple[int, int]


@dataclass
class Sequence:
    delays: list[tuple[int, str]]
    days: frozenset[int]
    hour: int
    hold: bool
    click: Obj | None


@dataclass
class Automation:
    entries: list[Obj]
    code: list[tuple[Any, ...]]
    pauses: list[tuple[int, int]]


@dataclass
class Rule:
    trigger: tuple[str, Obj]
    actions: list[tuple[str, Obj]]


class Builder:
    """Draws the structure of an account."""

    def __init__(self, rng: np.random.Generator, ranges: Range) -> None:
        self.rng, self.ranges = rng, ranges
        draw = rng.uniform
        self.n_people = int(draw(*ranges.people))
        self.days = int(draw(*ranges.days))
        self.start = int(rng.integers(1_700_000_000, 1_780_000_000))
        self.jitter = str(rng.choice(ranges.jitter))
        self.restamp = str(rng.choice(ranges.restamp))
        self.shared, self.removed = draw(*ranges.shared), draw(*ranges.removed)
        self.pause, self.unsubscribe = draw(*ranges.pause), draw(*ranges.unsubscribe)
        self.siblings, self.form_ties = draw(*ranges.siblings), draw(*ranges.form_ties)
        self.ids = itertools.count(int(rng.integers(1, 2**40)), 7)
        self.forms = [self.new(FORM) for _ in range(int(rng.integers(ranges.forms[0], ranges.forms[1] + 1)))]
        self.popular = [self.new(TAG) for _ in range(3)]
        self.purchases = [self.new(TAG) for _ in range(int(rng.integers(2, 6)))]
        self.noise = [self.new(TAG) for _ in range(int(rng.integers(ranges.noise[0], ranges.noise[1] + 1)))]
        self.noise_weight = rng.dirichlet(np.full(len(self.noise), 0.6))
        self.noise_rate = draw(*ranges.noise_per_person)
        self.sequences: dict[Obj, Sequence] = {}
        self.triggers: list[Obj] = [*self.forms, *self.purchases]
        self.used: list[Obj] = []
        self.automations: list[Automation] = []
        self.rules: list[Rule] = []
        self.form_tags = {form: self.new(TAG) for form in self.forms if rng.random() < 0.5}
        self.triggers += list(self.form_tags.values())
        for _ in range(int(rng.integers(ranges.automations[0], ranges.automations[1] + 1))):
            self.automation()
        for _ in range(int(rng.integers(ranges.rules[0], ranges.rules[1] + 1))):
            self.rule()
        self.sync = [self.new(TAG) for _ in range(2)]

    def new(self, kind: int) -> Obj:
        return kind, next(self.ids)

    def tag(self) -> Obj:
        if self.rng.random() < self.shared:
            return self.popular[int(self.rng.integers(len(self.popular)))]
        made = self.new(TAG)
        self.triggers.append(made)
        return made

    def sequence(self) -> Obj:
        rng = self.rng
        made = self.new(SEQUENCE)
        count = int(rng.integers(1, 6))
        unit = "days" if rng.random() < self.ranges.windows else "hours"
        delays = [(0, "days") if rng.random() < 0.7 else (1, unit)]
        delays += [(int(rng.integers(1, 4)), unit) if unit == "days" else (int(rng.integers(1, 49)), unit) for _ in range(count - 1)]
        days = frozenset(range(7)) if rng.random() < 0.7 else frozenset(range(5))
        click = self.new(TAG) if rng.random() < 0.3 else None
        self.sequences[made] = Sequence(delays, days, int(rng.integers(24)), bool(rng.random() < 0.06), click)
        self.triggers.append(made)
        return made

    def automation(self) -> None:
        rng = self.rng
        pool = [obj for obj in self.triggers if obj[0] != SEQUENCE]
        fresh = [obj for obj in pool if obj not in self.used]
        pool = fresh if len(fresh) > 2 and rng.random() < 0.8 else pool
        if self.used and rng.random() < self.siblings:
            entries = [self.used[int(rng.integers(len(self.used)))]]
        else:
            entries = [pool[int(i)] for i in rng.choice(len(pool), min(len(pool), 1 + int(rng.integers(1, 5) // 3)), replace=False)]
        tagged = [self.form_tags.get(entry, entry) for entry in entries]
        entries = [tag if rng.random() < 0.9 else entry for tag, entry in zip(tagged, entries, strict=True)]
        self.used += entries
        code: list[tuple[Any, ...]] = []
        self.steps(code, int(rng.integers(self.ranges.steps[0], self.ranges.steps[1] + 1)), 0)
        pauses = []
        if rng.random() < self.pause:
            begin = self.start + int(rng.uniform(0.2, 0.8) * self.days * DAY)
            pauses.append((begin, begin + int(rng.uniform(0.3, 12) * DAY)))
        self.automations.append(Automation(entries, code, pauses))

    def steps(self, code: list[tuple[Any, ...]], count: int, depth: int) -> None:
        rng = self.rng
        for _ in range(count):
            dice = rng.random()
            if dice < 0.30:
                tag = self.tag()
                code.append(("tag", tag))
                if rng.random() < self.removed:
                    code += [("delay", 300), ("untag", tag)]
            elif dice < 0.50:
                code.append(("delay", int(rng.choice(self.ranges.delays))))
            elif dice < 0.72:
                code.append(("sequence", self.sequence()))
            elif dice < 0.86 and depth < 2:
                self.branch(code, depth)
            elif dice < 0.91:
                code.append(("event", self.purchases[int(rng.integers(len(self.purchases)))], depth))
            elif dice < 0.93 and depth:
                code.append(("exit",))
            elif dice < 0.93 + self.ranges.start and self.automations:
                code.append(("start", int(rng.integers(len(self.automations)))))
            else:
                code.append(("tag", self.tag()))

    def branch(self, code: list[tuple[Any, ...]], depth: int) -> None:
        rng = self.rng
        test = ("has", self.purchases[0]) if rng.random() < 0.3 else ("chance", float(rng.uniform(0.15, 0.85)))
        at = len(code)
        code.append(("if", test, 0))
        self.steps(code, int(rng.integers(1, 3)), depth + 1)
        if rng.random() < 0.5:
            code[at] = ("if", test, len(code))
            return
        jump = len(code)
        code.append(("jump", 0))
        code[at] = ("if", test, len(code))
        self.steps(code, int(rng.integers(1, 3)), depth + 1)
        code[jump] = ("jump", len(code))

    def rule(self) -> None:
        rng = self.rng
        source = self.triggers[int(rng.integers(len(self.triggers)))]
        how = "complete" if source[0] == SEQUENCE and rng.random() < 0.5 else "on"
        actions: list[tuple[str, Obj]] = []
        for _ in range(int(rng.integers(1, 3))):
            actions.append(("tag", self.tag()) if rng.random() < 0.6 else ("sequence", self.sequence()))
        self.rules.append(Rule((how, source), actions))
