"""The day a snapshot was read: beside it, not in it; unknown rather than guessed."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import msgspec
import pytest

from ckaudit.model.account import Account, AccountInfo
from ckaudit.sources.reading import read_reading
from ckaudit.sources.snapshot import read_snapshot, snapshot_bytes, write_snapshot
from tests.cli.running import DEMO

DAY = dt.date(2026, 11, 20)
ACCOUNT = Account(info=AccountInfo(id=27, name="Greetings"), read_on=DAY)


def test_the_day_is_read_back(tmp_path: Path) -> None:
    write_snapshot(tmp_path, ACCOUNT)
    assert read_snapshot(tmp_path).read_on == read_snapshot(tmp_path / "account.json").read_on == DAY


def test_the_account_has_the_same_bytes_on_every_day() -> None:
    assert snapshot_bytes(ACCOUNT) == snapshot_bytes(msgspec.structs.replace(ACCOUNT, read_on=dt.date(2026, 12, 24)))


def test_an_account_of_an_unknown_day_takes_no_day_from_the_one_before(tmp_path: Path) -> None:
    write_snapshot(tmp_path, ACCOUNT)
    write_snapshot(tmp_path, msgspec.structs.replace(ACCOUNT, read_on=None))
    assert read_snapshot(tmp_path).read_on is None


def test_a_copy_under_another_name_has_no_day(tmp_path: Path) -> None:
    write_snapshot(tmp_path, ACCOUNT)
    shutil.copy(tmp_path / "account.json", tmp_path / "old.json")
    assert read_snapshot(tmp_path / "old.json").read_on is None


def test_a_snapshot_from_before_has_the_day_of_its_timestamps(tmp_path: Path) -> None:
    for name in ("account.json", "events.npz"):
        shutil.copy(DEMO / name, tmp_path / name)
    assert read_snapshot(tmp_path).read_on == dt.date(2026, 11, 24)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"schema": "ckaudit.reading/v9", "day": "2026-11-20"}', '{"schema": "ckaudit.reading/v1", "day": 3}']
)
def test_what_means_nothing_is_no_day(tmp_path: Path, text: str) -> None:
    (tmp_path / "reading.json").write_text(text)
    (tmp_path / "events.npz").write_text(text)
    assert read_reading(tmp_path) is None
