from __future__ import annotations

import shutil

import pytest

from tests.cli.running import DEMO, Here


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_gets_a_script_that_asks_ckaudit(here: Here, shell: str) -> None:
    ran = here("completion", shell)
    assert (ran.status, "_CKAUDIT_COMPLETE" in ran.out) == (0, True)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ckaudit sup", "suppress"),
        ("ckaudit scan --base", "--baseline"),
        ("ckaudit manifest n", "new"),
        ("ckaudit scan --format mark", "markdown"),
        ("ckaudit explain CK40", "CK401"),
        ("ckaudit explain hold-b", "hold-before-further-steps"),
        ("ckaudit suppress hold-b", "hold-before-further-steps"),
        ("ckaudit suppress CK401 sequence", "sequence:2031746"),
        ("ckaudit scan --select CK401,acc", "CK401,access"),
        ("ckaudit scan --stack acc", "accessally"),
    ],
)
def test_a_shell_that_asks_is_told_what_could_follow(here: Here, line: str, expected: str) -> None:
    shutil.copy(DEMO / "account.json", here.cwd)
    words = line.split()
    ran = here(_CKAUDIT_COMPLETE="bash_complete", COMP_WORDS=line, COMP_CWORD=str(len(words) - 1))
    assert (ran.status, expected in ran.out) == (0, True)


def test_a_damaged_account_completes_nothing_and_says_nothing(here: Here) -> None:
    (here.cwd / "account.json").write_text("{")
    ran = here(_CKAUDIT_COMPLETE="bash_complete", COMP_WORDS="ckaudit suppress CK401 seq", COMP_CWORD="3")
    assert (ran.out.strip(), ran.err) == ("", "")
