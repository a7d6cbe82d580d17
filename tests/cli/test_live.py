"""Reading an account over HTTP from the command line."""

from __future__ import annotations

import functools
import io
import json
import re
import sys

import pytest

from ckaudit.sources import live
from tests.cli.running import Here
from tests.cli.test_bad_input import check
from tests.fake_kit.accounts import CANARIES, big, sample
from tests.fake_kit.app import KEY, FakeKit
from tests.fake_kit.clock import Clock
from tests.fake_kit.faults import Fault, after, always
from tests.fake_kit.server import Served


@pytest.fixture(autouse=True)
def _without_waiting(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ckaudit.pull.pull", functools.partial(live.pull, timing=clock.timing))


def test_an_account_is_pulled_and_audited_in_one_go(here: Here, kit: Served) -> None:
    ran = here("scan", "--format", "json", KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    assert ran.status in (0, 1)
    result = json.loads(ran.out)
    assert (result["account"]["id"], result["coverage"]["sections"]["tags"]) == (27, "complete")
    assert set(kit.kit.methods()) == {"GET"}


def test_a_pull_gives_a_snapshot_that_can_be_audited(here: Here, kit: Served) -> None:
    pulled = here("pull", "-o", "mine", "--api-url", kit.url, KIT_API_KEY=KEY)
    assert pulled.status == 0
    assert pulled.err.startswith("Reading timestamps of 3 tags, 3 forms and 3 sequences: about 9 requests")
    assert "mine: 3 tags" in pulled.out
    assert "Next: ckaudit scan mine\n" in pulled.out
    assert "ckaudit manifest new mine" in pulled.out
    assert here("scan", "mine").status in (0, 1)


def test_lists_that_rules_must_know_to_their_beginning_are_read_whole(here: Here, kit: Served) -> None:
    (here.cwd / "automations.yaml").write_text(
        "version: 1\nofferings:\n  - {name: A, stack: accessally, purchase_tags: [Customer], login_sequences: [Welcome]}\n"
    )
    here("scan", KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    bounded = {seen.path: any(name.endswith("_after") for name in seen.query) for seen in kit.kit.seen if "subscribers" in seen.path}
    assert not bounded["/v4/tags/11/subscribers"]
    assert not bounded["/v4/sequences/5/subscribers"]
    assert bounded["/v4/sequences/6/subscribers"]


def test_the_key_may_come_from_a_file_or_standard_input(here: Here, kit: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    (here.cwd / "key.txt").write_text(f"{KEY}\n")
    assert here("pull", "-o", "a", "--api-url", kit.url, "--api-key-file", "key.txt").status == 0
    monkeypatch.setattr(sys, "stdin", io.StringIO(KEY))
    assert here("pull", "-o", "b", "--api-url", kit.url, "--api-key-file", "-").status == 0


def test_save_keeps_what_a_scan_reads(here: Here, kit: Served) -> None:
    here("scan", "--save", "kept", KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    assert (here.cwd / "kept/account.json").is_file()


@pytest.mark.parametrize("name", ["r.sarif", "gl-code-quality.json"])
def test_formats_that_point_at_lines_point_into_the_snapshot_that_was_saved(name: str, here: Here, kit: Served) -> None:
    here("scan", "--save", "kept", "-o", name, KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    text = (here.cwd / name).read_text("utf-8")
    lines = {int(line) for line in re.findall(r'kept/account\.json".{0,80}?"(?:startLine|begin)":\s*(\d+)', text, re.DOTALL)}
    assert max(lines) > 10


def test_no_line_of_an_older_snapshot_is_pointed_at(here: Here, kit: Served) -> None:
    here("scan", "--save", "kept", "-q", KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    kit.kit.faults = always(Fault.ERROR_500, "/v4/broadcasts")
    here("scan", "--save", "kept", "-o", "r.sarif", KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    log = json.loads((here.cwd / "r.sarif").read_text("utf-8"))
    places = [found["locations"][0]["physicalLocation"] for found in log["runs"][0]["results"]]
    assert {place["region"]["startLine"] for place in places} == {1}


def test_a_refused_key_gives_3(here: Here, kit: Served) -> None:
    check(here("scan", KIT_API_KEY="kit_wrong0123456789", KIT_API_URL=kit.url), 3, "Kit answered 401", "Developer → V4 Keys")


def test_a_host_that_does_not_answer_gives_3(here: Here) -> None:
    check(here("scan", KIT_API_KEY=KEY, KIT_API_URL="http://127.0.0.1:9"), 3, "could not be reached")


@pytest.mark.parametrize("fault", [Fault.HTML_502, Fault.TEXT_200, Fault.JSON_200, Fault.REDIRECT])
def test_a_proxy_that_answers_itself_gives_3(fault: Fault, here: Here, kit: Served) -> None:
    kit.kit = FakeKit(sample(), faults=always(fault))
    check(here("scan", KIT_API_KEY=KEY, KIT_API_URL=kit.url), 3)


def test_what_was_read_is_audited_when_the_rest_fails(here: Here, kit: Served) -> None:
    kit.kit = FakeKit(sample(), faults=always(Fault.ERROR_500, "/v4/broadcasts"))
    ran = here("scan", "--save", "kept", "--format", "json", KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    assert ran.status == 3
    sections = json.loads(ran.out)["coverage"]["sections"]
    assert (sections["tags"], sections["broadcasts"]) == ("complete", "skipped")
    assert "The audit covers what was read until then." in ran.err


def test_a_pull_that_fails_keeps_what_it_has(here: Here, kit: Served) -> None:
    kit.kit = FakeKit(sample(), faults=always(Fault.ERROR_500, "/v4/broadcasts"))
    assert here("pull", "-o", "mine", KIT_API_KEY=KEY, KIT_API_URL=kit.url).status == 3
    kit.kit = FakeKit(sample())
    assert here("pull", "-o", "mine").status == 0
    assert kit.kit.count("/v4/tags") == 0


def test_no_canary_reaches_any_stream_or_file(here: Here, kit: Served) -> None:
    ran = here("scan", "-v", "-v", "--save", "kept", "-o", "result.json", "-o", "result.txt", KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    written = [path.read_text("utf-8", errors="replace") for path in here.cwd.rglob("*") if path.is_file()]
    everything = "\n".join([ran.out, ran.err, *written])
    assert [canary for canary in (*CANARIES, KEY) if canary in everything] == []


def test_a_pull_that_may_not_send_enough_requests_stops_with_a_sentence_and_goes_on_later(here: Here, kit: Served) -> None:
    kit.kit = FakeKit(big(sequences=30))
    stopped = here("pull", "-o", "mine", "--no-evidence", "--max-requests", "20", "--api-url", kit.url, KIT_API_KEY=KEY)
    assert stopped.status == 3
    assert "The emails of 30 sequences take about 30 requests" in stopped.err
    assert "--max-requests" in stopped.err
    before = kit.kit.count()
    assert before <= 20
    assert here("pull", "-o", "mine", "--no-evidence", "--api-url", kit.url, KIT_API_KEY=KEY).status == 0
    assert kit.kit.count("/v4/tags") == 1
    assert kit.kit.count() - before <= 31


def test_timestamps_that_take_too_many_requests_are_not_begun_and_the_account_is_kept(here: Here, kit: Served) -> None:
    stopped = here("pull", "-o", "mine", "--max-requests", "17", "--api-url", kit.url, KIT_API_KEY=KEY)
    assert stopped.status == 3
    assert "The timestamps of 9 tags, forms and sequences take about 9 requests" in stopped.err
    assert (here.cwd / "mine/account.json").is_file()
    assert not [seen for seen in kit.kit.seen if "subscribers" in seen.path and seen.path != "/v4/subscribers"]


@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("n\n", 3), ("", 3)])
def test_on_a_terminal_it_is_asked(answer: str, status: int, here: Here, kit: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ckaudit.cli.terminal.is_terminal", lambda _: True)
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
    monkeypatch.delenv("CI", raising=False)
    ran = here("pull", "-o", "mine", "--max-requests", "17", "--api-url", kit.url, KIT_API_KEY=KEY, TERM="dumb")
    assert ran.status == status
    assert "Read them? [y/N]" in ran.err


@pytest.mark.parametrize(("more", "env"), [(("-q",), {}), ((), {"CI": "true"})])
def test_nobody_is_asked_in_ci_or_quietly(
    more: tuple[str, ...], env: dict[str, str], here: Here, kit: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ckaudit.cli.terminal.is_terminal", lambda _: True)
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    ran = here("pull", "-o", "mine", "--max-requests", "17", "--api-url", kit.url, *more, KIT_API_KEY=KEY, TERM="dumb", **env)
    assert ran.status == 3
    assert "[y/N]" not in ran.err


def test_a_long_pause_is_announced_where_no_bar_is_drawn(here: Here, kit: Served) -> None:
    kit.kit.faults = after(3, Fault.TOO_MANY)
    ran = here("pull", "-o", "mine", "--api-url", kit.url, KIT_API_KEY=KEY)
    assert ran.status == 3
    assert "Kit asks to slow down; waiting" in ran.err
