"""A result as GitHub workflow commands: findings as annotations, and a count. GitHub shows at most ten of a kind a step:
https://github.com/orgs/community/discussions/26680
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ckaudit.model.findings import ReportedFinding, Severity
from ckaudit.model.result import Result
from ckaudit.render.configured import configured_sentences
from ckaudit.render.coverage import when_read
from ckaudit.render.locations import location_of
from ckaudit.render.options import DEFAULT_OPTIONS, RenderOptions
from ckaudit.render.plain import cut
from ckaudit.render.scores import unjudged_offerings
from ckaudit.render.since import lost_sentences, since_sentence
from ckaudit.render.text import format_accepted
from ckaudit.render.text_findings import format_object, with_same

MAX_ANNOTATIONS = 10
"""Of each kind; GitHub shows no more for one step."""
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render_github(result: Result, options: RenderOptions = DEFAULT_OPTIONS) -> str:
    """One line for each annotation, then one that counts; the findings come worst first, ten of each severity. What a baseline could judge
    and this audit could not comes before them. Accepted findings are plain lines of the log: no annotation asks for anything there."""
    lost = [f"::error title=Not confirmed::{escape(sentence)}" for sentence in lost_sentences(result.since)]
    broken = [f"::error title={escape_property(f'{item.rule} failed')}::{escape(cut(item.reason, 1000))}" for item in result.crashed]
    lost = [*lost, *broken][:MAX_ANNOTATIONS]
    shown = _shown(result.findings, {Severity.ERROR: MAX_ANNOTATIONS - len(lost), Severity.INFO: MAX_ANNOTATIONS - 1})
    lines = [_annotation(finding, result, options) for finding in shown]
    accepted = [
        f"Accepted: {item.finding.rule} {format_object(item.finding.object)}: {format_accepted(item)}" for item in result.suppressed
    ]
    return "\n".join([*lost, *lines, *accepted, f"::notice title=ckaudit::{escape(_count(result, len(shown)))}"]) + "\n"


def _shown(findings: Sequence[ReportedFinding], room: Mapping[Severity, int]) -> list[ReportedFinding]:
    """The first findings of each severity, as many as there is room for."""
    by_severity = ((severity, [finding for finding in findings if finding.severity is severity]) for severity in Severity)
    return [finding for severity, found in by_severity for finding in found[: max(0, room.get(severity, MAX_ANNOTATIONS))]]


def _annotation(finding: ReportedFinding, result: Result, options: RenderOptions) -> str:
    place = location_of(finding, result, options)
    title = f"{finding.rule} {cut(finding.title, 120)}"
    properties = f"file={escape_property(place.file)},line={place.line},col={place.column},title={escape_property(title)}"
    return f"::{_COMMANDS[finding.severity]} {properties}::{escape(with_same(finding, 1000))}"


def _count(result: Result, shown: int) -> str:
    found = len(result.findings)
    text = f"{found:,} finding{'' if found == 1 else 's'}" + (f", {shown} are shown here" if shown < found else "")
    counts = (
        ("suppressed", result.suppressed),
        ("not evaluated", result.not_evaluated),
        ("with nothing to judge", result.not_applicable),
        ("broken", result.crashed),
    )
    more = ", ".join(f"{len(items):,} {word}" for word, items in counts if items)
    addresses = "The snapshot holds addresses of subscribers." if result.coverage.with_emails else ""
    sentences = (
        f"{text}; {more}." if more else f"{text}.",
        f"The account was {when_read(result)}." if result.coverage.sections else "",
        since_sentence(result),
        *unjudged_offerings(result),
        *configured_sentences(result),
        addresses,
    )
    return " ".join(filter(None, sentences))


def escape(text: str) -> str:
    """Text behind the second ``::``."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """The value of a property."""
    return escape(cut(text, 300)).replace(":", "%3A").replace(",", "%2C")
