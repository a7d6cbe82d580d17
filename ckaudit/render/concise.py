"""A result as one line per finding, ``file:line:column: code message``: for editors, grep and other line-based tools."""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.model.findings import ReportedFinding
from ckaudit.model.result import Result
from ckaudit.render.configured import configured_sentences
from ckaudit.render.coverage import when_read
from ckaudit.render.locations import location_of, object_location
from ckaudit.render.options import DEFAULT_OPTIONS, RenderOptions
from ckaudit.render.plain import clean, count, cut, defused
from ckaudit.render.scores import unjudged_offerings
from ckaudit.render.text import format_accepted
from ckaudit.render.text_findings import first_sentence, format_object


def render_concise(result: Result, options: RenderOptions = DEFAULT_OPTIONS) -> str:
    """Worst first, then what was accepted and why, then how many there are and how much was not judged."""
    lines = [line for finding in result.findings for line in _lines(finding, result, options)]
    lines += [_line(item.finding, result, options, f"accepted: {format_accepted(item)}") for item in result.suppressed]
    counts = (
        ("accepted", result.suppressed),
        ("not evaluated", result.not_evaluated),
        ("with nothing to judge", result.not_applicable),
        ("failed", result.crashed),
    )
    more = [f"{len(items):,} {word}" for word, items in counts if items]
    lines.append(", ".join([count(len(result.findings), "finding"), *more]))
    lines += [f"the account was {when_read(result)}"] if result.coverage.sections else []
    lines += [clean(sentence) for sentence in (*unjudged_offerings(result), *configured_sentences(result))]
    return defused("".join(f"{line}\n" for line in lines))


def _lines(finding: ReportedFinding, result: Result, options: RenderOptions) -> Iterator[str]:
    """One line, and one for each further object of the same cause, so that an editor comes to all of them."""
    yield _line(finding, result, options, cut(first_sentence(finding.message), 300))
    for item in finding.same_cause:
        place = object_location(item, result, options)
        yield f"{clean(str(place))}: {finding.rule} {finding.severity}: the same in {format_object(item)}"


def _line(finding: ReportedFinding, result: Result, options: RenderOptions, text: str) -> str:
    place = location_of(finding, result, options)
    return f"{clean(str(place))}: {finding.rule} {finding.severity}: {text}"


def render_statistics(result: Result) -> str:
    """How many findings each rule has, most first, with its severity and name. Ends in a newline; empty when nothing was found."""
    numbers: dict[str, list[ReportedFinding]] = {}
    for finding in result.findings:
        numbers.setdefault(finding.rule, []).append(finding)
    ranked = sorted(numbers.values(), key=lambda found: (-len(found), found[0].severity.rank, found[0].rule))
    return "".join(f"{len(found):>5,}  {found[0].rule}  {found[0].severity.ljust(7)}  {found[0].name}\n" for found in ranked)
