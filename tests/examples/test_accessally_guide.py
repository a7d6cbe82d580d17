"""The guide's automation as written and corrected: what an audit says of each is pinned."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from ckaudit.engine.load import load_rules
from ckaudit.engine.pipeline import audit
from ckaudit.graph.build import build_graph
from ckaudit.model.result import Result
from ckaudit.observed.observe import observe
from ckaudit.resources import rules_folder
from ckaudit.sources.manifest import read_manifests
from ckaudit.sources.snapshot import read_snapshot, snapshot_bytes
from ckaudit.sources.stacks import read_stacks

GUIDE = Path(__file__).parents[2] / "examples" / "accessally-guide"
NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)


def result_of(name: str) -> Result:
    account, stacks = read_snapshot(GUIDE / name), read_stacks()
    manifest = read_manifests([GUIDE / name / "automations.yaml"], account, stacks)
    return audit(observe(build_graph(account, manifest, stacks, NOW), None), load_rules((rules_folder(),)))


def test_the_guide_word_for_word_gives_what_its_readme_lists_and_no_error() -> None:
    found = [(item.rule, item.variant, str(item.severity)) for item in result_of("as-written").findings]
    assert found == [
        ("CK216", "", "warning"),
        ("CK509", "blank-password", "warning"),
        ("CK504", "", "warning"),
        ("CK217", "no-delay", "info"),
        ("CK224", "guide-layout", "info"),
        ("CK227", "nothing-adds", "info"),
        ("CK410", "one-off", "info"),
    ]


def test_the_corrected_guide_is_clean_and_only_what_it_does_not_have_stays_open() -> None:
    """It has no people, no pause, failed-payment or trial tags, no webhook tag that makes a login alone, and no day of reading."""
    result = result_of("corrected")
    assert (result.findings, result.crashed) == ((), ())
    assert {(item.rule, item.needs) for item in result.not_evaluated if "evidence" not in item.needs} == {
        ("CK229", ("pause_tags",)),
        ("CK231", ("webhook_tags.login",)),
        ("CK234", ("failed_payment_tags", "dunning_sequences", "optin_tags", "early_contact_tags", "cancel_tags")),
        ("CK905", ("account",)),  # nobody read it: it has no day
    }


def test_the_readme_names_every_finding_with_its_name_and_severity() -> None:
    table = (GUIDE / "README.md").read_text(encoding="utf-8")
    for item in result_of("as-written").findings:
        assert f"| {item.rule} {item.name} | {item.severity} |" in table


@pytest.mark.parametrize("name", ["as-written", "corrected"])
def test_reading_and_writing_the_account_gives_the_same_bytes(name: str) -> None:
    assert snapshot_bytes(read_snapshot(GUIDE / name)) == (GUIDE / name / "account.json").read_bytes()
