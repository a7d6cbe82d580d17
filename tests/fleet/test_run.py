"""Runs in this process, with worker processes and several fake Kits, on a clock that waits for nobody."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from ckaudit.audit import AuditRequest
from ckaudit.fleet import fetch, output
from ckaudit.fleet import run as run_module
from ckaudit.fleet.jobs import FleetRequest, make_plan
from ckaudit.fleet.run import Run
from ckaudit.model.errors import OutputError
from ckaudit.model.fleet import AccountRow, RowStatus
from ckaudit.sources.fleet_file import read_fleet
from tests.cli.running import DEMO
from tests.engine.planted import write_rule
from tests.fake_kit.accounts import sample, tag
from tests.fake_kit.app import KEY, TOKEN, FakeKit
from tests.fake_kit.clock import Clock
from tests.fake_kit.faults import Fault, always, first
from tests.fake_kit.server import Served, serve

KEYS = {"KIT_ONE": KEY, "KIT_TOKEN": TOKEN}
NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def account(number: int) -> dict[str, Any]:
    made = sample()
    made["account"] |= {"id": number, "name": f"Account {number}"}
    return made


@pytest.fixture
def kits(clock: Clock) -> Iterator[list[Served]]:
    """Two fake Kits, on the same clock as the clients."""
    with ExitStack() as stack:
        yield [stack.enter_context(serve(FakeKit(account(number), clock=clock.now))) for number in (1, 2)]


def live(name: str, served: Served, more: str = "") -> str:
    return f'[account.{name}]\napi_key_env = "KIT_ONE"\napi_url = "{served.url}"\nevidence = false\n{more}\n'


def snapshot(name: str, more: str = "") -> str:
    return f'[account.{name}]\nsnapshot = "{DEMO}"\n{more}\n'


class Going:
    """Runs a fleet file of this text."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder, self.clock = folder, clock

    def __call__(self, text: str, *, seconds: float = 60, **asked: Any) -> dict[str, AccountRow]:
        path = self.folder / "fleet.toml"
        path.write_text(text, encoding="utf-8")
        audit = AuditRequest(now=NOW, **asked)
        plan = make_plan(read_fleet(path), FleetRequest(audit=audit, out=self.folder / "out", reports=("result.json",)))
        run = Run(plan, processes=1, environ=KEYS, watch=lambda _: None, timing=self.clock.timing, seconds=seconds)
        run.go()
        return {row.name: row for row in run.result("2026-11-20T12:00:00Z").accounts}


@pytest.fixture
def going(tmp_path: Path, clock: Clock) -> Going:
    return Going(tmp_path, clock)


def test_what_was_read_is_audited_when_the_rest_fails(going: Going, kits: list[Served]) -> None:
    kits[1].kit.faults = always(Fault.ERROR_500, "/v4/broadcasts")
    found = going(live("one", kits[0]) + live("two", kits[1]))
    assert (found["one"].status, found["two"].status) == (RowStatus.AUDITED, RowStatus.INCOMPLETE)
    assert found["two"].exit_status == 3
    assert "/v4/broadcasts" in found["two"].reason
    stored = json.loads((going.folder / "out/two/result.json").read_text())
    assert (stored["coverage"]["sections"]["tags"], stored["coverage"]["sections"]["broadcasts"]) == ("complete", "skipped")
    assert not (going.folder / "out/two/snapshot/account.json").exists()
    assert (going.folder / "out/two/snapshot/pull.partial.jsonl").exists()


def test_the_next_run_goes_on_where_a_pull_broke_off(going: Going, kits: list[Served]) -> None:
    kits[0].kit.faults = always(Fault.ERROR_500, "/v4/broadcasts")
    going(live("one", kits[0]))
    kits[0].kit = FakeKit(account(1), clock=going.clock.now)
    assert going(live("one", kits[0]))["one"].status is RowStatus.AUDITED
    assert kits[0].kit.count("/v4/tags") == 0


def test_a_partly_read_account_has_the_manifest_beside_its_folder(going: Going, kits: list[Served]) -> None:
    kits[0].kit.faults = always(Fault.ERROR_500, "/v4/broadcasts")
    (going.folder / "kept").mkdir()
    (going.folder / "kept/automations.yaml").write_text("version: 1\nautomations: []\n")
    going(live("one", kits[0], 'save = "kept"'))
    stored = json.loads((going.folder / "out/one/result.json").read_text())
    assert [Path(name).name for name in stored["coverage"]["manifest"]["files"]] == ["automations.yaml"]


def test_an_account_that_kit_slows_down_does_not_slow_down_the_others(going: Going, kits: list[Served]) -> None:
    kits[1].kit.faults = first(1, Fault.TOO_MANY, "/v4/account")
    found = going(live("one", kits[0]) + live("two", kits[1]).replace('api_key_env = "KIT_ONE"', 'access_token_env = "KIT_TOKEN"'))
    assert {row.status for row in found.values()} == {RowStatus.AUDITED}
    assert kits[1].kit.statuses()[429] == 1
    assert max(seen.at for seen in kits[0].kit.seen) <= kits[1].kit.seen[0].at


def test_accounts_with_one_key_share_its_limit(going: Going, kits: list[Served]) -> None:
    text = "".join(live(f"a{number}", kits[0], f'save = "a{number}"') for number in range(9))
    found = going(text)
    assert {row.status for row in found.values()} == {RowStatus.AUDITED}
    assert kits[0].kit.count() > kits[0].kit.limit
    assert kits[0].kit.statuses()[429] == 0


def test_a_kit_that_is_away_is_a_row(going: Going, kits: list[Served]) -> None:
    away = '[account.away]\napi_key_env = "KIT_ONE"\napi_url = "http://127.0.0.1:9"\n'
    in_the_clear = '[account.clear]\napi_key_env = "KIT_ONE"\napi_url = "http://api.kit.com"\n'
    found = going(away + in_the_clear + live("one", kits[0]))
    assert (found["away"].exit_status, found["clear"].exit_status, found["one"].status) == (3, 2, RowStatus.AUDITED)
    assert "could not be reached" in found["away"].reason
    assert "in the clear" in found["clear"].reason


def test_another_account_in_the_folder_is_left_alone(going: Going, kits: list[Served]) -> None:
    going(live("one", kits[0], 'save = "kept"'))
    before = (going.folder / "kept/account.json").read_bytes()
    found = going(live("two", kits[1], 'save = "kept"'))
    assert (found["two"].status, found["two"].exit_status) == (RowStatus.FAILED, 2)
    assert "holds the snapshot of account 1" in found["two"].reason
    assert (going.folder / "kept/account.json").read_bytes() == before


def test_a_bug_while_reading_is_the_row_of_its_account(going: Going, kits: list[Served], monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(table: Any, *_: Any) -> None:
        raise RuntimeError(f"{KEY} {table}")

    monkeypatch.setattr(fetch, "credential_of", crash)
    found = going(live("one", kits[0]) + snapshot("demo"))
    assert (found["one"].exit_status, found["demo"].status) == (4, RowStatus.AUDITED)
    assert found["one"].reason == "ckaudit has a bug here (RuntimeError)"


def test_an_audit_that_never_ends_is_ended(going: Going) -> None:
    endless = "\n    yield from ()\n    import time\n    while len(graph.manifest.automations) == 0:\n        time.sleep(0.1)\n"
    write_rule(going.folder / "mine", body=endless)
    (going.folder / "empty.yaml").write_text("version: 1\nautomations: []\n")
    text = snapshot("bad", 'manifest = ["empty.yaml"]') + snapshot("good")
    found = going(text, seconds=8, rules=(going.folder / "mine",), select=("ACME601",))
    assert (found["bad"].status, found["bad"].exit_status, found["good"].status) == (RowStatus.FAILED, 4, RowStatus.AUDITED)
    assert "took longer than 8 s" in found["bad"].reason


def test_ctrl_c_does_not_wait_for_a_rule_that_never_ends(going: Going, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule itself presses Ctrl-C, when it is the parent's turn to wait."""
    monkeypatch.setattr(run_module, "LAST_ORDERS", 0.1)
    endless = (
        "\n    yield from ()\n    import os, signal\n    os.kill(os.getppid(), signal.SIGINT)\n    while True:\n        signal.pause()\n"
    )
    write_rule(going.folder / "mine", body=endless)
    found = going(snapshot("one") + snapshot("two"), rules=(going.folder / "mine",), select=("ACME601",))
    assert {name: (row.status, row.exit_status) for name, row in found.items()} == {
        "one": (RowStatus.NOT_RUN, 3),
        "two": (RowStatus.NOT_RUN, 3),
    }


def test_a_worker_s_account_is_finished_after_ctrl_c(going: Going) -> None:
    # once: a rule runs again for each other way in which the account may be meant, and a second Ctrl-C would end the tests
    told = going.folder / "told"
    body = (
        "\n    yield from ()\n    import os, pathlib, signal\n"
        f"    told = pathlib.Path({str(told)!r})\n"
        "    if not told.exists():\n        told.touch()\n        os.kill(os.getppid(), signal.SIGINT)\n"
    )
    write_rule(going.folder / "mine", body=body)
    found = going(snapshot("one") + snapshot("two"), rules=(going.folder / "mine",), select=("ACME601",))
    assert [row.status for row in found.values()] == [RowStatus.AUDITED, RowStatus.NOT_RUN]


def test_the_lists_of_testers_are_read_whole(going: Going, kits: list[Served]) -> None:
    def asked_since() -> set[str | None]:
        with_tester = account(1)
        with_tester["tags"].append(tag(13, "Tester"))
        kits[0].kit = FakeKit(with_tester, clock=going.clock.now)
        going(live("one", kits[0]).replace("evidence = false\n", ""))
        return {seen.query.get("tagged_after") for seen in kits[0].kit.seen if seen.path == "/v4/tags/13/subscribers"}

    bounded = asked_since()
    assert bounded
    assert None not in bounded
    (going.folder / "ckaudit.toml").write_text('test_tags = ["Tester"]\n')
    assert asked_since() == {None}


def test_an_account_that_fails_keeps_no_old_report(going: Going, kits: list[Served]) -> None:
    before = going(snapshot("a") + snapshot("b") + live("one", kits[0]))
    assert {row.status for row in before.values()} == {RowStatus.AUDITED}
    for name in ("a", "b", "one"):
        (going.folder / "out" / name / "notes.txt").write_text("mine")
    kits[0].kit.faults = always(Fault.ERROR_500, "/v4/account")
    found = going(snapshot("a") + snapshot("b", 'stack = "acess"') + live("one", kits[0]))
    assert [found[name].status for name in ("a", "b", "one")] == [RowStatus.AUDITED, RowStatus.FAILED, RowStatus.FAILED]
    there = {name: sorted(path.name for path in (going.folder / "out" / name).iterdir() if path.is_file()) for name in ("a", "b", "one")}
    assert there == {"a": ["notes.txt", "result.json"], "b": ["notes.txt"], "one": ["notes.txt"]}


def test_an_account_whose_process_dies_keeps_no_old_report(going: Going) -> None:
    going(snapshot("a"))
    write_rule(going.folder / "mine", body="\n    yield from ()\n    import os\n    os._exit(9)\n")
    found = going(snapshot("a"), rules=(going.folder / "mine",))
    assert found["a"].status is RowStatus.FAILED
    assert not (going.folder / "out/a/result.json").exists()


def test_an_account_in_part_has_its_new_report(going: Going, kits: list[Served]) -> None:
    going(live("one", kits[0]))
    kits[0].kit.faults = always(Fault.ERROR_500, "/v4/broadcasts")
    found = going(live("one", kits[0]))
    assert (found["one"].status, list(found["one"].reports)) == (RowStatus.INCOMPLETE, ["result.json"])
    assert (going.folder / "out/one/result.json").is_file()


def test_an_old_report_that_cannot_be_removed_is_told(going: Going, monkeypatch: pytest.MonkeyPatch) -> None:
    going(snapshot("a"))

    def refuse(path: Path) -> None:
        raise OutputError(f"cannot write {path.name}: Permission denied")

    monkeypatch.setattr(output, "remove", refuse)
    found = going(snapshot("a", 'stack = "acess"'))
    assert found["a"].exit_status == 3
    assert found["a"].reason.endswith("; an old report is still there (cannot write result.json: Permission denied)")
