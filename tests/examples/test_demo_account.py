"""The demo account: what is committed is what the generator writes, and the story its README tells is true."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from ckaudit.cli.main import main
from ckaudit.engine.load import load_rules
from ckaudit.model.account import Account
from ckaudit.model.errors import ExitStatus
from ckaudit.model.evidence import Evidence
from ckaudit.model.refs import Key, Kind
from ckaudit.resources import DEMO_CLOCK, rules_folder
from ckaudit.sources.evidence_file import read_evidence
from ckaudit.sources.snapshot import read_snapshot, snapshot_bytes
from examples import demo_people, make_demo

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "examples" / "demo"


@pytest.fixture(scope="module")
def account() -> Account:
    return make_demo.build(tomllib.loads((ROOT / "examples" / "demo_account.toml").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def people(account: Account) -> Evidence:
    return make_demo.people_of(account)


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEMO / "automations.yaml").read_text(encoding="utf-8"))
    return loaded


def test_the_committed_account_is_what_the_generator_writes(account: Account) -> None:
    assert (DEMO / "account.json").read_bytes() == snapshot_bytes(account)


def test_the_committed_timestamps_are_what_the_generator_writes(people: Evidence) -> None:
    stored = read_evidence(DEMO)
    assert stored
    assert (stored.lists, stored.day) == (people.lists, people.day)
    for column in ("person", "kind", "id", "second", "state"):
        assert (getattr(stored.events, column) == getattr(people.events, column)).all()


def test_tags_that_were_read_whole_have_as_many_people_as_kit_counts(account: Account, people: Evidence) -> None:
    counted = demo_people.active(account, people)
    whole = {item.key for item in people.lists if item.since is None}
    tags = {Key(Kind.TAG, tag.id): tag.subscriber_count for tag in account.tags if Key(Kind.TAG, tag.id) in whole}
    assert len(tags) > 15
    assert {key: counted[key] for key in tags} == tags


def test_reading_and_writing_the_committed_account_gives_the_same_bytes() -> None:
    assert snapshot_bytes(read_snapshot(DEMO)) == (DEMO / "account.json").read_bytes()


def test_ids_are_unique_per_kind(account: Account) -> None:
    for objects in (account.tags, account.forms, account.sequences, account.sequence_emails, account.webhooks, account.snippets):
        ids = [item.id for item in objects]
        assert len(ids) == len(set(ids))


def test_every_web_and_mail_address_is_under_example() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(DEMO.iterdir()) if path.suffix != ".npz")
    hosts = {match.lower() for match in re.findall(r"(?:https?://|@)([A-Za-z0-9.-]+)", text)}
    assert hosts
    assert {host for host in hosts if not host.endswith(".example")} == set()


def test_webhook_targets_show_no_query_value(account: Account) -> None:
    values = [value for hook in account.webhooks for value in re.findall(r"=([^&]*)", hook.target_url)]
    assert values
    assert all(value.startswith("REDACTED-") for value in values)


def test_the_size_is_that_of_a_real_small_business(account: Account, manifest: dict[str, Any]) -> None:
    assert 35 <= len(account.tags) <= 45
    assert len(account.sequences) == 12
    assert len(manifest["automations"]) == 10


def test_the_readme_names_only_sequences_automations_and_snippets_that_exist(account: Account, manifest: dict[str, Any]) -> None:
    names = {sequence.name for sequence in account.sequences} | {automation["name"] for automation in manifest["automations"]}
    table = (DEMO / "README.md").read_text(encoding="utf-8").split("## Planted mistakes")[1].split("##")[0]
    places = [row.split("|")[1].strip() for row in table.splitlines() if row.startswith("| ") and not row.startswith("| Where")]
    starts = tuple(name.partition(":")[0] for name in names) + tuple(names)
    assert places
    assert [place for place in places if place not in names and not place.startswith(starts)] == []


def test_the_audit_finds_the_planted_mistakes_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", "--demo", "--now", "2026-11-24", "--format", "json"]) == ExitStatus.FINDINGS
    result = msgspec.json.decode(capsys.readouterr().out)
    planted = set(re.findall(r"CK\d{3}", (DEMO / "README.md").read_text(encoding="utf-8").split("## Done right")[0]))
    known = {item.rule.code for item in load_rules([rules_folder()])}
    assert {code for finding in result["findings"] for code in (finding["rule"], *finding["covers"])} == planted & known


def test_the_readme_counts_the_people_as_the_audit_does(capsys: pytest.CaptureFixture[str]) -> None:
    main(["scan", "--demo", "--now", "2026-11-24", "--format", "json", "--select", "CK8"])
    found = msgspec.json.decode(capsys.readouterr().out)["findings"]
    rows = re.findall(r"^\|[^|]*\|[^|]*\|([^|]*)\| (CK8\d\d) \|$", (DEMO / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    told = {(code, int(re.findall(r"\d+", words)[0])) for words, code in rows}
    assert told == {(finding["rule"], finding["people"]) for finding in found}


def test_the_readme_shows_what_the_demo_prints(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    main(["scan", "examples/demo"])
    shown = (ROOT / "README.md").read_text(encoding="utf-8").split("```text\n")[1].split("```")[0]
    assert shown.strip() in capsys.readouterr().out


def test_every_snippet_an_email_prints_exists_and_is_not_archived(account: Account) -> None:
    keys = {snippet.key for snippet in account.snippets if not snippet.archived}
    used = {key for mail in account.sequence_emails for key in re.findall(r"snippet\.([\w-]+)", mail.content or "")}
    assert used
    assert used <= keys


def test_objects_are_encoded_with_every_field_of_the_model(account: Account) -> None:
    stored = msgspec.json.decode((DEMO / "account.json").read_bytes())
    first = stored["sections"]["sequences"]["objects"][0]
    moving = {"subscriber_count", "stats"}  # in counts.json
    assert list(first) == [field.name for field in msgspec.structs.fields(account.sequences[0]) if field.name not in moving]


def test_the_demo_is_audited_as_of_the_day_it_was_read(capsys: pytest.CaptureFixture[str]) -> None:
    main(["scan", "--demo", "--format", "json"])
    told = msgspec.json.decode(capsys.readouterr().out)
    main(["scan", "--demo", "--format", "json", "--now", "2026-11-24T09:00:00Z"])
    assert told == msgspec.json.decode(capsys.readouterr().out)
    evidence = read_evidence(DEMO)
    assert evidence
    assert evidence.now < int(DEMO_CLOCK.timestamp()) < evidence.now + 86400


@pytest.mark.parametrize("order", [("--demo", "--now", "2026-11-30"), ("--now", "2026-11-30", "--demo")])
def test_a_clock_that_is_given_counts_for_the_demo_too(order: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    main(["scan", *order, "--format", "json"])
    assert msgspec.json.decode(capsys.readouterr().out)["generated_at"] == "2026-11-30T00:00:00Z"
