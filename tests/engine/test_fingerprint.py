from __future__ import annotations

import msgspec

from ckaudit.engine import fingerprint as fingerprints
from ckaudit.engine.fingerprint import numbered
from ckaudit.model.errors import Location
from ckaudit.model.findings import Confidence, Finding, PathStep, Severity
from ckaudit.model.refs import ObjectRef
from tests.engine.planted import finding

STEP = PathStep("step", "Add tag", object=ObjectRef("tag", "Buyer", 7), location=Location("a.yaml", 3, 1), node="va:1:2")
BASE = Finding(
    object=ObjectRef("tag", "tag 1", 1), message="Tag 1 is bad.", variant="late", path=(STEP,), related=(ObjectRef("tag", "x", 4),)
)


def changed(**values: object) -> Finding:
    return msgspec.structs.replace(BASE, **values)


def fingerprint(finding: Finding, rule: str = "ACME601") -> str:
    return fingerprints.fingerprint(rule, finding)


def test_names_texts_places_and_judgements_do_not_change_a_fingerprint() -> None:
    renamed = PathStep("step", "Tag anhängen", "a note", ObjectRef("tag", "Käufer", 7), "va:9:9", Location("b.yaml", 99, 9))
    same = [
        changed(object=ObjectRef("tag", "renamed", 1)),
        changed(message="Other words."),
        changed(severity=Severity.ERROR, confidence=Confidence.LIKELY, people=4),
        changed(location=Location("b.yaml", 8, 1)),
        changed(path=(renamed, PathStep("end", "End"))),
        changed(fix=("x",)),
    ]
    assert {fingerprint(item) for item in same} == {fingerprint(BASE)}


def test_rule_variant_object_and_the_ids_on_the_path_change_it() -> None:
    other = [
        BASE,
        changed(variant="early"),
        changed(object=ObjectRef("tag", "tag 1", 2)),
        changed(object=ObjectRef("form", "tag 1", 1)),
        changed(path=()),
        changed(path=(STEP, STEP)),
        changed(related=()),
        changed(related=(ObjectRef("tag", "x", 5),)),
    ]
    assert len({fingerprint(item) for item in other} | {fingerprint(BASE, "ACME602")}) == len(other) + 1


def test_the_order_of_related_objects_does_not_matter() -> None:
    one, two = ObjectRef("tag", "a", 1), ObjectRef("tag", "b", 2)
    assert fingerprint(changed(related=(one, two))) == fingerprint(changed(related=(two, one)))


def test_a_name_counts_only_where_there_is_no_id() -> None:
    first, second = (changed(object=ObjectRef("automation", name)) for name in ("A", "B"))
    assert fingerprint(first) != fingerprint(second)


def test_findings_that_are_alike_are_numbered() -> None:
    one, other = finding(fingerprint="a"), finding(fingerprint="b")
    assert [item.fingerprint for item in numbered((one, other, one, one))] == ["a", "b", "a-2", "a-3"]


def test_a_fingerprint_has_sixteen_digits() -> None:
    assert len(fingerprint(BASE)) == 16
