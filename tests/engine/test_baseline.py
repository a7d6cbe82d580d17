from __future__ import annotations

from pathlib import Path
from typing import get_args

import msgspec
import pytest

from ckaudit.engine.baseline import ResultDiff, compare_results, only_new, whole
from ckaudit.engine.configure import Settings
from ckaudit.engine.disappeared import Outcome
from ckaudit.engine.exit_status import FailOn, diff_status, exit_status, fails_unjudged
from ckaudit.engine.pipeline import audit
from ckaudit.model.automations import Automation
from ckaudit.model.baseline import Unresolved
from ckaudit.model.errors import InputError
from ckaudit.model.findings import NotEvaluated, Severity
from ckaudit.model.refs import Kind, ObjectRef, Ref
from ckaudit.model.result import AccountHead, ManifestCoverage, Result, Role
from ckaudit.model.steps import AddTag
from tests.engine.planted import BAD_TAGS, observed_account, planted


def result(folder: Path, *tags: str, settings: Settings | None = None, body: str = BAD_TAGS) -> Result:
    return audit(observed_account(*tags), planted(folder, body), settings)


def gone(diff: ResultDiff) -> dict[str, int]:
    """How many findings of the earlier result are gone, by what became of them."""
    return {name: len(getattr(diff.since, name)) for name in get_args(Outcome) if getattr(diff.since, name)}


def unjudged(found: Result) -> Result:
    """The same result, had its one rule not been judged."""
    return msgspec.structs.replace(
        found, findings=(), passed=(), not_evaluated=(NotEvaluated("ACME601", "bad-tag", ("tags",), "Kit refused the tags"),)
    )


def test_only_what_is_new_stays_and_the_rest_is_counted(tmp_path: Path) -> None:
    made = only_new(result(tmp_path, "bad a", "good", "bad b"), result(tmp_path, "bad a", "bad x", "good"))
    assert [finding.object.name for finding in made.findings] == ["bad b"]
    assert (made.summary.warning, made.summary.unchanged, made.summary.fixed) == (1, 1, 1)


def test_a_rename_is_not_new(tmp_path: Path) -> None:
    assert only_new(result(tmp_path, "bad new name"), result(tmp_path, "bad")).findings == ()


def test_the_same_result_has_nothing_new_and_nothing_fixed(tmp_path: Path) -> None:
    same = result(tmp_path, "bad")
    diff = compare_results(same, same)
    assert (diff.new, gone(diff), len(diff.unchanged)) == ((), {}, 1)


def test_what_weighs_more_counts_as_new_and_what_weighs_less_does_not(tmp_path: Path) -> None:
    usual, heavy = result(tmp_path, "bad"), result(tmp_path, "bad", settings=Settings(severity={"ACME601": Severity.ERROR}))
    worse, milder = compare_results(usual, heavy), compare_results(heavy, usual)
    assert [(item.before, item.finding.severity) for item in worse.worse] == [("warning", Severity.ERROR)]
    assert [(item.before, item.finding.severity) for item in milder.milder] == [("error", Severity.WARNING)]
    assert (worse.new, worse.unchanged, milder.new, milder.unchanged) == ((), (), (), ())
    assert (len(only_new(heavy, usual).findings), len(only_new(usual, heavy).findings)) == (1, 0)


def test_a_rule_that_did_not_run_is_no_longer_asked_for(tmp_path: Path) -> None:
    without = msgspec.structs.replace(result(tmp_path, "good"), rules=())
    assert gone(compare_results(result(tmp_path, "bad"), without)) == {"not_asked": 1}


def test_a_finding_that_is_hidden_now_is_no_longer_asked_for(tmp_path: Path) -> None:
    hidden = result(tmp_path, "bad", settings=Settings(min_severity=Severity.ERROR))
    assert gone(compare_results(result(tmp_path, "bad"), hidden)) == {"not_asked": 1}


def test_that_other_findings_are_hidden_leaves_what_is_fixed_fixed(tmp_path: Path) -> None:
    hidden = result(tmp_path, "good", "bad b", settings=Settings(min_severity=Severity.ERROR))
    assert gone(compare_results(result(tmp_path, "bad a", "bad b"), hidden)) == {"fixed": 1, "not_asked": 1}


def test_a_rule_that_is_not_judged_any_more_confirms_nothing(tmp_path: Path) -> None:
    before = result(tmp_path, "bad")
    diff = compare_results(before, unjudged(result(tmp_path, "good")))
    assert (gone(diff), [item.rule for item in diff.since.lost]) == ({"not_judged": 1}, ["ACME601"])


def test_a_rule_that_broke_confirms_nothing(tmp_path: Path) -> None:
    broken = msgspec.structs.replace(result(tmp_path, "good"), crashed=(NotEvaluated("ACME601", "bad-tag", (), "it raised"),))
    assert gone(compare_results(result(tmp_path, "bad"), broken)) == {"not_judged": 1}


def test_a_rule_that_was_never_judged_is_not_lost(tmp_path: Path) -> None:
    diff = compare_results(unjudged(result(tmp_path, "good")), unjudged(result(tmp_path, "good")))
    assert (diff.since.lost, diff.since.is_open) == ((), False)


def test_a_rule_that_passed_and_is_not_judged_now_is_lost_though_nothing_was_found(tmp_path: Path) -> None:
    assert compare_results(result(tmp_path, "good"), unjudged(result(tmp_path, "good"))).since.is_open


def test_a_finding_whose_object_is_deleted_is_gone_with_it_and_not_fixed(tmp_path: Path) -> None:
    assert gone(compare_results(result(tmp_path, "good", "bad b"), result(tmp_path, "good"))) == {"gone": 1}


def test_nothing_is_called_deleted_where_not_everything_was_read(tmp_path: Path) -> None:
    after = result(tmp_path, "good")
    partly = msgspec.structs.replace(after, present={kind: ids for kind, ids in after.present.items() if kind != "tag"})
    assert gone(compare_results(result(tmp_path, "good", "bad b"), unjudged(partly))) == {"not_judged": 1}


def test_what_touches_a_name_that_is_not_found_any_more_is_not_confirmed(tmp_path: Path) -> None:
    before, after = result(tmp_path, "bad", "bad b"), result(tmp_path, "good", "bad b")
    number = next(finding.object.id for finding in before.findings if finding.object.name == "bad")
    misspelt = msgspec.structs.replace(after, unresolved=(Unresolved("tag", "tpyo", "there is no tag tpyo", (f"tag:{number}",)),))
    diff = compare_results(before, misspelt)
    assert (gone(diff), [item.reason for item in diff.since.lost]) == ({"not_judged": 1}, ["there is no tag tpyo"])


def test_a_name_that_was_not_found_before_either_is_not_lost(tmp_path: Path) -> None:
    misspelt = msgspec.structs.replace(result(tmp_path, "good"), unresolved=(Unresolved("tag", "tpyo", "there is no tag tpyo"),))
    assert not compare_results(misspelt, misspelt).since.is_open


def test_a_chain_of_baselines_forgets_nothing_that_was_not_confirmed(tmp_path: Path) -> None:
    before, blind = result(tmp_path, "bad"), unjudged(result(tmp_path, "good"))
    second = only_new(blind, before)
    third = only_new(blind, second)
    assert (third.summary.not_confirmed, [item.rule for item in third.since.lost] if third.since else []) == (1, ["ACME601"])
    assert gone(compare_results(third, result(tmp_path, "good"))) == {"fixed": 1}


@pytest.mark.parametrize("fail_on", FailOn)
@pytest.mark.parametrize("tags", [("good",), ("bad",), ("bad", "bad b"), ("good", "bad b")])
@pytest.mark.parametrize("severity", [{}, {"ACME601": Severity.ERROR}, {"ACME601": Severity.INFO}])
@pytest.mark.parametrize("judged", [True, False])
def test_a_baseline_and_a_difference_fail_alike(
    tmp_path: Path, fail_on: FailOn, tags: tuple[str, ...], severity: dict[str, Severity], judged: bool
) -> None:
    before, after = result(tmp_path, "bad"), result(tmp_path, *tags, settings=Settings(severity=severity))
    after = after if judged else unjudged(after)
    fails = fails_unjudged(None, fail_on, has_baseline=True)
    assert exit_status(only_new(after, before), fail_on, unjudged=fails) == diff_status(
        compare_results(before, after), fail_on, unjudged=fails
    )


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
    assert ([finding.rule for finding in diff.new], gone(diff)) == (["ACME602"], {"covered": 1})


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
    assert (diff.new, gone(diff), len(diff.unchanged)) == ((), {}, 2)


def test_the_same_fault_told_with_a_first_manifest_is_neither_new_nor_fixed(tmp_path: Path) -> None:
    before, after = result(tmp_path, "bad a"), result(tmp_path, "bad a")
    (finding,) = after.findings
    told = msgspec.structs.replace(after, findings=(msgspec.structs.replace(finding, fingerprint="0" * 16),))
    assert (len(compare_results(before, told).new), gone(compare_results(before, told))) == (1, {"fixed": 1})
    manifest = ManifestCoverage(("automations.yaml",), complete=True)
    listed = msgspec.structs.replace(told, coverage=msgspec.structs.replace(told.coverage, manifest=manifest))
    diff = compare_results(before, listed)
    assert (diff.new, gone(diff), len(diff.unchanged)) == ((), {}, 1)


def _pair(folder: Path) -> tuple[Result, Result, ObjectRef]:
    """A finding about a tag, and a later result without it in which the tag is still there."""
    before, after = result(folder, "bad", "bad b"), result(folder, "good", "bad b")
    return before, after, next(finding.object for finding in before.findings if finding.object.name == "bad")


def test_what_is_gone_since_a_name_was_corrected_is_not_called_fixed(tmp_path: Path) -> None:
    before, after, item = _pair(tmp_path)
    misspelt = msgspec.structs.replace(before, unresolved=(Unresolved("tag", "tpyo", "there is no tag tpyo", (f"tag:{item.id}",)),))
    assert gone(compare_results(misspelt, after)) == {"redescribed": 1}


def test_what_is_gone_since_its_tag_means_something_else_is_not_called_fixed(tmp_path: Path) -> None:
    before, after, item = _pair(tmp_path)
    told = msgspec.structs.replace(before, roles=(Role("access", item, "Course", "declared", "stated"),))
    assert gone(compare_results(told, after)) == {"redescribed": 1}


def test_what_is_gone_with_other_steps_of_its_automation_is_fixed_whatever_its_tags_mean(tmp_path: Path) -> None:
    before, after, item = _pair(tmp_path)
    flow = Automation(name="Release", steps=(AddTag(tag=Ref(Kind.TAG, "a")),))
    found = msgspec.structs.replace(
        before,
        roles=(Role("access", item, "Course", "declared", "stated"),),
        automations=(flow,),
        findings=tuple(msgspec.structs.replace(finding, related=(flow.object,)) for finding in before.findings),
    )
    mended = msgspec.structs.replace(after, automations=(msgspec.structs.replace(flow, steps=()),), findings=found.findings[1:])
    assert gone(compare_results(found, mended)) == {"fixed": 1}


def test_that_another_tag_means_something_else_leaves_what_is_fixed_fixed(tmp_path: Path) -> None:
    before, after, _ = _pair(tmp_path)
    told = msgspec.structs.replace(before, roles=(Role("access", ObjectRef("tag", "other", 999), "Course", "declared", "stated"),))
    assert gone(compare_results(told, after)) == {"fixed": 1}
