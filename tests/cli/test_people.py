"""Whom findings count: in a file of its own, for who asked, and nowhere else."""

from __future__ import annotations

import csv
import functools
import io
import json
from pathlib import Path
from typing import Any

import pytest

from ckaudit.render.formats import LISTED
from ckaudit.sources import live
from tests.cli.running import Here
from tests.cli.test_bad_input import check
from tests.fake_kit.accounts import CANARY_ADDRESS, CANARY_NAME, account, person, tag
from tests.fake_kit.app import KEY, FakeKit
from tests.fake_kit.clock import Clock
from tests.fake_kit.faults import Fault, after
from tests.fake_kit.server import Served

NOW = ("--now", "2026-06-01")
FIRST = 2**40
BUYERS, INSIDE = 20, 12
LOCKED_OUT = [FIRST + number for number in range(INSIDE + 1, BUYERS + 1)]
MANIFEST = """version: 1
offerings:
  - name: Course A
    stack: accessally
    purchase_tags: ["=Course A: purchased"]
    access_tags: ["Course A: access"]
"""


@pytest.fixture(autouse=True)
def _without_waiting(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ckaudit.pull.pull", functools.partial(live.pull, timing=clock.timing))


@pytest.fixture
def shop(here: Here, kit: Served) -> Here:
    """An account with 20 buyers of whom 8 never got access (CK803); its manifest lies in the working directory."""
    found = account() | {"tags": [tag(11, "=Course A: purchased"), tag(12, "Course A: access")], "_open": ("/v4/webhook_endpoints",)}
    when = {number: f"2026-05-{number:02d}T10:00:00Z" for number in range(1, BUYERS + 1)}
    buyers = [person(FIRST + number, "tagged_at", timestamp) for number, timestamp in when.items()]
    found["members"]["tags"] = {11: buyers, 12: buyers[:INSIDE]}
    kit.kit = FakeKit(found)
    (here.cwd / "automations.yaml").write_text(MANIFEST)
    for name, value in {"KIT_API_KEY": KEY, "KIT_API_URL": kit.url}.items():
        here.patch.setenv(name, value)
    return here


def listed(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text())["people"]
    return found


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def test_a_live_scan_lists_ids_and_no_addresses(shop: Here) -> None:
    ran = shop("scan", *NOW, "--list-people", "people.json")
    assert ran.status == 1
    assert "people.json (8 entries)" in ran.err
    found = [item for item in listed(shop.cwd / "people.json") if item["rule"] == "CK803"]
    assert [item["subscriber_id"] for item in found] == LOCKED_OUT
    assert {item["email_address"] for item in found} == {None}
    assert found[0]["object"] == {"kind": "tag", "id": 11, "name": "=Course A: purchased"}


def test_a_snapshot_with_addresses_lists_them_too(shop: Here) -> None:
    shop("pull", "-o", "kept", *NOW, "--with-emails")
    shop("scan", "kept", *NOW, "--select", "CK803", "--list-people", "people.csv")
    found = rows(shop.cwd / "people.csv")
    assert [int(row["subscriber_id"]) for row in found] == LOCKED_OUT
    assert {row["email_address"] for row in found} == {CANARY_ADDRESS}
    assert {row["object"] for row in found} == {"'=Course A: purchased"}, "no cell may be a formula"


def test_only_findings_that_are_shown_are_listed(shop: Here) -> None:
    shop("scan", *NOW, "-o", "before.json")
    shop("scan", *NOW, "--baseline", "before.json", "--list-people", "people.json")
    assert listed(shop.cwd / "people.json") == []
    (shop.cwd / "ckaudit.toml").write_text('[[suppress]]\nrule = "CK803"\nobject = {kind = "tag", id = 11}\nreason = "By hand"\n')
    shop("scan", *NOW, "--list-people", "people.json")
    assert [item for item in listed(shop.cwd / "people.json") if item["rule"] == "CK803"] == []


def test_the_list_is_for_its_owner_alone(shop: Here) -> None:
    (shop.cwd / "people.csv").write_text("older and open to all")
    (shop.cwd / "people.csv").chmod(0o666)
    shop("scan", *NOW, "--list-people", "people.csv")
    assert (shop.cwd / "people.csv").stat().st_mode & 0o777 == 0o600


def test_the_result_is_the_same_with_and_without_the_list(shop: Here) -> None:
    plain = shop("scan", *NOW, "--format", "json").out
    assert shop("scan", *NOW, "--format", "json", "--list-people", "people.csv").out == plain
    assert str(LOCKED_OUT[0]) not in plain
    assert '"who"' not in plain


@pytest.mark.parametrize("form", LISTED)
def test_no_format_names_anybody(shop: Here, form: str) -> None:
    shop("pull", "-o", "kept", *NOW, "--with-emails")
    ran = shop("scan", "kept", *NOW, "--format", form, "--list-people", "people.csv")
    told = ran.out + ran.err
    assert [secret for secret in (CANARY_ADDRESS, CANARY_NAME, *map(str, LOCKED_OUT)) if secret in told] == []


@pytest.mark.parametrize("form", ["text", "json", "markdown", "html", "sarif", "github"])
def test_reports_say_that_the_snapshot_holds_addresses(shop: Here, form: str) -> None:
    shop("pull", "-o", "with", *NOW, "--with-emails")
    shop("pull", "-o", "without", *NOW)
    word = '"with_emails": true' if form == "json" else "holds addresses of subscribers"
    assert word in " ".join(shop("scan", "with", *NOW, "--format", form).out.split())
    assert word not in " ".join(shop("scan", "without", *NOW, "--format", form).out.split())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--list-people", "-"), "is not a file"),
        (("--list-people", "/dev/stdout"), "--list-people: "),
        (("--list-people", "."), "is not a file"),
        (("--list-people", "people.txt"), "names no format"),
        (("--list-people", "same.json", "-o", "./same.json"), "both name"),
        (("--list-people", "people.csv", "--no-evidence"), "--no-evidence leaves them out"),
    ],
)
def test_places_a_list_does_not_go_to(shop: Here, kit: Served, options: tuple[str, ...], words: str) -> None:
    check(shop("scan", *options), 2, words)
    assert kit.kit.count() == 0, "it is said before anything is read"


def test_a_snapshot_without_addresses_knows_no_ids_and_says_what_to_do(shop: Here) -> None:
    shop("pull", "-o", "kept", *NOW)
    check(shop("scan", "kept", "--list-people", "people.csv"), 2, "numbers of its own", "pull -o DIR --with-emails")
    check(shop("scan", "--demo", "--list-people", "people.csv"), 2, "pull -o DIR --with-emails")
    assert not (shop.cwd / "people.csv").exists()


def test_a_reading_that_breaks_off_is_audited_without_the_list(shop: Here, kit: Served) -> None:
    kit.kit.faults = after(5, Fault.ERROR_500)
    ran = shop("scan", *NOW, "--list-people", "people.csv")
    assert ran.status == 3
    assert "people.csv is not written" in ran.err
    assert not (shop.cwd / "people.csv").exists()


# -- pull --with-emails ------------------------------------------------------------------------------------------------------------


def test_addresses_are_kept_in_a_file_of_their_own(shop: Here) -> None:
    ran = shop("pull", "-o", "kept", *NOW, "--with-emails")
    assert "people.json holds 20 addresses" in ran.out
    kept = {path.name for path in (shop.cwd / "kept").iterdir()}
    assert kept == {".gitignore", "account.json", "counts.json", "events.npz", "people.json", "reading.json"}
    assert (shop.cwd / "kept/people.json").stat().st_mode & 0o777 == 0o600
    assert CANARY_ADDRESS in (shop.cwd / "kept/people.json").read_text()
    for name in ("account.json", "events.npz"):
        assert CANARY_ADDRESS.encode() not in (shop.cwd / "kept" / name).read_bytes()


def test_a_later_pull_without_addresses_takes_them_away(shop: Here) -> None:
    shop("pull", "-o", "kept", *NOW, "--with-emails")
    shop("pull", "-o", "kept", *NOW)
    assert not (shop.cwd / "kept/people.json").exists()
    assert json.loads((shop.cwd / "kept/account.json").read_text())["with_emails"] is False


def test_a_copy_of_a_snapshot_leaves_addresses_behind_and_the_snapshot_keeps_them(shop: Here) -> None:
    shop("pull", "-o", "kept", *NOW, "--with-emails")
    shop("scan", "kept", *NOW, "--save", "copy")
    shop("scan", "kept", *NOW, "--save", "kept")
    assert {path.name for path in (shop.cwd / "copy").iterdir()} == {"account.json", "counts.json", "events.npz", "reading.json"}
    assert json.loads((shop.cwd / "copy/account.json").read_text())["with_emails"] is False
    assert (shop.cwd / "kept/people.json").exists()


def test_addresses_without_timestamps_are_not_to_be_had(shop: Here) -> None:
    check(shop("pull", "-o", "kept", "--with-emails", "--no-evidence"), 2, "exclude each other")


@pytest.mark.parametrize(
    "text", ["", "[]", '{"schema": "ckaudit.people/v2"}', '{"schema": "ckaudit.people/v1", "events": "", "people": ["me@example.com"]}']
)
def test_a_damaged_list_of_people_is_refused_without_quoting_it(shop: Here, text: str) -> None:
    shop("pull", "-o", "kept", *NOW, "--with-emails")
    (shop.cwd / "kept/people.json").write_text(text)
    check(shop("scan", "kept", "--list-people", "people.csv"), 2, "damaged", "--with-emails")


def test_numbers_are_never_read_as_other_people(shop: Here, kit: Served) -> None:
    shop("pull", "-o", "kept", *NOW, "--with-emails")
    kept = (shop.cwd / "kept/people.json").read_text()
    kit.kit.account["members"]["tags"][11] += [person(7, "tagged_at", "2026-05-01T10:00:00Z")]
    shop("pull", "-o", "kept", *NOW)
    (shop.cwd / "kept/people.json").write_text(kept)
    check(shop("scan", "kept", "--list-people", "people.csv"), 2, "belongs to another events.npz")
