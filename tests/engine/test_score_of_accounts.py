"""The score of whole accounts: knowing more of what is wrong never raises it, whichever way it becomes known."""

from __future__ import annotations

from pathlib import Path

import msgspec
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ckaudit.engine.configure import Settings
from ckaudit.engine.load import LoadedRule
from ckaudit.engine.pipeline import audit
from ckaudit.engine.score import score
from ckaudit.graph.build import build_graph
from ckaudit.model.account import Account, SectionName, SectionState, SectionStatus
from ckaudit.model.automations import Manifest
from ckaudit.model.findings import Severity
from ckaudit.model.result import Result
from ckaudit.observed.account import ObservedAccount
from ckaudit.observed.observe import observe
from ckaudit.sources.manifest import parse_manifest
from ckaudit.sources.snapshot import read_snapshot
from ckaudit.sources.stacks import read_stacks
from tests.engine.test_single_mistakes import MISTAKES, Mistake
from tests.engine.whole import NOW, Whole, rules

BROKEN = st.lists(st.sampled_from([mistake for mistake, _ in MISTAKES]), min_size=1, max_size=3, unique=True)
SECTIONS = [name for name in SectionName if name is not SectionName.ACCOUNT]
USUAL = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def broken(mistakes: list[Mistake], folder: Path) -> tuple[Account, str]:
    """The corrected guide with these mistakes, as far as they go together, and its manifest."""
    whole = Whole()
    for mistake in mistakes:
        try:
            mistake(whole)
        except (StopIteration, ValueError, IndexError, KeyError):  # what one mistake took away the next one cannot change
            continue
    whole.audit(folder)
    return read_snapshot(folder), yaml.safe_dump(whole.manifest, sort_keys=False, allow_unicode=True)


def observed(account: Account, text: str) -> ObservedAccount:
    manifest: Manifest = parse_manifest(text, "automations.yaml", account, read_stacks())
    return observe(build_graph(account, manifest, read_stacks(), NOW), None)


def points(result: Result) -> int:
    """The score as it is without a least number of judged rules."""
    return score((*result.findings, *(item.finding for item in result.suppressed)))


@USUAL
@given(mistakes=BROKEN, order=st.permutations(rules()), steps=st.integers(2, 5))
def test_a_further_rule_never_raises_it(mistakes: list[Mistake], order: list[LoadedRule], steps: int, tmp_path: Path) -> None:
    account = observed(*broken(mistakes, tmp_path))
    part = max(1, len(order) // steps)
    scores = [points(audit(account, order[:end])) for end in range(part, len(order) + 1, part)]
    assert scores == sorted(scores, reverse=True)


@USUAL
@given(mistakes=BROKEN, name=st.sampled_from(SECTIONS), status=st.sampled_from([SectionStatus.REFUSED, SectionStatus.PARTIAL]))
def test_a_section_that_is_read_never_raises_it(mistakes: list[Mistake], name: SectionName, status: SectionStatus, tmp_path: Path) -> None:
    account, text = broken(mistakes, tmp_path)
    kept = () if status is SectionStatus.REFUSED else getattr(account, name)
    sections = {**account.sections, name: SectionState(status, "it was not read")}
    less = msgspec.structs.replace(account, **{str(name): kept}, sections=sections)
    assert points(audit(observed(account, text), rules())) <= points(audit(observed(less, text), rules()))


@USUAL
@given(mistakes=BROKEN)
def test_its_ceilings_hold(mistakes: list[Mistake], tmp_path: Path) -> None:
    result = audit(observed(*broken(mistakes, tmp_path)), rules())
    worst = min((item.severity.rank for item in result.findings), default=Severity.INFO.rank)
    assert result.summary.score is None or result.summary.score <= {0: 59, 1: 99, 2: 100}[worst]
    for item in result.scores:
        assert item.score is None or 0 <= item.score <= 100


@USUAL
@given(mistakes=BROKEN, severity=st.sampled_from(Severity))
def test_what_is_not_shown_counts_all_the_same(mistakes: list[Mistake], severity: Severity, tmp_path: Path) -> None:
    account = observed(*broken(mistakes, tmp_path))
    shown = audit(account, rules(), Settings(min_severity=severity)).summary
    assert (shown.score, shown.grade) == (audit(account, rules()).summary.score, audit(account, rules()).summary.grade)
