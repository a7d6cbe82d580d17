"""Stored results are read whoever wrote them: an older ckaudit, a newer one, somebody else."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from ckaudit.engine.baseline import compare_results
from ckaudit.model.errors import InputError
from ckaudit.render.formats import LISTED, render_result
from ckaudit.render.json import render_json, result_schema
from ckaudit.render.options import RenderOptions
from ckaudit.sources.fleet_result import read_fleet_result
from ckaudit.sources.history import read_history
from ckaudit.sources.results import read_result

# Written by ckaudit before results told what timestamps show, from examples/accessally-guide/as-written.
OLDER = Path(__file__).parents[1] / "data" / "results" / "v1-before-timestamps.json"


def written(folder: Path, text: str | bytes, name: str = "result.json") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def refused(folder: Path, text: str | bytes) -> str:
    with pytest.raises(InputError) as caught:
        read_result(written(folder, text))
    return str(caught.value)


@pytest.mark.parametrize("form", LISTED)
def test_a_result_of_an_older_version_is_drawn_in_every_format(form: str) -> None:
    found = read_result(OLDER)
    assert len(found.findings) == 4
    assert found.observed is None
    made = render_result(found, form, RenderOptions())
    assert isinstance(made, str)
    assert "CK209" in made


def test_a_result_of_an_older_version_is_a_baseline_and_a_part_of_a_history() -> None:
    found = read_result(OLDER)
    assert len(compare_results(found, found).unchanged) == 4
    assert [item.point.at for item in read_history(OLDER.parent, found.account.id).entries] == [found.generated_at]


def test_a_result_of_an_older_version_has_every_key_there_is_today_when_it_is_written_again() -> None:
    jsonschema.validate(json.loads(render_json(read_result(OLDER))), result_schema())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"schema": "ckaudit.result/v2"}', "this file has format version 2; this ckaudit reads up to 1. It was made by a newer ckaudit"),
        ('{"schema": "ckaudit.result/v0"}', "this is not a ckaudit.result/v1: its schema is “ckaudit.result/v0”"),
        ('{"schema": "ckaudit.snapshot/v1"}', "its schema is “ckaudit.snapshot/v1”"),
        ('{"schema": "ckaudit.result/v1"}', "this file is damaged: Object missing required field `tool`"),
        ("{}", "it names no schema"),
        ("[" * 100_000, "this is not valid JSON"),
        (b"\xff", "it is not UTF-8 text"),
        ("", "this is not valid JSON"),
    ],
)
def test_what_is_no_result_of_this_version_is_refused_with_a_sentence(tmp_path: Path, text: str | bytes, said: str) -> None:
    assert said in refused(tmp_path, text)


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    assert read_result(written(tmp_path, b"\xef\xbb\xbf" + OLDER.read_bytes())) == read_result(OLDER)


def test_a_folder_and_a_file_that_is_not_there_are_refused(tmp_path: Path) -> None:
    written(tmp_path, "{}")
    with pytest.raises(InputError, match="this is a folder, not a file"):
        read_result(tmp_path)
    with pytest.raises(InputError, match="cannot read this file: No such file") as caught:
        read_result(tmp_path / "resutl.json")
    assert "result.json" in caught.value.hint


def test_the_result_of_a_fleet_by_a_newer_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="format version 2; this ckaudit reads up to 1"):
        read_fleet_result(written(tmp_path, '{"schema": "ckaudit.fleet/v2"}', "fleet.json"))
