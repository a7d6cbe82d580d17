from __future__ import annotations

import json
from pathlib import Path

from tests.cli.running import Here


def scan(here: Here, at: str, *more: str | Path) -> object:
    return here("scan", "--demo", "--now", at, "--history", "h", "-q", *more)


def test_every_audit_continues_the_history(here: Here) -> None:
    for at in ("2026-09-01", "2026-10-01"):
        scan(here, at)
    files = sorted(path.name for path in (here.cwd / "h").iterdir())
    assert [name.split("-")[1] for name in files] == ["20260901T000000Z.json", "20261001T000000Z.json"]
    assert json.loads((here.cwd / "h" / files[0]).read_text("utf-8"))["schema"] == "ckaudit.result/v1"


def test_the_second_report_shows_the_trend_and_what_changed(here: Here) -> None:
    scan(here, "2026-09-01", "--select", "CK2")
    scan(here, "2026-10-01", "-o", "r.html")
    page = (here.cwd / "r.html").read_text("utf-8")
    assert "In 2 audits since 1 September 2026" in page
    assert "Since 1 September 2026" in page


def test_the_first_report_has_no_trend(here: Here) -> None:
    scan(here, "2026-09-01", "-o", "r.html")
    assert 'id="trend"' not in (here.cwd / "r.html").read_text("utf-8")


def test_the_same_audit_again_is_not_its_own_past(here: Here) -> None:
    for _ in range(2):
        scan(here, "2026-09-01", "-o", "r.html")
    assert 'id="trend"' not in (here.cwd / "r.html").read_text("utf-8")


def test_a_result_with_hidden_findings_is_not_added(here: Here) -> None:
    ran = here("scan", "--demo", "--history", "h", "--min-severity", "error")
    assert not (here.cwd / "h").exists()
    assert "Not added to h: findings were hidden" in ran.err


def test_a_history_acts_on_reports_and_not_on_what_is_found(here: Here) -> None:
    first = here("scan", "--demo", "--now", "2026-09-01", "--format", "json", "-q")
    scan(here, "2026-08-01")
    assert here("scan", "--demo", "--now", "2026-09-01", "--format", "json", "-q", "--history", "h").out == first.out


def test_a_stored_result_is_reported_with_its_past_and_nothing_is_added(here: Here) -> None:
    scan(here, "2026-09-01")
    here("scan", "--demo", "--now", "2026-10-01", "-o", "result.json", "-q")
    ran = here("report", "result.json", "--history", "h", "--format", "markdown")
    assert "Since 1 September 2026" in ran.out
    assert len(list((here.cwd / "h").iterdir())) == 1


def test_a_file_instead_of_the_folder_is_a_usage_error(here: Here) -> None:
    (here.cwd / "h").touch()
    ran = here("scan", "--demo", "--history", "h")
    assert ran.status == 2
    assert "Traceback" not in ran.err
