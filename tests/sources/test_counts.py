"""How many people there are lies beside the account, so that ``account.json`` changes only when somebody changed something."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ckaudit.model.account import (
    Account,
    AccountInfo,
    BadObject,
    Form,
    SectionName,
    SectionState,
    SectionStatus,
    Sequence,
    SequenceStats,
    Tag,
)
from ckaudit.sources.snapshot import read_snapshot, snapshot_bytes, write_snapshot

COMPLETE = {name: SectionState(SectionStatus.COMPLETE) for name in SectionName}
ACCOUNT = Account(
    info=AccountInfo(27, "Kit Greetings", subscriber_count=800),
    tags=(Tag(2, "a", subscriber_count=40), Tag(3, "b"), Tag(5, "c", subscriber_count=0)),
    forms=(Form(7, "f", subscriber_count=12),),
    sequences=(Sequence(9, "s", subscriber_count=3, stats=SequenceStats(recipients=61, open_rate=44.5)),),
    sections=COMPLETE,
)
MISSING = "the file is not there, so it is not known how many people have each tag, form and sequence"


def grown(account: Account) -> Account:
    """The same account a day later."""
    stats = SequenceStats(recipients=66)
    return msgspec.structs.replace(
        account,
        info=msgspec.structs.replace(account.info, subscriber_count=817),
        tags=tuple(msgspec.structs.replace(tag, subscriber_count=41) for tag in account.tags),
        sequences=tuple(msgspec.structs.replace(item, subscriber_count=4, stats=stats) for item in account.sequences),
    )


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_snapshot(tmp_path, ACCOUNT)
    assert read_snapshot(tmp_path) == ACCOUNT
    assert read_snapshot(tmp_path / "account.json") == ACCOUNT


def test_a_quiet_day_changes_no_byte_of_the_account() -> None:
    assert snapshot_bytes(grown(ACCOUNT)) == snapshot_bytes(ACCOUNT)


def test_a_quiet_day_changes_one_line_for_each_number_that_moved(tmp_path: Path) -> None:
    lines = []
    for account in (ACCOUNT, grown(ACCOUNT)):
        write_snapshot(tmp_path, account)
        lines.append((tmp_path / "counts.json").read_text().splitlines())
    assert sum(old != new for old, new in zip(lines[0], [line for line in lines[1] if '"3"' not in line], strict=True)) == 4
    assert json.loads("\n".join(lines[0]))["tags"] == {"2": {"subscriber_count": 40}, "5": {"subscriber_count": 0}}


def test_an_account_without_anything_to_count_is_written_and_read(tmp_path: Path) -> None:
    write_snapshot(tmp_path, Account(sections=COMPLETE))
    assert read_snapshot(tmp_path) == Account(sections=COMPLETE)
    assert json.loads((tmp_path / "counts.json").read_text())["tags"] == {}


def test_a_snapshot_of_format_1_has_its_numbers_itself(tmp_path: Path) -> None:
    document = json.loads(snapshot_bytes(ACCOUNT)) | {"schema": "ckaudit.snapshot/v1"}
    document["sections"]["tags"]["objects"][0]["subscriber_count"] = 77
    write_snapshot(tmp_path, ACCOUNT)
    (tmp_path / "account.json").write_text(json.dumps(document))
    account = read_snapshot(tmp_path)
    assert [tag.subscriber_count for tag in account.tags] == [77, None, None]
    assert account.bad_objects == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, MISSING),
        ("", "damaged"),
        ("[" * 100_000, "damaged"),
        ("[1]", "damaged"),
        ('{"schema": "ckaudit.counts/v1", "tags": {"2": {"subscriber_count": "many"}}}', "damaged"),
        ('{"schema": "ckaudit.counts/v1", "tags": {"two": {}}}', "damaged"),
        ('{"schema": "ckaudit.counts/v2"}', "of another version"),
        ('{"schema": "ckaudit.counts/v1", "account": 28, "tags": {"2": {"subscriber_count": 5}}}', "another account's"),
    ],
)
def test_numbers_that_are_not_there_are_unknown_and_said_to_be(tmp_path: Path, text: str | None, reason: str) -> None:
    write_snapshot(tmp_path, ACCOUNT)
    if text is None:
        (tmp_path / "counts.json").unlink()
    else:
        (tmp_path / "counts.json").write_text(text)
    account = read_snapshot(tmp_path)
    assert [tag.subscriber_count for tag in account.tags] == [None, None, None]
    assert [item.path for item in account.bad_objects] == ["counts.json"]
    assert reason in account.bad_objects[0].reason


def test_a_copy_under_another_name_does_not_take_the_numbers_beside_it(tmp_path: Path) -> None:
    (write_snapshot(tmp_path, ACCOUNT)).rename(tmp_path / "october.json")
    assert read_snapshot(tmp_path / "october.json").bad_objects == (BadObject("counts.json", MISSING),)


def test_what_was_stored_without_numbers_is_kept_without_them(tmp_path: Path) -> None:
    write_snapshot(tmp_path / "one", ACCOUNT)
    (tmp_path / "one" / "counts.json").unlink()
    write_snapshot(tmp_path / "other", read_snapshot(tmp_path / "one"))
    stored: dict[str, Any] = json.loads((tmp_path / "other" / "account.json").read_text())
    assert stored["bad_objects"] == []
    assert not (tmp_path / "other" / "counts.json").exists()
    assert [item.path for item in read_snapshot(tmp_path / "other").bad_objects] == ["counts.json"]
