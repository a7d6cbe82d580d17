from __future__ import annotations

import msgspec

from ckaudit.engine.fingerprint import fingerprint, with_fingerprints
from ckaudit.model.errors import Location
from ckaudit.model.findings import Confidence, Finding, PathStep, Severity
from ckaudit.model.refs import ObjectRef
from tests.engine.planted import finding

STEP = PathStep("step", "Add tag", object=ObjectRef("tag", "Buyer", 7), location=Location("a.yaml", 3, 1), node="va:1:2")
BASE = finding(1, variant="late", path=(STEP,), related=(ObjectRef("tag", "x", 4),))


def changed(**values: object) -> Finding:
    return msgspec.structs.replace(BASE, **values)


def test_names_texts_places_and_judgements_do_not_change_a_fingerprint() -> None:
    renamed = PathStep("step", "Tag anhängen", "a note", ObjectRef("tag", "Käufer", 7), "va:9:9", Location("b.yaml", 99, 9))
    same = [
        changed(object=ObjectRef("tag", "renamed", 1)),
        changed(message="Other words.", title="Other"),
        changed(severity=Severity.ERROR, confidence=Confidence.LIKELY, people=4),
        changed(location=Location("b.yaml", 8, 1)),
        changed(path=(renamed, PathStep("end", "End"))),
        changed(also=("CK202",), fix=("x",)),
    ]
    assert {fingerprint(item) for item in same} == {fingerprint(BASE)}


def test_rule_variant_object_and_the_ids_on_the_path_change_it() -> None:
    other = [
        BASE,
        changed(rule="ACME602"),
        changed(variant="early"),
        changed(object=ObjectRef("tag", "tag 1", 2)),
        changed(object=ObjectRef("form", "tag 1", 1)),
        changed(path=()),
        changed(path=(STEP, STEP)),
        changed(related=()),
        changed(related=(ObjectRef("tag", "x", 5),)),
    ]
    assert len({fingerprint(item) for item in other}) == len(other)


def test_the_order_of_related_objects_does_not_matter() -> None:
    one, two = ObjectRef("tag", "a", 1), ObjectRef("tag", "b", 2)
    assert fingerprint(changed(related=(one, two))) == fingerprint(changed(related=(two, one)))


def test_a_name_counts_only_where_there_is_no_id() -> None:
    first, second = (changed(object=ObjectRef("automation", name)) for name in ("A", "B"))
    assert fingerprint(first) != fingerprint(second)


def test_findings_that_are_alike_are_numbered() -> None:
    first, second, third = (item.fingerprint for item in with_fingerprints((BASE, BASE, BASE)))
    assert (second, third) == (f"{first}-2", f"{first}-3")
    assert first == fingerprint(BASE)
    assert len(first) == 16
