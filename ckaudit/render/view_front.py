"""The first page, for the owner of the account."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ckaudit.engine.baseline import compare_results
from ckaudit.engine.score import grade
from ckaudit.model.automations import Origin
from ckaudit.model.findings import Harm, Severity
from ckaudit.model.result import Result
from ckaudit.model.rules import Theme
from ckaudit.model.trend import point_of
from ckaudit.render.client import client_gaps, for_client, questions
from ckaudit.render.configured import configured_sentences
from ckaudit.render.coverage import files_named, is_list_given, judged_only, needs_a_list, rules_with_findings, to_judge_more, unseen
from ckaudit.render.options import RenderOptions, View
from ckaudit.render.plain import count, cut, plural
from ckaudit.render.scores import judged_part
from ckaudit.render.since import lost_sentences
from ckaudit.render.trend import make_trend
from ckaudit.render.view import Change, Count, FindingView, FrontPage, Group, SubScore
from ckaudit.render.vocabulary import THEMES, format_date

MAX_PUT_RIGHT = 10
MAX_ACTIONS = 5
MAX_REASONS = 5
MAX_OFFERINGS = 12


def front_page(result: Result, groups: tuple[Group, ...], options: RenderOptions) -> FrontPage:
    """What an owner needs when they read one page only. ``groups`` are the findings of their view."""
    is_for_client = options.view is View.CLIENT
    found = [finding for group in groups for finding in group.findings]
    counts = tuple(Count(str(item), sum(finding.severity == item for finding in found)) for item in Severity)
    asked, more = questions(result) if is_for_client else ((), 0)
    return FrontPage(
        scope=_scope(result, with_files=not is_for_client),
        score=result.summary.score,
        grade=str(result.summary.grade),
        judged_percent=result.summary.judged_percent,
        sentences=plain_sentences(for_client(result) if is_for_client else result),
        harms=tuple(harm_lines(found)),
        counts=counts,
        asked=len(result.findings) - len(found),
        actions=tuple(sorted(groups, key=lambda group: not group.new)[:MAX_ACTIONS]),
        nothing=_nothing_to_do(result, for_client=is_for_client),
        areas=_sub_scores(result, "theme"),
        offerings=_sub_scores(result, "offering")[:MAX_OFFERINGS],
        gaps=client_gaps(result) if is_for_client else gaps(result),
        questions=asked,
        more_questions=more,
        change=change_since(options.baseline, result) if options.baseline else None,
        trend=make_trend((*options.history, point_of(result))) if options.history else None,
    )


def _sub_scores(result: Result, kind: str) -> tuple[SubScore, ...]:
    """Of the areas or the offerings, without those of which too little was judged and without the audit's own."""
    return tuple(
        SubScore(THEMES.get(item.name) or cut(item.name, 80), item.score, str(grade(item.score, item.judged_percent)), judged_part(item))
        for item in result.scores
        if item.kind == kind and item.score is not None and item.name != Theme.AUDIT
    )


def plain_sentences(result: Result) -> tuple[str, str, str]:
    """The result in three sentences: what was looked at, what was found, what is in order."""
    return _looked_at(result), _found(result), _in_order(result)


_HARMS = {
    Harm.LOCKED_OUT: "Paid, and perhaps locked out",
    Harm.LEAK: "Access or data that leaks",
    Harm.MONEY: "Sales, refunds and fees",
    Harm.ANNOYANCE: "What annoys your readers",
}


def harm_lines(findings: Sequence[FindingView]) -> Iterator[str]:
    """What the findings do, the worst harm first: how many places, and how many people the widest of them reaches. Notes do no harm."""
    for harm, title in _HARMS.items():
        ours = [finding for finding in findings if finding.harm == harm.rank and finding.severity != Severity.INFO]
        widest = max(ours, key=lambda finding: finding.people or 0, default=None)
        paid = f" × {widest.price}" if widest and widest.price else ""
        people = f", at most {count(widest.people, 'person', 'people')}{paid} in one of them" if widest and widest.people else ""
        if ours:
            yield f"{title}: {count(len(ours), 'finding')}{people}."


def _scope(result: Result, *, with_files: bool) -> tuple[str, ...]:
    account, lines = result.account, []
    if account.id is not None:
        plan = f", plan {cut(account.plan_type, 40)}" if account.plan_type else ""
        lines.append(f"Account {account.id}" + plan)
    files = files_named(result.coverage.manifest)
    if with_files and files and is_list_given(result):
        lines.append(f"Automations from {files}, {'a complete list' if result.coverage.manifest.complete else 'perhaps not all'}")
    if result.coverage.evidence.events:
        lines.append(f"{result.coverage.evidence.events:,} timestamps of people")
    return tuple(lines)


def _looked_at(result: Result) -> str:
    kinds = [item.object.kind for item in result.inventory]
    parts = [count(kinds.count(kind), kind) for kind in ("tag", "sequence", "form") if kind in kinds]
    if described := sum(automation.origin is not Origin.OBSERVED and automation.is_described for automation in result.automations):
        parts.append(count(described, "automation"))
    if not parts:
        return "There was hardly anything to look at."
    things = f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]
    return f"This audit looked at {things}."


def _found(result: Result) -> str:
    errors = [finding for finding in result.findings if finding.severity is Severity.ERROR]
    warnings = sum(finding.severity is Severity.WARNING for finding in result.findings)
    only = judged_only(result)
    if not result.findings:
        besides = only + besides_these(result)
        return f"Nothing was found{besides}." if besides else "It found nothing wrong."
    if errors:
        reach = max(finding.people or 0 for finding in errors)
        reached = f" The widest of them reaches at most {count(reach, 'person', 'people')}." if reach else ""
        harm = "it harms people or loses money now" if len(errors) == 1 else "they harm people or lose money now"
        return f"It found {count(len(errors), 'urgent problem')}: {harm}.{reached}"
    if warnings:
        accepted, are = _accepted(result, Severity.ERROR), "is" if warnings == 1 else "are"
        return f"Nothing urgent{only}{accepted}. {count(warnings, 'problem')} {are} likely to cost you people or money."
    notes = len(result.findings)
    accepted = _accepted(result, Severity.ERROR, Severity.WARNING)
    return f"Nothing urgent and nothing important{only}{accepted}. {count(notes, 'thing')} {'is' if notes == 1 else 'are'} good to know."


def besides_these(result: Result) -> str:
    """What was found and is not shown as something to do, as the end of a sentence that says nothing was found; else empty."""
    hidden = result.summary.hidden
    below = count(hidden, "finding") + f" below the chosen level {'is' if hidden == 1 else 'are'} not shown"
    return _accepted(result, *Severity) + (f"; {below}" if hidden else "")


def _accepted(result: Result, *severities: Severity) -> str:
    number = sum(item.finding.severity in severities for item in result.suppressed)
    return f", besides {count(number, 'finding')} that {'was' if number == 1 else 'were'} accepted" if number else ""


def _nothing_to_do(result: Result, *, for_client: bool) -> str:
    """What stands in the place of a list of things to do that is empty; where little was judged, what would make it more."""
    besides = besides_these(result)
    if not (only := judged_only(result)):
        return f"Nothing that needs to be done was found{besides}." if besides else "Nothing needs to be done."
    only += besides
    lists = "Write down the automations and rules that Kit's screens show, and more can be judged."
    missing = "See “What could not be seen” below: with that, more can be judged."
    if for_client:
        return f"Nothing that needs to be done was found{only}. {missing if is_list_given(result) else lists}"
    more = to_judge_more(result)
    found = f"Nothing that needs to be done was found{only}."
    return f"{found} {more[:1].upper()}{more[1:]}." if more else f"{found} {missing}"


def _in_order(result: Result) -> str:
    passed, open_checks = len(result.passed), len(result.not_evaluated) + len(result.crashed)
    judged = passed + len(rules_with_findings(result))
    sentence = f"{passed:,} of {judged:,} checks found everything in order." if judged else "No check could be judged."
    if not open_checks:
        return sentence
    say = "says" if open_checks == 1 else "say"
    return f"{sentence} {count(open_checks, 'check')} could not be judged, and {say} so below."


def _not_judged(result: Result) -> tuple[str, ...]:
    """Why checks could not be judged: those that only lack a list of the automations in one sentence, the others one by one."""
    titles = {rule.code: rule.passing for rule in result.rules}
    open_checks = [*result.crashed, *(item for item in result.not_evaluated if not needs_a_list(item, result))]
    waiting = len(result.crashed) + len(result.not_evaluated) - len(open_checks)
    lines = [
        f"Not judged: “{titles.get(item.rule, item.name)}” ({item.rule}), because {cut(item.reason.rstrip('.'), 300)}."
        for item in open_checks
    ]
    if waiting:
        one = "{n} check needs a list of the automations and rules. Write down what Kit's screens show, and it can be judged."
        many = "{n} checks need a list of the automations and rules. Write down what Kit's screens show, and they can be judged."
        lines.insert(0, plural(waiting, one, many))
    return tuple(lines)


def gaps(result: Result) -> tuple[str, ...]:
    """What the audit could not see and, of the checks, could not judge: one sentence each, the first few of the checks."""
    sentences = unseen(result)
    if hidden := result.summary.hidden:
        sentences.append(f"{count(hidden, 'finding')} below the chosen level {'is' if hidden == 1 else 'are'} not shown.")
    return (*lost_sentences(result.since), *configured_sentences(result), *sentences, *_not_judged(result)[:MAX_REASONS])


def change_since(baseline: Result, result: Result) -> Change:
    """How many findings came, went and stayed. ``unclear`` are those of which nobody knows."""
    diff = compare_results(baseline, result)
    since = diff.since
    return Change(
        date=format_date(baseline.generated_at),
        new=len(diff.new),
        fixed=len(since.fixed) + len(since.gone),
        still=len(diff.unchanged) + len(diff.worse) + len(diff.milder),
        unclear=len(since.redescribed) + len(since.covered) + len(since.not_judged) + len(since.not_asked),
        score_before=baseline.summary.score,
        put_right=tuple(f"{cut(item.title, 160)}: “{cut(item.object.name, 80)}”" for item in (*since.fixed, *since.gone)[:MAX_PUT_RIGHT]),
    )
