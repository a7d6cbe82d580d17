"""One account of several, in a worker process: audits it, writes its reports, hands back its row."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import msgspec

from ckaudit.audit import Audited, audit_inputs, plan_audit, read_inputs
from ckaudit.engine.exit_status import FailOn
from ckaudit.engine.load import LoadedRule, load_rules
from ckaudit.fleet.jobs import Job
from ckaudit.history import add_to_history, change_since, earlier_audits, with_earlier
from ckaudit.model.errors import BugError, CkauditError, NothingToAuditError
from ckaudit.model.findings import ReportedFinding
from ckaudit.model.fleet import AccountRow, Change, RowStatus, RuleHits, WorstFinding
from ckaudit.model.result import Result
from ckaudit.outputs import Written, write_outputs
from ckaudit.render.formats import format_for
from ckaudit.render.locations import in_snapshot
from ckaudit.render.options import RenderOptions
from ckaudit.sources.results import read_result

MAX_REASON = 500
BASELINE_FILES = ("baseline.json", "result.json")
"""Where the result of an account is in the folder of an earlier run."""

Titles = dict[str, tuple[str, str]]


class FinishedAccount(msgspec.Struct, frozen=True):
    """What comes back of one account: its row, and name and title of the rules in it by code."""

    row: AccountRow
    titles: Titles = {}


def audit_account(job: Job) -> FinishedAccount:
    """Audit one account. Whatever goes wrong becomes its row: the other accounts are not touched."""
    try:
        return _audit(job)
    except CkauditError as error:
        return FinishedAccount(failed_row(job, error))
    except Exception as error:  # noqa: BLE001  a bug that one account shows must not end the others
        return FinishedAccount(failed_row(job, bug_of(error)))


def failed_row(job: Job, error: CkauditError) -> AccountRow:
    """The row of an account that could not be audited."""
    first, *more = (str(error.problems[0]) if error.problems else str(error)).split("\n")
    words = first[:MAX_REASON] + (f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else "")
    return AccountRow(
        name=job.name,
        labels=job.labels,
        status=RowStatus.FAILED,
        exit_status=error.exit_status,
        reason=words,
        hint=" ".join(more).strip(),
        digest=job.digest,
    )


def bug_of(error: BaseException) -> BugError:
    """An unexpected error as a sentence; its own words stay out, they may quote the account."""
    return BugError(f"ckaudit has a bug here ({type(error).__name__})", hint="`ckaudit scan` of this account with -v -v shows more.")


def _audit(job: Job) -> FinishedAccount:
    if job.audit.source is None:
        raise NothingToAuditError("nothing of this account was read")
    baseline = baseline_of(job)
    asked = job.audit
    if job.baseline and baseline is None and asked.fail_on_unjudged is None:
        # as little is known of it as of a change to an account that nobody audited before
        asked = msgspec.structs.replace(asked, fail_on_unjudged=asked.fail_on is not FailOn.NEVER)
    plan = plan_audit(msgspec.structs.replace(asked, baseline=baseline), load=_rules)
    audited = audit_inputs(plan, read_inputs(plan.request, plan.config))
    result = audited.result
    earlier = earlier_audits(job.history, result)
    branding = msgspec.structs.replace(audited.branding, **job.branding)
    options = RenderOptions(branding=branding, baseline=baseline, fail_on=str(plan.fail_on), unjudged=plan.fails_unjudged)
    written = _write(job, result, with_earlier(options, earlier))
    add_to_history(job.history, result, incomplete=job.unfinished is not None)
    row = msgspec.structs.replace(
        _row(job, audited, written.problems),
        reports={path.name: f"{path.parent.name}/{path.name}" for path in written.files},
        change=_since_baseline(result, baseline) if job.baseline else change_since(earlier, result),
    )
    return FinishedAccount(row, _titles(result))


def baseline_of(job: Job) -> Result | None:
    """The result of this account in an earlier run; None where it has none. Raises InputError when it cannot be used."""
    files = [job.baseline / name for name in BASELINE_FILES] if job.baseline else []
    found = next((file for file in files if file.exists()), None)
    return read_result(found) if found else None


def _since_baseline(result: Result, baseline: Result | None) -> Change:
    if baseline is None or result.since is None:
        return Change("", new=len(result.findings))
    since = result.since
    return Change(
        since=baseline.generated_at,
        new=len(result.findings),
        fixed=len(since.fixed) + len(since.gone),
        score_before=baseline.summary.score,
        unchanged=len(result.known),
        not_confirmed=len(since.not_judged),
        lost=len(since.lost),
    )


@lru_cache(maxsize=4)
def _rules(folders: tuple[Path, ...]) -> tuple[LoadedRule, ...]:
    """Rules, loaded once for all accounts of a process."""
    return load_rules(folders)


def _write(job: Job, result: Result, options: RenderOptions) -> Written:
    """Write the reports of an account, where any are wanted."""
    if job.folder is None:
        return Written()
    targets = {job.folder / name: format_for(name).name for name in job.reports}
    return write_outputs(result, targets, in_snapshot(options, job.place, targets.values(), changed=job.unfinished is not None))


def _row(job: Job, audited: Audited, unwritten: tuple[CkauditError, ...]) -> AccountRow:
    unfinished, result = job.unfinished, audited.result
    failed = [(item.message, item.hint, item.exit_status) for item in ((unfinished,) if unfinished else ())]
    failed += [(error.message, error.hint, error.exit_status) for error in unwritten]
    reasons = [message for message, _, _ in failed] or [f"{item.rule}: {item.reason}" for item in result.crashed[:1]]
    return AccountRow(
        name=job.name,
        labels=job.labels,
        status=RowStatus.INCOMPLETE if unfinished else RowStatus.AUDITED,
        exit_status=max([audited.exit_status, *(status for _, _, status in failed)]),
        reason="; ".join(reasons)[:MAX_REASON],
        hint=" ".join(dict.fromkeys(hint for _, hint, _ in failed if hint)),
        audited_at=result.generated_at,
        read_on=result.coverage.read_on,
        account=result.account,
        summary=result.summary,
        worst=_worst(result),
        rules=_hits(result),
        digest=job.digest,
    )


def _worst(result: Result) -> WorstFinding | None:
    if not result.findings:
        return None
    first = result.findings[0]
    return WorstFinding(first.rule, first.name, first.severity, first.title, first.object, first.people)


def _hits(result: Result) -> tuple[RuleHits, ...]:
    found: dict[str, list[ReportedFinding]] = {}
    for finding in result.findings:
        found.setdefault(finding.rule, []).append(finding)
    return tuple(
        RuleHits(
            rule,
            min((finding.severity for finding in findings), key=lambda severity: severity.rank),
            len(findings),
            max((finding.people for finding in findings if finding.people is not None), default=None),
        )
        for rule, findings in sorted(found.items())
    )


def _titles(result: Result) -> Titles:
    wanted = {finding.rule for finding in result.findings}
    return {rule.code: (rule.name, rule.title) for rule in result.rules if rule.code in wanted}


def process_number() -> int:
    """The process this runs in; a worker is asked for it when it is started."""
    return os.getpid()
