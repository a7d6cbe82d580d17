from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from ckaudit.engine.configure import Settings
from ckaudit.engine.load import LoadedRule, load_rules
from ckaudit.engine.pipeline import audit
from ckaudit.model.automations import IgnoreComment, Manifest
from ckaudit.model.config import SuppressedObject, Suppression, SuppressTable
from ckaudit.model.errors import Location
from ckaudit.model.findings import Severity
from ckaudit.model.result import Result
from ckaudit.resources import rules_folder
from tests.engine.planted import BAD_TAGS, observed_account, planted

PLACE = Location("ckaudit.toml", 3, 1)
AUDIT = rules_folder() / "audit"


def entry(rule: str = "ACME601", *, kind: str = "tag", id: int | None = 1, name: str = "", until: str = "") -> Suppression:  # noqa: A002
    day = dt.date.fromisoformat(until) if until else None
    return Suppression(
        SuppressTable(rule=rule, object=SuppressedObject(kind=kind, id=id, name=name), reason="it is fine.", until=day), PLACE
    )


def rules(folder: Path, body: str = BAD_TAGS) -> tuple[LoadedRule, ...]:
    own = load_rules((AUDIT / "unused_suppression.py", AUDIT / "expired_suppression.py"))
    return (*planted(folder, body), *own)


def audited(folder: Path, *entries: Suppression, tags: tuple[str, ...] = ("bad",), body: str = BAD_TAGS) -> Result:
    return audit(observed_account(*tags), rules(folder, body), Settings(suppressions=entries))


def codes(result: Result) -> list[str]:
    return [finding.rule for finding in result.findings]


@pytest.mark.parametrize("word", ["ACME601", "acme601", "rule-1"])
def test_rule_and_id_decide(tmp_path: Path, word: str) -> None:
    result = audited(tmp_path, entry(word, name="another name"))
    assert codes(result) == []
    assert [(item.reason, item.location) for item in result.suppressed] == [("it is fine.", PLACE)]
    assert result.summary.suppressed == 1


@pytest.mark.parametrize("wrong", [entry(id=2), entry(kind="form"), entry(id=None, name="good")])
def test_another_object_is_not_suppressed_and_the_entry_is_unused(tmp_path: Path, wrong: Suppression) -> None:
    result = audited(tmp_path, wrong)
    assert sorted(codes(result)) == ["ACME601", "CK903"]
    assert "matches no finding" in next(finding.message for finding in result.findings if finding.rule == "CK903")


def test_a_name_decides_where_there_is_no_id(tmp_path: Path) -> None:
    assert codes(audited(tmp_path, entry(id=None, name="bad"))) == []


@pytest.mark.parametrize(("until", "found"), [("2026-11-20", []), ("2026-11-21", []), ("2026-11-19", ["ACME601", "CK904"])])
def test_an_entry_holds_until_the_end_of_its_last_day(tmp_path: Path, until: str, found: list[str]) -> None:
    assert sorted(codes(audited(tmp_path, entry(until=until)))) == found


def test_what_is_back_says_why(tmp_path: Path) -> None:
    back = next(item for item in audited(tmp_path, entry(until="2026-01-01")).findings if item.rule == "ACME601")
    assert back.message == "Tag bad is bad. It was accepted until 2026-01-01 (“it is fine”); that day is over."


def test_being_back_does_not_change_the_fingerprint(tmp_path: Path) -> None:
    plain = audited(tmp_path).findings[0]
    back = next(item for item in audited(tmp_path, entry(until="2026-01-01")).findings if item.rule == "ACME601")
    assert plain.fingerprint == back.fingerprint


def test_a_valid_entry_beside_an_expired_one_holds(tmp_path: Path) -> None:
    assert codes(audited(tmp_path, entry(until="2026-01-01"), entry())) == []


def test_an_expired_entry_without_a_finding_is_unused(tmp_path: Path) -> None:
    assert codes(audited(tmp_path, entry(until="2026-01-01"), tags=("good",))) == ["CK903"]


def test_what_was_not_judged_is_never_called_unused(tmp_path: Path) -> None:
    body = '\n    yield from ()\n    raise NotEvaluatedError("not known", (Need.ACCOUNT,))\n'
    assert codes(audited(tmp_path, entry(), body=body)) == []
    assert codes(audited(tmp_path / "other", entry("CK503"))) == ["ACME601"]


def test_without_suppressions_everything_is_shown_and_no_entry_is_judged(tmp_path: Path) -> None:
    result = audit(observed_account("bad"), rules(tmp_path), Settings(suppressions=(entry(), entry(id=9)), suppress=False))
    assert codes(result) == ["ACME601"]
    assert result.summary.suppressed == 0


def test_a_comment_that_covers_nothing_is_unused(tmp_path: Path) -> None:
    comment = IgnoreComment(("ACME601",), "why", Location("automations.yaml", 4, 9), (4, 6))
    result = audit(observed_account("good", manifest=Manifest(ignores=(comment,))), rules(tmp_path))
    (found,) = result.findings
    assert (found.rule, found.location) == ("CK903", comment.location)


def test_a_severity_of_the_configuration_counts(tmp_path: Path) -> None:
    result = audit(observed_account("bad"), planted(tmp_path, BAD_TAGS), Settings(severity={"ACME601": Severity.ERROR}))
    assert result.summary.error == 1
    assert result.rules[0].severity == "error"
