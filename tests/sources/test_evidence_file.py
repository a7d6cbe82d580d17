"""events.npz with its coverage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ckaudit.model.account import SectionStatus
from ckaudit.model.errors import SnapshotError
from ckaudit.model.events import make_events
from ckaudit.model.evidence import Evidence, ListRead
from ckaudit.model.refs import Key, Kind
from ckaudit.sources.events import read_events, write_events
from ckaudit.sources.evidence_file import evidence_bytes, read_evidence, write_evidence

EVENTS = make_events([0, 1], [1, 0], [2**60, 5], [100, 200], [0, 4])
EVIDENCE = Evidence(
    EVENTS,
    (
        ListRead(Key(Kind.FORM, 5), SectionStatus.PARTIAL, 50),
        ListRead(Key(Kind.TAG, 2**60), SectionStatus.COMPLETE),
        ListRead(Key(Kind.SEQUENCE, 1), SectionStatus.REFUSED, 50),
        ListRead(Key(Kind.SEQUENCE, 2), SectionStatus.SKIPPED, 50),
    ),
    86400,
)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    write_evidence(tmp_path, EVIDENCE)
    found = read_evidence(tmp_path)
    assert found is not None
    assert (found.lists, found.day) == (EVIDENCE.lists, EVIDENCE.day)
    assert list(found.events.id) == list(EVENTS.id)


def test_the_bytes_do_not_depend_on_the_time_of_writing() -> None:
    assert evidence_bytes(EVIDENCE) == evidence_bytes(EVIDENCE)


def test_timestamps_alone_are_read_with_nothing_known_about_the_lists(tmp_path: Path) -> None:
    write_events(tmp_path, EVENTS)
    found = read_evidence(tmp_path)
    assert found is not None
    assert (len(found.events), found.lists, found.since) == (2, (), None)
    assert found.of(Key(Kind.FORM, 5)).status is SectionStatus.SKIPPED


def test_the_timestamps_alone_can_be_read_from_a_file_with_coverage(tmp_path: Path) -> None:
    write_evidence(tmp_path, EVIDENCE)
    found = read_events(tmp_path)
    assert found is not None
    assert len(found) == 2


def test_a_folder_without_the_file_has_no_evidence(tmp_path: Path) -> None:
    assert read_evidence(tmp_path) is None


@pytest.mark.parametrize(
    "lists", [np.array([[7, 1, 0, -1]]), np.array([[0, 1, 9, -1]]), np.array([[0, 1, -1, -1]]), np.array([[0, 1]]), np.array(3)]
)
def test_coverage_that_makes_no_sense_is_refused(tmp_path: Path, lists: np.ndarray) -> None:
    write_coverage(tmp_path, 0, lists)
    with pytest.raises(SnapshotError, match="coverage in this evidence is damaged"):
        read_evidence(tmp_path)


@pytest.mark.parametrize(("day", "since"), [(-1, 0), (32_503_680_000, 0), (2**62, 0), (0, 32_503_680_000), (0, 2**62)])
def test_days_that_no_calendar_has_are_refused(tmp_path: Path, day: int, since: int) -> None:
    write_coverage(tmp_path, day, np.array([[0, 1, 0, since]]))
    with pytest.raises(SnapshotError, match="coverage in this evidence is damaged"):
        read_evidence(tmp_path)


def write_coverage(folder: Path, day: int, lists: np.ndarray) -> None:
    columns = {name: getattr(EVENTS, name) for name in ("person", "kind", "id", "second", "state")}
    np.savez(folder / "events.npz", version=np.array(1), day=np.array(day), lists=lists, **columns)


def test_the_clock_of_the_reading_is_its_day_or_the_newest_timestamp() -> None:
    assert EVIDENCE.now == 86400
    assert Evidence(make_events([0], [0], [1], [90000], [0]), (), 86400).now == 90000
