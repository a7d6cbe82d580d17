"""Tests folders of rules: every case runs, and every rule is held to the bar."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from ckaudit.engine.load import load_rules
from ckaudit.resources import rules_folder
from ckaudit.testing.bar import Shortfall, shortfalls
from ckaudit.testing.cases import misplaced_cases, no_rule_error, read_cases
from ckaudit.testing.check import CaseFailure, check_case


class RulesReport(msgspec.Struct, frozen=True):
    """What testing folders of rules brought. ``untested`` are rules without any case, ``shortfalls`` what the others lack."""

    rules: int
    cases: int
    failures: tuple[CaseFailure, ...] = ()
    untested: tuple[str, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()

    @property
    def passed(self) -> bool:
        """True when every rule has cases, all of them came out as expected, and nothing is lacking."""
        return not self.failures and not self.untested and not self.shortfalls


def check_rules(folders: Iterable[Path], *, relaxed: bool = False) -> RulesReport:
    """Run all cases of all rules of these folders (or single rule files). ``relaxed``: beyond having cases, nothing is asked of a rule.

    Raises:
        RuleFileError: a rule or case file is wrong.
    """
    places = tuple(folders)
    rules = load_rules(places, named=(rules_folder(),))
    for folder in places:
        for file in misplaced_cases(folder):
            raise no_rule_error(file)
    by_rule = [(loaded, read_cases(loaded)) for loaded in rules]
    failures = [failure for _, cases in by_rule for case in cases if (failure := check_case(case))]
    wrong = {failure.case for failure in failures}
    lacking = [
        item
        for loaded, cases in by_rule
        if cases and not relaxed
        for item in shortfalls(loaded, [case for case in cases if case.id not in wrong or not case.has_events])
    ]
    return RulesReport(
        rules=len(rules),
        cases=sum(len(cases) for _, cases in by_rule),
        failures=tuple(failures),
        untested=tuple(f"{loaded.rule.code} {loaded.rule.name}" for loaded, cases in by_rule if not cases),
        shortfalls=tuple(lacking),
    )
