"""The parsers of ckaudit, each as a function of bytes that returns or raises one of ckaudit's own errors. Anything else is a bug.

Every place an error names is looked up in the bytes: it must exist there.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import functools
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from ckaudit.engine.load import load_rules
from ckaudit.model.account import SectionName
from ckaudit.model.errors import CkauditError, ExitStatus, Location, Problem
from ckaudit.model.stack import Stack
from ckaudit.sources.events import EVENTS_FILE
from tests.fuzz import typed
from tests.fuzz.mutate import Mutator, mutated_archive, mutated_bytes, mutated_json, mutated_text

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "examples" / "demo"
SEEDS = Path(__file__).parent / "seeds"
YAML_BREAKS = "\r\n|\r|\n"
NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


class Target(NamedTuple):
    """A parser. ``read`` gets the bytes and a folder of its own to put them into; ``seeds`` are valid inputs.

    ``breaks``: what ends a line. YAML has three ways, JSON and TOML know the line feed.
    """

    name: str
    read: Callable[[bytes, Path], None]
    seeds: Callable[[], tuple[bytes, ...]]
    mutators: tuple[Mutator, ...]
    breaks: str = "\n"


def check(target: Target, data: bytes, folder: Path) -> None:
    """Feed one input. Raises AssertionError for a wrong place, and whatever the parser raises that is no error of ours."""
    try:
        target.read(data, folder)
    except CkauditError as error:
        if error.exit_status not in (ExitStatus.BAD_INPUT, ExitStatus.INCOMPLETE) or not str(error).strip():
            raise AssertionError("an error without words, or with a wrong exit status") from error
        check_places(data, (Problem(error.message, error.location), *error.problems), target.breaks)


def check_places(data: bytes, problems: tuple[Problem, ...], breaks: str) -> None:
    """Every line and column that is named exists."""
    lines = re.split(breaks, data.decode("utf-8", "replace").removeprefix("\ufeff"))
    for problem in problems:
        place = problem.location or Location("")
        if place.line:
            assert place.line <= len(lines), f"{place} is behind the end: {problem.message}"
            width = len(lines[place.line - 1])
            assert 0 <= place.column <= width + 1, f"{place} is behind the end of its line ({width}): {problem.message}"


def _snapshot(data: bytes, folder: Path) -> None:
    from ckaudit.sources.snapshot import read_snapshot
    from ckaudit.sources.snapshot_lines import object_lines

    path = folder / "account.json"
    path.write_bytes(data)
    read_snapshot(folder)
    count = data.count(b"\n") + 1
    assert all(1 <= line <= count for line in object_lines(path).values())


def _audit(data: bytes, folder: Path) -> None:
    """A snapshot is audited with every rule and drawn in every format."""
    from ckaudit.engine.pipeline import audit
    from ckaudit.graph.build import build_graph
    from ckaudit.graph.export import GraphFormat, export
    from ckaudit.observed.observe import observe
    from ckaudit.sources.manifest import parse_manifest
    from ckaudit.sources.snapshot import read_snapshot

    (folder / "account.json").write_bytes(data)
    account = read_snapshot(folder)
    manifest = parse_manifest(_without_number(), "automations.yaml", account, _stacks())
    graph = build_graph(account, manifest, _stacks(), NOW)
    _draw(audit(observe(graph, None), _rules(), None, _raise))
    for form in GraphFormat:
        export(graph, form)


@functools.cache
def _without_number() -> str:
    """The demo's manifest for any account."""
    return re.sub(r"(?m)^account:.*$", "", (DEMO / "automations.yaml").read_text("utf-8"))


def _raise(_: object, error: Exception) -> None:
    raise error


def _draw(result: object) -> None:
    from ckaudit.model.result import Result
    from ckaudit.render.formats import LISTED, render_result

    assert isinstance(result, Result)
    for form in LISTED:
        made = render_result(result, form)
        (made if isinstance(made, bytes) else made.encode("utf-8", "replace")).decode()


def _result(data: bytes, folder: Path) -> None:
    from ckaudit.engine.baseline import compare_results, only_new
    from ckaudit.render.diff import render_diff
    from ckaudit.sources.results import read_result

    path = folder / "result.json"
    path.write_bytes(data)
    result = read_result(path)
    _draw(only_new(result, result))
    _draw(result)
    for form in ("text", "json", "markdown"):
        render_diff(compare_results(result, result), form)


def _manifest(data: bytes, folder: Path) -> None:
    from ckaudit.graph.build import build_graph
    from ckaudit.sources.manifest import check_manifest, read_manifests

    path = folder / "automations.yaml"
    path.write_bytes(data)
    stacks = _stacks()
    problems = check_manifest([path], None, stacks)
    check_places(data, tuple(problems), YAML_BREAKS)
    manifest = read_manifests([path], None, stacks)
    assert all(problem.warning for problem in problems)
    build_graph(None, manifest, stacks, NOW)


def _shorthand(data: bytes, _: Path) -> None:
    """Shorthand that is clear comes back as it was meant, and as a manifest."""
    from ckaudit.sources.manifest import parse_manifest
    from ckaudit.sources.shorthand import Names, manifest_yaml, read, write
    from ckaudit.sources.snapshot import read_snapshot

    text = data.decode("utf-8", "replace")
    names = Names(read_snapshot(DEMO))
    reading = read(text, names)
    check_places(data, tuple(problem.of_file("x") for problem in reading.problems), YAML_BREAKS)
    if not reading.problems:
        written = "".join(write(item, names) for item in reading.automations)
        assert "".join(write(item, names) for item in read(written, names).automations) == written
        parse_manifest(manifest_yaml(reading.automations, names, reading.comments), "x", names.account, _stacks())


def _list(data: bytes, _: Path) -> None:
    """A page with a list of automations is read or said to be not understood."""
    from ckaudit.sources.automation_list import read_page

    page = read_page(data.decode("utf-8", "replace"))
    assert all(item.name for item in page.found)


def _config(data: bytes, folder: Path) -> None:
    from ckaudit.sources.config import read_config

    path = folder / "ckaudit.toml"
    path.write_bytes(data)
    config = read_config(path)
    check_places(data, tuple(Problem("", place) for place in config.places.values()), "\n")
    if "\r" not in data.decode():
        _check_keys(data.decode("utf-8-sig"), config.places)


def _check_keys(text: str, places: Mapping[tuple[str | int, ...], Location]) -> None:
    """Where a key is said to stand, it stands."""
    lines = text.split("\n")
    for path, place in places.items():
        if path and isinstance(path[-1], str):
            found = lines[place.line - 1][place.column - 1 :]
            plain = path[-1].isascii() and re.fullmatch(r"[\w-]+", path[-1])
            assert not plain or path[-1] in found or "\\" in found or found.startswith(("[", "'", '"')), (path, found)


def _fleet(data: bytes, folder: Path) -> None:
    from ckaudit.sources.fleet_file import read_fleet

    (folder / "clients" / "carl").mkdir(parents=True, exist_ok=True)
    (folder / "clients" / "carl" / "account.json").touch()
    path = folder / "FLEET.toml"
    path.write_bytes(data)
    fleet = read_fleet(path)
    check_places(data, tuple(Problem("", account.location) for account in fleet.accounts), "\n")


def _events(data: bytes, folder: Path) -> None:
    from ckaudit.evidence.mine import mine
    from ckaudit.sources.evidence_file import read_evidence

    (folder / EVENTS_FILE).write_bytes(data)
    evidence = read_evidence(folder)
    if evidence is not None:
        mine(evidence.events, now=int(NOW.timestamp()))


def _partial(data: bytes, folder: Path) -> None:
    from ckaudit.kit.credentials import Credential, CredentialKind
    from ckaudit.sources.evidence import PARTIAL_FILE as EVIDENCE_PARTIAL_FILE
    from ckaudit.sources.evidence import saved_evidence
    from ckaudit.sources.resume import read_saved
    from ckaudit.sources.snapshot import PARTIAL_FILE

    for name in (PARTIAL_FILE, EVIDENCE_PARTIAL_FILE):
        (folder / name).write_bytes(data)
    read_saved(folder, Credential(CredentialKind.KEY, "kit_0123456789"))
    saved_evidence(folder, 27)


def _body(data: bytes, _: Path) -> None:
    """One answer of Kit: as a refusal that is put into words, and as a page whose objects are of any sort."""
    from ckaudit.kit.client import UnexpectedResponseError
    from ckaudit.kit.credentials import Credential, CredentialKind
    from ckaudit.kit.decode import decode_list
    from ckaudit.kit.http import Response
    from ckaudit.kit.messages import describe
    from ckaudit.kit.paging import read_document

    words = describe(
        Response(422, data, request_id=data[:40].decode("latin-1")), "GET /v4/tags", Credential(CredentialKind.KEY, "kit_0123456789")
    )
    assert len(words) < 400
    assert words.isprintable()
    with contextlib.suppress(UnexpectedResponseError):
        for value in read_document(data).values():
            for section in SectionName:
                decode_list(section, (value, *_items(value)), str(section))


def _items(value: msgspec.Raw) -> tuple[msgspec.Raw, ...]:
    try:
        return msgspec.json.decode(value, type=tuple[msgspec.Raw, ...])
    except (ValueError, RecursionError):
        return ()


def _pull(data: bytes, _: Path) -> None:
    """Kit answers every request with these bytes, once as a success and once as a refusal."""
    from ckaudit.kit.http import Params, Response, TransportError
    from ckaudit.model.evidence import day_of
    from ckaudit.sources.evidence_plan import EvidenceRequest
    from ckaudit.sources.live import read_account

    for status, later in ((200, 200), (200, 403), (403, 403)):
        count = 0

        async def transport(path: str, params: Params, status: int = status, later: int = later) -> Response | TransportError:
            nonlocal count
            count += 1
            if count > 400:  # a list that never ends
                return TransportError("enough")
            return Response(status if path == "/v4/account" else later, _account_body(data) if path == "/v4/account" else data)

        wanted = EvidenceRequest(now=NOW, days=180, max_people=2000, whole=lambda _: frozenset(), announce=lambda *_: None)
        assert day_of(NOW)
        pulled = _loop().run(_read_with(transport, wanted, read_account))
        assert pulled is not None


@functools.cache
def _loop() -> asyncio.Runner:
    return asyncio.Runner()


def _account_body(data: bytes) -> bytes:
    return data if b'"account"' in data else b'{"account": {"id": 27, "name": "A"}}'


async def _read_with(transport: object, wanted: object, read: Callable[..., object]) -> object:
    from ckaudit.kit.client import Client
    from ckaudit.kit.credentials import Credential, CredentialKind
    from ckaudit.kit.limiter import RateLimiter
    from ckaudit.kit.timing import Timing

    now = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    timing = Timing(now=lambda: now, sleep=sleep, chance=lambda: 0.5)
    client = Client(transport, Credential(CredentialKind.KEY, "kit_0123456789"), RateLimiter(10_000, timing), timing)  # type: ignore[arg-type]
    return await read(client, evidence=wanted)  # type: ignore[misc]


def _cases(data: bytes, folder: Path) -> None:
    from ckaudit.testing.cases import case_account, read_cases

    rule = next(item for item in _rules() if item.rule.code == "CK202")
    moved = folder / rule.file.name
    moved.with_suffix(".cases.yaml").write_bytes(data)
    for case in read_cases(type(rule)(rule.rule, rule.check, rule.docs, moved))[:3]:
        case_account(case)


def _logo(data: bytes, _: Path) -> None:
    from ckaudit.render.branding import read_logo

    logo = read_logo(data)
    assert not re.search(rb"<script|javascript:|\son\w+=", logo.data, re.IGNORECASE) or logo.type == "image/png"


def _text(data: bytes, _: Path) -> None:
    """What stands in an account as free text: emails, addresses, words for the report."""
    from ckaudit.graph.content.liquid import read_html, read_line
    from ckaudit.graph.content.model import MailPart
    from ckaudit.kit.redact import Labels, redact_text, redact_url
    from ckaudit.render.markdown_subset import safe_url, to_html

    text = data.decode("utf-8", "replace")
    read_html(text)
    read_line(text, MailPart.SUBJECT)
    once = redact_url(text, Labels())
    assert redact_url(once, Labels()) == once
    redact_text(text, Labels())
    safe_url(text)
    assert "<script" not in to_html(text).lower()


def _key(data: bytes, folder: Path) -> None:
    from ckaudit.kit.credentials import find_credential
    from ckaudit.sources.files import read_key

    (folder / "key").write_bytes(data)
    find_credential({}, read_key(folder / "key"))


@functools.cache
def _stacks() -> dict[str, Stack]:
    from ckaudit.sources.stacks import read_stacks

    return read_stacks()


@functools.cache
def _rules() -> tuple:  # type: ignore[type-arg]
    from ckaudit.resources import rules_folder

    return load_rules((rules_folder(),))


@functools.cache
def demo_result() -> bytes:
    """The demo account's result."""
    from ckaudit.engine.pipeline import audit
    from ckaudit.graph.build import build_graph
    from ckaudit.observed.observe import observe
    from ckaudit.render.json import render_json
    from ckaudit.sources.manifest import read_manifests
    from ckaudit.sources.snapshot import read_snapshot

    account = read_snapshot(DEMO)
    manifest = read_manifests([DEMO / "automations.yaml"], account, _stacks())
    return render_json(audit(observe(build_graph(account, manifest, _stacks(), NOW), None), _rules())).encode()


@functools.cache
def evidence_seed() -> bytes:
    """A small evidence file with links in it."""
    from ckaudit.model.account import SectionStatus
    from ckaudit.model.events import make_events
    from ckaudit.model.evidence import Evidence, ListRead
    from ckaudit.model.refs import Key, Kind
    from ckaudit.sources.evidence_file import evidence_bytes

    people = np.repeat(np.arange(40), 2)
    seconds = 1_790_000_000 + people * 7200 + np.tile([0, 3], 40)
    events = make_events(people, np.tile([1, 2], 40), np.tile([11, 5], 40), seconds, np.zeros(80))
    lists = (
        ListRead(Key(Kind.TAG, 11), SectionStatus.COMPLETE, None),
        ListRead(Key(Kind.SEQUENCE, 5), SectionStatus.PARTIAL, 1_780_000_000),
    )
    return evidence_bytes(Evidence(events, lists, 1_790_035_200))


def _files(*paths: Path) -> Callable[[], tuple[bytes, ...]]:
    return lambda: tuple(path.read_bytes() for path in paths)


TEXT_MUTATORS = (mutated_bytes, mutated_text, mutated_text)
JSON_MUTATORS = (mutated_bytes, mutated_json, mutated_json, mutated_json)

TARGETS = {
    target.name: target
    for target in (
        Target("snapshot", _snapshot, _files(DEMO / "account.json"), JSON_MUTATORS),
        Target("audit", _audit, _files(SEEDS / "account.json"), (mutated_json,)),
        Target("result", _result, lambda: (demo_result(),), JSON_MUTATORS),
        Target("manifest", _manifest, _files(DEMO / "automations.yaml"), TEXT_MUTATORS, YAML_BREAKS),
        Target("shorthand", _shorthand, _files(SEEDS / "shorthand.txt"), TEXT_MUTATORS, YAML_BREAKS),
        Target("list", _list, _files(SEEDS / "list.html", SEEDS / "list.txt"), TEXT_MUTATORS),
        Target("config", _config, _files(SEEDS / "ckaudit.toml"), TEXT_MUTATORS),
        Target("fleet", _fleet, _files(SEEDS / "FLEET.toml"), TEXT_MUTATORS),
        Target("events", _events, lambda: (evidence_seed(),), (mutated_bytes, mutated_archive, mutated_archive)),
        Target("partial", _partial, _files(SEEDS / "partial.jsonl"), TEXT_MUTATORS),
        Target("body", _body, _files(SEEDS / "page.json"), JSON_MUTATORS),
        Target("pull", _pull, _files(SEEDS / "page.json"), JSON_MUTATORS),
        Target("cases", _cases, lambda: (_case_file(),), TEXT_MUTATORS, YAML_BREAKS),
        Target("logo", _logo, _files(SEEDS / "logo.svg", SEEDS / "logo.png"), (mutated_bytes,)),
        Target("text", _text, _files(SEEDS / "email.html"), (mutated_bytes,)),
        Target("shorthand", typed.shorthand, typed.shorthand_seeds, TEXT_MUTATORS),
        Target("paste", typed.paste, typed.paste_seeds, TEXT_MUTATORS),
        Target("shape", typed.shape, typed.shape_seeds, (mutated_bytes,)),
        Target("key", _key, lambda: (b"kit_0123456789abcdef\n",), (mutated_bytes,)),
    )
}


def _case_file() -> bytes:
    text: bytes = next(item for item in _rules() if item.rule.code == "CK202").cases_file.read_bytes()
    return text
