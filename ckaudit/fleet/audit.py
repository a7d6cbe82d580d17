"""The audit of one account of several, in a worker process: reads a snapshot, runs the rules, writes the reports, hands back a row."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import msgspec

from ckaudit.engine.configure import check_comments, check_objects
from ckaudit.engine.exit_status import FailOn, exit_status
from ckaudit.engine.load import LoadedRule, load_rules
from ckaudit.engine.pipeline import audit
from ckaudit.engine.prepare import prepare
from ckaudit.fleet.jobs import Job, choice_for
from ckaudit.fleet.past import change_since, keep, past_of
from ckaudit.graph.build import build_graph
from ckaudit.model.branding import Branding
from ckaudit.model.config import Config
from ckaudit.model.errors import BugError, CkauditError, Location, NothingToAuditError, UsageError
from ckaudit.model.findings import Finding, Severity
from ckaudit.model.fleet import AccountRow, RowStatus, RuleHits, WorstFinding
from ckaudit.model.nearest import did_you_mean
from ckaudit.model.result import Result
from ckaudit.model.stack import Stack
from ckaudit.observed.observe import observe
from ckaudit.render.branding import make_branding
from ckaudit.render.formats import format_for, render_bytes
from ckaudit.render.options import RenderOptions
from ckaudit.resources import rules_folder
from ckaudit.sources.config import read_config, read_logo_file, rule_folders
from ckaudit.sources.evidence_file import read_evidence
from ckaudit.sources.files import write_atomically
from ckaudit.sources.manifest import read_manifests
from ckaudit.sources.manifest.places import find_manifests, manifest_folders
from ckaudit.sources.snapshot import read_snapshot
from ckaudit.sources.snapshot_lines import lines_in
from ckaudit.sources.stacks import read_stacks

MAX_REASON = 500

Titles = dict[str, tuple[str, str]]


class Audited(msgspec.Struct, frozen=True):
    """What comes back of one account: its row, and name and title of the rules in it by code."""

    row: AccountRow
    titles: Titles = {}


def audit_account(job: Job) -> Audited:
    """Audit one account. Whatever goes wrong becomes its row: the other accounts are not touched."""
    try:
        return _audit(job)
    except CkauditError as error:
        return Audited(failed_row(job, error))
    except Exception as error:  # noqa: BLE001  a bug that one account shows must not end the others
        return Audited(failed_row(job, bug_of(error)))


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


def _audit(job: Job) -> Audited:
    config = read_config(job.config) if job.config else Config()
    if job.snapshot is None:
        raise NothingToAuditError("nothing of this account was read")
    account = read_snapshot(job.snapshot)
    paths = manifests_of(job, config, job.snapshot)
    stacks = _stacks()
    manifest = read_manifests(paths, account, stacks) if paths else None
    evidence = None if job.wishes.evidence is False else read_evidence(_folder_of(job.snapshot))
    if evidence and config.file.test_tags:
        from ckaudit.evidence.testers import without_testers

        evidence = without_testers(evidence, account, config.file.test_tags)
    loaded = _rules((rules_folder(), *(job.wishes.rules or rule_folders(config, named=job.config_is_named))))
    prepared = prepare(config, loaded, choice_for(job, config))
    graph = build_graph(account, manifest, stacks, job.wishes.now, _stack(job.stack or config.file.stack, stacks))
    check_comments(graph.manifest.ignores, prepared.known)
    check_objects(config, graph)
    result = audit(observe(graph, evidence), prepared.rules, prepared.settings)
    past = past_of(job.history, result)
    reports = _write(job, result, RenderOptions(branding=_branding(job, config), baseline=past.last, history=past.points))
    if job.unfinished is None:
        keep(job.history, result)
    fail_on = FailOn(job.wishes.fail_on or config.file.fail_on or FailOn.WARNING)
    row = _row(job, result, fail_on)
    return Audited(msgspec.structs.replace(row, reports=reports, change=change_since(past, result)), _titles(result))


def manifests_of(job: Job, config: Config, snapshot: Path) -> tuple[Path, ...]:
    """The manifests of an account: those of the fleet file, those of its configuration, or those in or beside its snapshot."""
    if job.manifests:
        return job.manifests
    folder = job.config.parent if job.config else Path()
    return tuple(folder / name for name in config.file.manifest) or find_manifests(*manifest_folders(job.beside or snapshot))


def _folder_of(snapshot: Path) -> Path:
    return snapshot if snapshot.is_dir() else snapshot.parent


@lru_cache(maxsize=4)
def _rules(folders: tuple[Path, ...]) -> tuple[LoadedRule, ...]:
    return load_rules(folders)


@lru_cache(maxsize=1)
def _stacks() -> Mapping[str, Stack]:
    return read_stacks()


def _stack(name: str | None, stacks: Mapping[str, Stack]) -> str | None:
    if name is not None and name not in stacks:
        raise UsageError(f"there is no stack “{name}”", hint=did_you_mean(name, stacks))
    return name


def _branding(job: Job, config: Config) -> Branding:
    """Whose report it is: the configuration, then what the fleet file says."""
    table, folder = config.file.report, config.path.parent if config.path else Path()

    def place(key: str) -> Location:
        return config.place("report", key)

    made = make_branding(table, read_logo_file(table, folder, place("logo")), place)
    return msgspec.structs.replace(made, **job.branding)


def _write(job: Job, result: Result, options: RenderOptions) -> dict[str, str]:
    """Write the reports; their paths as seen from the folder of the run."""
    if job.folder is None:
        return {}
    forms = {name: format_for(name) for name in job.reports}
    if job.place is not None and any(form.points_at_lines for form in forms.values()):
        file, lines = lines_in(job.place)
        options = msgspec.structs.replace(options, account_file=file, account_lines=lines)
    for name, form in forms.items():
        write_atomically(job.folder / name, render_bytes(form.name, result, options))
    return {name: f"{job.folder.name}/{name}" for name in forms}


def _row(job: Job, result: Result, fail_on: FailOn) -> AccountRow:
    unfinished = job.unfinished
    status = exit_status(result, fail_on)
    reasons = [unfinished.message] if unfinished else [f"{item.rule}: {item.reason}" for item in result.crashed[:1]]
    return AccountRow(
        name=job.name,
        labels=job.labels,
        status=RowStatus.INCOMPLETE if unfinished else RowStatus.AUDITED,
        exit_status=max(status, unfinished.exit_status) if unfinished else status,
        reason="".join(reasons)[:MAX_REASON],
        hint=unfinished.hint if unfinished else "",
        audited_at=result.generated_at,
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
    return WorstFinding(first.rule, first.name, first.severity or Severity.INFO, first.title, first.object, first.people)


def _hits(result: Result) -> tuple[RuleHits, ...]:
    found: dict[str, list[Finding]] = {}
    for finding in result.findings:
        found.setdefault(finding.rule, []).append(finding)
    return tuple(
        RuleHits(
            rule,
            min((finding.severity or Severity.INFO for finding in findings), key=lambda severity: severity.rank),
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
