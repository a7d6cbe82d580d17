"""Slips on the command line: what is wrong, what was meant, what to type next."""

from __future__ import annotations

import shutil

import pytest

from tests.cli.running import DEMO, Here


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("scn", "there is no command scn\n  Did you mean scan? `ckaudit --help`"),
        ("manifest chekc", "there is no command chekc\n  Did you mean check? `ckaudit manifest --help`"),
        ("fleet mrge", "there is no command mrge\n  Did you mean merge? `ckaudit fleet --help`"),
        ("rules lst", "Did you mean list? `ckaudit rules --help`"),
        ("scan --frmat json", "there is no option --frmat\n  Did you mean --format? `ckaudit scan --help`"),
        ("--verson", "Did you mean --version?"),
        ("scan --format htm", "“htm” is not possible for --format\n  Did you mean “html”?"),
        ("scan --fail-on warn", "“warn” is not possible for --fail-on\n  Did you mean “warning”?"),
        ("scan --color xyz", "Possible are auto, always, never."),
        ("schema reslt", "“reslt” is not possible here\n  Did you mean “result”?"),
        ("completion bsh", "Did you mean “bash”?"),
        ("suppress", "--reason TEXT is missing"),
        ("suppress CK401 tag:5", "--reason TEXT is missing: Why it is fine"),
        ("suppress CK401 tag:5 --reason x --until soon", "--until: 'soon' is not a day\n  Write it as 2027-03-01."),
        ("pull", "-o DIR is missing: The snapshot's folder"),
        ("scan --evidence-days x", "--evidence-days: “x” is not a whole number"),
        ("scan --now", "option '--now' requires an argument\n  `ckaudit scan --help`"),
        ("scan a b", "got unexpected extra argument (b)\n  `ckaudit scan --help`"),
        ("scan --now tomorrow", "Write it as 2026-11-20"),
        ("explain CK4O1", "Did you mean “CK401”?"),
        ("explain hold-before-furthr-steps", "Did you mean “hold-before-further-steps”?"),
        ("scan kti", "Did you mean kit? Make a snapshot"),
        ("scan kit/acount.json", "Did you mean kit/account.json?"),
        ("scan kit --baseline rsult.json", "Did you mean result.json?"),
        ("scan kit --rules kt", "Did you mean kit?"),
        ("scan kit --config ckaudt.toml", "Did you mean ckaudit.toml?"),
        ("report rsult.json", "Did you mean result.json?"),
        ("diff kit kti", "kti does not exist\n  Did you mean kit?"),
        ("manifest check kit/automation.yaml", "Did you mean kit/automations.yaml?"),
        ("manifest draw kit/automations.yaml --automation nothing-like-it", "Possible are Coastal Light - release"),
        ("init --force kti", "Did you mean kit?"),
    ],
)
def test_a_slip_is_told_with_what_was_meant(here: Here, line: str, said: str) -> None:
    shutil.copytree(DEMO, here.cwd / "kit")
    (here.cwd / "result.json").write_text("{}")
    (here.cwd / "ckaudit.toml").write_text("")
    ran = here(*line.split())
    if line.startswith("init"):
        (here.cwd / "ckaudit.toml").unlink()
        ran = here(*line.split())
    assert (ran.status, ran.out, said in ran.err) == (2, "", True), ran.err


def test_loudness_may_stand_before_the_command(here: Here) -> None:
    assert here("-q", "scan", DEMO).err == ""
    assert "\x1b[" in here("--color", "always", "scan", DEMO).out


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_the_version(here: Here, option: str) -> None:
    assert here(option).out.startswith("ckaudit ")


@pytest.mark.parametrize("command", ["scan", "manifest", "manifest new", "rules test", ""])
def test_h_is_help(here: Here, command: str) -> None:
    short, long = here(*command.split(), "-h"), here(*command.split(), "--help")
    assert (short.status, short.out) == (0, long.out)
    assert short.out.startswith("Usage: ckaudit")


@pytest.mark.parametrize("command", ["check", "shorthand", "draw"])
def test_the_folder_of_a_snapshot_is_no_manifest_and_the_hint_says_how_to_name_it(command: str, here: Here) -> None:
    ran = here("manifest", command, DEMO)
    assert (ran.status, ran.out) == (2, "")
    assert f"`ckaudit manifest {command} --snapshot {DEMO}`" in " ".join(ran.err.split())


def test_the_list_of_commands_says_what_manifest_does(here: Here) -> None:
    assert "List, describe and check your automations." in here("--help").out
