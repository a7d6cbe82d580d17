"""The exit status of an audit."""

from __future__ import annotations

import enum
from collections.abc import Iterable

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


def fails_unjudged(asked: bool | None, fail_on: FailOn, *, has_baseline: bool) -> bool:
    """Whether what could not be judged gives exit status 1. Where nobody said: with a baseline, unless nothing at all is to fail."""
    return has_baseline and fail_on is not FailOn.NEVER if asked is None else asked


def diff_status(diff: ResultDiff, fail_on: FailOn, *, unjudged: bool = False) -> ExitStatus:
    """1 when something at or above ``fail_on`` is new or weighs more than before; with ``unjudged`` also when the later result could not
    judge what the earlier one could. That is what ``exit_status`` says of the later result with the earlier one as its baseline."""
    failed = _fails(diff.counted, fail_on) or (unjudged and diff.since.is_open)
    return ExitStatus.FINDINGS if failed else ExitStatus.CLEAN


def exit_status(result: Result, fail_on: FailOn = FailOn.WARNING, *, incomplete: bool = False, unjudged: bool = False) -> ExitStatus:
    """The highest status that applies. ``incomplete`` says that the account could not be read to the end. With ``unjudged`` rules that
    could not be judged, and names that the account does not have, count like findings; with a baseline those that it could judge."""
    statuses = [ExitStatus.CLEAN]
    if _fails(result.findings, fail_on) or (unjudged and is_unjudged(result)):
        statuses.append(ExitStatus.FINDINGS)
    if incomplete:
        statuses.append(ExitStatus.INCOMPLETE)
    if result.crashed:
        statuses.append(ExitStatus.BUG)
    return max(statuses)


def is_unjudged(result: Result) -> bool:
    """Whether anything that was to be judged could not be; with a baseline, anything that it could judge."""
    if result.since is not None:
        return result.since.is_open
    return bool(result.not_evaluated or result.unresolved)


def _fails(findings: Iterable[ReportedFinding], fail_on: FailOn) -> bool:
    return fail_on is not FailOn.NEVER and any(finding.severity.rank <= Severity(fail_on).rank for finding in findings)
