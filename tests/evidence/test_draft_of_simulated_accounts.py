"""Drafts of an account that only timestamps show: they parse, change nothing as long as they are drafts, and explain every link once
they are confirmed."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
import pytest

from ckaudit.cli.discover import facts_of
from ckaudit.engine.load import LoadedRule, load_rules
from ckaudit.engine.pipeline import audit
from ckaudit.graph.build import build_graph
from ckaudit.model.account import Account, CustomField, Form, SectionName, SectionState, SectionStatus, SequenceEmail, Tag
from ckaudit.model.account import Sequence as SequenceOfMails
from ckaudit.model.automations import Manifest
from ckaudit.model.evidence import Evidence
from ckaudit.model.result import Result
from ckaudit.observed.account import ObservedAccount
from ckaudit.observed.drafts import Choice, DraftStep, Given
from ckaudit.observed.observe import observe
from ckaudit.render.draft_manifest import draft_files, draft_rules, drafted
from ckaudit.resources import rules_folder
from ckaudit.sources.manifest import parse_manifest
from tests.evidence.profiles import Range
from tests.evidence.simulator import World, simulate
from tests.evidence.structure import FORM, SEQUENCE, TAG, Builder, Obj

SECTIONS = {name: SectionState(SectionStatus.COMPLETE) for name in SectionName}
SEEDS = range(4)


def account_of(seed: int, world: World) -> Account:
    """The account behind a simulated world, its sequences with the emails that take the time. Names are not unique."""
    sequences = Builder(np.random.default_rng(seed), Range()).sequences
    objects = [
        (int(kind), int(number))
        for kind, number in {(kind, number) for kind, number in zip(world.events.kind, world.events.id, strict=True)}
    ]

    def of(kind: int) -> list[Obj]:
        return sorted(item for item in objects if item[0] == kind)

    return Account(
        forms=tuple(Form(number, f"Form {number % 5}") for _, number in of(FORM)),
        tags=tuple(Tag(number, f"Tag: {number % 50}") for _, number in of(TAG)),
        sequences=tuple(SequenceOfMails(item[1], f"Sequence {item[1] % 9}", hold=sequences[item].hold) for item in of(SEQUENCE)),
        sequence_emails=tuple(
            SequenceEmail(place * 100 + position, item[1], position=position, published=True, delay_value=value, delay_unit=unit)
            for place, item in enumerate(of(SEQUENCE))
            for position, (value, unit) in enumerate(sequences[item].delays)
        ),
        sections=SECTIONS,
    )


def observed(account: Account, world: World, manifest: Manifest | None = None) -> ObservedAccount:
    graph = build_graph(account, manifest, {}, dt.datetime.fromtimestamp(world.now, dt.UTC))
    return observe(graph, Evidence(world.events, (), world.now))


def drafts_of(alone: ObservedAccount) -> str:
    """All drafts in one manifest."""
    facts = facts_of(alone.declared)
    found = drafted(alone.links, facts)
    parts = [file.text.partition("automations:\n")[2] for file in draft_files(found.automations, facts, "2026-11-20")]
    return "\n".join(["version: 1", "automations:", "".join(parts), "rules:", *draft_rules(found.rules, facts)])


def corrected(draft: str) -> str:
    """What a person does to a draft: real names, no comments, the webhook tag and the field that left no trace, and that it is all."""
    lines = ["complete: true", 'checked: "2026-11-01"']
    for line in draft.splitlines():
        if line.lstrip().startswith(("#", "draft:")):
            continue
        lines.append(line.replace("Draft ", "Automation "))
        if line.strip() == "steps:":
            indent = line[: len(line) - len(line.lstrip())] + "  "
            steps = ("add_tag: Call the site", "set_field: {field: last_step, value: one}", "remove_tag: Call the site")
            lines += [f"{indent}- {step}" for step in steps]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_confirmed_draft_explains_every_link(seed: int) -> None:
    world = simulate(seed)
    account = account_of(seed, world)
    alone = observed(account, world)
    draft = drafts_of(alone).replace("    draft: timestamps\n", "")
    again = observed(account, world, parse_manifest(draft, "draft.yaml", account, ()))
    assert again.declared.timed.unexplained == ()
    assert len(alone.links) > 10


@pytest.mark.parametrize("seed", SEEDS)
def test_a_corrected_draft_explains_every_link(seed: int) -> None:
    world = simulate(seed)
    bare = account_of(seed, world)
    account = msgspec.structs.replace(
        bare,
        tags=(*bare.tags, Tag(1, "Call the site")),
        custom_fields=(CustomField(1, name="last_step", key="last_step", label="Last step"),),
    )
    manifest = parse_manifest(corrected(drafts_of(observed(account, world))), "automations.yaml", account, ())
    assert observed(account, world, manifest).declared.timed.unexplained == ()


@pytest.fixture(scope="module")
def rules() -> Sequence[LoadedRule]:
    return load_rules((rules_folder(),))


@pytest.mark.parametrize("seed", SEEDS)
def test_what_starts_the_same_is_one_draft_but_for_what_would_hold_it_up(seed: int) -> None:
    world = simulate(seed)
    alone = observed(account_of(seed, world), world)
    facts = facts_of(alone.declared)
    slow = {number for number, seconds in facts.durations.planned.items() if seconds} | facts.durations.holding
    starts: dict[frozenset[object], list[bool]] = defaultdict(list)
    for item in drafted(alone.links, facts).automations:
        holds_up = bool(slow & given_by(item.steps)) or any(isinstance(step, Choice) for step in item.steps)
        starts[frozenset(entry.key for entry in item.entries)].append(holds_up)
    assert all(found.count(False) <= 1 for found in starts.values())
    assert len(starts) > 2


def given_by(steps: Iterable[DraftStep]) -> set[object]:
    found: set[object] = set()
    for step in steps:
        found |= {step.link.target.id} if isinstance(step, Given) else given_by((*step.then, *step.other))
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_untouched_drafts_are_no_reason_for_a_finding(seed: int, rules: Sequence[LoadedRule]) -> None:
    world = simulate(seed)
    account = account_of(seed, world)
    alone = observed(account, world)
    text = drafts_of(alone).partition("\nrules:")[0]
    drafted_too = observed(account, world, parse_manifest(text, "draft.yaml", account, ()))
    without, within = (audit(item, rules) for item in (alone, drafted_too))
    assert told(within) == told(without)
    assert len(within.coverage.manifest.drafts) > 3


def told(result: Result) -> list[tuple[str, str, str]]:
    return [(item.rule, str(item.severity), item.message) for item in result.findings]
