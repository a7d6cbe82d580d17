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
from ckaudit.sources.snapshot_lines import object_lines

NAMES = st.sampled_from(["tags", "account", "sequence_emails", '"sequences": {', "null", "{}", '{"id": 1', "é\n"])


@given(st.lists(NAMES, max_size=6), st.lists(NAMES, max_size=4), st.booleans())
def test_the_line_of_an_object_is_the_one_it_begins_on(
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
    assert len(found) == with_info + len(tags) + 2 * len(sequences)
    for key, line in found.items():
        assert lines[line - 1].strip() in {"{", '"object": {'}
        assert lines[line].strip() == f'"id": {key.id},'


def test_a_file_in_one_line_has_everything_on_line_one(tmp_path: Path) -> None:
    path = tmp_path / "account.json"
    path.write_text(json.dumps(json.loads(snapshot_bytes(Account(tags=(Tag(1, "a"),), sections={})))))
    assert object_lines(path) == {Key(Kind.TAG, 1): 1}
