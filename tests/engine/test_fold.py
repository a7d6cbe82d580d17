"""One cause, one finding, within a rule."""

from __future__ import annotations

import msgspec

from ckaudit.engine.fingerprint import fingerprint
from ckaudit.engine.fold import fold, fold_accepted
from ckaudit.engine.suppress import Accepted
from ckaudit.model.findings import Finding, ReportedFinding, Severity, Suppressed
from ckaudit.model.refs import ObjectRef
from tests.engine.planted import finding


def found(number: int, cause: str = "first_name", **more: object) -> ReportedFinding:
    return finding(number, **{"cause": cause, "fingerprint": "f", **more})


def test_findings_of_one_cause_are_one_that_lists_the_other_objects() -> None:
    one = fold([found(1), found(2), found(3)])[0]
    assert [item.id for item in (one.object, *one.same_cause)] == [1, 2, 3]
    assert set(one.same_cause) <= set(one.related)
    assert one.message.endswith("The same holds for 2 other tags.")


def test_two_causes_are_two_findings() -> None:
    assert len(fold([found(1), found(2, "city")])) == 2


def test_rules_and_variants_are_not_mixed() -> None:
    assert len(fold([found(1), found(2, rule="ACME602"), found(3, variant="late")])) == 3


def test_without_a_cause_nothing_is_folded() -> None:
    plain = [finding(1), finding(2)]
    assert list(fold(plain)) == plain


def test_what_is_only_observed_is_not_folded_into_what_is_declared() -> None:
    assert len(fold([found(1), found(2, observed=True)])) == 2


def test_the_worst_finding_speaks_for_all_and_the_widest_count_stays() -> None:
    one = fold([found(1, people=3), found(2, severity=Severity.ERROR), found(3, people=40, people_who="read it")])[0]
    assert (one.object.id, one.severity, one.people, one.people_who) == (2, Severity.ERROR, 40, "read it")


def test_what_the_others_covered_and_named_is_kept() -> None:
    sequence = ObjectRef("sequence", "W", 9)
    one = fold([found(1), found(2, covers=("ACME605",), covers_severity=Severity.ERROR, related=(sequence,))])[0]
    assert (one.covers, one.covers_severity) == (("ACME605",), Severity.ERROR)
    assert sequence in one.beside


def test_one_object_twice_is_not_listed_beside_itself() -> None:
    one = fold([found(1), found(1)])[0]
    assert (one.same_cause, one.message) == ((), found(1).message)


def test_the_cause_makes_the_fingerprint_so_that_it_stays_when_objects_come_and_go() -> None:
    first, second = (Finding(object=ObjectRef("email", "A", number), message="m", cause="first_name") for number in (1, 2))
    assert fingerprint("ACME601", first) == fingerprint("ACME601", second)
    assert fingerprint("ACME601", first) != fingerprint("ACME601", msgspec.structs.replace(first, cause="city"))


def test_an_accepted_object_is_not_listed() -> None:
    accepted = fold_accepted(Accepted((found(1), found(3)), (Suppressed(found(2), "on purpose"),)))
    assert [item.id for item in accepted.kept[0].same_cause] == [3]
    assert [item.finding.object.id for item in accepted.suppressed] == [2]


def test_every_fingerprint_of_a_result_is_its_own() -> None:
    accepted = fold_accepted(Accepted((found(1), found(3)), (Suppressed(found(2), "a"), Suppressed(found(4), "b"))))
    assert [item.fingerprint for item in accepted.kept] == ["f"]
    assert [item.finding.fingerprint for item in accepted.suppressed] == ["f-2", "f-3"]


def test_no_result_has_the_cause() -> None:
    assert all(b'"cause"' not in msgspec.json.encode(item) for item in fold([found(1), found(2), found(3, "city")]))
