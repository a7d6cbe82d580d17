"""Signs that something happens although nothing known does it."""

from __future__ import annotations

from ckaudit.model.account import Account, Tag
from ckaudit.model.offerings import Offering
from ckaudit.model.refs import Kind, Ref
from tests.graph.accounts import graph_of

TAG = Ref(Kind.TAG, "Revoke", 1)
OLD, NEW = "2026-11-06T12:00:00Z", "2026-11-06T12:00:01Z"


def test_fourteen_days_make_a_tag_old() -> None:
    assert not graph_of(Account(tags=(Tag(1, "T", OLD),))).is_young(TAG.key)
    assert graph_of(Account(tags=(Tag(1, "T", NEW),))).is_young(TAG.key)


def test_a_tag_of_unknown_age_is_not_young() -> None:
    assert not graph_of(Account(tags=(Tag(1, "T"),))).is_young(TAG.key)
    assert not graph_of().is_young(TAG.key)


def test_people_show_that_something_adds_a_tag() -> None:
    assert graph_of(Account(tags=(Tag(1, "T", OLD, 1),))).held_or_young(TAG.key)
    assert not graph_of(Account(tags=(Tag(1, "T", OLD, 0),))).held_or_young(TAG.key)
    assert not graph_of(Account(tags=(Tag(1, "T", OLD),))).held_or_young(TAG.key)


def test_the_site_adds_revoke_tags_unless_the_manifest_lists_everything() -> None:
    offering = Offering(name="Course A", stack="accessally", revoke_tags=(TAG,))
    assert graph_of(offerings=(offering,)).may_come_from_integration(TAG.key)
    assert not graph_of(offerings=(offering,), complete=True).may_come_from_integration(TAG.key)
    assert not graph_of(offerings=(offering,)).may_come_from_integration(Ref(Kind.TAG, "Other", 2).key)
