"""The draft manifest of an account that only timestamps show: it parses, and audited with it every link is known from both."""

from __future__ import annotations

import datetime as dt

import msgspec
import numpy as np
import pytest

from ckaudit.cli.discover import facts_of
from ckaudit.graph.build import build_graph
from ckaudit.model.account import Account, CustomField, Form, SectionName, SectionState, SectionStatus, Sequence, SequenceEmail, Tag
from ckaudit.model.automations import Manifest
from ckaudit.model.evidence import Evidence
from ckaudit.observed.account import ObservedAccount
from ckaudit.observed.observe import observe
from ckaudit.render.draft_manifest import draft_manifest
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
        sequences=tuple(Sequence(item[1], f"Sequence {item[1] % 9}", hold=sequences[item].hold) for item in of(SEQUENCE)),
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


@pytest.mark.parametrize("seed", SEEDS)
def test_a_draft_parses_and_gives_every_link_as_both(seed: int) -> None:
    world = simulate(seed)
    account = account_of(seed, world)
    alone = observed(account, world)
    links = alone.links
    manifest = parse_manifest(draft_manifest(links, facts_of(alone.declared)), "draft.yaml", account, ())
    again = observed(account, world, manifest)
    statuses = [(link.source, link.target, link.status) for link in again.links]
    assert statuses == [(link.source, link.target, "both") for link in links]
    assert len(links) > 10


def corrected(draft: str) -> str:
    """What a person does to a draft: real names, no comments, the webhook tag and the field that left no trace, and that it is all."""
    lines = []
    for line in draft.splitlines():
        if line.lstrip().startswith("#"):
            continue
        lines.append(line.replace("complete: false", 'complete: true\nchecked: "2026-11-01"').replace("Draft ", "Automation "))
        if line.strip() == "steps:":
            indent = line[: len(line) - len(line.lstrip())] + "  "
            steps = ("add_tag: Call the site", "set_field: {field: last_step, value: one}", "remove_tag: Call the site")
            lines += [f"{indent}- {step}" for step in steps]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_corrected_draft_gives_the_same_links_as_both(seed: int) -> None:
    world = simulate(seed)
    bare = account_of(seed, world)
    account = msgspec.structs.replace(
        bare,
        tags=(*bare.tags, Tag(1, "Call the site")),
        custom_fields=(CustomField(1, name="last_step", key="last_step", label="Last step"),),
    )
    alone = observed(account, world)
    links = alone.links
    manifest = parse_manifest(corrected(draft_manifest(links, facts_of(alone.declared))), "automations.yaml", account, ())
    found = observed(account, world, manifest).links
    seen = [(link.source, link.target, link.status) for link in found if link.support]
    assert seen == [(link.source, link.target, "both") for link in links]
