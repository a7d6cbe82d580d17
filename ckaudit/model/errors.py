"""Every error ckaudit raises on purpose. One tree, one exit status per branch:

    CkauditError
    ├── InputError            2  what the user gave is wrong: the message says where and what was expected
    │   ├── UsageError           the command line
    │   ├── ConfigError          ckaudit.toml
    │   ├── ManifestError        automations.yaml
    │   ├── SnapshotError        account.json, events.npz
    │   └── RuleFileError        a rule file or its cases
    ├── IncompleteError       3  the audit could not be completed; what was read is kept
    │   ├── CredentialsError     Kit refused the key or token, or there is none
    │   ├── KitRefusedError      Kit answered this request with another 4xx
    │   ├── KitUnreachableError  network, proxy, 5xx, or an answer that is not Kit's
    │   ├── RateLimitedError     Kit kept answering 429 until the budget was used up
    │   ├── TooManyRequestsError more requests are needed than may be sent
    │   ├── InterruptedPullError somebody pressed Ctrl-C
    │   ├── OutputError          a result could not be written
    │   └── NothingToAuditError  no account and no manifest
    └── BugError              4  ckaudit or a rule is wrong; never the user's fault

Messages are sentences for people. They never carry a credential, a subscriber's address or a query value.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from pathlib import PureWindowsPath

import msgspec


class ExitStatus(enum.IntEnum):
    """Exit statuses of every command. When several apply the highest wins."""

    CLEAN = 0
    FINDINGS = 1
    BAD_INPUT = 2
    INCOMPLETE = 3
    BUG = 4


class Location(msgspec.Struct, frozen=True, order=True, gc=False):
    """A place in a file. ``line`` and ``column`` count from 1; 0 means the whole file."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"


class Problem(msgspec.Struct, frozen=True):
    """One thing wrong with an input: what happened, where, and what to do next. A ``warning`` does not make the input invalid."""

    message: str
    location: Location | None = None
    hint: str = ""
    warning: bool = False

    def __str__(self) -> str:
        # The message stays one line: a name quoted in it could otherwise write lines of its own.
        where = f"{self.location}: " if self.location else ""
        line = " ".join(f"{where}{'warning: ' if self.warning else ''}{self.message}".splitlines())
        return f"{line}\n  {' '.join(self.hint.splitlines())}" if self.hint else line


class CkauditError(Exception):
    """Root of the tree. ``hint`` is the next step for the user, ``problems`` every problem when there are several."""

    exit_status = ExitStatus.BUG

    def __init__(self, message: str, *, hint: str = "", location: Location | None = None, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.location = location
        self.problems = problems

    def __str__(self) -> str:
        if self.problems:
            return "\n".join(str(problem) for problem in self.problems)
        return str(Problem(self.message, self.location, self.hint))


class InputError(CkauditError):
    """Something the user gave is invalid."""

    exit_status = ExitStatus.BAD_INPUT


class UsageError(InputError):
    """The command line is wrong."""


class ConfigError(InputError):
    """``ckaudit.toml`` is wrong."""


class ManifestError(InputError):
    """A manifest is wrong."""


class SnapshotError(InputError):
    """A snapshot cannot be read."""


class RuleFileError(InputError):
    """A rule file or its cases are wrong."""


class IncompleteError(CkauditError):
    """The audit could not be completed."""

    exit_status = ExitStatus.INCOMPLETE


class CredentialsError(IncompleteError):
    """Kit refused the credential, or there is none."""


class KitRefusedError(IncompleteError):
    """Kit answered a 4xx other than 401 and 429. ``status`` is the HTTP status."""

    def __init__(self, message: str, *, status: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


class KitUnreachableError(IncompleteError):
    """Kit could not be reached, or what answered was not Kit."""


class RateLimitedError(IncompleteError):
    """Kit kept answering 429."""


class TooManyRequestsError(IncompleteError):
    """Reading on would take more requests than may be sent."""


class InterruptedPullError(IncompleteError):
    """Somebody pressed Ctrl-C while an account was read."""


class OutputError(IncompleteError):
    """A result could not be written."""


class NothingToAuditError(IncompleteError):
    """There is neither an account nor a manifest."""


class BugError(CkauditError):
    """ckaudit or a rule is wrong."""

    exit_status = ExitStatus.BUG


def together(errors: Sequence[CkauditError]) -> CkauditError:
    """Several errors as one, of the kind of the first, with the problems of all: they are corrected in one go."""
    first, *others = errors
    if not others:
        return first
    problems = [problem for error in errors for problem in error.problems or (Problem(error.message, error.location, error.hint),)]
    return type(first)(first.message, hint=first.hint, location=first.location, problems=tuple(dict.fromkeys(problems)))


def file_name(file: str) -> str:
    """The name of a file without its folders, on any system."""
    return PureWindowsPath(file).name
