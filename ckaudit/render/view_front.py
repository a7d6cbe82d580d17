"""The first page, for the owner of the account."""

from __future__ import annotations

from ckaudit.engine.baseline import compare_results
from ckaudit.model.automations import Origin
from ckaudit.model.findings import Severity
from ckaudit.model.result import Result
from ckaudit.model.trend import point_of
from ckaudit.render.evidence_words import drafts, is_list_given, needs_a_list
from ckaudit.render.options import RenderOptions
from ckaudit.render.plain import amount, cut
from ckaudit.render.texts import Texts, date_words
from ckaudit.render.trend import make_trend
from ckaudit.render.view import Change, Count, FrontPage, Group
from ckaudit.render.view_findings import Source

MOST_ACTIONS = 5
MOST_REASONS = 5


def front_page(source: Source, groups: tuple[Group, ...], options: RenderOptions) -> FrontPage:
    """What an owner needs when he reads one page only."""
    result, texts = source.result, source.texts
    counts = tuple(Count(str(item), sum(finding.severity is item for finding in result.findings)) for item in Severity)
    return FrontPage(
        scope=_scope(result, texts),
        score=result.summary.score,
        sentences=plain_sentences(result, texts),
        counts=counts,
        actions=groups[:MOST_ACTIONS],
        gaps=gaps(result, texts),
        change=change_since(options.baseline, result, texts) if options.baseline else None,
        trend=make_trend((*options.history, point_of(result)), texts) if options.history else None,
    )


def plain_sentences(result: Result, texts: Texts) -> tuple[str, str, str]:
    """The result in three sentences: what was looked at, what was found, what is in order."""
    return _looked_at(result, texts), _found(result, texts), _in_order(result, texts)


def _scope(result: Result, texts: Texts) -> tuple[str, ...]:
    account, lines = result.account, []
    if account.id is not None:
        plan = texts("front.plan", plan=cut(account.plan_type, 40)) if account.plan_type else ""
        lines.append(texts("front.account", id=account.id) + plan)
    files = ", ".join(cut(name, 80) for name in result.coverage.manifest.files[:6])
    if files and is_list_given(result):
        lines.append(texts("front.manifest_complete" if result.coverage.manifest.complete else "front.manifest_open", files=files))
    if result.coverage.evidence.events:
        lines.append(texts("front.evidence", n=f"{result.coverage.evidence.events:,}"))
    return tuple(lines)


def _looked_at(result: Result, texts: Texts) -> str:
    kinds = [item.object.kind for item in result.inventory]
    parts = [texts.count(f"front.n_{kind}", kinds.count(kind)) for kind in ("tag", "sequence", "form") if kind in kinds]
    if listed := sum(automation.origin is not Origin.OBSERVED for automation in result.automations):
        parts.append(texts.count("front.n_automation", listed))
    if not parts:
        return texts("front.looked_at_nothing")
    things = texts("front.and", first=", ".join(parts[:-1]), last=parts[-1]) if len(parts) > 1 else parts[0]
    return texts("front.looked_at", things=things)


def _found(result: Result, texts: Texts) -> str:
    errors = [finding for finding in result.findings if finding.severity is Severity.ERROR]
    warnings = sum(finding.severity is Severity.WARNING for finding in result.findings)
    if not result.findings:
        return texts("front.nothing_found")
    if not errors:
        return texts.count("front.warnings", warnings) if warnings else texts.count("front.notes", len(result.findings))
    reach = max((finding.people or 0 for finding in errors), default=0)
    reached = " " + texts.count("front.reach", reach) if reach else ""
    return texts.count("front.errors", len(errors)) + reached


def _in_order(result: Result, texts: Texts) -> str:
    passed, open_checks = len(result.passed), len(result.not_evaluated) + len(result.crashed)
    judged = passed + len({finding.rule for finding in result.findings})
    sentence = texts("front.passed", passed=f"{passed:,}", judged=f"{judged:,}") if judged else texts("front.nothing_judged")
    return f"{sentence} {texts.count('front.open', open_checks)}" if open_checks else sentence


def _not_judged(result: Result, texts: Texts) -> tuple[str, ...]:
    """Why checks could not be judged: those that only lack a list of the automations in one sentence, the others one by one."""
    titles = {rule.code: rule.passing for rule in result.rules}
    open_checks = [*result.crashed, *(item for item in result.not_evaluated if not needs_a_list(item, result))]
    waiting = len(result.crashed) + len(result.not_evaluated) - len(open_checks)
    return (
        *((texts.count("gap.needs_list", waiting),) if waiting else ()),
        *(
            texts("gap.not_judged", title=titles.get(item.rule, item.name), code=item.rule, reason=cut(item.reason.rstrip("."), 300))
            for item in open_checks
        ),
    )


def gaps(result: Result, texts: Texts) -> tuple[str, ...]:
    """What the audit could not see and, of the checks, could not judge: one sentence each, the first few of the checks."""
    coverage = result.coverage
    told = []
    if not coverage.sections:
        told.append(texts("gap.no_account"))
    if not coverage.manifest.files or not is_list_given(result):
        seen = any(automation.origin is Origin.OBSERVED for automation in result.automations)
        told.append(texts("gap.no_manifest_seen") if seen else texts("gap.no_manifest"))
    elif not coverage.manifest.complete:
        told.append(texts("gap.manifest_open"))
    if waiting := drafts(result):
        told.append(texts.count("gap.drafts", waiting))
    reasons = {item.section: item.reason for item in coverage.reasons}
    for section, status in coverage.sections.items():
        if status != "complete":
            reason = f": {cut(reasons[section].rstrip('.'), 300)}" if reasons.get(section) else ""
            told.append(f"{cut(section.replace('_', ' ').capitalize(), 60)} {cut(status, 40)}{reason}.")
    if coverage.bad_objects:
        told.append(texts.count("gap.bad_objects", len(coverage.bad_objects)))
    if coverage.not_looked_at:
        things = ", ".join(amount(number, cut(what, 60)) for what, number in coverage.not_looked_at.items())
        told.append(texts("gap.not_looked_at", things=things))
    if result.summary.hidden:
        told.append(texts.count("gap.hidden", result.summary.hidden))
    return (*told, *_not_judged(result, texts)[:MOST_REASONS])


def change_since(baseline: Result, result: Result, texts: Texts) -> Change:
    """How many findings came, went and stayed."""
    diff = compare_results(baseline, result)
    return Change(
        date=date_words(baseline.generated_at, texts),
        new=len(diff.new),
        fixed=len(diff.fixed),
        still=len(diff.unchanged) + len(diff.changed),
        unclear=len(diff.unclear),
        score_before=baseline.summary.score,
    )
