"""Every case beside a built-in rule, one test each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ckaudit.model.result import RESULT_SCHEMA, AccountHead, Coverage, Result, Summary, Tool
from ckaudit.render.locations import location_of
from ckaudit.render.options import RenderOptions
from ckaudit.resources import rules_folder
from ckaudit.sources.snapshot import write_snapshot
from ckaudit.sources.snapshot_lines import lines_in
from ckaudit.testing.cases import Case, CaseKind, case_account, run_case
from ckaudit.testing.check import check_case, collect_cases

CASES = collect_cases(rules_folder())
EMPTY = Result(RESULT_SCHEMA, Tool("ckaudit", "0"), "", AccountHead(), Coverage(sections={"tags": "complete"}), Summary())


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_a_case_comes_out_as_it_says(case: Case) -> None:
    failure = check_case(case)
    assert failure is None, "\n".join((str(failure.location), *failure.reasons, "found:", failure.actual))


FIRST = list({case.rule.rule.code: case for case in reversed(CASES) if case.kind is CaseKind.BAD}.values())
STEP = re.compile(r"\s*- (split|event|events|delay|if|exit)\b")
"""Steps without a name of their own."""


@pytest.mark.parametrize("case", FIRST, ids=[case.rule.rule.code for case in FIRST])
def test_a_finding_points_at_a_line_with_what_it_names(case: Case, tmp_path: Path) -> None:
    account = case_account(case).observed.account
    options = RenderOptions()
    if account:
        file = write_snapshot(tmp_path, account)
        options = RenderOptions(account_file=str(file), account_lines=lines_in(file))
    for finding in run_case(case).findings:
        place = location_of(finding, EMPTY, options)
        if place.file == "account.json":
            continue  # a manifest alone: there is no line to point at
        line = Path(place.file).read_text("utf-8").split("\n")[place.line - 1]
        line = line if finding.location else line.replace('\\"', '"')
        named = [item.name for item in (finding.object, *finding.related, *finding.same_cause)]
        named += [step.name for step in finding.path] + re.findall("“([^”]+)”", finding.message)
        is_whole = finding.object.kind in ("account", "manifest")  # nothing in it has the name
        assert is_whole or STEP.match(line) or any(name.strip() in line for name in named if name.strip()), (place, line, named)
