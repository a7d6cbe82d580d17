"""``--list-people``: whom findings count, in a file of its own for the owner of the account."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ckaudit.cli.outputs import keep_input
from ckaudit.cli.terminal import Terminal, write_bytes
from ckaudit.model.errors import UsageError
from ckaudit.render.people import render_people

if TYPE_CHECKING:
    from ckaudit.audit import Audited, Inputs


class People:
    """The list that was asked for with ``--list-people``; without it, nothing is written. ``reads`` are files the command reads."""

    def __init__(self, options: Mapping[str, Any], reads: Iterable[Path]) -> None:
        self.file: Path | None = options["list_people"]
        if self.file is not None:
            _check_file(self.file, options["outputs"])
            keep_input(self.file, "--list-people", reads)
            if options["no_evidence"]:
                raise UsageError("--list-people needs people's timestamps, and --no-evidence leaves them out", hint="Give one of the two.")

    def check(self, read: Inputs, terminal: Terminal) -> None:
        """Raise UsageError when nobody knows who the numbers are; a reading that broke off ends in a note, as its audit is still wanted."""
        if self.file is None or read.roster is not None:
            return
        if read.problem:
            terminal.note(f"{self.file} is not written: the timestamps of people were not read.")
            return
        if read.evidence is None:
            message = "--list-people: no timestamps of people were read, so no finding knows whom it counts"
            raise UsageError(message, hint="Scan your account live, or a snapshot made with `ckaudit pull -o DIR --with-emails`.")
        message = "--list-people: this snapshot knows people by numbers of its own, not by Kit's subscriber ids"
        hint = "Scan live (`ckaudit scan --list-people FILE`, without a snapshot), or pull again: `ckaudit pull -o DIR --with-emails`."
        raise UsageError(message, hint=hint)

    def write(self, audited: Audited, terminal: Terminal) -> None:
        """Write the list of those whom the findings shown count. Raises OutputError."""
        if self.file is None or audited.people is None:
            return
        write_bytes(self.file, render_people(audited.people, self.file.suffix.lower()).encode("utf-8", "replace"))
        entries = "1 entry" if len(audited.people) == 1 else f"{len(audited.people)} entries"
        terminal.note(f"Written: {self.file} ({entries}). It names people: keep it to yourself.")


def _check_file(path: Path, outputs: tuple[Path, ...]) -> None:
    """Only a file of its own will do. Raises UsageError."""
    hint = "Name a file of its own, such as people.csv or people.json. The result stays free of people."
    try:
        special = not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        special = False
    if str(path) == "-" or special:
        raise UsageError(f"--list-people: {path} is not a file, and the list is not mixed with anything else", hint=hint)
    if path.suffix.lower() not in (".csv", ".json"):
        raise UsageError(f"--list-people: “{path.name}” names no format", hint=hint)
    if any(path.absolute() == output.absolute() for output in outputs):
        raise UsageError(f"--list-people and -o both name {path}", hint=hint)
