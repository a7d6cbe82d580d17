"""The rows of all accounts as one result: counted, and in order of need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ckaudit.fleet.audit import Titles
from ckaudit.model.errors import ExitStatus
from ckaudit.model.fleet import AccountRow, FleetResult, FleetRule, FleetSummary, RowStatus, RuleHits
from ckaudit.model.result import Tool
from ckaudit.version import __version__


def make_result(
    rows: Iterable[AccountRow],
    titles: Mapping[str, tuple[str, str]],
    *,
    name: str,
    generated_at: str,
    shard: str = "",
    shard_of: str = "",
    missing_shards: tuple[str, ...] = (),
    version: str = __version__,
) -> FleetResult:
    """The result. Same rows in any order, same result. A shard that is missing is accounts that were not audited: exit status 3."""
    ordered = tuple(sorted(rows, key=need))
    statuses = [row.exit_status for row in ordered] + [ExitStatus.INCOMPLETE for _ in missing_shards]
    return FleetResult(
        tool=Tool("ckaudit", version),
        generated_at=generated_at,
        name=name,
        shard=shard,
        shard_of=shard_of,
        missing_shards=missing_shards,
        summary=_summary(ordered, max(statuses, default=ExitStatus.CLEAN)),
        rules=_rules(ordered, titles),
        accounts=ordered,
    )


def need(row: AccountRow) -> tuple[object, ...]:
    """Sort key: most errors first, then most warnings, then the lowest score, first of all those of which too little could be judged
    for one. Accounts that were not audited stand behind all others."""
    counts, score = row.summary, -1 if row.summary.score is None else row.summary.score
    return not row.is_audited, -counts.error, -counts.warning, score, -counts.info, row.name


def _summary(rows: tuple[AccountRow, ...], exit_status: ExitStatus) -> FleetSummary:
    scores = [row.summary.score for row in rows if row.summary.score is not None and not row.is_partial]
    statuses = [row.status for row in rows]
    return FleetSummary(
        accounts=len(rows),
        audited=statuses.count(RowStatus.AUDITED),
        incomplete=statuses.count(RowStatus.INCOMPLETE),
        failed=statuses.count(RowStatus.FAILED),
        not_run=statuses.count(RowStatus.NOT_RUN),
        error=sum(row.summary.error for row in rows),
        warning=sum(row.summary.warning for row in rows),
        info=sum(row.summary.info for row in rows),
        suppressed=sum(row.summary.suppressed for row in rows),
        new=sum(row.change.new for row in rows if row.change),
        fixed=sum(row.change.fixed for row in rows if row.change),
        unchanged=sum(row.change.unchanged for row in rows if row.change),
        not_confirmed=sum(row.change.not_confirmed for row in rows if row.change),
        score=round(sum(scores) / len(scores)) if scores else None,
        partial=sum(row.is_partial for row in rows),
        exit_status=exit_status,
    )


def _rules(rows: tuple[AccountRow, ...], titles: Mapping[str, tuple[str, str]]) -> tuple[FleetRule, ...]:
    """The rules with findings: in the most accounts first, then the worst, then the most people."""
    found: dict[str, list[RuleHits]] = {}
    for row in rows:
        for hits in row.rules:
            found.setdefault(hits.rule, []).append(hits)
    rules = []
    for code, all_hits in found.items():
        people = [hits.people for hits in all_hits if hits.people is not None]
        name, title = titles.get(code, ("", ""))
        severity = min((hits.severity for hits in all_hits), key=lambda item: item.rank)
        findings = sum(hits.findings for hits in all_hits)
        rules.append(FleetRule(code, name, title, severity, len(all_hits), findings, max(people, default=None)))
    return tuple(sorted(rules, key=lambda rule: (-rule.accounts, rule.severity.rank, -(rule.people or 0), -rule.findings, rule.rule)))


def titles_in(result: FleetResult) -> Titles:
    """Name and title of the rules of a result."""
    return {rule.rule: (rule.name, rule.title) for rule in result.rules}
