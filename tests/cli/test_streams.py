"""Standard output that is full or closed, and names in an account that would like to steer a terminal or a job's log: for every command."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ckaudit.cli.main import main
from tests.cli.running import DEMO, NOW, Here, command, environment
from tests.cli.test_leaks import COMMANDS
from tests.engine.planted import write_rule

# Commands that need no account over the network, with what they are asked in the tests of leaks.
STORED = {
    words: tuple(call for call in calls if call and not {"-o", "--save", "--list-people", "--config"} & set(call))
    for words, calls in COMMANDS.items()
    if words != "pull"
}
STORED["impact"] = (("tag:5301177", "kept"),)  # a tag of the demo account
CALLS = tuple((*words.split(), *call) for words, calls in STORED.items() for call in calls)
ONE_EACH = tuple((*words.split(), *calls[0]) for words, calls in STORED.items() if calls)
ATTACKS = (
    "\n::error::pwned",
    "::error file=x::pwned",
    "##[error]pwned",
    "\r\n::add-mask::a",
    "\u2028::warning::pwned",
    "\x1b[2J\x1b[31mred",
    "\u202eesrever",
    "=cmd|' /C calc'!A0",
    '</script><script>alert(1)</script>"><img src=x onerror=alert(1)>',
    "[x](javascript:alert(1)) ![y](https://evil.example/p.png) | `a` <!--",
    'a"]; n0 --> n1; click n0 href "javascript:alert(1)"\n  end',
    '"; } digraph evil { x -> y',
    "]]></name><evil/>",
    "Customer\x00\x07\x9b31m",
    "{{ 7*7 }} {% raw %} ${7*7} %(x)s {0}",
    "##vso[task.setvariable variable=PATH]/evil",
    "##teamcity[buildStatus status='SUCCESS']",
    "\x1b[0Ksection_start:1:evil\r\x1b[0K",
    "\n--- evil",
)


def renamed(value: Any, new: dict[str, str]) -> Any:
    """The value with these texts replaced."""
    if isinstance(value, dict):
        return {key: renamed(item, new) for key, item in value.items()}
    if isinstance(value, list):
        return [renamed(item, new) for item in value]
    return new.get(value, value) if isinstance(value, str) else value


@pytest.fixture
def hostile(here: Here) -> Here:
    """The demo account, every tag, sequence, form and automation with an attack for a name."""
    account = json.loads((DEMO / "account.json").read_text("utf-8"))
    attacks = iter(ATTACKS * 40)
    new: dict[str, str] = {}
    for section in ("tags", "sequences", "forms", "snippets", "custom_fields"):
        for item in account["sections"][section]["objects"]:
            key = "label" if section == "custom_fields" else "name"
            new[item[key]] = item[key] = f"{item[key]}{next(attacks)}"
    account["sections"]["account"]["object"]["name"] = ATTACKS[0]
    (here.cwd / "kept").mkdir()
    (here.cwd / "kept/account.json").write_text(json.dumps(account))
    (here.cwd / "kept/events.npz").write_bytes((DEMO / "events.npz").read_bytes())
    manifest = renamed(yaml.load((DEMO / "automations.yaml").read_text("utf-8"), yaml.CSafeLoader), new)
    for automation in manifest["automations"]:
        automation["name"] += next(attacks)
    text = json.dumps(manifest, default=str)  # JSON is YAML, too
    (here.cwd / "kept/automations.yaml").write_text(text)
    (here.cwd / "declared.yaml").write_text(text)
    (here.cwd / "steps.txt").write_text("* A\n> Customer\n+ VIP\n")
    here.patch.setattr(sys, "argv", ["ckaudit"])
    write_rule(here.cwd / "mine")
    (here.cwd / "fleet.toml").write_text('[account.one]\nsnapshot = "kept"\n')
    for arguments in (("kept", "-o", "r.json"), ("kept", "--save", "named")):
        ran = here("scan", *arguments, "--now", NOW, "-q")
        assert ran.status in (0, 1), ran.err
    (here.cwd / "named/automations.yaml").write_text(text)
    here("fleet", "fleet.toml", "-o", "fleet", "-q")
    return here


def test_no_name_steers_a_terminal_or_a_log_or_becomes_markup(hostile: Here) -> None:
    for arguments in (*CALLS, ("scan", "kept", "--select", "nonsense"), ("explain", "\n::error::x"), ("scan", "\n::error::x")):
        ran = hostile(*arguments, "-v")
        assert ran.status in (0, 1, 2, 3), ran.err
        without_markup(arguments, ran.out)
        own = ("::error file=", "::warning file=", "::notice") if "github" in arguments else ()
        for line in re.split(r"\r\n|\r|\n", ran.out + "\n" + ran.err):
            if line.lstrip().startswith(("::", "##[")):
                assert line.startswith(own), (arguments, line)
                assert line.count("::") >= 2
            assert not re.search(r"##(vso|teamcity)\[", line), (arguments, line)
            assert not re.match(r"\s*(---|\+\+\+|~~~) evil", line), (arguments, line)
        for char in "\x1b\x07\x00\x9b\u202e":
            assert char not in ran.out + ran.err, (arguments, hex(ord(char)))
    assert not [path for path in hostile.cwd.rglob("*") if re.search(r"[\x00-\x1f:]", path.name)]


def without_markup(arguments: tuple[str | Path, ...], out: str) -> None:
    """What the attacks would like to become is not there."""
    if {"html", "svg", "graphml"} & set(arguments):
        assert not re.search(r"<img src=x|<evil|<script>alert", out), arguments
        assert not re.search(r"(href|src)=[\"']?\s*javascript:", out), arguments


def redirected(here: Here, stream: Any, arguments: tuple[str, ...]) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", stream)
        status = main([str(word) for word in arguments])
    with contextlib.suppress(OSError):
        stream.close()
    return status


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told_by_every_command(hostile: Here) -> None:
    for arguments in (*ONE_EACH, ("--help",), ("scan", "--help"), ("fleet", "--help"), ("--version",)):
        hostile.capsys.readouterr()
        stream = io.TextIOWrapper(io.FileIO("/dev/full", "w"), "utf-8")
        status = redirected(hostile, stream, arguments)
        said = hostile.capsys.readouterr().err
        assert (status, "No space left" in said) == (3, True), (arguments, status, said)
        assert "Traceback" not in said


def test_a_reader_that_goes_away_is_no_error_for_any_command(hostile: Here) -> None:
    for arguments in (*ONE_EACH, ("--help",), ("scan", "--help"), ("--version",)):
        hostile.capsys.readouterr()
        reading, writing = os.pipe()
        os.close(reading)
        stream = os.fdopen(writing, "w", encoding="utf-8")
        status = redirected(hostile, stream, arguments)
        said = hostile.capsys.readouterr().err
        assert status in (0, 1), (arguments, status, said)
        assert "error: " not in said


@pytest.mark.parametrize("encoding", ["cp437", "cp1252"])
def test_help_can_be_piped_where_the_system_knows_few_characters(tmp_path: Path, encoding: str) -> None:
    for words in ((), ("pull",), ("scan",), ("fleet",)):
        ran = subprocess.run(
            command(*words, "--help"), cwd=tmp_path, env=environment(PYTHONIOENCODING=encoding), capture_output=True, check=False
        )
        assert (ran.returncode, ran.stderr) == (0, b"")
        assert b"Usage: ckaudit" in ran.stdout
