"""Automations that only timestamps show: they are worked out once, before the rules run, and stay beside what is declared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ckaudit.engine.load import load_rules
from ckaudit.engine.pipeline import audit
from ckaudit.engine.run_on_observed import run_rule
from ckaudit.evidence import mine as mining
from ckaudit.model.automations import Origin
from ckaudit.model.findings import Confidence
from ckaudit.observed.account import ObservedAccount
from ckaudit.resources import rules_folder
from ckaudit.testing.cases import Case, CaseKind, case_account
from tests.engine.whole import NOW, mini_accounts

RULES = {loaded.rule.code: loaded for loaded in load_rules((rules_folder(),))}
EVENTS = [
    {"form": "Free guide", "people": 40, "at": "2026-09-10T10:00:00Z", "every": "37 hours"},
    {"tag": "Lead", "people": 40, "after": "1 second"},
    {"sequence": "Welcome", "people": 40, "after": "5 minutes"},
]


def observed(folder: Path, manifest: dict[str, Any] | None = None, events: list[dict[str, Any]] | None = None) -> ObservedAccount:
    """A mini account in which a form, a tag and a sequence follow each other, unless other events are given (``[]``: none were read)."""
    given: dict[str, Any] = {"name": "x", "account": {}} | ({} if events == [] else {"events": events or EVENTS})
    file = folder / "account.yaml"
    file.write_text(yaml.safe_dump([given | ({"manifest": manifest} if manifest else {})], sort_keys=False), encoding="utf-8")
    (node,) = mini_accounts(file)
    rule = RULES["CK202"]
    case = Case(
        rule=rule,
        name="x",
        kind=CaseKind.GOOD,
        expect=(),
        not_evaluated="",
        options=rule.rule.options(),
        now=NOW,
        stack=None,
        node=node,
    )
    return case_account(case)


@pytest.fixture
def mined(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each time links are mined."""
    times: list[int] = []
    real = mining.mined

    def counting(*arguments: Any, **named: Any) -> Any:
        times.append(1)
        return real(*arguments, **named)

    monkeypatch.setattr(mining, "mined", counting)
    return times


def test_links_are_mined_once_for_all_rules_and_the_result(mined: list[int], tmp_path: Path) -> None:
    account = observed(tmp_path)
    assert len(mined) == 1
    result = audit(account, tuple(RULES.values()))
    assert len(result.links) == 2
    assert len(mined) == 1


def test_nothing_is_mined_without_timestamps(mined: list[int], tmp_path: Path) -> None:
    account = observed(tmp_path, {"automations": []}, [])
    assert account.observed is account.declared
    assert audit(account, tuple(RULES.values())).links == ()
    assert mined == []


def test_a_chain_of_links_is_one_automation_behind_the_declared_ones(tmp_path: Path) -> None:
    account = observed(tmp_path, {"automations": [{"name": "Other", "entries": [{"tag_added": "VIP"}], "steps": [{"sequence": "Thanks"}]}]})
    assert [(flow.automation.name, flow.automation.origin, flow.index) for flow in account.observed.flows] == [
        ("Other", Origin.DECLARED, 0),
        ("Free guide → Welcome (observed)", Origin.OBSERVED, 1),
    ]
    assert len(account.declared.flows) == 1
    assert [(item.kind, item.name, item.id) for item in (flow.object for flow in account.observed.flows[1:])] == [
        ("automation", "Free guide → Welcome (observed)", "form:1-tag:2")
    ]


def test_the_result_has_them_behind_the_declared_ones(tmp_path: Path) -> None:
    result = audit(observed(tmp_path), ())
    assert [(item.name, item.origin) for item in result.automations] == [("Free guide → Welcome (observed)", Origin.OBSERVED)]


def test_a_complete_manifest_lists_all_automations(tmp_path: Path) -> None:
    account = observed(tmp_path, {"complete": True, "automations": []})
    assert account.automations == ()
    assert len([kind for _, _, kind in account.observed.network.edges(data="kind") if kind == "follows"]) == 2


def test_what_both_say_is_no_automation_of_its_own(tmp_path: Path) -> None:
    steps = [{"add_tag": "Lead"}, {"delay": "5 minutes"}, {"sequence": "Welcome"}]
    account = observed(tmp_path, {"automations": [{"name": "Guide", "entries": [{"joins_form": "Free guide"}], "steps": steps}]})
    assert account.automations == ()
    assert {status for _, _, status in account.observed.network.edges(data="status") if status} == {"both"}


def test_findings_on_them_are_never_certain_and_say_so(tmp_path: Path) -> None:
    stopped = [dict(EVENTS[0], people=50), EVENTS[1] | {"people": "1-30"}, EVENTS[2] | {"people": "1-30"}]
    (found,) = run_rule(observed(tmp_path, {"automations": []}, stopped), RULES["CK807"]).findings
    assert found.observed
    assert found.confidence is Confidence.LIKELY
    assert found.message.endswith("was seen in the timestamps of 30 people or more; no manifest says it.")
    assert found.fix[0].endswith("look for what leads from “Free guide” to “Welcome”.")


def test_without_a_manifest_a_rule_that_finds_nothing_has_not_passed(tmp_path: Path) -> None:
    result = audit(observed(tmp_path), (RULES["CK310"], RULES["CK302"]))
    assert result.passed == ()
    assert {item.rule: item.reason.partition("given; ")[2] for item in result.not_evaluated} == {
        "CK310": "only what left timestamps was looked at",
        "CK302": "links were seen in timestamps, but names of automations leave none",
    }
