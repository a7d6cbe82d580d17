"""The findings as an action plan for a spreadsheet: one row each, with empty columns for who does it and until when."""

from __future__ import annotations

import csv
import io

from ckaudit.model.findings import ReportedFinding
from ckaudit.model.result import Result
from ckaudit.render.configured import configured_sentences
from ckaudit.render.options import DEFAULT_OPTIONS, RenderOptions
from ckaudit.render.plain import clean
from ckaudit.render.since import lost_sentences
from ckaudit.render.text_findings import with_same
from ckaudit.render.view_findings import object_view
from ckaudit.render.vocabulary import CONFIDENCES, SEVERITIES

BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for the system's old code page
MAX_LENGTH = 4000
# What makes a spreadsheet take a cell for a formula, the full-width forms too: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
COLUMNS = {
    "number": "No.",
    "severity": "Weight",
    "code": "Check",
    "what": "Finding",
    "kind": "Kind",
    "where": "Where",
    "id": "Number in Kit",
    "message": "What was seen",
    "people": "People",
    "effort": "Minutes",
    "confidence": "How sure",
    "fix": "What to do",
    "owner": "Owner",
    "due": "Due",
    "link": "Link",
    "read": "Read on",
}


def render_csv(result: Result, options: RenderOptions = DEFAULT_OPTIONS) -> str:
    """Comma-separated, quoted where needed, lines end in CR LF (RFC 4180), begins with a byte order mark. Worst rows first,
    then accepted findings: these have no number, and the reason is where the others say what to do. Last comes what a baseline knew and
    nobody could judge, and what the configuration changes."""
    minutes = {rule.code: rule.effort_minutes for rule in result.rules}
    out = io.StringIO(newline="")
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS.values())
    for number, finding in enumerate(result.findings, 1):
        writer.writerow([cell(value) for value in _row(number, finding, minutes.get(finding.rule), result, options)])
    for item in result.suppressed:
        row = dict(zip(COLUMNS, _row(0, item.finding, minutes.get(item.finding.rule), result, options), strict=True))
        row |= {"number": "", "severity": "Accepted", "fix": item.reason, "owner": item.owner, "due": item.until}
        writer.writerow([cell(value) for value in row.values()])
    notes = [("Not confirmed", sentence) for sentence in lost_sentences(result.since)]
    notes += [("Configuration", sentence) for sentence in configured_sentences(result)]
    for word, sentence in notes:
        writer.writerow([cell({"severity": word, "message": sentence}.get(column, "")) for column in COLUMNS])
    return out.getvalue()


def _row(number: int, finding: ReportedFinding, minutes: int | None, result: Result, options: RenderOptions) -> tuple[object, ...]:
    item = object_view(finding.object)
    fix = "\n".join(f"{step}. {words}" for step, words in enumerate(finding.fix, 1))
    return (
        number,
        SEVERITIES[finding.severity] if finding.severity else "",
        finding.rule,
        _line(finding.title),
        item.kind,
        _line(item.name),
        item.id,
        _line(with_same(finding, MAX_LENGTH)),
        "" if finding.people is None else finding.people,
        minutes or "",
        CONFIDENCES[finding.confidence] if finding.confidence else "",
        fix,
        "",
        "",
        item.url or options.page(finding.docs),
        result.coverage.read_on or "",
    )


def _line(text: str) -> str:
    """Foreign words in one line: only the steps of a fix have several."""
    return " ".join(text.splitlines())


def cell(value: object) -> str:
    """A cell no spreadsheet takes for a formula: an apostrophe goes in front of what would be one."""
    if isinstance(value, int):
        return str(value)
    text = clean(str(value)[:MAX_LENGTH], keep_newlines=True)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
