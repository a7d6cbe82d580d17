from __future__ import annotations

import random
from pathlib import Path

import msgspec
import pytest

from ckaudit.engine.configure import Settings
from ckaudit.engine.exit_status import FailOn, exit_status
from ckaudit.engine.load import load_rules
from ckaudit.engine.pipeline import audit
from ckaudit.graph.build import build_graph
from ckaudit.model.account import Account, SectionState, SectionStatus
from ckaudit.model.automations import IgnoreComment, Manifest
from ckaudit.model.errors import ExitStatus, Location
from ckaudit.model.findings import Confidence, Severity
from ckaudit.model.result import Result
from ckaudit.observed.observe import observe
from tests.engine.planted import BAD_TAGS, NOW, observed_account, planted, write_rule

RAISES = """
    yield from ()
    raise ValueError("the key of " + graph.account.tags[0].name)
"""
FIRST_FINDS_THEN_RAISES = BAD_TAGS + RAISES
NOT_AFTER_ALL = """
    yield from ()
    raise NotEvaluatedError("the plan is not known", (Need.ACCOUNT,))
"""
EMPTY = """
    yield from ()
"""


def test_a_finding_is_completed_from_the_rule(tmp_path: Path) -> None:
    result = audit(observed_account("bad"), planted(tmp_path, BAD_TAGS))
    (found,) = result.findings
    assert (found.rule, found.name, found.severity, found.confidence) == ("ACME601", "rule-1", Severity.WARNING, Confidence.CERTAIN)
    assert (found.title, found.docs) == ("A tag has a bad name", "")
    assert found.fix == ("Open **Subscribers**, then Tags.", "Rename the tag.")
    assert len(found.fingerprint) == 16


def test_what_a_rule_says_itself_stays(tmp_path: Path) -> None:
    body = """
    yield Finding(object=ObjectRef("tag", "x", 1), message="m", severity=Severity.ERROR, fix=("Do it.",))
"""
    (found,) = audit(observed_account("x"), planted(tmp_path, body)).findings
    assert (found.severity, found.fix) == (Severity.ERROR, ("Do it.",))


VARIANTS = """variants={
    "plain": Variant("The tag is plainly bad"),
    "worse": Variant("The tag is worse than bad", Severity.ERROR, ("Do it.",)),
}"""


def yielding(folder: Path, variant: str) -> Result:
    body = f"""
    yield Finding(object=ObjectRef("tag", "x", 1), message="m", variant="{variant}")
"""
    write_rule(folder, body=body, metadata=VARIANTS)
    return audit(observed_account("x"), load_rules((folder,)))


def test_a_variant_gives_its_title_and_what_differs_from_the_rule(tmp_path: Path) -> None:
    (found,) = yielding(tmp_path, "worse").findings
    assert (found.title, found.severity, found.fix) == ("The tag is worse than bad", Severity.ERROR, ("Do it.",))


def test_what_a_variant_leaves_open_is_the_rules(tmp_path: Path) -> None:
    (found,) = yielding(tmp_path, "plain").findings
    assert (found.title, found.severity, len(found.fix)) == ("The tag is plainly bad", Severity.WARNING, 2)


@pytest.mark.parametrize(("variant", "said"), [("other", "the variant “other”"), ("", "a finding without a variant")])
def test_a_variant_that_is_not_declared_is_an_error_naming_the_file(variant: str, said: str, tmp_path: Path) -> None:
    result = yielding(tmp_path, variant)
    assert [item.reason for item in result.crashed] == [f"check yielded {said}, and RULE declares plain, worse ({tmp_path / 'bad_tag.py'})"]
    assert not result.findings


def test_a_rule_without_variants_yields_none(tmp_path: Path) -> None:
    body = """
    yield Finding(object=ObjectRef("tag", "x", 1), message="m", variant="other")
"""
    (crashed,) = audit(observed_account("x"), planted(tmp_path, body)).crashed
    assert "and RULE declares no variants" in crashed.reason


def test_a_rule_that_raises_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    result = audit(observed_account("bad secret"), planted(tmp_path, RAISES, BAD_TAGS))
    (crashed,) = result.crashed
    assert (crashed.rule, crashed.name) == ("ACME601", "rule-1")
    assert "ValueError" in crashed.reason
    assert f"{tmp_path / 'rule_1.py'}:" in crashed.reason
    assert [finding.rule for finding in result.findings] == ["ACME602"]
    assert exit_status(result) is ExitStatus.BUG


def test_a_crash_says_nothing_of_the_account(tmp_path: Path) -> None:
    result = audit(observed_account("bad secret"), planted(tmp_path, RAISES))
    assert b"secret" not in msgspec.json.encode(result.crashed)


def test_what_a_rule_found_before_it_raised_stays(tmp_path: Path) -> None:
    result = audit(observed_account("bad"), planted(tmp_path, FIRST_FINDS_THEN_RAISES))
    assert (len(result.findings), len(result.crashed), result.passed) == (1, 1, ())


@pytest.mark.parametrize(
    "body", ["\n    return [1]\n", "\n    return None\n", "\n    yield 'x'\n", "\n    def f(): return f()\n    f()\n    yield\n"]
)
def test_a_check_that_does_not_give_findings_is_a_crash(body: str, tmp_path: Path) -> None:
    assert len(audit(observed_account(), planted(tmp_path, body)).crashed) == 1


def test_the_crash_hook_is_told_the_exception(tmp_path: Path) -> None:
    told: list[tuple[str, str]] = []
    audit(observed_account("x"), planted(tmp_path, RAISES), on_crash=lambda rule, error: told.append((rule.rule.code, str(error))))
    assert told == [("ACME601", "the key of x")]


def test_a_rule_may_find_out_while_running_that_it_cannot_judge(tmp_path: Path) -> None:
    result = audit(observed_account("bad"), planted(tmp_path, NOT_AFTER_ALL))
    (item,) = result.not_evaluated
    assert (item.reason, item.needs) == ("the plan is not known", ("account",))
    assert result.passed == ()


def test_a_rule_that_finds_nothing_passed_with_its_count(tmp_path: Path) -> None:
    (passed,) = audit(observed_account("good", "fine"), planted(tmp_path, BAD_TAGS)).passed
    assert (passed.rule, passed.title, passed.checked) == ("ACME601", "All tags have good names", 2)


@pytest.mark.parametrize(
    ("need", "reason"),
    [
        ("AUTOMATIONS", "Kit's API shows no automations and no manifest was given"),
        ("MANIFEST", "no manifest was given"),
        ("MEMBERSHIP", "no membership site is known: list your courses under “offerings”"),
        ("PRODUCTS", "no product is known"),
        ("EVIDENCE", "the timestamps of people were not read; `ckaudit pull` reads them"),
    ],
)
def test_missing_data_makes_a_rule_not_evaluated_with_the_reason(need: str, reason: str, tmp_path: Path) -> None:
    write_rule(tmp_path, needs=f"Need.{need},")
    result = audit(observed_account("bad"), load_rules((tmp_path,)))
    (item,) = result.not_evaluated
    assert reason in item.reason
    assert item.needs == (need.lower(),)
    assert (result.findings, result.passed) == ((), ())


def test_one_missing_manifest_is_said_once(tmp_path: Path) -> None:
    write_rule(tmp_path, needs="Need.AUTOMATIONS, Need.MANIFEST,")
    (item,) = audit(observed_account("bad"), load_rules((tmp_path,))).not_evaluated
    assert item.reason == "Kit's API shows no automations and no manifest was given"
    assert item.needs == ("automations", "manifest")


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (SectionState(SectionStatus.REFUSED, "Kit said no"), "Kit said no"),
        (SectionState(SectionStatus.PARTIAL), "the tags were read in part only"),
        (SectionState(SectionStatus.REFUSED), "Kit did not show the tags"),
        (SectionState(SectionStatus.SKIPPED), "the tags were not read"),
    ],
)
def test_a_section_that_is_not_complete_silences_the_rules_that_need_it(state: SectionState, reason: str, tmp_path: Path) -> None:
    write_rule(tmp_path, needs="Need.TAGS,")
    assert audit(observed_account("bad", tags=state), load_rules((tmp_path,))).not_evaluated[0].reason == reason


def test_another_section_does_not_matter(tmp_path: Path) -> None:
    write_rule(tmp_path, needs="Need.TAGS,")
    result = audit(observed_account("bad", forms=SectionState(SectionStatus.REFUSED)), load_rules((tmp_path,)))
    assert (len(result.findings), result.not_evaluated) == (1, ())


def test_without_an_account_every_section_is_missing(tmp_path: Path) -> None:
    write_rule(tmp_path, needs="Need.TAGS, Need.FORMS")
    result = audit(observe(build_graph(None, Manifest(files=("a.yaml",)), {}, NOW), None), load_rules((tmp_path,)))
    assert result.not_evaluated[0].reason == "no account was read, only a manifest"
    assert result.not_evaluated[0].needs == ("tags", "forms")
    assert result.coverage.sections == {}


def test_findings_below_the_asked_severity_or_confidence_are_hidden_and_counted(tmp_path: Path) -> None:
    rules = planted(tmp_path, BAD_TAGS)
    result = audit(observed_account("bad"), rules, Settings(min_severity=Severity.ERROR))
    assert (result.findings, result.summary.hidden, result.passed) == ((), 1, ())
    assert len(audit(observed_account("bad"), rules, Settings(min_confidence=Confidence.CERTAIN)).findings) == 1


def test_findings_come_worst_first_then_most_people_then_by_code_and_object(tmp_path: Path) -> None:
    body = """
    yield Finding(object=ObjectRef("tag", "c", 3), message="m", severity=Severity.INFO, people=99)
    yield Finding(object=ObjectRef("tag", "d", 4), message="m")
    yield Finding(object=ObjectRef("tag", "b", 2), message="m", people=5)
    yield Finding(object=ObjectRef("tag", "j", 10), message="m", people=0)
    yield Finding(object=ObjectRef("tag", "i", 9), message="m", people=0)
    yield Finding(object=ObjectRef("tag", "a", 1), message="m", severity=Severity.ERROR)
"""
    assert [found.object.id for found in audit(observed_account(), planted(tmp_path, body)).findings] == [1, 2, 9, 10, 4, 3]


def test_the_order_of_rules_and_findings_does_not_change_the_result(tmp_path: Path) -> None:
    rules = list(planted(tmp_path, BAD_TAGS, BAD_TAGS, EMPTY))
    graph = observed_account("bad a", "bad b", "good")
    first = msgspec.json.encode(audit(graph, rules).findings)
    random.Random(7).shuffle(rules)
    assert msgspec.json.encode(audit(graph, rules).findings) == first


def test_the_summary_counts_what_is_there(tmp_path: Path) -> None:
    rules = planted(tmp_path, BAD_TAGS, EMPTY, NOT_AFTER_ALL, RAISES)
    summary = audit(observed_account("bad a", "bad b"), rules).summary
    assert (summary.error, summary.warning, summary.info, summary.passed, summary.not_evaluated) == (0, 2, 0, 1, 1)
    assert summary.score is None


def test_the_result_carries_the_clock_the_account_and_the_coverage(tmp_path: Path) -> None:
    refused = SectionState(SectionStatus.REFUSED, "no")
    result = audit(observed_account("x", webhook_endpoints=refused), planted(tmp_path, EMPTY))
    assert result.generated_at == "2026-11-20T12:00:00Z"
    assert (result.account.id, result.account.plan_type) == (27, "creator")
    assert result.coverage.sections["webhook_endpoints"] == "refused"
    assert [(item.section, item.reason) for item in result.coverage.reasons] == [("webhook_endpoints", "no")]
    assert result.coverage.manifest.files == ()


LOCATED = """
    yield Finding(object=ObjectRef("tag", "x", 1), message="m", location=graph.manifest.ignores[0].location)
"""


def ignoring(*rules: str, covers: tuple[int, int] = (3, 5)) -> Manifest:
    comment = IgnoreComment(rules, "we know", Location("a.yaml", 3, 1), covers)
    return Manifest(files=("a.yaml",), ignores=(comment,))


@pytest.mark.parametrize("word", ["ACME601", "acme601", "rule-1"])
def test_a_comment_in_the_manifest_suppresses_the_findings_of_its_rule(word: str, tmp_path: Path) -> None:
    result = audit(observed_account(manifest=ignoring(word)), planted(tmp_path, LOCATED))
    (item,) = result.suppressed
    assert (result.findings, item.reason, item.location) == ((), "we know", Location("a.yaml", 3, 1))
    assert result.summary.suppressed == 1
    assert exit_status(result, FailOn.INFO) is ExitStatus.CLEAN


@pytest.mark.parametrize(
    "manifest", [ignoring("ACME602"), ignoring(), ignoring("ACME601", covers=(4, 9)), ignoring("ACME601", covers=(1, 2))]
)
def test_a_comment_about_other_rules_or_lines_suppresses_nothing(manifest: Manifest, tmp_path: Path) -> None:
    result = audit(observed_account(manifest=manifest), planted(tmp_path, LOCATED))
    assert (len(result.findings), result.suppressed) == (1, ())


def test_a_finding_without_its_own_place_takes_that_of_its_path(tmp_path: Path) -> None:
    body = """
    from ckaudit.rule import PathStep
    where = graph.manifest.ignores[0].location
    yield Finding(object=ObjectRef("tag", "x", 1), message="m", path=(PathStep("step", "a", location=where), PathStep("end", "b")))
"""
    (found,) = audit(observed_account(manifest=ignoring("ACME602")), planted(tmp_path, body)).findings
    assert found.location == Location("a.yaml", 3, 1)


@pytest.mark.parametrize(
    ("fail_on", "status"),
    [(FailOn.ERROR, 0), (FailOn.WARNING, 1), (FailOn.INFO, 1), (FailOn.NEVER, 0)],
)
def test_the_exit_status_follows_fail_on(fail_on: FailOn, status: int, tmp_path: Path) -> None:
    assert exit_status(audit(observed_account("bad"), planted(tmp_path, BAD_TAGS)), fail_on) == status


def test_the_highest_status_wins(tmp_path: Path) -> None:
    found = audit(observed_account("bad"), planted(tmp_path, BAD_TAGS))
    assert exit_status(found, incomplete=True) is ExitStatus.INCOMPLETE
    crashed = audit(observed_account("bad"), planted(tmp_path / "more", FIRST_FINDS_THEN_RAISES))
    assert exit_status(crashed, FailOn.NEVER, incomplete=True) is ExitStatus.BUG


def test_an_audit_of_nothing_with_no_rules_is_clean() -> None:
    result = audit(observe(build_graph(Account(), None, {}, NOW), None), ())
    assert exit_status(result, FailOn.INFO) is ExitStatus.CLEAN
    assert result.account.id is None
