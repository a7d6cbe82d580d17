"""A gate that fails closed: what a change takes out of sight counts as still there."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.running import DEMO, Here, Ran

NOW = ("--now", "2026-11-24")
Gate = Callable[..., Ran]


@pytest.fixture
def gate(here: Here) -> Gate:
    """``kit/`` as the demo account, and a scan against the result it had before anything was changed."""
    shutil.copytree(DEMO, here.cwd / "kit")
    here("scan", "kit", *NOW, "-q", "--fail-on", "never", "-o", "base.json")
    return lambda *arguments: here("scan", "kit", *NOW, "-q", "--baseline", "base.json", *arguments)


def edit(here: Here, old: str, new: str) -> None:
    path = here.cwd / "kit" / "automations.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def refuse(here: Here, *sections: str) -> None:
    path = here.cwd / "kit" / "account.json"
    stored = json.loads(path.read_text("utf-8"))
    for name in sections or tuple(name for name in stored["sections"] if name != "account"):
        stored["sections"][name] = {"status": "refused", "reason": "Kit did not allow it", "objects": []}
    path.write_text(json.dumps(stored), "utf-8")


def test_nothing_changed_passes(gate: Gate) -> None:
    ran = gate()
    assert ran.status == 0
    assert "0 new, 23 unchanged, 0 fixed." in ran.out


def test_a_manifest_that_is_gone_fails_and_says_what_got_lost(gate: Gate, here: Here) -> None:
    (here.cwd / "kit" / "automations.yaml").unlink()
    ran = gate("--fail-on", "error")
    assert ran.status == 1
    assert "The list of automations is not there any more; the baseline has" in ran.out
    assert "findings of the baseline are not confirmed" in " ".join(ran.out.split())
    assert "0 fixed" in ran.out


def test_yml_is_read_like_yaml(gate: Gate, here: Here) -> None:
    (here.cwd / "kit" / "automations.yaml").rename(here.cwd / "kit" / "automations.yml")
    assert gate().status == 0


def test_timestamps_that_are_gone_fail(gate: Gate, here: Here) -> None:
    (here.cwd / "kit" / "events.npz").unlink()
    ran = gate("--fail-on", "error")
    assert ran.status == 1
    assert "No timestamps of people were read" in ran.out


def test_a_section_that_was_refused_fails(gate: Gate, here: Here) -> None:
    refuse(here, "webhooks")
    ran = gate("--fail-on", "error")
    assert ran.status == 1
    assert "Webhooks were complete in the baseline and are refused now: Kit did not allow it." in " ".join(ran.out.split())


def test_a_name_that_is_misspelt_fixes_nothing(gate: Gate, here: Here) -> None:
    edit(here, "AA: create login", "AA: make login")
    ran = gate("--fail-on", "error", "-o", "new.json")
    assert ran.status == 1
    stored = json.loads((here.cwd / "new.json").read_text("utf-8"))
    assert (stored["since"]["fixed"], stored["since"]["gone"]) == ([], [])
    assert "CK801" in [finding["rule"] for finding in stored["since"]["not_judged"]]


def test_a_name_that_is_misspelt_where_nothing_was_found_fails_too(gate: Gate, here: Here) -> None:
    edit(here, "Low Tide Letters: welcome", "Low Tide Letters: welcom")
    assert gate("--fail-on", "error").status == 1


def test_a_deleted_automation_takes_its_findings_with_it(gate: Gate, here: Here) -> None:
    path = here.cwd / "kit" / "automations.yaml"
    before, _, rest = path.read_text("utf-8").partition("  - name: Studio Circle - invitation\n")
    path.write_text(before + rest[rest.index("\n  - name: ") + 1 :], "utf-8")
    ran = gate("-o", "new.json")
    since = json.loads((here.cwd / "new.json").read_text("utf-8"))["since"]
    assert "CK314" in [finding["rule"] for finding in since["gone"]]
    assert since["fixed"] == []
    assert "1 gone with what they name" in " ".join(ran.out.split())


def test_what_is_put_right_is_fixed(gate: Gate, here: Here) -> None:
    edit(here, "Workshop: atended", "Workshop: attended")
    ran = gate("-o", "new.json")
    since = json.loads((here.cwd / "new.json").read_text("utf-8"))["since"]
    assert [finding["rule"] for finding in since["fixed"]] == ["CK901"]
    assert "1 fixed" in ran.out


def test_rules_that_are_ignored_are_no_longer_asked_for(gate: Gate, here: Here) -> None:
    (here.cwd / "ckaudit.toml").write_text('ignore = ["CK2", "CK801"]\n', "utf-8")
    ran = gate("-o", "new.json")
    since = json.loads((here.cwd / "new.json").read_text("utf-8"))["since"]
    assert ran.status == 0
    assert since["fixed"] == []
    assert "CK801" in [finding["rule"] for finding in since["not_asked"]]


@pytest.mark.parametrize(("option", "status"), [((), 1), (("--no-fail-on-unjudged",), 0), (("--fail-on", "never"), 0)])
def test_what_is_not_judged_can_be_let_pass(gate: Gate, here: Here, option: tuple[str, ...], status: int) -> None:
    (here.cwd / "kit" / "events.npz").unlink()
    assert gate(*option).status == status


def test_the_configuration_can_say_it(gate: Gate, here: Here) -> None:
    (here.cwd / "kit" / "events.npz").unlink()
    (here.cwd / "ckaudit.toml").write_text("fail_on_unjudged = false\n", "utf-8")
    assert gate().status == 0


def test_a_difference_fails_like_a_baseline(gate: Gate, here: Here) -> None:
    (here.cwd / "kit" / "events.npz").unlink()
    here("scan", "kit", *NOW, "-q", "-o", "whole.json")
    gate("-o", "new.json")
    for new in ("whole.json", "new.json"):
        ran = here("diff", "base.json", new, "--fail-on", "error")
        assert ran.status == 1
        assert "No longer judged, so not confirmed (6)" in ran.out
    assert here("diff", "base.json", "whole.json").status == 0


def test_a_result_that_confirmed_nothing_is_no_way_around_the_gate(gate: Gate, here: Here) -> None:
    (here.cwd / "kit" / "events.npz").unlink()
    gate("-o", "base.json")
    assert gate("--fail-on", "error").status == 1


def test_without_a_baseline_every_rule_that_could_not_be_judged_counts(here: Here) -> None:
    shutil.copytree(DEMO, here.cwd / "kit")
    refuse(here)
    (here.cwd / "kit" / "automations.yaml").unlink()
    assert here("scan", "kit", *NOW, "-q", "--fail-on", "info", "--no-evidence").status == 0
    assert here("scan", "kit", *NOW, "-q", "--fail-on", "info", "--no-evidence", "--fail-on-unjudged").status == 1


FORMATS = ("text", "json", "sarif", "junit", "github", "gitlab", "csv", "markdown", "html")


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_says_what_got_lost(gate: Gate, here: Here, form: str) -> None:
    (here.cwd / "kit" / "automations.yaml").unlink()
    out = " ".join(gate("--format", form).out.split())
    assert "The list of automations is not there any more" in out.replace("’", "'")


@pytest.mark.parametrize("form", [*FORMATS, "concise", "baseline"])
def test_every_format_says_what_the_configuration_changes(here: Here, form: str) -> None:
    (here.cwd / "ckaudit.toml").write_text('ignore = ["CK104", "CK401"]\n[severity]\nCK202 = "info"\n', "utf-8")
    ran = here("scan", DEMO, *NOW, "--format", form)
    out = " ".join(ran.out.split()).replace('", "', ", ")
    if form in ("json", "baseline"):
        configured = json.loads(ran.out)["configured"]
        assert (configured["by"], configured["ignored"]) == ("ckaudit.toml", ["CK104", "CK401"])
        assert configured["severities"] == {"CK202": ["error", "info"]}
    else:
        out = out.replace("checks ignored by whoever made this report", "rules ignored by ckaudit.toml")
        out = out.replace("check with another severity by whoever made this report", "rule with another severity by ckaudit.toml")
        assert "2 rules ignored by ckaudit.toml: CK104, CK401." in out
        assert "1 rule with another severity by ckaudit.toml: CK202 info instead of error." in out


def cases(ran: Ran) -> dict[str, list[Any]]:
    root = ET.fromstring(ran.out)
    return {kind: [case for case in root.iter("testcase") if case.find(kind) is not None] for kind in ("failure", "error", "skipped")}


def test_the_tests_that_fail_are_those_that_fail_the_run(here: Here) -> None:
    shutil.copytree(DEMO, here.cwd / "kit")
    warning = ("scan", "kit", *NOW, "--select", "CK405", "--format", "junit")
    for fail_on, status in (("warning", 1), ("error", 0), ("never", 0)):
        ran = here(*warning, "--fail-on", fail_on)
        assert (ran.status, len(cases(ran)["failure"])) == (status, status)


def test_what_is_not_judged_is_an_error_where_it_fails_the_run(gate: Gate, here: Here) -> None:
    (here.cwd / "kit" / "events.npz").unlink()
    assert cases(gate("--format", "junit"))["error"]
    assert not cases(gate("--format", "junit", "--no-fail-on-unjudged"))["error"]


def test_names_of_tests_are_unique(here: Here) -> None:
    root = ET.fromstring(here("scan", DEMO, *NOW, "--format", "junit").out)
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(names) == len(set(names))


def test_what_a_baseline_knows_stays_in_the_reports_that_other_tools_compare(gate: Gate, here: Here) -> None:
    (here.cwd / "kit" / "events.npz").unlink()
    (run,) = json.loads(gate("--format", "sarif").out)["runs"]
    assert {result["baselineState"] for result in run["results"]} == {"unchanged"}
    assert len(run["results"]) == 17 + 6
    issues = json.loads(gate("--format", "gitlab").out)
    assert len([issue for issue in issues if issue["check_name"].startswith("CK")]) == 17 + 6


def test_a_finding_that_got_worse_is_new(gate: Gate, here: Here) -> None:
    stored = json.loads((here.cwd / "base.json").read_text("utf-8"))
    worst = next(finding for finding in stored["findings"] if finding["severity"] == "error")
    worst["severity"] = "warning"
    (here.cwd / "base.json").write_text(json.dumps(stored), "utf-8")
    ran = gate("--fail-on", "error", "--format", "sarif")
    assert ran.status == 1
    assert [result["baselineState"] for result in json.loads(ran.out)["runs"][0]["results"]].count("updated") == 1


def test_a_summary_tells_what_is_new_first_and_folds_the_rest(gate: Gate, here: Here) -> None:
    edit(here, "Workshop: atended", "Workshop: attended")
    out = gate("--format", "markdown").out
    assert "### New (" in out
    assert out.index("### New (") < out.index("<summary>Unchanged (") < out.index("<summary>Fixed (")
