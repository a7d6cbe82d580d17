"""The exit status of an audit."""

from __future__ import annotations

import enum

from ckaudit.engine.baseline import ResultDiff
from ckaudit.model.errors import ExitStatus
from ckaudit.model.findings import ReportedFinding, Severity
from ckaudit.model.result import Result


class FailOn(enum.StrEnum):
    """From which severity on findings make the exit status 1."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    NEVER = "never"


def diff_status(diff: ResultDiff, fail_on: FailOn) -> ExitStatus:
    """1 when something at or above ``fail_on`` is new, or weighs more than before."""
    if fail_on is FailOn.NEVER:
        return ExitStatus.CLEAN
    limit = Severity(fail_on).rank
    worse = [item.finding for item in diff.changed if item.before in tuple(Severity) and _rank(item.finding) < Severity(item.before).rank]
    return ExitStatus.FINDINGS if any(_rank(finding) <= limit for finding in (*diff.new, *worse)) else ExitStatus.CLEAN


def _rank(finding: ReportedFinding) -> int:
    return finding.severity.rank


def exit_status(result: Result, fail_on: FailOn = FailOn.WARNING, *, incomplete: bool = False) -> ExitStatus:
    """The highest status that applies. ``incomplete`` says that the account could not be read to the end."""
    statuses = [ExitStatus.CLEAN]
    if fail_on is not FailOn.NEVER:
        limit = Severity(fail_on).rank
        statuses += [ExitStatus.FINDINGS for finding in result.findings if finding.severity.rank <= limit]
    if incomplete:
        statuses.append(ExitStatus.INCOMPLETE)
    if result.crashed:
        statuses.append(ExitStatus.BUG)
    return max(statuses)
