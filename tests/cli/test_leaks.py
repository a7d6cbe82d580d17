"""Secrets and people's data reach no stream and no file, whatever the command, the format, the verbosity and the accident.

Planted: a key, addresses and names of people, the owner's own address, values in the queries and paths of webhooks, a password field.
Every byte is searched for them in every spelling (``searching.py``). A command or a choice that is not tried here fails the first test.
"""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
import pytest

from ckaudit.cli.main import cli
from ckaudit.render.formats import LISTED
from ckaudit.sources import live
from tests.cli.running import ROOT, Here, Ran
from tests.cli.searching import found_below, found_in
from tests.cli.test_read_only import commands
from tests.engine.planted import write_rule
from tests.fake_kit.accounts import CANARIES, CANARY_ADDRESS, Json, sample
from tests.fake_kit.app import KEY, TOKEN, FakeKit
from tests.fake_kit.clock import Clock
from tests.fake_kit.faults import Fault, after, always
from tests.fake_kit.server import Served

PASSWORD = "canary-password-91"
SECRETS = (*CANARIES, PASSWORD, KEY, TOKEN)
FILES = (
    "r.json",
    "r.html",
    "r.sarif",
    "junit.xml",
    "plan.csv",
    "r.md",
    "r.txt",
    "gl-code-quality.json",
    "tags.csv",
    "handover.md",
    "handover.html",
)
OUTPUTS = tuple(word for name in FILES for word in ("-o", name))
PEOPLE = ("people.csv", "people.json")  # where an owner asked for people, and the only places they may stand
LOUD = ("-v", "-v")

# Every command with everything it can be asked for; they run one after the other in one folder.
COMMANDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "pull": (("-o", "kept"), ("-o", "named", "--with-emails")),
    "scan": (
        ("--save", "kept", *OUTPUTS),
        ("--list-people", "people.csv"),
        ("--list-people", "people.json"),
        *(("kept", "--format", form) for form in LISTED),
        ("kept", "--history", "past"),
        *(("kept", "--view", view, "-o", f"{view}.html") for view in ("client", "consultant")),
        ("kept", "--baseline", "r.json", "--no-suppressions"),
    ),
    "report": (
        *(("r.json", "--format", form) for form in LISTED),
        ("r.json", "--history", "past", "-o", "again.html"),
        *(("r.json", "--view", view, "-o", f"{view}.html") for view in ("client", "consultant")),
    ),
    "diff": (
        *(("r.json", "r.json", "--format", form) for form in ("text", "json", "markdown", "html")),
        *(("kept", "named", "--format", form) for form in ("text", "json", "markdown", "html")),
        ("kept", "named", "-o", "diff.html", "--fail-on", "info"),
        *(("r.json", "r.json", "--fail-on", word) for word in ("error", "warning", "never")),
    ),
    "discover": (
        (),
        *(("kept", "--format", form) for form in ("table", "json", "mermaid")),
    ),
    "impact": tuple(("tag:12", "kept", "--format", form) for form in ("text", "json")),
    "graph": ((), *(("kept", "--format", form) for form in ("graphml", "dot", "mermaid", "json", "svg", "html"))),
    "manifest new": ((), ("kept", "-o", "first"), ("named",)),
    "manifest paste": (("Mine", "page.txt", "kept", "-o", "pasted.yaml"), ("Mine", "kept/account.json", "kept", "-o", "odd.yaml")),
    "manifest list": (("page.txt", "-o", "listed.yaml"),),
    "manifest write": (("steps.txt", "-o", "written.yaml"), ("steps.txt",)),
    "manifest shorthand": (("declared.yaml",),),
    "manifest prompt": ((), ("kept",), ("kept", "-o", "brief.txt")),
    "manifest sample": (("kept/account.json",), ("kept/account.json", "--snapshot", "kept", "-o", "shape.txt")),
    "manifest check": (("--snapshot", "kept"),),
    "manifest draw": (("declared.yaml", "--format", "mermaid"), ("declared.yaml", "--format", "svg", "-o", "drawings")),
    "init": (("kept", "-o", "made.toml"),),
    "suppress": (("CK203", "tag:11", "--reason", "x", "--snapshot", "kept", "--config", "made.toml", "--force"),),
    "fleet run": (
        ("fleet.toml", "-o", "fleet", "--history", "pasts", "--report", "report.html", "--report", "plan.csv", "--report", "r.json"),
        *(("fleet.toml", "--format", form) for form in ("text", "json", "csv", "markdown", "html")),
    ),
    "fleet merge": tuple(("fleet", "--format", form) for form in ("text", "json", "csv", "markdown", "html")),
    "rules list": (("--format", "text"), ("--format", "json")),
    "rules test": (("mine",),),
    "explain": (("CK203",),),
    "schema": tuple((name,) for name in ("manifest", "result", "config", "snapshot", "fleet", "fleet-result")),
    "completion": (("bash",), ("zsh",), ("fish",)),
}
# Choices that decide what is audited, not what is written.
OF_NO_MATTER = {"colour", "color", "min_severity", "min_confidence"}
ANSWERING = {"manifest edit"}
"""Commands that go on until somebody ends them: tests/workbench and tests/browser try them."""
MAY_FAIL = {"rules test", "scan", "fleet run", "fleet merge", "diff", "manifest check", "manifest paste", "discover"}


def choices(command: click.Command) -> Iterator[str]:
    for option in command.params:
        if isinstance(option.type, click.Choice) and option.name not in OF_NO_MATTER and "--color" not in option.opts:
            yield from (str(word) for word in option.type.choices)


def test_every_command_and_every_format_is_tried_here() -> None:
    known = dict(commands(cli))
    assert known.keys() - ANSWERING == COMMANDS.keys()
    for words, command in known.items() - {(words, known[words]) for words in ANSWERING}:
        tried = {word for arguments in COMMANDS[words] for word in arguments}
        wanted = set(choices(command)) - ({"error", "warning", "info", "never"} if words != "diff" else set())
        assert wanted <= tried, words


@pytest.fixture(autouse=True)
def _without_waiting(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ckaudit.pull.pull", functools.partial(live.pull, timing=clock.timing))


def with_passwords() -> Json:
    """People whose password field is filled, in every list."""
    account = sample()
    for lists in account["members"].values():
        for members in lists.values():
            for person in members:
                person["fields"] = {"al_password": PASSWORD}
    return account


@pytest.fixture
def planted(here: Here, kit: Served) -> Here:
    """A folder with what the commands need, and a Kit full of canaries."""
    kit.kit = FakeKit(with_passwords(), limit=100_000)
    for name, value in {"KIT_API_KEY": KEY, "KIT_API_URL": kit.url, "KIT_ONE": KEY, "KIT_TWO": TOKEN}.items():
        here.patch.setenv(name, value)
    write_rule(here.cwd / "mine")
    (here.cwd / "declared.yaml").write_text(
        "version: 1\nautomations: [{name: A, entries: [{tag_added: Customer}], steps: [{add_tag: VIP}]}]\n"
    )
    (here.cwd / "page.txt").write_text("A\tActive\nTag is added\nCustomer\nAdd tag\nVIP\n")
    (here.cwd / "steps.txt").write_text("* A\n> Customer\n+ VIP\n")
    accounts = (("one", "api_key_env", "KIT_ONE"), ("two", "access_token_env", "KIT_TWO"))
    (here.cwd / "fleet.toml").write_text(
        "".join(f'[account.{name}]\n{source} = "{variable}"\napi_url = "{kit.url}"\n' for name, source, variable in accounts)
    )
    return here


def clean(ran: Ran, folder: Path) -> None:
    """Nothing planted is in the streams or in any file but those for people."""
    assert found_in(ran.out.encode(), SECRETS) == []
    assert found_in(ran.err.encode(), SECRETS) == []
    assert found_below(folder, SECRETS, without=("key.txt", "fleet.toml", *PEOPLE)) == []
    for name in PEOPLE:
        for path in folder.rglob(name):
            assert set(found_in(path.read_bytes(), SECRETS)) <= {CANARY_ADDRESS}


def test_no_command_in_any_format_lets_anything_out(planted: Here) -> None:
    for words, calls in COMMANDS.items():
        for arguments in calls:
            ran = planted(*words.split(), *arguments, *LOUD)
            assert ran.status in ((0, 1, 3) if words in MAY_FAIL else (0,)), (words, arguments, ran.err)
            assert found_in((ran.out + ran.err).encode(), SECRETS) == [], (words, arguments)
    clean(ran, planted.cwd)
    assert {path.name for path in planted.cwd.iterdir()} >= {"kept", "named", "fleet", "past", "drawings", "made.toml", *FILES, *PEOPLE}
    assert list(planted.cwd.rglob(".ckaudit-*")) == []


BROKEN_OFF = (
    *(("pull -o kept", fault) for fault in Fault if fault is not Fault.SLOW),
    *(
        (f"{words}", fault)
        for words in ("pull -o kept --with-emails", "scan --save kept -o r.html")
        for fault in (Fault.ERROR_500, Fault.TEXT_200)
    ),
)


@pytest.mark.parametrize(("words", "fault"), BROKEN_OFF)
def test_nothing_gets_out_when_kit_or_a_proxy_answers_badly(planted: Here, kit: Served, fault: Fault, words: str) -> None:
    kit.kit = FakeKit(with_passwords(), faults=after(14, always(fault)))
    ran = planted(*words.split(), *LOUD)
    assert ran.status in (0, 1, 3)
    assert found_in((ran.out + ran.err).encode(), SECRETS) == []
    # A pull that broke off keeps the ids of people until the next one, and their addresses where they were asked for.
    partial = ("evidence.partial.jsonl",) if "--with-emails" in words else ()
    assert found_below(planted.cwd, SECRETS, without=("fleet.toml", *PEOPLE, *partial)) == []
    for path in planted.cwd.rglob("evidence.partial.jsonl"):
        assert path.stat().st_mode & 0o077 == 0


class Echo:
    """Something that answers in Kit's place and sends back what it was sent, and what it must not know."""

    def __init__(self, status: int, spelling: Callable[[str], str], *, html: bool) -> None:
        self.status, self.spelling, self.html = status, spelling, html

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        head = {name.decode(): value.decode() for name, value in scope["headers"]}
        key = self.spelling(head.get("x-kit-api-key", ""))
        words = f"{key} of {self.spelling(CANARY_ADDRESS)} at https://a.example/hook?k={CANARIES[3]}&who={CANARIES[4]} is bad, {head}"
        body = f"<html>{words}</html>" if self.html else json.dumps({"errors": [words, [key]], "error": key, "message": key + words})
        kind = b"text/html" if self.html else b"application/json"
        headers = [(b"content-type", kind), (b"x-request-id", key.encode()), (b"retry-after", key.encode()), (b"location", key.encode())]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body.encode()})


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in capitals": str.upper,
    "percent-encoded": lambda text: quote(text, safe=""),
    "in base64": lambda text: base64.b64encode(text.encode()).decode(),
    "in base64 with a name": lambda text: base64.b64encode(b"user:" + text.encode() + b":x").decode(),
}


@pytest.mark.parametrize("status", [200, 302, 401, 422, 429, 503])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_what_was_sent_is_not_repeated(planted: Here, kit: Served, status: int, spelling: str) -> None:
    for html in (False, True):
        kit.kit = Echo(status, SPELLINGS[spelling], html=html)  # type: ignore[assignment]
        ran = planted("pull", "-o", "kept", *LOUD)
        assert ran.status == 3
        found = found_in((ran.out + ran.err).encode(), SECRETS)
        assert found == [], ran.err
        assert found_below(planted.cwd, SECRETS, without=("fleet.toml",)) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("scan", "--api-key-file", "key.txt", "nowhere"),
        ("pull", "-o", "kept", "--api-key-file", "two-lines.txt"),
        ("pull", "-o", "kept", "--api-key-file", "binary.txt"),
        ("pull", "-o", "kept", "--api-url", f"https://user:{KEY}@api.kit.com"),
        ("pull", "-o", "kept", "--api-url", f"https://api.kit.com/?key={KEY}"),
        ("pull", "-o", "kept", "--api-url", f"https://api.kit.com/{KEY}"),
        ("report", "key.txt"),
        ("report", "people.json"),
        ("scan", "people.json"),
        ("diff", "people.json", "people.json"),
        ("manifest", "check", "key.txt"),
        ("scan", "--demo", "--config", "key.txt"),
        ("fleet", "leaking.toml"),
        ("fleet", "key.txt"),
    ],
    ids=" ".join,
)
def test_no_error_repeats_a_secret(planted: Here, arguments: tuple[str, ...]) -> None:
    (planted.cwd / "key.txt").write_text(f"{KEY}\n")
    (planted.cwd / "two-lines.txt").write_text(f"{KEY}\n{TOKEN}\n")
    (planted.cwd / "binary.txt").write_bytes(KEY.encode() + b"\xff\x00")
    people = {"schema": "ckaudit.people/v1", "events": "", "people": [{"person": CANARY_ADDRESS, "subscriber_id": CANARY_ADDRESS}]}
    (planted.cwd / "people.json").write_text(json.dumps(people))
    (planted.cwd / "leaking.toml").write_text(f'[account.one]\napi_key_env = "{KEY}"\n')
    ran = planted(*arguments, *LOUD)
    assert ran.status in (2, 3), ran.err
    assert found_in((ran.out + ran.err).encode(), SECRETS) == []


RAISES = """
    import os
    yield from ()
    raise RuntimeError(f"{graph.account} {dict(os.environ)} {os.environ!r} " + os.environ["KIT_API_KEY"].upper())
"""


@pytest.mark.parametrize("form", ["text", "github"])  # the other formats are among the files
def test_nothing_is_in_the_crash_text_of_a_rule(planted: Here, form: str) -> None:
    write_rule(planted.cwd / "mine", body=RAISES)
    ran = planted("scan", *LOUD, "--rules", "mine", "--format", form, *OUTPUTS)
    assert ran.status == 4, ran.err
    assert "RuntimeError" in ran.err
    clean(ran, planted.cwd)


def test_nothing_is_in_the_crash_text_of_a_fleet(planted: Here) -> None:
    write_rule(planted.cwd / "mine", body=RAISES)
    ran = planted("fleet", "fleet.toml", "-o", "fleet", "--rules", "mine", "--jobs", "2", *LOUD)
    assert ran.status == 4, ran.err
    clean(ran, planted.cwd)


CRASH_SITES = (
    ("ckaudit.pull.pull", ("scan",)),
    ("ckaudit.pull.pull", ("pull", "-o", "kept")),
    ("ckaudit.audit.build_graph", ("scan", "--no-evidence")),
    ("ckaudit.render.json.render_json", ("scan", "--format", "json")),
    ("ckaudit.engine.pipeline.audit", ("discover",)),
)


@pytest.mark.parametrize(("place", "arguments"), CRASH_SITES)
def test_nothing_is_in_the_crash_text_of_ckaudit(
    planted: Here, place: str, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        words = f"{KEY} {KEY.upper()} {KEY!r} {base64.b64encode(KEY.encode()).decode()} belongs to {CANARY_ADDRESS} {quote(CANARY_ADDRESS)}"
        raise RuntimeError(words) from ValueError(words)

    (planted.cwd / "key.txt").write_text(KEY)
    monkeypatch.delenv("KIT_API_KEY")
    monkeypatch.setattr(place, crash)
    ran = planted(*arguments, "--api-key-file", "key.txt", *LOUD)
    assert ran.status == 4, ran.err
    assert "RuntimeError" in ran.err
    assert found_in((ran.out + ran.err).encode(), SECRETS) == []


def test_nothing_is_in_the_recorded_conversations() -> None:
    assert found_below(ROOT / "cassettes", SECRETS, without=("record.py",)) == []
    assert list((ROOT / "cassettes").glob("*.yaml"))


def test_what_a_pull_leaves_can_be_read_by_its_owner_alone(planted: Here) -> None:
    planted("pull", "-o", "kept", "--with-emails")
    planted("scan", "kept", "--list-people", "people.csv")
    kept = [path for path in (planted.cwd / "kept").iterdir() if path.name != ".gitignore"]  # names of files, for whoever uses git
    for path in (*kept, planted.cwd / "people.csv"):
        assert path.stat().st_mode & 0o077 == 0, path
