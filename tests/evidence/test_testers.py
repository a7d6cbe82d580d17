from __future__ import annotations

from ckaudit.evidence.testers import without_testers
from ckaudit.model.account import Account, Tag
from ckaudit.model.events import ObjectKind, make_events
from ckaudit.model.evidence import Evidence
from ckaudit.model.refs import Key, Kind

ACCOUNT = Account(tags=(Tag(1, "Tester"), Tag(2, "Customer"), Tag(3, "Staff")))


def evidence(*rows: tuple[int, int, int]) -> Evidence:
    """Rows are (person, tag, second)."""
    people, tags, seconds = zip(*rows, strict=True)
    return Evidence(make_events(people, [int(ObjectKind.TAG)] * len(rows), tags, seconds, [0] * len(rows)), (), 1000)


def left(found: Evidence) -> list[tuple[int, int]]:
    return [(int(person), int(number)) for person, number in zip(found.events.person, found.events.id, strict=True)]


def test_everything_of_a_tester_is_left_out() -> None:
    timestamps = evidence((7, 2, 10), (8, 1, 20), (8, 2, 30), (9, 3, 40))
    assert left(without_testers(timestamps, ACCOUNT, ("Tester",))) == [(7, 2), (9, 3)]
    assert left(without_testers(timestamps, ACCOUNT, ("Tester", "Staff"))) == [(7, 2)]


def test_a_form_with_the_tags_number_makes_no_tester() -> None:
    timestamps = Evidence(make_events([7], [int(ObjectKind.FORM)], [1], [10], [0]), (), 1000)
    assert len(without_testers(timestamps, ACCOUNT, ("Tester",)).events) == 1


def test_nobody_has_the_tag() -> None:
    timestamps = evidence((7, 2, 10))
    assert without_testers(timestamps, ACCOUNT, ("Tester", "Unheard of")) is timestamps


def test_what_was_read_stays_known() -> None:
    timestamps = evidence((8, 1, 20), (7, 2, 10))
    found = without_testers(timestamps, ACCOUNT, ("Tester",))
    assert (found.lists, found.day) == (timestamps.lists, timestamps.day)
    assert found.of(Key(Kind.TAG, 1)) == timestamps.of(Key(Kind.TAG, 1))
