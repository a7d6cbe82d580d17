"""What the options of a command ask for: an audit, and the reading of a live account."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ckaudit.cli.terminal import Terminal
from ckaudit.model.config import Config
from ckaudit.model.errors import UsageError
from ckaudit.model.findings import Confidence, Severity
from ckaudit.resources import demo_folder
from ckaudit.sources.files import read_key
from ckaudit.sources.manifest.places import manifest_folders
from ckaudit.sources.snapshot import ACCOUNT_FILE

if TYPE_CHECKING:
    from ckaudit.audit import AuditRequest
    from ckaudit.kit.credentials import Credential
    from ckaudit.pull import PullRequest


def audit_request(options: Mapping[str, Any]) -> AuditRequest:
    """What the options of a command say of how to audit. Options that it does not have, and those that nobody gave, say nothing."""
    from ckaudit.audit import AuditRequest
    from ckaudit.engine.exit_status import FailOn

    given = {name: value for name, value in options.items() if value not in (None, ())}
    return AuditRequest(
        rules=given.get("folders", ()),
        now=options["now"],
        select=words(given["select"]) if "select" in given else None,
        ignore=words(given["ignore"]) if "ignore" in given else None,
        min_severity=Severity(given["min_severity"]) if "min_severity" in given else None,
        min_confidence=Confidence(given["min_confidence"]) if "min_confidence" in given else None,
        fail_on=FailOn(given["fail_on"]) if "fail_on" in given else None,
        fail_on_unjudged=options.get("fail_on_unjudged"),
        suppress=not options.get("no_suppressions"),
        evidence=not options["no_evidence"],
        people="list_people" in given,
    )


def account_request(options: Mapping[str, Any], config: Config) -> AuditRequest:
    """The same, with the account and the manifests that the options name. Raises UsageError when two options exclude each other."""
    return msgspec.structs.replace(
        audit_request(options),
        source=_source(options),
        manifests=options["manifests"],
        look_in=_look_in(options, config),
        config=config,
        config_is_named=options["config"] is not None,
        stack=options["stack"],
    )


def pull_request(options: Mapping[str, Any], credential: Credential, audit: AuditRequest) -> PullRequest:
    """What the options of a command say about reading a live account."""
    from ckaudit.pull import PullRequest

    return PullRequest(
        credential=credential,
        api_url=options["api_url"],
        folder=options.get("save"),
        evidence=not options["no_evidence"],
        evidence_days=options["evidence_days"],
        evidence_max=options["evidence_max"],
        with_emails=options.get("with_emails", False),
        max_requests=options["max_requests"],
        audit=audit,
    )


def find_credential(api_key_file: str | None, terminal: Terminal) -> Credential | None:
    """The credential to read an account with; None when there is none. Raises CredentialsError when it is malformed."""
    from ckaudit.kit.credentials import KEY_VARIABLE, TOKEN_VARIABLE, find_credential

    environ = terminal.environ
    if api_key_file is None and KEY_VARIABLE not in environ and not environ.get(TOKEN_VARIABLE, "").strip():
        return None
    match api_key_file:
        case None:
            found = find_credential(environ)
        case "-":
            found = find_credential(environ, sys.stdin.read() if sys.stdin else "", "standard input")
        case file:
            found = find_credential(environ, read_key(Path(file)), file)
    terminal.credentials = (found,)
    return found


def words(values: tuple[str, ...]) -> tuple[str, ...]:
    """``("CK1,CK2", "access")`` as single words."""
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


def _source(options: Mapping[str, Any]) -> Path | None:
    """The account that is named, the demo, or the one in the working directory; None for a live one or none at all."""
    snapshot: Path | None = options["snapshot"]
    if options["demo"] and snapshot:
        raise UsageError("--demo and a snapshot exclude each other", hint="Give one of them.")
    if options["demo"]:
        return demo_folder()
    asks_kit = options.get("save") or options["api_key_file"]
    return snapshot or (None if asks_kit else account_here())


def account_here() -> Path | None:
    """The working directory, when it is a snapshot."""
    return Path() if Path(ACCOUNT_FILE).is_file() else None


def _look_in(options: Mapping[str, Any], config: Config) -> tuple[Path, ...]:
    """Where manifests may be, other than in or beside a snapshot: where a live account is kept, here, and beside the configuration."""
    saved: Path | None = options.get("save") if _source(options) is None else None
    return (*(manifest_folders(saved) if saved else ()), Path(), *((config.folder,) if config.path else ()))
