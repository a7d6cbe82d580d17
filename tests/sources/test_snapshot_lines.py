"""Where objects stand in ``account.json``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckaudit.model.account import Account, AccountInfo, SectionName, SectionState, SectionStatus, Sequence, SequenceEmail, Tag
from ckaudit.model.refs import Key, Kind
from ckaudit.sources.snapshot import snapshot_bytes, write_snapshot
from ckaudit.sources.snapshot_lines import Place, object_lines

NAMES = st.sampled_from(["tags", "account", "sequence_emails", '"sequences": {', "null", "{}", '{"id": 1', "é\n"])


@given(st.lists(NAMES, max_size=6), st.lists(NAMES, max_size=4), st.booleans())
def test_the_line_of_an_object_is_the_one_with_its_name(
    tmp_path_factory: pytest.TempPathFactory, tags: list[str], sequences: list[str], with_info: bool
) -> None:
    folder = tmp_path_factory.mktemp("lines")
    account = Account(
        info=AccountInfo(27, "tags") if with_info else None,
        tags=tuple(Tag(number, name) for number, name in enumerate(tags)),
        sequences=tuple(Sequence(number, name) for number, name in enumerate(sequences)),
        sequence_emails=tuple(SequenceEmail(100 + number, number, name) for number, name in enumerate(sequences)),
        sections={name: SectionState(SectionStatus.COMPLETE) for name in SectionName},
    )
    lines = (write_snapshot(folder, account)).read_text(encoding="utf-8").splitlines()
    found = object_lines(folder)
    objects = {key: line for (key, part), line in found.items() if not part}
    assert len(objects) == with_info + len(tags) + 2 * len(sequences)
    for key, line in objects.items():
        assert lines[line - 1].strip().startswith(('"name": ', '"subject": '))
        begins = next(number for number in range(line - 1, 0, -1) if lines[number - 1].strip() in {"{", '"object": {'})
        assert lines[begins].strip() == f'"id": {key.id},'


def test_a_file_in_one_line_has_everything_on_line_one(tmp_path: Path) -> None:
    path = tmp_path / "account.json"
    path.write_text(json.dumps(json.loads(snapshot_bytes(Account(tags=(Tag(1, "a"),), sections={})))))
    assert object_lines(path) == {Place(Key(Kind.TAG, 1)): 1}


def in_file(folder: Path, **sections: list[dict[str, object]]) -> dict[str, str]:
    """The line at each place, without spaces and commas around it."""
    path = folder / "account.json"
    made = {name: {"status": "complete", "reason": None, "objects": objects} for name, objects in sections.items()}
    path.write_text(json.dumps({"schema": "ckaudit.snapshot/v1", "sections": made}, indent=2))
    lines = path.read_text("utf-8").splitlines()
    return {f"{key} {part}".strip(): lines[line - 1].strip(" ,") for (key, part), line in object_lines(folder).items()}


def test_each_text_of_an_email_has_its_line(tmp_path: Path) -> None:
    email = {"id": 5, "sequence_id": 2, "preview_text": "subject", "content": '<p>"subject": "content"</p>', "subject": "content"}
    assert in_file(tmp_path, sequence_emails=[email]) == {
        "email:5": '"subject": "content"',
        "email:5 subject": '"subject": "content"',
        "email:5 preview_text": '"preview_text": "subject"',
        "email:5 content": '"content": "<p>\\"subject\\": \\"content\\"</p>"',
    }


def test_a_name_inside_another_value_is_not_the_object_s(tmp_path: Path) -> None:
    assert in_file(tmp_path, tags=[{"id": 1, "made": {"name": "x"}, "more": ["name"], "name": "A"}]) == {"tag:1": '"name": "A"'}


def test_a_field_is_found_by_its_id_and_by_its_key(tmp_path: Path) -> None:
    found = in_file(tmp_path, custom_fields=[{"id": 7, "key": "shoe_size", "label": "Shoe size", "name": "ck_field_7_shoe_size"}])
    assert found == {"field:7": '"name": "ck_field_7_shoe_size"', "field:shoe_size": '"key": "shoe_size"'}


def test_both_generations_of_webhooks_are_found_by_their_keys(tmp_path: Path) -> None:
    found = in_file(
        tmp_path, webhooks=[{"id": 1, "target_url": "https://a.example"}], webhook_endpoints=[{"id": 1, "url": "https://b.example"}]
    )
    assert found == {"webhook:legacy:1": '"target_url": "https://a.example"', "webhook:endpoint:1": '"url": "https://b.example"'}


def test_an_object_whose_keys_are_written_with_escapes_is_found_where_it_begins(tmp_path: Path) -> None:
    path = tmp_path / "account.json"
    path.write_text(
        '{"schema": "ckaudit.snapshot/v1", "sections": {"tags": {"status": "complete", "objects": [\n{"id": 1, \n"n\\u0061me": "A"}]}}}'
    )
    assert object_lines(path) == {Place(Key(Kind.TAG, 1)): 2}
