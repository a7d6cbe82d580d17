"""A result as Markdown that fits into a comment on a pull request, with the flagged paths as Mermaid drawings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ckaudit.model.findings import ReportedFinding, Severity
from ckaudit.model.result import Result
from ckaudit.model.trend import point_of
from ckaudit.render.coverage import format_score, is_list_given, when_read
from ckaudit.render.draw.chart import Chart, make_chart, make_path_chart
from ckaudit.render.draw.excerpt import excerpt
from ckaudit.render.draw.mermaid import mermaid
from ckaudit.render.draw.outline import path_lines
from ckaudit.render.evidence_text import by_status, link_sentence, stopped_sentence
from ckaudit.render.options import DEFAULT_OPTIONS, RenderOptions
from ckaudit.render.plain import capital, count, cut, headcount
from ckaudit.render.readers import for_readers
from ckaudit.render.scores import score_sentences
from ckaudit.render.since import is_new, lost_sentences, since_sentence
from ckaudit.render.text import format_accepted
from ckaudit.render.text_findings import format_same
from ckaudit.render.trend import make_trend
from ckaudit.render.view_findings import flagged_automations, marks_in
from ckaudit.render.view_front import change_since, gaps, plain_sentences
from ckaudit.render.vocabulary import CONFIDENCES, SEVERITIES, kind_name

MAX_CHARACTERS = 65_000  # GitHub takes 65,536, GitLab a million
MAX_DRAWINGS = 12
MAX_LINES = 10
MAX_ACCEPTED = 15
MAX_FOLDED = 40
_ROOM_FOR_THE_END = 400
_SHAPES = {Severity.ERROR: "🟥", Severity.WARNING: "🔶", Severity.INFO: "🔵"}
_MARKS = re.compile(r"([\\`*_{}\[\]#!|~^$>])")
_AT_THE_START = re.compile(r"^(\d*)([-+=.):])")  # lists and underlines; and “::error”, which a GitHub job would obey


def render_markdown(result: Result, options: RenderOptions = DEFAULT_OPTIONS) -> str:
    """The result, worst findings first. With a baseline what is new is told, and the rest is listed in short. What does not fit is
    counted at the end."""
    result = for_readers(result, options)
    parts = [_head(result, options), *filter(None, [_lost(result), _unseen(result), _seen(result)])]
    since = result.since
    told = tuple(finding for finding in result.findings if since is None or is_new(finding, since))
    parts += [f"### New ({len(told):,})\n"] if since else []
    end = "".join([_unchanged(result), _since(result), _accepted(result)])
    used, drawings, shown = sum(map(len, (*parts, end))), 0, 0
    for number, finding in enumerate(told, 1):
        words = _finding(number, finding, result, options)
        drawing = "".join(_drawings(finding, result)) if drawings < MAX_DRAWINGS else ""
        room = MAX_CHARACTERS - _ROOM_FOR_THE_END - used
        if len(words) > room:
            break
        if drawing and len(words) + len(drawing) <= room:
            words, drawings = words + "\n" + drawing, drawings + 1
        parts.append(words)
        used, shown = used + len(words), shown + 1
    left_out = len(told) - shown
    parts.append(end + _end(result, left_out))
    return "\n".join(parts)


def _head(result: Result, options: RenderOptions) -> str:
    name = options.branding.name
    by = f", Prepared by {md(name)}" if name else ""
    lines = [f"## Kit audit: {md(result.account.name or 'Kit account')}", ""]
    lines += [f"{capital(when_read(result))}{by}", "", *plain_sentences(result), ""]
    if score := format_score(result):
        lines += [f"**{score[0].upper()}{score[1:]}**", ""]
    lines += [line for sentence in score_sentences(result) for line in (md(sentence, 600), "")]
    if result.since:
        lines += [md(since_sentence(result), 400), ""]
    elif options.baseline:
        change = change_since(options.baseline, result)
        new = count(change.new, "new finding")
        lines += [f"Since {change.date}: {new}, {change.fixed:,} put right, {change.still:,} still there.", ""]
    if options.history and (trend := make_trend((*options.history, point_of(result)))):
        lines += [trend.sentence, ""]
    return "\n".join(lines)


def _finding(number: int, finding: ReportedFinding, result: Result, options: RenderOptions) -> str:
    severity = finding.severity
    facts = [f"{finding.rule}", SEVERITIES[severity]]
    if finding.people is not None:
        who = md(finding.people_who, 200)
        facts.append(f"{headcount(finding.people, who)}{f' who {who}' if who else ''}")
    if finding.confidence:
        facts.append(CONFIDENCES[finding.confidence])
    address = options.page(finding.docs)
    facts[0] = f"[{md(finding.rule)}]({_target(address)})" if address else md(finding.rule)
    where = f"{kind_name(finding.object.kind)} **{md(finding.object.name)}**"
    lines = [f"### {number}. {_SHAPES[severity]} {md(finding.title, 200)}", "", f"{where} ({', '.join(facts)})", ""]
    lines += [md(finding.message, 1200), ""]
    if finding.same_cause:
        lines += [f"Also: {md(format_same(finding), 4000)}", ""]
    if finding.path:
        lines += [f"The path in words: {' → '.join(md(line) for line in path_lines(finding.path[:20]))}", ""]
    if finding.fix:
        steps = [f"{step}. {md(words, 500)}" for step, words in enumerate(finding.fix[:12], 1)]
        lines += ["<details><summary>How to put it right in Kit</summary>", "", *steps, "", "</details>", ""]
    return "\n".join(lines)


def _drawings(finding: ReportedFinding, result: Result) -> Iterator[str]:
    for chart in _charts(finding, result):
        yield f"```mermaid\n{mermaid(chart)}```\n"


def _charts(finding: ReportedFinding, result: Result) -> Iterator[Chart]:
    numbers = flagged_automations(finding.path, len(result.automations))
    for number in numbers:
        yield excerpt(make_chart(result.automations[number], marks_in(finding.path, number)))
    if not numbers and len(finding.path) > 1:
        yield make_path_chart(finding.path)


def _unchanged(result: Result) -> str:
    """What the baseline has too, folded and in short."""
    known = [finding for finding in result.findings if result.since and not is_new(finding, result.since)]
    return _folded("Unchanged", known)


def _since(result: Result) -> str:
    """What became of the findings of the baseline that are not there any more."""
    since = result.since
    if since is None:
        return ""
    groups = {
        "Fixed": since.fixed,
        "Described otherwise now": since.redescribed,
        "Gone with what they name": since.gone,
        "Perhaps part of another finding now": since.covered,
        "Not confirmed": since.not_judged,
        "No longer asked for": since.not_asked,
    }
    return "".join(_folded(title, findings) for title, findings in groups.items())


def _folded(title: str, findings: Sequence[ReportedFinding]) -> str:
    if not findings:
        return ""
    lines = [f"<details><summary>{title} ({len(findings):,})</summary>", ""]
    for finding in findings[:MAX_FOLDED]:
        where = f"{kind_name(finding.object.kind)} **{md(finding.object.name)}**"
        lines.append(f"- {_SHAPES[finding.severity]} {md(finding.rule)} {md(finding.title, 200)}: {where}")
    more = len(findings) - MAX_FOLDED
    return "\n".join([*lines, *([f"- and {more:,} more"] if more > 0 else []), "", "</details>", "", ""])


def _accepted(result: Result) -> str:
    """What somebody accepted, in a few lines, and how many more there are."""
    if not result.suppressed:
        return ""
    lines = ["### Findings you accepted", ""]
    for item in result.suppressed[:MAX_ACCEPTED]:
        name = f"{kind_name(item.finding.object.kind)} **{md(item.finding.object.name)}**"
        lines.append(f"- {md(item.finding.rule)} {md(item.finding.title, 200)}, {name}: {md(format_accepted(item), 400)}")
    more = len(result.suppressed) - MAX_ACCEPTED
    return "\n".join([*lines, *([f"- and {more:,} more"] if more > 0 else []), "", ""])


def _lost(result: Result) -> str:
    """What the baseline could judge and this audit could not."""
    lines = [f"- {md(sentence, 600)}" for sentence in lost_sentences(result.since)]
    return "\n".join(["### Lost since the baseline", "", *lines, ""]) if lines else ""


def _unseen(result: Result) -> str:
    """What the audit could not see, in a few lines."""
    lost = lost_sentences(result.since)
    lines = [f"- {md(sentence, 600)}" for sentence in gaps(result) if sentence not in lost]
    shown = [*lines[:MAX_LINES], *([f"- and {len(lines) - MAX_LINES} more"] if len(lines) > MAX_LINES else [])]
    return "\n".join(["### What could not be seen", "", *shown, ""]) if lines else ""


def _seen(result: Result) -> str:
    """What timestamps show, in a few lines: automations that nobody gets through any more, and links that nobody declared."""
    if not result.coverage.evidence.events:
        return ""
    links, zone = by_status(result.links), result.account.time_zone
    stopped = [
        f"- **{md(item.automation.name)}**: {md(stopped_sentence(item, zone), 400)}"
        for item in (result.observed.automations if result.observed else ())
        if stopped_sentence(item, zone)
    ]
    unknown = [f"- {md(link_sentence(link), 600)}" for link in links.undeclared] if is_list_given(result) else []
    found = f"{count(links.found, 'link')} {'was' if links.found == 1 else 'were'} found in the timestamps of people."
    lines = ["### What people’s timestamps show", "", found, ""]
    lines += [*stopped[:MAX_LINES], *([""] if stopped else [])]
    if unknown:
        lines += ["Found, and in nobody’s list:", "", *unknown[:MAX_LINES], ""]
    if len(unknown) > MAX_LINES:
        lines += [f"And {len(unknown) - MAX_LINES} more. The whole list is in the data inside this file.", ""]
    return "\n".join(lines)


def _end(result: Result, left_out: int) -> str:
    lines = []
    if left_out:
        lines += [f"{count(left_out, 'more finding')} {'has' if left_out == 1 else 'have'} no room here.", ""]
    if open_checks := len(result.not_evaluated) + len(result.crashed):
        lines += [f"{count(open_checks, 'check')} could not be judged.", ""]
    if nothing := len(result.not_applicable):
        lines += [f"{count(nothing, 'check')} had nothing to judge.", ""]
    if result.coverage.with_emails:
        lines += ["The data behind this report holds addresses of subscribers. Handle this file accordingly.", ""]
    return "\n".join([*lines, f"Made with {result.tool.name} {result.tool.version}.", ""])


def md(text: str, longest: int = 160) -> str:
    """Foreign text as plain words: no mark, no markup, nobody mentioned, no issue linked."""
    escaped = cut(text, longest).replace("&", "&amp;").replace("<", "&lt;")
    escaped = _AT_THE_START.sub(r"\1\\\2", _MARKS.sub(r"\\\1", escaped))
    # A comment between the sign and the word: forges look for mentions and issue numbers in the finished text.
    escaped = re.sub(r"(@|\\#)(?=\w)", r"\1<!-- -->", escaped)
    return re.sub(r"(?i)\b(gh|www|https?|ftp)(?=[:.-])", r"\1<!-- -->", escaped)


def _target(address: str) -> str:
    return address.replace("(", "%28").replace(")", "%29").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")
