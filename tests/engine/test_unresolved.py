"""What is misspelt in the manifest is unknown: neither wrong nor in order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from ckaudit.model.findings import Confidence, ReportedFinding, Severity
from ckaudit.model.result import Result
from tests.engine.whole import Whole, audit_mini, mini_accounts

Place: TypeAlias = tuple[str | int, ...]
ACCOUNT = """
- account: {tags: [{name: "Course A: purchased"}, {name: "AA: login"}], absent: ["AA: logn"], sequences: [Welcome]}
  manifest:
    complete: true
    automations:
      - name: Release
        entries: [{tag_added: "Course A: purchased"}]
        steps: [{add_tag: "AA: logn"}, {delay: 1 day}, {remove_tag: "AA: logn"}]
    external: [{name: Shop, adds_tags: ["Course A: purchased"]}]
    offerings: [{name: Course A, stack: accessally, purchase_tags: ["Course A: purchased"], webhook_tags: {login: ["AA: logn"]}}]
  events:
    - {tag: "Course A: purchased", people: 9, at: "2026-10-01T10:00:00Z", every: 1 day}
    - {tag: "AA: login", people: 9, after: 1 minute}
"""


@pytest.fixture(scope="module")
def throughout(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A webhook tag that is typed wrong wherever the manifest names it."""
    file = Path(tmp_path_factory.mktemp("accounts")) / "accounts.yaml"
    file.write_text(ACCOUNT, encoding="utf-8")
    (node,) = mini_accounts(file)
    return audit_mini(node)


@pytest.fixture(scope="module")
def in_one_step(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The corrected guide, with a removal that names another tag than there is."""
    whole = Whole()
    step = next(step for step in whole.steps if step.get("remove_tag") == "AA: release Course A")
    step["remove_tag"] = "AA: relase Course A"
    return whole.audit(tmp_path_factory.mktemp("guide"))


def unknown_name(result: Result) -> ReportedFinding:
    (finding,) = (item for item in result.findings if item.rule == "CK901")
    return finding


def test_a_rule_whose_tag_is_typed_wrong_throughout_does_not_pass(throughout: Result) -> None:
    assert "CK801" not in {item.rule for item in throughout.passed}


def test_a_rule_that_is_not_evaluated_names_the_name_and_its_line(throughout: Result) -> None:
    (answer,) = (item for item in throughout.not_evaluated if item.rule == "CK801")
    assert answer.reason.startswith("the manifest names a tag “AA: logn” (")
    assert ".yaml:8), and this account has none" in answer.reason


def test_nothing_but_the_name_itself_is_found_about_what_is_typed_wrong(in_one_step: Result) -> None:
    assert [item.rule for item in in_one_step.findings] == ["CK901"]


def test_a_finding_that_touched_a_wrong_name_leaves_its_rule_not_evaluated(in_one_step: Result) -> None:
    assert "CK201" in {item.rule for item in in_one_step.not_evaluated}


def test_the_finding_about_the_name_says_which_rules_leave_it_out(in_one_step: Result) -> None:
    assert "That is left out of" in unknown_name(in_one_step).message
    assert "CK201" in unknown_name(in_one_step).message


def test_the_finding_about_the_name_weighs_as_much_as_the_worst_rule_that_leaves_it_out(in_one_step: Result) -> None:
    assert unknown_name(in_one_step).severity is Severity.ERROR


def names_in(node: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every text of a manifest, with the way to it."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from names_in(child, (*place, key))
    if isinstance(node, str):
        yield place, node


def typed_as(text: str, place: Place, folder: Path) -> Result:
    """The corrected guide with another text in one place of its manifest."""
    whole = Whole()
    node: Any = whole.manifest
    for key in place[:-1]:
        node = node[key]
    node[place[-1]] = text
    return whole.audit(folder)


def known_names() -> list[tuple[Place, str]]:
    whole = Whole()
    known = {item["name"] for section in ("tags", "sequences", "forms") for item in whole.objects(section)}
    return [(place, text) for place, text in names_in(whole.manifest) if text in known]


@pytest.mark.parametrize(("place", "name"), known_names(), ids=lambda value: "-".join(map(str, value)) if isinstance(value, tuple) else "")
def test_a_name_typed_wrong_anywhere_is_the_only_thing_found(place: Place, name: str, tmp_path: Path) -> None:
    result = typed_as(name[:-3] + name[-2:], place, tmp_path)
    assert [item.rule for item in result.findings] == ["CK901"]


@pytest.mark.parametrize(("place", "name"), known_names(), ids=lambda value: "-".join(map(str, value)) if isinstance(value, tuple) else "")
def test_a_name_that_is_like_none_makes_nothing_certain(place: Place, name: str, tmp_path: Path) -> None:
    found = [item for item in typed_as("Zzyx qwv", place, tmp_path).findings if item.rule != "CK901"]
    assert all(item.confidence is not Confidence.CERTAIN and "“Zzyx qwv”" in item.message for item in found)


@pytest.mark.parametrize(("place", "name"), known_names(), ids=lambda value: "-".join(map(str, value)) if isinstance(value, tuple) else "")
def test_a_name_typed_wrong_never_raises_the_score(place: Place, name: str, tmp_path: Path) -> None:
    score = typed_as(name[:-3] + name[-2:], place, tmp_path).summary.score
    assert score is not None
    assert score < 100
