"""The small baseline: what a later audit compares with is in it, one line a finding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from ckaudit.audit import AuditRequest, run_audit
from ckaudit.engine.baseline import compare_results, only_new
from ckaudit.model.result import Result
from ckaudit.render.formats import format_for, render_result
from ckaudit.render.json import render_json
from ckaudit.resources import DEMO_CLOCK
from ckaudit.sources.results import read_result
from tests.cli.running import DEMO


@pytest.fixture(scope="module")
def demo() -> Result:
    return run_audit(AuditRequest(source=DEMO, now=DEMO_CLOCK)).result


def small(result: Result, folder: Path) -> Result:
    path = folder / "baseline.json"
    path.write_text(render_result(result, "baseline"), "utf-8")
    return read_result(path)


def changed(demo: Result, empty: Path) -> dict[str, Result]:
    """Later audits: the same, less seen, one fixed, one new, one worse, one rule ignored."""
    first, _second, *rest = demo.findings
    replace = msgspec.structs.replace

    def audited(**asked: Any) -> Result:
        return run_audit(AuditRequest(source=DEMO, now=DEMO_CLOCK, **asked)).result

    return {
        "the same": demo,
        "no timestamps": audited(evidence=False),
        "no automations": audited(manifests=(empty,)),
        "one is fixed": replace(demo, findings=(first, *rest)),
        "one is new": replace(demo, findings=(*demo.findings, replace(first, fingerprint="0123456789abcdef"))),
        "one theme is ignored": audited(ignore=("CK4",)),
    }


def test_it_compares_like_the_whole_result(demo: Result, tmp_path: Path) -> None:
    baseline = small(demo, tmp_path)
    (tmp_path / "automations.yaml").write_text("version: 1\nautomations: []\n")
    for name, later in changed(demo, tmp_path / "automations.yaml").items():
        whole, slim = compare_results(demo, later), compare_results(baseline, later)
        assert [item.fingerprint for item in slim.counted] == [item.fingerprint for item in whole.counted], name
        for group in ("fixed", "gone", "accepted", "covered", "not_judged", "not_asked"):
            assert [item.fingerprint for item in getattr(slim.since, group)] == [
                item.fingerprint for item in getattr(whole.since, group)
            ], (name, group)
        assert (slim.since.lost, slim.since.inputs) == (whole.since.lost, whole.since.inputs), name


def test_a_baseline_of_a_baseline_forgets_nothing(demo: Result, tmp_path: Path) -> None:
    blind = run_audit(AuditRequest(source=DEMO, evidence=False, now=DEMO_CLOCK)).result
    second = only_new(blind, small(demo, tmp_path))
    assert second.since is not None
    assert second.since.not_judged
    third = compare_results(small(second, tmp_path), blind)
    assert {item.fingerprint for item in third.since.not_judged} == {item.fingerprint for item in second.since.not_judged}


def test_it_is_small_and_has_one_line_for_each_finding(demo: Result) -> None:
    text = render_result(demo, "baseline")
    assert len(text) < len(render_json(demo)) / 12
    for finding in demo.findings:
        (line,) = [line for line in text.splitlines() if f'"{finding.fingerprint}"' in line]
        assert finding.rule in line
        assert finding.object.name in line


def test_a_finding_that_is_fixed_takes_away_one_line(demo: Result) -> None:
    before = render_result(demo, "baseline").splitlines()
    after = render_result(msgspec.structs.replace(demo, findings=demo.findings[1:]), "baseline").splitlines()
    assert [line for line in before if line not in after] == [line for line in before if demo.findings[0].fingerprint in line]


@pytest.mark.parametrize("name", ["baseline.json", "anna-baseline.json", "baseline-anna.json"])
def test_its_name_asks_for_it(name: str) -> None:
    assert format_for(name).name == "baseline"
