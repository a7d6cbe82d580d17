"""Drafts neither accuse nor clear."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckaudit.audit import AuditRequest, run_audit
from ckaudit.model.findings import Severity
from ckaudit.model.result import Result
from ckaudit.resources import DEMO_CLOCK, demo_folder

STATED = '  - name: Stated\n    entries: [{joins_form: "Palette guide"}]\n    steps: [{sequence: "Palette guide: five days of colour"}]\n'
MISTAKES = """\
  - name: Wrong
    draft: %s
    entries: [{tag_added: "No such tag"}]
    steps:
      - add_tag: "AA: create login"
      - remove_tag: "Coastal Light: access"
      - start_automation: Wrong
"""


def audited(folder: Path, text: str) -> Result:
    (folder / "automations.yaml").write_text(f"version: 1\n{text}")
    request = AuditRequest(source=demo_folder(), manifests=(folder / "automations.yaml",), now=DEMO_CLOCK, evidence=False)
    return run_audit(request).result


def told(result: Result) -> list[tuple[str, str, str]]:
    return [(finding.rule, finding.object.name, finding.message) for finding in result.findings]


@pytest.mark.parametrize("made_from", ["timestamps", "paste", "screenshot"])
def test_what_a_draft_says_is_never_found(made_from: str, tmp_path: Path) -> None:
    result = audited(tmp_path, "automations:\n" + MISTAKES % made_from)
    assert [item for item in result.findings if "Wrong" in str(item) or "No such tag" in str(item)] == []
    assert result.coverage.manifest.drafts == ("Wrong",)


def test_drafts_from_timestamps_change_nothing(tmp_path: Path) -> None:
    for rest in ("", STATED):
        head = "automations:\n" if rest else ""
        without, with_draft = audited(tmp_path, head + rest), audited(tmp_path, "automations:\n" + MISTAKES % "timestamps" + rest)
        assert told(with_draft) == told(without)
        assert [item.rule for item in with_draft.passed] == [item.rule for item in without.passed]


def test_a_draft_of_a_page_is_an_automation_known_by_name(tmp_path: Path) -> None:
    drafted = audited(tmp_path, "complete: true\nautomations:\n" + MISTAKES % "paste" + STATED)
    named = audited(tmp_path, "complete: true\nautomations:\n  - name: Wrong\n" + STATED)
    assert told(drafted) == told(named)
    assert drafted.coverage.manifest.undescribed == ("Wrong",)


def test_where_the_manifest_lists_everything_a_draft_may_do_what_seems_missing(tmp_path: Path) -> None:
    def errors(text: str) -> set[str]:
        return {item.rule for item in audited(tmp_path, f"complete: true\n{text}").findings if item.severity is Severity.ERROR}

    assert errors("automations:\n" + STATED + MISTAKES % "timestamps") <= errors("automations:\n" + STATED)
    assert "CK309" not in errors("automations:\n  - {name: Idle, steps: [{exit: true}]}\n" + MISTAKES % "timestamps")


def test_a_draft_whose_line_is_gone_counts(tmp_path: Path) -> None:
    result = audited(tmp_path, "automations:\n" + (MISTAKES % "paste").replace("    draft: paste\n", ""))
    assert [item.rule for item in result.findings if "No such tag" in str(item)] != []
    assert result.coverage.manifest.drafts == ()


@pytest.mark.parametrize("word", ["true", "yes", "timestamp"])
def test_what_a_draft_was_made_from_is_one_of_three_words(word: str, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="timestamps"):
        audited(tmp_path, "automations:\n" + MISTAKES % word)
