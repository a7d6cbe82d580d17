from __future__ import annotations

import pytest

from tests.cli.running import Here


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_gets_a_script_that_asks_ckaudit(here: Here, shell: str) -> None:
    ran = here("completion", shell)
    assert (ran.status, "_CKAUDIT_COMPLETE" in ran.out) == (0, True)


@pytest.mark.parametrize(("line", "expected"), [("ckaudit sup", "suppress"), ("ckaudit scan --base", "--baseline")])
def test_a_shell_that_asks_is_told_what_could_follow(here: Here, line: str, expected: str) -> None:
    words = line.split()
    ran = here(_CKAUDIT_COMPLETE="bash_complete", COMP_WORDS=line, COMP_CWORD=str(len(words) - 1))
    assert (ran.status, expected in ran.out) == (0, True)
