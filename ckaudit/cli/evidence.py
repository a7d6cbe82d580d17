"""Timestamps of people, as commands ask for them and speak about them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ckaudit.cli.progress import Bar, format_time
from ckaudit.cli.terminal import Terminal
from ckaudit.model.account import Account, SectionStatus
from ckaudit.model.errors import InputError
from ckaudit.model.refs import Key, Kind

if TYPE_CHECKING:
    from ckaudit.cli.inputs import Request
    from ckaudit.model.evidence import Evidence
    from ckaudit.model.roster import Roster
    from ckaudit.sources.evidence_plan import EvidencePlan, EvidenceRequest


def evidence_request(request: Request, manifests: tuple[Path, ...] | None, terminal: Terminal, bar: Bar) -> EvidenceRequest:
    """What to read, and how to say so. Without ``manifests`` those beside the snapshot help, as far as they can be read."""
    from ckaudit.sources.evidence_plan import EvidenceRequest

    def whole(account: Account) -> frozenset[Key]:
        bar.end()
        return _read_whole(request, account, manifests, terminal)

    def announce(plan: EvidencePlan, seconds: float) -> None:
        if plan.lists:
            terminal.note(format_plan(plan, seconds))

    return EvidenceRequest(
        now=request.now,
        days=request.evidence_days,
        max_people=request.evidence_max,
        with_emails=request.with_emails,
        whole=whole,
        announce=announce,
    )


def format_plan(plan: EvidencePlan, seconds: float) -> str:
    """``Timestamps of 300 tags, 20 forms and 15 sequences: about 400 requests, about 3 min. …``"""
    counts = f"{_many(plan, Kind.TAG)}, {_many(plan, Kind.FORM)} and {_many(plan, Kind.SEQUENCE)}"
    taking = format_time(seconds) if seconds >= 1 else "no waiting"
    requests = "1 request" if plan.requests == 1 else f"about {plan.requests} requests"
    return f"Reading timestamps of {counts}: {requests}, {taking}. --no-evidence leaves them out; Ctrl-C keeps what there is."


def _many(plan: EvidencePlan, kind: Kind) -> str:
    count = plan.count(kind)
    return f"{count} {kind}{'' if count == 1 else 's'}"


def _read_whole(request: Request, account: Account, manifests: tuple[Path, ...] | None, terminal: Terminal) -> frozenset[Key]:
    """The lists that are read whole."""
    from ckaudit.cli.inputs import default_manifests
    from ckaudit.observed.lists_to_read import read_whole

    paths = default_manifests(request.save, terminal, request.config_folder) if manifests is None else manifests
    try:
        return read_whole(account, paths, request.now, request.stack, request.test_tags)
    except InputError:
        if manifests is not None:
            raise
    terminal.note("The automations have faults, so they do not help to tell which tags matter; `ckaudit manifest check` shows them.")
    return read_whole(account, (), request.now, request.stack, request.test_tags)


def stored_evidence(place: Path) -> Evidence | None:
    """The timestamps of a snapshot (its folder, or its ``account.json``), None when it has none. Raises SnapshotError."""
    from ckaudit.sources.evidence_file import read_evidence

    return read_evidence(place if place.is_dir() else place.parent)


def stored_roster(place: Path) -> Roster | None:
    """Who the people of a snapshot are, None when it does not say. Raises SnapshotError."""
    from ckaudit.sources.people_file import read_people

    return read_people(place if place.is_dir() else place.parent)


def keep_evidence(folder: Path, evidence: Evidence | None) -> None:
    """Store timestamps beside an account that was stored; without any, none stay from before. Raises OutputError."""
    from ckaudit.sources.events import EVENTS_FILE
    from ckaudit.sources.evidence_file import write_evidence
    from ckaudit.sources.files import remove
    from ckaudit.sources.people_file import PEOPLE_FILE

    remove(folder / PEOPLE_FILE)
    if evidence:
        write_evidence(folder, evidence)
    else:
        remove(folder / EVENTS_FILE)


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
