from __future__ import annotations

from typing import Any

from ckaudit.engine.precedence import join_findings
from ckaudit.model.findings import PathStep, Severity
from ckaudit.model.rules import Rule, Theme, Variant
from tests.engine.planted import finding


def rule(code: str, **metadata: Any) -> Rule:
    title = "Something is wrong with a tag"
    return Rule(code=code, name="a-rule", title=title, passing="All tags are fine", severity=Severity.WARNING, theme=Theme.TAGS, **metadata)


RULES = {
    "ACME601": rule("ACME601", yields_to=("ACME602",)),
    "ACME602": rule("ACME602", yields_to=("ACME603",)),
    "ACME603": rule("ACME603"),
    "ACME604": rule("ACME604"),
}


def path(*nodes: str) -> tuple[PathStep, ...]:
    return tuple(PathStep("step", "s", node=node) for node in nodes)


def kept(*findings: object) -> list[tuple[str, tuple[str, ...]]]:
    return [(item.rule, item.covers) for item in join_findings(findings, RULES)]  # type: ignore[arg-type]


def test_a_finding_yields_to_the_winner_at_the_same_object() -> None:
    assert kept(finding(1), finding(1, rule="ACME602")) == [("ACME602", ("ACME601",))]


def test_a_finding_at_another_object_stays() -> None:
    assert kept(finding(1), finding(2, rule="ACME602")) == [("ACME601", ()), ("ACME602", ())]


def test_paths_must_share_a_step() -> None:
    assert len(kept(finding(1, path=path("a", "b")), finding(1, rule="ACME602", path=path("c")))) == 2
    assert len(kept(finding(1, path=path("a", "b")), finding(1, rule="ACME602", path=path("b")))) == 1


def test_a_finding_without_path_meets_every_path() -> None:
    assert len(kept(finding(1), finding(1, rule="ACME602", path=path("b")))) == 1


def test_the_winner_of_the_winner_names_both() -> None:
    joined = kept(finding(1), finding(1, rule="ACME602"), finding(1, rule="ACME603"))
    assert joined == [("ACME603", ("ACME601", "ACME602"))]


def test_without_the_winner_the_finding_stays() -> None:
    assert kept(finding(1), finding(1, rule="ACME604")) == [("ACME601", ()), ("ACME604", ())]


def test_a_variant_may_yield_where_the_rule_does_not() -> None:
    variants = {"switched-off": Variant("It is switched off", yields_to=("ACME602",)), "gone": Variant("It is not there")}
    rules = {**RULES, "ACME601": rule("ACME601", variants=variants)}
    winner = finding(1, rule="ACME602")
    assert len(join_findings((finding(1, variant="switched-off"), winner), rules)) == 1
    assert len(join_findings((finding(1, variant="gone"), winner), rules)) == 2


def test_only_the_named_variant_of_the_winner_wins() -> None:
    rules = {**RULES, "ACME601": rule("ACME601", yields_to=("ACME602 late",))}
    assert len(join_findings((finding(1), finding(1, rule="ACME602", variant="late")), rules)) == 1
    assert len(join_findings((finding(1), finding(1, rule="ACME602", variant="early")), rules)) == 2


def test_what_rests_on_observed_links_may_yield_where_the_declared_does_not() -> None:
    rules = {**RULES, "ACME601": rule("ACME601", observed_yields_to=("ACME602",))}
    winner = finding(1, rule="ACME602")
    assert len(join_findings((finding(1, observed=True), winner), rules)) == 1
    assert len(join_findings((finding(1), winner), rules)) == 2


def test_what_is_declared_does_not_yield_to_what_rests_on_observed_links() -> None:
    winner = finding(1, rule="ACME602", observed=True)
    assert len(join_findings((finding(1), winner), RULES)) == 2
    assert len(join_findings((finding(1, observed=True), winner), RULES)) == 1


def test_a_finding_that_relates_to_the_winners_object_is_about_the_same() -> None:
    loser, winner = finding(1), finding(2, rule="ACME602")
    related = finding(1, related=(winner.object,))
    assert len(join_findings((loser, winner), RULES)) == 2
    assert [item.rule for item in join_findings((related, winner), RULES)] == ["ACME602"]


def test_a_finding_whose_path_leads_over_the_winners_object_is_about_the_same() -> None:
    winner = finding(2, rule="ACME602")
    over = finding(1, path=(PathStep("step", "s", node="a", object=winner.object),))
    assert [item.rule for item in join_findings((over, winner), RULES)] == ["ACME602"]


def test_a_cause_that_both_name_decides_whatever_they_are_about() -> None:
    loser, winner = finding(1, cause="tag 7", title="The tag stays"), finding(2, rule="ACME602", cause="tag 7", path=path("c"))
    (joined,) = join_findings((loser, winner), RULES)
    assert joined.covers == ("ACME601",)
    assert loser.object in joined.related
    assert joined.message == "Tag 2 is bad. From the same cause, at “tag 1”: The tag stays."


def test_two_causes_are_two_findings_even_at_one_object() -> None:
    assert len(kept(finding(1, cause="tag 7"), finding(1, rule="ACME602", cause="tag 8"))) == 2
