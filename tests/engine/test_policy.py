from __future__ import annotations

from ckaudit.engine.pipeline import audit
from ckaudit.engine.policy import policy_rules
from ckaudit.model.account import SectionState, SectionStatus
from ckaudit.model.config import Config, ConfigFile, PolicyTable
from ckaudit.model.findings import Severity
from ckaudit.model.result import Result
from tests.engine.planted import observed_account


def judged(*tags: str, **table: object) -> Result:
    policy = PolicyTable(kind="tag", **table)  # type: ignore[arg-type]
    return audit(observed_account(*tags), policy_rules(Config(file=ConfigFile(policy={"names": policy}))))


def found(result: Result) -> list[tuple[str, str]]:
    return [(finding.rule, finding.object.name) for finding in result.findings]


def test_without_policies_there_are_no_rules() -> None:
    assert policy_rules(Config()) == ()


def test_names_begin_with_one_of_the_prefixes() -> None:
    assert found(judged("A: x", "B: y", "c", "a: z", prefixes=("A: ", "B: "), exempt=("c",))) == [("POL001", "a: z")]


def test_required_names_exist_exactly() -> None:
    assert found(judged("Customer", required=("Customer", "customer"))) == [("POL002", "customer")]


def test_forbidden_words_are_words_in_any_case() -> None:
    assert found(judged("a TEST", "contest", "test-2", forbidden_words=("test",))) == [("POL003", "a TEST"), ("POL003", "test-2")]


def test_a_forbidden_word_may_end_in_a_mark() -> None:
    assert found(judged("what?", "whatever", forbidden_words=("what?",))) == [("POL003", "what?")]


def test_message_link_and_severity_are_the_owners() -> None:
    result = judged("x", prefixes=("A",), message="See the scheme.", link="https://example.com/n", severity=Severity.ERROR)
    (finding,) = result.findings
    assert finding.message == "The name of the tag “x” does not begin with “A”. See the scheme."
    assert "https://example.com/n" in finding.fix[-1]
    assert finding.severity is Severity.ERROR


def test_names_that_were_not_all_read_are_not_judged() -> None:
    policy = PolicyTable(kind="tag", required=("x",))
    graph = observed_account("y", tags=SectionState(SectionStatus.PARTIAL, "cut"))
    result = audit(graph, policy_rules(Config(file=ConfigFile(policy={"names": policy}))))
    assert result.findings == ()
    assert [item.rule for item in result.not_evaluated] == ["POL002"]
