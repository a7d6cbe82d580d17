"""Judges drafts of automations on simulated accounts: ``python -m tests.evidence.judge_drafts [FAMILY …] [--seeds N] [--medium] [--show]``.

An automation is *whole* when one draft has everything of it that can be seen, with its entries, in order and each delay right within a
minute or a tenth; *untimed* when only delays or the order are wrong; *split* when several drafts have all of it; *in part* or *absent*
else. Of the drafts are counted: steps that no cause in the account explains, drafts made of nothing else, and delays that nobody set.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ckaudit.cli.discover import facts_of
from ckaudit.graph.build import build_graph
from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import Link
from ckaudit.model.triggers import TriggerKind
from ckaudit.observed.drafts import DraftAutomation, DraftRule, DraftStep, Given
from ckaudit.observed.observe import observe
from ckaudit.render.draft_manifest import drafted
from tests.evidence import judge
from tests.evidence.judge import NUMBER, Together
from tests.evidence.true_automations import Branch, Known, Lengths, TrueAutomation, TrueStep, known, lengths_in
from tests.evidence.truth import Obj, Truth, World

STATES = ("whole", "untimed", "split", "in part", "absent")
FAMILIES = tuple(family for family in judge.FAMILIES if family != "quiet")
"""All but that which is made of traps."""


@dataclass(frozen=True)
class Placed:
    """A step of a draft: planned seconds since the entry, as the draft has it, ``after`` what it comes and because of which link."""

    obj: Obj
    at: int
    link: Link
    wait: int
    branch: Branch
    source: Obj
    since: int | None


@dataclass
class Draft:
    """A draft or a rule: what starts it, and its steps in the order in which they are written."""

    entries: frozenset[Obj]
    steps: list[Placed]
    is_rule: bool = False

    def at(self, obj: Obj) -> int | None:
        """When somebody gets this, counted from the entry."""
        return 0 if obj in self.entries else next((step.at for step in self.steps if step.obj == obj), None)

    def place(self, obj: Obj) -> int:
        return -1 if obj in self.entries else next((place for place, step in enumerate(self.steps) if step.obj == obj), -2)


def obj_of(item: ObjectRef) -> Obj:
    return NUMBER[item.kind], int(item.id or 0)


def flat(automation: DraftAutomation, lengths: Lengths) -> Draft:
    """A draft's steps with their seconds."""
    found = Draft(frozenset(map(obj_of, automation.entries)), [])
    _flatten(automation.steps, 0, (), found, lengths)
    return found


def _flatten(steps: Sequence[DraftStep], now: int, branch: Branch, found: Draft, lengths: Lengths) -> int:
    for step in steps:
        if isinstance(step, Given):
            obj, source = obj_of(step.link.target), obj_of(step.link.source)
            now += step.wait
            found.steps.append(Placed(obj, now, step.link, step.wait, branch, source, found.at(source)))
            now += lengths(obj)
        else:
            number = len(found.steps)
            _flatten(step.then, now, (*branch, (number, 0)), found, lengths)
            _flatten(step.other, now, (*branch, (number, 1)), found, lengths)
    return now


def flat_rule(rule: DraftRule, lengths: Lengths) -> Draft:
    entries = frozenset(obj_of(item) for _, item in rule.triggers)
    over = {obj_of(item) for kind, item in rule.triggers if kind is TriggerKind.COMPLETES_SEQUENCE}
    steps = [
        Placed(obj_of(link.target), lengths(source) if source in over else 0, link, 0, (), source, 0)
        for link in rule.links
        for source in [obj_of(link.source)]
    ]
    return Draft(entries, steps, True)


def close(found: int, planned: int) -> bool:
    return abs(found - planned) <= max(60, planned // 10)


# -- automations ---------------------------------------------------------------------------------------------------------------------


def state(true: TrueAutomation, found: Sequence[Draft], truth: Truth) -> tuple[str, str]:
    """How an automation came out, and what is wrong."""
    wanted = [step.obj for step in true.steps]
    own = {*true.entries, *wanted}
    parts: list[set[Obj]] = []
    complete = []
    for draft in found:
        held = {step.obj for step in draft.steps if step.obj in wanted and step.source in own} | {
            step.obj for step in draft.steps if step.obj in wanted and draft.entries & own
        }
        parts.append(held)
        inside = draft.entries | {step.obj for step in draft.steps}
        if held == set(wanted) and inside >= set(true.entries):
            complete.append(draft)
    if complete:
        whys = [why_not_whole(true, draft, truth) for draft in complete]
        return ("whole", "") if "" in whys else ("untimed", whys[0])
    missing = set(wanted) - set().union(*parts)
    if not missing:
        return "split", f"into {sum(1 for part in parts if part)}"
    return ("in part" if len(missing) < len(wanted) else "absent"), f"{len(missing)} of {len(wanted)} missing"


def told_apart(truth: Truth, first: TrueStep, then: TrueStep) -> bool:
    """Whether anybody can see which of two steps comes first: Kit's timestamps are whole seconds."""
    pair = truth.get((first.obj, then.obj))
    return first.at != then.at or first.at is None or (pair is not None and sorted(pair.gaps)[len(pair.gaps) // 2] > 0)


def why_not_whole(true: TrueAutomation, draft: Draft, truth: Truth) -> str:
    """The first thing that is wrong in a draft that has everything; nothing when it is right."""
    for place, step in enumerate(true.steps):
        before = [other for other in true.steps[:place] if other.branch == step.branch[: len(other.branch)]]
        if any(draft.place(other.obj) > draft.place(step.obj) and told_apart(truth, other, step) for other in before):
            return f"order of {step.obj}"
        last = before[-1] if before else None
        begin = 0 if last is None else last.at
        start = next((entry for entry in true.entries if draft.at(entry) is not None), None)
        since = draft.at(last.obj if last else start) if last or start else 0
        if step.at is None or begin is None or since is None:
            continue
        at = draft.at(step.obj)
        if at is None or not close(at - since, step.at - begin):
            return f"{step.obj} after {None if at is None else at - since} s, not {step.at - begin}"
    return ""


# -- drafts --------------------------------------------------------------------------------------------------------------------------


def exclude(one: Branch, other: Branch) -> bool:
    """Whether nobody goes both ways."""
    ways = dict(one)
    return any(ways.get(condition, way) != way for condition, way in other)


class Plans:
    """What somebody set between two objects: seconds, over several automations too; None where nobody can say."""

    def __init__(self, automations: Iterable[TrueAutomation], is_all: bool) -> None:
        self.none = 0 if is_all else None
        self.after: dict[Obj, dict[Obj, int | None]] = defaultdict(dict)
        for true in automations:
            for place, step in enumerate(true.steps):
                for entry in true.entries:
                    self.after[entry].setdefault(step.obj, step.at)
                for other in true.steps[:place]:
                    is_above = other.branch == step.branch[: len(other.branch)]
                    if is_above or not exclude(other.branch, step.branch):
                        apart = None if step.at is None or other.at is None or not is_above else step.at - other.at
                        self.after[other.obj].setdefault(step.obj, apart)

    def between(self, cause: Obj, effect: Obj) -> int | None:
        """The plan of an automation, or of several that start each other; where there is none 0, if all are known."""
        todo: list[tuple[Obj, int | None]] = [(cause, 0)]
        seen = {cause}
        for obj, at in todo:
            following = self.after.get(obj, {})
            if effect in following:
                more = following[effect]
                return None if at is None or more is None else at + more
            fresh = [(item, None if at is None or more is None else at + more) for item, more in following.items() if item not in seen]
            seen |= {item for item, _ in fresh}
            todo += fresh
        return self.none


@dataclass
class Tally:
    """Counts over accounts."""

    states: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    drafts: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        for kind, states in other.states.items():
            self.states[kind] += states
        self.drafts += other.drafts

    def lines(self) -> Iterator[str]:
        whole = Counter[str]()
        for kind, states in sorted(self.states.items()):
            yield f"  {kind:20}" + "  ".join(f"{state} {states[state]:3}" for state in STATES) + share(states)
            whole += states
        yield f"  {'all':20}" + "  ".join(f"{state} {whole[state]:3}" for state in STATES) + share(whole)
        yield "  " + ", ".join(f"{name} {count}" for name, count in sorted(self.drafts.items()))


def share(states: Counter[str]) -> str:
    return f"   {states['whole'] / max(states.total(), 1):.0%}"


def judged(account: Known, grey: frozenset[tuple[Obj, Obj]], tally: Tally, show: bool = False) -> None:
    """Adds an account to the counts."""
    graph = build_graph(account.account, None, {}, dt.datetime.fromtimestamp(account.evidence.now, dt.UTC))
    alone = observe(graph, account.evidence)
    found, lengths = drafted(alone.links, facts_of(alone.declared)), lengths_in(account.account)
    drafts = [*(flat(one, lengths) for one in found.automations), *(flat_rule(rule, lengths) for rule in found.rules)]
    visible = [true.visible(account.truth) for true in account.automations]
    visible = [true for true in visible if true.steps]
    for true in visible:
        how, why = state(true, drafts, account.truth)
        tally.states[true.kind][how] += 1
        if show and how != "whole":
            print(f"    {account.label}: {true.kind} {true.entries}: {how}, {why}")
            print("        true:", *(f"{step.obj}@{step.at}{step.branch or ''}" for step in true.steps))
            own = {*true.entries, *(step.obj for step in true.steps)}
            for draft in drafts:
                if any(step.obj in own and (step.source in own or draft.entries & own) for step in draft.steps):
                    print("        rule:" if draft.is_rule else "        draft:", set(draft.entries), *map(_shown, draft.steps))
    world = World(account.evidence.events, account.evidence.now, account.truth, grey=grey)
    _false(world, drafts, Plans(account.automations, account.is_all), tally, show)


def _shown(step: Placed) -> str:
    return f"{step.obj}@{step.at}{step.branch or ''}<{step.source}"


def _false(world: World, drafts: Sequence[Draft], plans: Plans, tally: Tally, show: bool) -> None:
    """Counts what is not true in drafts."""
    together = Together(world.events)
    for draft in drafts:
        what = "rules" if draft.is_rule else "drafts"
        wrong = [step for step in draft.steps if not is_true(world, together, step)]
        tally.drafts[what] += 1
        tally.drafts[f"{what} with a false step"] += bool(wrong)
        tally.drafts[f"{what} all false"] += len(wrong) == len(draft.steps)
        tally.drafts["steps"] += len(draft.steps)
        tally.drafts["steps false"] += len(wrong)
        tally.drafts["delays"] += sum(1 for step in draft.steps if step.wait)
        for step in draft.steps:
            if step in wrong or not step.wait or step.since is None:
                continue
            plan = plans.between(step.source, step.obj)
            if plan is not None and not close(step.at - step.since, plan):
                kind = "invented" if step.at - step.since > plan else "short"
                tally.drafts[f"delays {kind}"] += 1
                if show:
                    print(f"      delay {kind}: {step.source} {step.obj} {step.at - step.since} s, planned {plan}")
        if show:
            for step in wrong:
                print(f"      false: {step.source} → {step.obj}, {step.link.support} people, {step.link.confidence}")


def is_true(world: World, together: Together, step: Placed) -> bool:
    """Whether the step's cause is the true one, or one nobody can tell from it."""
    pair = (step.source, step.obj)
    if pair in world.grey or len(world.truth[pair].gaps if pair in world.truth else ()) >= 10:
        return True
    others = [cause for (cause, effect), found in world.truth.items() if effect == step.obj and len(found.gaps) >= 20]
    return any(together(cause, step.source, step.obj) for cause in others)


def grey_of(family: str, profile: str, seed: int, *, medium: bool = False) -> frozenset[tuple[Obj, Obj]]:
    """What is neither right nor wrong; ``described`` does not say."""
    known_to_all = ("first", "second", "business", "courses")
    return frozenset() if family in known_to_all else judge.make(family, profile, seed, medium=medium, trapped=False).grey


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("families", nargs="*", default=FAMILIES)
    parser.add_argument("--profile")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--first", type=int, default=900)
    parser.add_argument("--medium", action="store_true")
    parser.add_argument("--show", action="store_true", help="what is not whole, and what is not true")
    asked = parser.parse_args()
    whole = Tally()
    for family in asked.families:
        tally = Tally()
        for profile in judge.FAMILIES[family][1]:
            if asked.profile in (None, profile):
                for seed in range(asked.first, asked.first + asked.seeds):
                    account = known(family, profile, seed, medium=asked.medium)
                    judged(account, grey_of(family, profile, seed, medium=asked.medium), tally, asked.show)
        whole.add(tally)
        print(family, *tally.lines(), sep="\n")
    print("all families", *whole.lines(), sep="\n")


if __name__ == "__main__":
    main()
