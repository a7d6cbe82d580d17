"""The snapshot: same account, same bytes; what is no snapshot is refused with position and next step."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckaudit.model.account import (
    Account,
    AccountInfo,
    BadObject,
    CustomField,
    Form,
    SectionName,
    SectionState,
    SectionStatus,
    SequenceEmail,
    Tag,
    Webhook,
    WebhookEvent,
)
from ckaudit.model.errors import ExitStatus, OutputError, SnapshotError
from ckaudit.sources import snapshot
from ckaudit.sources.snapshot import SCHEMA, read_snapshot, snapshot_bytes, snapshot_schema, write_snapshot

COMPLETE = {name: SectionState(SectionStatus.COMPLETE) for name in SectionName}
HOOK = Webhook(1, WebhookEvent("tag_add", tag_id=2), "https://m.example.com/?aal_genpass=REDACTED-1")
ACCOUNT = Account(
    info=AccountInfo(27, "Kit Greetings"),
    tags=(Tag(2, "Größe 日本 🎉"), Tag(2**63 - 1, "b")),
    sequence_emails=(SequenceEmail(9, 1, position=0), SequenceEmail(8, 1, position=1)),
    webhooks=(HOOK,),
    sections=COMPLETE,
    bad_objects=(BadObject("tags[3].name", "Expected str, got int"),),
)


def document(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(snapshot_bytes(ACCOUNT))
    return found | changes


def stored(folder: Path, text: str | bytes) -> Path:
    path = folder / "account.json"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    (folder / "counts.json").write_text('{"schema": "ckaudit.counts/v1"}')
    return path


def refusal(path: Path) -> SnapshotError:
    with pytest.raises(SnapshotError) as caught:
        read_snapshot(path)
    assert caught.value.exit_status is ExitStatus.BAD_INPUT
    assert caught.value.hint
    return caught.value


texts = st.text(max_size=20)
ids = st.integers(0, 2**63 - 1)
accounts = st.builds(
    Account,
    info=st.none() | st.builds(AccountInfo, id=ids, name=texts),
    tags=st.lists(st.builds(Tag, id=ids, name=texts), unique_by=lambda tag: tag.id).map(tuple),
    forms=st.lists(st.builds(Form, id=ids, name=texts, archived=st.none() | st.booleans()), unique_by=lambda form: form.id).map(tuple),
    sequence_emails=st.lists(
        st.builds(SequenceEmail, id=ids, sequence_id=ids, subject=texts, position=st.none() | st.integers(0, 5)), unique_by=lambda e: e.id
    ).map(tuple),
    custom_fields=st.lists(st.builds(CustomField, id=ids, key=texts), unique_by=lambda item: item.id).map(tuple),
    sections=st.dictionaries(st.sampled_from(SectionName), st.builds(SectionState, st.sampled_from(SectionStatus), st.none() | texts)),
    bad_objects=st.lists(st.builds(BadObject, texts, texts)).map(tuple),
)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    assert write_snapshot(tmp_path / "new" / "folder", ACCOUNT) == tmp_path / "new" / "folder" / "account.json"
    assert read_snapshot(tmp_path / "new" / "folder") == ACCOUNT
    assert read_snapshot(tmp_path / "new" / "folder" / "account.json") == ACCOUNT


@given(accounts)
def test_reading_and_writing_again_changes_no_byte(tmp_path_factory: pytest.TempPathFactory, account: Account) -> None:
    folder = tmp_path_factory.mktemp("snapshot")
    write_snapshot(folder, account)
    first = (folder / "account.json").read_bytes()
    write_snapshot(folder, read_snapshot(folder))
    assert (folder / "account.json").read_bytes() == first


def test_the_order_in_which_kit_sends_objects_does_not_show() -> None:
    turned = msgspec.structs.replace(ACCOUNT, tags=ACCOUNT.tags[::-1], sequence_emails=ACCOUNT.sequence_emails[::-1])
    assert snapshot_bytes(turned) == snapshot_bytes(ACCOUNT)


def test_the_text_is_made_for_diffs() -> None:
    text = snapshot_bytes(ACCOUNT).decode()
    assert text.startswith('{\n  "schema": "ckaudit.snapshot/v2",\n  "with_emails": false,\n  "sections": {\n    "account": {')
    assert text.endswith("}\n")
    assert '          "name": "Größe 日本 🎉",\n' in text
    assert list(document()["sections"]) == list(SectionName)
    assert list(document()) == ["schema", "with_emails", "sections", "bad_objects"]
    assert document()["sections"]["account"]["object"]["id"] == 27


def test_a_snapshot_fits_its_schema() -> None:
    schema = snapshot_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document(), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document(schema="other"), schema)


def test_a_snapshot_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    assert write_snapshot(tmp_path, ACCOUNT).stat().st_mode & 0o077 == 0


def test_a_bad_object_is_reported_and_the_others_are_kept(tmp_path: Path) -> None:
    bad = document()
    bad["sections"]["tags"]["objects"].append({"id": 3})
    account = read_snapshot(stored(tmp_path, json.dumps(bad)))
    assert account.tags == ACCOUNT.tags
    assert account.bad_objects[-1] == BadObject("tags[2]", "Object missing required field name")
    assert account.state(SectionName.TAGS).status is SectionStatus.PARTIAL


def test_absent_keys_and_sections_are_allowed_and_unknown_ones_are_passed_over(tmp_path: Path) -> None:
    small = {
        "schema": SCHEMA,
        "sections": {"tags": {"status": "complete", "objects": [{"id": 1, "name": "a"}]}, "dreams": {"status": "partial"}},
    }
    account = read_snapshot(stored(tmp_path, json.dumps(small)))
    assert account.tags == (Tag(1, "a"),)
    assert account.complete(SectionName.TAGS)
    assert account.state(SectionName.FORMS).status is SectionStatus.SKIPPED


def test_secrets_in_a_snapshot_from_elsewhere_are_replaced_on_reading(tmp_path: Path) -> None:
    foreign = document()
    foreign["sections"]["webhooks"]["objects"][0]["target_url"] = "https://m.example.com/?aal_genpass=canary"
    assert read_snapshot(stored(tmp_path, json.dumps(foreign))).webhooks == (HOOK,)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    assert read_snapshot(stored(tmp_path, b"\xef\xbb\xbf" + snapshot_bytes(ACCOUNT))) == ACCOUNT


@pytest.mark.parametrize("text", ["", " \n\t\n"])
def test_an_empty_file_is_refused(tmp_path: Path, text: str) -> None:
    assert "empty" in str(refusal(stored(tmp_path, text)))


def test_a_file_that_is_cut_off_is_refused_with_the_end_as_position(tmp_path: Path) -> None:
    whole = snapshot_bytes(ACCOUNT)
    error = refusal(stored(tmp_path, whole[: len(whole) // 2]))
    cut = whole[: len(whole) // 2].decode(errors="ignore")
    assert error.location is not None
    assert error.location.line == cut.count("\n") + 1
    assert str(error).startswith(f"{tmp_path / 'account.json'}:{error.location.line}:")


def test_broken_json_is_refused_with_line_and_column_in_characters(tmp_path: Path) -> None:
    error = refusal(stored(tmp_path, '{\n "schema": "日本" oops}'))
    assert (error.location and (error.location.line, error.location.column)) == (2, 17)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[]", "this is a JSON list"),
        ('"text"', "this is JSON, but not a ckaudit snapshot"),
        ("{}", "JSON of another tool"),
        ('{"report": "health", "tags": 7}', "JSON of another tool"),
        ('{"tags": [{"id": 1}], "pagination": {}}', "one answer of Kit's API, a list of tags"),
        ('{"user": {}, "account": {"id": 1}}', "one answer of Kit's API, the account itself"),
        ("Tag;People\nReader;420\n", "a table (CSV)"),
        ('{"schema": 1}', "JSON of another tool"),
        ('{"schema": "https://json.schemastore.org/package"}', "JSON of another tool"),
        ('{"schema": "ckaudit.result/v1"}', "a result, not a snapshot"),
        ('{"schema": "ckaudit.snapshot/v3"}', "newer ckaudit"),
        ('{"schema": "ckaudit.snapshot/v0"}', "never existed"),
        ('{"schema": "ckaudit.snapshot/v1", "sections": []}', "damaged"),
        ('{"schema": "ckaudit.snapshot/v1", "sections": {"tags": {"status": "great"}}}', "damaged"),
        ('{"schema": "ckaudit.snapshot/v1", "sections": {"tags": {"status": "complete", "objects": 7}}}', "damaged"),
        ('{"schema": "ckaudit.snapshot/v1", "bad_objects": [7]}', "damaged"),
        ("[" * 1_000_000, "this is a JSON list"),
        ('{"a":' * 100_000, "nested too deeply"),
        (b"\xff\xfe{\x00}\x00", "UTF-8"),
        (b'{"schema": "ckaudit.snapshot/v1",\n"a": "\xe4"}', "account.json:2:7: this is not UTF-8"),
        (b"\n" + b" " * (2**20 - 2) + b"\xc3\xa4 " + b" " * 2**20 + b"\xe4", "account.json:2:2097153: this is not UTF-8"),
        (b"{}" + b" " * 2**20 + b"\xc3", "this is not UTF-8"),
        ("<html></html>", "this is an HTML page, not a snapshot"),
    ],
)
def test_what_is_no_snapshot_is_refused_with_one_clear_sentence(tmp_path: Path, text: str | bytes, expected: str) -> None:
    assert expected in str(refusal(stored(tmp_path, text)))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "does not exist" in str(refusal(tmp_path / "nowhere"))
    assert "account.json does not exist" in str(refusal(tmp_path))


def test_the_folder_of_an_interrupted_pull_says_how_to_go_on(tmp_path: Path) -> None:
    (tmp_path / "pull.partial.jsonl").write_text("")
    error = refusal(tmp_path)
    assert "interrupted" in error.message
    assert f"ckaudit pull -o {tmp_path}" in error.hint


def test_a_folder_a_pipe_or_a_broken_link_under_the_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "account.json").mkdir()
    assert "not a regular file" in str(refusal(tmp_path))
    os.mkfifo(tmp_path / "pipe")
    assert "not a regular file" in str(refusal(tmp_path / "pipe"))
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    assert "does not exist" in str(refusal(tmp_path / "link"))


def test_an_unreadable_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> bytes:
        raise PermissionError(13, "Permission denied")

    path = stored(tmp_path, "{}")
    monkeypatch.setattr(Path, "open", denied)
    assert "Permission denied" in str(refusal(path))


def test_an_older_version_goes_through_the_migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def renamed(old: dict[str, msgspec.Raw]) -> dict[str, msgspec.Raw]:
        return {"sections": old["parts"]}

    monkeypatch.setattr(snapshot, "MIGRATIONS", {0: renamed, 1: lambda same: same})
    old = {"schema": "ckaudit.snapshot/v0", "parts": document()["sections"]}
    assert read_snapshot(stored(tmp_path, json.dumps(old))).tags == ACCOUNT.tags


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda tail: b'{"schema": "ckaudit.snapshot/v1", "sections": ' + tail))
def test_whatever_a_file_holds_it_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: bytes) -> None:
    path = stored(tmp_path_factory.mktemp("any"), text)
    with contextlib.suppress(SnapshotError):
        read_snapshot(path)


def test_a_snapshot_of_another_account_is_not_replaced(tmp_path: Path) -> None:
    write_snapshot(tmp_path, ACCOUNT)
    with pytest.raises(SnapshotError, match="account 27, and this is account 28"):
        write_snapshot(tmp_path, Account(info=AccountInfo(28)))
    assert read_snapshot(tmp_path) == ACCOUNT


def full_disk(_handle: int) -> None:
    raise OSError(28, "No space left on device")


def unwilling(_self: Path, _target: Path) -> Path:
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize(
    "break_it", [lambda patch: patch.setattr(os, "fsync", full_disk), lambda patch: patch.setattr(Path, "replace", unwilling)]
)
def test_a_write_that_fails_leaves_the_old_snapshot_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, break_it: Callable[[pytest.MonkeyPatch], None]
) -> None:
    write_snapshot(tmp_path, ACCOUNT)
    break_it(monkeypatch)
    with pytest.raises(OutputError) as caught:
        write_snapshot(tmp_path, Account())
    monkeypatch.undo()
    assert caught.value.hint
    assert read_snapshot(tmp_path) == ACCOUNT
    assert sorted(path.name for path in tmp_path.iterdir()) == ["account.json", "counts.json"]


def test_a_folder_that_cannot_be_made_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        write_snapshot(tmp_path / "file" / "below", ACCOUNT)


def test_reading_a_snapshot_loads_no_http_library() -> None:
    code = "import sys, ckaudit.sources.snapshot_lines; sys.exit(bool({'httpx', 'numpy', 'networkx'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False).returncode == 0
