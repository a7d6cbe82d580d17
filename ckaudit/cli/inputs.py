"""Reads what a command names: a snapshot, a live account, the demo, or a manifest alone. Says on the way where things come from."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from ckaudit.cli.progress import Bar
from ckaudit.cli.request import account_request, find_credential, pull_request
from ckaudit.cli.terminal import CREDENTIAL_VARIABLES, Terminal
from ckaudit.cli.unsaved import Unsaved
from ckaudit.kit.budget import format_time
from ckaudit.model.account import SectionStatus
from ckaudit.model.config import Config
from ckaudit.model.errors import InputError, NothingToAuditError, UsageError
from ckaudit.model.refs import Kind
from ckaudit.render.plain import count
from ckaudit.sources.files import remove
from ckaudit.sources.manifest import read_manifests
from ckaudit.sources.manifest.places import find_manifests, manifest_folders, misnamed
from ckaudit.sources.snapshot import ACCOUNT_FILE, folder_of, write_snapshot
from ckaudit.sources.stacks import read_stacks

if TYPE_CHECKING:
    from ckaudit.audit import AuditRequest, Inputs
    from ckaudit.model.evidence import Evidence
    from ckaudit.model.pulled import Pulled
    from ckaudit.pull import PullRequest
    from ckaudit.sources.evidence_plan import EvidencePlan

MAX_FILES_SHOWN = 3


def open_inputs(options: Mapping[str, Any], config: Config, terminal: Terminal) -> Inputs:
    """Read what the options of a command name."""
    return read(account_request(options, config), config, options, terminal, Unsaved(terminal))


def read(request: AuditRequest, config: Config, options: Mapping[str, Any], terminal: Terminal, unsaved: Unsaved) -> Inputs:
    """Read what a command asks for; over the API where it names no account and there is a credential. ``unsaved`` holds it then.

    Raises:
        CkauditError: there is nothing to audit, or it cannot be read.
    """
    from ckaudit.audit import manifests_of, read_inputs, stack_of

    credential = find_credential(options["api_key_file"], terminal) if request.source is None else None
    named = bool(request.manifests or config.file.manifest)
    if request.source is None and not credential and not named:
        raise _nothing()
    files = manifests_of(request, config)
    if request.source == Path() and options["snapshot"] is None:
        terminal.note(_here(terminal))
    if request.source in files or (request.source is None and not credential):
        terminal.note("No account is read: the manifest is audited alone, and names in it stand for themselves.")
    elif files and not named:
        terminal.note(automations_from(files))
    elif not files and isinstance(request.source, Path) and (near := misnamed(request.source)):
        terminal.say(f"{near} was not read: a list of automations is called automations.yaml. Rename it, or name it with --manifest.")
    request = msgspec.structs.replace(request, manifests=files)
    if credential:
        stack_of(request, config, read_stacks())  # what is wrong is reported before minutes of reading
        if files:
            read_manifests(files, None, read_stacks())
        pulled = pull(pull_request(options, credential, request), terminal, _ignore)
        unsaved.hold(pulled)
        request = msgspec.structs.replace(request, source=pulled)
    with unsaved.kept_on_error():
        inputs = read_inputs(request, config)
    if isinstance(request.source, Path):
        _save(inputs, request.source, options.get("save"))
    return inputs


def pull(request: PullRequest, terminal: Terminal, on_problem: Callable[[InputError], None]) -> Pulled:
    """Read an account over the API, drawing progress. ``on_problem`` is called with what is wrong with manifests.

    Raises:
        IncompleteError: nothing could be read, or somebody pressed Ctrl-C.
    """
    from ckaudit.pull import pull_account

    bar = Bar(terminal)
    bar.update(0, 1, 0)

    def announce(plan: EvidencePlan, seconds: float) -> None:
        bar.end()
        if plan.lists:
            terminal.note(format_plan(plan, seconds))

    def problem(error: InputError) -> None:
        bar.end()
        on_problem(error)

    def ask(question: str) -> bool:
        bar.end()
        return terminal.asks(question)

    try:
        with _log_shown(terminal):
            return pull_account(request, progress=bar, announce=announce, on_problem=problem, ask=ask)
    finally:
        bar.end()


@contextmanager
def _log_shown(terminal: Terminal) -> Iterator[None]:
    """What the client logs is said on standard error: long waits, and with ``-v`` such things as the ids of refused requests."""
    logger, handler = logging.getLogger("ckaudit"), logging.Handler()
    handler.emit = lambda record: terminal.say(record.getMessage())  # type: ignore[method-assign]
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel((logging.ERROR, logging.WARNING, logging.INFO)[min(terminal.verbosity, 1) + 1])
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


def named_manifests(paths: tuple[Path, ...], snapshot: Path | None, config: Config, terminal: Terminal) -> tuple[Path, ...]:
    """The manifests a command works on: those it names, else those of the configuration, else those that are found.

    Raises:
        UsageError: the folder of a snapshot is named where a manifest is expected.
    """
    for path in paths:
        if path.is_dir() and is_snapshot(path):
            command = click.get_current_context().command_path
            raise UsageError(
                f"{path} is the folder of a snapshot, not a manifest", hint=f"Run `{command} --snapshot {shlex.quote(str(path))}`."
            )
    configured = tuple(config.folder / name for name in config.file.manifest)
    if paths or configured:
        return paths or configured
    found = find_manifests(*(manifest_folders(snapshot) if snapshot else ()), Path(), *((config.folder,) if config.path else ()))
    if found:
        terminal.note(automations_from(found))
    return found


def automations_from(files: Sequence[Path]) -> str:
    """Where the automations come from: the first files by name, as there may be one for each automation."""
    shown, more = files[:MAX_FILES_SHOWN], len(files) - MAX_FILES_SHOWN
    rest = f" and {count(more, 'more file')}" if more > 0 else ""
    return f"Automations: {', '.join(map(str, shown))}{rest}"


def is_snapshot(path: Path) -> bool:
    """Whether somebody who names this path means an account: a folder made by ``ckaudit pull``, or its ``account.json``."""
    return path.name == ACCOUNT_FILE and path.is_file() if not path.is_dir() else (path / ACCOUNT_FILE).is_file()


def format_plan(plan: EvidencePlan, seconds: float) -> str:
    """``Timestamps of 300 tags, 20 forms and 15 sequences: about 400 requests, about 3 min. …``"""
    tags, forms, sequences = (_count(plan, kind) for kind in (Kind.TAG, Kind.FORM, Kind.SEQUENCE))
    taking = format_time(seconds) if seconds >= 1 else "no waiting"
    requests = "1 request" if plan.requests == 1 else f"about {plan.requests} requests"
    return (
        f"Reading timestamps of {tags}, {forms} and {sequences}: {requests}, {taking}. "
        "--no-evidence leaves them out; Ctrl-C keeps what there is."
    )


def _count(plan: EvidencePlan, kind: Kind) -> str:
    number = plan.count(kind)
    return f"{number} {kind}{'' if number == 1 else 's'}"


def gaps(evidence: Evidence | None) -> list[str]:
    """What of the timestamps could not be read, one sentence each."""
    if evidence is None:
        return []
    refused = sum(item.status is SectionStatus.REFUSED for item in evidence.lists)
    partial = sum(item.status is SectionStatus.PARTIAL for item in evidence.lists)
    shorter = len(evidence.shorter)
    return [
        *([f"timestamps: Kit did not show the people of {refused} of {len(evidence.lists)} tags, forms and sequences"] if refused else []),
        *([f"timestamps: {shorter} of {len(evidence.lists)} lists of people only for the last days, as they are long"] if shorter else []),
        *([f"timestamps: {partial} of {len(evidence.lists)} lists of people only in part"] if partial else []),
    ]


def _ignore(_: InputError) -> None:
    """Say nothing yet: what is wrong with a manifest ends the audit that follows, and what was read until then is kept."""


def _nothing() -> NothingToAuditError:
    path = click.get_current_context().command_path
    return NothingToAuditError(
        "there is nothing to audit" if path.endswith("scan") else "no account is named",
        hint=(
            f"Three ways: set KIT_API_KEY and run `{path}` to read your account; `{path} DIR` with a snapshot made by "
            "`ckaudit pull -o DIR`; or `ckaudit scan --demo` to see an example."
        ),
    )


def _here(terminal: Terminal) -> str:
    """That the account in the working directory is read, and not the one that a key in the environment opens."""
    said = f"Account: {ACCOUNT_FILE} in this folder."
    has_key = any(terminal.environ.get(name) for name in CREDENTIAL_VARIABLES)
    return f"{said} Kit is not asked; `ckaudit pull -o .` reads it anew." if has_key else said


def _save(inputs: Inputs, source: Path, folder: Path | None) -> None:
    """Keep a stored account in another folder, too, without people's addresses."""
    if folder is None or inputs.account is None or folder.resolve() == folder_of(source).resolve():
        return
    write_snapshot(folder, msgspec.structs.replace(inputs.account, with_emails=False))
    _save_evidence(folder, inputs.evidence)


def _save_evidence(folder: Path, evidence: Evidence | None) -> None:
    """Store timestamps beside an account that was stored; without any, none stay from before. Raises OutputError."""
    from ckaudit.sources.events import EVENTS_FILE
    from ckaudit.sources.evidence_file import write_evidence
    from ckaudit.sources.people_file import PEOPLE_FILE

    remove(folder / PEOPLE_FILE)
    if evidence:
        write_evidence(folder, evidence)
    else:
        remove(folder / EVENTS_FILE)
