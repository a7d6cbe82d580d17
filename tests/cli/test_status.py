"""Exit statuses, streams and colours of the real program."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import ckaudit
from tests.cli.running import DEMO, NOW, ROOT, command, environment, run
from tests.engine.planted import write_rule
from tests.fake_kit.accounts import sample
from tests.fake_kit.app import KEY, FakeKit
from tests.fake_kit.server import Served

RAISES = "\n    yield from ()\n    raise ValueError('secret of ' + graph.account.info.name)\n"


def test_findings_give_1_and_nothing_found_0(tmp_path: Path) -> None:
    found = run("scan", DEMO, "--now", NOW, cwd=tmp_path)
    assert found.status == 1
    assert "CK203" in found.out
    assert run("scan", DEMO, "--select", "CK203", "--ignore", "CK203", cwd=tmp_path).status == 0
    assert run("scan", DEMO, "--fail-on", "never", cwd=tmp_path).status == 0


def test_a_wrong_option_gives_2_and_the_nearest(tmp_path: Path) -> None:
    ran = run("scan", "--demo", "--selekt", "CK2", cwd=tmp_path)
    assert (ran.status, ran.out) == (2, "")
    assert "Did you mean" in ran.err
    assert "--select" in ran.err


def test_nothing_to_audit_gives_3_and_three_ways(tmp_path: Path) -> None:
    ran = run("scan", cwd=tmp_path)
    assert (ran.status, ran.out) == (3, "")
    assert all(way in ran.err for way in ("KIT_API_KEY", "ckaudit pull -o DIR", "--demo"))


def test_a_rule_that_raises_gives_4_and_the_rest_is_written(tmp_path: Path) -> None:
    write_rule(tmp_path / "mine", body=RAISES)
    ran = run("scan", DEMO, "--rules", "mine", "-o", "result.json", cwd=tmp_path)
    assert ran.status == 4
    assert "ACME601 bad-tag: the rule raised ValueError at mine/bad_tag.py:" in ran.out
    written = json.loads((tmp_path / "result.json").read_text())
    assert "CK203" in {finding["rule"] for finding in written["findings"]}
    assert written["crashed"][0]["rule"] == "ACME601"
    assert "secret of" not in ran.out + ran.err + (tmp_path / "result.json").read_text()
    assert "Traceback" not in ran.err


def test_only_with_v_v_comes_a_traceback_and_it_has_no_credential(tmp_path: Path) -> None:
    write_rule(tmp_path / "mine", body="\n    import os\n    yield from ()\n    raise ValueError(os.environ['KIT_API_KEY'])\n")
    ran = run("scan", DEMO, "--rules", "mine", "-v", "-v", cwd=tmp_path, KIT_API_KEY="kit_canary0123456789")
    assert ran.status == 4
    assert "Traceback" in ran.err
    assert "ValueError: [credential]" in ran.err
    assert "canary" not in ran.out + ran.err


def test_the_version_is_told(tmp_path: Path) -> None:
    assert run("--version", cwd=tmp_path).out == f"ckaudit {ckaudit.__version__}\n"


def test_without_a_command_the_help_is_shown(tmp_path: Path) -> None:
    ran = run(cwd=tmp_path)
    assert (ran.status, ran.out) == (2, "")
    assert "Usage: ckaudit" in ran.err


def test_the_result_alone_goes_to_standard_output(tmp_path: Path) -> None:
    ran = run("scan", DEMO, "--format", "json", cwd=tmp_path)
    assert json.loads(ran.out)["schema"] == "ckaudit.result/v1"
    assert "Automations: " in ran.err
    assert run("scan", DEMO, "--format", "json", "-q", cwd=tmp_path).err == ""


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (run("scan", DEMO, "--now", NOW, "--format", "json", cwd=tmp_path, PYTHONHASHSEED=seed) for seed in ("1", "2"))
    assert first.out == second.out


def test_json_is_utf8_whatever_the_locale(tmp_path: Path) -> None:
    write_rule(tmp_path / "mine", body='\n    yield Finding(object=ObjectRef("tag", "日本 🎉", 1), message="m")\n')
    ran = run("scan", DEMO, "--rules", "mine", "--select", "ACME601", "--format", "json", cwd=tmp_path, LANG="C", PYTHONIOENCODING="ascii")
    assert json.loads(ran.out)["findings"][0]["object"]["name"] == "日本 🎉"


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    process = subprocess.Popen(
        command("scan", DEMO, "--format", "json"), cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    error = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(60) == 1
    assert "Broken" not in error
    assert "error" not in error


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_gives_3(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            command("scan", DEMO), cwd=tmp_path, env=environment(), stdout=full, stderr=subprocess.PIPE, check=False, timeout=60
        )
    assert ran.returncode == 3
    assert b"error: cannot write to standard output: No space left on device" in ran.stderr
    assert b"Exception ignored" not in ran.stderr


def test_closed_streams_are_no_crash(tmp_path: Path) -> None:
    shell = " ".join([*command("scan", DEMO), ">&-", "2>&-"])
    assert subprocess.run(["/bin/sh", "-c", shell], cwd=tmp_path, env=environment(), check=False, timeout=60).returncode == 1


def test_colour_in_a_pipe_comes_only_when_asked_for(tmp_path: Path) -> None:
    assert "\x1b[" not in run("scan", DEMO, "--select", "CK203", cwd=tmp_path).out
    assert "\x1b[" in run("scan", DEMO, "--select", "CK203", "--color", "always", cwd=tmp_path).out


def on_a_terminal(cwd: Path, *arguments: str | Path, **env: str) -> str:
    """What a person sees: standard output and error of the process on one terminal."""
    master, slave = pty.openpty()
    process = subprocess.Popen(command(*arguments), cwd=cwd, env=environment(**env), stdout=slave, stderr=slave, stdin=slave)
    os.close(slave)
    seen = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # how Linux says that nobody writes any more
            break
        if not part:
            break
        seen += part
    os.close(master)
    process.wait(60)
    return seen.decode()


def test_a_terminal_gets_colours_unless_it_is_dumb(tmp_path: Path) -> None:
    assert "\x1b[" in on_a_terminal(tmp_path, "scan", DEMO, "--select", "CK203", TERM="xterm")
    assert "\x1b[" not in on_a_terminal(tmp_path, "scan", DEMO, "--select", "CK203", TERM="dumb")
    assert "\x1b[" not in on_a_terminal(tmp_path, "scan", DEMO, "--select", "CK203", TERM="xterm", NO_COLOR="1")


def test_ctrl_c_gives_3_and_a_sentence(tmp_path: Path) -> None:
    write_rule(
        tmp_path / "mine",
        body="\n    yield from ()\n    import sys, time\n    print('now', file=sys.stderr, flush=True)\n    time.sleep(60)\n",
    )
    process = subprocess.Popen(
        command("scan", DEMO, "-q", "--rules", "mine", "--select", "ACME601"), cwd=tmp_path, env=environment(), stdout=-1, stderr=-1
    )
    assert process.stderr
    assert process.stderr.readline() == b"now\n"
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 3
    assert error.decode().startswith("interrupted")


def test_ctrl_c_during_a_pull_keeps_what_was_read(tmp_path: Path, kit: Served) -> None:
    kit.kit = FakeKit(sample(), latency=0.2)
    process = subprocess.Popen(
        command("pull", "-o", "mine"), cwd=tmp_path, env=environment(KIT_API_KEY=KEY, KIT_API_URL=kit.url), stdout=-1, stderr=-1
    )
    while not kit.kit.count("/v4/tags"):
        assert process.poll() is None
        os.sched_yield()
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 3
    assert "run the same command again" in error.decode()
    assert list((tmp_path / "mine").iterdir())
    kit.kit = FakeKit(sample())
    assert run("pull", "-o", "mine", cwd=tmp_path, KIT_API_KEY=KEY, KIT_API_URL=kit.url).status == 0
    assert kit.kit.count("/v4/account") == 0


def test_a_terminal_sees_how_far_a_pull_is(tmp_path: Path, kit: Served) -> None:
    seen = on_a_terminal(tmp_path, "pull", "-o", "mine", TERM="xterm", KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    assert "Reading the account: " in seen
    assert re.search(r"\b\d\d requests answered", seen)
    assert "Reading" not in seen.rpartition("\x1b[K")[2]


@pytest.mark.parametrize("arguments", [["--help"], ["rules", "list"], ["scan", "--help"]])
def test_a_reader_of_the_help_that_goes_away_is_no_error(arguments: list[str], tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run(command(*arguments), cwd=tmp_path, env=environment(), stdout=writing, stderr=-1, check=False, timeout=60)
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (0, b"")


HEAVY = ("networkx", "httpx", "numpy", "yaml", "jinja2", "liquid", "tabulate", "asyncio")


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["scan", "--help"], ["pull", "--help"], ["rules", "--help"], ["explain", "CK202"]]
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = f"import sys; from ckaudit.cli.main import main; main({arguments!r}); print([name for name in {HEAVY!r} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_the_help_of_the_program_imports_no_command() -> None:
    code = (
        "import sys; from ckaudit.cli.main import main; main(['--help']); "
        "print(sorted(name for name in sys.modules if name.startswith('ckaudit.')))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == str(
        [
            *("ckaudit.cli", "ckaudit.cli.main", "ckaudit.cli.terminal", "ckaudit.cli.verbosity"),
            *("ckaudit.model", "ckaudit.model.errors", "ckaudit.version"),
        ]
    )


def test_of_many_manifests_the_first_are_named_and_the_others_counted(tmp_path: Path) -> None:
    (tmp_path / "automations").mkdir()
    for number in range(5):
        (tmp_path / "automations" / f"{number}.yaml").write_text("version: 1\n")
    said = run("manifest", "check", cwd=tmp_path).err
    assert "automations/0.yaml, automations/1.yaml, automations/2.yaml and 2 more files\n" in said.replace("\\", "/")
    (tmp_path / "automations" / "4.yaml").unlink()
    assert " and 1 more file\n" in run("manifest", "check", cwd=tmp_path).err
    (tmp_path / "automations" / "3.yaml").unlink()
    assert "more file" not in run("manifest", "check", cwd=tmp_path).err
