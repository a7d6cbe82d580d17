"""Bad input of every sort: one clear message with position and next step, the right status, never a traceback, nothing lost."""

from __future__ import annotations

import shutil

import pytest

from tests.cli.running import DEMO, Here, Ran


def check(ran: Ran, status: int, *said: str) -> None:
    assert ran.status == status, ran.err
    assert ran.out == ""
    assert ran.err.count("error: ") == 1
    assert "Traceback" not in ran.err
    for part in said:
        assert part in ran.err
    assert "\n  " in ran.err, "a next step is expected"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "account.json: this snapshot is empty"),
        ((DEMO / "account.json").read_bytes()[:3000], "account.json:"),
        (b'{"name": "left-pad", "version": "1.0"}', "account.json: this is JSON of another tool"),
        (b'{"schema": "ckaudit.snapshot/v99", "sections": {}}', "account.json: this snapshot has format version 99"),
        (b'{"schema": "ckaudit.result/v1"}', "this is a result, not a snapshot"),
        (b"\xff\xfe\x00", "this is not UTF-8 text"),
        (b"[" * 100_000, "account.json"),
    ],
)
def test_a_file_that_is_no_snapshot(text: bytes, said: str, here: Here) -> None:
    (here.cwd / "account.json").write_bytes(text)
    check(here("scan", "account.json"), 2, said)


def test_a_snapshot_that_is_not_there(here: Here) -> None:
    check(here("scan", "nowhere"), 2, "nowhere does not exist", "ckaudit pull")


HEAD = "version: 1\nautomations:\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ":1"),
        (f"{HEAD}\t- name: A\n", ":3:1"),
        (f"{HEAD}  - name: A\n    steps:\n      - ad_tag: X\n", ":5:9"),
        (f"{HEAD}  - name: [A]\n", ":3:"),
        (f"{HEAD}  - name: A\n    name: B\n", ":4:5"),
        (f"{HEAD}  - name: A\n    steps:\n      - delay: soon\n", ":5:16"),
        (f"{HEAD}  - name: A\n   steps: []\n", "automations.yaml:"),
        ("version: 99\n", ":1:10"),
        ("name: other\non: push\n", ":1"),
        (f"{HEAD}  - &a [*a]\n", ":3:"),
    ],
)
def test_a_manifest_that_is_wrong(text: str, said: str, here: Here) -> None:
    shutil.copy(DEMO / "account.json", here.cwd)
    (here.cwd / "automations.yaml").write_text(text)
    for arguments in (["scan", "account.json", "-q"], ["manifest", "check", "automations.yaml", "-q"], ["scan", "automations.yaml", "-q"]):
        ran = here(*arguments)
        assert ran.status == 2
        assert f"automations.yaml{said}" in ran.err if said.startswith(":") else said in ran.err
        assert "Traceback" not in ran.err
        assert ran.out == ""


def test_a_name_that_does_not_exist_is_no_abort(here: Here) -> None:
    shutil.copy(DEMO / "account.json", here.cwd)
    (here.cwd / "automations.yaml").write_text(f"{HEAD}  - name: A\n    entries: [{{tag_added: Nobody knows it}}]\n")
    assert here("scan", "account.json").status in (0, 1)
    ran = here("manifest", "check", "automations.yaml", "--snapshot", "account.json")
    assert ran.status == 1
    assert "automations.yaml:4:27: warning: no tag of the account is named “Nobody knows it” (CK901)" in ran.out
    assert ran.out.endswith("automations.yaml: well written, but 1 name is unknown\n")


def test_a_name_that_does_not_exist_beside_a_fault_is_told_with_it(here: Here) -> None:
    shutil.copy(DEMO / "account.json", here.cwd)
    (here.cwd / "automations.yaml").write_text(f"{HEAD}  - nam: A\n    name: A\n    entries: [{{tag_added: Nobody knows it}}]\n")
    ran = here("manifest", "check", "automations.yaml", "--snapshot", "account.json")
    assert ran.status == 2
    assert ran.out == ""
    assert "Nobody knows it" in ran.err
    assert "automations.yaml:3:5" in ran.err


def test_a_manifest_of_50_mb(here: Here) -> None:
    (here.cwd / "automations.yaml").write_bytes(b"# " + b"x" * 50_000_000)
    check(here("scan", "automations.yaml", "-q"), 2, "automations.yaml: ", "MB")


def test_a_manifest_that_is_not_there(here: Here) -> None:
    assert here("scan", "--manifest", "nowhere.yaml", "-q").status == 2


@pytest.mark.parametrize(
    ("key", "said"), [("", "KIT_API_KEY is empty"), ("two words", "KIT_API_KEY holds something that is not an API key")]
)
def test_a_key_that_is_none(key: str, said: str, here: Here) -> None:
    check(here("scan", KIT_API_KEY=key), 3, said)
    check(here("pull", "-o", "x", KIT_API_KEY=key), 3, said)


def test_no_key_at_all(here: Here) -> None:
    check(here("pull", "-o", "x"), 3, "there is no API key", "KIT_API_KEY")


def test_a_key_file_that_is_not_there_or_empty(here: Here) -> None:
    check(here("scan", "--api-key-file", "nowhere"), 3, "cannot read the API key from nowhere")
    (here.cwd / "key").write_text("\n")
    check(here("scan", "--api-key-file", "key"), 3, "key is empty")


def test_an_address_that_is_none(here: Here) -> None:
    check(here("scan", "--api-url", "file:///etc/passwd", KIT_API_KEY="kit_0123456789"), 2)


def test_a_path_with_control_characters_cannot_steer_the_terminal(here: Here) -> None:
    ran = here("scan", "\x1b[2Jnow\u202ehere")
    assert ran.status == 2
    assert "\x1b[2J" not in ran.err
    assert "\u202e" not in ran.err


def test_a_folder_without_permission(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> bytes:
        raise PermissionError(13, "Permission denied")

    shutil.copy(DEMO / "account.json", here.cwd)
    monkeypatch.setattr("ckaudit.sources.snapshot.read_limited", refuse)
    check(here("scan", "account.json"), 2, "Permission denied")
