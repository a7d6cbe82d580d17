"""A result as Markdown that fits into a comment on a pull request, with the flagged paths as Mermaid drawings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ckaudit.model.findings import Finding, Severity
from ckaudit.model.result import Result
from ckaudit.model.trend import point_of
from ckaudit.render.draw.chart import Chart, make_chart, make_path_chart
from ckaudit.render.draw.excerpt import excerpt
from ckaudit.render.draw.mermaid import mermaid
from ckaudit.render.draw.words import path_lines
from ckaudit.render.evidence_words import by_status, is_list_given, link_sentence, stopped_sentence
from ckaudit.render.markdown_subset import safe_url
from ckaudit.render.options import DEFAULT_OPTIONS, RenderOptions
from ckaudit.render.plain import cut
from ckaudit.render.readers import for_readers
from ckaudit.render.texts import Texts, date_words, load_texts
from ckaudit.render.trend import make_trend
from ckaudit.render.view_findings import flagged_automations, kind_word, marks_in
from ckaudit.render.view_front import change_since, gaps, plain_sentences

MOST_CHARACTERS = 65_000  # GitHub takes 65,536, GitLab a million
MOST_DRAWINGS = 12
MOST_LINES = 10
MOST_ACCEPTED = 15
_ROOM_FOR_THE_END = 400
_SHAPES = {Severity.ERROR: "🟥", Severity.WARNING: "🔶", Severity.INFO: "🔵"}
_MARKS = re.compile(r"([\\`*_{}\[\]#!|~^$>])")
_AT_THE_START = re.compile(r"^(\d*)([-+=.):])")  # lists and underlines; and “::error”, which a GitHub job would obey


def render_markdown(result: Result, options: RenderOptions = DEFAULT_OPTIONS) -> str:
    """The result, worst findings first. What does not fit is counted at the end."""
    texts, result = load_texts(options.language), for_readers(result, options)
    parts = [_head(result, options, texts), *filter(None, [_unseen(result, texts), _seen(result, texts)])]
    end = _accepted(result, texts)
    used, drawings, shown = sum(map(len, (*parts, end))), 0, 0
    for number, finding in enumerate(result.findings, 1):
        words = _finding(number, finding, result, texts)
        drawing = "".join(_drawings(finding, result, texts)) if drawings < MOST_DRAWINGS else ""
        room = MOST_CHARACTERS - _ROOM_FOR_THE_END - used
        if len(words) > room:
            break
        if drawing and len(words) + len(drawing) <= room:
            words, drawings = words + "\n" + drawing, drawings + 1
        parts.append(words)
        used, shown = used + len(words), shown + 1
    left_out = len(result.findings) - shown
    parts.append(end + _end(result, left_out, texts))
    return "\n".join(parts)


def _head(result: Result, options: RenderOptions, texts: Texts) -> str:
    name = options.branding.name
    by = f", {texts('page.prepared_by', name=md(name))}" if name else ""
    lines = [f"## {texts('front.title', name=md(result.account.name or texts('front.no_name')))}", ""]
    lines += [f"{date_words(result.generated_at, texts)}{by}", "", *plain_sentences(result, texts), ""]
    if result.summary.score is not None:
        lines += [f"**{texts('front.score')} {result.summary.score} {texts('front.of')}**", ""]
    if options.baseline:
        change = change_since(options.baseline, result, texts)
        news = (texts.count("front.new", change.new), texts.count("front.fixed", change.fixed), texts.count("front.still", change.still))
        lines += [f"{texts('front.change', date=change.date)}: {', '.join(news)}.", ""]
    if options.history and (trend := make_trend((*options.history, point_of(result)), texts)):
        lines += [trend.sentence, ""]
    return "\n".join(lines)


def _finding(number: int, finding: Finding, result: Result, texts: Texts) -> str:
    severity = finding.severity or Severity.INFO
    facts = [f"{finding.rule}", texts(f"severity.{severity}")]
    if finding.people is not None:
        who = md(finding.counted, 200)
        facts.append(texts.count("finding.people_who", finding.people, who=who) if who else texts.count("finding.people", finding.people))
    if finding.confidence:
        facts.append(texts(f"confidence.{finding.confidence}"))
    address = safe_url(finding.docs)
    facts[0] = f"[{md(finding.rule)}]({_target(address)})" if address else md(finding.rule)
    where = f"{kind_word(finding.object.kind, texts)} **{md(finding.object.name)}**"
    lines = [f"### {number}. {_SHAPES[severity]} {md(finding.title, 200)}", "", f"{where} ({', '.join(facts)})", ""]
    lines += [md(finding.message, 1200), ""]
    if finding.path:
        lines += [f"{texts('finding.path')}: {' → '.join(md(line) for line in path_lines(finding.path[:20]))}", ""]
    if finding.fix:
        steps = [f"{step}. {md(words, 500)}" for step, words in enumerate(finding.fix[:12], 1)]
        lines += [f"<details><summary>{texts('finding.fix')}</summary>", "", *steps, "", "</details>", ""]
    return "\n".join(lines)


def _drawings(finding: Finding, result: Result, texts: Texts) -> Iterator[str]:
    for chart in _charts(finding, result, texts):
        yield f"```mermaid\n{mermaid(chart)}```\n"


def _charts(finding: Finding, result: Result, texts: Texts) -> Iterator[Chart]:
    numbers = flagged_automations(finding.path, len(result.automations))
    for number in numbers:
        yield excerpt(make_chart(result.automations[number], texts, marks_in(finding.path, number)), texts)
    if not numbers and len(finding.path) > 1:
        yield make_path_chart(finding.path, texts)


def _accepted(result: Result, texts: Texts) -> str:
    """What somebody accepted, in a few lines, and how many more there are."""
    if not result.suppressed:
        return ""
    lines = [f"### {texts('page.suppressed')}", ""]
    for item in result.suppressed[:MOST_ACCEPTED]:
        name = f"{kind_word(item.finding.object.kind, texts)} **{md(item.finding.object.name)}**"
        facts = [md(item.owner, 60), texts("markdown.until", date=md(item.until, 20)) if item.until else ""]
        who = f" ({', '.join(fact for fact in facts if fact)})" if any(facts) else ""
        lines.append(f"- {md(item.finding.rule)} {md(item.finding.title, 200)}, {name}: {md(item.reason, 300)}{who}")
    more = len(result.suppressed) - MOST_ACCEPTED
    return "\n".join([*lines, *([texts.count("markdown.more_accepted", more)] if more > 0 else []), "", ""])


def _unseen(result: Result, texts: Texts) -> str:
    """What the audit could not see, in a few lines."""
    lines = [f"- {md(sentence, 600)}" for sentence in gaps(result, texts)]
    shown = [*lines[:MOST_LINES], *([f"- {texts('markdown.more_gaps', n=len(lines) - MOST_LINES)}"] if len(lines) > MOST_LINES else [])]
    return "\n".join([f"### {texts('front.gaps')}", "", *shown, ""]) if lines else ""


def _seen(result: Result, texts: Texts) -> str:
    """What timestamps show, in a few lines: automations that nobody gets through any more, and links that nobody declared."""
    if not result.coverage.evidence.events:
        return ""
    links, zone = by_status(result.links), result.account.time_zone
    stopped = [
        f"- **{md(item.automation.name)}**: {md(stopped_sentence(item, zone, texts), 400)}"
        for item in (result.observed.automations if result.observed else ())
        if stopped_sentence(item, zone, texts)
    ]
    unknown = [f"- {md(link_sentence(link, texts), 600)}" for link in links.undeclared] if is_list_given(result) else []
    lines = [f"### {texts('seen.head')}", "", f"{texts.count('markdown.links', links.found)}", ""]
    lines += [*stopped[:MOST_LINES], *([""] if stopped else [])]
    if unknown:
        lines += [f"{texts('links.observed')}:", "", *unknown[:MOST_LINES], ""]
    if len(unknown) > MOST_LINES:
        lines += [texts("page.more", n=len(unknown) - MOST_LINES), ""]
    return "\n".join(lines)


def _end(result: Result, left_out: int, texts: Texts) -> str:
    lines = [texts.count("markdown.left_out", left_out), ""] if left_out else []
    if result.not_evaluated or result.crashed:
        lines += [texts.count("markdown.open", len(result.not_evaluated) + len(result.crashed)), ""]
    if result.coverage.with_emails:
        lines += [texts("privacy.with_emails"), ""]
    return "\n".join([*lines, texts("page.made_with", tool=f"{result.tool.name} {result.tool.version}"), ""])


def md(text: str, longest: int = 160) -> str:
    """Foreign text as plain words: no mark, no markup, nobody mentioned, no issue linked."""
    escaped = cut(text, longest).replace("&", "&amp;").replace("<", "&lt;")
    escaped = _AT_THE_START.sub(r"\1\\\2", _MARKS.sub(r"\\\1", escaped))
    # A comment between the sign and the word: forges look for mentions and issue numbers in the finished text.
    escaped = re.sub(r"(@|\\#)(?=\w)", r"\1<!-- -->", escaped)
    return re.sub(r"(?i)\b(gh|www|https?|ftp)(?=[:.-])", r"\1<!-- -->", escaped)


def _target(address: str) -> str:
    return address.replace("(", "%28").replace(")", "%29").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")
