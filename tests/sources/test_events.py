"""The evidence file: what is written is read, the same bytes each time, and damage is one sentence."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from ckaudit.model.errors import OutputError, SnapshotError
from ckaudit.model.events import Events, make_events
from ckaudit.sources.events import COLUMNS, EVENTS_FILE, ROW, events_bytes, read_events, write_events


@pytest.fixture
def events() -> Events:
    return make_events([1, 0, 2], [1, 2, 0], [2**40, 7, 3], [1_700_000_000, 1_700_000_001, 5], [0, 4, 1])


def rewritten(folder: Path, **members: object) -> None:
    """Replace members of the evidence file; None leaves one out."""
    path = folder / EVENTS_FILE
    with zipfile.ZipFile(path) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in found.items():
            new = members.get(name.removesuffix(".npy"), data)
            if new is None:
                continue
            buffer = io.BytesIO()
            if isinstance(new, np.ndarray):
                np.lib.format.write_array(buffer, new, allow_pickle=True)
            archive.writestr(name, new if isinstance(new, bytes) else buffer.getvalue())


def first_version(folder: Path, events: Events) -> None:
    """The timestamps as format 1 had them: a packed array for each column."""
    columns = {name: getattr(events, name) for name in COLUMNS}
    np.savez_compressed(folder / EVENTS_FILE, allow_pickle=False, version=np.array(1), **columns)


def test_what_is_written_is_read(tmp_path: Path, events: Events) -> None:
    write_events(tmp_path / "new", events)
    again = read_events(tmp_path / "new")
    assert again is not None
    for name in COLUMNS:
        assert getattr(again, name).tolist() == getattr(events, name).tolist()
        assert getattr(again, name).dtype == COLUMNS[name]


def test_people_may_have_any_numbers(tmp_path: Path) -> None:
    people = [-5, 2**62, 2**40, 0]
    write_events(tmp_path, make_events(people, [0] * 4, [1] * 4, [1, 2, 3, 4], [0] * 4))
    again = read_events(tmp_path)
    assert again is not None
    assert again.person.tolist() == sorted(people)


def test_the_first_version_is_read(tmp_path: Path, events: Events) -> None:
    first_version(tmp_path, events)
    again = read_events(tmp_path)
    assert again is not None
    for name in COLUMNS:
        assert getattr(again, name).tolist() == getattr(events, name).tolist()


def test_one_timestamp_more_leaves_the_other_records_as_they_are(events: Events) -> None:
    """So git keeps of a night what it brought, even when somebody with a low id appears who was not there before."""
    before = make_events(events.person + 1, events.kind, events.id, events.second, events.state)
    after = make_events([0, *before.person], [1, *before.kind], [9, *before.id], [77, *before.second], [0, *before.state])
    rows = before.person.size * ROW.itemsize
    with zipfile.ZipFile(io.BytesIO(events_bytes(before))) as one, zipfile.ZipFile(io.BytesIO(events_bytes(after))) as other:
        assert {member.compress_type for member in (*one.infolist(), *other.infolist())} == {zipfile.ZIP_STORED}
        assert one.read("rows.npy")[-rows:] == other.read("rows.npy")[-rows:]


def test_no_events_are_written_and_read(tmp_path: Path) -> None:
    write_events(tmp_path, make_events([], [], [], [], []))
    again = read_events(tmp_path)
    assert again is not None
    assert len(again) == 0


def test_the_same_timestamps_give_the_same_bytes_whatever_the_order(events: Events) -> None:
    back = make_events(events.person[::-1], events.kind[::-1], events.id[::-1], events.second[::-1], events.state[::-1])
    assert events_bytes(back) == events_bytes(events)
    with zipfile.ZipFile(io.BytesIO(events_bytes(events))) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_numpy_alone_reads_the_file(tmp_path: Path, events: Events) -> None:
    with np.load(write_events(tmp_path, events), allow_pickle=False) as archive:
        assert archive["version"] == 2
        rows = archive["rows"]
        assert rows["id"].tolist() == events.id.tolist()
        assert np.cumsum(rows["step"]).tolist() == events.person.tolist()


def test_a_snapshot_without_evidence_has_none(tmp_path: Path) -> None:
    assert read_events(tmp_path) is None


def test_a_file_of_a_newer_version_is_refused_with_a_sentence(tmp_path: Path, events: Events) -> None:
    write_events(tmp_path, events)
    rewritten(tmp_path, version=np.array(3))
    with pytest.raises(SnapshotError, match=r"has format version 3; this ckaudit reads up to 2\. It was made by a newer") as caught:
        read_events(tmp_path)
    assert caught.value.hint.startswith("Upgrade")


@pytest.mark.parametrize("version", [0, -1])
def test_a_version_that_never_existed_is_refused(tmp_path: Path, events: Events, version: int) -> None:
    write_events(tmp_path, events)
    rewritten(tmp_path, version=np.array(version))
    with pytest.raises(SnapshotError, match="never existed"):
        read_events(tmp_path)


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04" + bytes(40)])
def test_a_file_that_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / EVENTS_FILE).write_bytes(data)
    with pytest.raises(SnapshotError, match="damaged"):
        read_events(tmp_path)


def test_every_truncation_is_refused(tmp_path: Path, events: Events) -> None:
    data = events_bytes(events)
    for length in range(0, len(data) - 1, 37):
        (tmp_path / EVENTS_FILE).write_bytes(data[:length])
        with pytest.raises(SnapshotError):
            read_events(tmp_path)


NO_ROWS = np.zeros(3, dtype=ROW)


@pytest.mark.parametrize(
    "members",
    [
        {"rows": None},
        {"version": None},
        {"version": np.array(["a", "b"])},
        {"rows": np.array([1, 2], dtype=np.int64)},
        {"rows": NO_ROWS.reshape(3, 1)},
        {"rows": NO_ROWS[["step", "kind", "id", "second"]]},
        {"rows": np.array([(0, 9, 1, 1, 0)], dtype=ROW)},
        {"rows": np.array([(0, 1, 1, 1, -1)], dtype=ROW)},
        {"rows": np.array([{"a": 1}, None, 2], dtype=object)},
        {"rows": b"no array"},
        {"rows": b"\x93NUMPY\x01\x00v\x00{'descr': '<i8', 'fortran_order': False, 'shape': (99999999999999,), }"},
    ],
)
def test_rows_that_are_not_the_formats_are_refused(tmp_path: Path, events: Events, members: dict[str, object]) -> None:
    write_events(tmp_path, events)
    rewritten(tmp_path, **members)
    with pytest.raises(SnapshotError, match="damaged"):
        read_events(tmp_path)


@pytest.mark.parametrize(
    "members",
    [
        {"person": None},
        {"version": None},
        {"version": np.array(["a", "b"])},
        {"id": np.array([1, 2], dtype=np.int64)},
        {"id": np.array([1.0, 2.0, 3.0])},
        {"second": np.zeros((3, 1), dtype=np.int64)},
        {"kind": np.array([0, 1, 9], dtype=np.int8)},
        {"state": np.array([0, 1, -1], dtype=np.int8)},
        {"second": np.array([1_700_000_000, -1, 5])},
        {"second": np.array([1_700_000_000, 32_503_680_000, 5])},
        {"second": np.array([-(2**62), 2**62, 5])},
        {"person": np.array([{"a": 1}, None, 2], dtype=object)},
        {"person": b"no array"},
        {"person": b"\x93NUMPY\x01\x00v\x00{'descr': '<i8', 'fortran_order': False, 'shape': (99999999999999,), }"},
    ],
)
def test_a_column_of_the_first_version_that_is_not_the_formats_is_refused(
    tmp_path: Path, events: Events, members: dict[str, object]
) -> None:
    first_version(tmp_path, events)
    rewritten(tmp_path, **members)
    with pytest.raises(SnapshotError, match="damaged"):
        read_events(tmp_path)


def test_rows_out_of_order_are_put_in_order(tmp_path: Path, events: Events) -> None:
    first_version(tmp_path, events)
    rewritten(tmp_path, **{name: getattr(events, name)[::-1].copy() for name in COLUMNS})
    again = read_events(tmp_path)
    assert again is not None
    assert again.person.tolist() == events.person.tolist()


def test_a_folder_in_the_way_is_an_error_and_says_so(tmp_path: Path, events: Events) -> None:
    (tmp_path / EVENTS_FILE).mkdir()
    with pytest.raises(OutputError, match="cannot write"):
        write_events(tmp_path, events)
    with pytest.raises(SnapshotError, match="cannot read the evidence"):
        read_events(tmp_path)
