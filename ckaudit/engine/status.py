"""The exit status of an audit."""

from __future__ import annotations

import enum

from ckaudit.model.errors import ExitStatus
from ckaudit.model.findings import Severity
from ckaudit.model.result import Result


class FailOn(enum.StrEnum):
    """From which severity on findings make the exit status 1."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    NEVER = "never"


def exit_status(result: Result, fail_on: FailOn = FailOn.WARNING, *, incomplete: bool = False) -> ExitStatus:
    """The highest status that applies. ``incomplete`` says that the account could not be read to the end."""
    statuses = [ExitStatus.CLEAN]
    if fail_on is not FailOn.NEVER:
        limit = Severity(fail_on).rank
        statuses += [ExitStatus.FINDINGS for finding in result.findings if finding.severity and finding.severity.rank <= limit]
    if incomplete:
        statuses.append(ExitStatus.INCOMPLETE)
    if result.crashed:
        statuses.append(ExitStatus.BUG)
    return max(statuses)
