"""What lies in a checkout may point at files that are not part of it: no message quotes them further than the word at fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import DEMO, NOW, Here

SECRET = "hunter2-kJh7Gf5Ds3A1"
FOREIGN = {
    "one line": SECRET,
    "a key and a value": f"password: {SECRET}",
    "a list": f"- {SECRET}\n- more",
    "a shell": f"export TOKEN={SECRET}\nexport OTHER=1\n",
    "netrc": f"machine example.com login me password {SECRET}\n",
    "passwd": f"root:x:0:0:root:/root:/bin/bash\nme:{SECRET}:1000:1000::/nowhere:/bin/sh\n",
    "ini": f"[default]\naws_secret_access_key = {SECRET}\n",
    "json": f'{{"token": "{SECRET}"}}',
    "toml": f'token = "{SECRET}"\n',
    "broken toml": f"token = {SECRET}\n",
    "pem": f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----\n",
    "csv": f"name,token\nme,{SECRET}\n",
    "yaml": f"version: 1\nautomations:\n  - name: {SECRET} one\n    - two\n",
}
READING = (
    ("scan", "{file}", "--now", NOW),
    ("scan", DEMO, "--manifest", "{file}", "--now", NOW),
    ("scan", DEMO, "--config", "{file}", "--now", NOW),
    ("scan", DEMO, "--baseline", "{file}", "--now", NOW),
    ("scan", DEMO, "--evidence", "{file}", "--now", NOW),
    ("report", "{file}"),
    ("diff", "{file}", "{file}"),
    ("manifest", "check", "{file}"),
    ("manifest", "draw", "{file}"),
    ("rules", "test", "{file}"),
    ("fleet", "{file}"),
    ("explain", "CK201", "--config", "{file}"),
    ("suppress", "CK401", "sequence:5", "--reason", "x", "--config", "{file}"),
)


@pytest.mark.parametrize("arguments", READING, ids=lambda arguments: " ".join(str(word) for word in arguments[:3] if word != DEMO))
def test_no_message_quotes_a_foreign_file(here: Here, arguments: tuple[str | Path, ...]) -> None:
    for what, content in FOREIGN.items():
        for suffix in ("", ".yaml", ".toml", ".json"):
            foreign = here.cwd / f"foreign{suffix}"
            foreign.write_text(content)
            ran = here(*(foreign if word == "{file}" else word for word in arguments))
            assert SECRET not in ran.out + ran.err, (what, suffix)


@pytest.mark.parametrize("name", ["../outside.yaml", "/etc/hostname", "link.yaml", "sub/../../outside.yaml"])
@pytest.mark.parametrize(
    "command", [("scan", DEMO, "--now", NOW), ("graph", DEMO), ("discover", DEMO), ("manifest", "check")], ids=lambda words: words[0]
)
def test_a_found_configuration_names_no_manifest_outside_of_its_folder(here: Here, name: str, command: tuple[str | Path, ...]) -> None:
    (here.cwd.parent / "outside.yaml").write_text(SECRET)
    (here.cwd / "sub").mkdir()
    (here.cwd / "link.yaml").symlink_to(here.cwd.parent / "outside.yaml")
    (here.cwd / "ckaudit.toml").write_text(f'manifest = ["{name}"]\n')
    ran = here(*command)
    assert ran.status == 2
    assert "ckaudit.toml:1:" in ran.err
    assert "below its own folder" in ran.err
    assert "--config" in ran.err
    assert SECRET not in ran.out + ran.err


def test_a_found_configuration_takes_no_picture_from_outside_of_its_folder(here: Here) -> None:
    (here.cwd / "ckaudit.toml").write_text('[report]\nlogo = "../logo.png"\n')
    assert "below its own folder" in here("scan", DEMO, "--now", NOW).err


def test_a_named_one_names_what_it_likes(here: Here) -> None:
    (here.cwd.parent / "outside.yaml").write_text("version: 1\nautomations: []\n")
    (here.cwd / "ckaudit.toml").write_text('manifest = ["../outside.yaml"]\nfail_on = "never"\n')
    assert here("scan", DEMO, "--now", NOW, "--config", "ckaudit.toml").status == 0
    assert here("scan", DEMO, "--now", NOW, CKAUDIT_CONFIG="ckaudit.toml").status == 0


def test_a_found_one_names_files_below_its_folder_by_any_path(here: Here) -> None:
    (here.cwd / "sub").mkdir()
    (here.cwd / "own.yaml").write_text("version: 1\nautomations: []\n")
    (here.cwd / "ckaudit.toml").write_text(f'manifest = ["sub/../own.yaml", "{here.cwd}/own.yaml"]\nfail_on = "never"\n')
    assert "below its own folder" not in here("scan", DEMO, "--now", NOW).err


def test_a_file_of_digits_is_not_quoted_either(here: Here) -> None:
    (here.cwd / "pin").write_text("4929123456784321\n")
    assert "4929123456784321" not in here("scan", DEMO, "--manifest", "pin", "--now", NOW).err
