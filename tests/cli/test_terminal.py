from __future__ import annotations

import io

import pytest

from ckaudit.cli.progress import line
from ckaudit.cli.terminal import ColourWhen, Terminal, is_terminal, scrub, shows_links, wants_colour


@pytest.mark.parametrize(
    ("when", "env", "terminal", "coloured"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "0"}, True, False),
        ("auto", {"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("always", {"TERM": "dumb"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_who_decides_about_colour(when: str, env: dict[str, str], terminal: bool, coloured: bool) -> None:
    assert wants_colour(ColourWhen(when), env, terminal) is coloured


@pytest.mark.parametrize(
    ("env", "terminal", "shown"),
    [
        ({"TERM_PROGRAM": "WezTerm"}, True, True),
        ({"WT_SESSION": "1"}, True, True),
        ({"VTE_VERSION": "7600"}, True, True),
        ({"TERM": "xterm-kitty"}, True, True),
        ({"TERM": "xterm-256color"}, True, False),
        ({"VTE_VERSION": "4205"}, True, False),
        ({"VTE_VERSION": "new"}, True, False),
        ({"TERM_PROGRAM": "WezTerm", "TERM": "tmux-256color"}, True, False),
        ({"TERM_PROGRAM": "WezTerm", "TERM": "dumb"}, True, False),
        ({"TERM_PROGRAM": "WezTerm"}, False, False),
        ({"FORCE_HYPERLINK": "1"}, False, True),
        ({"FORCE_HYPERLINK": "0", "TERM_PROGRAM": "WezTerm"}, True, False),
        ({}, True, False),
    ],
)
def test_links_go_to_terminals_that_are_known_to_take_them(env: dict[str, str], terminal: bool, shown: bool) -> None:
    assert shows_links(env, terminal) is shown


def test_a_closed_or_missing_stream_is_no_terminal() -> None:
    closed = io.StringIO()
    closed.close()
    assert not is_terminal(closed)
    assert not is_terminal(None)


def test_credentials_of_the_environment_are_scrubbed() -> None:
    assert scrub("key kit_1 token abc", {"KIT_API_KEY": " kit_1\n", "KIT_ACCESS_TOKEN": "abc"}) == "key [credential] token [credential]"
    assert scrub("text", {"KIT_API_KEY": ""}) == "text"


def test_quiet_says_errors_only(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal({})
    terminal.verbosity = -1
    terminal.note("a note")
    terminal.say("an error")
    assert capsys.readouterr().err == "an error\n"


@pytest.mark.parametrize(
    ("done", "expected", "seconds", "said"),
    [
        (0, 1, 0, "Reading the account: 0 requests answered, at least 1 to go"),
        (1, 12, 0.4, "Reading the account: 1 request answered, at least 11 to go"),
        (12, 40, 14.2, ": 12 requests answered, at least 28 to go, about 14 s or more"),
        (120, 400, 150, ": 120 requests answered, at least 280 to go, about 2 min or more"),
        (9, 9, 0, ": 9 requests answered"),
    ],
)
def test_progress_says_how_far_it_is_and_claims_no_total(done: int, expected: int, seconds: float, said: str) -> None:
    assert line(done, expected, seconds).endswith(said)


def test_no_bar_is_drawn_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    from ckaudit.cli.progress import Bar

    bar = Bar(Terminal({}))
    bar.update(1, 2, 3)
    bar.end()
    assert capsys.readouterr().err == ""
