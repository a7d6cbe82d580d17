"""A result as GitHub workflow commands: the worst ten findings as annotations, and a count. GitHub shows at most ten of a kind a step."""

from __future__ import annotations

from ckaudit.model.findings import ReportedFinding, Severity
from ckaudit.model.result import Result
from ckaudit.render.locations import location_of
from ckaudit.render.options import DEFAULT_OPTIONS, RenderOptions
from ckaudit.render.plain import cut
from ckaudit.render.scores import unjudged_offerings
from ckaudit.render.text import format_accepted
from ckaudit.render.text_findings import format_object, with_same

MAX_ANNOTATIONS = 10
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render_github(result: Result, options: RenderOptions = DEFAULT_OPTIONS) -> str:
    """One line for each annotation, then one that counts; the findings come worst first. An open check or a broken one is counted too.
    Accepted findings are plain lines of the log: no annotation asks for anything there."""
    notices = sum(finding.severity is Severity.INFO for finding in result.findings[:MAX_ANNOTATIONS])
    shown = result.findings[: MAX_ANNOTATIONS - (notices == MAX_ANNOTATIONS)]  # the count is a notice too
    lines = [_annotation(finding, result, options) for finding in shown]
    accepted = [
        f"Accepted: {item.finding.rule} {format_object(item.finding.object)}: {format_accepted(item)}" for item in result.suppressed
    ]
    return "\n".join([*lines, *accepted, f"::notice title=ckaudit::{escape(_count(result, len(shown)))}"]) + "\n"


def _annotation(finding: ReportedFinding, result: Result, options: RenderOptions) -> str:
    place = location_of(finding, result, options)
    title = f"{finding.rule} {cut(finding.title, 120)}"
    properties = f"file={escape_property(place.file)},line={place.line},col={place.column},title={escape_property(title)}"
    return f"::{_COMMANDS[finding.severity]} {properties}::{escape(with_same(finding, 1000))}"


def _count(result: Result, shown: int) -> str:
    found = len(result.findings)
    text = f"{found:,} finding{'' if found == 1 else 's'}" + (f", the worst {shown} are shown" if shown < found else "")
    counts = (
        ("suppressed", result.suppressed),
        ("not evaluated", result.not_evaluated),
        ("with nothing to judge", result.not_applicable),
        ("broken", result.crashed),
    )
    more = ", ".join(f"{len(items):,} {word}" for word, items in counts if items)
    addresses = " The snapshot holds addresses of subscribers." if result.coverage.with_emails else ""
    told = "".join(f" {sentence}" for sentence in unjudged_offerings(result))
    return f"{text}; {more}.{told}{addresses}" if more else f"{text}.{told}{addresses}"


def escape(text: str) -> str:
    """Text behind the second ``::``."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """The value of a property."""
    return escape(cut(text, 300)).replace(":", "%3A").replace(",", "%2C")
