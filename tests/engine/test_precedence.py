from __future__ import annotations

from ckaudit.engine.precedence import YIELDS, join_findings
from ckaudit.model.findings import PathStep
from tests.engine.planted import finding

TABLE = {"ACME601": ("ACME602",), "ACME602": ("ACME603",)}


def path(*nodes: str) -> tuple[PathStep, ...]:
    return tuple(PathStep("step", "s", node=node) for node in nodes)


def kept(*findings: object) -> list[tuple[str, tuple[str, ...]]]:
    return [(item.rule, item.also) for item in join_findings(findings, TABLE)]  # type: ignore[arg-type]


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


def test_nobody_yields_in_a_cycle() -> None:
    def reached(code: str, seen: tuple[str, ...]) -> None:
        assert code not in seen
        for loser, winners in YIELDS.items():
            for winner in winners if loser.split()[0] == code else ():
                reached(winner, (*seen, code))

    for loser in YIELDS:
        reached(loser.split()[0], ())


def test_a_variant_may_yield_where_the_rule_does_not() -> None:
    table = {"ACME601 switched-off": ("ACME602",)}
    winner = finding(1, rule="ACME602")
    assert len(join_findings((finding(1, variant="switched-off"), winner), table)) == 1
    assert len(join_findings((finding(1, variant="gone"), winner), table)) == 2


def test_a_finding_that_relates_to_the_winners_object_is_about_the_same() -> None:
    loser, winner = finding(1), finding(2, rule="ACME602")
    related = finding(1, related=(winner.object,))
    assert len(join_findings((loser, winner), TABLE)) == 2
    assert [item.rule for item in join_findings((related, winner), TABLE)] == ["ACME602"]


def test_a_finding_whose_path_leads_over_the_winners_object_is_about_the_same() -> None:
    winner = finding(2, rule="ACME602")
    over = finding(1, path=(PathStep("step", "s", node="a", object=winner.object),))
    assert [item.rule for item in join_findings((over, winner), TABLE)] == ["ACME602"]
