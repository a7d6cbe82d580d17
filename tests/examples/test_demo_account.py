"""The demo account: what is committed is what the generator writes, and the story its README tells is true."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest
import yaml

from ckaudit.cli.main import main
from ckaudit.engine.loader import load_rules
from ckaudit.model.account import Account
from ckaudit.model.errors import ExitStatus
from ckaudit.resources import rules_folder
from ckaudit.sources.snapshot import read_snapshot, snapshot_bytes

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "examples" / "demo"


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_demo", ROOT / "examples" / "make_demo.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def account() -> Account:
    source = tomllib.loads((ROOT / "examples" / "demo_account.toml").read_text(encoding="utf-8"))
    built: Account = generator().build(source)
    return built


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEMO / "automations.yaml").read_text(encoding="utf-8"))
    return loaded


def test_the_committed_account_is_what_the_generator_writes(account: Account) -> None:
    assert (DEMO / "account.json").read_bytes() == snapshot_bytes(account)


def test_reading_and_writing_the_committed_account_gives_the_same_bytes() -> None:
    assert snapshot_bytes(read_snapshot(DEMO)) == (DEMO / "account.json").read_bytes()


def test_ids_are_unique_per_kind(account: Account) -> None:
    for objects in (account.tags, account.forms, account.sequences, account.sequence_emails, account.webhooks, account.snippets):
        ids = [item.id for item in objects]
        assert len(ids) == len(set(ids))


def test_every_web_and_mail_address_is_under_example() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(DEMO.iterdir()))
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
    assert {finding["rule"] for finding in result["findings"]} == planted & known


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
    assert list(first) == [field.name for field in msgspec.structs.fields(account.sequences[0])]
