"""Puts a result together from what the rules found: joins, suppresses, filters, sorts, counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec

from ckaudit.engine.configure import Settings
from ckaudit.engine.run import RuleRun
from ckaudit.engine.score import grade, judged_percent, overall
from ckaudit.engine.sort_and_filter import is_shown
from ckaudit.engine.sub_scores import sub_scores
from ckaudit.engine.suppress import Accepted
from ckaudit.engine.unresolved import unresolved_names
from ckaudit.graph.account_map import account_map
from ckaudit.graph.describe_next import worth_describing
from ckaudit.graph.graph import Graph
from ckaudit.graph.impact import impacts
from ckaudit.graph.inventory import inventory, present
from ckaudit.model.account import SectionName, SectionStatus
from ckaudit.model.findings import Passed, ReportedFinding, Severity
from ckaudit.model.result import (
    RESULT_SCHEMA,
    AccountHead,
    Coverage,
    EvidenceCoverage,
    ManifestCoverage,
    Result,
    SectionReason,
    Summary,
    Tool,
)
from ckaudit.observed.account import ObservedAccount
from ckaudit.version import __version__


def assemble(account: ObservedAccount, runs: Sequence[RuleRun], accepted: Accepted, settings: Settings) -> Result:
    """The result of an audit. Same input, same result: ``generated_at`` is the clock of the graph."""
    graph = account.declared
    kept, suppressed = accepted.kept, accepted.suppressed
    shown = tuple(finding for finding in kept if is_shown(finding, settings))
    passed = _passed(runs)
    not_applicable = tuple(run.not_applicable for run in runs if run.not_applicable)
    not_evaluated = tuple(run.not_evaluated for run in runs if run.not_evaluated)
    return Result(
        schema=RESULT_SCHEMA,
        tool=Tool("ckaudit", __version__),
        generated_at=graph.now.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        account=_head(graph),
        coverage=_coverage(graph, account.coverage),
        summary=msgspec.structs.replace(
            _scored(kept, runs),
            **{str(severity): sum(1 for finding in shown if finding.severity is severity) for severity in Severity},
            suppressed=len(suppressed),
            passed=len(passed),
            not_evaluated=len(not_evaluated),
            not_applicable=len(not_applicable),
            hidden=len(kept) - len(shown),
        ),
        findings=shown,
        suppressed=suppressed,
        passed=passed,
        not_evaluated=not_evaluated,
        not_applicable=not_applicable,
        scores=sub_scores(graph, runs, kept),
        roles=graph.roles,
        rules=tuple(run.rule.text for run in runs),
        automations=(*graph.manifest.automations, *account.automations),
        links=account.links,
        look_linked=account.look_linked,
        without_cause=account.without_cause,
        observed=account.timelines,
        inventory=inventory(graph),
        crashed=tuple(run.crashed for run in runs if run.crashed),
        unresolved=unresolved_names(graph, runs),
        present=present(graph),
        prices={offering.name: offering.price for offering in graph.manifest.offerings if offering.price},
        map=account_map(account.observed),
        impacts=impacts(account.observed),
        hidden=tuple(finding.fingerprint for finding in kept if not is_shown(finding, settings)),
    )


def _scored(kept: Sequence[ReportedFinding], runs: Sequence[RuleRun]) -> Summary:
    """The score, which counts findings that are not shown too."""
    judged = [run.rule.rule for run in runs if run.findings or run.judged]
    percent = judged_percent(len(judged), sum(1 for run in runs if not (run.findings or run.judged or run.not_applicable)))
    points = overall(kept, len(judged), percent)
    return Summary(score=points, judged_percent=percent, grade=grade(points, percent))


def _passed(runs: Sequence[RuleRun]) -> tuple[Passed, ...]:
    return tuple(
        Passed(run.rule.rule.code, run.rule.rule.name, run.rule.rule.passing, run.judged) for run in runs if run.judged and not run.findings
    )


def _head(graph: Graph) -> AccountHead:
    info = graph.account.info
    if info is None:
        return AccountHead(id=graph.manifest.account)
    plan = (info.plan and info.plan.plan_type) or info.plan_type
    return AccountHead(info.id, info.name, plan, info.timezone.name if info.timezone else None)


def _manifest(graph: Graph) -> ManifestCoverage:
    manifest = graph.manifest
    described = sum(item.is_described for item in manifest.automations)
    return ManifestCoverage(manifest.files, manifest.complete, described, worth_describing(graph), manifest.drafts)


def _coverage(graph: Graph, evidence: EvidenceCoverage) -> Coverage:
    states = {name: graph.account.state(name) for name in SectionName} if graph.has_account else {}
    return Coverage(
        sections={str(name): str(state.status) for name, state in states.items()},
        reasons=tuple(
            SectionReason(str(name), state.reason or "") for name, state in states.items() if state.status is not SectionStatus.COMPLETE
        ),
        manifest=_manifest(graph),
        bad_objects=graph.account.bad_objects,
        not_looked_at=dict(sorted(graph.contents.not_looked_at.items())),
        with_emails=graph.account.with_emails,
        read_on=graph.account.read_on.isoformat() if graph.account.read_on else None,
        evidence=evidence,
    )
