"""Automations of which only the name is known: what they do is unknown, not nothing."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from ckaudit.audit import AuditRequest, run_audit
from ckaudit.graph.build import build_graph
from ckaudit.model.result import Result
from ckaudit.observed.alternatives import alternatives
from ckaudit.resources import DEMO_CLOCK, demo_folder
from ckaudit.sources.manifest import read_manifests
from ckaudit.sources.snapshot import read_snapshot

HEAD = "version: 1\ncomplete: true\nautomations:\n"
KNOWN = "  - name: Coastal Light - release\n"
OTHER = '  - name: Workshop\n    entries: [{joins_form: "Palette guide"}]\n    steps: [{sequence: "Palette guide: five days of colour"}]\n'
IDLE = '  - name: Idle\n    steps: [{sequence: "Palette guide: five days of colour"}]\n'
OFFERING = (
    "offerings:\n  - {name: Coastal Light, stack: accessally, orders: external, billing: one-off, "
    'purchase_tags: ["Coastal Light: purchased"], access_tags: ["Coastal Light: access"], revoke_tags: ["Coastal Light: revoke access"], '
    'webhook_tags: {login: ["AA: create login"], sync: ["AA: update user"]}, login_sequences: ["Coastal Light: welcome"]}\n'
)


def audited(tmp_path: Path, text: str) -> Result:
    (tmp_path / "automations.yaml").write_text(HEAD + text)
    request = AuditRequest(source=demo_folder(), manifests=(tmp_path / "automations.yaml",), now=DEMO_CLOCK, evidence=False)
    return run_audit(request).result


def found(result: Result, rule: str) -> list[str]:
    return [finding.object.name for finding in result.findings if finding.rule == rule]


def reason(result: Result, rule: str) -> str:
    return next((item.reason for item in result.not_evaluated if item.rule == rule), "")


def test_a_known_automation_is_not_said_to_never_run(tmp_path: Path) -> None:
    assert found(audited(tmp_path, KNOWN + OTHER), "CK309") == []


def test_one_with_steps_and_without_entry_is(tmp_path: Path) -> None:
    assert found(audited(tmp_path, IDLE + OTHER), "CK309") == ["Idle"]


def test_what_may_start_it_is_unknown_while_another_is_not_described(tmp_path: Path) -> None:
    result = audited(tmp_path, IDLE + KNOWN)
    assert found(result, "CK309") == []
    assert "only the name of the automation “Coastal Light - release” is known" in reason(result, "CK309")


@pytest.mark.parametrize("rule", ["CK220", "CK210"])
def test_what_only_it_may_do_is_not_found_missing(rule: str, tmp_path: Path) -> None:
    result = audited(tmp_path, KNOWN + OTHER + OFFERING)
    assert found(result, rule) == []
    assert "only the name of the automation" in reason(result, rule)


@pytest.mark.parametrize("rule", ["CK220", "CK210"])
def test_without_it_the_same_is_found(rule: str, tmp_path: Path) -> None:
    assert found(audited(tmp_path, OTHER + OFFERING), rule) != []


def test_one_that_is_switched_off_does_nothing(tmp_path: Path) -> None:
    assert found(audited(tmp_path, KNOWN + "    status: inactive\n" + OTHER + OFFERING), "CK220") != []


def test_what_has_nothing_to_do_with_automations_is_found_as_before(tmp_path: Path) -> None:
    both = [audited(tmp_path, text) for text in (KNOWN + OTHER, OTHER)]
    assert found(both[0], "CK508") == found(both[1], "CK508") != []


def test_reports_count_what_is_described_and_name_what_to_describe_next(tmp_path: Path) -> None:
    result = audited(tmp_path, "  - name: Aardvark\n" + KNOWN + OTHER + OFFERING)
    assert result.coverage.manifest.described == 1
    assert result.coverage.manifest.undescribed == ("Coastal Light - release", "Aardvark")


@pytest.mark.parametrize(("timestamps", "first"), [(False, "Instagram"), (True, "Replay")])
def test_what_people_came_to_lately_is_described_first(tmp_path: Path, timestamps: bool, first: str) -> None:
    """More people have the tag “Source: Instagram” than “Workshop: replay access”, and nobody got it lately."""
    (tmp_path / "automations.yaml").write_text(HEAD + "  - name: Aardvark\n  - name: Instagram\n  - name: Replay\n")
    request = AuditRequest(source=demo_folder(), manifests=(tmp_path / "automations.yaml",), now=DEMO_CLOCK, evidence=timestamps)
    assert run_audit(request).result.coverage.manifest.undescribed[0] == first


def test_the_numbers_of_automations_in_paths_stay_right(tmp_path: Path) -> None:
    result = audited(tmp_path, KNOWN + IDLE)
    assert [automation.name for automation in result.automations] == ["Idle", "Coastal Light - release"]


def test_names_alone_let_no_rule_pass_and_give_no_score(tmp_path: Path) -> None:
    bare, named = audited(tmp_path, ""), audited(tmp_path, "  - name: Aardvark\n" + KNOWN)
    without = run_audit(AuditRequest(source=named_folder(tmp_path), now=DEMO_CLOCK, evidence=False)).result
    assert {item.rule for item in named.passed} == {item.rule for item in without.passed}
    assert {item.rule for item in bare.passed} > {item.rule for item in named.passed}  # an empty list says that there are none
    assert "the manifest has nothing but their names" in reason(named, "CK309")


def named_folder(tmp_path: Path) -> Path:
    """The demo's account without its manifest."""
    folder = tmp_path / "alone"
    folder.mkdir()
    for name in ("account.json", "counts.json", "reading.json"):
        shutil.copy(demo_folder() / name, folder)
    return folder


def test_an_automation_known_by_name_is_not_counted_among_those_that_were_looked_at(tmp_path: Path) -> None:
    results = [audited(tmp_path, names + OTHER) for names in ("", KNOWN, KNOWN + "  - name: X\n")]
    assert [{item.rule: item.checked for item in result.passed}["CK307"] for result in results] == [1, 1, 1]


def test_what_the_emails_say_is_read_once_for_all_that_the_account_may_be(tmp_path: Path) -> None:
    (tmp_path / "automations.yaml").write_text(HEAD + KNOWN + OTHER)
    account = read_snapshot(demo_folder())
    graph = build_graph(account, read_manifests((tmp_path / "automations.yaml",), account, {}), {}, dt.datetime.now(dt.UTC))
    others = alternatives(graph)
    assert others
    assert all(other.graph.contents is graph.contents for other in others)
