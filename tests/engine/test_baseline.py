from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ckaudit.engine.baseline import compare_results, only_new, whole
from ckaudit.engine.configure import Settings
from ckaudit.engine.pipeline import audit
from ckaudit.model.errors import InputError
from ckaudit.model.findings import Severity
from ckaudit.model.result import AccountHead, ManifestCoverage, Result
from tests.engine.planted import BAD_TAGS, observed_account, planted


def result(folder: Path, *tags: str, settings: Settings | None = None, body: str = BAD_TAGS) -> Result:
    return audit(observed_account(*tags), planted(folder, body), settings)


def test_only_what_is_new_stays_and_the_rest_is_counted(tmp_path: Path) -> None:
    made = only_new(result(tmp_path, "bad a", "good", "bad b"), result(tmp_path, "bad a", "bad x", "good"))
    assert [finding.object.name for finding in made.findings] == ["bad b"]
    assert (made.summary.warning, made.summary.unchanged, made.summary.fixed) == (1, 1, 1)


def test_a_rename_is_not_new(tmp_path: Path) -> None:
    assert only_new(result(tmp_path, "bad new name"), result(tmp_path, "bad")).findings == ()


def test_the_same_result_has_nothing_new_and_nothing_fixed(tmp_path: Path) -> None:
    same = result(tmp_path, "bad")
    diff = compare_results(same, same)
    assert (diff.new, diff.fixed, len(diff.unchanged)) == ((), (), 1)


def test_another_severity_is_neither_new_nor_unchanged(tmp_path: Path) -> None:
    worse = result(tmp_path, "bad", settings=Settings(severity={"ACME601": Severity.ERROR}))
    diff = compare_results(result(tmp_path, "bad"), worse)
    assert [(item.before, item.finding.severity) for item in diff.changed] == [("warning", Severity.ERROR)]
    assert (diff.new, diff.unchanged) == ((), ())


def test_what_was_not_judged_is_not_fixed(tmp_path: Path) -> None:
    without = msgspec.structs.replace(result(tmp_path, "good"), rules=())
    diff = compare_results(result(tmp_path, "bad"), without)
    assert (diff.fixed, len(diff.unclear)) == ((), 1)


def test_what_is_hidden_now_is_not_fixed(tmp_path: Path) -> None:
    hidden = result(tmp_path, "bad", settings=Settings(min_severity=Severity.ERROR))
    diff = compare_results(result(tmp_path, "bad"), hidden)
    assert (diff.fixed, len(diff.unclear)) == ((), 1)


def test_two_accounts_are_refused(tmp_path: Path) -> None:
    other = msgspec.structs.replace(result(tmp_path, "bad"), account=AccountHead(id=99))
    with pytest.raises(InputError, match="two accounts: 99 and 27"):
        compare_results(other, result(tmp_path, "bad"))


def covered(folder: Path) -> tuple[Result, Result]:
    """The same mistake twice: alone, and covered by a finding of another rule about the same tag."""
    alone = result(folder, "bad")
    finding = alone.findings[0]
    cause = msgspec.structs.replace(finding, rule="ACME602", fingerprint="1" * 16, covers=(finding.rule,))
    return alone, msgspec.structs.replace(alone, findings=(cause,))


def test_what_another_finding_covers_now_is_not_fixed(tmp_path: Path) -> None:
    alone, joined = covered(tmp_path)
    diff = compare_results(alone, joined)
    assert ([finding.rule for finding in diff.new], diff.fixed, len(diff.unclear)) == (["ACME602"], (), 1)


def test_what_another_finding_covered_before_is_not_new(tmp_path: Path) -> None:
    alone, joined = covered(tmp_path)
    diff = compare_results(joined, alone)
    assert (diff.new, [finding.rule for finding in diff.unchanged]) == ((), ["ACME601"])
    assert only_new(alone, joined).findings == ()


def test_a_finding_of_a_covered_rule_about_something_else_is_new(tmp_path: Path) -> None:
    _, joined = covered(tmp_path)
    assert [finding.object.name for finding in compare_results(joined, result(tmp_path, "good", "bad b")).new] == ["bad b"]


def test_a_result_with_a_baseline_taken_from_it_still_knows_everything(tmp_path: Path) -> None:
    full = result(tmp_path, "bad a", "good", "bad b")
    less = only_new(full, result(tmp_path, "bad a"))
    assert [finding.object.name for finding in less.known] == ["bad a"]
    assert whole(less) == full
    assert only_new(full, less).findings == ()
    diff = compare_results(full, less)
    assert (diff.new, diff.fixed, len(diff.unchanged)) == ((), (), 2)


def test_the_same_fault_told_with_a_first_manifest_is_neither_new_nor_fixed(tmp_path: Path) -> None:
    before, after = result(tmp_path, "bad a"), result(tmp_path, "bad a")
    (finding,) = after.findings
    told = msgspec.structs.replace(after, findings=(msgspec.structs.replace(finding, fingerprint="0" * 16),))
    assert (len(compare_results(before, told).new), len(compare_results(before, told).fixed)) == (1, 1)
    manifest = ManifestCoverage(("automations.yaml",), complete=True)
    listed = msgspec.structs.replace(told, coverage=msgspec.structs.replace(told.coverage, manifest=manifest))
    diff = compare_results(before, listed)
    assert (diff.new, diff.fixed, len(diff.unchanged)) == ((), (), 1)
