"""Where the account and the automations of a command come from: a snapshot, a live account, the demo, or a manifest alone."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from ckaudit.cli.evidence import evidence_request, keep_evidence, stored_evidence, stored_roster
from ckaudit.cli.progress import Bar
from ckaudit.cli.terminal import Terminal
from ckaudit.model.account import Account
from ckaudit.model.automations import Manifest
from ckaudit.model.config import Config
from ckaudit.model.errors import IncompleteError, InterruptedPullError, NothingToAuditError, UsageError
from ckaudit.model.stack import Stack
from ckaudit.sources.manifest.places import MANIFEST_SUFFIXES, find_manifests, manifest_folders

if TYPE_CHECKING:
    from ckaudit.graph.graph import Graph
    from ckaudit.kit.credentials import Credential
    from ckaudit.model.evidence import Evidence
    from ckaudit.model.roster import Roster
    from ckaudit.observed.account import ObservedAccount
    from ckaudit.sources.live import Pulled


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says about inputs. ``save`` is the folder a live pull is kept in, ``config_folder`` the configuration's.

    ``no_evidence``: timestamps are not wanted, as in commands that make no use of them. ``test_tags``: tags of people who only test.
    """

    snapshot: Path | None = None
    manifests: tuple[Path, ...] = ()
    stack: str | None = None
    now: dt.datetime
    demo: bool = False
    save: Path | None = None
    config_folder: Path | None = None
    api_key_file: str | None = None
    api_url: str | None = None
    no_evidence: bool = True
    evidence_days: int = 180
    evidence_max: int = 2000
    with_emails: bool = False
    list_people: Path | None = None
    test_tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Inputs:
    """What there is to audit. ``problem`` tells why a live account was read in part only, ``roster`` who the people are, if it is known."""

    account: Account | None
    manifest: Manifest | None
    stacks: Mapping[str, Stack]
    problem: IncompleteError | None = None
    evidence: Evidence | None = None
    roster: Roster | None = None


def request_of(options: Mapping[str, Any]) -> Request:
    """What the options of a command say about inputs."""
    return Request(**{name: options[name] for name in Request.__struct_fields__ if name in options})


def read_inputs(request: Request, terminal: Terminal) -> Inputs:
    """Read what the command line asks for, say where it comes from.

    Raises:
        CkauditError: there is nothing to audit, or it cannot be read.
    """
    from ckaudit.sources.manifest import read_manifests
    from ckaudit.sources.stacks import read_stacks

    stacks = read_stacks()
    _check_stack(request.stack, stacks)
    found, paths = _account(request, terminal)
    manifest = read_manifests(paths, found.account, stacks) if paths else None
    return Inputs(found.account, manifest, stacks, found.problem, found.evidence, found.roster)


def open_account(request: Request, terminal: Terminal) -> tuple[ObservedAccount, IncompleteError | None]:
    """What the command line asks for, and why it is incomplete, if it is."""
    inputs = read_inputs(request, terminal)
    return observe_inputs(graph_of(inputs, request), inputs, request), inputs.problem


def graph_of(inputs: Inputs, request: Request) -> Graph:
    """The graph of what was read."""
    from ckaudit.graph.build import build_graph

    return build_graph(inputs.account, inputs.manifest, inputs.stacks, request.now, request.stack)


def observe_inputs(graph: Graph, inputs: Inputs, request: Request) -> ObservedAccount:
    """The account with what its timestamps show, those of testers left out."""
    from ckaudit.observed.observe import observe

    evidence = inputs.evidence
    if evidence and inputs.account and request.test_tags:
        from ckaudit.evidence.testers import without_testers

        evidence = without_testers(evidence, inputs.account, request.test_tags)
    return observe(graph, evidence)


def _check_stack(name: str | None, stacks: Mapping[str, Stack]) -> None:
    from ckaudit.model.nearest import did_you_mean

    if name is not None and name not in stacks:
        raise UsageError(f"--stack: there is no stack “{name}”", hint=did_you_mean(name, stacks))


@dataclass(frozen=True)
class _Found:
    """The account if there is one, the problem on the way, the timestamps if there are any, and who the people are, if it is known."""

    account: Account | None = None
    problem: IncompleteError | None = None
    evidence: Evidence | None = None
    roster: Roster | None = None


def _account(request: Request, terminal: Terminal) -> tuple[_Found, tuple[Path, ...]]:
    """What is read, and the manifest files."""
    if request.demo and request.snapshot:
        raise UsageError("--demo and a snapshot exclude each other", hint="Give one of them.")
    if request.snapshot and request.snapshot.suffix in MANIFEST_SUFFIXES and not request.snapshot.is_dir():
        return _manifest_alone((request.snapshot, *request.manifests), terminal)
    if request.demo or request.snapshot:
        return _stored(request, terminal)
    credential = find_credential(request, terminal)
    if credential:
        paths = request.manifests or default_manifests(request.save, terminal, request.config_folder)
        pulled = pull_account(request, credential, terminal, paths)
        return _Found(pulled.account, pulled.problem, pulled.evidence, pulled.roster), paths
    if request.manifests:
        return _manifest_alone(request.manifests, terminal)
    path = click.get_current_context().command_path
    raise NothingToAuditError(
        "there is nothing to audit" if path.endswith("scan") else "no account is named",
        hint=(
            f"Three ways: set KIT_API_KEY and run `{path}` to read your account; `{path} DIR` with a snapshot made by "
            "`ckaudit pull -o DIR`; or `ckaudit scan --demo` to see an example."
        ),
    )


def _manifest_alone(paths: tuple[Path, ...], terminal: Terminal) -> tuple[_Found, tuple[Path, ...]]:
    terminal.note("No account is read: the manifest is audited alone, and names in it stand for themselves.")
    return _Found(), paths


def _stored(request: Request, terminal: Terminal) -> tuple[_Found, tuple[Path, ...]]:
    from ckaudit.resources import demo_folder
    from ckaudit.sources.snapshot import read_snapshot, write_snapshot

    place = demo_folder() if request.demo or request.snapshot is None else request.snapshot
    account = read_snapshot(place)
    evidence = None if request.no_evidence else stored_evidence(place)
    roster = stored_roster(place) if request.list_people and evidence else None
    folder = place if place.is_dir() else place.parent
    if request.save and request.save.resolve() != folder.resolve():
        write_snapshot(request.save, msgspec.structs.replace(account, with_emails=False))
        keep_evidence(request.save, evidence)
    return _Found(account, None, evidence, roster), request.manifests or default_manifests(place, terminal, request.config_folder)


def default_manifests(place: Path | None, terminal: Terminal, config_folder: Path | None = None) -> tuple[Path, ...]:
    """``automations.yaml`` and ``automations/*.yaml`` in the snapshot's folder, else beside it, else in the working directory, else beside
    the configuration."""
    found = find_manifests(*(manifest_folders(place) if place else ()), Path(), *((config_folder,) if config_folder else ()))
    if found:
        terminal.note(f"Automations: {', '.join(str(path) for path in found)}")
    return found


def named_manifests(paths: tuple[Path, ...], snapshot: Path | None, config: Config, terminal: Terminal) -> tuple[Path, ...]:
    """The manifests a command works on: those it names, else those of the configuration, else those that are found."""
    folder = config.path.parent if config.path else None
    configured = tuple(folder / name for name in config.file.manifest) if folder else ()
    return paths or configured or default_manifests(snapshot, terminal, folder)


def find_credential(request: Request, terminal: Terminal) -> Credential | None:
    """The credential to read an account with; None when there is none. Raises CredentialsError when it is malformed."""
    from ckaudit.kit.credentials import KEY_VARIABLE, TOKEN_VARIABLE, find_credential
    from ckaudit.sources.files import read_key

    environ = terminal.environ
    if request.api_key_file is None and KEY_VARIABLE not in environ and not environ.get(TOKEN_VARIABLE, "").strip():
        return None
    match request.api_key_file:
        case None:
            found = find_credential(environ)
        case "-":
            found = find_credential(environ, sys.stdin.read() if sys.stdin else "", "standard input")
        case file:
            found = find_credential(environ, read_key(Path(file)), file)
    terminal.credentials = (found,)
    return found


def pull_account(request: Request, credential: Credential, terminal: Terminal, manifests: tuple[Path, ...] | None = None) -> Pulled:
    """Read an account over the API, drawing progress. ``manifests`` help to tell which tags matter; None: those beside the snapshot,
    where a fault in them does not end the reading.

    Raises:
        IncompleteError: nothing could be read, or somebody pressed Ctrl-C.
        ManifestError: a manifest that was given is wrong.
    """
    from ckaudit.kit.http import DEFAULT_API_URL
    from ckaudit.sources.live import pull

    bar = Bar(terminal)
    bar.update(0, 1, 0)
    wanted = None if request.no_evidence else evidence_request(request, manifests, terminal, bar)
    try:
        pulled = pull(credential, api_url=request.api_url or DEFAULT_API_URL, folder=request.save, progress=bar, evidence=wanted)
    finally:
        bar.end()
    if pulled.problem and (pulled.account.info is None or isinstance(pulled.problem, InterruptedPullError)):
        raise pulled.problem
    return pulled
