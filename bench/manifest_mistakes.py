"""How many mistakes in a manifest the timestamps show: ``python -m bench manifest_mistakes [FAMILY …] [--seeds N] [--misses]``.

The right manifest of the demo and of every simulated account is changed in one place, in every place where such a mistake can stand, and
audited again. A mistake is *noticed* when there is a finding that the right manifest does not have and that names the automation. It
*shows* when it is about something that at least twenty people got a visible timestamp of on this way; the rest is counted apart, as nobody
could notice it. Findings of the rules about timestamps on the right manifest are false. Bounds: delay 0.9, dropped step 0.75, swap 0.6, add
or remove 0.85, and one false finding in twenty accounts.
"""

from __future__ import annotations

import argparse
import copy
import datetime as dt
import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import yaml

from bench._traces import Traces
from ckaudit.engine.load import LoadedRule, load_rules
from ckaudit.engine.run_on_observed import run_rule
from ckaudit.evidence.mine import mined_in
from ckaudit.graph.build import build_graph
from ckaudit.graph.declared_links import declared_links
from ckaudit.graph.graph import Graph
from ckaudit.graph.timestamps import Timestamps
from ckaudit.model.durations import UNITS, split_duration
from ckaudit.model.events import ObjectKind
from ckaudit.model.evidence import Evidence
from ckaudit.model.findings import ReportedFinding
from ckaudit.model.refs import Key
from ckaudit.observed.account import ObservedAccount
from ckaudit.observed.from_timestamps import with_links_of
from ckaudit.resources import demo_folder, rules_folder
from ckaudit.sources.evidence_file import read_evidence
from ckaudit.sources.manifest import parse_manifest
from ckaudit.sources.snapshot import read_snapshot
from ckaudit.sources.stacks import read_stacks
from tests.evidence.described import FAMILIES, Described, Document, Steps, wait
from tests.evidence.truth import Obj, Pair, Truth

Place = tuple[Any, ...]
"""The keys and numbers that lead to a list of steps in a manifest."""
BOUNDS = {"delay": 0.9, "dropped step": 0.75, "swap": 0.6, "add or remove": 0.85}
CHECKS = ("CK813", "CK814", "CK815", "CK816", "CK817")
"""The rules that hold the manifest against timestamps."""


@dataclass(frozen=True)
class Mistake:
    """One change: its kind and group (see ``BOUNDS``), the automation, where, and the manifest with it."""

    kind: str
    group: str
    automation: str
    place: Place
    manifest: Document


def lists_of_steps(manifest: Document) -> Iterator[tuple[str, Place, Steps]]:
    """Every list of steps with its automation and where it is."""
    for number, automation in enumerate(manifest["automations"]):
        yield from _lists(automation["name"], ("automations", number, "steps"), automation.get("steps", []))


def _lists(automation: str, place: Place, steps: Steps) -> Iterator[tuple[str, Place, Steps]]:
    yield automation, place, steps
    for number, step in enumerate(steps):
        for key in ("then", "else"):
            if step.get(key):
                yield from _lists(automation, (*place, number, key), step[key])
        for way, branch in enumerate(step.get("split", ())):
            part = "steps" if "steps" in branch else "otherwise"
            yield from _lists(automation, (*place, number, "split", way, part), branch[part])


def changed(manifest: Document, place: Place, steps: Steps) -> Document:
    """The manifest with another list of steps there."""
    copied = copy.deepcopy(manifest)
    held: Any = copied
    for part in place[:-1]:
        held = held[part]
    held[place[-1]] = copy.deepcopy(steps)
    return copied


def mistakes(manifest: Document) -> Iterator[Mistake]:
    """Every mistake in every place."""
    for automation, place, steps in lists_of_steps(manifest):
        for number, step in enumerate(steps):
            for kind, group, instead in replacements(manifest, steps, number):
                wrong = changed(manifest, place, [*steps[:number], *instead, *steps[number + 1 :]])
                yield Mistake(kind, group, automation, (*place, number), wrong)
            if number + 1 < len(steps) and step != steps[number + 1] and not {"exit", "event"} & (step.keys() | steps[number + 1].keys()):
                swapped = [*steps[:number], steps[number + 1], step, *steps[number + 2 :]]
                yield Mistake("swapped neighbours", "swap", automation, (*place, number), changed(manifest, place, swapped))


def replacements(manifest: Document, steps: Steps, number: int) -> Iterator[tuple[str, str, Steps]]:
    """What can stand instead of one step: kind, group, steps."""
    step = steps[number]
    if "delay" in step:
        seconds = seconds_of(step["delay"])
        yield "delay x10", "delay", wait(seconds * 10)
        yield "delay /10", "delay", wait(max(seconds // 10 // 60, 1) * 60)
        yield "dropped delay", "dropped step", []
    if "add_tag" in step:
        yield "remove for add", "add or remove", [{"remove_tag": step["add_tag"]}]
        yield "wrong tag", "wrong object", [{"add_tag": similar(manifest, "add_tag", step["add_tag"])}]
        yield "dropped tag", "dropped step", []
    if "sequence" in step:
        yield "wrong sequence", "wrong object", [{"sequence": similar(manifest, "sequence", step["sequence"])}]
        yield "dropped sequence", "dropped step", []
    if "remove_tag" in step:
        yield "add for remove", "add or remove", [{"add_tag": step["remove_tag"]}]
        yield "dropped removal", "dropped removal", []
    for key in ("then", "else"):
        if step.get(key):
            yield "dropped branch", "dropped branch", [{"then": [], **step, key: []}]


def similar(manifest: Document, key: str, name: str) -> str:
    """The name most like this one among what steps of the manifest name."""
    names = sorted({step[key] for _, _, steps in lists_of_steps(manifest) for step in steps if key in step} - {name})
    return max(names, key=lambda other: sum(one == two for one, two in zip(name, other, strict=False)), default=f"{name} 2")


def seconds_of(text: str) -> int:
    number, unit = split_duration(text) or ("0", "minutes")
    return int(number) * UNITS[unit]


@dataclass
class Tally:
    """Mistakes of a kind: those that show, how many of these were noticed, and the same of the rest."""

    shown: int = 0
    noticed: int = 0
    hidden: int = 0
    noticed_hidden: int = 0

    def add(self, *, shows: bool, noticed: bool) -> None:
        self.shown += shows
        self.noticed += shows and noticed
        self.hidden += not shows
        self.noticed_hidden += not shows and noticed

    @property
    def share(self) -> float:
        return self.noticed / max(self.shown, 1)


@dataclass
class Measured:
    """What came out: tallies by kind and group, false findings, and mistakes that were missed although they show."""

    kinds: dict[str, Tally] = field(default_factory=dict)
    groups: dict[str, Tally] = field(default_factory=dict)
    accounts: int = 0
    false: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)


class Audited:
    """An account that is audited again and again, with its links mined once."""

    def __init__(self, described: Described, rules: Sequence[LoadedRule]) -> None:
        self.described, self.rules = described, rules
        self.evidence = described.evidence
        self.mined = mined_in(self.evidence)
        self.stacks = read_stacks()

    def graph(self, manifest: Document) -> Graph:
        read = parse_manifest(json.dumps(manifest), "manifest.json", self.described.account, self.stacks)
        return build_graph(self.described.account, read, self.stacks, evidence_time(self.evidence))

    def findings(self, manifest: Document) -> dict[tuple[str, ...], ReportedFinding]:
        """The findings by what makes them different."""
        timed = with_links_of(self.graph(manifest), self.evidence, self.mined.links)
        account = ObservedAccount(declared=timed, observed=timed)
        found = [item for rule in self.rules for item in run_rule(account, rule, None, _crashed).findings]
        return {(item.rule, item.variant, item.object.kind, item.object.name, str(item.path[:1])): item for item in found}

    @cached_property
    def right(self) -> dict[tuple[str, ...], ReportedFinding]:
        """What is found with the right manifest."""
        return self.findings(self.described.manifest)

    def notices(self, mistake: Mistake) -> bool:
        """True when a finding is new and names the automation."""
        new = (item for key, item in self.findings(mistake.manifest).items() if key not in self.right)
        return any(names(item, mistake.automation) for item in new)


def _crashed(rule: LoadedRule, error: Exception) -> None:
    raise error


def names(found: ReportedFinding, automation: str) -> bool:
    """True when the finding is about this automation or names it."""
    return any(item.kind == "automation" and item.name == automation for item in (found.object, *found.related))


def main(arguments: Sequence[str] = ()) -> None:
    """Print the shares."""
    parser = argparse.ArgumentParser()
    parser.add_argument("families", nargs="*", default=["demo", *FAMILIES])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--from", type=int, default=1, dest="first")
    parser.add_argument("--sample", type=int, default=60, help="mistakes an account at most")
    parser.add_argument("--misses", action="store_true")
    options = parser.parse_args(arguments)
    rules = [rule for rule in load_rules((rules_folder(),)) if rule.rule.code in CHECKS]
    if "demo" in options.families:
        options.families.remove("demo")
        measured = Measured()
        measure(demo(), rules, measured, sys.maxsize)
        report("demo", measured, misses=options.misses)
    for family in options.families:
        measured = Measured()
        make, profiles = FAMILIES[family]
        for profile in profiles:
            for seed in range(options.first, options.first + options.seeds):
                measure(make(seed, profile), rules, measured, options.sample)
        report(family, measured, misses=options.misses)


def demo() -> Described:
    """The demo account. What its people went through is taken from the links that its timestamps show and its manifest has."""
    folder = demo_folder()
    account, evidence = read_snapshot(folder), read_evidence(folder)
    assert evidence is not None
    manifest: Document = yaml.safe_load((folder / "automations.yaml").read_text("utf-8"))
    manifest["checked"] = str(manifest["checked"])
    stacks = read_stacks()
    graph = build_graph(account, parse_manifest(json.dumps(manifest), "manifest.json", account, stacks), stacks, evidence_time(evidence))
    said = {(link.source, link.target) for link in declared_links(graph)}
    truth: Truth = {
        (_obj(link.source), _obj(link.target)): Pair(Timestamps(evidence).took(link).gap.tolist())
        for link in mined_in(evidence).links
        if (link.source, link.target) in said
    }
    return Described("demo", account, evidence, truth, manifest)


def _obj(key: Key) -> Obj:
    return next(int(kind) for kind in ObjectKind if kind.kind is key.kind), int(key.id)


def evidence_time(evidence: Evidence) -> dt.datetime:
    return dt.datetime.fromtimestamp(evidence.now, dt.UTC)


def measure(described: Described, rules: Sequence[LoadedRule], into: Measured, sample: int) -> None:
    """Mistakes in one account: all, or so many of them."""
    audited = Audited(described, rules)
    into.accounts += 1
    into.false += [
        f"{described.label}: {item.rule} {item.variant}: {item.message}" for item in audited.right.values() if item.rule in CHECKS
    ]
    traces = Traces(audited)
    every = list(mistakes(described.manifest))
    for mistake in random.Random(described.label).sample(every, min(sample, len(every))):
        shown, noticed = traces.shows(mistake), audited.notices(mistake)
        for tallies, name in ((into.kinds, mistake.kind), (into.groups, mistake.group)):
            tallies.setdefault(name, Tally()).add(shows=shown, noticed=noticed)
        if shown and not noticed:
            into.missed.append(f"{described.label}: {mistake.kind} in {mistake.automation} at {mistake.place}")


def report(title: str, measured: Measured, *, misses: bool) -> None:
    false = len(measured.false)
    print(f"{title}: {measured.accounts} accounts, {false} false findings ({false / measured.accounts:.2f} an account; bound: 0.05)")
    for name, tally in [*sorted(measured.groups.items()), *sorted(measured.kinds.items())]:
        if name:
            bound = f" (bound: {BOUNDS[name]})" if name in BOUNDS and tally is measured.groups.get(name) else ""
            print(
                f"  {name:20} {tally.share:.2f} of {tally.shown:4}{bound}, of {tally.hidden} that leave no timestamp {tally.noticed_hidden}"
            )
    for line in (*measured.false, *measured.missed) if misses else ():
        print(f"    {line}")


if __name__ == "__main__":
    main(sys.argv[1:])
