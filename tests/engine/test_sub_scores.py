"""The scores of parts: what an offering lacks is said, and one about which nothing could be judged has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckaudit.engine.pipeline import audit
from ckaudit.graph.build import build_graph
from ckaudit.model.result import Result, Score
from ckaudit.observed.observe import observe
from ckaudit.sources.manifest import parse_manifest
from ckaudit.sources.snapshot import read_snapshot
from ckaudit.sources.stacks import read_stacks
from tests.engine.whole import NOW, ROOT, audit_mini, mini_accounts, rules

ACCOUNT = """
- account: {tags: ["A: bought", "AA: login"], sequences: [Welcome]}
  manifest:
    complete: true
    automations:
      - name: Release
        entries: [{tag_added: "A: bought"}]
        steps: [{add_tag: "AA: login"}, {delay: 5 minutes}, {sequence: Welcome}, {remove_tag: "AA: login"}]
    external: [{name: Shop, adds_tags: ["A: bought"]}]
    offerings:
      - name: A
        stack: accessally
        refunds: false
        purchase_tags: ["A: bought"]
        webhook_tags: {login: ["AA: login"]}
        login_sequences: [Welcome]
      - {name: B, stack: none}
      - {name: C, stack: accessally}
      - {name: D, stack: accessally, billing: free}
      - {name: E, stack: accessally, webhook_tags: {login: ["AA: login"]}}
"""


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    file = Path(tmp_path_factory.mktemp("accounts")) / "accounts.yaml"
    file.write_text(ACCOUNT, encoding="utf-8")
    (node,) = mini_accounts(file)
    return audit_mini(node)


def offering(result: Result, name: str) -> Score:
    (found,) = (item for item in result.scores if item.kind == "offering" and item.name == name)
    return found


def test_an_offering_that_states_everything_lacks_nothing(result: Result) -> None:
    found = offering(result, "A")
    assert found.score is not None
    assert found.lacks == ()


@pytest.mark.parametrize(
    ("name", "lacks"),
    [
        ("B", ("webhook_tags, access_tags or module_tags (or its site as stack)", "purchase_tags", "revoke_tags")),
        ("C", ("webhook_tags: {login: […]}", "purchase_tags", "revoke_tags")),
        ("D", ("webhook_tags: {login: […]}",)),
    ],
)
def test_an_offering_about_which_nothing_could_be_judged_has_no_score_and_says_what_it_lacks(
    result: Result, name: str, lacks: tuple[str, ...]
) -> None:
    found = offering(result, name)
    assert (found.score, found.lacks) == (None, lacks)
    assert found.location is not None


def test_an_offering_of_which_hardly_anything_was_judged_has_no_score_and_says_how_little_and_what_it_lacks(result: Result) -> None:
    found = offering(result, "E")
    assert found.score is None
    assert 0 < found.judged_percent < 20
    assert found.lacks == ("purchase_tags", "revoke_tags")


def test_what_is_never_given_back_has_nothing_to_judge_about_refunds(result: Result) -> None:
    reasons = [item.reason for item in result.not_evaluated if item.rule == "CK205"]
    assert len(reasons) == 1
    assert "“A”" not in reasons[0]


DEMO = ROOT / "examples" / "demo"
MANIFEST = (DEMO / "automations.yaml").read_text(encoding="utf-8")


def demo(text: str) -> dict[tuple[str, str], Score]:
    account, stacks = read_snapshot(DEMO), read_stacks()
    manifest = parse_manifest(text, "automations.yaml", account, stacks)
    result = audit(observe(build_graph(account, manifest, stacks, NOW), None), rules())
    return {(item.kind, item.name): item for item in result.scores}


@pytest.fixture(scope="module")
def as_written() -> dict[tuple[str, str], Score]:
    return demo(MANIFEST)


@pytest.mark.parametrize("name", ["AA: create login", "Studio Circle: welcome"])
@pytest.mark.parametrize("wrong", ["{}e", "Nothing like it"])
@pytest.mark.parametrize("times", [1, -1])
def test_a_misspelt_name_never_raises_the_score_of_a_part(
    as_written: dict[tuple[str, str], Score], name: str, wrong: str, times: int
) -> None:
    assert name in MANIFEST
    misspelt = demo(MANIFEST.replace(name, wrong.format(name), times))
    assert [key for key, item in misspelt.items() if (item.score or 0) > (as_written[key].score or 0)] == []
    assert any(item.score is None and as_written[key].score is not None for key, item in misspelt.items())


def test_parts_say_how_much_of_them_was_judged(as_written: dict[tuple[str, str], Score]) -> None:
    assert all(item.judged_percent >= 20 for item in as_written.values() if item.score is not None)
