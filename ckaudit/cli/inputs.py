"""Where the account and the automations of a command come from: a snapshot, a live account, the demo, or a manifest alone."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ckaudit.cli.progress import Bar
from ckaudit.cli.terminal import Terminal
from ckaudit.model.account import Account
from ckaudit.model.automations import Manifest
from ckaudit.model.errors import IncompleteError, NothingToAuditError, UsageError
from ckaudit.model.stack import Stack

if TYPE_CHECKING:
    from ckaudit.graph.graph import Graph
    from ckaudit.kit.credentials import Credential

MANIFEST_FILE = "automations.yaml"
MANIFEST_FOLDER = "automations"
MANIFEST_SUFFIXES = (".yaml", ".yml")


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says about inputs. ``save`` is the folder a live pull is kept in."""

    snapshot: Path | None = None
    manifests: tuple[Path, ...] = ()
    stack: str | None = None
    now: dt.datetime
    demo: bool = False
    save: Path | None = None
    api_key_file: str | None = None
    api_url: str | None = None


class Inputs(msgspec.Struct, frozen=True):
    """What there is to audit. ``problem`` tells why a live account was read in part only."""

    account: Account | None
    manifest: Manifest | None
    stacks: Mapping[str, Stack]
    problem: IncompleteError | None = None


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
    account, problem, paths = _account(request, terminal)
    manifest = read_manifests(paths, account, stacks) if paths else None
    return Inputs(account, manifest, stacks, problem)


def open_graph(request: Request, terminal: Terminal) -> tuple[Graph, IncompleteError | None]:
    """The graph of what the command line asks for, and why it is incomplete, if it is."""
    from ckaudit.graph.build import build_graph

    inputs = read_inputs(request, terminal)
    return build_graph(inputs.account, inputs.manifest, inputs.stacks, request.now, request.stack), inputs.problem


def _check_stack(name: str | None, stacks: Mapping[str, Stack]) -> None:
    from ckaudit.engine.nearest import suggestion

    if name is not None and name not in stacks:
        raise UsageError(f"--stack: there is no stack “{name}”", hint=suggestion(name, stacks))


def _account(request: Request, terminal: Terminal) -> tuple[Account | None, IncompleteError | None, tuple[Path, ...]]:
    """The account if there is one, the problem on the way, and the manifest files."""
    if request.demo and request.snapshot:
        raise UsageError("--demo and a snapshot exclude each other", hint="Give one of them.")
    if request.snapshot and request.snapshot.suffix in MANIFEST_SUFFIXES and not request.snapshot.is_dir():
        return _manifest_alone((request.snapshot, *request.manifests), terminal)
    if request.demo or request.snapshot:
        return _stored(request, terminal)
    credential = find_credential(request, terminal)
    if credential:
        account, problem = pull_account(request, credential, terminal)
        return account, problem, request.manifests or default_manifests(request.save, terminal)
    if request.manifests:
        return _manifest_alone(request.manifests, terminal)
    raise NothingToAuditError(
        "there is nothing to audit",
        hint=(
            "Three ways: set KIT_API_KEY and run `ckaudit scan` to read your account; `ckaudit scan DIR` with a snapshot made by "
            "`ckaudit pull -o DIR`; or `ckaudit scan --demo` to see an example."
        ),
    )


def _manifest_alone(paths: tuple[Path, ...], terminal: Terminal) -> tuple[None, None, tuple[Path, ...]]:
    terminal.note("No account is read: the manifest is audited alone, and names in it stand for themselves.")
    return None, None, paths


def _stored(request: Request, terminal: Terminal) -> tuple[Account, None, tuple[Path, ...]]:
    from ckaudit.resources import demo_folder
    from ckaudit.sources.snapshot import read_snapshot, write_snapshot

    place = demo_folder() if request.demo or request.snapshot is None else request.snapshot
    account = read_snapshot(place)
    if request.save:
        write_snapshot(request.save, account)
    return account, None, request.manifests or default_manifests(place, terminal)


def default_manifests(place: Path | None, terminal: Terminal) -> tuple[Path, ...]:
    """``automations.yaml`` and ``automations/*.yaml`` in the snapshot's folder, else beside it, else in the working directory."""
    folders = [Path()]
    if place:
        folder = place if place.is_dir() else place.parent
        folders = [folder, folder.parent if place.is_dir() else folder, Path()]
    for candidate in folders:
        first = candidate / MANIFEST_FILE
        more = sorted(path for suffix in MANIFEST_SUFFIXES for path in (candidate / MANIFEST_FOLDER).glob(f"*{suffix}"))
        found = (*([first] if first.is_file() else []), *more)
        if found:
            terminal.note(f"Automations: {', '.join(str(_short(path)) for path in found)}")
            return tuple(_short(path) for path in found)
    return ()


def _short(path: Path) -> Path:
    """The path as seen from the working directory, when it lies below: results then say the same on every machine."""
    try:
        return path.resolve().relative_to(Path.cwd()) if path.is_absolute() else path
    except ValueError:
        return path


def find_credential(request: Request, terminal: Terminal) -> Credential | None:
    """The credential to read an account with; None when there is none. Raises CredentialsError when it is malformed."""
    from ckaudit.kit.credentials import KEY_VARIABLE, TOKEN_VARIABLE, find_credential
    from ckaudit.sources.files import read_key

    environ = terminal.environ
    if request.api_key_file is None and KEY_VARIABLE not in environ and not environ.get(TOKEN_VARIABLE, "").strip():
        return None
    if request.api_key_file is None:
        return find_credential(environ)
    if request.api_key_file == "-":
        return find_credential(environ, sys.stdin.read() if sys.stdin else "", "standard input")
    return find_credential(environ, read_key(Path(request.api_key_file)), request.api_key_file)


def pull_account(request: Request, credential: Credential, terminal: Terminal) -> tuple[Account, IncompleteError | None]:
    """Read an account over the API, drawing progress.

    Raises:
        IncompleteError: nothing could be read, or somebody pressed Ctrl-C.
    """
    from ckaudit.kit.http import DEFAULT_API_URL
    from ckaudit.sources.live import pull

    bar = Bar(terminal)
    bar.update(0, 1, 0)
    try:
        pulled = pull(credential, api_url=request.api_url or DEFAULT_API_URL, folder=request.save, progress=bar)
    finally:
        bar.end()
    if pulled.problem and (pulled.account.info is None or pulled.problem.message == "interrupted"):
        raise pulled.problem
    return pulled.account, pulled.problem
