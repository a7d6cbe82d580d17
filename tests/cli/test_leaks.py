"""Secrets and people's data reach no stream and no file, whatever the command, the format and the accident."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

from ckaudit.cli.outputs import FORMATS
from ckaudit.sources import live
from tests.cli.running import Here, Ran
from tests.fake_kit.accounts import CANARIES, CANARY_ADDRESS, Json, sample
from tests.fake_kit.app import KEY, FakeKit
from tests.fake_kit.clock import Clock
from tests.fake_kit.faults import Fault, always
from tests.fake_kit.server import Served

PASSWORD = "canary-password-91"
FILES = ("r.json", "r.html", "r.sarif", "junit.xml", "plan.csv", "r.md", "r.txt", "gl-code-quality.json")
SNAPSHOT_COMMANDS = (
    ("scan", "kept"),
    ("graph", "kept", "--format", "json"),
    ("graph", "kept", "--format", "dot"),
    ("graph", "kept", "--format", "mermaid"),
    ("graph", "kept"),
    ("discover", "kept"),
    ("discover", "kept", "--format", "json"),
    ("manifest", "check", "--snapshot", "kept"),
)
BAD_RULE = '''"""Raises.

What it finds
-------------
It quotes what it can.

Why it matters
--------------
It must not.

How to fix it in Kit
--------------------
1. Nothing.

When to ignore it
-----------------
Never.

Sources
-------
- None.
"""

from collections.abc import Iterator

from ckaudit.rule import Confidence, Finding, Graph, NoOptions, Rule, Severity, Theme

RULE = Rule(
    code="XX001", name="raises", title="This rule always raises", passing="This rule never raises",
    severity=Severity.INFO, theme=Theme.AUDIT,
)


def check(graph: Graph, options: NoOptions) -> Iterator[Finding]:
    """Raise with everything there is."""
    import os

    raise RuntimeError(f"{graph.account} {dict(os.environ)}")
    yield
'''


@pytest.fixture(autouse=True)
def _without_waiting(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ckaudit.sources.live.pull", functools.partial(live.pull, timing=clock.timing))


def with_passwords() -> Json:
    """People whose password field is filled, in every list."""
    account = sample()
    for lists in account["members"].values():
        for members in lists.values():
            for person in members:
                person["fields"] = {"al_password": PASSWORD}
    return account


def leaked(ran: Ran, folder: Path) -> list[str]:
    """Canaries in the streams or in any file of the folder."""
    written = [path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "key.txt"]
    everything = b"\n".join([ran.out.encode(), ran.err.encode(), *written])
    return [canary for canary in (*CANARIES, PASSWORD, KEY) if canary.encode() in everything]


def outputs() -> Iterator[str]:
    for name in FILES:
        yield "-o"
        yield name


def test_no_canary_from_a_live_scan_in_any_format_or_file(here: Here, kit: Served) -> None:
    kit.kit = FakeKit(with_passwords())
    first = here("scan", "-v", "-v", "--save", "kept", *outputs(), KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    assert first.status in (0, 1), first.err
    assert {path.name for path in here.cwd.iterdir()} >= {"kept", *FILES}
    assert leaked(first, here.cwd) == []
    for form in FORMATS:
        for source in (("scan", "kept"), ("report", "r.json")):
            ran = here(*source, "--format", form, "-v", "-v")
            assert ran.status in (0, 1), ran.err
            assert leaked(ran, here.cwd) == []


def test_no_canary_from_any_command_on_a_snapshot(here: Here, kit: Served) -> None:
    kit.kit = FakeKit(with_passwords())
    assert leaked(here("pull", "-o", "kept", "-v", "-v", KIT_API_KEY=KEY, KIT_API_URL=kit.url), here.cwd) == []
    (here.cwd / "automations.yaml").write_text("version: 1\nautomations: []\n")
    for arguments in SNAPSHOT_COMMANDS:
        ran = here(*arguments, "-v", "-v")
        assert ran.status in (0, 1, 3), (arguments, ran.err)
        assert leaked(ran, here.cwd) == []


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.SLOW])
def test_no_canary_when_kit_or_a_proxy_answers_badly(fault: Fault, here: Here, kit: Served) -> None:
    kit.kit = FakeKit(with_passwords(), faults=always(fault))
    ran = here("pull", "-o", "kept", "-v", "-v", KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    assert leaked(ran, here.cwd) == []
    assert ran.status in (0, 3)


def test_no_canary_in_the_crash_text_of_a_rule(here: Here, kit: Served) -> None:
    kit.kit = FakeKit(with_passwords())
    (here.cwd / "mine").mkdir()
    (here.cwd / "mine/raises.py").write_text(BAD_RULE)
    ran = here("scan", "-v", "-v", "--rules", "mine", "--format", "json", KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    assert ran.status == 4, ran.err
    assert "RuntimeError" in ran.err
    assert leaked(ran, here.cwd) == []


def test_no_canary_in_the_crash_text_of_ckaudit(here: Here, kit: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> None:
        raise RuntimeError(f"{KEY} belongs to {CANARY_ADDRESS}")

    (here.cwd / "key.txt").write_text(KEY)
    monkeypatch.setattr("ckaudit.sources.live.pull", crash)
    ran = here("scan", "-v", "-v", "--api-key-file", "key.txt", "--api-url", kit.url)
    assert ran.status == 4
    assert "RuntimeError: [credential] belongs to [address]" in ran.err
    assert leaked(ran, here.cwd) == []
