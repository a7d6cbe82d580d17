"""Timestamps in the cases of rules."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from ckaudit.model.account import Account, SectionStatus, Sequence, Tag
from ckaudit.model.errors import RuleFileError
from ckaudit.model.evidence import Evidence, holders
from ckaudit.model.holders import PersonState
from ckaudit.model.refs import Key, Kind
from ckaudit.sources.yaml.tree import Node
from ckaudit.testing.case_file import read_case_file
from ckaudit.testing.mini_events import build_evidence, named_in

ACCOUNT = Account(tags=(Tag(1, "Bought"), Tag(2, "Other")), sequences=(Sequence(7, "Welcome"),))
NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
TAG, SEQUENCE = Key(Kind.TAG, 1), Key(Kind.SEQUENCE, 7)


def read(tmp_path: Path, text: str) -> Node:
    file = tmp_path / "events.yaml"
    file.write_text(text)
    node = read_case_file(file)
    assert node is not None
    return node


def built(tmp_path: Path, text: str) -> Evidence:
    return build_evidence(read(tmp_path, text), ACCOUNT, NOW)


def test_people_come_one_by_one(tmp_path: Path) -> None:
    found = holders(built(tmp_path, "- {tag: Bought, people: 3, at: '1970-01-01T00:00:00Z', every: 1 minute}").events, TAG)
    assert found.person.tolist() == [1, 2, 3]
    assert found.second.tolist() == [0, 60, 120]


def test_after_counts_from_the_same_persons_timestamp_above(tmp_path: Path) -> None:
    text = "- {tag: Bought, people: '2-3', at: '1970-01-01T00:00:00Z'}\n- {sequence: Welcome, people: '3', after: 2 seconds}"
    found = holders(built(tmp_path, text).events, SEQUENCE)
    assert (found.person.tolist(), found.second.tolist()) == ([3], [3602])


def test_a_state_holds_for_all_timestamps_of_a_person(tmp_path: Path) -> None:
    text = "- {tag: Bought, people: 2, at: '1970-01-01T00:00:00Z'}\n- {tag: Other, people: '2', after: 1 day, state: bounced}"
    assert holders(built(tmp_path, text).events, TAG).state.tolist() == [PersonState.ACTIVE, PersonState.BOUNCED]


def test_lists_without_events_were_read_and_are_empty(tmp_path: Path) -> None:
    found = built(tmp_path, "- {tag: Bought, people: 2, at: '1970-01-01T00:00:00Z', read: partial}")
    assert found.of(TAG).status is SectionStatus.PARTIAL
    assert found.of(SEQUENCE).status is SectionStatus.COMPLETE


def test_objects_are_named(tmp_path: Path) -> None:
    node = read(tmp_path, "- {tag: Bought, people: 2, at: '1970-01-01T00:00:00Z'}\n- {sequence: Welcome, people: 2, after: 1 day}")
    assert [(ref.kind, ref.name) for ref in named_in(node)] == [(Kind.TAG, "Bought"), (Kind.SEQUENCE, "Welcome")]


@pytest.mark.parametrize(
    "text",
    [
        "- {people: 3, at: '1970-01-01T00:00:00Z'}",
        "- {tag: Bought, at: '1970-01-01T00:00:00Z'}",
        "- {tag: Bought, people: 3}",
        "- {tag: Bought, people: many, at: '1970-01-01T00:00:00Z'}",
        "- {tag: Bought, people: 3, after: 1 day}",
        "- {tag: Bought, people: 3, at: '1970-01-01T00:00:00Z', every: a while}",
        "- {tag: Bought, people: 3, at: '1970-01-01T00:00:00Z', read: well}",
        "- {tag: Nowhere, people: 3, at: '1970-01-01T00:00:00Z'}",
        "- {tag: Bought, sequence: Welcome, people: 3, at: '1970-01-01T00:00:00Z'}",
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(RuleFileError):
        built(tmp_path, text)
