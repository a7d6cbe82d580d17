from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ckaudit.model.errors import InputError
from ckaudit.model.result import AccountHead, Result
from ckaudit.render.json import render_json
from ckaudit.sources.history import history_file, read_history
from tests.render import results

ACCOUNT = 27


def kept(folder: Path, at: str, account: int | None = ACCOUNT, **changes: object) -> Result:
    result = msgspec.structs.replace(results.normal(), generated_at=at, account=AccountHead(account), **changes)
    folder.mkdir(exist_ok=True)
    history_file(folder, result).write_text(render_json(result), encoding="utf-8")
    return result


def test_audits_come_oldest_first_whatever_their_files_are_called(tmp_path: Path) -> None:
    for at in ("2026-11-20T12:00:00Z", "2026-05-01T08:00:00Z"):
        kept(tmp_path, at)
    (tmp_path / f"{ACCOUNT}-20261120T120000Z.json").rename(tmp_path / "a.json")
    assert [item.point.at for item in read_history(tmp_path, ACCOUNT).entries] == ["2026-05-01T08:00:00Z", "2026-11-20T12:00:00Z"]


def test_a_point_counts_as_the_result_does(tmp_path: Path) -> None:
    result = kept(tmp_path, "2026-11-20T12:00:00Z")
    (past,) = read_history(tmp_path, ACCOUNT).entries
    assert (past.point.score, past.point.error, past.point.warning) == (
        result.summary.score,
        result.summary.error,
        result.summary.warning,
    )
    assert past.point.judged == result.summary.passed + len({finding.rule for finding in result.findings})


def test_results_of_other_accounts_are_counted_and_left_out(tmp_path: Path) -> None:
    kept(tmp_path, "2026-11-20T12:00:00Z")
    kept(tmp_path, "2026-11-20T12:00:00Z", account=28)
    found = read_history(tmp_path, ACCOUNT)
    assert (len(found.entries), found.others) == (1, 1)


@pytest.mark.parametrize(
    "text", ["", "{}", "[" * 100_000, '{"schema": "ckaudit.result/v9"}', '{"schema": "ckaudit.result/v1"}', "\x00\ud83d"]
)
def test_what_is_no_result_is_counted_and_left_out(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text, encoding="utf-8", errors="surrogatepass")
    assert (read_history(tmp_path, ACCOUNT).entries, read_history(tmp_path, ACCOUNT).unread) == ((), 1)


def test_other_files_and_folders_are_nobodys_business(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "folder.json").mkdir()
    assert read_history(tmp_path, ACCOUNT) == read_history(tmp_path / "not there", ACCOUNT)


def test_a_file_in_place_of_the_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "h").write_text("x")
    with pytest.raises(InputError, match="cannot read this folder"):
        read_history(tmp_path / "h", ACCOUNT)


def test_the_same_audit_again_has_the_same_file(tmp_path: Path) -> None:
    assert history_file(tmp_path, kept(tmp_path, "2026-11-20T12:00:00Z")).name == "27-20261120T120000Z.json"
