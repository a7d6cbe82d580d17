"""Tests for rules, ours and everybody's: case files, mini accounts, the runner that compares what a rule found with what its cases
expect, and the bar beside them.

In pytest, ``collect_cases`` and ``check_case`` make one test of each case, ``shortfalls`` says what a rule lacks.
"""

from __future__ import annotations

from ckaudit.engine.load import LoadedRule, load_rules
from ckaudit.testing.bar import Shortfall, shortfalls
from ckaudit.testing.cases import Case, CaseKind, read_cases
from ckaudit.testing.check import CaseFailure, check_case, collect_cases
from ckaudit.testing.folders import RulesReport, check_rules

__all__ = [
    "Case",
    "CaseFailure",
    "CaseKind",
    "LoadedRule",
    "RulesReport",
    "Shortfall",
    "check_case",
    "check_rules",
    "collect_cases",
    "load_rules",
    "read_cases",
    "shortfalls",
]
