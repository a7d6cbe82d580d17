"""What rules say of things that only timestamps show, discovery says too: on simulated accounts of which the manifest tells what is sold,
and nothing of what moves people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

import pytest

from ckaudit.cli.discover import facts_of
from ckaudit.engine.load import load_rules
from ckaudit.engine.pipeline import audit
from ckaudit.graph.build import build_graph
from ckaudit.model.refs import Key, Kind
from ckaudit.model.result import Link, Result
from ckaudit.observed.account import ObservedAccount
from ckaudit.observed.drafts import DraftStep, Given
from ckaudit.observed.observe import observe
from ckaudit.render.draft_manifest import drafted
from ckaudit.resources import rules_folder
from ckaudit.sources.manifest import parse_manifest
from ckaudit.sources.stacks import read_stacks
from tests.evidence.described import SEQUENCE, TAG, name
from tests.evidence.true_automations import Known, known

ACCOUNTS = [("business", "creator", 940), ("business", "membership", 940), ("courses", "coach", 941), ("second", "tidy", 942)]
MANIFEST = """version: 1
automations: [{{name: Idle, entries: [{{tag_added: "{idle}"}}], steps: [{{exit: true}}]}}]
offerings:
  - {{name: Sold, stack: accessally, purchase_tags: ["{bought}"], access_tags: ["{access}"], login_sequences: ["{login}"],
     webhook_tags: {{login: ["{idle}"]}}}}
"""
ENOUGH = 20
"""People from whom on discovery has to say something of a tag or sequence."""


class Seen:
    """An account as it was audited, and as it was discovered."""

    def __init__(self, account: Known) -> None:
        text = manifest_of(account)
        stacks = read_stacks()
        manifest = parse_manifest(text, "automations.yaml", account.account, tuple(stacks))
        graph = build_graph(account.account, manifest, stacks, dt.datetime.fromtimestamp(account.evidence.now, dt.UTC))
        rules = [rule for rule in load_rules((rules_folder(),)) if rule.rule.code.startswith("CK8")]
        self.account = account
        self.observed: ObservedAccount = observe(graph, account.evidence)
        self.result: Result = audit(self.observed, rules)

    def people(self, key: Key) -> int:
        return len(self.account.evidence.holders(key))


def manifest_of(account: Known) -> str:
    """What is sold is what a tag starts mails for at once; a tag that nothing is done with is called what makes the login."""
    seen = [true.visible(account.truth) for true in account.automations]
    starts = (true for true in seen if true.entries and true.entries[0][0] == TAG and true.steps)
    bought, login = next(
        (true.entries[0], step.obj) for true in starts for step in true.steps if step.obj[0] == SEQUENCE and (step.at or 0) <= 300
    )
    given = {step.obj for true in seen for step in true.steps} | {entry for true in seen for entry in true.entries}
    idle, access = [(TAG, tag.id) for tag in account.account.tags if (TAG, tag.id) not in given][:2]
    return MANIFEST.format(idle=name(idle), access=name(access), bought=name(bought), login=name(login))


@pytest.fixture(scope="module", params=ACCOUNTS, ids=lambda account: f"{account[1]} {account[2]}")
def seen(request: pytest.FixtureRequest) -> Seen:
    return Seen(known(*request.param))


def pairs(links: Iterable[Link]) -> set[tuple[Key, Key]]:
    return {(link.source.key, link.target.key) for link in links}


def test_what_is_said_to_be_missing_in_the_manifest_is_a_link_with_as_many_people(seen: Seen) -> None:
    links = {(link.source.key, link.target.key): link for link in seen.result.links if link.status == "observed"}
    findings = [item for item in seen.result.findings if item.rule == "CK813" and item.variant == "not-listed"]
    for item in findings:
        targets = [target.key for target in item.related if target.kind != Kind.AUTOMATION]
        assert {(item.object.key, target) for target in targets} <= links.keys()
        assert item.people == max(links[item.object.key, target].support for target in targets)
    assert len(findings) > 5


def test_discovery_says_something_of_all_that_rules_name(seen: Seen) -> None:
    result = seen.result
    said = {end.key for link in (*result.links, *result.look_linked) for end in (link.source, link.target)}
    said |= {item.object.key for item in result.without_cause}
    named = {ref.key for item in result.findings if item.rule != "CK814" for ref in (item.object, *item.related)}
    of_people = {key for key in named if key.kind in (Kind.TAG, Kind.SEQUENCE) and seen.people(key) >= ENOUGH}
    assert of_people
    assert of_people <= said


def test_a_pair_is_a_link_or_probably_none_and_what_has_a_cause_is_not_without_one(seen: Seen) -> None:
    result = seen.result
    links = pairs(result.links)
    assert not links & {(look.source.key, look.target.key) for look in result.look_linked}
    assert not {target for _, target in links} & {item.object.key for item in result.without_cause}


def test_every_step_of_an_observed_automation_and_of_a_draft_is_a_link(seen: Seen) -> None:
    result = seen.result
    links = pairs(link for link in result.links if link.support)
    observed = [item for item in result.observed.automations if "(observed)" in item.automation.name] if result.observed else []
    assert {(step.source.key, step.target.key) for item in observed for step in item.steps} <= links
    found = drafted(result.links, facts_of(seen.observed.declared))
    given = [link for automation in found.automations for link in links_of(automation.steps)]
    given += [link for rule in found.rules for link in rule.links]
    assert pairs(given) <= links
    assert len(given) == len(pairs(given)) > 10


def links_of(steps: Iterable[DraftStep]) -> Iterator[Link]:
    for step in steps:
        if isinstance(step, Given):
            yield step.link
        else:
            yield from links_of((*step.then, *step.other))


def test_where_mails_come_too_soon_discovery_shows_how_people_get_there(seen: Seen) -> None:
    result = seen.result
    into = {link.target.key for link in result.links if link.support} | {look.target.key for look in result.look_linked}
    findings = [item for item in result.findings if item.rule == "CK802"]
    assert len(findings) == (0 if "membership" in seen.account.label else 1)  # its mails wait for five minutes
    for finding in findings:
        assert finding.object.key in into or finding.object.key in {item.object.key for item in result.without_cause}
