"""A result as text for a terminal, a pipe or a mail: readable at 80 columns and without colour."""

from __future__ import annotations

import enum
from typing import assert_never

from ckaudit.model.findings import Suppressed
from ckaudit.model.result import Result, Role
from ckaudit.render.configured import configured_sentences
from ckaudit.render.coverage import files_named, format_score, is_list_given, needs_a_list, to_judge_more, unseen, when_read
from ckaudit.render.evidence_text import by_status
from ckaudit.render.plain import clean, columns, count, cut, defused, wrap
from ckaudit.render.scores import score_sentences, unjudged_offerings
from ckaudit.render.since import lost_sentences, since_sentence
from ckaudit.render.text_findings import MAX_MESSAGE, Style, by_object, by_rule, format_object, headed


class Detail(enum.Enum):
    """How findings are shown: each in full, short and grouped by rule, or not at all."""

    FULL = "full"
    SHORT = "short"
    SUMMARY = "summary"


def render_text(
    result: Result, *, width: int = 80, colour: bool = False, verbose: int = 0, detail: Detail = Detail.FULL, repository: str = ""
) -> str:
    """The whole result. Same result and arguments, same text; ends in a newline. With a ``repository`` codes of rules are links."""
    style = Style(width, colour, verbose, repository)
    parts: list[list[str]] = [_head(result, style)] if verbose >= 0 else []
    match detail:
        case Detail.FULL:
            parts += by_object(result.findings, style)
        case Detail.SHORT:
            parts += by_rule(result.findings, style)
        case Detail.SUMMARY:
            pass
        case _:
            assert_never(detail)
    parts.append(_lost(result, style))
    if verbose >= 0:
        parts += [_crashed(result, style), _not_evaluated(result, style)]
    if verbose >= 0 and detail is not Detail.SUMMARY:
        parts += [_not_applicable(result, style), _suppressed(result, style), _passed(result, style), _roles(result, style)]
    parts.append(_summary(result, style))
    return defused("\n\n".join("\n".join(part) for part in parts if part)) + "\n"


def _head(result: Result, style: Style) -> list[str]:
    """Whose account, when, and what the audit could see."""
    account = result.account
    facts = [f"account {account.id}" if account.id is not None else "", f"plan {cut(account.plan_type, 20)}" if account.plan_type else ""]
    name = cut(account.name) or ("Kit account" if result.coverage.sections else "Manifest")
    head = f"{name} ({', '.join(part for part in facts if part)})" if any(facts) else name
    lines = headed(f"{head}, {when_read(result)}", style)
    for sentence in coverage_sentences(result):
        lines += wrap(clean(sentence), style.width, "  ")
    return lines


def coverage_sentences(result: Result) -> list[str]:
    """What the audit could see and what not, one sentence each."""
    coverage = result.coverage
    sentences = unseen(result)
    if coverage.manifest.complete and is_list_given(result):
        says = "says that it lists" if len(coverage.manifest.files) == 1 else "say that they list"
        files = files_named(coverage.manifest)
        sentences.insert(0, f"Automations come from {files}, which {says} all of them: Kit shows them to no tool.")
    if coverage.evidence.events:
        links = by_status(result.links)
        new = f", {len(links.undeclared)} of them in no automation that was named" if links.undeclared and is_list_given(result) else ""
        sentences.append(f"{coverage.evidence.events:,} timestamps of people show {count(links.found, 'link')}{new} (ckaudit discover).")
    if coverage.with_emails:
        sentences.append("The snapshot holds addresses of subscribers.")
    return sentences


_NEED_A_LIST = "Kit's API shows no automations, and no manifest describes them (-v: what each of these rules lacks)"


def _lost(result: Result, style: Style) -> list[str]:
    """What the baseline could judge and this audit could not: shown whatever was asked, as nothing of it is known to be in order."""
    sentences = lost_sentences(result.since)
    lines = headed("Lost since the baseline", style) if sentences else []
    for sentence in sentences:
        lines += wrap(clean(sentence), style.width, "  ", "    ")
    return lines


def _crashed(result: Result, style: Style) -> list[str]:
    lines = headed("Rules that failed (a bug, not your fault)", style) if result.crashed else []
    for item in result.crashed:
        lines += wrap(clean(f"{item.rule} {item.name}: {item.reason}"), style.width, "  ", "    ")
    return lines


def _not_evaluated(result: Result, style: Style) -> list[str]:
    """Grouped by reason: one missing thing usually silences many rules."""
    groups: dict[str, list[str]] = {}
    for item in result.not_evaluated:
        reason = _NEED_A_LIST if needs_a_list(item, result) and style.verbose <= 0 else item.reason
        groups.setdefault(reason, []).append(item.rule)
    return _by_reason("Not evaluated", groups, style)


def _not_applicable(result: Result, style: Style) -> list[str]:
    """Grouped by reason, and only when asked for more: nothing is missing here."""
    groups: dict[str, list[str]] = {}
    for item in result.not_applicable if style.verbose > 0 else ():
        groups.setdefault(item.reason, []).append(item.rule)
    return _by_reason("Nothing to judge", groups, style)


def _by_reason(title: str, groups: dict[str, list[str]], style: Style) -> list[str]:
    lines = headed(title, style) if groups else []
    for reason, rules in groups.items():
        lines += wrap(clean(f"{in_runs(rules)}: {cut(reason, MAX_MESSAGE)}"), style.width, "  ", "    ")
    return lines


def in_runs(codes: list[str]) -> str:
    """Codes in their order, three and more that follow one another as a run: ``CK201–CK204, CK301``."""
    runs: list[list[str]] = []
    for code in codes:
        follows = runs and code[2:].isdigit() and runs[-1][-1][2:].isdigit() and int(code[2:]) == int(runs[-1][-1][2:]) + 1
        if follows and code[:2] == runs[-1][-1][:2]:
            runs[-1].append(code)
        else:
            runs.append([code])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(run) for run in runs)


def _suppressed(result: Result, style: Style) -> list[str]:
    lines = headed("Suppressed", style) if result.suppressed else []
    for item in result.suppressed:
        text = f"{item.finding.rule} {format_object(item.finding.object)}: {format_accepted(item, place=True)}"
        lines += wrap(clean(text), style.width, "  ", "    ")
    return lines


def format_accepted(item: Suppressed, *, place: bool = False) -> str:
    """Why somebody accepted a finding, who, and until when; with ``place`` also where it is written."""
    facts = (item.owner, f"until {item.until}" if item.until else "", str(item.location or "") if place else "")
    who = f" ({', '.join(clean(fact) for fact in facts if fact)})" if any(facts) else ""
    return f"{cut(item.reason or 'no reason given', MAX_MESSAGE)}{who}"


def _passed(result: Result, style: Style) -> list[str]:
    if style.verbose <= 0 or not result.passed:
        return []
    lines = headed("Passed", style)
    for item in result.passed:
        lines += wrap(f"{item.rule} {item.title} ({item.checked:,} checked)", style.width, "  ", "    ")
    return lines


def _roles(result: Result, style: Style) -> list[str]:
    """What the tool took tags and sequences for although nobody stated it, and why."""
    inferred = [role for role in result.roles if role.origin == "inferred"]
    if not inferred:
        return []
    title = "Guessed, and to be confirmed under “offerings” in the manifest"
    return [*headed(title, style), *(f"  {line}".rstrip() for line in _roles_table(inferred, style.width - 2).splitlines())]


def _roles_table(roles: list[Role], width: int) -> str:
    from tabulate import tabulate

    first = min(20, max(4, *(columns(role.role.replace("_", " ")) for role in roles)))
    second = min(28, (width - first - 4) // 2, max(4, *(columns(format_object(role.object)) for role in roles)))
    rest = max(12, width - first - second - 4)
    rows = [
        (
            cut(role.role.replace("_", " "), first),
            "\n".join(wrap(format_object(role.object), second)),
            "\n".join(wrap(cut(role.reason, 400), rest)),
        )
        for role in roles
    ]
    return tabulate(rows, headers=("role", "what", "because"), tablefmt="simple", disable_numparse=True)


def _summary(result: Result, style: Style) -> list[str]:
    """Counts in one line, what was held back, and what to do next."""
    summary, unjudged = result.summary, unjudged_offerings(result)
    counts = [
        (count(summary.error, "error"), "error" if summary.error else ""),
        (count(summary.warning, "warning"), "warning" if summary.warning else ""),
        (f"{summary.info} info", ""),
        (f"{count(summary.passed, 'rule')} passed", ""),
        (f"{summary.not_evaluated} not evaluated", ""),
        (f"{summary.not_applicable} with nothing to judge" if summary.not_applicable else "", ""),
        (f"{count(len(unjudged), 'offering')} not judged" if unjudged else "", "warning"),
        (f"{summary.suppressed} suppressed" if summary.suppressed else "", ""),
        (f"{len(result.crashed)} failed" if result.crashed else "", "error"),
        (format_score(result), ""),
    ]
    lines = _joined([count for count in counts if count[0]], style)
    for sentence in score_sentences(result) if style.verbose >= 0 else ():
        lines += wrap(clean(sentence), style.width, "", "  ")
    if summary.hidden:
        lines += wrap(f"{count(summary.hidden, 'finding')} below --min-severity or --min-confidence not shown.", style.width)
    for sentence in (*configured_sentences(result), since_sentence(result)):
        lines += wrap(clean(sentence), style.width) if sentence else []
    if style.verbose >= 0:
        lines += wrap(f"Next: {next_step(result)}", style.width, "", "      ")
    return lines


def _joined(counts: list[tuple[str, str]], style: Style) -> list[str]:
    """Texts and their colours in one list with commas, broken between two of them where the line is full."""
    lines, used = [""], 0
    for index, (text, colour) in enumerate(counts):
        comma = "," if index < len(counts) - 1 else ""
        if used and used + 1 + len(text) + len(comma) > style.width:
            lines, used = [*lines, ""], 0
        gap = " " if used else ""
        lines[-1] += gap + (style.paint(text, colour) if colour else text) + comma
        used += len(gap) + len(text) + len(comma)
    return lines


def next_step(result: Result) -> str:
    """The one command or act that helps most now."""
    if result.findings:
        first = f"ckaudit explain {result.findings[0].rule}"
        waiting = sum(needs_a_list(item, result) for item in result.not_evaluated)
        hint = "describe them in the manifest" if result.coverage.manifest.files else "ckaudit manifest new"
        return f"{first}; for the {waiting} rules that need your automations: {hint}" if waiting > 1 else first
    return to_judge_more(result) or "nothing to do here; run the audit again after the next change in Kit"
