"""The fleet file: what is accepted, and where faults are."""

from __future__ import annotations

import contextlib
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckaudit.model.errors import CkauditError, ConfigError
from ckaudit.sources.fleet_file import chosen_accounts, fleet_schema, read_fleet

KEY = "kit_test_0123456789abcdef"
ONE = '[account.a]\nsnapshot = "x"\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "fleet.toml"
    path.write_text(text, encoding="utf-8")
    return path


def fault(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read_fleet(written(folder, text))
    return str(caught.value).replace(str(folder), "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nme = 'x'\n" + ONE, "/fleet.toml:1:1: there is no key “nme” here\n  Did you mean “name”?"),
        (ONE + 'manifests = ["x"]', "/fleet.toml:3:1: there is no key “manifests” in [account.a]\n  Did you mean “manifest”?"),
        ("[default]\nstack='x'\n" + ONE, "/fleet.toml:1:1: there is no key “default” here\n  Did you mean “defaults”?"),
        ("[account.a]\nlabels = ['x']", "/fleet.toml:1:1: “a” does not say where the account comes from"),
        (ONE + 'api_key_env = "X"', "/fleet.toml:3:1: “api_key_env” and “snapshot” exclude each other"),
        ("[account.a]\nsnapshot = ''", "/fleet.toml:2:1: “snapshot” is empty"),
        ("[account.a]\napi_key_env = 'my key'", "/fleet.toml:2:1: “api_key_env” is the name of an environment variable"),
        (ONE + "save = 'x'", "/fleet.toml:3:1: “save” is for accounts that are read live"),
        (ONE + "evidence_days = 0", "/fleet.toml:3:1: "),
        ('[[account]]\nname = "a"', "/fleet.toml:1:1: accounts are tables with a name\n  Write [account.NAME] instead of [[account]]."),
        ("name = 'x'", "/fleet.toml: there is no account here"),
        ("snapshots = ['nowhere/*']", "/fleet.toml:1:14: “nowhere/*” fits no snapshot"),
        ("snapshots = ['/abs/*']", "/fleet.toml:1:14: “/abs/*” fits no snapshot"),
        ("snapshots = ['**x/*']", "/fleet.toml:1:14: “**x/*” is not a pattern of folders"),
        ('[account."  "]\nsnapshot = "x"', "the name of an account has 1 to 120 printable characters"),
        ("[account.a\nsnapshot = 'x'", "/fleet.toml:1:"),
        ("[defaults.report]\naccnt = 'x'\n" + ONE, "/fleet.toml:2:1: there is no key “accnt” in [defaults.report]"),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    assert said in fault(tmp_path, text)


@pytest.mark.parametrize(
    "line",
    [
        f'api_key = "{KEY}"',
        f'api_key_env = "{KEY}"',
        f'api_key_file = "{KEY}"',
        f'keyring = " {KEY} "',
        f'access_token_env = "Bearer {KEY}"',
        f'token = "{KEY}"',
        f'report = {{key = "{KEY}"}}',
    ],
)
def test_a_key_in_the_file_is_refused_and_never_repeated(tmp_path: Path, line: str) -> None:
    said = fault(tmp_path, f"[account.a]\n{line}\n")
    assert said.startswith("/fleet.toml:2:")
    assert "A key does not belong into this file" in said
    assert "0123456789" not in said


@pytest.mark.parametrize("line", ['api_key_file = "kit_key.txt"', 'api_key_env = "KIT_API_KEY_ANNA"', 'keyring = "kit clients"'])
def test_a_place_that_only_sounds_like_a_key_is_fine(tmp_path: Path, line: str) -> None:
    assert len(read_fleet(written(tmp_path, f"[account.a]\n{line}\n")).accounts) == 1


def test_defaults_fill_what_an_account_leaves_open(tmp_path: Path) -> None:
    text = "[defaults]\nstack = 'accessally'\nfail_on = 'error'\nlabels = ['all']\n" + ONE + "fail_on = 'never'\nlabels = ['one', 'all']\n"
    table = read_fleet(written(tmp_path, text)).accounts[0].table
    assert (table.stack, table.fail_on, table.labels) == ("accessally", "never", ("all", "one"))


def snapshot(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "account.json").write_text("{}")


def test_a_pattern_finds_snapshots_and_a_table_adds_to_one(tmp_path: Path) -> None:
    for name in ("b", "a"):
        snapshot(tmp_path / "clients" / name)
    (tmp_path / "clients" / "none").mkdir()
    fleet = read_fleet(written(tmp_path, "snapshots = ['clients/*']\n[account.b]\nlabels = ['x']\n"))
    assert [(item.name, item.table.snapshot, item.table.labels) for item in fleet.accounts] == [
        ("b", "clients/b", ("x",)),
        ("a", "clients/a", ()),
    ]


def test_two_accounts_of_one_name_are_refused(tmp_path: Path) -> None:
    for place in ("one/a", "two/a"):
        snapshot(tmp_path / place)
    assert "there are two accounts “a”: one/a and two/a" in fault(tmp_path, "snapshots = ['one/*', 'two/*']")
    assert "/fleet.toml:2:1: there are two accounts “a”" in fault(tmp_path, "snapshots = ['one/*']\n" + ONE)


def test_the_same_folder_found_twice_is_one_account(tmp_path: Path) -> None:
    snapshot(tmp_path / "one/a")
    assert len(read_fleet(written(tmp_path, "snapshots = ['one/*', 'one/a']")).accounts) == 1


def test_words_choose_names_and_labels(tmp_path: Path) -> None:
    fleet = read_fleet(
        written(
            tmp_path,
            "".join(f"[account.{name}]\nsnapshot='x'\nlabels=['{label}']\n" for name, label in (("ax", "x"), ("by", "y"), ("cx", "x"))),
        )
    )

    def chosen(*words: str) -> list[str]:
        return [account.name for account in chosen_accounts(fleet, words)]

    assert chosen() == ["ax", "by", "cx"]
    assert chosen("x") == ["ax", "cx"]
    assert chosen("cx", "a*") == ["ax", "cx"]
    with pytest.raises(ConfigError, match="there is no account and no label “bx”"):
        chosen("bx")


def test_the_schema_takes_what_is_documented_and_every_key_has_a_description(tmp_path: Path) -> None:
    schema = fleet_schema()
    jsonschema.validate({"name": "x", "defaults": {"stack": "accessally"}, "account": {"a": {"snapshot": "x", "labels": ["y"]}}}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"account": {"a": {"snapshoot": "x"}}}, schema)
    own = {name: table for name, table in schema["$defs"].items() if name in ("FleetFile", "DefaultsTable", "AccountTable")}
    without = [
        f"{name}.{key}" for name, table in own.items() for key, spec in table["properties"].items() if "description" not in str(spec)
    ]
    assert without == []


def test_every_key_stands_in_the_guide() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "fleet.md").read_text(encoding="utf-8")
    tables = (fleet_schema()["$defs"][name]["properties"] for name in ("FleetFile", "DefaultsTable", "AccountTable"))
    keys = {key for table in tables for key in table} - {"defaults", "account", "report"}
    assert [key for key in sorted(keys) if f"`{key}`" not in guide] == []


@given(st.binary(max_size=300))
def test_any_bytes_give_a_fleet_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "fleet.toml"
    path.write_bytes(data)
    with contextlib.suppress(CkauditError):
        read_fleet(path)


@pytest.mark.parametrize(
    "url", ["https://kit.example", "https://api.kit.com.example", "https://10.0.0.1", "https://[", "https://evilkit.com"]
)
def test_a_fleet_file_sends_keys_to_no_other_host(tmp_path: Path, url: str) -> None:
    (tmp_path / "FLEET.toml").write_text(f'[account.anna]\napi_key_env = "KIT_ANNA"\napi_url = "{url}"\n')
    with pytest.raises(ConfigError, match=r"FLEET\.toml:3:1: a fleet file sends keys to kit\.com or to this machine alone"):
        read_fleet(tmp_path / "FLEET.toml")
    said = fault(tmp_path, f'[defaults]\napi_url = "{url}"\n[account.anna]\napi_key_env = "KIT_ANNA"\n')
    assert "/fleet.toml:2:1: a fleet file sends keys to kit.com or to this machine alone" in said


@pytest.mark.parametrize("url", ["https://api.kit.com", "http://127.0.0.1:8000", "http://localhost"])
def test_kit_and_this_machine_may_be_named(tmp_path: Path, url: str) -> None:
    (tmp_path / "FLEET.toml").write_text(f'[account.anna]\napi_key_env = "KIT_ANNA"\napi_url = "{url}"\n')
    assert read_fleet(tmp_path / "FLEET.toml").accounts[0].table.api_url == url


def test_a_pattern_may_be_absolute(tmp_path: Path) -> None:
    for name in ("anna", "ben"):
        (tmp_path / "clients" / name).mkdir(parents=True)
        (tmp_path / "clients" / name / "account.json").touch()
    (tmp_path / "fleet").mkdir()
    fleet = read_fleet(written(tmp_path / "fleet", f"snapshots = ['{(tmp_path / 'clients').as_posix()}/*']"))
    assert [(account.name, account.table.snapshot) for account in fleet.accounts] == [
        (name, str(tmp_path / "clients" / name)) for name in ("anna", "ben")
    ]
