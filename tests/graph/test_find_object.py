"""What somebody means by an object on the command line."""

from __future__ import annotations

import pytest

from ckaudit.graph.find_object import all_listed, named_object, objects_of
from ckaudit.model.account import Account, AccountInfo, Form, Sequence, Tag
from ckaudit.model.automations import Automation, Manifest
from ckaudit.model.errors import UsageError
from ckaudit.model.refs import Kind, ObjectRef, Ref

ACCOUNT = Account(
    info=AccountInfo(27, "Tidewater"),
    tags=(Tag(11, "Customer"), Tag(12, "Course A: purchased"), Tag(5, "Welcome"), Tag(13, "Twin"), Tag(14, "Twin")),
    sequences=(Sequence(5, "Welcome"), Sequence(6, "Pitch")),
    forms=(Form(8, "Welcome"),),
)
KNOWN = objects_of(ACCOUNT, Manifest(automations=(Automation(name="Release", id=99), Automation(name="Nameless one"))))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("sequence:5", ObjectRef("sequence", "Welcome", 5)),
        ("sequence:Welcome", ObjectRef("sequence", "Welcome", 5)),
        ("5", ObjectRef("sequence", "Welcome", 5)),
        ("Welcome", ObjectRef("sequence", "Welcome", 5)),
        ("form:Welcome", ObjectRef("form", "Welcome", 8)),
        ("Customer", ObjectRef("tag", "Customer", 11)),
        ("Course A: purchased", ObjectRef("tag", "Course A: purchased", 12)),
        ("tag:Course A: purchased", ObjectRef("tag", "Course A: purchased", 12)),
        ("Release", ObjectRef("automation", "Release", 99)),
        ("automation:Nameless one", ObjectRef("automation", "Nameless one")),
        ("account:27", ObjectRef("account", "Tidewater", 27)),
        ("address:me@example.com", ObjectRef("address", "me@example.com")),
    ],
)
def test_an_object_is_found(text: str, meant: ObjectRef) -> None:
    assert named_object(text, KNOWN, Kind.SEQUENCE) == meant


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Custmer", "Did you mean “Customer”?"),
        ("tag:Custmer", "Did you mean “Customer”?"),
        ("seqence:6", "Did you mean “sequence:6”?"),
        ("tag:111", "Did you mean “11”?"),
        ("Twin", "Say which: tag:13, tag:14."),
        ("tag:", "names no object"),
        ("xyzzy", "Write kind and id"),
    ],
)
def test_a_miss_says_the_nearest_or_how_to_say_it(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        named_object(text, KNOWN, Kind.SEQUENCE)
    assert said in str(caught.value)


def test_a_name_of_several_kinds_that_the_rule_does_not_judge_is_asked_back() -> None:
    with pytest.raises(UsageError, match="3 objects are named"):
        named_object("Welcome", KNOWN, Kind.EMAIL)


@pytest.mark.parametrize(
    ("text", "meant"), [("sequence:5", ObjectRef("sequence", "", 5)), ("automation:A: b", ObjectRef("automation", "A: b"))]
)
def test_without_an_account_the_words_stand_for_themselves(text: str, meant: ObjectRef) -> None:
    assert named_object(text, None, Kind.TAG) == meant


@pytest.mark.parametrize(("text", "said"), [("Welcome", "--snapshot"), ("5", "--snapshot"), ("seqence:5", "Did you mean “sequence”?")])
def test_without_an_account_the_kind_must_be_said(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        named_object(text, None, Kind.TAG)
    assert said in str(caught.value)


ALL = frozenset({Kind.TAG, Kind.SEGMENT})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("segment:Buyers", "there is no segment “Buyers”, nor any other segment"),
        ("segment:7", "there is no segment 7, nor any other segment"),
        ("segment:Pitch", "There is a sequence of this name: sequence:Pitch."),
    ],
)
def test_an_object_of_a_kind_that_the_account_has_none_of_is_not_there(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        named_object(text, KNOWN, Kind.TAG, listed=ALL)
    assert said in str(caught.value)


def test_of_a_kind_that_was_not_read_nobody_knows_and_the_words_stand_for_themselves() -> None:
    assert named_object("snippet:Footer", KNOWN, Kind.TAG, listed=ALL) == ObjectRef("snippet", "Footer")


def test_where_only_a_manifest_was_read_its_names_are_the_objects() -> None:
    known = objects_of(Account(), Manifest(references=(Ref(Kind.TAG, "Bought"),)))
    assert named_object("Bought", known, Kind.TAG) == ObjectRef("tag", "Bought")
    with pytest.raises(UsageError, match="there is no tag “Foo”"):
        named_object("tag:Foo", known, Kind.TAG, listed=all_listed(Account()))
