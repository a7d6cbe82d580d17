"""Every command that speaks to Kit sends GET and nothing else. (For the whole suite see ``tests/conftest.py``.)"""

from __future__ import annotations

import functools
from collections.abc import Iterator

import click
import pytest

from ckaudit.cli.main import COMMANDS, cli
from ckaudit.sources import live
from tests.cli.running import Here
from tests.fake_kit.accounts import sample
from tests.fake_kit.app import KEY, FakeKit
from tests.fake_kit.clock import Clock
from tests.fake_kit.faults import Fault, at_random
from tests.fake_kit.server import Served

LIVE = {
    "scan": ("--save", "kept", "--list-people", "people.csv", "-o", "report.html"),
    "pull": ("-o", "kept", "--with-emails"),
    "discover": (),
    "graph": (),
    "manifest new": (),
    "impact": ("tag:12",),
    "fleet run": ("fleet.toml", "-o", "out"),
}
FAULTS = (Fault.ERROR_500, Fault.RESET, Fault.TOO_MANY, Fault.REDIRECT, Fault.TEXT_200)


@pytest.fixture(autouse=True)
def _without_waiting(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ckaudit.pull.pull", functools.partial(live.pull, timing=clock.timing))


def commands(group: click.Command, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command with its words."""
    if not isinstance(group, click.Group):
        yield path, group
        return
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if found is not None:
            yield from commands(found, f"{path} {name}".strip())


def test_every_command_that_takes_a_credential_is_tried_here() -> None:
    speaking = {path for path, command in commands(cli) if any(option.name == "api_url" for option in command.params)}
    assert speaking == set(LIVE)
    assert COMMANDS


@pytest.mark.parametrize("words", LIVE)
def test_a_command_sends_get_alone(here: Here, kit: Served, words: str) -> None:
    (here.cwd / "fleet.toml").write_text(f'[account.one]\napi_key_env = "KIT_ONE"\napi_url = "{kit.url}"\n')
    here.patch.setenv("KIT_ONE", KEY)
    ran = here(*words.split(), *LIVE[words], KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    assert ran.status in (0, 1), ran.err
    assert set(kit.kit.methods()) == {"GET"}
    assert kit.kit.count() >= 10


@pytest.mark.parametrize("words", [words for words in LIVE if words != "fleet run"])  # it waits by its own clock
def test_a_command_sends_get_alone_when_things_go_wrong(here: Here, kit: Served, words: str) -> None:
    kit.kit = FakeKit(sample(), faults=at_random(0.5, 3, FAULTS))
    here(*words.split(), *LIVE[words], KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    assert set(kit.kit.methods()) == {"GET"}
