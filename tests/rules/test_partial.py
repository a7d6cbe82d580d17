"""Whatever of an account is not read makes no rule find something, surer, or pass: nobody claims that something is not there unread."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import pytest

from ckaudit.engine.run import RuleRun
from ckaudit.engine.run_on_observed import run_rule
from ckaudit.model.account import Account, SectionName, SectionState, SectionStatus
from ckaudit.model.findings import ReportedFinding
from ckaudit.resources import rules_folder
from ckaudit.testing import cases
from ckaudit.testing.case_file import mapping_of
from ckaudit.testing.cases import Case, case_account
from ckaudit.testing.check import collect_cases

SECTIONS = tuple(name for name in SectionName if name is not SectionName.ACCOUNT)
CASES: dict[str, list[Case]] = {}
for case in collect_cases(rules_folder()):
    if "events" not in mapping_of(case.node, "a case"):  # of what is not read, no timestamps are read
        CASES.setdefault(case.rule.rule.code, []).append(case)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[[Case, Callable[[Account], Account]], RuleRun]:
    """Runs a case over its account, of which something is left out."""
    build = cases.build_account

    def run_without(case: Case, less: Callable[[Account], Account]) -> RuleRun:
        monkeypatch.setattr(cases, "build_account", lambda *parts: less(build(*parts)))
        return run_rule(case_account(case), case.rule, case.options)

    return run_without


def about(finding: ReportedFinding) -> tuple[str, str]:
    return finding.object.kind, finding.object.name


def left_out(account: Account) -> Iterator[tuple[str, Account]]:
    """The account with a part refused, with a part that is not whole, and without the first or the last object of such a part."""
    for name in SECTIONS:
        objects = getattr(account, name)
        if objects and account.complete(name):
            yield f"{name} refused", without(account, name, objects, SectionStatus.REFUSED)
            yield f"{name} partial", without(account, name, (), SectionStatus.PARTIAL)
            for item in {0: objects[0], len(objects): objects[-1]}.values():
                yield f"without {name} {item.id}", without(account, name, (item,), SectionStatus.PARTIAL)


def without(account: Account, name: SectionName, gone: tuple[object, ...], status: SectionStatus) -> Account:
    kept = tuple(item for item in getattr(account, name) if item not in gone)
    sections = {**account.sections, name: SectionState(status, "it was not read completely")}
    less = msgspec.structs.replace(account, **{str(name): kept}, sections=sections)
    known = {sequence.id for sequence in less.sequences}
    return msgspec.structs.replace(less, sequence_emails=tuple(email for email in less.sequence_emails if email.sequence_id in known))


@pytest.mark.parametrize("code", sorted(CASES))
def test_what_is_not_read_makes_no_rule_find_or_pass_more(code: str, run: Callable[[Case, Callable[[Account], Account]], RuleRun]) -> None:
    wrong = []
    for case in CASES[code]:
        seen: list[Account] = []
        whole = run(case, lambda account, seen=seen: seen.append(account) or account)  # type: ignore[misc,func-returns-value]
        found = {about(finding): finding for finding in whole.findings}
        for what, less in left_out(seen[-1]) if seen else ():
            again = run(case, lambda _, less=less: less)  # type: ignore[misc]
            wrong += [f"{case.name}, {what}: new {item}" for item in again.findings if about(item) not in found]
            wrong += [f"{case.name}, {what}: surer {item}" for item in again.findings if is_surer(item, found.get(about(item)))]
            wrong += [f"{case.name}, {what}: passed"] if whole.findings and again.judged else []
    assert wrong == []


def is_surer(finding: ReportedFinding, before: ReportedFinding | None) -> bool:
    return before is not None and finding.variant == before.variant and finding.confidence.rank < before.confidence.rank
