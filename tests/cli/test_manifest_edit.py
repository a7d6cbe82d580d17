"""``ckaudit manifest edit``: the page's address, and the same answers in the terminal."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from ckaudit.cli import manifest_edit
from tests.cli.running import DEMO, Here, command, environment

DRAFT = "Coastal Light: purchased to Coastal Light: module 3 is open"
Answers = Callable[..., None]


@pytest.fixture
def account(tmp_path: Path) -> Path:
    """The demo account without its manifest."""
    shutil.copytree(DEMO, tmp_path / "account")
    (tmp_path / "account" / "automations.yaml").unlink()
    return tmp_path / "account"


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """Somebody in a terminal who gives these answers, and writes this text when an editor opens."""

    def sits(*given: str, written: str | None = None) -> None:
        left = iter(given)

        def prompt(_: str, default: str = "", **__: object) -> str:
            return next(left, "q") or default

        monkeypatch.setattr(manifest_edit, "is_terminal", lambda _: True)
        monkeypatch.setattr(click, "prompt", prompt)
        monkeypatch.setattr(click, "edit", lambda text, **_: None if written is None else written)

    return sits


def texts(account: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted((account / "automations").glob("*.yaml")))


class TestInTheTerminal:
    def test_an_accepted_draft_is_a_file(self, here: Here, account: Path, answers: Answers) -> None:
        answers("s", "s", "a", "Release")
        ran = here("manifest", "edit", account, "--terminal", "--now", "2026-11-24")
        assert (ran.status, ran.out.splitlines()[-1]) == (0, "1 of 1 automations described.")
        assert "205 people, 7 days" in ran.out
        assert 'name: "Release"' in texts(account).replace("name: Release", 'name: "Release"')

    def test_a_refused_draft_is_not_asked_about_again(self, here: Here, account: Path, answers: Answers) -> None:
        answers("s", "s", "r")
        assert DRAFT in here("manifest", "edit", account, "--terminal", "--now", "2026-11-24").out
        answers("s", "s", "s", "s", "s", "s")
        assert DRAFT not in here("manifest", "edit", account, "--terminal", "--now", "2026-11-24").out

    def test_a_changed_draft_is_what_the_editor_gave_back(self, here: Here, account: Path, answers: Answers) -> None:
        answers("c", written="* Palette guide\n> @ Palette guide\n+ palette guide: req\n")
        assert here("manifest", "edit", account, "--terminal", "--now", "2026-11-24").status == 0
        assert "Palette guide: requested" in texts(account)

    def test_what_is_wrong_is_said_and_asked_again(self, here: Here, account: Path, answers: Answers) -> None:
        answers("c", "q", written="* A\n> Coastal Light\n")
        ran = here("manifest", "edit", account, "--terminal", "--now", "2026-11-24")
        assert "line 1, column 3" in ran.out
        assert texts(account) == ""

    @pytest.mark.parametrize("written", [None, "", "\n\n"])
    def test_an_empty_file_changes_nothing(self, here: Here, account: Path, answers: Answers, written: str | None) -> None:
        answers("c", "q", written=written)
        assert "Nothing was changed" in here("manifest", "edit", account, "--terminal", "--now", "2026-11-24").out
        assert texts(account) == ""

    def test_names_of_a_list_are_asked_about_after_the_drafts(self, here: Here, account: Path, answers: Answers) -> None:
        (account / "automations.yaml").write_text("version: 1\nautomations:\n  - name: Win-back\n", encoding="utf-8")
        answers(*"ssssssssss")
        out = here("manifest", "edit", account, "--terminal", "--now", "2026-11-24").out
        assert out.index("draft from timestamps") < out.index("Win-back · only its name is known")
        assert out.endswith("0 of 1 automations described.\n")

    def test_without_a_terminal_it_says_so(self, here: Here, account: Path) -> None:
        ran = here("manifest", "edit", account, "--terminal")
        assert ran.status == 2
        assert "nobody is there to answer" in ran.err


class TestThePage:
    @pytest.fixture
    def started(self, account: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
        """The command in a process of its own, and the address it printed."""
        with subprocess.Popen(
            command("manifest", "edit", account, "--now", "2026-11-24"),
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout
            yield process, process.stdout.readline().strip()
            process.kill()

    @pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process there")
    def test_its_address_is_printed_and_control_c_ends_it(self, started: tuple[subprocess.Popen[str], str]) -> None:
        process, address = started
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/#[\w-]{40,}", address)
        with urllib.request.urlopen(address.partition("#")[0], timeout=20) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
        assert process.returncode == 0
        assert "Traceback" not in said

    def test_a_port_in_use_is_said(self, here: Here, account: Path) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            ran = here("manifest", "edit", account, "--port", str(taken.getsockname()[1]))
        assert ran.status == 2
        assert "another --port" in ran.err

    def test_without_an_account_it_says_what_to_name(self, here: Here) -> None:
        ran = here("manifest", "edit")
        assert ran.status == 3
        assert "ckaudit pull -o DIR" in ran.err

    def test_a_broken_manifest_is_said_with_its_place(self, here: Here, account: Path) -> None:
        (account / "automations.yaml").write_text("version: 1\nautomations: [\n", encoding="utf-8")
        ran = here("manifest", "edit", account)
        assert ran.status == 2
        assert "automations.yaml:2" in ran.err
